/* flat_bytes.c - see flat_bytes.h.
 *
 * Blocks grow from 64 items to 1,024: the first ones fill the list with the longest vectors, which are likely to stay,
 * so that the limit is near its end before most items have passed. What passes in a block is fetched together.
 * Rounding: a product in floats errs by less than |q| |y| (dim / 16 + 16) 2^-23, and so does the bound, both of which
 * are in the doubt.
 */
#include "ann/flat_bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "math/dot.h"

enum {
    FIRST_GROUPS = 4,
    BLOCK_GROUPS = RK_FLAT_BLOCK / RK_FLAT_GROUP,
    LINE = RK_FLAT_GROUP * RK_FLAT_QUAD,
    ALIGN = 64
};
enum { CHUNK_GROUPS = 64, OFFSET = 128 };

static const float SCALE_MIN = 1e-30F;

/* ---- building ---- */

typedef struct {
    float length;
    uint32_t item;
} standing;

static int by_length(const void *a, const void *b)
{
    const standing *x = a, *y = b;
    int order = (x->length < y->length) - (x->length > y->length);
    return order ? order : (x->item > y->item) - (x->item < y->item);
}

/* The arrays of a built one, which may be written to. */
typedef struct {
    const rk_ann_rows *base;
    size_t n, n_quads;
    uint32_t *item;
    uint8_t *bytes;
    float *scale;
    rk_flat_group *group;
} filling;

static float upwards(double value) { return nextafterf((float)value, INFINITY); }

/* Returns the length of the error. */
static double put(const filling *f, size_t at, const float *vector)
{
    int8_t bytes[RK_ANN_DIM_MAX];
    float scale = f->scale[at] = rk_int8_of_row(bytes, vector, f->base->dim);
    uint8_t *group = f->bytes + at / RK_FLAT_GROUP * LINE * f->n_quads + at % RK_FLAT_GROUP * RK_FLAT_QUAD;
    double error = 0;
    for (size_t d = 0; d < f->base->dim; d++) {
        double off = (double)vector[d] - (double)scale * bytes[d];
        error += off * off;
        group[d / RK_FLAT_QUAD * LINE + d % RK_FLAT_QUAD] = (uint8_t)(bytes[d] + OFFSET);
    }
    return sqrt(error);
}

static void put_groups(void *context, rk_span span)
{
    const filling *f = context;
    for (size_t g = span.begin; g < span.end; g++) {
        double error = 0, length = 0;
        for (size_t at = g * RK_FLAT_GROUP; at < (g + 1) * RK_FLAT_GROUP && at < f->n; at++) {
            const float *vector = rk_ann_row(f->base, f->item[at]);
            error = fmax(error, put(f, at, vector));
            length = fmax(length, rk_ann_length(vector, f->base->dim));
        }
        f->group[g] = (rk_flat_group){upwards(error), upwards(length)};
    }
}

static rk_status stand_in_order(const rk_ann_rows *base, uint32_t *item, rk_error *err)
{
    standing *order = malloc(base->n * sizeof *order);
    if (!order) {
        return rk_fail_memory(err, "items in order of length");
    }
    for (size_t i = 0; i < base->n; i++) {
        order[i] = (standing){(float)rk_ann_length(rk_ann_row(base, i), base->dim), (uint32_t)i};
    }
    qsort(order, base->n, sizeof *order, by_length);
    for (size_t i = 0; i < base->n; i++) {
        item[i] = order[i].item;
    }
    free(order);
    return RK_OK;
}

