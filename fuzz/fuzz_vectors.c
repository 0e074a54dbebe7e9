/* fuzz_vectors.c - indexes of vectors, and a second one as a part of the same file, with a section written over:
 * refused at the door, or every answer is an item that is there, once.
 *
 * Input: which kind, which section (top bit: one row less), where in it (two bytes), and what is written there; the
 * meta is the true one unless the section is past the last, and then the bytes are the meta.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann.h"

enum { N = 300, DIM = 9, KINDS_MAX = 8, HEAD = 4, K = 10 };

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

static rk_status copy_changed(rk_artefact_writer *writer, const rk_section *section, const uint8_t *data, size_t size,
                              rk_error *err)
{
    uint64_t rows = section->rows - (section->rows > 0 && data[1] >> 7);
    uint8_t *bytes = malloc(section->bytes + 1);
    if (!bytes) {
        abort();
    }
    memcpy(bytes, section->data, section->bytes);
    uint64_t at = ((uint64_t)data[2] << 8 | data[3]) * section->bytes >> 16;
    for (size_t i = HEAD; i < size && at < section->bytes; i++) {
        bytes[at++] = data[i];
    }
    rk_status status = rk_artefact_add(writer, section->name, section->type, rows, section->cols, bytes, err);
    free(bytes);
    return status;
}

static rk_artefact *change(const rk_artefact *from, const uint8_t *data, size_t size)
{
    rk_artefact_writer *writer = NULL;
    rk_artefact *artefact = NULL;
    rk_error err = {0};
    size_t n = rk_artefact_n_sections(from), which = (data[1] & 127) % (n + 1);
    must(rk_artefact_create_memory("fuzz", RK_ANN_ARTEFACT, &writer, &err), &err);
    for (size_t i = 0; i < n; i++) {
        const rk_section *section = rk_artefact_section_at(from, i);
        must(i == which ? copy_changed(writer, section, data, size, &err) : rk_artefact_add_copy(writer, section, &err),
             &err);
    }
    json_t *meta = which == n ? json_loadb((const char *)data + HEAD, size - HEAD, JSON_REJECT_DUPLICATES, NULL)
                              : json_incref((json_t *)(uintptr_t)rk_artefact_meta(from));
    if (json_is_object(meta)) {
        json_object_update(rk_artefact_writer_meta(writer), meta);
    }
    json_decref(meta);
    return rk_artefact_commit_memory(writer, &artefact, &err) ? NULL : artefact;
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
    if (size < HEAD) {
        return 0;
    }
    rk_artefact *artefact = change(whole[data[0] % n_kinds], data, size);
    if (artefact && rk_artefact_open_part(artefact, "part", &part, &err) == RK_OK) {
        open_and_ask(part, rows);
    }
    open_and_ask(artefact, rows);
    return 0;
}
