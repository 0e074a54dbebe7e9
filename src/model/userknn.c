/* userknn.c - what the users took who took the same things: the nearest are looked up when a question comes.
 *
 * Resnick, Iacovou, Suchak, Bergstrom, Riedl, "GroupLens: an open architecture for collaborative filtering" (1994), for
 * events instead of ratings: score(item) = sum over the most alike users of likeness * value of the item to them.
 *
 * Nothing is computed in training but the sizes of likeness (knn.h). A question adds up, item by item of the history,
 * over the list of those who took it, and picks; so somebody new is as good as somebody known, and fresh as his last
 * click. A score is a sum over pairs of a neighbour and an item of the history, which is what explains it.
 *
 *   encode.state[i]      meaning
 *     0..8               neighbours, similarity, alpha, shrink, power, k1, b, average history, activity
 *     9..                [n_items] what it weighs to share an item
 *     9 + n_items..      [n_items] how rare it is (tfidf, bm25)
 *     9 + 2 n_items..    [n_users] the size of each user, as the second of two
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/knn.h"
#include "model/model_inside.h"

enum { NEIGHBOURS, SIMILARITY, ALPHA, SHRINK, POWER, K1, B, AVERAGE, ACTIVITY, SHARED };

typedef struct {
    rk_knn_settings alike;
    uint64_t neighbours;
    double half_life_days, popularity;
    int weigh;
} settings;

static const rk_option options[] = {
    {.name = "similarity",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, alike.similarity),
     .value = "HOW",
     .fallback = "cosine",
     .help = "what makes two users alike",
     .choices = RK_KNN_CHOICES,
     .tune = "cosine,tfidf,jaccard"},
    {.name = "neighbours",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, neighbours),
     .value = "N",
     .fallback = "200",
     .help = "how many users are asked",
     .min = 1,
     .max = 100000,
     .is_log_scale = true,
     .tune = "20..1000"},
    {.name = "alpha",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.alpha),
     .value = "X",
     .fallback = "0.5",
     .help = "cosine, tfidf: 1 - X of the norm is the other user's; conditional: power of the other's",
     .max = 1,
     .tune = "0.2..0.8"},
    {.name = "activity",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.activity),
     .value = "X",
     .fallback = "0.5",
     .help = "an item that n users took counts n^-X for each pair of them",
     .max = 2,
     .tune = "0..1"},
    {.name = "shrink",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.shrink),
     .value = "X",
     .fallback = "0",
     .help = "added below the line: pulls what rests on few items towards 0",
     .max = 1e6,
     .tune = "0..10"},
    {.name = "power",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.power),
     .value = "X",
     .fallback = "1.5",
     .help = "similarities to this power: above 1 the nearest say more",
     .min = 0.05,
     .max = 10,
     .tune = "0.7..2"},
    {.name = "popularity",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, popularity),
     .value = "X",
     .fallback = "0.2",
     .help = "a candidate that n users took counts n^-X for each neighbour who did",
     .max = 1,
     .tune = "0..0.5"},
    RK_WEIGH_ROW(settings, "one,log"),
    RK_HALF_LIFE_ROW(settings, "an event"),
    {.name = "k1",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.k1),
     .value = "X",
     .fallback = "1.2",
     .help = "bm25: where repeats stop to count",
     .max = 1e6},
    {.name = "b",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.b),
     .value = "X",
     .fallback = "0.75",
     .help = "bm25: how much a long history is held against a user",
     .max = 1},
};

/* ---- training ---- */

static rk_status copy_rows(const rk_csr *from, rk_csr *out, rk_error *err)
{
    uint64_t n = from->start[from->n_rows];
    size_t n_start = (size_t)from->n_rows + 1;
    *out = (rk_csr){.n_rows = from->n_rows, .n_cols = from->n_cols};
    out->start = malloc(n_start * sizeof *out->start);
    out->col = malloc((n + 1) * sizeof *out->col);
    out->value = malloc((n + 1) * sizeof *out->value);
    if (!out->start || !out->col || !out->value) {
        return rk_fail_memory(err, "what users took");
    }
    memcpy(out->start, from->start, n_start * sizeof *out->start);
    memcpy(out->col, from->col, n * sizeof *out->col);
    for (uint64_t e = 0; e < n; e++) {
        out->value[e] = from->value ? from->value[e] : 1;
    }
    return RK_OK;
}

/* What a neighbour's items weigh in an answer. owners: to count who took each. */
static void hold_back_the_popular(rk_csr *near, const rk_csr *owners, double popularity)
{
    for (uint64_t e = 0; popularity > 0 && e < near->start[near->n_rows]; e++) {
        uint32_t i = near->col[e];
        double n = (double)(owners->start[i + 1] - owners->start[i]);
        near->value[e] = (float)((double)near->value[e] * pow(n, -popularity));
    }
}

