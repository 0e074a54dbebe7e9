/* flat.c - every item compared: exact, whatever the numbers are kept in.
 *
 *   f32   the base itself
 *   f16   a copy in halves: half the traffic. |y - half(y)| is known for every 32 items, and what stays that much times
 *         |q| below the k-th best is out for certain; the rest is scored in floats
 *   int8  flat_bytes.h: a quarter of the traffic, and an end where vectors become too short
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "ann/flat_bytes.h"
#include "math/dot.h"

enum { NUMBERS_F32, NUMBERS_F16, NUMBERS_I8 };
enum { BLOCK = 512, RUN = 32, CHUNK_RUNS = 64 };

typedef struct {
    int numbers;
} flat_settings;

static const rk_option flat_options[] = {
    {"numbers", 0, RK_OPT_CHOICE, offsetof(flat_settings, numbers), "KIND", "int8",
     "what is read of every vector before some are compared in fp32; answers are the same", .choices = "f32|f16|int8"},
};

typedef struct {
    int numbers;
    size_t n, dim;
    rk_flat_bytes bytes; /* int8 */
    const rk_half *half; /* f16: [n x dim] */
    const float
        *error; /* f16: [runs] the largest |y - half(y)| of RUN items, and what rounds in a product with |q| 1 */
    void *own_half, *own_error;
} flat;

static size_t n_runs(size_t n) { return (n + RUN - 1) / RUN; }

static void flat_free(void *index)
{
    flat *f = index;
    if (f) {
        rk_flat_bytes_release(&f->bytes);
        free(f->own_half);
        free(f->own_error);
        free(f);
    }
}

/* ---- halves ---- */

typedef struct {
    const rk_ann_rows *base;
    rk_half *half;
    float *error;
} halving;

static double half_error(const rk_half *half, const float *row, size_t dim)
{
    double sum = 0;
    for (size_t d = 0; d < dim; d++) {
        double off = (double)row[d] - (double)rk_half_value(half[d]);
        sum += off * off;
    }
    return sqrt(sum); /* infinite for what halves cannot hold: such a run is always compared in floats */
}

static void halve(void *context, rk_span span)
{
    const halving *h = context;
    for (size_t run = span.begin; run < span.end; run++) {
        size_t dim = h->base->dim;
        double error = 0, rounding = (double)(dim / 16 + 16) * 0x1p-22;
        for (size_t i = run * RUN; i < (run + 1) * RUN && i < h->base->n; i++) {
            const float *row = rk_ann_row(h->base, i);
            rk_half_of_row(h->half + i * dim, row, dim);
            error = fmax(error, half_error(h->half + i * dim, row, dim) + rk_ann_length(row, dim) * rounding);
        }
        h->error[run] = nextafterf((float)error, INFINITY);
    }
}

static rk_status build_half(const rk_ann_material *from, flat *f, rk_error *err)
{
    halving h = {.base = from->base};
    f->own_half = h.half = malloc(f->n * f->dim * sizeof *h.half);
    f->own_error = h.error = malloc(n_runs(f->n) * sizeof *h.error);
    if (!h.half || !h.error) {
        return rk_fail_memory(err, "vectors in half precision");
    }
    rk_parallel_for(from->run->pool, n_runs(f->n), CHUNK_RUNS, halve, &h);
    f->half = h.half;
    f->error = h.error;
    return RK_OK;
}

/* ---- building and the file ---- */

static flat *flat_new(int numbers, const rk_ann_rows *base)
{
    flat *f = calloc(1, sizeof *f);
    if (f) {
        f->numbers = numbers;
        f->n = base->n;
        f->dim = base->dim;
    }
    return f;
}

static rk_status flat_build(const rk_ann_material *from, const void *settings, void **index, rk_error *err)
{
    flat *f = flat_new(((const flat_settings *)settings)->numbers, from->base);
    rk_status status = !f                          ? rk_fail_memory(err, "an index")
                       : f->numbers == NUMBERS_F16 ? build_half(from, f, err)
                       : f->numbers == NUMBERS_I8  ? rk_flat_bytes_build(from->base, from->run, &f->bytes, err)
                                                   : RK_OK;
    if (status) {
        flat_free(f);
        return status;
    }
    *index = f;
    return RK_OK;
}

static rk_status flat_write(const void *index, rk_artefact_writer *writer, json_t *meta, rk_error *err)
{
    const flat *f = index;
    json_object_set_new(meta, "numbers", json_integer(f->numbers));
    if (f->numbers == NUMBERS_I8) {
        return rk_flat_bytes_write(&f->bytes, writer, err);
    }
    if (f->numbers == NUMBERS_F16) {
        rk_status status = rk_artefact_add(writer, "flat.half", RK_F16, f->n, f->dim, f->half, err);
        return status ? status : rk_artefact_add(writer, "flat.error", RK_F32, n_runs(f->n), 1, f->error, err);
    }
    return RK_OK;
}

