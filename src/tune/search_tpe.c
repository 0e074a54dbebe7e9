/* search_tpe.c - tries next what looks most like the good trials and least like the others.
 *
 * The tree-structured Parzen estimator: Bergstra, Bardenet, Bengio, Kegl, "Algorithms for hyper-parameter optimization"
 * (NIPS 2011). The trials are cut into the best few and the rest, the density of each is estimated by kernels around
 * its points, and of some draws from the good density l the one with the greatest l / g is next.
 *
 * What we do differently
 *   A kernel spans all axes at once, as in BOHB (Falkner, Klein, Hutter, ICML 2018), so that options that depend on
 *   each other are searched together; its width shrinks with the number of points as Scott's rule has it.
 *   Numbers: a normal kernel cut off at the ends of the range. Words: most weight on the word itself, a share on all.
 *   A broad kernel over the whole space stands beside the others, so that nothing is ever given up.
 *   No point is tried twice. Trials still running count among the rest: neighbours of theirs can wait.
 *   A batch of proposals is made from the results before the batch; its size is the study's, not the machine's, so the
 *   trials are the same for any number of threads.
 */
#include <math.h>
#include <stdlib.h>

#include "math/normal.h"
#include "math/random.h"
#include "tune/search.h"

enum { RANDOM_FIRST = 5, GOOD_MAX = 25, CANDIDATES = 32 };
static const uint64_t STREAM = (uint64_t)0x747065 << 40;
static const double GOOD_SHARE = 0.15, WIDTH = 0.1, WIDTH_MIN = 0.01;

/* A mixture of kernels around points, and the broad one. */
typedef struct {
    const rk_space *space;
    const double **x; /* [n] */
    size_t n;
    double width; /* of a normal kernel; the range is 1 */
} density;

static rk_search_step step(const rk_search *search, size_t trial)
{
    size_t batch = search->batch > 0 ? search->batch : 1;
    size_t sight = trial < RANDOM_FIRST ? 0 : trial - (trial - RANDOM_FIRST) % batch;
    return (rk_search_step){.sight = sight, .share = 1, .to_end = 1, .begins = true};
}

/* ---- kernels ---- */

static double normal_below(double z) { return 0.5 * erfc(-z * M_SQRT1_2); }

static double number_kernel(double at, double centre, double width)
{
    double z = (at - centre) / width, inside = normal_below((1 - centre) / width) - normal_below(-centre / width);
    return exp(-0.5 * z * z) * M_2_SQRTPI * 0.5 * M_SQRT1_2 / (width * inside);
}

/* The share of a kernel that goes to every word alike: one kernel's worth among n + 1. */
static double word_kernel(bool is_same, size_t n_words, size_t n_points)
{
    double all = 1 / ((double)n_points + 1);
    return ((is_same ? 1 : 0) + all) / (1 + all * (double)n_words);
}

static double kernel(const density *d, const double *centre, const double *x)
{
    double product = 1;
    for (size_t a = 0; a < d->space->n; a++) {
        const rk_axis *axis = &d->space->axis[a];
        if (axis->kind == RK_AXIS_WORDS) {
            product *= centre ? word_kernel((size_t)centre[a] == (size_t)x[a], axis->n_words, d->n)
                              : 1 / (double)axis->n_words;
        } else if (centre) {
            product *= number_kernel(rk_axis_place(axis, x[a]), rk_axis_place(axis, centre[a]), d->width);
        }
    }
    return product;
}

static double density_at(const density *d, const double *x)
{
    double sum = kernel(d, NULL, x);
    for (size_t i = 0; i < d->n; i++) {
        sum += kernel(d, d->x[i], x);
    }
    return sum / ((double)d->n + 1);
}

static double draw_number(const rk_axis *axis, double centre, double width, rk_random *random)
{
    double below = normal_below(-centre / width), above = normal_below((1 - centre) / width);
    double u = below + rk_random_uniform(random) * (above - below);
    double place = u > 0 && u < 1 ? centre + width * rk_normal_quantile(u) : centre;
    return rk_axis_value(axis, fmin(fmax(place, 0), 1));
}

