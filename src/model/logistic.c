/* logistic.c - implicit feedback as a coin: how likely a user takes an item.
 *
 * Johnson, "Logistic matrix factorization for implicit feedback data" (2014): p(u takes i) = sigma(x_u.y_i + b_u +
 * b_i), an event of value r counting alpha r times. Over a sample of what was not taken, by the engine of contrast.h.
 */
#include "model/contrast_fold.h"
#include "model/model_inside.h"

static const rk_option options[] = {
    RK_CONTRAST_ROWS("20"),
    {.name = "negatives",
     .kind = RK_OPT_COUNT,
     .field = offsetof(rk_contrast_settings, negatives),
     .value = "N",
     .fallback = "32",
     .help = "items not taken that are drawn, and count, for each one taken",
     .min = 1,
     .max = 4096,
     .is_log_scale = true,
     .tune = "8..256"},
    {.name = "popularity",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, popularity),
     .value = "X",
     .fallback = "0",
     .help = "how being drawn grows with popularity: 0 not at all, 1 in proportion",
     .max = 1,
     .tune = "0..1"},
    {.name = "alpha",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, alpha),
     .value = "X",
     .fallback = "1",
     .help = "weight of what was taken once",
     .min = 1e-6,
     .max = 1e6,
     .is_log_scale = true,
     .tune = "0.5..50"},
    {.name = "weigh",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(rk_contrast_settings, weigh),
     .value = "HOW",
     .fallback = "count",
     .help = "events of one user and item: one in all, their count, or the sum of their values",
     .choices = "one|count|sum"},
    {.name = "lambda",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, lambda),
     .value = "X",
     .fallback = "0.001",
     .help = "penalty on long vectors and biases, for each event",
     .max = 1e3,
     .tune = "0..0.01"},
    {.name = "step",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, step),
     .value = "X",
     .fallback = "1",
     .help = "length of a step at first; it falls to 0 in a straight line",
     .min = 1e-6,
     .max = 1e3,
     .is_log_scale = true,
     .tune = "0.1..2"},
};

static rk_status train(const rk_dataset *dataset, const void *settings, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    return rk_contrast_train(dataset, settings, RK_CONTRAST_LOGISTIC, run, out, err);
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings, unsigned n_threads)
{
    return rk_contrast_bytes(dataset, settings, n_threads);
}

static rk_work predict_work(const rk_dataset *dataset, const void *settings)
{
    return rk_contrast_work(dataset, settings);
}

const rk_model_kind rk_model_kind_logistic = {
    .name = "logistic",
    .summary = "implicit feedback: how likely a user takes an item, by logistic regression on both sides",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(rk_contrast_settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .encode = rk_contrast_encode,
    .explain = rk_contrast_explain,
};
