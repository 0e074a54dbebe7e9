/* metric.h - the table of figures: what each one makes of one user's ranking. Private to eval/. */
#ifndef RECKON_EVAL_METRIC_H
#define RECKON_EVAL_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of one user after ranking. */
typedef struct {
    const uint32_t *hit_rank; /* [n_hits] ranks from 1, ascending, of the test items among the first max(k) */
    size_t n_hits, n_test;
    double wins;      /* pairs (test item, other candidate) that are in the right order; ties count one half */
    double win_pairs; /* number of such pairs */
    double squared_error, absolute_error, log_loss; /* summed over the rated pairs */
    size_t n_rated;
} rk_user_outcome;

/* What a figure is a mean over; each is a weight per user. */
typedef enum { RK_OVER_USERS, RK_OVER_WIN_USERS, RK_OVER_PAIRS, RK_OVER_KINDS } rk_metric_over;
/* What a model and test set must be for a figure to make sense. */
typedef enum { RK_FOR_ALL, RK_FOR_RATINGS, RK_FOR_LABELS } rk_metric_for;

typedef struct {
    const char *name, *summary;
    bool has_cut; /* one figure per k */
    rk_metric_for applies_to;
    rk_metric_over over;
    /* The user's share of the sum; NULL: not a mean over users but the share of the catalogue that was recommended. */
    double (*of_user)(const rk_user_outcome *outcome, uint32_t k);
    double (*finish)(double mean); /* ascending; NULL = the mean itself */
    bool lower_is_better;
} rk_metric;

const rk_metric *rk_metric_at(size_t i); /* NULL past the end */
double rk_metric_weight(const rk_user_outcome *outcome, rk_metric_over over);

#endif
