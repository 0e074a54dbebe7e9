/* recent.c - what was taken last, and what is taken more than before: two more lists that serve all alike.
 *
 * recent    score(item) = 1 / (1 + days since its last event), from the newest event on
 * trending  score(item) = (n late + smooth) / (n expected + smooth), late the events of the last `window` days,
 * expected those of the `before` days in front of them, per window. 1 is no change; `smooth` events of no change go
 * with each item, so that two after none is no trend.
 */
#include <math.h>
#include <stdlib.h>

#include "model/model_inside.h"

typedef struct {
    int64_t first, last; /* of all events */
} span;

/* Users and items, who took what, and the span of the log. */
static rk_status begin(const rk_dataset *dataset, const char *name, rk_model_draft *out, span *times, rk_error *err)
{
    if (!dataset->event_time) {
        return rk_fail(err, RK_BAD_INPUT, "%s needs event times, which this dataset has not", name);
    }
    *times = (span){INT64_MAX, INT64_MIN};
    for (uint64_t e = 0; e < dataset->n_events; e++) {
        int64_t time = dataset->event_time[e];
        times->first = time < times->first ? time : times->first;
        times->last = time > times->last ? time : times->last;
    }
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    out->item_bias = calloc((size_t)dataset->n_items + 1, sizeof *out->item_bias);
    return out->item_bias ? rk_dataset_matrix(dataset, RK_PAIR_ONE, &out->seen, err)
                          : rk_fail_memory(err, "scores of items");
}

static double days_before(int64_t last, int64_t time) { return ((double)last - (double)time) / 86400; }

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    (void)settings_, (void)n_threads;
    return dataset->n_events * 8 + ((uint64_t)dataset->n_users + dataset->n_items) * 8;
}

static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    (void)settings_;
    return (rk_work){.bytes = 24.0 * (double)dataset->n_events};
}

/* ---- recent ---- */

static rk_status train_recent(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                              rk_error *err)
{
    span times;
    (void)settings_, (void)run;
    rk_status status = begin(dataset, "recent", out, &times, err);
    for (uint64_t e = 0; !status && e < dataset->n_events; e++) {
        float *score = &out->item_bias[dataset->event_item[e]];
        *score = fmaxf(*score, (float)(1 / (1 + days_before(times.last, dataset->event_time[e]))));
    }
    return status;
}

const rk_model_kind rk_model_kind_recent = {
    .name = "recent",
    .summary = "what was taken last",
    .train = train_recent,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
};

/* ---- trending ---- */

typedef struct {
    double window_days, before_days, smooth;
} settings;

static const rk_option options[] = {
    {.name = "window",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, window_days),
     .value = "DAYS",
     .fallback = "7",
     .help = "the last days, whose events are late",
     .min = 1e-3,
     .max = 36500,
     .is_log_scale = true,
     .tune = "1..60"},
    {.name = "before",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, before_days),
     .value = "DAYS",
     .fallback = "28",
     .help = "the days in front of those, whose events say what to expect",
     .min = 1e-3,
     .max = 36500,
     .is_log_scale = true,
     .tune = "7..365"},
    {.name = "smooth",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, smooth),
     .value = "N",
     .fallback = "5",
     .help = "events of no change that go with each item",
     .min = 1e-3,
     .max = 1e9,
     .is_log_scale = true,
     .tune = "0.5..100"},
};

static rk_status train_trending(const rk_dataset *dataset, const void *settings_, const rk_run *run,
                                rk_model_draft *out, rk_error *err)
{
    const settings *s = settings_;
    span times;
    (void)run;
    rk_status status = begin(dataset, "trending", out, &times, err);
    if (status) {
        return status;
    }
    double days = days_before(times.last, times.first), before = fmin(s->before_days, days - s->window_days);
    if (before <= 0) {
        return rk_fail(err, RK_BAD_INPUT,
                       "trending compares the last %g days with those before, and this log spans %.3g", s->window_days,
                       days);
    }
    for (uint32_t i = 0; i < dataset->n_items; i++) {
        double late = 0, earlier = 0;
        for (uint64_t at = dataset->item_start[i]; at < dataset->item_start[i + 1]; at++) {
            double age = days_before(times.last, dataset->event_time[dataset->item_event[at]]);
            late += age < s->window_days;
            earlier += age >= s->window_days && age <= s->window_days + before;
        }
        double expected = earlier * s->window_days / before;
        out->item_bias[i] = (float)((late + s->smooth) / (expected + s->smooth));
    }
    return RK_OK;
}

const rk_model_kind rk_model_kind_trending = {
    .name = "trending",
    .summary = "what is taken more than before",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train_trending,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
};
