/* search_halving.c - many cheap trials, the best third of them three times as long, and so on to whole trainings.
 *
 * Hyperband: Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar, "Hyperband: a novel bandit-based approach to
 * hyperparameter optimization" (JMLR 2018). A bracket is one successive halving; the first begins with the cheapest
 * trials, each later one dearer, the last runs whole trainings only, and then the cycle begins again: whoever is slow
 * to show his worth gets his chance in a later bracket.
 *
 * What we do differently: where a trial stands (bracket, rung, place) is worked out from its number alone, and who is
 * promoted from the results of the rung below, so nothing is kept between trials. Before the first bracket the defaults
 * are tried in full, so that the winner is at least as good. A bracket is begun only when the budget will end it: a
 * bracket broken off has learnt nothing.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tune/search.h"

enum { THIRD = 3 };

/* Where a trial stands. */
typedef struct {
    size_t first, n; /* trials of its rung */
    size_t below;    /* first trial of the rung below; n_below 0: a fresh draw */
    size_t n_below;
    double share, to_end;
    bool begins;
} place;

static double power(double base, unsigned exponent)
{
    double product = 1;
    for (unsigned i = 0; i < exponent; i++) {
        product *= base;
    }
    return product;
}

/* Trials in a rung of the bracket that ends after rung `last`: ceil(rungs / (last + 1) * 3^last) / 3^rung, rounded. */
static size_t rung_size(unsigned n_rungs, unsigned last, unsigned rung)
{
    size_t whole = (size_t)power(THIRD, last) * n_rungs;
    size_t n = whole / (last + 1) + (whole % (last + 1) != 0);
    for (unsigned r = 0; r < rung; r++) {
        n /= THIRD;
    }
    return n > 0 ? n : 1;
}

static double rung_share(unsigned last, unsigned rung) { return 1 / power(THIRD, last - rung); }

static double rest_of_bracket(unsigned n_rungs, unsigned last, unsigned rung, size_t done)
{
    double work = 0;
    for (unsigned r = rung; r <= last; r++) {
        work += rung_share(last, r) * (double)(rung_size(n_rungs, last, r) - (r == rung ? done : 0));
    }
    return work;
}

static place find_place(unsigned n_rungs, size_t trial)
{
    size_t first = 1;
    if (trial == 0) {
        return (place){.n = 1, .share = 1, .to_end = 1, .begins = true};
    }
    for (unsigned last = n_rungs - 1;; last = last > 0 ? last - 1 : n_rungs - 1) {
        size_t below = 0, n_below = 0;
        for (unsigned rung = 0; rung <= last; rung++) {
            size_t n = rung_size(n_rungs, last, rung);
            if (trial < first + n) {
                return (place){first,
                               n,
                               below,
                               n_below,
                               rung_share(last, rung),
                               rest_of_bracket(n_rungs, last, rung, trial - first),
                               rung == 0 && trial == first};
            }
            below = first;
            n_below = n;
            first += n;
        }
    }
}

static rk_search_step step(const rk_search *search, size_t trial)
{
    place at = find_place(search->n_rungs, trial);
    return (rk_search_step){at.n_below ? at.first : 0, at.share, at.to_end, at.begins};
}

typedef struct {
    double loss;
    size_t trial;
} candidate;

static int compare(const void *left, const void *right)
{
    const candidate *a = left, *b = right;
    return a->loss < b->loss ? -1 : a->loss > b->loss ? 1 : (a->trial > b->trial) - (a->trial < b->trial);
}

static rk_status next(const rk_search *search, double *x, rk_error *err)
{
    place at = find_place(search->n_rungs, search->n_tried);
    if (at.n_below == 0) {
        rk_search_draw(search, x);
        return RK_OK;
    }
    candidate *rung = malloc(at.n_below * sizeof *rung);
    if (!rung) {
        return rk_fail_memory(err, "the trials of a rung");
    }
    for (size_t i = 0; i < at.n_below; i++) {
        double loss = search->tried[at.below + i].loss;
        rung[i] = (candidate){isnan(loss) ? INFINITY : loss, at.below + i};
    }
    qsort(rung, at.n_below, sizeof *rung, compare);
    const double *best = search->tried[rung[search->n_tried - at.first].trial].x;
    for (size_t a = 0; a < search->space->n; a++) {
        x[a] = best[a];
    }
    free(rung);
    return RK_OK;
}

const rk_search_kind rk_search_halving = {"halving", "many short trainings, the best third of them longer (Hyperband)",
                                          true, step, next};
