/* risk_parts.h - what the files of risk share. Private to decide/. */
#ifndef RECKON_DECIDE_RISK_PARTS_H
#define RECKON_DECIDE_RISK_PARTS_H

#include "decide/risk.h"
#include "math/tape.h"

static const double rk_risk_confidence = 0.95;

/* Columns of one thread: inputs, another set of inputs, outputs, and the tape's. */
typedef struct {
    double *inputs, *others, *outputs, *room;
    size_t *n_moved; /* [n_inputs] draws moved into their range */
    double *all;     /* owned: all of the above but n_moved */
} rk_risk_bench;

typedef struct {
    const rk_estimator *estimator;
    const rk_run *run;
    rk_risk *out;
    rk_sobol *sobol[RK_RISK_REPLICATES];
    rk_risk_bench *bench; /* [threads of the pool] */
    const char **overrun; /* [chunks] service that needed too many machines in it; NULL = none */
    double *values;       /* [n_outputs x n_draws] */
} rk_risk_work;

/* What a lane of every input is worth: columns of shares from these points on, dimension `dim` the first. */
void rk_risk_fill(const rk_risk_work *work, const rk_sobol *sobol, size_t dim, uint64_t first, double *inputs,
                  size_t *n_moved);
uint64_t rk_risk_seed(uint64_t seed, uint64_t which);

/* risk_inputs.c */
RK_MUST_CHECK rk_status rk_risk_tornado(rk_risk_work *work, rk_error *err);
RK_MUST_CHECK rk_status rk_risk_indices(rk_risk_work *work, rk_error *err);

#endif
