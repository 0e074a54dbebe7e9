/* column_sums.c - see column_sums.h. */
#include "model/column_sums.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_ROWS = 1024 };

typedef struct {
    rk_column_body *body;
    void *context;
    size_t width;
    double *sums; /* [chunks x width] */
} job;

static void sum_chunk(void *context, rk_span span)
{
    const job *j = context;
    j->body(j->context, span.begin, span.end, j->sums + span.chunk * j->width);
}

rk_status rk_column_sums(rk_pool *pool, size_t n, size_t width, rk_column_body *body, void *context, double *sum,
                         rk_error *err)
{
    size_t n_chunks = rk_chunk_count(n, CHUNK_ROWS);
    job j = {body, context, width, calloc(n_chunks * width + 1, sizeof *j.sums)};
    if (!j.sums) {
        return rk_fail_memory(err, "sums of columns");
    }
    rk_parallel_for(pool, n, CHUNK_ROWS, sum_chunk, &j);
    memset(sum, 0, width * sizeof *sum);
    for (size_t c = 0; c < n_chunks; c++) {
        for (size_t d = 0; d < width; d++) {
            sum[d] += j.sums[c * width + d];
        }
    }
    free(j.sums);
    return RK_OK;
}
