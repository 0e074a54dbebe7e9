/* fuzz_csv.c - any bytes as a CSV log: read whole by the parallel reader, or refused with a message; never a crash. The
 * first byte chooses how: format auto or given, with a header or without. What is read keeps its promises: every row
 * has a user and an item that exist, and a place in the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/intake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const rk_intake *intake)
{
    const rk_columns *c = &intake->columns;
    uint64_t line = 0;
    for (size_t row = 0; row < c->n; row++) {
        rk_place place = rk_intake_place(intake, row);
        if (c->key[RK_ROLE_USER][row] >= rk_interner_count(intake->names[RK_ROLE_USER]) ||
            c->key[RK_ROLE_ITEM][row] >= rk_interner_count(intake->names[RK_ROLE_ITEM]) || place.line <= line) {
            abort();
        }
        line = place.line;
    }
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        for (uint32_t i = 0; intake->names[k] && i < rk_interner_count(intake->names[k]); i++) {
            rk_slice name = rk_interner_key(intake->names[k], i);
            if (rk_utf8_valid_prefix(name) < name.n) { /* names are UTF-8, whatever came in */
                abort();
            }
        }
    }
}

static void read_log(const char *path, unsigned how)
{
    rk_ingest_options options = rk_ingest_defaults();
    rk_intake intake;
    rk_error err = {0};
    options.paths = &path;
    options.n_paths = 1;
    options.format = how & 1 ? RK_FORMAT_AUTO : RK_FORMAT_CSV;
    options.columns = how & 2 ? "user,item,time,quantity,price,document,title" : NULL;
    options.map = (how & 6) == 4 ? "user=1,item=2" : NULL;
    options.profile = how & 8;
    rk_intake_init(&intake);
    intake.names[RK_ROLE_USER] = rk_interner_new();
    intake.names[RK_ROLE_ITEM] = rk_interner_new();
    rk_status status = rk_intake_read(&intake, &options, &(rk_run){0}, &err);
    if (status == RK_OK && intake.format != RK_FORMAT_LISTS && intake.format != RK_FORMAT_JSONL) {
        check(&intake);
    } else if (status != RK_OK && err.message[0] == '\0') {
        abort();
    }
    rk_intake_release(&intake);
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
        read_log(path, data[0]);
    }
    close(file);
    return 0;
}
