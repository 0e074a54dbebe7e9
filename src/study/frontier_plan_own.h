/* frontier_plan_own.h - a plan of the user's for each variant; inside study/ only. */
#ifndef RECKON_STUDY_FRONTIER_PLAN_OWN_H
#define RECKON_STUDY_FRONTIER_PLAN_OWN_H

#include "study/frontier_parts.h"

/* Accounts for the plan as it is, so that its mistakes are said before anything is trained; finds the service that the
 * variants answer and its objective. Sets service and slo_ms. */
RK_MUST_CHECK rk_status rk_frontier_own_plan_check(rk_frontier *f, rk_error *err);

/* What differs from variant to variant. */
typedef struct {
    const char *name;    /* of the variant */
    const char *profile; /* path beside the written plan: "../profiles/als.json" */
    const char *model;   /* the same */
    double making_hours;
} rk_frontier_own;
RK_MUST_CHECK rk_status rk_frontier_own_plan_text(rk_frontier *f, const rk_frontier_own *own, rk_text *out,
                                                  rk_error *err);

#endif
