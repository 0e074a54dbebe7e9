/* together.c - what is bought together: rules "who takes a takes b" from baskets.
 *
 * Agrawal, Imielinski, Swami, "Mining association rules between sets of items in large databases" (SIGMOD 1993), with
 * lift (Brin, Motwani, Ullman, Tsur, SIGMOD 1997), for one item on each side: of N baskets, n(a) hold a and n(a, b)
 * both, support n(a, b)     confidence n(a, b) / n(a)     lift n(a, b) N / (n(a) n(b)) A basket is what a user takes
 * without a pause longer than `gap`; without times a user (a line) is a basket.
 *
 * What we do differently: for one item on each side no candidates need be grown and pruned; all pairs are counted
 * exactly (math/overlap.h) and the thresholds are applied to every one. A row keeps one number for each rule; the
 * others follow from it and n, so that a rule can always say what it rests on.
 *
 *   encode.state[i]  meaning
 *     0              by: 0 lift, 1 confidence, 2 cosine
 *     1              N
 *     2..            [n_items] n
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/knn.h"
#include "model/model_inside.h"
#include "model/visits.h"

enum { BY_LIFT, BY_CONFIDENCE, BY_COSINE };
enum { BY, BASKETS, COUNTS };

typedef struct {
    int by;
    uint64_t neighbours, support, longest;
    double confidence, lift, gap_hours;
} settings;

static const rk_option options[] = {
    {.name = "by",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, by),
     .value = "FIGURE",
     .fallback = "cosine",
     .help = "what rules are ranked by; cosine is the root of the confidences of both directions",
     .choices = "lift|confidence|cosine",
     .tune = "lift,confidence,cosine"},
    {.name = "support",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, support),
     .value = "N",
     .fallback = "2",
     .help = "baskets that must hold both",
     .min = 1,
     .max = 1e9,
     .is_log_scale = true,
     .tune = "1..20"},
    {.name = "confidence",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, confidence),
     .value = "X",
     .fallback = "0",
     .help = "least share of the baskets with the one that hold the other, too",
     .max = 1},
    {.name = "lift",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, lift),
     .value = "X",
     .fallback = "1",
     .help = "least lift: how often both are together against chance",
     .max = 1e9},
    {.name = "neighbours",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, neighbours),
     .value = "N",
     .fallback = "100",
     .help = "how many rules each item keeps",
     .min = 1,
     .max = 100000,
     .is_log_scale = true,
     .tune = "20..500"},
    {.name = "gap",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, gap_hours),
     .value = "HOURS",
     .fallback = "1",
     .help = "a basket ends when nothing is taken for longer than that; without times it is all that a user took",
     .max = 1e6},
    {.name = "longest",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, longest),
     .value = "N",
     .fallback = "0",
     .help = "baskets with more items than that are left out; 0 = none is",
     .max = 1e9},
};

/* ---- training ---- */

typedef struct {
    const settings *s;
    double n_baskets;
    float *count;     /* [n_items] baskets with it */
    float *row, *col; /* [n_items] sides of likeness */
    rk_csr baskets, by_item;
} learner;

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Each visit as the ascending items in it, each once; those too long are empty. */
static rk_status fill_baskets(const rk_dataset *dataset, const settings *s, const rk_visits *visits, rk_csr *out,
                              rk_error *err)
{
    rk_csr csr = {.n_rows = visits->n, .n_cols = dataset->n_items};
    csr.start = calloc((size_t)visits->n + 1, sizeof *csr.start);
    csr.col = malloc(((size_t)dataset->n_events + 1) * sizeof *csr.col);
    if (!csr.start || !csr.col) {
        rk_csr_release(&csr);
        return rk_fail_memory(err, "baskets");
    }
    uint64_t n = 0;
    for (uint32_t v = 0; v < visits->n; v++) {
        uint64_t first = n, begin = visits->start[v], length = visits->start[v + 1] - begin;
        memcpy(csr.col + n, dataset->event_item + begin, length * sizeof *csr.col);
        qsort(csr.col + n, length, sizeof *csr.col, by_number);
        for (uint64_t e = 0; e < length; e++) {
            uint32_t item = csr.col[first + e];
            if (n == first || csr.col[n - 1] != item) {
                csr.col[n++] = item;
            }
        }
        n = s->longest > 0 && n - first > s->longest ? first : n;
        csr.start[v + 1] = n;
    }
    *out = csr;
    return RK_OK;
}

static bool allows(const void *context, uint32_t a, uint32_t b, float both)
{
    const learner *l = context;
    double together = (double)both, of_a = (double)l->count[a], of_b = (double)l->count[b];
    return together / of_a >= l->s->confidence && together * l->n_baskets >= l->s->lift * of_a * of_b;
}

