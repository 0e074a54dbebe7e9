/* profile.c - a shopper as a profile: what he takes by category, brand and price, and of that what others take most.
 *
 * Things that items have are features: a category, a brand, a price band. A feature's row holds its items, each
 * weighing how popular it is there: ((takers + 1) / (most takers + 1))^1/2. A history becomes a share for each feature,
 * smoothed towards what everybody does as if `prior` more events had gone the common way, and weighs the rows by
 * share * weight of the kind of feature. So the best items are popular ones of the kind that the user takes; a cold
 * item of the right brand and price has a place, too. Adomavicius, Tuzhilin, "Toward the next generation of recommender
 * systems" (2005), call it demographic and content-based profiling; taste.h says the same in words.
 *
 *   near: features x items
 *   encode.state[0]         prior
 *   encode.state[1..3]      weights of categories, brands, price bands
 *   encode.state[4..6]      how many features of each kind
 *   then [features]         share of all events
 *   then [n_items x 3]      the feature of each kind that an item has, -1: none
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/knn.h"
#include "model/model_inside.h"
#include "model/popular.h"

enum { CATEGORY, BRAND, PRICE, N_KINDS };
enum { PRIOR, WEIGHTS, COUNTS = WEIGHTS + N_KINDS, HEAD = COUNTS + N_KINDS };
enum { FEATURES_MAX = 1 << 24 }; /* whole numbers that a float holds */
static const float BIAS = 1e-6F; /* of the most popular item, where no feature speaks */

typedef struct {
    double category, brand, price, prior, half_life_days;
    uint64_t bands;
} settings;

static const rk_option options[] = {
    {.name = "category",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, category),
     .value = "X",
     .fallback = "1",
     .help = "weight of the category",
     .max = 100},
    {.name = "brand",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, brand),
     .value = "X",
     .fallback = "0.5",
     .help = "weight of the brand",
     .max = 100},
    {.name = "price",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, price),
     .value = "X",
     .fallback = "0.3",
     .help = "weight of the price band",
     .max = 100},
    {.name = "bands",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, bands),
     .value = "N",
     .fallback = "5",
     .help = "price bands, of equally many items",
     .min = 1,
     .max = 1000},
    {.name = "prior",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, prior),
     .value = "EVENTS",
     .fallback = "2",
     .help = "events of what everybody takes, added to every history",
     .max = 1e6},
    RK_HALF_LIFE_ROW(settings, "an event"),
};

/* ---- what items have ---- */

typedef struct {
    uint32_t n_items, n_features, n[N_KINDS];
    int32_t *feature; /* [n_items x N_KINDS], -1: none */
} things;

static bool name_things(things *t, const rk_names *names, size_t kind)
{
    rk_interner *known = rk_interner_new();
    bool is_done = known != NULL;
    for (uint32_t i = 0; is_done && i < t->n_items; i++) {
        rk_slice name = i < names->n ? rk_names_get(names, i) : (rk_slice){"", 0};
        uint32_t id = name.n > 0 ? rk_interner_add(known, name) : RK_NO_ID;
        is_done = name.n == 0 || id != RK_NO_ID;
        t->feature[i * N_KINDS + kind] = id == RK_NO_ID ? -1 : (int32_t)(t->n_features + id);
    }
    t->n[kind] = known ? rk_interner_count(known) : 0;
    t->n_features += t->n[kind];
    rk_interner_free(known);
    return is_done;
}

typedef struct {
    float price;
    uint32_t item;
} priced;

static int by_price(const void *a, const void *b)
{
    const priced *x = a, *y = b;
    return x->price < y->price ? -1 : x->price > y->price ? 1 : (x->item > y->item) - (x->item < y->item);
}

/* Bands of equally many items, cheapest first; equal prices may part. */
static bool band_prices(things *t, const float *price, uint64_t n_bands)
{
    priced *all = malloc(((size_t)t->n_items + 1) * sizeof *all);
    size_t n = 0;
    for (uint32_t i = 0; all && i < t->n_items; i++) {
        t->feature[i * N_KINDS + PRICE] = -1;
        if (price && !isnan(price[i])) {
            all[n++] = (priced){price[i], i};
        }
    }
    if (n > 1) {
        qsort(all, n, sizeof *all, by_price);
    }
    n_bands = n_bands < n ? n_bands : n;
    for (size_t i = 0; i < n; i++) {
        t->feature[all[i].item * N_KINDS + PRICE] = (int32_t)(t->n_features + i * n_bands / n);
    }
    t->n[PRICE] = (uint32_t)n_bands;
    t->n_features += t->n[PRICE];
    free(all);
    return all != NULL;
}

