/* metric.c - the figures, one row each. README.md writes the formulas out. */
#include "eval/metric.h"

#include <math.h>

static size_t hits_to(const rk_user_outcome *outcome, uint32_t k)
{
    size_t n = 0;
    while (n < outcome->n_hits && outcome->hit_rank[n] <= k) {
        n++;
    }
    return n;
}

/* How many hits a perfect list of k would hold. */
static size_t possible_hits(const rk_user_outcome *outcome, uint32_t k)
{
    return outcome->n_test < k ? outcome->n_test : k;
}

static double recall(const rk_user_outcome *outcome, uint32_t k)
{
    return outcome->n_test ? (double)hits_to(outcome, k) / (double)outcome->n_test : 0;
}

static double precision(const rk_user_outcome *outcome, uint32_t k) { return (double)hits_to(outcome, k) / k; }

/* 2PR / (P + R) = 2 hits / (k + test items). */
static double f1(const rk_user_outcome *outcome, uint32_t k)
{
    return 2 * (double)hits_to(outcome, k) / ((double)k + (double)outcome->n_test);
}

static double hit_rate(const rk_user_outcome *outcome, uint32_t k) { return hits_to(outcome, k) > 0 ? 1 : 0; }

static double ndcg(const rk_user_outcome *outcome, uint32_t k)
{
    double gain = 0, ideal = 0;
    for (size_t i = 0, n = hits_to(outcome, k); i < n; i++) {
        gain += 1 / log2(outcome->hit_rank[i] + 1.0);
    }
    for (size_t rank = 1, n = possible_hits(outcome, k); rank <= n; rank++) {
        ideal += 1 / log2((double)rank + 1);
    }
    return ideal > 0 ? gain / ideal : 0;
}

static double average_precision(const rk_user_outcome *outcome, uint32_t k)
{
    double sum = 0;
    for (size_t i = 0, n = hits_to(outcome, k); i < n; i++) {
        sum += (double)(i + 1) / outcome->hit_rank[i];
    }
    return outcome->n_test ? sum / (double)possible_hits(outcome, k) : 0;
}

static double reciprocal_rank(const rk_user_outcome *outcome, uint32_t k)
{
    return hits_to(outcome, k) > 0 ? 1.0 / outcome->hit_rank[0] : 0;
}

static double auc(const rk_user_outcome *outcome, uint32_t k)
{
    (void)k;
    return outcome->win_pairs > 0 ? outcome->wins / outcome->win_pairs : 0;
}

static double squared_error(const rk_user_outcome *outcome, uint32_t k)
{
    (void)k;
    return outcome->squared_error;
}

static double absolute_error(const rk_user_outcome *outcome, uint32_t k)
{
    (void)k;
    return outcome->absolute_error;
}

static double log_loss(const rk_user_outcome *outcome, uint32_t k)
{
    (void)k;
    return outcome->log_loss;
}

/* ---- of the lists themselves ---- */

static size_t listed(const rk_user_outcome *outcome, uint32_t k) { return outcome->n_list < k ? outcome->n_list : k; }

static double novelty(const rk_user_outcome *outcome, uint32_t k)
{
    double sum = 0;
    size_t n = listed(outcome, k);
    for (size_t r = 0; r < n; r++) {
        sum += outcome->training->surprise[outcome->list[r]];
    }
    return n ? sum / (double)n : 0;
}

static double diversity(const rk_user_outcome *outcome, uint32_t k)
{
    size_t n = listed(outcome, k);
    if (k < 2) {
        return NAN; /* one item is in no pair */
    }
    return outcome->alike && n >= 2 ? 1 - outcome->alike[n - 1] / ((double)n * (double)(n - 1) / 2) : 0;
}

static double tail_share(const rk_user_outcome *outcome, uint32_t k)
{
    size_t n = listed(outcome, k), n_tail = 0;
    for (size_t r = 0; r < n; r++) {
        n_tail += outcome->training->stratum[outcome->list[r]] >= RK_TAIL;
    }
    return n ? (double)n_tail / (double)n : 0;
}

/* How many of the takers took an item, on the mean over items. */
static double popularity(const rk_taken *training, const uint32_t *items, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += training->taker[items[i]];
    }
    return n && training->n_takers ? sum / (double)n / training->n_takers : 0;
}

static double popularity_lift(const rk_user_outcome *outcome, uint32_t k)
{
    return outcome->n_taken ? popularity(outcome->training, outcome->list, listed(outcome, k)) : 0;
}

static double less_one(double ratio) { return ratio - 1; }

static double coverage(const uint32_t *shown, size_t n_items)
{
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++) {
        n += shown[i] > 0;
    }
    return (double)n / (double)n_items;
}

/* Half the mean difference between two items, relative to the mean: 0 when all are shown alike, near 1 when one is. */
static double gini(const uint32_t *shown, size_t n_items)
{
    double sum = 0, weighed = 0, n = (double)n_items;
    for (size_t i = 0; i < n_items; i++) {
        sum += shown[i];
        weighed += (2 * ((double)i + 1) - n - 1) * shown[i];
    }
    return sum > 0 ? weighed / (n * sum) : NAN;
}

/* ---- of a part of the catalogue ---- */

static bool is_in_part(const rk_user_outcome *outcome, uint32_t item)
{
    return outcome->training->stratum[item] == outcome->part;
}