static double draw_word(const rk_axis *axis, size_t centre, size_t n_points, rk_random *random)
{
    double u = rk_random_uniform(random), sum = 0;
    for (size_t w = 0; w + 1 < axis->n_words; w++) {
        sum += word_kernel(w == centre, axis->n_words, n_points);
        if (u < sum) {
            return (double)w;
        }
    }
    return (double)(axis->n_words - 1);
}

static void draw(const density *d, rk_random *random, double *x)
{
    uint32_t which = rk_random_below(random, (uint32_t)d->n + 1);
    const double *centre = which < d->n ? d->x[which] : NULL;
    for (size_t a = 0; a < d->space->n; a++) {
        const rk_axis *axis = &d->space->axis[a];
        if (axis->kind == RK_AXIS_WORDS) {
            x[a] = centre ? draw_word(axis, (size_t)centre[a], d->n, random)
                          : rk_random_below(random, (uint32_t)axis->n_words);
        } else {
            x[a] = centre ? draw_number(axis, rk_axis_place(axis, centre[a]), d->width, random)
                          : rk_axis_value(axis, rk_random_uniform(random));
        }
    }
}

/* ---- good and rest ---- */

typedef struct {
    double loss;
    size_t trial;
} ranked;

static int compare(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    return a->loss < b->loss ? -1 : a->loss > b->loss ? 1 : (a->trial > b->trial) - (a->trial < b->trial);
}

static double width_of(size_t n_points, size_t n_axes)
{
    double n = n_points > 0 ? (double)n_points : 1;
    return fmax(WIDTH * pow(n, -1 / ((double)n_axes + 4)), WIDTH_MIN);
}

/* Ranks the trials by what of them is known, [n_tried]; returns how many are good. */
static size_t rank_trials(const rk_search *search, ranked *order)
{
    size_t sight = step(search, search->n_tried).sight, n_known = 0;
    for (size_t t = 0; t < search->n_tried; t++) {
        double loss = search->tried[t].loss;
        bool is_known = t < sight && isfinite(loss);
        order[t] = (ranked){is_known ? loss : INFINITY, t};
        n_known += is_known;
    }
    qsort(order, search->n_tried, sizeof *order, compare);
    size_t n_good = (size_t)ceil(GOOD_SHARE * (double)n_known);
    return n_good < GOOD_MAX ? n_good : GOOD_MAX;
}

static bool choose(const rk_search *search, const density *good, const density *rest, double *x, double *candidate)
{
    rk_random random = rk_random_of(search->seed, STREAM + search->n_tried);
    double best = -INFINITY;
    for (unsigned c = 0; c < CANDIDATES; c++) {
        draw(good, &random, candidate);
        double gain = log(density_at(good, candidate)) - log(density_at(rest, candidate));
        if (gain > best && rk_search_is_new(search, candidate)) {
            best = gain;
            for (size_t a = 0; a < search->space->n; a++) {
                x[a] = candidate[a];
            }
        }
    }
    return best > -INFINITY;
}

static rk_status next(const rk_search *search, double *x, rk_error *err)
{
    size_t n = search->n_tried, n_axes = search->space->n;
    ranked *order = malloc((n + 1) * sizeof *order);
    const double **points = malloc((n + 1) * sizeof *points);
    double *candidate = malloc((n_axes + 1) * sizeof *candidate);
    rk_status status = order && points && candidate ? RK_OK : rk_fail_memory(err, "the trials of a search");
    size_t n_good = status == RK_OK && n >= RANDOM_FIRST ? rank_trials(search, order) : 0;
    if (n_good > 0) {
        for (size_t i = 0; i < n; i++) {
            points[i] = search->tried[order[i].trial].x;
        }
        density good = {search->space, points, n_good, width_of(n_good, n_axes)};
        density rest = {search->space, points + n_good, n - n_good, width_of(n - n_good, n_axes)};
        n_good = choose(search, &good, &rest, x, candidate) ? n_good : 0;
    }
    if (status == RK_OK && n_good == 0) {
        rk_search_draw(search, x);
    }
    free(order);
    free(points);
    free(candidate);
    return status;
}

const rk_search_kind rk_search_tpe = {"tpe", "what looks most like the good trials and least like the others", false,
                                      step, next};
