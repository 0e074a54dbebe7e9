/* distribution_discrete.c - some values, each with a weight.
 *
 * Sorted by value and searched by cumulative share, so that the value rises with u; an alias table would be as fast but
 * would scatter neighbouring u over the values, and even points would be even no longer. A guide of at least twice as
 * many equal parts as values (Chen and Asau 1974) names the first candidate of each part; from there a step or two.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "math/distribution_parts.h"

typedef struct {
    double value, weight; /* then: the share at or below value */
} item;

struct rk_discrete {
    size_t n, n_parts; /* n_parts: a power of two, so that u * n_parts is exact */
    item *items;
    uint32_t *guide; /* [n_parts] */
};

rk_status rk_discrete_check(const double *param, size_t n, rk_error *err)
{
    double sum = 0;
    for (size_t i = 0; i < n; i += 2) {
        if (param[i + 1] < 0) {
            return rk_fail(err, RK_BAD_INPUT, "weight must not be negative, got '%g' with value '%g'", param[i + 1],
                           param[i]);
        }
        sum += param[i + 1];
    }
    if (n / 2 > UINT32_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "discrete takes at most %u values, got %zu", UINT32_MAX, n / 2);
    }
    return sum > 0 && isfinite(sum)
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "weights must have a finite sum above 0, got '%g'", sum);
}

static int by_value(const void *left, const void *right)
{
    const item *a = left, *b = right;
    return a->value != b->value ? (a->value > b->value) - (a->value < b->value)
                                : (a->weight > b->weight) - (a->weight < b->weight);
}

/* Weights to shares at or below; the last is exactly 1, so that every u < 1 finds a value. */
static void accumulate(rk_discrete *discrete)
{
    double total = 0, sum = 0;
    for (size_t i = 0; i < discrete->n; i++) {
        total += discrete->items[i].weight;
    }
    for (size_t i = 0; i < discrete->n; i++) {
        sum += discrete->items[i].weight;
        discrete->items[i].weight = sum / total;
    }
}

static void set_guide(rk_discrete *discrete)
{
    uint32_t first = 0;
    for (size_t part = 0; part < discrete->n_parts; part++) {
        while (discrete->items[first].weight < (double)part / (double)discrete->n_parts) {
            first++;
        }
        discrete->guide[part] = first;
    }
}

rk_status rk_discrete_prepare(rk_distribution *distribution, const double *param, size_t n, rk_error *err)
{
    rk_discrete *discrete = distribution->discrete = calloc(1, sizeof *discrete);
    if (!discrete) {
        return rk_fail_memory(err, "a discrete distribution");
    }
    for (discrete->n_parts = 2; discrete->n_parts < n; discrete->n_parts *= 2) {
    }
    discrete->items = malloc(n / 2 * sizeof *discrete->items);
    discrete->guide = malloc(discrete->n_parts * sizeof *discrete->guide);
    if (!discrete->items || !discrete->guide) {
        return rk_fail_memory(err, "the values of a discrete distribution");
    }
    for (size_t i = 0; i < n; i += 2) {
        if (param[i + 1] > 0) {
            discrete->items[discrete->n++] = (item){param[i], param[i + 1]};
        }
    }
    qsort(discrete->items, discrete->n, sizeof *discrete->items, by_value);
    accumulate(discrete);
    set_guide(discrete);
    return RK_OK;
}

void rk_discrete_fill(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    const rk_discrete *discrete = distribution->discrete;
    double n_parts = (double)discrete->n_parts;
    for (size_t i = 0; i < n; i++) {
        const item *found = discrete->items + discrete->guide[(size_t)(u[i] * n_parts)];
        while (found->weight < u[i]) {
            found++;
        }
        value[i] = found->value;
    }
}

/* Deviations are taken from the least value, then from the mean. */
rk_spread rk_discrete_spread(const rk_distribution *distribution)
{
    const rk_discrete *discrete = distribution->discrete;
    const item *items = discrete->items;
    double low = items[0].value, above = 0, square = 0;
    for (size_t i = 0; i < discrete->n; i++) {
        above += (items[i].weight - (i ? items[i - 1].weight : 0)) * (items[i].value - low);
    }
    for (size_t i = 0; i < discrete->n; i++) {
        double off = items[i].value - low - above;
        square += (items[i].weight - (i ? items[i - 1].weight : 0)) * off * off;
    }
    return (rk_spread){low + above, sqrt(square), low, items[discrete->n - 1].value};
}

void rk_discrete_free(rk_discrete *discrete)
{
    if (discrete) {
        free(discrete->items);
        free(discrete->guide);
        free(discrete);
    }
}
