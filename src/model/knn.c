/* knn.c - see knn.h.
 *
 * cosine       size = sum of squares; x = alpha, y = 1 - alpha: 1/2 is the cosine, more favours what is popular as b
 * tfidf        the cosine of value * log(1 + things / count(column))
 * bm25         no sizes: the weights of Robertson and Walker hold a thing's length already
 * jaccard      overlap / (overlap(a, a) + overlap(b, b) - overlap)
 * conditional  x = 1, y = alpha: how often b is where a is, against how often b is anywhere (Deshpande and Karypis)
 */
#include "model/knn.h"

#include <math.h>
#include <stdlib.h>

#include "model/popular.h"

/* ---- the matrix ---- */

rk_status rk_knn_ages(const rk_dataset *dataset, double half_life_days, float **out, rk_error *err)
{
    int64_t now = rk_dataset_newest(dataset);
    float *age = malloc(((size_t)dataset->n_events + 1) * sizeof *age);
    if (!age) {
        return rk_fail_memory(err, "ages of events");
    }
    for (uint64_t e = 0; e < dataset->n_events; e++) {
        double days = ((double)now - (double)dataset->event_time[e]) / 86400;
        age[e] = (float)exp2(-days / half_life_days);
    }
    *out = age;
    return RK_OK;
}

/* What each event counts: its value or 1, less by age. */
static rk_status weigh_events(const rk_dataset *dataset, rk_weigh weigh, double half_life_days, float **out,
                              rk_error *err)
{
    float *weight = NULL;
    rk_status status = RK_OK;
    if (half_life_days > 0) {
        status = rk_knn_ages(dataset, half_life_days, &weight, err);
    } else {
        weight = malloc(((size_t)dataset->n_events + 1) * sizeof *weight);
        status = weight ? RK_OK : rk_fail_memory(err, "weights of events");
    }
    for (uint64_t e = 0; !status && e < dataset->n_events; e++) {
        float value = weigh == RK_WEIGH_SUM && dataset->event_value ? dataset->event_value[e] : 1;
        weight[e] = half_life_days > 0 ? weight[e] * value : value;
    }
    *out = weight;
    return status;
}

/* No negative ones, no NaN; the logarithm, where asked for. Drops values that are all 1. */
static void tidy(rk_csr *csr, bool is_log)
{
    bool is_plain = true;
    for (uint64_t e = 0; csr->value && e < csr->start[csr->n_rows]; e++) {
        float value = csr->value[e] > 0 ? csr->value[e] : 0;
        value = is_log ? log2f(1 + value) : value;
        csr->value[e] = fminf(value, 1e18f);
        is_plain &= value >= 1 && value <= 1;
    }
    if (is_plain) {
        free(csr->value);
        csr->value = NULL;
    }
}

rk_status rk_knn_matrix(const rk_dataset *dataset, rk_weigh weigh, double half_life_days, rk_csr *out, rk_error *err)
{
    if (half_life_days > 0 && !dataset->event_time) {
        return rk_fail(err, RK_BAD_INPUT, "half-life needs event times, which this dataset has not");
    }
    if (half_life_days <= 0 && weigh == RK_WEIGH_ONE) {
        return rk_dataset_matrix(dataset, RK_PAIR_ONE, out, err);
    }
    rk_dataset weighed = *dataset;
    float *weight = NULL;
    rk_status status = weigh_events(dataset, weigh, half_life_days, &weight, err);
    if (status) {
        return status;
    }
    weighed.event_value = weight;
    status = rk_dataset_matrix(&weighed, weigh == RK_WEIGH_ONE ? RK_PAIR_LAST : RK_PAIR_SUM, out, err);
    free(weight);
    if (!status) {
        tidy(out, weigh == RK_WEIGH_LOG);
    }
    return status;
}

/* ---- likeness ---- */

static float value_at(const rk_csr *csr, uint64_t e) { return csr->value ? csr->value[e] : 1; }

static uint64_t row_n(const rk_csr *csr, uint32_t row) { return csr->start[row + 1] - csr->start[row]; }

static rk_status need_values(rk_csr *csr, rk_error *err)
{
    uint64_t n = csr->start[csr->n_rows];
    if (csr->value) {
        return RK_OK;
    }
    csr->value = malloc((n + 1) * sizeof *csr->value);
    for (uint64_t e = 0; csr->value && e < n; e++) {
        csr->value[e] = 1;
    }
    return csr->value ? RK_OK : rk_fail_memory(err, "weights");
}

/* How many things have each column. */
static void count_columns(const rk_csr *things, float *count)
{
    for (uint64_t e = 0; e < things->start[things->n_rows]; e++) {
        count[things->col[e]] += 1; /* exact up to 2^24 */
    }
}

double rk_knn_term(const rk_knn_settings *s, double value, double rare, double length)
{
    if (s->similarity == RK_ALIKE_BM25) {
        return value > 0 ? rare * value * (s->k1 + 1) / (value + s->k1 * (1 - s->b + s->b * length)) : 0;
    }
    return s->similarity == RK_ALIKE_TFIDF ? rare * value : value;
}