static size_t aligned(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

rk_status rk_flat_bytes_build(const rk_ann_rows *base, const rk_run *run, rk_flat_bytes *out, rk_error *err)
{
    size_t n_groups = (base->n + RK_FLAT_GROUP - 1) / RK_FLAT_GROUP;
    size_t n_quads = (base->dim + RK_FLAT_QUAD - 1) / RK_FLAT_QUAD;
    size_t bytes = n_groups * n_quads * LINE, scales = aligned(n_groups * RK_FLAT_GROUP * sizeof(float));
    size_t groups = aligned(n_groups * sizeof(rk_flat_group)), items = aligned(base->n * sizeof(uint32_t));
    uint8_t *own = aligned_alloc(ALIGN, bytes + scales + groups + items);
    if (!own) {
        return rk_fail_memory(err, "vectors as bytes");
    }
    memset(own, OFFSET, bytes);
    memset(own + bytes, 0, scales);
    filling f = {.base = base, .n = base->n, .n_quads = n_quads, .bytes = own};
    f.scale = (float *)(void *)(own + bytes);
    f.group = (rk_flat_group *)(void *)(own + bytes + scales);
    f.item = (uint32_t *)(void *)(own + bytes + scales + groups);
    rk_status status = stand_in_order(base, f.item, err);
    if (status) {
        free(own);
        return status;
    }
    rk_parallel_for(run->pool, n_groups, CHUNK_GROUPS, put_groups, &f);
    *out = (rk_flat_bytes){base->n, n_groups, n_quads, f.item, own, f.scale, f.group, own};
    return RK_OK;
}

void rk_flat_bytes_release(rk_flat_bytes *bytes)
{
    free(bytes->own);
    *bytes = (rk_flat_bytes){0};
}

uint64_t rk_flat_bytes_size(const rk_flat_bytes *b)
{
    return b->n_groups * (b->n_quads * LINE + RK_FLAT_GROUP * sizeof(float) + sizeof(rk_flat_group)) +
           b->n * sizeof(uint32_t);
}

/* ---- the file ---- */

rk_status rk_flat_bytes_write(const rk_flat_bytes *b, rk_artefact_writer *writer, rk_error *err)
{
    rk_status status = rk_artefact_add(writer, "flat.item", RK_U32, b->n, 1, b->item, err);
    status =
        status ? status : rk_artefact_add(writer, "flat.bytes", RK_U8, b->n_groups, b->n_quads * LINE, b->bytes, err);
    status = status ? status : rk_artefact_add(writer, "flat.scale", RK_F32, b->n_groups, RK_FLAT_GROUP, b->scale, err);
    return status ? status : rk_artefact_add(writer, "flat.group", RK_F32, b->n_groups, 2, b->group, err);
}

/* A number that is none makes no candidate, or all of them: neither reads outside. Items must be there, each once. */
static rk_status check_items(const rk_flat_bytes *b, const char *path, rk_error *err)
{
    uint64_t *seen = calloc((b->n + 63) / 64, sizeof *seen);
    bool is_good = seen;
    for (size_t i = 0; is_good && i < b->n; i++) {
        uint32_t item = b->item[i];
        is_good = item < b->n && !rk_bit(seen, item);
        if (is_good) {
            seen[item / 64] |= UINT64_C(1) << (item % 64);
        }
    }
    rk_status status = !seen ? rk_fail_memory(err, "an index")
                       : is_good
                           ? RK_OK
                           : rk_fail(err, RK_BAD_INPUT, "%s: damaged index: flat.item is no order of items", path);
    free(seen);
    return status;
}

rk_status rk_flat_bytes_open(const rk_artefact *a, const rk_ann_rows *base, rk_flat_bytes *out, rk_error *err)
{
    const rk_section *item, *bytes, *scale, *group;
    size_t n_groups = (base->n + RK_FLAT_GROUP - 1) / RK_FLAT_GROUP;
    size_t n_quads = (base->dim + RK_FLAT_QUAD - 1) / RK_FLAT_QUAD;
    rk_status status = rk_artefact_need(a, "flat.item", RK_U32, base->n, 1, &item, err);
    status = status ? status : rk_artefact_need(a, "flat.bytes", RK_U8, n_groups, n_quads * LINE, &bytes, err);
    status = status ? status : rk_artefact_need(a, "flat.scale", RK_F32, n_groups, RK_FLAT_GROUP, &scale, err);
    status = status ? status : rk_artefact_need(a, "flat.group", RK_F32, n_groups, 2, &group, err);
    if (status) {
        return status;
    }
    *out = (rk_flat_bytes){base->n, n_groups, n_quads, item->data, bytes->data, scale->data, group->data, NULL};
    return check_items(out, rk_artefact_path(a), err);
}

/* ---- asking ---- */

/* Everything but least. A query so small that its scale has no inverse is all error. */
static rk_flat_scan ask(const rk_flat_bytes *b, const float *query, size_t dim, int8_t *bytes)
{
    rk_flat_scan scan = {.bytes = b, .query = bytes};
    float scale = rk_int8_of_row(bytes, query, dim);
    if (!(scale > SCALE_MIN)) {
        memset(bytes, 0, dim);
        scale = 1;
    }
    double error = 0, told = 0, length = rk_ann_length(query, dim);
    memset(bytes + dim, 0, b->n_quads * RK_FLAT_QUAD - dim);
    for (size_t d = 0; d < dim; d++) {
        double near = (double)scale * bytes[d], off = (double)query[d] - near;
        error += off * off;
        told += near * near;
        scan.start -= OFFSET * bytes[d];
    }
    scan.inverse_scale = 1 / scale;
    scan.told = upwards(sqrt(told));
    scan.doubt = upwards(sqrt(error) + length * (double)(dim / 16 + 16) * 0x1p-22);
    return scan;
}

typedef struct {
    const rk_ann_rows *base;
    const rk_kernels *kernels;
    const rk_ann_question *question;
    rk_topk *topk;
} scoring;

static void fetch(const float *row, size_t dim)
{
    enum { A_LINE = 16 };
    for (size_t d = 0; d < dim; d += A_LINE) {
        __builtin_prefetch(row + d);
    }
}

/* The positions that passed, their rows on the way before the first is read. */
static void score(const scoring *s, const rk_flat_bytes *b, size_t first, size_t n, const uint16_t *may)
{
    uint32_t passed[RK_FLAT_BLOCK];
    size_t n_passed = 0;
    for (size_t g = 0; g < n; g++) {
        for (unsigned bits = may[g]; bits; bits &= bits - 1) {
            size_t at = (first + g) * RK_FLAT_GROUP + (size_t)__builtin_ctz(bits);
            if (at < b->n && !(s->question->barred && rk_bit(s->question->barred, b->item[at]))) {
                passed[n_passed++] = b->item[at];
                fetch(rk_ann_row(s->base, b->item[at]), s->base->dim);
            }
        }
    }
    for (size_t i = 0; i < n_passed; i++) {
        const float *row = rk_ann_row(s->base, passed[i]);
        rk_topk_offer_one(s->topk, passed[i], s->kernels->dot_f32(s->question->query, row, s->base->dim));
    }
}

void rk_flat_bytes_search(const rk_flat_bytes *b, const rk_ann_rows *base, const rk_ann_question *question,
                          int8_t *query_bytes, rk_topk *topk)
{
    uint16_t may[BLOCK_GROUPS];
    rk_flat_kernel *kernel = rk_flat_kernel_best();
    scoring s = {base, rk_kernels_best(), question, topk};
    rk_flat_scan scan = ask(b, question->query, base->dim, query_bytes);
    double length =
        rk_ann_length(question->query, base->dim) * (1 + 1e-4); /* rounding, of the longest rows there are */
    for (size_t g = 0, block = FIRST_GROUPS; g < b->n_groups; g += block) {
        if (g > 0) {
            block = g < BLOCK_GROUPS ? g : BLOCK_GROUPS;
        }
        size_t n = b->n_groups - g < block ? b->n_groups - g : block;
        scan.least = rk_topk_least(topk);
        if (length * (double)b->group[g].length < (double)scan.least) {
            return;
        }
        kernel(&scan, g, n, may);
        score(&s, b, g, n, may);
    }
}