static rk_status measure(learner *l, rk_error *err)
{
    uint32_t n_items = l->by_item.n_rows;
    l->count = malloc(((size_t)n_items + 1) * sizeof *l->count);
    l->row = malloc(((size_t)n_items + 1) * sizeof *l->row);
    l->col = malloc(((size_t)n_items + 1) * sizeof *l->col);
    if (!l->count || !l->row || !l->col) {
        return rk_fail_memory(err, "counts of items");
    }
    l->n_baskets = 0;
    for (uint32_t v = 0; v < l->baskets.n_rows; v++) {
        l->n_baskets += l->baskets.start[v + 1] > l->baskets.start[v];
    }
    for (uint32_t i = 0; i < n_items; i++) {
        double n = (double)(l->by_item.start[i + 1] - l->by_item.start[i]);
        l->count[i] = (float)n;
        l->row[i] = (float)(l->s->by == BY_COSINE ? sqrt(n) : n);
        l->col[i] = (float)(l->s->by == BY_COSINE ? sqrt(n) : l->s->by == BY_LIFT ? n / l->n_baskets : 1);
    }
    return RK_OK;
}

static rk_status hand_over(const learner *l, const rk_dataset *dataset, rk_model_draft *out, rk_error *err)
{
    uint32_t n_items = l->by_item.n_rows;
    out->n_users = dataset->n_users;
    out->n_items = n_items;
    out->encode = malloc(((size_t)COUNTS + n_items) * sizeof *out->encode);
    if (!out->encode) {
        return rk_fail_memory(err, "counts of items");
    }
    out->encode[BY] = (float)l->s->by;
    out->encode[BASKETS] = (float)l->n_baskets;
    memcpy(out->encode + COUNTS, l->count, n_items * sizeof *out->encode);
    out->n_encode = (size_t)COUNTS + n_items;
    out->figures = json_pack("{s:f,s:I}", "baskets", l->n_baskets, "rules", (json_int_t)out->near.start[n_items]);
    rk_status status = out->figures ? RK_OK : rk_fail_memory(err, "figures");
    status = status ? status : rk_dataset_matrix(dataset, RK_PAIR_ONE, &out->seen, err);
    return status ? status : rk_knn_add_bias(out, err);
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    learner l = {.s = settings_};
    rk_visits visits;
    rk_status status = rk_visits_cut(dataset, l.s->gap_hours, &visits, err);
    if (status) {
        return status;
    }
    status = fill_baskets(dataset, l.s, &visits, &l.baskets, err);
    rk_visits_release(&visits);
    status = status ? status : rk_csr_transpose(&l.baskets, &l.by_item, err);
    status = status ? status : measure(&l, err);
    rk_likeness likeness = {
        .row = l.row, .col = l.col, .least = (float)l.s->support, .power = 1, .allows = allows, .context = &l};
    status = status ? status
                    : rk_overlap_best(&l.by_item, &l.baskets, &likeness, l.s->neighbours, run->pool, &out->near, err);
    status = status ? status : hand_over(&l, dataset, out, err);
    rk_csr_release(&l.baskets);
    rk_csr_release(&l.by_item);
    free(l.count);
    free(l.row);
    free(l.col);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    uint32_t n_baskets = dataset->n_events < UINT32_MAX ? (uint32_t)dataset->n_events : UINT32_MAX;
    return dataset->n_events * 40 + ((uint64_t)dataset->n_users + dataset->n_items) * 32 +
           rk_overlap_bytes(dataset->n_items, n_baskets, s->neighbours, n_threads);
}

/* Every pair of a basket; with times, baskets are taken for short. */
static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    enum { BYTES_A_PAIR = 24 }; /* as in itemknn.c */
    double pairs = 0;
    (void)settings_;
    for (uint32_t u = 0; u < dataset->n_users && !dataset->event_time; u++) {
        double n = (double)(dataset->user_start[u + 1] - dataset->user_start[u]);
        pairs += n * n;
    }
    return (rk_work){.bytes = BYTES_A_PAIR * pairs + 64.0 * (double)dataset->n_events};
}

/* ---- answering ---- */

/* n(a, b) is a whole number, so the rounding of the weight does not reach the figures. */
static size_t facts(const rk_model *model, uint32_t item, uint32_t other, float weight, rk_fact *out)
{
    const rk_section *section = model->encode_state;
    if (!section || section->rows != COUNTS + (uint64_t)model->n_items) {
        return 0;
    }
    const float *state = section->data;
    double n = (double)state[BASKETS], of_a = (double)state[COUNTS + item], of_b = (double)state[COUNTS + other];
    double by = (double)weight;
    double both = state[BY] >= BY_COSINE       ? by * sqrt(of_a * of_b)
                  : state[BY] >= BY_CONFIDENCE ? by * of_a
                                               : by * of_a * of_b / n;
    both = rint(both);
    out[0] = (rk_fact){"support", both};
    out[1] = (rk_fact){"confidence", both / of_a};
    out[2] = (rk_fact){"lift", both * n / (of_a * of_b)};
    return 3;
}

const rk_model_kind rk_model_kind_together = {
    .name = "bought-together",
    .summary = "what is in the same baskets: rules with support, confidence and lift",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .facts = facts,
};