static rk_status make_state(const settings *s, const rk_csr *things, const rk_knn *knn, rk_model_draft *out,
                            rk_error *err)
{
    size_t n_items = things->n_cols, n_users = things->n_rows;
    float *at = malloc((SHARED + 2 * n_items + n_users) * sizeof *at);
    if (!at) {
        return rk_fail_memory(err, "the encoder's state");
    }
    at[NEIGHBOURS] = (float)s->neighbours;
    at[SIMILARITY] = (float)s->alike.similarity;
    at[ALPHA] = (float)s->alike.alpha;
    at[SHRINK] = (float)s->alike.shrink;
    at[POWER] = (float)s->alike.power;
    at[K1] = (float)s->alike.k1;
    at[B] = (float)s->alike.b;
    at[AVERAGE] = (float)((double)things->start[n_users] / fmax((double)n_users, 1));
    at[ACTIVITY] = (float)s->alike.activity;
    memcpy(at + SHARED, knn->shared, n_items * sizeof *at);
    memcpy(at + SHARED + n_items, knn->rare, n_items * sizeof *at);
    memcpy(at + SHARED + 2 * n_items, knn->col, n_users * sizeof *at);
    out->encode = at;
    out->n_encode = SHARED + 2 * n_items + n_users;
    return RK_OK;
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    rk_csr things = {0};
    rk_knn knn = {0};
    (void)run;
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    rk_status status = rk_knn_matrix(dataset, (rk_weigh)s->weigh, s->half_life_days, &out->seen, err);
    status = status ? status : copy_rows(&out->seen, &out->near, err);
    status = status ? status : copy_rows(&out->seen, &things, err);
    status = status ? status : rk_knn_init(&s->alike, &things, &knn, err);
    status = status ? status : rk_csr_transpose(&things, &out->owners, err);
    status = status ? status : make_state(s, &things, &knn, out, err);
    if (!status) {
        hold_back_the_popular(&out->near, &out->owners, s->popularity);
        status = rk_knn_add_bias(out, err);
    }
    rk_csr_release(&things);
    rk_knn_release(&knn);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    (void)settings_, (void)n_threads;
    uint64_t events = dataset->n_events * (sizeof(uint32_t) + sizeof(float));
    uint64_t rows = ((uint64_t)dataset->n_users + dataset->n_items) * (sizeof(uint64_t) + 3 * sizeof(float));
    return 4 * events + 4 * rows;
}

static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    (void)settings_;
    return (rk_work){.bytes = 64.0 * (double)dataset->n_events};
}

/* ---- answering ---- */

/* One history beside everybody's. */
typedef struct {
    const rk_model *model;
    rk_knn_settings alike;
    rk_likeness likeness; /* col: of the users */
    size_t n_neighbours;
    double average;
    const float *shared, *rare;
    float *weight; /* [history.n] what a user's value of each item adds to the overlap */
    float mine;    /* the history's own size */
} asking;

static rk_status open_state(const rk_model *model, asking *a, rk_error *err)
{
    const rk_section *section = model->encode_state;
    uint64_t n = SHARED + 2 * (uint64_t)model->n_items + model->n_users;
    const float *at = section && section->rows == n ? section->data : NULL;
    bool is_good = at && model->owner_start && at[NEIGHBOURS] >= 1 && at[NEIGHBOURS] <= 1e9f && at[SIMILARITY] >= 0 &&
                   at[SIMILARITY] <= RK_ALIKE_CONDITIONAL;
    if (!is_good) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit a userknn",
                       rk_artefact_path(model->artefact));
    }
    a->model = model;
    a->n_neighbours = (size_t)at[NEIGHBOURS];
    a->alike = (rk_knn_settings){.similarity = (int)at[SIMILARITY],
                                 .alpha = (double)at[ALPHA],
                                 .shrink = (double)at[SHRINK],
                                 .power = (double)at[POWER],
                                 .k1 = (double)at[K1],
                                 .b = (double)at[B]};
    a->average = (double)at[AVERAGE];
    a->shared = at + SHARED;
    a->rare = a->shared + model->n_items;
    a->likeness = (rk_likeness){.col = a->rare + model->n_items,
                                .shrink = at[SHRINK],
                                .is_union = a->alike.similarity == RK_ALIKE_JACCARD,
                                .power = at[POWER]};
    return RK_OK;
}

static rk_status open_asking(const rk_model *model, rk_history history, rk_arena *arena, asking *a, rk_error *err)
{
    rk_status status = open_state(model, a, err);
    if (status) {
        return status;
    }
    a->weight = RK_TAKE(arena, float, history.n);
    if (!a->weight) {
        return rk_fail_memory(err, "a history");
    }
    double size = 0, length = (double)history.n / a->average;
    for (size_t h = 0; h < history.n; h++) {
        uint32_t i = history.item[h];
        double told = history.value ? (double)history.value[h] : 1;
        double value = rk_knn_term(&a->alike, told > 0 ? told : 0, (double)a->rare[i], length);
        double shared = (double)a->shared[i];
        a->weight[h] = (float)(value * shared);
        size += value * value * (a->likeness.is_union ? shared : 1);
    }
    a->mine = (float)rk_knn_row_side(&a->alike, size);
    return RK_OK;
}

