/* metric.h - the table of figures: what each one makes of one user's ranking. Private to eval/. */
#ifndef RECKON_EVAL_METRIC_H
#define RECKON_EVAL_METRIC_H

#include <stdbool.h>

#include "eval/taken.h"

/* What is known of one user after ranking. Items ascend but for list. */
typedef struct {
    const uint32_t *list; /* [n_list] the first max(k), best first */
    size_t n_list;
    const uint32_t *hit_rank; /* [n_hits] ranks from 1, ascending, of the test items in list */
    size_t n_hits;
    const uint32_t *test, *taken; /* his test items; what he took before and is not ranked */
    size_t n_test, n_taken;
    double wins;      /* pairs (test item, other candidate) that are in the right order; ties count one half */
    double win_pairs; /* number of such pairs */
    double squared_error, absolute_error, log_loss; /* summed over the rated pairs */
    size_t n_rated;
    const rk_taken *training;
    const double *alike; /* [n_list] rk_taken_alike of list; NULL: he is not among those whose lists are compared */
    rk_stratum part;     /* RK_STRATA, or the only items that count */
} rk_user_outcome;

/* What a figure is a mean over; each is a weight per user. */
typedef enum {
    RK_OVER_USERS,
    RK_OVER_WIN_USERS,
    RK_OVER_PAIRS,
    RK_OVER_LISTS,    /* users with a list of which the training data knows something */
    RK_OVER_ALIKE,    /* those of them whose lists are compared item by item */
    RK_OVER_PROFILES, /* weighed by how popular what the user took is */
    RK_OVER_KINDS,
    RK_OVER_PART = RK_OVER_KINDS, /* users with test items in the part; only of the figures of parts */
} rk_metric_over;
/* What a model and test set must be for a figure to make sense. */
typedef enum { RK_FOR_ALL, RK_FOR_RANKS, RK_FOR_RATINGS, RK_FOR_LABELS } rk_metric_for; /* RANKS: of all items */
/* Which of two values is the better one. */
typedef enum { RK_HIGHER_IS_BETTER, RK_LOWER_IS_BETTER, RK_NEITHER_IS_BETTER } rk_metric_better;

typedef struct rk_metric {
    const char *name, *summary;
    bool has_cut; /* one figure per k */
    rk_metric_for applies_to;
    rk_metric_better better;
    rk_metric_over over;
    /* The user's share of the sum, NaN where the figure makes no sense at k; NULL: no mean over users but of_shown. */
    double (*of_user)(const rk_user_outcome *outcome, uint32_t k);
    double (*finish)(double mean); /* ascending; NULL = the mean itself */
    /* shown: [n_items] ascending: how often each item of the catalogue was among anybody's first k. */
    double (*of_shown)(const uint32_t *shown, size_t n_items);
} rk_metric;

const rk_metric *rk_metric_at(size_t i); /* NULL past the end */
/* The figures of a part of the catalogue, by popularity. */
const rk_metric *rk_part_metric_at(size_t i);
double rk_metric_finish(const rk_metric *metric, double mean);
double rk_metric_weight(const rk_user_outcome *outcome, rk_metric_over over);

#endif
