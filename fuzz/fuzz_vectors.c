/* fuzz_vectors.c - indexes of vectors, and a second one as a part of the same file, with a section written over:
 * refused at the door, or every answer is an item that is there, once.
 *
 * Input: which kind, then as changed_artefact.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann.h"
#include "changed_artefact.h"

enum { N = 300, DIM = 9, KINDS_MAX = 8, K = 10 };

static void must(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "%s\n", err->message);
        abort();
    }
}

static void draw(float *rows, size_t n)
{
    uint32_t state = 7;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        rows[i] = (float)(state >> 16) / 32768 - 1;
    }
}

static rk_artefact *make(const rk_ann_kind *kind, const rk_ann_rows *base)
{
    rk_ann *ann = NULL;
    rk_artefact_writer *writer = NULL;
    rk_artefact *artefact = NULL;
    rk_error err = {0};
    rk_run run = {0};
    must(rk_ann_build(base, &(rk_ann_wish){.kind = kind}, &run, &ann, &err), &err);
    must(rk_artefact_create_memory(kind->name, RK_ANN_ARTEFACT, &writer, &err), &err);
    must(rk_ann_write(ann, writer, &err), &err);
    must(rk_artefact_writer_part(writer, "part", &err), &err);
    must(rk_ann_write(ann, writer, &err), &err);
    must(rk_artefact_writer_part(writer, NULL, &err), &err);
    must(rk_artefact_commit_memory(writer, &artefact, &err), &err);
    rk_ann_free(ann);
    return artefact;
}

static void ask(const rk_ann *ann, const float *query)
{
    static const uint32_t efforts[] = {0, 1, 3, UINT32_MAX};
    rk_ann_desk *desk = NULL;
    rk_error err = {0};
    must(rk_ann_desk_new(ann, &desk, &err), &err);
    for (size_t e = 0; e < RK_COUNT_OF(efforts); e++) {
        uint32_t items[K];
        size_t n = 0;
        must(rk_ann_search(desk, query, (rk_ann_ask){K, efforts[e], NULL}, items, NULL, &n, &err), &err);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < i; j++) {
                if (items[i] == items[j]) {
                    abort();
                }
            }
            if (items[i] >= rk_ann_n_items(ann)) {
                abort();
            }
        }
    }
    rk_ann_desk_free(desk);
}

static void open_and_ask(rk_artefact *artefact, const float *query)
{
    rk_ann *ann = NULL;
    rk_error err = {0};
    if (artefact && rk_ann_open_artefact(artefact, &ann, &err) == RK_OK) {
        if (rk_ann_dim(ann) <= DIM) {
            ask(ann, query);
        }
        rk_ann_free(ann);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rk_artefact *whole[KINDS_MAX]; /* one of each kind for all inputs of a process */
    static float rows[N * DIM];
    rk_ann_rows base = {rows, N, DIM, DIM};
    rk_artefact *part = NULL;
    rk_error err = {0};
    size_t n_kinds = 0;
    for (; rk_ann_kind_at(n_kinds) && n_kinds < KINDS_MAX; n_kinds++) {
        if (!whole[n_kinds]) {
            draw(rows, RK_COUNT_OF(rows));
            whole[n_kinds] = make(rk_ann_kind_at(n_kinds), &base);
        }
    }
    if (size < 1 + CHANGE_HEAD) {
        return 0;
    }
    rk_artefact *artefact = change_artefact(whole[data[0] % n_kinds], RK_ANN_ARTEFACT, data + 1, size - 1);
    if (artefact && rk_artefact_open_part(artefact, "part", &part, &err) == RK_OK) {
        open_and_ask(part, rows);
    }
    open_and_ask(artefact, rows);
    return 0;
}
