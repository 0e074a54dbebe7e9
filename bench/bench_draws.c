/* bench_draws.c - uncertain numbers in bulk against the loop one would write first, side by side: nanoseconds a number,
 * the median of ROUNDS rounds that take turns, one thread, in chunks of CHUNK.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "math/beta.h"
#include "math/distribution.h"
#include "math/draws.h"
#include "math/normal.h"
#include "math/random.h"
#include "math/sobol.h"

#define ROUNDS 9
#define NUMBERS ((size_t)1 << 18)
#define CHUNK ((size_t)1024)

typedef struct work work;
typedef void step(work *w);

struct work {
    rk_sobol *sobol;
    rk_distribution *distribution;
    double param[8];
    double *u, *value, *room; /* [NUMBERS] */
    double sum;               /* keeps the compiler from skipping the work */
};

static void points_in_bulk(work *w)
{
    for (size_t first = 0; first < NUMBERS; first += CHUNK) {
        rk_sobol_fill(w->sobol, 3, first, CHUNK, w->value + first);
    }
}

static void random_one_by_one(work *w)
{
    rk_random random = rk_random_of(1, 3);
    for (size_t i = 0; i < NUMBERS; i++) {
        w->value[i] = rk_random_uniform(&random);
    }
}

static void draw_in_bulk(work *w)
{
    for (size_t first = 0; first < NUMBERS; first += CHUNK) {
        rk_distribution_fill(w->distribution, w->u + first, CHUNK, w->value + first);
    }
}

static void plain_uniform(work *w)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        w->value[i] = w->param[0] + (w->param[1] - w->param[0]) * w->u[i];
    }
}

static void plain_triangular(work *w)
{
    double low = w->param[0], mode = w->param[1], high = w->param[2];
    for (size_t i = 0; i < NUMBERS; i++) {
        if (w->u[i] < (mode - low) / (high - low)) {
            w->value[i] = low + sqrt(w->u[i] * (high - low) * (mode - low));
        } else {
            w->value[i] = high - sqrt((1 - w->u[i]) * (high - low) * (high - mode));
        }
    }
}

static void plain_pert(work *w)
{
    double low = w->param[0], width = w->param[2] - low, a = 1 + 4 * (w->param[1] - low) / width, b = 6 - a;
    for (size_t i = 0; i < NUMBERS; i++) {
        w->value[i] = low + width * rk_beta_quantile(a, b, w->u[i]);
    }
}

static void plain_normal(work *w)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        w->value[i] = w->param[0] + w->param[1] * rk_normal_quantile(w->u[i]);
    }
}

static void plain_lognormal(work *w)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        w->value[i] = w->param[0] * exp(w->param[1] * rk_normal_quantile(w->u[i]));
    }
}

static void plain_discrete(work *w)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        double share = w->param[1];
        size_t found = 0;
        while (share < w->u[i]) {
            share += w->param[2 * ++found + 1];
        }
        w->value[i] = w->param[2 * found];
    }
}

static void sort_in_bulk(work *w)
{
    memcpy(w->value, w->u, NUMBERS * sizeof *w->u);
    rk_draws_sort(w->value, NUMBERS, w->room);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort_by_comparison(work *w)
{
    memcpy(w->value, w->u, NUMBERS * sizeof *w->u);
    qsort(w->value, NUMBERS, sizeof *w->value, by_size);
}

static void compare(const char *what, work *w, step *ours, step *plain)
{
    double ns[2][ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t side = 0; side < 2; side++) {
            int64_t begin_ns = rk_clock_ns();
            (side ? plain : ours)(w);
            ns[side][round] = (double)(rk_clock_ns() - begin_ns) / (double)NUMBERS;
            w->sum += w->value[round];
        }
    }
    qsort(ns[0], ROUNDS, sizeof ns[0][0], by_size);
    qsort(ns[1], ROUNDS, sizeof ns[1][0], by_size);
    double mine = ns[0][ROUNDS / 2], theirs = ns[1][ROUNDS / 2];
    printf("%-40s %8.2f ns   one by one %8.2f ns   ratio %6.1f\n", what, mine, theirs, theirs / mine);
}

static void compare_points(work *w, const char *what, rk_points points)
{
    w->sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = 4, .points = points, .seed = 1});
    if (w->sobol) {
        compare(what, w, points_in_bulk, random_one_by_one);
    }
    rk_sobol_free(w->sobol);
}

static const struct {
    const char *name, *params[RK_DISTRIBUTION_PARAMS_MAX];
    size_t n_params, n;
    double param[8];
    step *plain;
} cases[] = {
    {"uniform", {"low", "high"}, 2, 2, {80, 150}, plain_uniform},
    {"triangular", {"low", "mode", "high"}, 3, 3, {80, 100, 150}, plain_triangular},
    {"pert", {"low", "mode", "high"}, 3, 3, {80, 100, 150}, plain_pert},
    {"normal", {"mean", "sd"}, 2, 2, {100, 15}, plain_normal},
    {"lognormal", {"median", "sigma"}, 2, 2, {100, 0.4}, plain_lognormal},
    {"discrete", {"value", "weight"}, 2, 8, {0, 0.4, 10, 0.3, 50, 0.2, 200, 0.1}, plain_discrete},
};

int main(void)
{
    work w = {.u = malloc(NUMBERS * sizeof *w.u),
              .value = malloc(NUMBERS * sizeof *w.value),
              .room = malloc(NUMBERS * sizeof *w.room)};
    rk_sobol *sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = 1, .seed = 1});
    if (!w.u || !w.value || !w.room || !sobol) {
        return 1;
    }
    compare_points(&w, "points, scrambled (Philox)", RK_POINTS_SCRAMBLED);
    compare_points(&w, "points, plain (Philox)", RK_POINTS_PLAIN);
    compare_points(&w, "points, random (Philox)", RK_POINTS_RANDOM);
    rk_sobol_fill(sobol, 0, 0, NUMBERS, w.u);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const rk_distribution_kind *kind = rk_distribution_kind_find(cases[i].name, cases[i].params, cases[i].n_params);
        for (size_t k = 0; k < 8; k++) {
            w.param[k] = cases[i].param[k];
        }
        if (rk_distribution_new(kind, w.param, cases[i].n, &w.distribution, NULL) != RK_OK) {
            return 1;
        }
        compare(cases[i].name, &w, draw_in_bulk, cases[i].plain);
        rk_distribution_free(w.distribution);
    }
    compare("sorting draws (qsort)", &w, sort_in_bulk, sort_by_comparison);
    rk_sobol_free(sobol);
    free(w.u);
    free(w.room);
    free(w.value);
    return w.sum > 0 ? 0 : 1;
}
