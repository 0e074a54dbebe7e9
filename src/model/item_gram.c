/* item_gram.c - see item_gram.h. */
#include "model/item_gram.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "math/overlap.h"

static float value_at(const rk_csr *csr, uint64_t e) { return csr->value ? csr->value[e] : 1; }

static double n_taken(const rk_csr *x, uint32_t user) { return (double)(x->start[user + 1] - x->start[user]); }

/* Scaled by how many events the weights of one each would have counted. */
static void weigh(const rk_csr *x, double activity, float *value)
{
    double events = 0, sum = 0;
    for (uint32_t u = 0; u < x->n_rows; u++) {
        events += n_taken(x, u);
        sum += n_taken(x, u) > 0 ? pow(n_taken(x, u), 1 - activity) : 0;
    }
    for (uint32_t u = 0; u < x->n_rows; u++) {
        float root = n_taken(x, u) > 0 ? (float)sqrt(pow(n_taken(x, u), -activity) * (events / sum)) : 0;
        for (uint64_t e = x->start[u]; e < x->start[u + 1]; e++) {
            value[e] = root * value_at(x, e);
        }
    }
}

static float *copy_values(const rk_csr *x)
{
    uint64_t n = x->start[x->n_rows];
    float *value = malloc((n + 1) * sizeof *value);
    return value && x->value ? memcpy(value, x->value, n * sizeof *value) : value;
}

rk_status rk_item_gram_init(rk_item_gram *gram, const rk_csr *taken, double activity, rk_error *err)
{
    bool is_weighed = activity > 0;
    *gram = (rk_item_gram){.by_user = *taken, .square = calloc((size_t)taken->n_cols + 1, sizeof *gram->square)};
    gram->by_user.value = is_weighed || taken->value ? copy_values(taken) : NULL;
    if (!gram->square || ((is_weighed || taken->value) && !gram->by_user.value)) {
        return rk_fail_memory(err, "weights of events");
    }
    if (is_weighed) {
        weigh(taken, activity, gram->by_user.value);
    }
    for (uint64_t e = 0; e < taken->start[taken->n_rows]; e++) {
        gram->square[taken->col[e]] += value_at(&gram->by_user, e) * value_at(&gram->by_user, e);
    }
    return rk_csr_transpose(&gram->by_user, &gram->by_item, err);
}

void rk_item_gram_release(rk_item_gram *gram)
{
    free(gram->by_user.value);
    rk_csr_release(&gram->by_item);
    free(gram->square);
    *gram = (rk_item_gram){0};
}

uint64_t rk_item_gram_bytes(uint32_t n_items, uint64_t n_events) { return n_events * 12 + (uint64_t)n_items * 12; }

float *rk_item_gram_penalties(const rk_item_gram *gram, double base, double dropout)
{
    uint32_t n = gram->by_item.n_rows;
    float *penalty = malloc(((size_t)n + 1) * sizeof *penalty);
    for (uint32_t i = 0; penalty && i < n; i++) {
        penalty[i] = (float)(base + dropout / (1 - dropout) * (double)gram->square[i]);
    }
    return penalty;
}

void rk_item_gram_lower_row(const rk_item_gram *gram, uint32_t i, float *row)
{
    const rk_csr *x = &gram->by_user, *y = &gram->by_item;
    memset(row, 0, ((size_t)i + 1) * sizeof *row);
    for (uint64_t e = y->start[i]; e < y->start[i + 1]; e++) {
        uint32_t u = y->col[e];
        float value = value_at(y, e);
        for (uint64_t f = x->start[u]; f < x->start[u + 1] && x->col[f] <= i; f++) {
            row[x->col[f]] += value * value_at(x, f);
        }
    }
}

double rk_item_gram_residual(const rk_item_gram *gram, const float *penalty, uint32_t j, const float *p, double *users)
{
    const rk_csr *x = &gram->by_user, *y = &gram->by_item;
    double worst = 0;
    for (uint32_t u = 0; u < x->n_rows; u++) {
        double score = 0;
        for (uint64_t e = x->start[u]; e < x->start[u + 1]; e++) {
            score += (double)value_at(x, e) * (double)p[x->col[e]];
        }
        users[u] = score;
    }
    for (uint32_t i = 0; i < y->n_rows; i++) {
        double sum = (double)penalty[i] * (double)p[i] - (i == j);
        for (uint64_t e = y->start[i]; e < y->start[i + 1]; e++) {
            sum += (double)value_at(y, e) * users[y->col[e]];
        }
        worst = fabs(sum) <= worst ? worst : fabs(sum); /* NaN stays */
    }
    return worst;
}

rk_status rk_item_gram_like(const rk_item_gram *gram, uint32_t n_best, rk_pool *pool, rk_csr *out, rk_error *err)
{
    uint32_t n = gram->by_item.n_rows;
    float *length = malloc(((size_t)n + 1) * sizeof *length);
    if (!length) {
        return rk_fail_memory(err, "lengths of items");
    }
    for (uint32_t i = 0; i < n; i++) {
        length[i] = gram->square[i] > 0 ? sqrtf(gram->square[i]) : 1;
    }
    rk_likeness cosine = {.row = length, .col = length, .power = 1};
    rk_status status = rk_overlap_best(&gram->by_item, &gram->by_user, &cosine, n_best, pool, out, err);
    free(length);
    return status;
}
