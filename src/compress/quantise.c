/* quantise.c - fp16, bf16, int8 and int4: every number of every item vector rounded on its own.
 *
 * - fp16: IEEE binary16, round to nearest even: 2 bytes a number, relative error up to 2^-11 (0.05 %). Refused when a
 *   number is beyond 65,504, which would become infinite.
 * - bf16: the upper half of a float, round to nearest even: 2 bytes a number, relative error up to 2^-8 (0.4 %), and
 *   the range of floats.
 * - int8: one scale per vector, max|v| / 127: 1 byte a number and 4 a vector, absolute error up to half a scale. Not
 *   one per catalogue, because lengths of item vectors differ by popularity, and a rare item would be left with two or
 *   three bits.
 * - int4: one scale per vector, max|v| / 7: half a byte a number and 4 a vector. Served by whole-number products with a
 *   query of int8.
 *
 * Vectors stream through in blocks, so memory does not grow with the catalogue; rows of a block are rounded in
 * parallel, and errors are added up per fixed chunk in chunk order, so that they do not depend on the threads.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compress/compressors.h"
#include "math/dot.h"

enum { BLOCK_ROWS = 16384, CHUNK_ROWS = 256, BLOCK_CHUNKS = BLOCK_ROWS / CHUNK_ROWS };

/* One way of rounding a vector. */
typedef struct {
    const char *name;
    rk_type type;
    bool has_scale;
    /* out: [dim] of type; returns the scale, 1 where there is none. */
    float (*pack)(void *out, const float *in, size_t dim);
    void (*unpack)(float *out, const void *in, float scale, size_t dim);
} rounding;

static float pack_fp16(void *out, const float *in, size_t dim)
{
    rk_half_of_row(out, in, dim);
    return 1;
}

static void unpack_fp16(float *out, const void *in, float scale, size_t dim)
{
    (void)scale;
    for (size_t i = 0; i < dim; i++) {
        out[i] = rk_half_value(((const rk_half *)in)[i]);
    }
}

static float pack_int8(void *out, const float *in, size_t dim) { return rk_int8_of_row(out, in, dim); }

static void unpack_int8(float *out, const void *in, float scale, size_t dim)
{
    for (size_t i = 0; i < dim; i++) {
        out[i] = (float)((const int8_t *)in)[i] * scale;
    }
}

static float pack_bf16(void *out, const float *in, size_t dim)
{
    for (size_t i = 0; i < dim; i++) {
        ((rk_bf16 *)out)[i] = rk_bf16_of(in[i]);
    }
    return 1;
}

static void unpack_bf16(float *out, const void *in, float scale, size_t dim)
{
    (void)scale;
    for (size_t i = 0; i < dim; i++) {
        out[i] = rk_bf16_value(((const rk_bf16 *)in)[i]);
    }
}

static float pack_int4(void *out, const float *in, size_t dim) { return rk_int4_of_row(out, in, dim); }

static void unpack_int4(float *out, const void *in, float scale, size_t dim)
{
    for (size_t i = 0; i < dim; i++) {
        out[i] = (float)rk_int4_at(in, i) * scale;
    }
}

static const rounding fp16 = {"fp16", RK_F16, false, pack_fp16, unpack_fp16};
static const rounding bf16 = {"bf16", RK_BF16, false, pack_bf16, unpack_bf16};
static const rounding int8 = {"int8", RK_I8, true, pack_int8, unpack_int8};
static const rounding int4 = {"int4", RK_I4X2, true, pack_int4, unpack_int4};

/* ---- one block ---- */

typedef struct {
    double sum_squared_error, sum_squared_value, max_error;
    uint64_t bad_row; /* number + 1 of the first row that cannot be held; 0 = none */
} chunk_error;

typedef struct {
    const rounding *rounding;
    const float *in; /* [n x in_stride] of the block */
    size_t dim, in_stride, out_stride;
    unsigned char *out; /* [BLOCK_ROWS x out_stride] of the type, zeroed behind dim */
    float *scale;       /* [BLOCK_ROWS] */
    float *back;        /* [threads x dim] */
    chunk_error errors[BLOCK_CHUNKS];
} block;

/* Adds the errors of one row; false when a number came out as no number. */
static bool add_errors(chunk_error *e, const float *in, const float *back, size_t dim)
{
    for (size_t i = 0; i < dim; i++) {
        double error = fabs((double)back[i] - (double)in[i]);
        if (!isfinite(error)) {
            return false;
        }
        e->sum_squared_error += error * error;
        e->sum_squared_value += (double)in[i] * (double)in[i];
        e->max_error = fmax(e->max_error, error);
    }
    return true;
}

static void round_rows(void *context, rk_span span)
{
    block *b = context;
    size_t bytes = b->out_stride * rk_type_bytes(b->rounding->type);
    float *back = b->back + span.worker * b->dim;
    chunk_error e = {0};
    for (size_t r = span.begin; r < span.end; r++) {
        const float *in = b->in + r * b->in_stride;
        void *out = b->out + r * bytes;
        b->scale[r] = b->rounding->pack(out, in, b->dim);
        b->rounding->unpack(back, out, b->scale[r], b->dim);
        if (!add_errors(&e, in, back, b->dim) && !e.bad_row) {
            e.bad_row = r + 1;
        }
    }
    b->errors[span.chunk] = e;
}

/* ---- all of them ---- */

static void add_block(const block *b, size_t n_chunks, chunk_error *total, uint64_t first)
{
    for (size_t c = 0; c < n_chunks; c++) {
        const chunk_error *e = &b->errors[c];
        total->sum_squared_error += e->sum_squared_error;
        total->sum_squared_value += e->sum_squared_value;
        total->max_error = fmax(total->max_error, e->max_error);
        if (e->bad_row && !total->bad_row) {
            total->bad_row = first + e->bad_row;
        }
    }
}