static size_t tests_in_part(const rk_user_outcome *outcome)
{
    size_t n = 0;
    for (size_t t = 0; t < outcome->n_test; t++) {
        n += is_in_part(outcome, outcome->test[t]);
    }
    return n;
}

static double recall_in_part(const rk_user_outcome *outcome, uint32_t k)
{
    size_t n_hits = 0, n_test = tests_in_part(outcome);
    for (size_t i = 0, n = hits_to(outcome, k); i < n; i++) {
        n_hits += is_in_part(outcome, outcome->list[outcome->hit_rank[i] - 1]);
    }
    return n_test ? (double)n_hits / (double)n_test : 0;
}

static double list_share(const rk_user_outcome *outcome, uint32_t k)
{
    size_t n = listed(outcome, k), n_part = 0;
    for (size_t r = 0; r < n; r++) {
        n_part += is_in_part(outcome, outcome->list[r]);
    }
    return n ? (double)n_part / (double)n : 0;
}

/* ---- the tables ---- */

static const rk_metric metrics[] = {
    {"recall", "share of the test items among the first k", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_USERS,
     recall},
    {"precision", "share of the first k that are test items", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_USERS,
     precision},
    {"f1", "harmonic mean of precision and recall", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_USERS, f1},
    {"hit_rate", "share of users with a test item among the first k", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER,
     RK_OVER_USERS, hit_rate},
    {"ndcg", "discounted gain against a perfect list", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_USERS, ndcg},
    {"map", "mean average precision", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_USERS, average_precision},
    {"mrr", "mean of 1 / rank of the first test item", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_USERS,
     reciprocal_rank},
    {"novelty", "bits of surprise in an item of the first k", true, RK_FOR_ALL, RK_NEITHER_IS_BETTER, RK_OVER_LISTS,
     novelty},
    {"diversity", "how unlike the first k are, by who took them", true, RK_FOR_ALL, RK_NEITHER_IS_BETTER, RK_OVER_ALIKE,
     diversity},
    {"tail_share", "share of the first k that few took", true, RK_FOR_ALL, RK_NEITHER_IS_BETTER, RK_OVER_LISTS,
     tail_share},
    {"popularity_lift", "how much more popular the first k are than what was taken", true, RK_FOR_ALL,
     RK_NEITHER_IS_BETTER, RK_OVER_PROFILES, popularity_lift, less_one},
    {"coverage", "share of the catalogue in anybody's first k", true, RK_FOR_ALL, RK_NEITHER_IS_BETTER, RK_OVER_USERS,
     .of_shown = coverage},
    {"gini", "how unevenly the first k fall on the catalogue", true, RK_FOR_ALL, RK_NEITHER_IS_BETTER, RK_OVER_USERS,
     .of_shown = gini},
    {"auc", "chance that a test item outranks another item", false, RK_FOR_RANKS, RK_HIGHER_IS_BETTER,
     RK_OVER_WIN_USERS, auc},
    {"rmse", "root of the mean squared rating error", false, RK_FOR_RATINGS, RK_LOWER_IS_BETTER, RK_OVER_PAIRS,
     squared_error, sqrt},
    {"mse", "mean squared rating error", false, RK_FOR_RATINGS, RK_LOWER_IS_BETTER, RK_OVER_PAIRS, squared_error},
    {"mae", "mean absolute rating error", false, RK_FOR_RATINGS, RK_LOWER_IS_BETTER, RK_OVER_PAIRS, absolute_error},
    {"log_loss", "mean -ln of the foretold chance of what came", false, RK_FOR_LABELS, RK_LOWER_IS_BETTER,
     RK_OVER_PAIRS, log_loss},
};

static const rk_metric part_metrics[] = {
    {"recall", "share of the part's test items among the first k", true, RK_FOR_ALL, RK_HIGHER_IS_BETTER, RK_OVER_PART,
     recall_in_part},
    {"list_share", "share of the first k that is of the part", true, RK_FOR_ALL, RK_NEITHER_IS_BETTER, RK_OVER_LISTS,
     list_share},
};

const rk_metric *rk_metric_at(size_t i) { return i < RK_COUNT_OF(metrics) ? &metrics[i] : NULL; }

const rk_metric *rk_part_metric_at(size_t i) { return i < RK_COUNT_OF(part_metrics) ? &part_metrics[i] : NULL; }

double rk_metric_finish(const rk_metric *metric, double mean) { return metric->finish ? metric->finish(mean) : mean; }

double rk_metric_weight(const rk_user_outcome *outcome, rk_metric_over over)
{
    bool has_list = outcome->n_test > 0 && outcome->n_list > 0 && outcome->training->n_takers > 0;
    switch (over) {
    case RK_OVER_USERS:
        return outcome->n_test > 0 ? 1 : 0;
    case RK_OVER_WIN_USERS:
        return outcome->win_pairs > 0 ? 1 : 0;
    case RK_OVER_PAIRS:
        return (double)outcome->n_rated;
    case RK_OVER_LISTS:
        return has_list ? 1 : 0;
    case RK_OVER_ALIKE:
        return has_list && outcome->alike && outcome->n_list >= 2 ? 1 : 0;
    case RK_OVER_PROFILES:
        return has_list ? popularity(outcome->training, outcome->taken, outcome->n_taken) : 0;
    case RK_OVER_PART:
        return tests_in_part(outcome) > 0 ? 1 : 0;
    }
    return 0;
}
