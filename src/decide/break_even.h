/* break_even.h - at which traffic two plans cost the same. */
#ifndef RECKON_DECIDE_BREAK_EVEN_H
#define RECKON_DECIDE_BREAK_EVEN_H

#include "base/run.h"
#include "decide/compare.h"

/* The traffic of every service of both plans is multiplied by one factor, from 1/64 to 64; all else stays as written.
 * The crossings nearest to 1 on either side, found to a thousandth; factor 0 = none seen. Costs move in steps, so there
 * may be others between the 25 factors that are tried. */
RK_MUST_CHECK rk_status rk_break_even_find(const rk_plan_source *first, const rk_plan_source *second, const rk_run *run,
                                           rk_break_even *below, rk_break_even *above, rk_error *err);

#endif
