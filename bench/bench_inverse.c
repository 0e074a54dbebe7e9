/* bench_inverse.c - inverting a large symmetric matrix, beside OpenBLAS's own spotrf and spotri and the speed of its
 * matrix product.
 *
 *     bench_inverse [THREADS [ROWS...]]     default: 2 threads, 2,000, 5,000 and 10,000 rows
 *
 * An inverse counts as n^3 operations on either side, a product as 2 n^3. The error is the largest entry of A P - I in
 * some columns, in double precision. OpenBLAS uses as many threads as we do; what its product reaches on one thread,
 * times their number, is the rate that all are measured by. OPENBLAS_CORETYPE picks OpenBLAS's kernels, where it does
 * not know the processor.
 */
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "math/random.h"
#include "math/spd.h"

enum { ROUNDS = 3, COLUMNS = 8, PRODUCT_ROWS = 2048 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_size);
    return values[ROUNDS / 2];
}

/* Lower triangle of what a catalogue's Gram matrix looks like: small counts, a diagonal well above them. */
static void fill(float *a, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        rk_random random = rk_random_of(1, i);
        for (uint32_t j = 0; j < i; j++) {
            a[(size_t)i * n + j] = (float)rk_random_normal(&random);
        }
        a[(size_t)i * n + i] = 4 * sqrtf((float)n);
    }
}

/* The largest entry of A P - I in column `column` of P, held by its lower triangle; a: the lower triangle of A. */
static double column_error(const float *a, const float *p, uint32_t n, uint32_t column)
{
    double worst = 0;
    for (uint32_t i = 0; i < n; i++) {
        double sum = i == column ? -1 : 0;
        for (uint32_t j = 0; j < n; j++) {
            float left = i >= j ? a[(size_t)i * n + j] : a[(size_t)j * n + i];
            float right = j >= column ? p[(size_t)j * n + column] : p[(size_t)column * n + j];
            sum += (double)left * (double)right;
        }
        worst = fmax(worst, fabs(sum));
    }
    return worst;
}

static double error_of(const float *a, const float *p, uint32_t n)
{
    double worst = 0;
    for (uint32_t c = 0; c < COLUMNS; c++) {
        worst = fmax(worst, column_error(a, p, n, c * (n - 1) / (COLUMNS - 1)));
    }
    return worst;
}

/* Ours, from and to a row-major lower triangle, so that both can be judged alike; the copying is not counted. */
static bool invert_ours(float *a, uint32_t n, const rk_run *run, rk_usage *usage)
{
    rk_spd *spd = rk_spd_new(n);
    float *rows = malloc((size_t)n * RK_SPD_ROWS * sizeof *rows);
    rk_error err = {0};
    bool is_done = false;
    if (spd && rows) {
        for (uint32_t i = 0; i < n; i++) {
            rk_spd_put_row(spd, i, a + (size_t)i * n);
        }
        rk_stopwatch watch = rk_stopwatch_start();
        is_done = rk_spd_invert(spd, run, &err) == RK_OK;
        *usage = rk_stopwatch_stop(watch);
        for (uint32_t i = 0; i < n; i++) {
            if (i % RK_SPD_ROWS == 0) {
                rk_spd_get_rows(spd, i, rows);
            }
            for (uint32_t j = 0; j <= i; j++) {
                a[(size_t)i * n + j] = rows[(size_t)(i % RK_SPD_ROWS) * n + j];
            }
        }
    }
    free(rows);
    rk_spd_free(spd);
    return is_done;
}

static bool invert_theirs(float *a, uint32_t n, const rk_run *run, rk_usage *usage)
{
    openblas_set_num_threads((int)rk_pool_threads(run->pool));
    rk_stopwatch watch = rk_stopwatch_start();
    lapack_int size = (lapack_int)n;
    bool is_done = LAPACKE_spotrf_work(LAPACK_COL_MAJOR, 'U', size, a, size) == 0 &&
                   LAPACKE_spotri_work(LAPACK_COL_MAJOR, 'U', size, a, size) == 0;
    *usage = rk_stopwatch_stop(watch);
    openblas_set_num_threads(1);
    return is_done;
}

/* GFLOP/s of processor time of OpenBLAS's product of two square matrices on one thread. */
static double product_rate(void)
{
    size_t cells = (size_t)PRODUCT_ROWS * PRODUCT_ROWS;
    float *a = calloc(3 * cells, sizeof *a);
    double rate = 0;
    for (int round = 0; a && round < ROUNDS; round++) {
        rk_stopwatch watch = rk_stopwatch_start();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, PRODUCT_ROWS, PRODUCT_ROWS, PRODUCT_ROWS, 1, a,
                    PRODUCT_ROWS, a + cells, PRODUCT_ROWS, 0, a + 2 * cells, PRODUCT_ROWS);
        double seconds = rk_stopwatch_stop(watch).cpu_s;
        rate = fmax(rate, 2e-9 * (double)cells * PRODUCT_ROWS / seconds);
    }
    free(a);
    return rate;
}

typedef bool invert(float *a, uint32_t n, const rk_run *run, rk_usage *usage);

static void report(const char *name, uint32_t n, double *wall, double *cpu, double rate, double error)
{
    double work = 1e-9 * n * (double)n * n;
    double wall_s = median(wall), cpu_s = median(cpu);
    printf("%8u  %-9s %8.2f %8.2f %12.0f %13.2f %9.1e\n", n, name, wall_s, cpu_s, work / cpu_s, work / cpu_s / rate,
           error);
    fflush(stdout);
}

static bool bench(uint32_t n, const rk_run *run, double rate)
{
    static const struct {
        const char *name;
        invert *invert;
    } sides[] = {{"reckon", invert_ours}, {"OpenBLAS", invert_theirs}};
    float *a = calloc((size_t)n * n, sizeof *a), *p = calloc((size_t)n * n, sizeof *p);
    double wall[2][ROUNDS], cpu[2][ROUNDS], error[2] = {0};
    bool is_done = a && p;
    for (int round = 0; is_done && round < ROUNDS; round++) {
        for (int s = 0; is_done && s < 2; s++) {
            rk_usage usage = {0};
            fill(a, n);
            fill(p, n);
            is_done = sides[s].invert(p, n, run, &usage);
            wall[s][round] = usage.wall_s;
            cpu[s][round] = usage.cpu_s;
            error[s] = round > 0 ? error[s] : error_of(a, p, n);
        }
    }
    for (int s = 0; is_done && s < 2; s++) {
        report(sides[s].name, n, wall[s], cpu[s], rate, error[s]);
    }
    free(a);
    free(p);
    return is_done;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"2000", "5000", "10000"};
    rk_run run = {.pool = rk_pool_new(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2)};
    bool is_done = run.pool != NULL;
    openblas_set_num_threads(1);
    double rate = product_rate();
    printf("OpenBLAS's kernels: %s; its product on one thread: %.0f GFLOP/s; %u threads\n", openblas_get_corename(),
           rate, rk_pool_threads(run.pool));
    printf("%8s  %-9s %8s %8s %12s %13s %9s\n", "rows", "", "wall s", "cpu s", "GFLOP/cpu s", "of a product", "error");
    for (int i = 0; is_done && i < (argc > 2 ? argc - 2 : 3); i++) {
        is_done = bench((uint32_t)strtoul(argc > 2 ? argv[i + 2] : usual[i], NULL, 10), &run, rate);
    }
    rk_pool_free(run.pool);
    return is_done ? 0 : 1;
}
