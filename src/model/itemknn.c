/* itemknn.c - items by the items that the same users took: each keeps its nearest, a score is the sum over a history.
 *
 * Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering recommendation algorithms" (2001); Deshpande,
 * Karypis, "Item-based top-N recommendation algorithms" (2004).
 *
 * What we do differently: the plain measures count everybody alike and both items alike. On real logs it pays to let a
 * user with a long history say less about each pair (activity), and to divide by less of the candidate's popularity
 * than of the history's item (alpha): each is worth more than the choice between cosine, TF-IDF and Jaccard. Everything
 * but alpha = 1/2 and activity = 0 keeps the product of the matrix with itself, so it costs nothing.
 */
#include <stdlib.h>

#include "model/knn.h"
#include "model/model_inside.h"

typedef struct {
    rk_knn_settings alike;
    uint64_t neighbours, longest;
    double half_life_days;
    int weigh;
    bool normalise;
} settings;

static const rk_option options[] = {
    {.name = "similarity",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, alike.similarity),
     .value = "HOW",
     .fallback = "cosine",
     .help = "what makes two items alike",
     .choices = RK_KNN_CHOICES,
     .tune = "cosine,tfidf,jaccard"},
    {.name = "neighbours",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, neighbours),
     .value = "N",
     .fallback = "200",
     .help = "how many each item keeps",
     .min = 1,
     .max = 100000,
     .is_log_scale = true,
     .tune = "50..1000"},
    {.name = "alpha",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.alpha),
     .value = "X",
     .fallback = "0.5",
     .help = "cosine, tfidf: share of the norm that is the history's item's; conditional: power of the other's",
     .max = 1,
     .tune = "0.4..0.9"},
    {.name = "activity",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.activity),
     .value = "X",
     .fallback = "0.5",
     .help = "a user with n items counts n^-X for each pair of them",
     .max = 2,
     .tune = "0..1"},
    {.name = "shrink",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.shrink),
     .value = "X",
     .fallback = "0",
     .help = "added below the line: pulls what rests on few users towards 0",
     .max = 1e6,
     .tune = "0..20"},
    {.name = "power",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alike.power),
     .value = "X",
     .fallback = "1",
     .help = "similarities to this power: above 1 the nearest say more",
     .min = 0.05,
     .max = 10,
     .tune = "0.7..2"},
    {.name = "normalise",
     .kind = RK_OPT_FLAG,
     .field = offsetof(settings, normalise),
     .help = "the likenesses of an item's neighbours add up to 1, so that all items of a history say as much",
     .tune = "no,yes"},
    RK_WEIGH_ROW(settings, "one,log"),
    RK_HALF_LIFE_ROW(settings, "an event"),
    {.name = "longest",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, longest),
     .value = "N",
     .fallback = "0",
     .help = "users with more items than that say nothing about pairs; 0 = all do",
     .max = 1e9},
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
     .help = "bm25: how much popularity is held against an item",
     .max = 1},
};

/* Users of more items than that keep none. */
static void empty_long_rows(rk_csr *by_user, uint64_t longest)
{
    uint64_t n = 0, begin = 0;
    for (uint32_t u = 0; u < by_user->n_rows; u++) {
        uint64_t end = by_user->start[u + 1];
        for (uint64_t e = begin; e < end && end - begin <= longest; e++) {
            by_user->col[n] = by_user->col[e];
            if (by_user->value) {
                by_user->value[n] = by_user->value[e];
            }
            n++;
        }
        by_user->start[u + 1] = n;
        begin = end;
    }
}

/* Both directions of what is to be compared: items x users, and back with the weight of each user. */
typedef struct {
    rk_csr by_item, by_user;
    rk_knn knn;
} sides;

static rk_status weigh_users(sides *s, rk_error *err)
{
    uint64_t n = s->by_item.start[s->by_item.n_rows];
    float *weight = malloc((n + 1) * sizeof *weight);
    if (!weight) {
        return rk_fail_memory(err, "weights of users");
    }
    for (uint64_t e = 0; e < n; e++) {
        weight[e] = s->knn.shared[s->by_item.col[e]] * (s->by_item.value ? s->by_item.value[e] : 1);
    }
    free(s->by_item.value);
    s->by_item.value = weight;
    return RK_OK;
}

static rk_status set_up(const rk_csr *seen, const settings *s, sides *out, rk_error *err)
{
    rk_status status = rk_csr_transpose(seen, &out->by_item, err);
    if (!status && s->longest > 0) {
        rk_csr cut;
        status = rk_csr_transpose(&out->by_item, &cut, err);
        if (!status) {
            empty_long_rows(&cut, s->longest);
            rk_csr_release(&out->by_item);
            status = rk_csr_transpose(&cut, &out->by_item, err);
            rk_csr_release(&cut);
        }
    }
    status = status ? status : rk_knn_init(&s->alike, &out->by_item, &out->knn, err);
    status = status ? status : rk_csr_transpose(&out->by_item, &out->by_user, err);
    return status ? status : weigh_users(out, err);
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    sides both = {0};
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    rk_status status = rk_knn_matrix(dataset, (rk_weigh)s->weigh, s->half_life_days, &out->seen, err);
    status = status ? status : set_up(&out->seen, s, &both, err);
    status = status ? status
                    : rk_overlap_best(&both.by_item, &both.by_user, &both.knn.likeness, s->neighbours, run->pool,
                                      &out->near, err);
    if (!status && s->normalise) {
        rk_knn_normalise(&out->near);
    }
    status = status ? status : rk_knn_add_bias(out, err);
    rk_csr_release(&both.by_item);
    rk_csr_release(&both.by_user);
    rk_knn_release(&both.knn);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    uint64_t events = dataset->n_events * (sizeof(uint32_t) + sizeof(float));
    uint64_t rows = ((uint64_t)dataset->n_users + dataset->n_items) * sizeof(uint64_t);
    return 4 * (events + rows) + rk_overlap_bytes(dataset->n_items, dataset->n_users, s->neighbours, n_threads);
}

/* Every pair of items that a user took is added once in either direction; what is kept is picked and written. */
static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    enum { BYTES_A_PAIR = 24, BYTES_A_NEIGHBOUR = 128 }; /* found by trial: the time of fetching so many */
    const settings *s = settings_;
    double pairs = 0;
    for (uint32_t u = 0; u < dataset->n_users; u++) {
        double n = (double)(dataset->user_start[u + 1] - dataset->user_start[u]);
        pairs += s->longest == 0 || n <= (double)s->longest ? n * n : 0;
    }
    double room = (double)s->neighbours * (double)dataset->n_items;
    return (rk_work){.bytes = BYTES_A_PAIR * pairs + BYTES_A_NEIGHBOUR * (room < pairs ? room : pairs)};
}

const rk_model_kind rk_model_kind_itemknn = {
    .name = "itemknn",
    .summary = "items that the same users took: nearest neighbours",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
};
