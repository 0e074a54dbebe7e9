/* bench_roofline.c - how far the loops of als and recommend --all are from what one processor can do at all.
 *
 * The limits are measured here, in turns with the loops: multiply-adds that never leave the registers, and reading a
 * table in order. A step of conjugate gradients loads two vectors for each multiply-add it makes with them, so half of
 * the multiply-adds is its own limit; products of bytes have four times as many lanes.
 */
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "math/dot.h"
#include "math/random.h"
#include "math/sieve.h"
#include "model/ridge_kernel.h"

enum { ROUNDS = 7, WIDTH = 64, ROWS = 28, TABLE = 40960, USERS = 128, ITEMS = 512, MANY = 1024 };

typedef struct {
    float *table, *gathered, *rows, *out,
        *work;     /* [TABLE x WIDTH], twice [MANY x WIDTH], [USERS x ITEMS], [8 x WIDTH] */
    uint32_t *id;  /* [TABLE] in no order */
    float *weight; /* [MANY] */
    rk_sieve sieve;
    rk_sieve_queries queries;
    int8_t bytes[RK_SIEVE_QUERIES * WIDTH];
    uint16_t may[ITEMS / 16 * RK_SIEVE_QUERIES];
    size_t turn;
} room;

#if defined(__x86_64__)
__attribute__((target("avx512f,fma"))) static void registers_wide(room *r)
{
    __m512 sum[16], a = _mm512_set1_ps(0.5F), b = _mm512_set1_ps(0.25F);
    for (size_t s = 0; s < 16; s++) {
        sum[s] = _mm512_setzero_ps();
    }
    for (size_t i = 0; i < 4096; i++) {
        for (size_t s = 0; s < 16; s++) {
            sum[s] = _mm512_fmadd_ps(a, b, sum[s]);
        }
    }
    for (size_t s = 0; s < 16; s++) {
        r->work[s] += _mm512_reduce_add_ps(sum[s]);
    }
}

static bool is_wide(void) { return __builtin_cpu_supports("avx512f") != 0; }
#else
static void registers_wide(room *r) { (void)r; }
static bool is_wide(void) { return false; }
#endif

static void read_in_order(room *r)
{
    r->work[0] += memchr(r->table, 1, (size_t)TABLE * WIDTH * sizeof(float)) ? 1 : 0; /* all zero bytes: none is 1 */
}

static void gather(room *r)
{
    r->turn = (r->turn + MANY) % TABLE; /* rows that were not asked for lately */
    rk_ridge_gather from = {r->table, r->id + r->turn, r->weight, r->weight, MANY, WIDTH};
    rk_ridge_kernels_best()->gather(r->gathered, &from);
}

static void step(room *r)
{
    for (size_t i = 0; i < 16; i++) { /* four products: one for the residual */
        memset(r->work, 0, WIDTH * sizeof *r->work);
        rk_ridge_kernels_best()->descend(r->work, r->work + 4 * WIDTH, r->rows, ROWS, WIDTH, 3, r->work + WIDTH);
    }
}

static void columns(room *r) { rk_ridge_kernels_best()->gram_columns(r->out, r->rows, MANY, WIDTH); }

static void product(room *r)
{
    rk_kernels_best()->product_f32(
        &(rk_dot_product){r->out, ITEMS, r->rows, WIDTH, USERS, r->rows + USERS * WIDTH, WIDTH, ITEMS, WIDTH});
}

static void sieve(room *r)
{
    for (size_t u = 0; u < USERS; u += RK_SIEVE_QUERIES) {
        rk_sieve_pass(&r->sieve, &r->queries, 0, ITEMS, r->may);
    }
}

/* Nanoseconds, the shortest of some. */
static double shortest(room *r, void (*loop)(room *))
{
    double best = INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t begin = rk_clock_thread_ns();
        for (int n = 0; n < 20; n++) {
            loop(r);
        }
        best = fmin(best, (double)(rk_clock_thread_ns() - begin) / 20);
    }
    return best;
}

static float *floats(size_t n)
{
    float *block = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
    if (!block) {
        fputs("bench_roofline: out of memory\n", stderr);
        exit(1);
    }
    return memset(block, 0, n * sizeof(float));
}

static void set_up(room *r)
{
    rk_random random = rk_random_of(1, 0);
    r->table = floats((size_t)TABLE * WIDTH);
    r->gathered = floats(MANY * WIDTH);
    r->rows = floats(MANY * WIDTH);
    r->out = floats(USERS * ITEMS);
    r->work = floats(8 * WIDTH);
    r->weight = floats(MANY);
    r->id = calloc(TABLE, sizeof *r->id);
    for (size_t i = 0; r->id && i < TABLE; i++) {
        r->id[i] = rk_random_below(&random, TABLE);
        r->weight[i % MANY] = 1;
    }
    bool is_good = r->id && rk_sieve_init(&r->sieve, ITEMS, WIDTH);
    for (size_t i = 0; is_good && i < MANY * WIDTH; i++) {
        r->rows[i] = (float)rk_random_normal(&random) / 8;
    }
    for (size_t i = 4 * WIDTH; i < 5 * WIDTH; i++) {
        r->work[i] = (float)(i % 3); /* the right-hand side of the steps */
    }
    for (size_t i = 0; is_good && i < ITEMS; i++) {
        rk_sieve_put(&r->sieve, i, r->rows + i * WIDTH, 0);
    }
    rk_sieve_queries_clear(&r->sieve, r->bytes, &r->queries);
    for (size_t q = 0; is_good && q < RK_SIEVE_QUERIES; q++) {
        rk_sieve_ask(&r->sieve, &r->queries, q, r->rows + q * WIDTH);
        r->queries.least[q] = 100;
    }
}

static void row(const char *loop, double rate, const char *unit, double limit, const char *what)
{
    printf("| %s | %.0f %s | %.0f, %s | %.2f |\n", loop, rate, unit, limit, what, rate / limit);
}

int main(void)
{
    static room r;
    set_up(&r);
    if (!is_wide()) {
        printf("nothing measured: no AVX-512\n");
        return 0;
    }
    double peak = 4096.0 * 16 * 16 * 2 / shortest(&r, registers_wide);
    double reading = (double)TABLE * WIDTH * sizeof(float) / shortest(&r, read_in_order);
    double gathered = (double)MANY * WIDTH * sizeof(float) / shortest(&r, gather);
    double stepped = 16.0 * 4 * 4 * ROWS * WIDTH / shortest(&r, step);
    double square = (double)MANY * WIDTH * (WIDTH + 16) / shortest(&r, columns);
    double multiplied = 2.0 * USERS * ITEMS * WIDTH / shortest(&r, product);
    double sieved = 2.0 * USERS * ITEMS * WIDTH / shortest(&r, sieve);
    printf("| loop | rate | limit | share |\n|---|---:|---:|---:|\n");
    row("gather 1024 rows of 64 out of 10 MB", gathered, "GB/s", reading, "reading in order");
    row("conjugate gradients, 3 steps on 28 x 64", stepped, "GF/s", peak / 2, "half the multiply-adds");
    row("rows' rows, 1024 x 64", square, "GF/s", peak, "multiply-adds");
    row("128 users x 512 items x 64, floats", multiplied, "GF/s", peak, "multiply-adds");
    row("128 users x 512 items x 64, sieve", sieved, "Gop/s", 4 * peak, "multiply-adds of bytes");
    return 0;
}
