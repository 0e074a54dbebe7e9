/* fuzz_wares.c - any bytes as a record of a live index's log, and as its manifest: read or refused, never a crash. A
 * record that is read is written again and read as the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "store/artefact_format.h"
#include "text/wares_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const rk_wares_op *a, const rk_wares_op *b)
{
    const rk_wares_product *p = &a->product, *q = &b->product;
    bool is_same = a->is_delete == b->is_delete && rk_slice_equal(p->id, q->id) && rk_slice_equal(p->title, q->title) &&
                   rk_slice_equal(p->category, q->category) && rk_slice_equal(p->brand, q->brand) &&
                   rk_slice_equal(p->text, q->text) && memcmp(&p->price, &q->price, sizeof p->price) == 0 &&
                   p->n_attributes == q->n_attributes;
    for (size_t i = 0; is_same && i < p->n_attributes; i++) {
        is_same = rk_slice_equal(p->attributes[i].name, q->attributes[i].name) &&
                  rk_slice_equal(p->attributes[i].value, q->attributes[i].value);
    }
    if (!is_same) {
        abort();
    }
}

static void try_record(rk_slice record)
{
    rk_arena arena = {0};
    rk_error err = {0};
    rk_vec ops = {.item_bytes = sizeof(rk_wares_op)}, again = ops, records = {.item_bytes = sizeof(rk_slice)};
    rk_status status = rk_wares_record_parse(record, "fuzz", 7, &arena, &ops, &err);
    if (status && err.message[0] == '\0') {
        abort();
    }
    if (!status && ops.n > 0) {
        if (rk_wares_record_format(ops.data, ops.n, &arena, &records, &err)) {
            abort();
        }
        for (size_t r = 0; r < records.n; r++) {
            if (rk_wares_record_parse(((rk_slice *)records.data)[r], "fuzz", r, &arena, &again, &err)) {
                abort();
            }
        }
        for (size_t i = 0; i < ops.n; i++) {
            check_same((rk_wares_op *)ops.data + i, (rk_wares_op *)again.data + i);
        }
    }
    rk_vec_release(&ops);
    rk_vec_release(&again);
    rk_vec_release(&records);
    rk_arena_release(&arena);
}

/* Makes the fixed part fit, as far as its header offset allows, so that a fuzzer gets past the checksums. */
static void seal(uint8_t *data, size_t size)
{
    rk_artefact_fixed fixed;
    memcpy(&fixed, data, sizeof fixed);
    memcpy(fixed.magic, RK_ARTEFACT_MAGIC, sizeof fixed.magic);
    fixed.version = RK_ARTEFACT_VERSION;
    memcpy(fixed.kind, "live\0\0\0\0\0\0\0\0\0\0\0", sizeof fixed.kind);
    if (fixed.header_offset <= size) {
        fixed.header_bytes = (uint32_t)(size - fixed.header_offset);
        fixed.header_checksum = XXH3_64bits(data + fixed.header_offset, fixed.header_bytes);
    }
    fixed.self_checksum = rk_artefact_fixed_checksum(&fixed);
    memcpy(data, &fixed, sizeof fixed);
}

static void try_manifest(const char *folder, const uint8_t *data, size_t size)
{
    char path[128];
    rk_wares_head head;
    rk_wares_draft draft;
    rk_error err = {0};
    snprintf(path, sizeof path, "%s/live.rk", folder);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
        abort();
    }
    if (rk_wares_manifest_read(folder, &head, &draft, &err) && err.message[0] == '\0') {
        abort();
    }
    rk_wares_draft_release(&draft);
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[64] = "/tmp/reckon-fuzz-XXXXXX";
    try_record((rk_slice){(const char *)data, size});
    uint8_t *copy = size >= sizeof(rk_artefact_fixed) ? malloc(size) : NULL;
    if (copy && mkdtemp(folder)) {
        memcpy(copy, data, size);
        seal(copy, size);
        try_manifest(folder, copy, size);
        rmdir(folder);
    }
    free(copy);
    return 0;
}