static rk_status find_things(const rk_dataset *d, const settings *s, things *t, rk_error *err)
{
    *t = (things){.n_items = d->n_items, .feature = malloc(((size_t)d->n_items + 1) * N_KINDS * sizeof *t->feature)};
    bool is_done = t->feature && name_things(t, &d->category, CATEGORY) && name_things(t, &d->brand, BRAND) &&
                   band_prices(t, d->item_price, s->bands);
    if (!is_done) {
        return rk_fail_memory(err, "what items have");
    }
    if (t->n_features == 0 || t->n_features > FEATURES_MAX) {
        return rk_fail(err, RK_BAD_INPUT,
                       t->n_features == 0 ? "profile: the dataset knows no category, brand or price of its items; "
                                            "reckon ingest --catalogue FILE --into D.rk adds them"
                                          : "profile: more than 16,777,216 categories and brands");
    }
    return RK_OK;
}

/* ---- training ---- */

/* The items of each feature, weighing how popular they are there. */
static rk_status make_rows(const things *t, const float *takers, rk_csr *out, rk_error *err)
{
    size_t n = (size_t)t->n_items * N_KINDS;
    float *most = calloc((size_t)t->n_features + 1, sizeof *most), *value = malloc((n + 1) * sizeof *value);
    uint32_t *row = malloc((n + 1) * sizeof *row), *col = malloc((n + 1) * sizeof *col);
    size_t kept = 0;
    bool is_done = most && value && row && col;
    for (size_t at = 0; is_done && at < n; at++) {
        int32_t f = t->feature[at];
        if (f >= 0) {
            most[f] = fmaxf(most[f], takers[at / N_KINDS]);
        }
    }
    for (size_t at = 0; is_done && at < n; at++) {
        int32_t f = t->feature[at];
        if (f >= 0) {
            row[kept] = (uint32_t)f;
            col[kept] = (uint32_t)(at / N_KINDS);
            value[kept++] = sqrtf((takers[at / N_KINDS] + 1) / (most[f] + 1));
        }
    }
    rk_status status = is_done ? rk_csr_of_triples(t->n_features, t->n_items, kept, row, col, value, out, err)
                               : rk_fail_memory(err, "rows of features");
    free(most);
    free(value);
    free(row);
    free(col);
    return status;
}

static rk_status keep_state(const things *t, const settings *s, const rk_csr *seen, rk_model_draft *out, rk_error *err)
{
    size_t n = HEAD + t->n_features + (size_t)t->n_items * N_KINDS;
    double total[N_KINDS] = {0};
    float *state = calloc(n + 1, sizeof *state);
    if (!state) {
        return rk_fail_memory(err, "the encoder's state");
    }
    const double head[] = {s->prior, s->category, s->brand, s->price};
    for (size_t i = 0; i < COUNTS; i++) {
        state[i] = (float)head[i];
    }
    float *share = state + HEAD, *feature = share + t->n_features;
    for (size_t at = 0; at < (size_t)t->n_items * N_KINDS; at++) {
        feature[at] = (float)t->feature[at];
    }
    for (uint64_t e = 0; e < seen->start[seen->n_rows]; e++) {
        for (size_t k = 0; k < N_KINDS; k++) {
            int32_t f = t->feature[seen->col[e] * N_KINDS + k];
            if (f >= 0) {
                share[f] += 1;
                total[k] += 1;
            }
        }
    }
    for (size_t k = 0, f = 0; k < N_KINDS; k++) {
        state[COUNTS + k] = (float)t->n[k];
        for (uint32_t i = 0; i < t->n[k]; i++, f++) {
            share[f] = total[k] > 0 ? (float)((double)share[f] / total[k]) : 0;
        }
    }
    out->encode = state;
    out->n_encode = n;
    return RK_OK;
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    (void)run;
    const settings *s = settings_;
    things t = {0};
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    rk_weigh weigh = s->half_life_days > 0 ? RK_WEIGH_COUNT : RK_WEIGH_ONE; /* each event by its age, or all alike */
    rk_status status = rk_knn_matrix(dataset, weigh, s->half_life_days, &out->seen, err);
    status = status ? status : find_things(dataset, s, &t, err);
    float *takers = status ? NULL : rk_popular_takers(&out->seen);
    out->item_bias = status ? NULL : rk_popular_bias(&out->seen, BIAS);
    if (!status && (!takers || !out->item_bias)) {
        status = rk_fail_memory(err, "item counts");
    }
    status = status ? status : make_rows(&t, takers, &out->near, err);
    status = status ? status : keep_state(&t, s, &out->seen, out, err);
    free(takers);
    free(t.feature);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    (void)settings_, (void)n_threads;
    return dataset->n_events * 12 + (uint64_t)dataset->n_items * 120 + (uint64_t)dataset->n_users * 8;
}

