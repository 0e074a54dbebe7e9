/* bulk.c - see bulk.h.
 *
 * What is an inner product of floats is a matrix product: fp32 as it lies in the file, fp16 and bf16 widened block by
 * block. int8 and int4 keep the row kernel, which is as fast and exact. All else is added to the table as
 * rk_model_scores adds it, in the same order, so that a list made here is the one a server gives. A blend has a bulk
 * for each of its parts.
 */
#include "model/bulk.h"

#include <stdlib.h>
#include <string.h>

#include "model/codes.h"
#include "model/model_inside.h"
#include "model/shown.h"

struct rk_bulk {
    const rk_model *model;
    size_t n_seats;
    rk_query *query[RK_BULK_SEATS]; /* the arena's */
    rk_arena making, queries;       /* while a query is made; while it has a seat. Empty in parts */
    float *vector;                  /* [RK_BULK_SEATS x dim] of the queries, for the product; NULL: no product */
    float *wide;                    /* [RK_BULK_ITEMS x dim] 16-bit item vectors widened; NULL: as they lie */
    float *score;                   /* [RK_BULK_SEATS x RK_BULK_ITEMS] */
    rk_bulk *parts[RK_MODEL_PARTS_MAX];
    float weight[RK_MODEL_PARTS_MAX];
    size_t n_parts;
};

static bool make_room(rk_bulk *bulk)
{
    const rk_model *model = bulk->model;
    bool is_product = model->item_vector && model->dim > 0 && !model->codes && !rk_model_is_scaled(model);
    bool is_wide = is_product && model->type != RK_F32;
    size_t dim = model->dim;
    bulk->score = malloc((size_t)RK_BULK_SEATS * RK_BULK_ITEMS * sizeof *bulk->score);
    bulk->vector = is_product ? malloc(RK_BULK_SEATS * dim * sizeof *bulk->vector) : NULL;
    bulk->wide = is_wide ? malloc(RK_BULK_ITEMS * dim * sizeof *bulk->wide) : NULL;
    bool is_good = bulk->score && (bulk->vector || !is_product) && (bulk->wide || !is_wide);
    for (size_t p = 0; is_good && p < rk_model_n_layers(model); p++) {
        bulk->parts[p] = rk_bulk_new(rk_model_layer(model, p, &bulk->weight[p]));
        bulk->n_parts += bulk->parts[p] ? 1 : 0;
        is_good = bulk->parts[p] != NULL;
    }
    return is_good;
}

rk_bulk *rk_bulk_new(const rk_model *model)
{
    rk_bulk *bulk = calloc(1, sizeof *bulk);
    if (!bulk) {
        return NULL;
    }
    bulk->model = model;
    if (!make_room(bulk)) {
        rk_bulk_free(bulk);
        return NULL;
    }
    return bulk;
}

void rk_bulk_free(rk_bulk *bulk)
{
    for (size_t p = 0; bulk && p < bulk->n_parts; p++) {
        rk_bulk_free(bulk->parts[p]);
    }
    if (bulk) {
        rk_arena_release(&bulk->making);
        rk_arena_release(&bulk->queries);
        free(bulk->vector);
        free(bulk->wide);
        free(bulk->score);
        free(bulk);
    }
}

void rk_bulk_clear(rk_bulk *bulk)
{
    bulk->n_seats = 0;
    rk_arena_clear(&bulk->queries);
    for (size_t p = 0; p < bulk->n_parts; p++) {
        rk_bulk_clear(bulk->parts[p]);
    }
}

static void seat(rk_bulk *bulk, rk_query *query)
{
    size_t dim = bulk->model->dim;
    if (bulk->vector) {
        memcpy(bulk->vector + bulk->n_seats * dim, query->vector, dim * sizeof *bulk->vector);
    }
    bulk->query[bulk->n_seats++] = query;
    for (size_t p = 0; p < bulk->n_parts; p++) {
        seat(bulk->parts[p], &query->parts[p]);
    }
}

