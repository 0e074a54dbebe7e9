/* bpr.c - implicit feedback by comparison: what a user took is to come before what the user did not take.
 *
 * Rendle, Freudenthaler, Gantner, Schmidt-Thieme, "BPR: Bayesian personalized ranking from implicit feedback" (2009).
 * The engine is contrast.h; with negatives=1, against=1, likeness=product it is the paper's.
 *
 * What we do differently: one negative says little, and most say nothing, since they come behind anyway. With many, the
 * sum over pairs becomes a softmax whose weight lies on those that come too near (Wu et al., "On the effectiveness of
 * sampled softmax loss for item recommendation", 2022). Vectors have length 1, so that no item comes first everywhere
 * merely because it is long.
 */
#include "model/contrast_fold.h"
#include "model/model_inside.h"

static const rk_option options[] = {
    RK_CONTRAST_ROWS("15"),
    {.name = "negatives",
     .kind = RK_OPT_COUNT,
     .field = offsetof(rk_contrast_settings, negatives),
     .value = "N",
     .fallback = "128",
     .help = "items not taken that are drawn for each one taken; 1: the paper's pairs",
     .min = 1,
     .max = 4096,
     .is_log_scale = true,
     .tune = "32..256"},
    {.name = "against",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, against),
     .value = "X",
     .fallback = "0",
     .help = "how many items the drawn stand for; 0 = all there are",
     .max = 1e9},
    {.name = "popularity",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, popularity),
     .value = "X",
     .fallback = "0",
     .help = "how being drawn grows with popularity: 0 not at all, 1 in proportion",
     .max = 1,
     .tune = "0..0.5"},
    {.name = "likeness",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(rk_contrast_settings, likeness),
     .value = "HOW",
     .fallback = "cosine",
     .help = "inner product with a bias for each item, or vectors of length 1",
     .choices = "product|cosine"},
    {.name = "temperature",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, temperature),
     .value = "X",
     .fallback = "0.1",
     .help = "what cosines are divided by: the lower, the more the nearest negatives count",
     .min = 0.01,
     .max = 10,
     .is_log_scale = true,
     .tune = "0.05..0.2"},
    {.name = "lambda",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, lambda),
     .value = "X",
     .fallback = "0.001",
     .help = "penalty on long vectors and biases, for each event; likeness=product",
     .max = 1e3},
    {.name = "step",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_contrast_settings, step),
     .value = "X",
     .fallback = "2",
     .help = "length of a step at first, falling to 0 in a straight line; about 1 for likeness=product",
     .min = 1e-6,
     .max = 1e3,
     .is_log_scale = true,
     .tune = "0.5..4"},
};

static rk_status train(const rk_dataset *dataset, const void *settings, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    rk_contrast_settings s = *(const rk_contrast_settings *)settings;
    s.alpha = 1;
    return rk_contrast_train(dataset, &s, RK_CONTRAST_SOFTMAX, run, out, err);
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings, unsigned n_threads)
{
    return rk_contrast_bytes(dataset, settings, n_threads);
}

static rk_work predict_work(const rk_dataset *dataset, const void *settings)
{
    return rk_contrast_work(dataset, settings);
}

const rk_model_kind rk_model_kind_bpr = {
    .name = "bpr",
    .summary = "implicit feedback: vectors that put what was taken before a sample of what was not",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(rk_contrast_settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .encode = rk_contrast_encode,
    .explain = rk_contrast_explain,
};