static void add_owners(const asking *a, rk_history history, rk_pile *pile)
{
    const rk_model *m = a->model;
    for (size_t h = 0; h < history.n; h++) {
        uint64_t at = m->owner_start[history.item[h]], n = m->owner_start[history.item[h] + 1] - at;
        if (a->weight[h] > 0) {
            rk_pile_add(pile, a->weight[h], m->owner_row + at, m->owner_value ? m->owner_value + at : NULL, (size_t)n);
        }
    }
    rk_pile_settle(pile);
}

/* Overlaps become likenesses, self and what is not alike at all left out. */
static void rate(const asking *a, uint32_t self, rk_pile *pile)
{
    size_t n = 0;
    for (size_t i = 0; i < pile->n; i++) {
        uint32_t user = pile->col[i];
        float alike = rk_likeness_of(&a->likeness, a->mine, a->likeness.col[user], pile->score[i]);
        pile->col[n] = user;
        pile->score[n] = alike;
        n += user != self && alike > 0;
    }
    pile->n = pile->n_settled = n;
}

static rk_status find_alike(const asking *a, rk_history history, uint32_t self, rk_arena *arena, rk_history *out,
                            rk_error *err)
{
    rk_pile pile;
    if (!rk_pile_place(&pile, a->model->n_users, arena)) {
        return rk_fail_memory(err, "neighbours");
    }
    add_owners(a, history, &pile);
    rate(a, self, &pile);
    size_t k = pile.n < a->n_neighbours ? pile.n : a->n_neighbours;
    uint32_t *user = RK_TAKE(arena, uint32_t, k);
    float *alike = RK_TAKE(arena, float, k);
    if (!user || !alike) {
        return rk_fail_memory(err, "neighbours");
    }
    size_t n = rk_pile_pick(&pile, k, user, alike);
    for (size_t i = 0; i < n; i++) {
        alike[i] = powf(alike[i], a->likeness.power);
    }
    *out = (rk_history){user, alike, n};
    return RK_OK;
}

static rk_status encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    asking a;
    rk_status status = open_asking(model, history, arena, &a, err);
    return status ? status : find_alike(&a, history, query->user, arena, &query->rows, err);
}

/* ---- reasons ---- */

/* Where user stands among the neighbours; alike->n: nowhere. */
static size_t find_neighbour(const rk_history *alike, uint32_t user)
{
    size_t low = 0, high = alike->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (alike->item[middle] < user) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < alike->n && alike->item[low] == user ? low : alike->n;
}

/* speaks[n_items x alike.n]: what each neighbour adds to each item's score. share[alike.n]: by a unit of overlap. */
typedef struct {
    rk_history alike;
    float *speaks, *overlap;
} terms;

/* The overlap of each neighbour with the history, and what an item of it has to do with that: calls of one loop. */
static void visit(const asking *a, rk_history history, const terms *t, size_t n_items, float *weight)
{
    const rk_model *m = a->model;
    for (size_t h = 0; h < history.n; h++) {
        uint64_t end = m->owner_start[history.item[h] + 1];
        for (uint64_t e = m->owner_start[history.item[h]]; e < end; e++) {
            size_t v = find_neighbour(&t->alike, m->owner_row[e]);
            float part = a->weight[h] * (m->owner_value ? m->owner_value[e] : 1);
            if (v == t->alike.n) {
                continue;
            }
            if (!weight) {
                t->overlap[v] += part;
                continue;
            }
            for (size_t i = 0; i < n_items; i++) {
                weight[i * history.n + h] += part / t->overlap[v] * t->speaks[i * t->alike.n + v];
            }
        }
    }
}

/* A neighbour speaks for an item in the name of the history's items that he has, each by its part of the overlap. Who
 * asks is not told here, so nobody is left out as himself: his own row speaks only for what he has taken. */
static rk_status explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                         rk_arena *arena, float *weight, rk_error *err)
{
    asking a;
    terms t = {0};
    rk_status status = open_asking(model, history, arena, &a, err);
    status = status ? status : find_alike(&a, history, RK_NO_ID, arena, &t.alike, err);
    if (status) {
        return status;
    }
    t.overlap = RK_TAKE(arena, float, t.alike.n);
    t.speaks = RK_TAKE(arena, float, t.alike.n *n_items);
    if (!t.overlap || !t.speaks) {
        return rk_fail_memory(err, "reasons");
    }
    for (size_t i = 0; i < n_items; i++) {
        for (size_t v = 0; v < t.alike.n; v++) {
            t.speaks[i * t.alike.n + v] = t.alike.value[v] * rk_model_near(model, t.alike.item[v], items[i]);
        }
    }
    memset(weight, 0, n_items * history.n * sizeof *weight);
    visit(&a, history, &t, n_items, NULL);
    visit(&a, history, &t, n_items, weight);
    return RK_OK;
}

const rk_model_kind rk_model_kind_userknn = {
    .name = "userknn",
    .summary = "what the users took who took the same things",
    .rows_are_users = true,
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .encode = encode,
    .explain = explain,
};
