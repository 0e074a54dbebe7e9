/* metric.c - the figures, one row each. README.md writes the formulas out. */
#include "eval/metric.h"

#include <math.h>

#include "base/error.h"

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

static const rk_metric metrics[] = {
    {"recall", "share of the test items among the first k", true, RK_FOR_ALL, RK_OVER_USERS, recall, NULL},
    {"precision", "share of the first k that are test items", true, RK_FOR_ALL, RK_OVER_USERS, precision, NULL},
    {"f1", "harmonic mean of precision and recall", true, RK_FOR_ALL, RK_OVER_USERS, f1, NULL},
    {"hit_rate", "share of users with a test item among the first k", true, RK_FOR_ALL, RK_OVER_USERS, hit_rate, NULL},
    {"ndcg", "discounted gain against a perfect list", true, RK_FOR_ALL, RK_OVER_USERS, ndcg, NULL},
    {"map", "mean average precision", true, RK_FOR_ALL, RK_OVER_USERS, average_precision, NULL},
    {"mrr", "mean of 1 / rank of the first test item", true, RK_FOR_ALL, RK_OVER_USERS, reciprocal_rank, NULL},
    {"coverage", "share of the catalogue in anybody's first k", true, RK_FOR_ALL, RK_OVER_USERS, NULL, NULL},
    {"auc", "chance that a test item outranks another item", false, RK_FOR_ALL, RK_OVER_WIN_USERS, auc, NULL},
    {"rmse", "root of the mean squared rating error", false, RK_FOR_RATINGS, RK_OVER_PAIRS, squared_error, sqrt, true},
    {"mse", "mean squared rating error", false, RK_FOR_RATINGS, RK_OVER_PAIRS, squared_error, NULL, true},
    {"mae", "mean absolute rating error", false, RK_FOR_RATINGS, RK_OVER_PAIRS, absolute_error, NULL, true},
    {"log_loss", "mean -ln of the foretold chance of what came", false, RK_FOR_LABELS, RK_OVER_PAIRS, log_loss, NULL,
     true},
};

const rk_metric *rk_metric_at(size_t i) { return i < RK_COUNT_OF(metrics) ? &metrics[i] : NULL; }

double rk_metric_weight(const rk_user_outcome *outcome, rk_metric_over over)
{
    switch (over) {
    case RK_OVER_USERS:
        return outcome->n_test > 0 ? 1 : 0;
    case RK_OVER_WIN_USERS:
        return outcome->win_pairs > 0 ? 1 : 0;
    case RK_OVER_PAIRS:
        return (double)outcome->n_rated;
    case RK_OVER_KINDS:
        break;
    }
    return 0;
}
