/* code_rows.c - int8 of neighbours: each row as gaps and levels of one byte (model/row_code.h).
 *
 * Rows are measured first, in parallel, then written into one buffer of just that size. What rounds to nothing is left
 * out: it is below 1/32,000 of its row's largest.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compress/compressors.h"
#include "model/row_code.h"

enum { CHUNK_ROWS = 64 };

typedef struct {
    rk_float_rows rows;
    int8_t *level;  /* of each entry */
    float *scale;   /* of each row */
    uint64_t *to;   /* [n_rows + 1] where its code begins */
    uint8_t *width; /* of its gaps */
    uint8_t *code;
    double *sums;   /* [chunks x 2] squares of errors, of weights */
    float *largest; /* [chunks] error */
} coding;

static void measure_rows(void *context, rk_span span)
{
    coding *c = context;
    double *sums = c->sums + 2 * span.chunk;
    for (size_t r = span.begin; r < span.end; r++) {
        uint64_t begin = c->rows.start[r], n = c->rows.start[r + 1] - begin;
        float scale = c->scale[r] = rk_row_scale(c->rows.weight + begin, n);
        for (uint64_t e = begin; e < begin + n; e++) {
            c->level[e] = rk_row_level(c->rows.weight[e], scale);
            float error = rk_row_weight(c->level[e], scale) - c->rows.weight[e];
            sums[0] += (double)error * (double)error;
            sums[1] += (double)c->rows.weight[e] * (double)c->rows.weight[e];
            c->largest[span.chunk] = fmaxf(c->largest[span.chunk], fabsf(error));
        }
        unsigned width;
        c->to[r + 1] = rk_row_code_bytes(c->rows.item + begin, c->level + begin, n, &width);
        c->width[r] = (uint8_t)width;
    }
}

static void put_rows(void *context, rk_span span)
{
    const coding *c = context;
    for (size_t r = span.begin; r < span.end; r++) {
        uint64_t begin = c->rows.start[r];
        rk_row_code_put(c->rows.item + begin, c->level + begin, c->rows.start[r + 1] - begin, c->width[r],
                        c->code + c->to[r]);
    }
}

static rk_status check_weights(const rk_compress_leaf *leaf, const coding *c, rk_error *err)
{
    for (uint64_t e = 0; e < c->rows.start[c->rows.n_rows]; e++) {
        if (!isfinite(c->rows.weight[e])) {
            return rk_fail(err, RK_BAD_INPUT, "%s: the neighbours have a weight that int8 cannot hold",
                           rk_artefact_path(rk_model_artefact(leaf->model)));
        }
    }
    return RK_OK;
}

static bool make_room(coding *c)
{
    uint64_t n = c->rows.start[c->rows.n_rows];
    size_t n_chunks = rk_chunk_count(c->rows.n_rows, CHUNK_ROWS);
    c->level = malloc(n + 1);
    c->scale = malloc((c->rows.n_rows + 1) * sizeof *c->scale);
    c->to = calloc(c->rows.n_rows + 1, sizeof *c->to);
    c->width = malloc(c->rows.n_rows + 1);
    c->sums = calloc(2 * n_chunks + 1, sizeof *c->sums);
    c->largest = calloc(n_chunks + 1, sizeof *c->largest);
    return c->level && c->scale && c->to && c->width && c->sums && c->largest;
}

static void release(coding *c)
{
    free(c->level);
    free(c->scale);
    free(c->to);
    free(c->width);
    free(c->code);
    free(c->sums);
    free(c->largest);
}

static void report(const coding *c, rk_compression *out)
{
    double errors = 0, squares = 0, n = (double)c->rows.start[c->rows.n_rows];
    for (size_t i = 0; i < rk_chunk_count(c->rows.n_rows, CHUNK_ROWS); i++) {
        errors += c->sums[2 * i];
        squares += c->sums[2 * i + 1];
        out->max_error = fmax(out->max_error, (double)c->largest[i]);
    }
    out->rms_error = n > 0 ? sqrt(errors / n) : 0;
    out->rms_value = n > 0 ? sqrt(squares / n) : 0;
}

static rk_status code(const rk_compress_job *job, coding *c, rk_error *err)
{
    if (!make_room(c)) {
        return rk_fail_memory(err, "rows of neighbours");
    }
    rk_parallel_for(job->run->pool, c->rows.n_rows, CHUNK_ROWS, measure_rows, c);
    for (size_t r = 0; r < c->rows.n_rows; r++) {
        c->to[r + 1] += c->to[r];
    }
    c->code = malloc(c->to[c->rows.n_rows] + 1);
    if (!c->code) {
        return rk_fail_memory(err, "rows of neighbours");
    }
    rk_parallel_for(job->run->pool, c->rows.n_rows, CHUNK_ROWS, put_rows, c);
    return RK_OK;
}

rk_status rk_compress_code_rows(rk_compress_job *job, const rk_compress_leaf *leaf, rk_error *err)
{
    coding c = {0};
    rk_status status = rk_float_rows_read(leaf, &c.rows, err);
    if (status) {
        return status;
    }
    status = check_weights(leaf, &c, err);
    status = status ? status : code(job, &c, err);
    status = status ? status : rk_compress_add(job, leaf, "near.start", RK_U64, c.rows.n_rows + 1, 1, c.to, err);
    status = status ? status : rk_compress_add(job, leaf, "near.code", RK_U8, c.to[c.rows.n_rows], 1, c.code, err);
    status = status ? status : rk_compress_add(job, leaf, "near.scale", RK_F32, c.rows.n_rows, 1, c.scale, err);
    if (!status) {
        rk_compress_drop(job, leaf, "near.item");
        rk_compress_drop(job, leaf, "near.weight");
        report(&c, job->report);
    }
    release(&c);
    return status;
}
