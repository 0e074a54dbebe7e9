/* bench_wal.c - acknowledged records a second of a log, by how many append at once and how many records each brings.
 *
 *     bench_wal [FOLDER]     default: where temporary files are; the disk under it is what is measured
 *
 * Beside it the flushes a second that the disk does when every flush has a new record of 100 bytes in front: what one
 * who flushes for himself reaches. Prints a Markdown table.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/wal.h"

enum { RECORD_BYTES = 100, BATCH_MAX = 100, WRITERS_MAX = 256 };
static const double SECONDS = 2;

typedef struct {
    rk_wal *wal;
    size_t batch;
    double until;
    uint64_t n;
} writer;

static double now(void) { return (double)rk_clock_ns() * 1e-9; }

static void *append(void *context)
{
    static const char bytes[RECORD_BYTES];
    writer *w = context;
    rk_slice records[BATCH_MAX];
    rk_error err;
    for (size_t i = 0; i < w->batch; i++) {
        records[i] = (rk_slice){bytes, sizeof bytes};
    }
    while (now() < w->until && rk_wal_append(w->wal, records, w->batch, NULL, &err) == RK_OK) {
        w->n += w->batch;
    }
    return NULL;
}

static double measure(rk_wal *wal, size_t n_writers, size_t batch)
{
    static writer writers[WRITERS_MAX];
    pthread_t threads[WRITERS_MAX];
    double begin = now();
    uint64_t n = 0;
    for (size_t t = 0; t < n_writers; t++) {
        writers[t] = (writer){wal, batch, begin + SECONDS, 0};
        if (pthread_create(&threads[t], NULL, append, &writers[t])) {
            n_writers = t;
        }
    }
    for (size_t t = 0; t < n_writers; t++) {
        pthread_join(threads[t], NULL);
        n += writers[t].n;
    }
    return (double)n / (now() - begin);
}

static double flushes(const char *path)
{
    static const char bytes[RECORD_BYTES];
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    double begin = now();
    uint64_t n = 0;
    while (file >= 0 && now() < begin + SECONDS && write(file, bytes, sizeof bytes) > 0 && fdatasync(file) == 0) {
        n++;
    }
    close(file);
    unlink(path);
    return (double)n / (now() - begin);
}

int main(int argc, char **argv)
{
    static const size_t n_writers[] = {1, 16, 64, 256}, batches[] = {1, 100};
    const char *tmp = getenv("TMPDIR");
    char folder[4000], path[4096];
    rk_wal *wal = NULL;
    rk_error err = {0};
    snprintf(folder, sizeof folder, "%s/reckon-wal-XXXXXX", argc > 1 ? argv[1] : tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        fprintf(stderr, "bench_wal: no room in %s\n", folder);
        return 1;
    }
    snprintf(path, sizeof path, "%s/alone", folder);
    double alone = flushes(path);
    printf(
        "A flush after each record: %.0f a second\n\n| at once | records each | acknowledged a second | times a flush "
        "for each |\n|---:|---:|---:|---:|\n",
        alone);
    if (rk_wal_open(folder, (rk_wal_options){0}, &wal, NULL, &err)) {
        fprintf(stderr, "bench_wal: %s\n", err.message);
        return 1;
    }
    for (size_t b = 0; b < RK_COUNT_OF(batches); b++) {
        for (size_t w = 0; w < RK_COUNT_OF(n_writers); w++) {
            double rate = measure(wal, n_writers[w], batches[b]);
            printf("| %zu | %zu | %.0f | %.1f |\n", n_writers[w], batches[b], rate, rate / alone);
            fflush(stdout);
            if (rk_wal_drop(wal, rk_wal_end(wal), &err)) {
                fprintf(stderr, "bench_wal: %s\n", err.message);
            }
        }
    }
    rk_wal_close(wal);
    snprintf(path, sizeof path, "rm -rf '%s'", folder);
    return system(path) == 0 ? 0 : 1;
}
