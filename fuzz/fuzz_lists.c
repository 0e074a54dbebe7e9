/* fuzz_lists.c - any bytes as lists, or as JSONL when the first byte is odd, through the whole of ingest: a dataset
 * that opens, or a message and no file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/dataset.h"
#include "data/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ingest(const char *path, rk_format format)
{
    char out[64];
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_dataset dataset;
    rk_error err = {0};
    snprintf(out, sizeof out, "/tmp/reckon-fuzz-%ld.rk", (long)getpid());
    options.paths = &path;
    options.n_paths = 1;
    options.out_path = out;
    options.format = format;
    rk_status status = rk_ingest(&options, &(rk_run){0}, &report, &err);
    bool is_there = access(out, F_OK) == 0;
    if ((status == RK_OK) != is_there || (status != RK_OK && err.message[0] == '\0')) {
        abort();
    }
    if (is_there) {
        if (rk_dataset_open(out, &dataset, &err) != RK_OK || dataset.n_events != report.n_kept) {
            abort();
        }
        rk_dataset_close(&dataset);
        unlink(out);
    }
    rk_ingest_report_release(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int file = size > 0 ? memfd_create("log", 0) : -1;
    if (file < 0) {
        return 0;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (write(file, data + 1, size - 1) == (ssize_t)(size - 1)) {
        ingest(path, data[0] & 1 ? RK_FORMAT_JSONL : RK_FORMAT_LISTS);
    }
    close(file);
    return 0;
}
