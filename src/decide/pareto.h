/* pareto.h - which of several variants are worth their cost: the frontier, its knee, and the choice under constraints.
 *
 * Variants come simplest first. Two figures of each count: what is good about it (more is better) and what it costs
 * (less is better). Whether a difference is more than chance is the caller's to say, as two tables of pairs, because it
 * knows how each figure was measured; both must be strict orders in which a's being above b, and b's above c, puts a
 * above c.
 *
 *   1. A variant that neither differs from a simpler one in what is good nor in cost is tied with it and leaves.
 *   2. Of those left, dearer and dearer, one stands on the frontier when it is clearly better than all before it; one
 *      before it that is not clearly cheaper then leaves.
 *
 * Without noise that is the set that nothing dominates, and of equals the simplest; with noise every step up the
 * frontier buys more than chance. It is never empty, and the same whatever the ties: the two rules follow the order of
 * simplicity and of cost, so that ties, which are not transitive, cannot chase each other in a circle.
 */
#ifndef RECKON_DECIDE_PARETO_H
#define RECKON_DECIDE_PARETO_H

#include <stdbool.h>
#include <stddef.h>

#include "math/estimate.h"

enum { RK_PARETO_MAX = 64 };
#define RK_PARETO_NONE ((size_t)-1)

typedef struct {
    size_t n;            /* 1 .. RK_PARETO_MAX, simplest first */
    const double *good;  /* [n] finite, more is better */
    const double *cost;  /* [n] finite, less is better */
    const bool *better;  /* [n x n] the row's variant is better than the column's, beyond chance */
    const bool *cheaper; /* [n x n] the row's variant is cheaper than the column's, beyond chance */
} rk_pareto_ask;

typedef enum { RK_ON_FRONTIER, RK_TIED, RK_BEATEN } rk_standing_kind;

typedef struct {
    rk_standing_kind kind;
    size_t by; /* the variant that it is tied with or beaten by; its own number on the frontier */
} rk_standing;

/* standing: [n]. Returns how many are on the frontier. */
size_t rk_pareto_find(const rk_pareto_ask *ask, rk_standing *standing);

/* Where a little more cost stops buying much: the member of the frontier farthest from the straight line between its
 * cheapest and its best, both axes scaled to that range; RK_PARETO_NONE when none lies above that line. */
size_t rk_pareto_knee(const rk_pareto_ask *ask, const rk_standing *standing);

/* The simplest of the admitted that none of the admitted undercuts, `except` (or RK_PARETO_NONE) aside;
 * RK_PARETO_NONE when none is admitted. */
size_t rk_pareto_choose(const rk_pareto_ask *ask, const bool *admitted, size_t except);

/* out: [n x n] the row's whole interval lies below the column's, by more than grain (0.01) of the column's lower end.
 * An interval that does not hold its value, or is not finite, is never below another. */
void rk_clearly_less(const rk_estimate *estimates, size_t n, double grain, bool *out);

#endif
