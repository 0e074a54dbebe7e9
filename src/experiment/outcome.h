/* outcome.h - an experiment's outcome: each variant against the first, with intervals, and less what it costs to serve.
 *
 * The user is the unit: what he did within `window_s` of his first exposure counts for the variant he was shown then,
 * whether or not he took what was recommended. A figure is a ratio of sums over users, sum of y / sum of d, with d = 1
 * where it is a mean per user; its variance is the delta method's, which knows that answers of one user go together
 * (Deng, Knoblich, Lu, "Applying the delta method in metric analytics", KDD 2018):
 *     var(R) = (var y - 2 R cov(y, d) + R^2 var d) / (n mean(d)^2)
 * A difference is tested by its normal quantile. With `before_s` figures per user are adjusted by the same figure
 * before the exposure (CUPED: Deng, Xu, Kohavi, Walker, WSDM 2013), one coefficient for all variants.
 *
 * An interleaving is told by how many users took more of one team's items than of the other's (a sign test).
 */
#ifndef RECKON_EXPERIMENT_OUTCOME_H
#define RECKON_EXPERIMENT_OUTCOME_H

#include "cost/rate_card.h"
#include "experiment/experiment.h"
#include "experiment/journal.h"
#include "math/estimate.h"

typedef enum {
    RK_FIGURE_CONVERSION, /* users with a purchase */
    RK_FIGURE_PURCHASES,  /* a user */
    RK_FIGURE_REVENUE,    /* a user */
    RK_FIGURE_CLICKS,     /* on what was shown, an answer */
    RK_FIGURE_COST,       /* of serving, a user */
    RK_FIGURE_NET,        /* margin x revenue - cost, a user */
    RK_N_FIGURES
} rk_figure_kind;

/* The table of figures: how they are named and meant. */
typedef struct {
    const char *name, *unit;
    bool needs_cost, is_per_user; /* per user: may be adjusted by what was before */
} rk_figure_row;
extern const rk_figure_row rk_figure_rows[RK_N_FIGURES];

typedef struct {
    const char *name;          /* experiment; NULL: of a log with just one */
    int64_t window_s;          /* after a user's first exposure */
    int64_t before_s;          /* 0: nothing is adjusted */
    double margin;             /* of revenue that is kept */
    double confidence;         /* of intervals, 0.95 */
    const rk_rate_card *rates; /* NULL: no prices of processor time and bytes */
    const char *service;       /* of the card; NULL: its first */
    const char *const *cost;   /* [n_cost] "variant=0.12": of 1,000 answers, instead of a card */
    size_t n_cost;
} rk_outcome_options;
rk_outcome_options rk_outcome_defaults(void);

typedef struct {
    rk_estimate value;      /* of the variant */
    rk_estimate difference; /* to the first variant's */
    rk_estimate uplift;     /* difference / the first variant's; NaN when that is 0 */
    double p;               /* of no difference, two-sided */
    double kept_variance;   /* share that the adjustment left; 1: none */
} rk_figure_result;

typedef struct {
    const char *name;
    uint64_t n_users, n_answers, cpu_ns, bytes;
    double propensity;    /* mean, of its users */
    double cost_per_1000; /* answers; NaN: not known */
    rk_figure_result figure[RK_N_FIGURES];
} rk_variant_result;

/* Of an interleaving: users who took more of one team's items. */
typedef struct {
    uint64_t n_users, n_answers, n_wins[2], n_ties; /* users with any credit are wins or ties */
    uint64_t n_credits[2];                          /* deeds on a team's items */
    rk_estimate preference;                         /* share of the second among those who preferred one */
    double p;
    const char *name[2];
} rk_preference;

typedef struct {
    rk_arena arena;
    const char *name;
    rk_experiment_kind kind;
    rk_variant_result *variant; /* [n_variants] the control first */
    size_t n_variants;
    rk_preference preference;
    uint64_t n_users, n_switched; /* who were shown another variant later: counted where they were first */
    double mismatch_p; /* that so uneven numbers of users are chance; NaN: weights were changed, or unknown */
    bool has_cost;
    const char *currency; /* of costs; NULL: not told */
    int64_t first_s, newest_s;
} rk_outcome;

/* control: the variant that others are compared with, NULL: the one that is named "control", or else the first
 * that was shown. RK_NOT_FOUND: no such experiment or variant in the log; RK_BAD_INPUT: a cost without a variant.
 */
RK_MUST_CHECK rk_status rk_outcome_measure(const rk_journal *journal, const rk_outcome_options *options,
                                           const char *control, rk_outcome *out, rk_error *err);
void rk_outcome_release(rk_outcome *outcome); /* accepts a zeroed one */

/* One object. */
void rk_outcome_json(const rk_outcome *outcome, rk_json *json);
/* "diverse earns 12.31 more per 1,000 users than control (-2.10 to 26.72), p = 0.094: may be chance". */
void rk_outcome_sentence(const rk_outcome *outcome, size_t variant, rk_text *out);

#endif