/* ---- folding in ---- */

typedef struct {
    const float *prior, *weight, *share, *feature;
    uint32_t n[N_KINDS], n_features;
} state;

static rk_status read_state(const rk_model *model, state *out, rk_error *err)
{
    const rk_section *section = model->encode_state;
    const float *at = section ? section->data : NULL;
    uint64_t n = section ? section->rows : 0, n_features = 0;
    for (size_t k = 0; n >= HEAD && k < N_KINDS; k++) {
        bool is_count = at[COUNTS + k] >= 0 && at[COUNTS + k] <= FEATURES_MAX;
        out->n[k] = is_count ? (uint32_t)at[COUNTS + k] : 0;
        n_features += out->n[k];
    }
    if (n < HEAD || n != HEAD + n_features + (uint64_t)model->n_items * N_KINDS || n_features != model->n_near_rows) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit a profile of %u features",
                       rk_artefact_path(model->artefact), model->n_near_rows);
    }
    *out =
        (state){at + PRIOR,          at + WEIGHTS, at + HEAD, at + HEAD + n_features, {out->n[0], out->n[1], out->n[2]},
                (uint32_t)n_features};
    return RK_OK;
}

/* The feature of a kind that an item has; n_features: none. */
static uint32_t feature_of(const state *s, uint32_t item, size_t kind)
{
    float f = s->feature[(size_t)item * N_KINDS + kind];
    return f >= 0 && f < (float)s->n_features ? (uint32_t)f : s->n_features;
}

static float value_of(rk_history history, size_t h) { return history.value ? fmaxf(history.value[h], 0) : 1; }

static rk_status encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    state s;
    rk_status status = read_state(model, &s, err);
    if (status) {
        return status;
    }
    float *taken = RK_TAKE(arena, float, s.n_features + 1), *weight = RK_TAKE(arena, float, s.n_features);
    uint32_t *row = RK_TAKE(arena, uint32_t, s.n_features);
    if (!taken || !weight || !row) {
        return rk_fail_memory(err, "a profile");
    }
    uint32_t n_rows = 0, f = 0;
    for (size_t k = 0; k < N_KINDS; k++) {
        float total = 0;
        for (size_t h = 0; h < history.n; h++) {
            uint32_t of = feature_of(&s, history.item[h], k);
            taken[of] += value_of(history, h);
            total += of < s.n_features ? value_of(history, h) : 0;
        }
        for (uint32_t i = 0; i < s.n[k]; i++, f++) { /* rows of common features only, unless the history has them */
            float share = (taken[f] + *s.prior * s.share[f]) / (total + *s.prior);
            if (s.weight[k] > 0 && share > 0 && (taken[f] > 0 || history.n == 0)) {
                row[n_rows] = f;
                weight[n_rows++] = s.weight[k] * share;
            }
        }
    }
    query->rows = (rk_history){row, weight, n_rows};
    return RK_OK;
}

/* A score is a sum over features; each is due to the entries of the history that have it, by their values. */
static rk_status explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                         rk_arena *arena, float *weight, rk_error *err)
{
    state s;
    rk_query query;
    rk_status status = read_state(model, &s, err);
    status = status ? status : rk_model_encode(model, history, arena, &query, err);
    memset(weight, 0, n_items * history.n * sizeof *weight);
    for (size_t i = 0; !status && i < n_items; i++) {
        for (size_t r = 0; r < query.rows.n; r++) {
            float part = query.rows.value[r] * rk_model_near(model, query.rows.item[r], items[i]), total = 0;
            for (size_t k = 0; part > 0 && k < N_KINDS; k++) {
                for (size_t h = 0; h < history.n; h++) {
                    total += feature_of(&s, history.item[h], k) == query.rows.item[r] ? value_of(history, h) : 0;
                }
            }
            for (size_t k = 0; total > 0 && k < N_KINDS; k++) {
                for (size_t h = 0; h < history.n; h++) {
                    bool has = feature_of(&s, history.item[h], k) == query.rows.item[r];
                    weight[i * history.n + h] += has ? part * value_of(history, h) / total : 0;
                }
            }
        }
    }
    return status;
}

const rk_model_kind rk_model_kind_profile = {
    .name = "profile",
    .summary = "what is popular of the categories, brands and prices that a user takes",
    .rows_are_features = true,
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .encode = encode,
    .explain = explain,
};
