/* small_index.h - an index of a few products, for targets that ask one. */
#ifndef RECKON_FUZZ_SMALL_INDEX_H
#define RECKON_FUZZ_SMALL_INDEX_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "text/index.h"

/* products: CSV. The index's files are gone as soon as it is open. */
static inline rk_index *small_index(const char *products)
{
    char path[3][64];
    rk_text text = {0};
    rk_error err = {0};
    rk_run run = {0};
    rk_catalogue_report report;
    rk_index_report built;
    rk_index_options options = rk_index_defaults();
    rk_index *index = NULL;
    for (size_t i = 0; i < RK_COUNT_OF(path); i++) {
        snprintf(path[i], sizeof path[i], "/tmp/reckon-fuzz-%ld.s%zu", (long)getpid(), i);
    }
    rk_catalogue_options from = {.path = path[0], .out_path = path[1]};
    rk_text_add(&text, products);
    if (rk_file_write_text(path[0], &text, &err) || rk_catalogue_ingest(&from, &run, &report, &err) ||
        rk_index_build(path[1], &options, path[2], &run, &built, &err) || rk_index_open(path[2], &index, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    for (size_t i = 0; i < RK_COUNT_OF(path); i++) {
        unlink(path[i]);
    }
    rk_text_release(&text);
    return index;
}

#endif