static rk_status open_half(const rk_artefact *artefact, flat *f, rk_error *err)
{
    const rk_section *half, *error;
    rk_status status = rk_artefact_need(artefact, "flat.half", RK_F16, f->n, f->dim, &half, err);
    status = status ? status : rk_artefact_need(artefact, "flat.error", RK_F32, n_runs(f->n), 1, &error, err);
    if (!status) {
        f->half = half->data;
        f->error = error->data;
    }
    return status;
}

static rk_status flat_open(const rk_artefact *artefact, const json_t *meta, const rk_ann_rows *base, void **index,
                           rk_error *err)
{
    json_int_t numbers = json_integer_value(json_object_get(meta, "numbers"));
    if (!json_is_integer(json_object_get(meta, "numbers")) || numbers < NUMBERS_F32 || numbers > NUMBERS_I8) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: its numbers are of no known type",
                       rk_artefact_path(artefact));
    }
    flat *f = flat_new((int)numbers, base);
    rk_status status = !f                       ? rk_fail_memory(err, "an index")
                       : numbers == NUMBERS_F16 ? open_half(artefact, f, err)
                       : numbers == NUMBERS_I8  ? rk_flat_bytes_open(artefact, base, &f->bytes, err)
                                                : RK_OK;
    if (status) {
        flat_free(f);
        return status;
    }
    *index = f;
    return RK_OK;
}

static uint64_t flat_bytes(const void *index)
{
    const flat *f = index;
    return f->numbers == NUMBERS_I8    ? rk_flat_bytes_size(&f->bytes)
           : f->numbers == NUMBERS_F16 ? f->n * f->dim * sizeof(rk_half) + n_runs(f->n) * sizeof(float)
                                       : 0;
}

static size_t flat_efforts(const void *index, const rk_ann_rows *base, uint32_t *effort)
{
    (void)index;
    (void)base;
    effort[0] = 1;
    return 1;
}

/* ---- asking ---- */

typedef struct {
    float scores[BLOCK];
    int8_t query[]; /* the query as bytes, padded */
} flat_desk;

static rk_status flat_desk_new(const void *index, const rk_ann_rows *base, void **desk, rk_error *err)
{
    (void)index;
    *desk = malloc(sizeof(flat_desk) + base->dim + RK_FLAT_QUAD);
    return *desk ? RK_OK : rk_fail_memory(err, "a desk");
}

/* The items of one run whose scores in halves do not rule them out. */
static void compare_run(const rk_ann_rows *base, const rk_kernels *kernels, const rk_ann_question *question,
                        size_t first, size_t n, const float *scores, float doubt, rk_topk *topk)
{
    float limit = rk_topk_least(topk) - doubt;
    for (size_t i = 0; i < n; i++) {
        bool may = !(scores[i] < limit); /* infinite less infinite is no number, and compared */
        if (may && !(question->barred && rk_bit(question->barred, first + i))) {
            const float *row = rk_ann_row(base, first + i);
            rk_topk_offer_one(topk, (uint32_t)(first + i), kernels->dot_f32(question->query, row, base->dim));
        }
    }
}

static void search_halves(const flat *f, const rk_ann_rows *base, flat_desk *desk, const rk_ann_question *question,
                          rk_topk *topk)
{
    const rk_kernels *kernels = rk_kernels_best();
    float length = nextafterf((float)rk_ann_length(question->query, f->dim), INFINITY);
    for (size_t first = 0; first < f->n; first += BLOCK) {
        size_t n = f->n - first < BLOCK ? f->n - first : BLOCK;
        kernels->rows_f16(desk->scores, f->half + first * f->dim, f->dim, n, question->query, f->dim);
        for (size_t i = 0; i < n; i += RUN) {
            float doubt = length * f->error[(first + i) / RUN];
            compare_run(base, kernels, question, first + i, n - i < RUN ? n - i : RUN, desk->scores + i, doubt, topk);
        }
    }
}

static rk_status flat_search(const void *index, const rk_ann_rows *base, void *desk, const rk_ann_question *question,
                             rk_topk *topk, rk_error *err)
{
    const flat *f = index;
    flat_desk *room = desk;
    (void)err;
    if (f->numbers == NUMBERS_I8) {
        rk_flat_bytes_search(&f->bytes, base, question, room->query, topk);
    } else if (f->numbers == NUMBERS_F16) {
        search_halves(f, base, room, question, topk);
    } else {
        rk_ann_compare_all(base, question, topk);
    }
    return RK_OK;
}

const rk_ann_kind rk_ann_flat = {
    .name = "flat",
    .summary = "every item is compared: exact",
    .options = flat_options,
    .n_options = RK_COUNT_OF(flat_options),
    .settings_bytes = sizeof(flat_settings),
    .build = flat_build,
    .free = flat_free,
    .write = flat_write,
    .open = flat_open,
    .bytes = flat_bytes,
    .efforts = flat_efforts,
    .desk_new = flat_desk_new,
    .desk_free = free,
    .search = flat_search,
};
