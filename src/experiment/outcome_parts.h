/* outcome_parts.h - what the files of an outcome share. */
#ifndef RECKON_EXPERIMENT_OUTCOME_PARTS_H
#define RECKON_EXPERIMENT_OUTCOME_PARTS_H

#include "experiment/outcome.h"

typedef struct {
    const rk_journal *journal;
    const rk_outcome_options *options;
    uint32_t experiment;
    uint32_t names[RK_VARIANTS_MAX]; /* [n_variants] */
    size_t n_variants;
    bool has_cost;
} measuring;

/* One user: figures are sums of y over sums of d; x is y before the exposure. */
typedef struct {
    uint32_t variant;
    bool is_switched;
    int64_t first_s;
    double propensity;
    double y[RK_N_FIGURES], d[RK_N_FIGURES], x[RK_N_FIGURES];
    rk_rate_usage used;
} user_row;

/* The place of an item among what was shown. */
bool shown_has(const rk_shown *shown, uint32_t item, size_t *at);
/* The last exposure of the experiment, before a deed, that showed its item; NULL: none. */
const rk_shown *shown_before(const measuring *m, const rk_journal_user *user, const rk_deed *deed, size_t *at);

void measure_figures(const measuring *m, const user_row *rows, size_t n, rk_outcome *out);
RK_MUST_CHECK rk_status measure_preference(const measuring *m, rk_outcome *out, rk_error *err);

#endif
