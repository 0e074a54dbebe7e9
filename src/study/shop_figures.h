/* shop_figures.h - what a shop's dataset says of the plan for it: traffic, its hours, the size and growth of the log.
 */
#ifndef RECKON_STUDY_SHOP_FIGURES_H
#define RECKON_STUDY_SHOP_FIGURES_H

#include "base/arena.h"
#include "base/error.h"
#include "study/plan_text.h"

/* Fills traffic, log and cleaning; training_hours with those of making the dataset, for training to be added to.
 * requests_per_day: to plan for; 0 = from the log's own volume. Words go to the arena. */
RK_MUST_CHECK rk_status rk_shop_figures_read(const char *dataset_path, double requests_per_day, rk_arena *arena,
                                             rk_plan_figures *out, rk_error *err);

/* Twelve months from the month after this one: a plan looks ahead. */
void rk_shop_figures_next_year(rk_plan_figures *out);

#endif
