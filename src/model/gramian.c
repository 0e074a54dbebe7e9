/* gramian.c - see gramian.h. */
#include "model/gramian.h"

#include <stdlib.h>
#include <string.h>

#include "math/dot.h"
#include "model/ridge_kernel.h"

enum { CHUNKS_MAX = 64, CHUNK_ROWS_MIN = 1024, TURN_ROWS = 256, ALIGN = 64 };

typedef struct {
    const rk_ridge_kernels *kernels;
    const float *vectors;
    size_t width;
    float *parts; /* [chunks x width x width] */
} gram_job;

static void gram_chunk(void *context, rk_span span)
{
    const gram_job *job = context;
    size_t width = job->width;
    job->kernels->gram_columns(job->parts + span.chunk * width * width, job->vectors + span.begin * width,
                               span.end - span.begin, width);
}

rk_status rk_gramian(rk_pool *pool, const float *vectors, uint32_t n, size_t width, double *gram, rk_error *err)
{
    size_t chunk_rows = ((size_t)n + CHUNKS_MAX - 1) / CHUNKS_MAX;
    chunk_rows = chunk_rows > CHUNK_ROWS_MIN ? chunk_rows : CHUNK_ROWS_MIN;
    size_t n_chunks = rk_chunk_count(n, chunk_rows), cells = width * width;
    size_t bytes = (n_chunks + 1) * cells * sizeof(float);
    gram_job job = {rk_ridge_kernels_best(), vectors, width, aligned_alloc(ALIGN, bytes)};
    if (!job.parts) {
        return rk_fail_memory(err, "a Gramian");
    }
    memset(job.parts, 0, bytes);
    rk_parallel_for(pool, n, chunk_rows, gram_chunk, &job);
    for (size_t i = 0; i < width; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t c = 0; c < n_chunks; c++) {
                sum += (double)job.parts[c * cells + i * width + j];
            }
            gram[i * width + j] = gram[j * width + i] = sum;
        }
    }
    free(job.parts);
    return RK_OK;
}

typedef struct {
    float *vectors, *copies; /* copies: [workers x TURN_ROWS x width] */
    const float *basis;
    size_t width;
    const rk_kernels *kernels;
} turn_job;

static void turn_chunk(void *context, rk_span span)
{
    const turn_job *job = context;
    size_t width = job->width, n = span.end - span.begin;
    float *rows = job->vectors + span.begin * width;
    float *copy = job->copies + (size_t)span.worker * TURN_ROWS * width;
    memcpy(copy, rows, n * width * sizeof *copy);
    job->kernels->product_f32(&(rk_dot_product){rows, width, copy, width, n, job->basis, width, width, width});
}

rk_status rk_gramian_turn(rk_pool *pool, float *vectors, uint32_t n, size_t width, const float *basis, rk_error *err)
{
    size_t bytes = (size_t)rk_pool_threads(pool) * TURN_ROWS * width * sizeof(float);
    turn_job job = {vectors, aligned_alloc(ALIGN, bytes), basis, width, rk_kernels_best()};
    if (!job.copies) {
        return rk_fail_memory(err, "room to turn vectors in");
    }
    rk_parallel_for(pool, n, TURN_ROWS, turn_chunk, &job);
    free(job.copies);
    return RK_OK;
}