static void weigh_terms(const rk_knn_settings *s, rk_csr *things, const float *rare)
{
    double average = (double)things->start[things->n_rows] / fmax(things->n_rows, 1);
    for (uint32_t r = 0; r < things->n_rows; r++) {
        double length = (double)row_n(things, r) / average;
        for (uint64_t e = things->start[r]; e < things->start[r + 1]; e++) {
            things->value[e] = (float)rk_knn_term(s, (double)things->value[e], (double)rare[things->col[e]], length);
        }
    }
}

/* A row's overlap with itself, columns weighing `shared`, or alike when that is NULL. */
static double size_of(const rk_csr *things, uint32_t row, const float *shared)
{
    double sum = 0;
    for (uint64_t e = things->start[row]; e < things->start[row + 1]; e++) {
        double value = (double)value_at(things, e);
        sum += value * value * (shared ? (double)shared[things->col[e]] : 1);
    }
    return sum;
}

double rk_knn_row_side(const rk_knn_settings *s, double size)
{
    switch (s->similarity) {
    case RK_ALIKE_BM25:
        return 1;
    case RK_ALIKE_JACCARD:
    case RK_ALIKE_CONDITIONAL:
        return size;
    default:
        return pow(size, s->alpha);
    }
}

static double col_side(const rk_knn_settings *s, double size)
{
    switch (s->similarity) {
    case RK_ALIKE_BM25:
        return 1;
    case RK_ALIKE_JACCARD:
        return size;
    case RK_ALIKE_CONDITIONAL:
        return pow(size, s->alpha);
    default:
        return pow(size, 1 - s->alpha);
    }
}

static void measure_sides(const rk_knn_settings *s, const rk_csr *things, rk_knn *knn)
{
    bool is_union = s->similarity == RK_ALIKE_JACCARD;
    for (uint32_t r = 0; r < things->n_rows; r++) {
        double size = size_of(things, r, is_union ? knn->shared : NULL);
        knn->row[r] = (float)rk_knn_row_side(s, size);
        knn->col[r] = (float)col_side(s, size);
    }
    knn->likeness = (rk_likeness){
        .row = knn->row, .col = knn->col, .shrink = (float)s->shrink, .is_union = is_union, .power = (float)s->power};
}

/* Counts of columns become what they weigh. */
static void measure_columns(const rk_knn_settings *s, const rk_csr *things, bool has_terms, rk_knn *knn)
{
    count_columns(things, knn->shared);
    for (uint32_t c = 0; c < things->n_cols; c++) {
        double count = (double)knn->shared[c];
        knn->rare[c] = has_terms && count > 0 ? (float)log(1 + things->n_rows / count) : 1;
        knn->shared[c] = count > 0 ? (float)pow(count, -s->activity) : 0;
    }
}

rk_status rk_knn_init(const rk_knn_settings *s, rk_csr *things, rk_knn *out, rk_error *err)
{
    bool has_terms = s->similarity == RK_ALIKE_TFIDF || s->similarity == RK_ALIKE_BM25;
    rk_knn knn = {.row = calloc((size_t)things->n_rows + 1, sizeof *knn.row),
                  .col = calloc((size_t)things->n_rows + 1, sizeof *knn.col),
                  .shared = calloc((size_t)things->n_cols + 1, sizeof *knn.shared),
                  .rare = calloc((size_t)things->n_cols + 1, sizeof *knn.rare)};
    rk_status status =
        knn.row && knn.col && knn.shared && knn.rare ? RK_OK : rk_fail_memory(err, "measures of likeness");
    if (!status && has_terms) {
        status = need_values(things, err);
    }
    if (status) {
        rk_knn_release(&knn);
        return status;
    }
    measure_columns(s, things, has_terms, &knn);
    if (has_terms) {
        weigh_terms(s, things, knn.rare);
    }
    measure_sides(s, things, &knn);
    *out = knn;
    return RK_OK;
}

void rk_knn_release(rk_knn *knn)
{
    free(knn->row);
    free(knn->col);
    free(knn->shared);
    free(knn->rare);
    *knn = (rk_knn){0};
}

/* ---- the rows of neighbours ---- */

void rk_knn_normalise(rk_csr *near)
{
    for (uint32_t r = 0; r < near->n_rows; r++) {
        double sum = 0;
        for (uint64_t e = near->start[r]; e < near->start[r + 1]; e++) {
            sum += (double)near->value[e];
        }
        for (uint64_t e = near->start[r]; e < near->start[r + 1] && sum > 0; e++) {
            near->value[e] = (float)((double)near->value[e] / sum);
        }
    }
}

rk_status rk_knn_add_bias(rk_model_draft *draft, rk_error *err)
{
    static const float share = 1e-6f;
    const rk_csr *near = &draft->near;
    float least = 1;
    for (uint64_t e = 0; e < near->start[near->n_rows]; e++) {
        least = near->value[e] > 0 && near->value[e] < least ? near->value[e] : least;
    }
    draft->item_bias = rk_popular_bias(&draft->seen, fmaxf(least * share, 1e-30f));
    return draft->item_bias ? RK_OK : rk_fail_memory(err, "item biases");
}
