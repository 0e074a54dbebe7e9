/* test_mf_steps.c - gradient steps of every instruction set beside the plain formula in double precision. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "math/dot.h"
#include "math/random.h"
#include "model/mf_kernel.h"
#include "support/test.h"

enum { USERS = 7, ITEMS = 9, RATINGS = 400, WIDTH_MAX = 80, ALIGN = 64, N_KERNELS = 4 };

/* Both sides at the start, in a table's form and in double. The last column but one is the users' constant, the last
 * the items'. */
typedef struct {
    size_t width;
    float *vector[2], path[2][ITEMS], *free[2], *pull[2];
    double plain[2][ITEMS * WIDTH_MAX], plain_path[2][ITEMS];
} sides;

static const float step = 0.05F, lambda = 0.03F;

static sides start(size_t width)
{
    sides s = {.width = width};
    rk_random random = rk_random_of(3, width);
    for (size_t side = 0; side < 2; side++) {
        s.vector[side] = aligned_alloc(ALIGN, ITEMS * width * sizeof(float));
        s.free[side] = aligned_alloc(ALIGN, width * sizeof(float));
        s.pull[side] = aligned_alloc(ALIGN, width * sizeof(float));
        size_t one = width - 2 + side;
        for (size_t d = 0; d < width; d++) {
            s.free[side][d] = d == one ? 0 : 1;
            s.pull[side][d] = d == one ? 0 : lambda;
        }
        for (size_t r = 0; r < ITEMS; r++) {
            s.path[side][r] = 1;
            s.plain_path[side][r] = 1;
            for (size_t d = 0; d < width; d++) {
                float value = d == one ? 1 : (float)(0.2 * rk_random_normal(&random));
                s.vector[side][r * width + d] = value;
                s.plain[side][r * width + d] = (double)value;
            }
        }
    }
    return s;
}

static void release(sides *s)
{
    for (size_t side = 0; side < 2; side++) {
        free(s->vector[side]);
        free(s->free[side]);
        free(s->pull[side]);
    }
}

/* Runs of one user, as they are dealt. */
static void draw(rk_mf_rating *ratings)
{
    rk_random random = rk_random_of(4, 0);
    uint32_t user = 0;
    for (size_t i = 0; i < RATINGS; i++) {
        user = rk_random_below(&random, 4) == 0 ? rk_random_below(&random, USERS) : user;
        ratings[i] = (rk_mf_rating){user, rk_random_below(&random, ITEMS), (float)rk_random_normal(&random)};
    }
}

static void step_plainly(sides *s, const rk_mf_rating *r, bool has_paths)
{
    size_t width = s->width;
    uint32_t row[2] = {r->user, r->item};
    double *x[2] = {s->plain[0] + row[0] * width, s->plain[1] + row[1] * width}, before[2][WIDTH_MAX];
    double error = (double)r->miss;
    for (size_t d = 0; d < width; d++) {
        error -= x[0][d] * x[1][d];
    }
    memcpy(before[0], x[0], width * sizeof *x[0]);
    memcpy(before[1], x[1], width * sizeof *x[1]);
    for (size_t side = 0; side < 2; side++) {
        double *path = &s->plain_path[side][row[side]], square = 0;
        double rate = (double)step / (has_paths ? sqrt(*path) : 1);
        for (size_t d = 0; d < width; d++) {
            double down =
                (double)s->free[side][d] * error * before[1 - side][d] - (double)s->pull[side][d] * before[side][d];
            x[side][d] += rate * down;
            square += down * down;
        }
        *path += square / (double)(width - 1);
    }
}

static void check(const rk_mf_kernels *kernels, size_t width, bool has_paths)
{
    rk_mf_rating ratings[RATINGS];
    sides s = start(width);
    rk_mf_pace pace[2];
    draw(ratings);
    for (size_t side = 0; side < 2; side++) {
        pace[side] = (rk_mf_pace){s.vector[side], has_paths ? s.path[side] : NULL, s.free[side], s.pull[side], 0,
                                  step,           1 / (float)(width - 1)};
    }
    kernels->walk(&pace[0], &pace[1], ratings, RATINGS, width);
    for (size_t i = 0; i < RATINGS; i++) {
        step_plainly(&s, &ratings[i], has_paths);
    }
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < ITEMS * width; i++) {
            assert_true(fabs((double)s.vector[side][i] - s.plain[side][i]) < 1e-4); /* 400 steps, rounded to floats */
        }
        for (size_t r = 0; r < ITEMS; r++) {
            assert_true(s.vector[side][r * width + width - 2 + side] == 1);
            assert_true(!has_paths || fabs((double)s.path[side][r] / s.plain_path[side][r] - 1) < 1e-4);
        }
    }
    release(&s);
}

static void check_all(const rk_mf_kernels *kernels)
{
    for (size_t width = 16; width <= WIDTH_MAX; width += 16) {
        check(kernels, width, false);
        check(kernels, width, true);
    }
}

static void every_table_takes_the_steps_of_the_formula(void **state)
{
    (void)state;
    check_all(&rk_mf_kernels_generic);
#if defined(__x86_64__)
    const rk_kernels *runs[N_KERNELS];
    size_t n = rk_kernels_all(runs, N_KERNELS);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(runs[i]->name, "avx2") == 0) {
            check_all(&rk_mf_kernels_avx2);
        }
        if (strcmp(runs[i]->name, "avx512") == 0) {
            check_all(&rk_mf_kernels_avx512);
        }
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_table_takes_the_steps_of_the_formula)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
