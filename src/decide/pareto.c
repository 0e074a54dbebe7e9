/* pareto.c - see pareto.h. */
#include "decide/pareto.h"

#include <assert.h>
#include <math.h>

static bool is_better(const rk_pareto_ask *ask, size_t a, size_t b) { return ask->better[a * ask->n + b]; }
static bool is_cheaper(const rk_pareto_ask *ask, size_t a, size_t b) { return ask->cheaper[a * ask->n + b]; }

static bool is_tie(const rk_pareto_ask *ask, size_t a, size_t b)
{
    return !is_better(ask, a, b) && !is_better(ask, b, a) && !is_cheaper(ask, a, b) && !is_cheaper(ask, b, a);
}

/* By cost; of equal cost the better, then the simpler. */
static bool goes_before(const rk_pareto_ask *ask, size_t a, size_t b)
{
    if (ask->cost[a] != ask->cost[b]) {
        return ask->cost[a] < ask->cost[b];
    }
    return ask->good[a] != ask->good[b] ? ask->good[a] > ask->good[b] : a < b;
}

/* Rule 1. Fills left with those that are tied with no simpler one, by cost; returns how many. */
static size_t drop_ties(const rk_pareto_ask *ask, rk_standing *standing, size_t *left)
{
    size_t n_left = 0;
    for (size_t v = 0; v < ask->n; v++) {
        size_t with = 0;
        while (with < v && !(standing[with].kind == RK_ON_FRONTIER && is_tie(ask, with, v))) {
            with++;
        }
        standing[v] = (rk_standing){with < v ? RK_TIED : RK_ON_FRONTIER, with};
        if (with < v) {
            continue;
        }
        size_t at = n_left++;
        for (; at > 0 && goes_before(ask, v, left[at - 1]); at--) {
            left[at] = left[at - 1];
        }
        left[at] = v;
    }
    return n_left;
}

size_t rk_pareto_find(const rk_pareto_ask *ask, rk_standing *standing)
{
    size_t left[RK_PARETO_MAX], stack[RK_PARETO_MAX], n_stack = 0;
    assert(ask->n >= 1 && ask->n <= RK_PARETO_MAX);
    size_t n_left = drop_ties(ask, standing, left);
    for (size_t i = 0; i < n_left; i++) { /* rule 2 */
        size_t v = left[i];
        if (n_stack > 0 && !is_better(ask, v, stack[n_stack - 1])) {
            standing[v] = (rk_standing){RK_BEATEN, stack[n_stack - 1]};
            continue;
        }
        for (; n_stack > 0 && !is_cheaper(ask, stack[n_stack - 1], v); n_stack--) {
            standing[stack[n_stack - 1]] = (rk_standing){RK_BEATEN, v};
        }
        stack[n_stack++] = v;
    }
    return n_stack;
}

size_t rk_pareto_knee(const rk_pareto_ask *ask, const rk_standing *standing)
{
    size_t cheapest = RK_PARETO_NONE, best = RK_PARETO_NONE, knee = RK_PARETO_NONE;
    for (size_t v = 0; v < ask->n; v++) {
        if (standing[v].kind != RK_ON_FRONTIER) {
            continue;
        }
        cheapest = cheapest == RK_PARETO_NONE || ask->cost[v] < ask->cost[cheapest] ? v : cheapest;
        best = best == RK_PARETO_NONE || ask->good[v] > ask->good[best] ? v : best;
    }
    double farthest = 0;
    for (size_t v = 0; v < ask->n; v++) {
        if (standing[v].kind != RK_ON_FRONTIER || v == cheapest || v == best) {
            continue;
        }
        double cost = (ask->cost[v] - ask->cost[cheapest]) / (ask->cost[best] - ask->cost[cheapest]);
        double good = (ask->good[v] - ask->good[cheapest]) / (ask->good[best] - ask->good[cheapest]);
        if (good - cost > farthest) { /* the distance from the diagonal, times the root of 2 */
            farthest = good - cost;
            knee = v;
        }
    }
    return knee;
}

size_t rk_pareto_choose(const rk_pareto_ask *ask, const bool *admitted, size_t except)
{
    for (size_t v = 0; v < ask->n; v++) {
        bool is_free = admitted[v] && v != except;
        for (size_t other = 0; other < ask->n && is_free; other++) {
            is_free = !(admitted[other] && other != except && is_cheaper(ask, other, v));
        }
        if (is_free) {
            return v;
        }
    }
    return RK_PARETO_NONE; /* a strict order has a least element, so nobody is admitted */
}

static bool is_sound(rk_estimate e)
{
    return isfinite(e.value) && isfinite(e.low) && isfinite(e.high) && e.low <= e.value && e.value <= e.high;
}

void rk_clearly_less(const rk_estimate *estimates, size_t n, double grain, bool *out)
{
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            const rk_estimate *x = &estimates[a], *y = &estimates[b];
            out[a * n + b] = is_sound(*x) && is_sound(*y) && x->high < y->low - grain * fabs(y->low);
        }
    }
}