static rk_status bad_vector(const rk_compress_leaf *leaf, const rounding *how, uint64_t row, rk_error *err)
{
    rk_slice name = rk_names_get(rk_model_items(leaf->model), rk_model_item_at(leaf->model, (uint32_t)row));
    return rk_fail(err, RK_BAD_INPUT, "%s: the vector of item '%.*s' has a number that %s cannot hold",
                   rk_artefact_path(rk_model_artefact(leaf->model)), (int)(name.n < 60 ? name.n : 60), name.at,
                   how->name);
}

/* Streams item.vector through b, keeping the scales: [n_items]. */
static rk_status round_all(const rk_compress_job *job, const rk_compress_leaf *leaf, block *b,
                           const rk_section *vectors, float *scales, chunk_error *total, rk_error *err)
{
    rk_section_name name;
    rk_status status = rk_artefact_begin(job->writer, rk_compress_name(leaf, "item.vector", name), b->rounding->type,
                                         b->out_stride, err);
    for (uint64_t first = 0; first < vectors->rows && status == RK_OK; first += BLOCK_ROWS) {
        size_t n = vectors->rows - first < BLOCK_ROWS ? (size_t)(vectors->rows - first) : BLOCK_ROWS;
        b->in = (const float *)vectors->data + first * vectors->cols;
        b->scale = scales + first;
        rk_parallel_for(job->run->pool, n, CHUNK_ROWS, round_rows, b);
        add_block(b, rk_chunk_count(n, CHUNK_ROWS), total, first);
        if (total->bad_row) {
            return bad_vector(leaf, b->rounding, total->bad_row - 1, err);
        }
        status = rk_artefact_append(job->writer, b->out, n, err);
        rk_progress(job->run, "compressing", "vectors", first + n, vectors->rows);
    }
    return status == RK_OK ? rk_artefact_end(job->writer, err) : status;
}

static void fill_report(rk_compression *report, double n, const chunk_error *total)
{
    report->max_error = total->max_error;
    report->rms_error = n > 0 ? sqrt(total->sum_squared_error / n) : 0;
    report->rms_value = n > 0 ? sqrt(total->sum_squared_value / n) : 0;
}

static rk_status quantise(const rk_compress_job *job, const rk_compress_leaf *leaf, const rounding *how, rk_error *err)
{
    const rk_section *vectors = NULL;
    rk_status status = rk_compress_read(leaf, "item.vector", &vectors, err);
    if (status) {
        return status;
    }
    chunk_error total = {0};
    uint32_t dim = rk_model_dim(leaf->model);
    block *b = calloc(1, sizeof *b);
    float *scales = calloc(vectors->rows + 1, sizeof *scales);
    if (b && scales) {
        *b = (block){.rounding = how,
                     .dim = dim,
                     .in_stride = (size_t)vectors->cols,
                     .out_stride = rk_model_stride(how->type, dim),
                     .back = malloc(rk_pool_threads(job->run->pool) * dim * sizeof(float))};
        b->out = calloc(BLOCK_ROWS, b->out_stride * rk_type_bytes(how->type));
    }
    if (!b || !scales || !b->back || !b->out) {
        status = rk_fail_memory(err, "a block of vectors");
    }
    status = status ? status : round_all(job, leaf, b, vectors, scales, &total, err);
    if (!status && how->has_scale) {
        status = rk_compress_add(job, leaf, "item.scale", RK_F32, vectors->rows, 1, scales, err);
    }
    if (!status) {
        fill_report(job->report, (double)vectors->rows * dim, &total);
    }
    if (b) {
        free(b->back);
        free(b->out);
    }
    free(b);
    free(scales);
    return status;
}

static rk_status run_fp16(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings, rk_error *err)
{
    (void)settings;
    return quantise(job, leaf, &fp16, err);
}

static rk_status run_bf16(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings, rk_error *err)
{
    (void)settings;
    return quantise(job, leaf, &bf16, err);
}

static rk_status run_int4(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings, rk_error *err)
{
    (void)settings;
    return quantise(job, leaf, &int4, err);
}

static bool has_floats(const rk_model *leaf) { return rk_has_float_vectors(leaf) || rk_has_float_rows(leaf); }

static rk_status run_int8(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings, rk_error *err)
{
    (void)settings;
    rk_status status = rk_has_float_rows(leaf->model) ? rk_compress_code_rows(job, leaf, err) : RK_OK;
    return status || !rk_has_float_vectors(leaf->model) ? status : quantise(job, leaf, &int8, err);
}

const rk_compressor rk_compressor_fp16 = {
    .name = "fp16",
    .summary = "half-precision numbers: half the memory, nearly no loss",
    .wants = "vectors of floats",
    .fits = rk_has_float_vectors,
    .each = run_fp16,
};

const rk_compressor rk_compressor_int8 = {
    .name = "int8",
    .summary = "8-bit numbers with a scale per vector, or per row of neighbours: a quarter of the memory",
    .wants = "vectors or neighbours of floats",
    .fits = has_floats,
    .each = run_int8,
};

const rk_compressor rk_compressor_bf16 = {
    .name = "bf16",
    .summary = "the upper halves of the numbers: half the memory at the range of floats",
    .wants = "vectors of floats",
    .fits = rk_has_float_vectors,
    .each = run_bf16,
};

const rk_compressor rk_compressor_int4 = {
    .name = "int4",
    .summary = "4-bit numbers with a scale per vector, two to a byte: an eighth of the memory",
    .wants = "vectors of floats",
    .fits = rk_has_float_vectors,
    .each = run_int4,
};
