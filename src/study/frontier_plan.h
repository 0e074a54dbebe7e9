/* frontier_plan.h - the plan of each variant, as text; inside study/ only.
 *
 * A plan of the user's is changed where a variant differs: capacity, bytes and processor time of the service are those
 * of the profile, elements that store or move a model's file or count the hours of training one are of this model.
 * Without a plan one is made of the shop's data (study/plan_text.h).
 */
#ifndef RECKON_STUDY_FRONTIER_PLAN_H
#define RECKON_STUDY_FRONTIER_PLAN_H

#include "study/frontier_parts.h"

typedef struct {
    rk_frontier *f;
    rk_plan_figures shop; /* of a plan that is made */
} rk_frontier_planner;

/* Writes plans/prices.yaml of a made plan. */
RK_MUST_CHECK rk_status rk_frontier_planner_init(rk_frontier_planner *planner, rk_frontier *f, rk_error *err);

/* profile: the name of a file in profiles/. */
RK_MUST_CHECK rk_status rk_frontier_plan_text(rk_frontier_planner *planner, size_t variant, const char *profile,
                                              rk_text *out, rk_error *err);

/* Of a variant's index; zeros and "" where it has none, or none that opens. kind: as long as the frontier lives. */
typedef struct {
    const char *kind;
    uint64_t file_bytes;
    double making_s;
} rk_index_facts;
rk_index_facts rk_frontier_index_facts(rk_frontier *f, size_t v);
/* Wall time of making a variant, from the training data on. */
double rk_frontier_making_s(rk_frontier *f, size_t variant);

#endif
