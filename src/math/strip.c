/* strip.c - see strip.h. */
#include "math/strip.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, ROWS = 256, CHUNKS_MAX = 64, CHUNK_ROWS_MIN = 1024, AHEAD = 8, LINE = 16 };

float *rk_strip_new(size_t n)
{
    size_t bytes = (n + 1) * RK_STRIP * sizeof(float);
    float *strip = aligned_alloc(ALIGN, bytes);
    return strip ? memset(strip, 0, bytes) : NULL;
}

/* ---- sparse times strip ---- */

typedef struct {
    const rk_csr *a;
    const float *x;
    float *y;
} times_job;

/* The loop over a row's entries is bound by fetching strip rows from afar, so those of later entries are called for. */
static void times_row(const times_job *job, uint64_t begin, uint64_t end, float *restrict y)
{
    const uint32_t *col = job->a->col;
    float sum[RK_STRIP] = {0};
    for (uint64_t e = begin; e < end; e++) {
        if (e + AHEAD < end) {
            const float *later = job->x + (size_t)col[e + AHEAD] * RK_STRIP;
            __builtin_prefetch(later);
            __builtin_prefetch(later + LINE);
        }
        const float *restrict x = job->x + (size_t)col[e] * RK_STRIP;
        float value = job->a->value ? job->a->value[e] : 1;
        for (size_t i = 0; i < RK_STRIP; i++) {
            sum[i] += value * x[i];
        }
    }
    memcpy(y, sum, sizeof sum);
}

static void times_rows(void *context, rk_span span)
{
    const times_job *job = context;
    for (size_t r = span.begin; r < span.end; r++) {
        times_row(job, job->a->start[r], job->a->start[r + 1], job->y + r * RK_STRIP);
    }
}

void rk_strip_times(const rk_csr *a, const float *x, float *y, rk_pool *pool)
{
    times_job job = {a, x, y};
    rk_parallel_for(pool, a->n_rows, ROWS, times_rows, &job);
}

/* ---- strip times strip ---- */

static size_t chunk_rows(size_t n)
{
    size_t rows = (n + CHUNKS_MAX - 1) / CHUNKS_MAX;
    return rows > CHUNK_ROWS_MIN ? rows : CHUNK_ROWS_MIN;
}

size_t rk_strip_chunks(size_t n) { return rk_chunk_count(n, chunk_rows(n)); }

typedef struct {
    const float *x, *y;
    rk_strip_square *parts;
} dot_job;

static void dot_chunk(void *context, rk_span span)
{
    const dot_job *job = context;
    double *sum = job->parts[span.chunk];
    memset(sum, 0, sizeof job->parts[0]);
    for (size_t r = span.begin; r < span.end; r++) {
        const float *x = job->x + r * RK_STRIP, *y = job->y + r * RK_STRIP;
        for (size_t i = 0; i < RK_STRIP; i++) {
            double factor = (double)x[i];
            for (size_t j = 0; j < RK_STRIP; j++) {
                sum[i * RK_STRIP + j] += factor * (double)y[j];
            }
        }
    }
}

void rk_strip_dot(const float *x, const float *y, size_t n, rk_strip_square *parts, rk_pool *pool, double *dot)
{
    dot_job job = {x, y, parts};
    rk_parallel_for(pool, n, chunk_rows(n), dot_chunk, &job);
    memset(dot, 0, sizeof(rk_strip_square));
    for (size_t c = 0; c < rk_strip_chunks(n); c++) {
        for (size_t i = 0; i < RK_COUNT_OF(parts[c]); i++) {
            dot[i] += parts[c][i];
        }
    }
}
