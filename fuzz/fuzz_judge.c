/* fuzz_judge.c - any bytes as judgements: a CSV, or TREC topics (up to the first zero byte) and qrels; every rating
 * points at a query and a doc that are there, or a message says why not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "eval/judge.h"

typedef struct {
    int handle;
    char path[64];
} bytes_file;

static bool file_of(const uint8_t *data, size_t size, bytes_file *file)
{
    file->handle = memfd_create("judge", 0);
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->handle);
    return file->handle >= 0 && write(file->handle, data, size) == (ssize_t)size;
}

static void check(rk_status status, rk_judgements *judgements, const rk_error *err)
{
    if (status != RK_OK && err->message[0] == '\0') {
        abort();
    }
    for (size_t i = 0; status == RK_OK && i < judgements->n_ratings; i++) {
        const rk_rating *r = &judgements->rating[i];
        if (r->query >= judgements->n_queries || r->doc >= judgements->n_docs || !(r->rating - r->rating == 0)) {
            abort();
        }
    }
    rk_judgements_release(judgements);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    bytes_file all = {0}, topics = {0}, qrels = {0};
    if (file_of(data, size, &all) && file_of(data, n, &topics) && file_of(data + n, size - n, &qrels)) {
        rk_judgements judgements = {0};
        rk_error err = {0};
        check(rk_judgements_read(all.path, &judgements, &err), &judgements, &err);
        judgements = (rk_judgements){0};
        err = (rk_error){0};
        check(rk_judgements_read_trec(topics.path, qrels.path, &judgements, &err), &judgements, &err);
    }
    close(all.handle);
    close(topics.handle);
    close(qrels.handle);
    return 0;
}