rk_status rk_bulk_seat(rk_bulk *bulk, uint32_t user, rk_query **query, rk_error *err)
{
    rk_query *kept = RK_TAKE(&bulk->queries, rk_query, 1);
    if (!kept) {
        return rk_fail_memory(err, "a query");
    }
    rk_status status = rk_model_user_query(bulk->model, user, &bulk->making, kept, err);
    status = status ? status : rk_query_keep(bulk->model, kept, &bulk->queries, err);
    rk_arena_clear(&bulk->making);
    if (status == RK_OK) {
        seat(bulk, kept);
        *query = kept;
    }
    return status;
}

/* Rows of item vectors as floats; *stride: between them. */
static const float *block_rows(rk_bulk *bulk, uint32_t first, uint32_t n, size_t *stride)
{
    const rk_model *model = bulk->model;
    if (!bulk->wide) {
        *stride = model->stride;
        return (const float *)model->item_vector + first * model->stride;
    }
    for (uint32_t i = 0; i < n; i++) {
        rk_model_row(model, first + i, bulk->wide + i * model->dim);
    }
    *stride = model->dim;
    return bulk->wide;
}

static void multiply(rk_bulk *bulk, uint32_t first, uint32_t n)
{
    size_t stride, dim = bulk->model->dim;
    uint32_t n_rows, row = rk_shown_run(bulk->model, first, n, &n_rows);
    const float *rows = block_rows(bulk, row, n_rows, &stride);
    bulk->model->kernels->product_f32(
        &(rk_dot_product){bulk->score, RK_BULK_ITEMS, bulk->vector, dim, bulk->n_seats, rows, stride, n_rows, dim});
    for (size_t s = 0; s < bulk->n_seats; s++) {
        rk_shown_spread(bulk->model, first, n, n_rows, bulk->score + s * RK_BULK_ITEMS);
    }
}

static void add_parts(rk_bulk *bulk, uint32_t first, uint32_t n)
{
    for (size_t p = 0; p < bulk->n_parts; p++) {
        const float *part = rk_bulk_scores(bulk->parts[p], first, n);
        for (size_t s = 0; s < bulk->n_seats; s++) {
            for (uint32_t i = 0; i < n; i++) {
                bulk->score[s * RK_BULK_ITEMS + i] += bulk->weight[p] * part[s * RK_BULK_ITEMS + i];
            }
        }
    }
}

/* Of a model whose vectors were multiplied, or that has parts: what rk_model_scores adds to an inner product. */
static void add_rest(rk_bulk *bulk, uint32_t first, uint32_t n)
{
    const rk_model *model = bulk->model;
    for (size_t s = 0; s < bulk->n_seats; s++) {
        if (bulk->query[s]->rows.n > 0) {
            rk_model_add_near(model, bulk->query[s], first, n, bulk->score + s * RK_BULK_ITEMS);
        }
    }
    add_parts(bulk, first, n);
    for (size_t s = 0; model->item_bias && s < bulk->n_seats; s++) {
        for (uint32_t i = 0; i < n; i++) {
            bulk->score[s * RK_BULK_ITEMS + i] += model->item_bias[first + i];
        }
    }
}

float *rk_bulk_scores(rk_bulk *bulk, uint32_t first, uint32_t n)
{
    for (size_t s = 0; !bulk->vector && s < bulk->n_seats; s++) {
        float *score = bulk->score + s * RK_BULK_ITEMS;
        if (bulk->model->codes) {
            rk_codes_scores(bulk->query[s], first, n, score);
        } else if (bulk->n_parts == 0) {
            rk_model_scores(bulk->model, bulk->query[s], first, n, score);
        } else {
            memset(score, 0, n * sizeof *score);
        }
    }
    if (bulk->vector) {
        multiply(bulk, first, n);
    }
    if (bulk->vector || bulk->n_parts > 0) {
        add_rest(bulk, first, n);
    }
    return bulk->score;
}
