/* estimator.h - what a plan costs when its uncertain numbers take other values: many draws at once, in doubles.
 *
 * The estimator is written down once per plan as a tape (math/tape.h) by the same kinds of elements that book the
 * ledger: what depends on no uncertain number comes from the ledger's exact lines, the rest is computed lane by lane.
 * At the points it equals the ledger but for the rounding of lines. Decisions that the plan makes stay as they were
 * made at the points: the number of reserved machines, `best` included. A quantity that would fall below 0 is 0.
 */
#ifndef RECKON_COST_ESTIMATOR_H
#define RECKON_COST_ESTIMATOR_H

#include "cost/ledger.h"
#include "cost/uncertain.h"

typedef struct rk_estimator rk_estimator;

/* The ledger must outlive it; its plan has uncertain numbers or not. RK_BAD_INPUT names an element whose kind cannot be
 * drawn. Owned by the caller; end with rk_estimator_free, which accepts NULL. */
RK_MUST_CHECK rk_status rk_estimator_new(const rk_ledger *ledger, rk_estimator **out, rk_error *err);
void rk_estimator_free(rk_estimator *estimator);

/* The uncertain numbers that costs depend on, in the order in which they are first asked for. */
size_t rk_estimator_n_inputs(const rk_estimator *estimator);
const rk_plan_input *rk_estimator_input(const rk_estimator *estimator, size_t i);
/* Those that no cost depends on. */
size_t rk_estimator_n_idle(const rk_estimator *estimator);
const rk_plan_input *rk_estimator_idle(const rk_estimator *estimator, size_t i);

/* What is estimated: the whole (name NULL) first, then every month, category and product line. */
typedef struct {
    rk_dimension dimension;
    const char *name;
    rk_money point; /* in the ledger */
} rk_estimated;
size_t rk_estimator_n_outputs(const rk_estimator *estimator);
const rk_estimated *rk_estimator_output(const rk_estimator *estimator, size_t i);

/* One block of RK_TAPE_LANES draws. inputs: [n_inputs x lanes]; outputs: [n_columns x lanes], of which the first
 * n_outputs are money in units of the currency; room: as said, prepared once, one per thread. */
size_t rk_estimator_n_columns(const rk_estimator *estimator);
size_t rk_estimator_room(const rk_estimator *estimator); /* doubles */
void rk_estimator_prepare(const rk_estimator *estimator, double *room);
void rk_estimator_run(const rk_estimator *estimator, const double *inputs, double *outputs, double *room);
/* The service that would need more machines than a plan may have in one of lanes 0 .. n - 1; NULL = none. */
const char *rk_estimator_overrun(const rk_estimator *estimator, const double *outputs, size_t n);
size_t rk_estimator_n_steps(const rk_estimator *estimator); /* operations a draw */

#endif
