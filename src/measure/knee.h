/* knee.h - the highest rate that a server carries within its objective, found by runs at rates of our choosing.
 *
 * How a run is made is the caller's affair: the search knows neither server nor clock, so its tests are exact.
 */
#ifndef RECKON_MEASURE_KNEE_H
#define RECKON_MEASURE_KNEE_H

#include "base/run.h"
#include "measure/profile.h"

enum { RK_KNEE_REPEATS_MAX = 3, RK_KNEE_RUNS_MAX = 64 };

typedef struct {
    /* Offers a rate for a while and writes down what was seen; within_slo and repeats are filled by the search. */
    rk_status (*offer)(void *context, double rate_rps, rk_profile_point *out, rk_error *err);
    void *context;
    double slo_ms_p99;
    unsigned n_runs_max; /* the budget of the search: 1 .. RK_KNEE_RUNS_MAX */
    const rk_run *run;   /* heard by its voice */
} rk_knee_options;

/* The objective of a point: something was asked, p99 is inside, 99 % were answered in time, errors are rare. */
bool rk_knee_holds(double slo_ms_p99, const rk_profile_point *point);

/* Fills points, knee_rps and is_knee_bounded of an initialised profile; its points ascend. saturated_rps: about what
 * the server answers at the most; the search climbs from well below. A failed run ends it, with that run's error. */
RK_MUST_CHECK rk_status rk_knee_find(const rk_knee_options *options, double saturated_rps, rk_profile *out,
                                     rk_error *err);
/* The same of one rate: one point, of RK_KNEE_REPEATS_MAX runs. n_runs_max is not asked. */
RK_MUST_CHECK rk_status rk_knee_repeat(const rk_knee_options *options, double rate_rps, rk_profile *out, rk_error *err);

#endif
