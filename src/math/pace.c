/* pace.c - a small matrix product and a few rows read in no order, timed.
 *
 * The clock is that of this thread's processor time and the best of some tries counts, so that other work on the
 * machine does not make the machine look slow.
 */
#include "math/pace.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "math/dot.h"

enum { SIDE = 256, TRIES = 4, ROW = 64, ROWS = 1 << 17, READS = 1 << 15 };

typedef struct {
    const rk_kernels *kernels;
    float *a, *b, *c; /* [SIDE x SIDE] */
    float *rows;      /* [ROWS x ROW], more than caches hold */
    float sum;        /* so that what is read is used */
} trial;

static void multiply(trial *t, uint32_t attempt)
{
    (void)attempt;
    t->kernels->product_f32(&(rk_dot_product){t->c, SIDE, t->a, SIDE, SIDE, t->b, SIDE, SIDE, SIDE});
}

/* Every attempt reads rows of its own: 40503 is odd, so no row comes twice. */
static void fetch(trial *t, uint32_t attempt)
{
    float sum[ROW] = {0};
    for (uint32_t i = attempt * READS; i < (attempt + 1) * READS; i++) {
        const float *row = t->rows + (size_t)(i * 40503u % ROWS) * ROW;
        for (size_t d = 0; d < ROW; d++) {
            sum[d] += row[d];
        }
    }
    for (size_t d = 0; d < ROW; d++) {
        t->sum += sum[d];
    }
}

/* The shortest of some tries, in seconds. */
static double shortest(trial *t, void (*attempt)(trial *, uint32_t))
{
    double best = INFINITY;
    for (uint32_t i = 0; i < TRIES; i++) {
        int64_t start = rk_clock_thread_ns();
        attempt(t, i);
        best = fmin(best, (double)(rk_clock_thread_ns() - start) * 1e-9);
    }
    return fmax(best, 1e-9);
}

rk_status rk_pace_measure(rk_pace *pace, rk_error *err)
{
    size_t cells = 3 * (size_t)SIDE * SIDE, n = cells + (size_t)ROWS * ROW;
    float *block = malloc(n * sizeof *block);
    if (!block) {
        return rk_fail_memory(err, "a trial of the machine's speed");
    }
    for (size_t i = 0; i < n; i++) {
        block[i] = (float)(i % 7);
    }
    trial t = {rk_kernels_best(), block, block + (size_t)SIDE * SIDE, block + 2 * (size_t)SIDE * SIDE,
               block + cells,     0};
    pace->flops = 2.0 * SIDE * SIDE * SIDE / shortest(&t, multiply);
    double seconds = shortest(&t, fetch);
    pace->bytes = (double)READS * ROW * sizeof(float) / (t.sum < 0 ? INFINITY : seconds);
    free(block);
    return RK_OK;
}

double rk_pace_seconds(rk_pace pace, rk_work work, unsigned n_threads)
{
    return (work.flops / pace.flops + work.bytes / pace.bytes) / n_threads;
}
