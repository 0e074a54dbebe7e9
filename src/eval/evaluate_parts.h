/* evaluate_parts.h - the steps that an evaluation is made of. Private to eval/. */
#ifndef RECKON_EVAL_EVALUATE_PARTS_H
#define RECKON_EVAL_EVALUATE_PARTS_H

#include "eval/user_table.h"

/* rk_evaluate, of what is common alone (NULL: all that the model knows). */
RK_MUST_CHECK rk_status rk_evaluate_common(const rk_model *model, const rk_dataset *test, const rk_dataset *train,
                                           const rk_common *common, const rk_eval_plan *plan, const rk_run *run,
                                           rk_evaluation *out, rk_error *err);

/* strata.c: the breakdowns that the plan asks for; estimate: of all rows. On failure, what was made stays in *stratum.
 */
RK_MUST_CHECK rk_status rk_strata_make(const rk_user_table *table, const rk_estimate *estimate, const rk_run *run,
                                       rk_eval_stratum **stratum, size_t *n_strata, rk_error *err);

/* leak.c: fills evaluation->leak. train: NULL, or what the caller says the model was trained on. */
RK_MUST_CHECK rk_status rk_leak_find(const rk_model *model, const rk_dataset *test, const rk_dataset *train,
                                     const rk_eval_plan *plan, rk_evaluation *evaluation, rk_error *err);
/* Adds a warning: what text holds, which is empty then. */
RK_MUST_CHECK rk_status rk_leak_warn(rk_leak *leak, rk_text *text, rk_error *err);

#endif
