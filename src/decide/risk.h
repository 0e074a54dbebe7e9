/* risk.h - what a plan may cost when its uncertain numbers turn out otherwise than at their points.
 *
 * Draws:   RK_RISK_REPLICATES independent sets of scrambled Sobol points (or random ones), the same number in each, all
 *          taken together for quantiles; how the sets differ from each other tells the error of a mean.
 * Inputs:  drawn independently of each other; one number that is used in several places is drawn once.
 * Tornado: each input at its P10 and at its P90, the others at their points.
 * Indices: Sobol's, of the whole, from a design of their own (math/sensitivity.h).
 * The same seed gives the same bits for any number of threads.
 */
#ifndef RECKON_DECIDE_RISK_H
#define RECKON_DECIDE_RISK_H

#include "base/arena.h"
#include "cost/estimator.h"
#include "math/sensitivity.h"
#include "math/sobol.h"

enum {
    RK_RISK_REPLICATES = 16,
    RK_RISK_DRAWS_MIN = 4096,
    RK_RISK_DRAWS_MAX = 1 << 24,
    RK_RISK_STEPS_MAX = 24,
    RK_RISK_TAILS = 3
};
extern const double rk_risk_tails[RK_RISK_TAILS]; /* 0.90, 0.95, 0.99 */

typedef struct {
    uint64_t n_draws; /* rounded up to a power of two, at least RK_RISK_DRAWS_MIN */
    rk_points points; /* RK_POINTS_SCRAMBLED or RK_POINTS_RANDOM */
    double budget;    /* of the whole; 0 = the plan's */
    rk_text *csv;     /* gets every draw as a row: inputs by path, then the figures; NULL = not wanted */
} rk_risk_options;

/* The whole (name NULL), a month, a category or a product line; money in units of the currency. */
typedef struct {
    rk_dimension dimension;
    const char *name;
    double point, sd;
    rk_estimate mean, p10, p50, p90, p99;
    rk_estimate tail_mean[RK_RISK_TAILS]; /* mean of the dearest 10, 5 and 1 per cent of the draws */
    double budget;                        /* 0 = none */
    rk_estimate above;                    /* chance of passing it */
} rk_risk_row;

/* What the first n draws say of the whole. */
typedef struct {
    size_t n;
    rk_estimate mean, p90;
} rk_risk_step;

typedef struct {
    const rk_plan_input *input;
    double p10, p90;         /* of the input */
    double low, high, swing; /* of the whole: the input at its P10, at its P90; the distance */
    rk_sensitivity index;
    size_t n_moved; /* draws moved into the range of the key */
} rk_risk_input;

typedef struct {
    rk_arena arena;
    const rk_ledger *ledger; /* borrowed */
    rk_points points;
    uint64_t seed;
    size_t n_draws, n_index_draws; /* the second: rows of the design of the indices */
    rk_risk_row *rows;             /* [n_rows] the whole first */
    size_t n_rows;
    rk_risk_step steps[RK_RISK_STEPS_MAX];
    size_t n_steps;
    rk_risk_input *inputs; /* [n_inputs] largest swing first */
    size_t n_inputs;
    const rk_plan_input **idle; /* [n_idle] numbers that no cost depends on */
    size_t n_idle;
    double *totals; /* [n_draws] the whole, ascending */
} rk_risk;

/* RK_BAD_INPUT when no cost depends on an uncertain number, when a law is so wide that a fleet would need absurdly many
 * machines, and when the draws would not fit in memory. The ledger must outlive *out, which the caller releases. */
RK_MUST_CHECK rk_status rk_risk_run(const rk_ledger *ledger, const rk_risk_options *options, const rk_run *run,
                                    rk_risk *out, rk_error *err);
void rk_risk_release(rk_risk *risk);
void rk_risk_json(const rk_risk *risk, rk_text *out);

#endif
