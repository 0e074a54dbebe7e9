/* popular.c - what everybody takes: the fallback of every other model, and the yardstick they must beat.
 *
 * score(item) = number of users who took it, or with a half-life the sum over its events of 2^(-age / half-life),
 * or with a window the number of events in the last days; age counts from the newest event, so that a log of last
 * year trains alike today. Dimension 0: there is nothing to encode, one list serves all.
 */
#include <math.h>
#include <stdlib.h>

#include "model/model_inside.h"
#include "model/popular.h"

typedef struct {
    double half_life_days, window_days;
} settings;

static const rk_option options[] = {
    {.name = "half-life",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, half_life_days),
     .value = "DAYS",
     .fallback = "0",
     .help = "an event loses half its weight in so many days; 0 = never",
     .max = 36500,
     .is_log_scale = true,
     .tune = "1..365"},
    {.name = "window",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, window_days),
     .value = "DAYS",
     .fallback = "0",
     .help = "only events of the last so many days count; 0 = all",
     .max = 36500},
};

static double event_weight(const settings *s, double age_s)
{
    double days = age_s / 86400;
    if (s->window_days > 0 && days > s->window_days) {
        return 0;
    }
    return s->half_life_days > 0 ? exp2(-days / s->half_life_days) : 1;
}

static rk_status count_events(const rk_dataset *dataset, const settings *s, float *score)
{
    int64_t now = rk_dataset_newest(dataset);
    for (uint32_t i = 0; i < dataset->n_items; i++) {
        double sum = 0;
        for (uint64_t at = dataset->item_start[i]; at < dataset->item_start[i + 1]; at++) {
            int64_t time = dataset->event_time[dataset->item_event[at]];
            sum += event_weight(s, (double)now - (double)time);
        }
        score[i] = (float)sum;
    }
    return RK_OK;
}

static void count_users(const rk_csr *seen, float *score)
{
    uint64_t n = seen->start[seen->n_rows];
    for (uint64_t e = 0; e < n; e++) {
        score[seen->col[e]] += 1; /* exact up to 2^24 users; beyond that equal enough */
    }
}

float *rk_popular_takers(const rk_csr *seen)
{
    float *takers = calloc((size_t)seen->n_cols + 1, sizeof *takers);
    if (takers) {
        count_users(seen, takers);
    }
    return takers;
}

float *rk_popular_bias(const rk_csr *seen, float most)
{
    float *bias = rk_popular_takers(seen), top = 1;
    for (uint32_t i = 0; bias && i < seen->n_cols; i++) {
        top = bias[i] > top ? bias[i] : top;
    }
    for (uint32_t i = 0; bias && i < seen->n_cols; i++) {
        bias[i] *= most / top;
    }
    return bias;
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    (void)run;
    const settings *s = settings_;
    bool is_timed = s->half_life_days > 0 || s->window_days > 0;
    if (is_timed && !dataset->event_time) {
        return rk_fail(err, RK_BAD_INPUT, "half-life and window need event times, which this dataset has not");
    }
    rk_status status = rk_dataset_matrix(dataset, RK_PAIR_ONE, &out->seen, err);
    if (status) {
        return status;
    }
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    out->item_bias = calloc((size_t)dataset->n_items + 1, sizeof *out->item_bias);
    if (!out->item_bias) {
        return rk_fail_memory(err, "item counts");
    }
    if (is_timed) {
        return count_events(dataset, s, out->item_bias);
    }
    count_users(&out->seen, out->item_bias);
    return RK_OK;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    (void)settings_, (void)n_threads;
    return dataset->n_events * 8 + ((uint64_t)dataset->n_users + dataset->n_items) * 8;
}

static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    (void)settings_;
    return (rk_work){.bytes = 16.0 * (double)dataset->n_events};
}

const rk_model_kind rk_model_kind_popular = {
    .name = "popular",
    .summary = "what most users take; optionally of late",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
};
