/* mix.h - the cheapest mix of kinds of machines: an integer program over classes of hours, solved exactly.
 *
 *   minimise    sum over kinds of (reserved x hours of the plan x its reserved price)
 *             + sum over hours of their number x sum over kinds of (on demand x its on-demand price)
 *   so that in every hour the machines have the size that is needed and number at least `min`, at most `max`
 *
 * All figures are whole numbers in units of the caller. Of mixes that cost the same the one with the fewest machines of
 * the kinds named last: reserved ones first, then on demand hour by hour.
 */
#ifndef RECKON_COST_MIX_H
#define RECKON_COST_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cost/plan.h"

__extension__ typedef __int128 rk_mix_cost;

#define RK_NOT_SOLD (-1)

typedef struct {
    int64_t size;                /* above 0 */
    int64_t on_demand, reserved; /* price of an hour; RK_NOT_SOLD */
    int64_t fixed;               /* reserved ones, when they are not to be chosen */
} rk_mix_kind;

typedef struct {
    int64_t need;  /* of size */
    int64_t hours; /* above 0 */
} rk_mix_hour;

typedef struct {
    rk_mix_kind kind[RK_KINDS_MAX];
    uint32_t n_kinds;
    const rk_mix_hour *hour; /* [n_hours], largest need first */
    size_t n_hours;
    int64_t plan_hours; /* what a reserved machine is paid for */
    int64_t min, max;   /* machines in any hour; max INT64_MAX = no limit */
    bool is_fixed;      /* reserved are kind[].fixed */
    uint64_t work_max;  /* steps after which the search gives up; 0 = the default */
} rk_mix_problem;

typedef struct {
    int64_t reserved[RK_KINDS_MAX];
    rk_mix_cost cost;
    double bound;   /* no mix costs less: the linear relaxation */
    bool is_proven; /* none is cheaper; false: the search gave up first */
    bool has_one;   /* false: no mix meets every hour */
    uint64_t work;  /* steps taken */
} rk_mix_answer;

/* RK_NO_MEMORY is the only failure. */
RK_MUST_CHECK rk_status rk_mix_solve(const rk_mix_problem *problem, rk_mix_answer *out, rk_error *err);
/* The cheapest machines on demand beside the reserved ones for one need: on_demand[n_kinds]. false when there is none.
 */
bool rk_mix_fill(const rk_mix_problem *problem, const int64_t *reserved, int64_t need, int64_t *on_demand,
                 rk_mix_cost *cost);

#ifdef RECKON_HAS_CBC
/* mix_cbc.c: reserved numbers as Cbc would have them, after a fixed number of nodes; false when it found none. */
bool rk_mix_cbc(const rk_mix_problem *problem, int64_t *reserved);
#endif

#endif
