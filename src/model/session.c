/* session.c - what comes next: items by the items that came shortly after them, asked about the last ones most.
 *
 * Each pair of items of a visit, the second at most `window` places behind the first, is a transition; it counts
 * decay^(distance - 1), less with age, less in a long visit. Davidson et al., "The YouTube video recommendation system"
 * (RecSys 2010) count such pairs of watched videos; Garg et al., "Sequence and time aware neighborhood for
 * session-based recommendations" (SIGIR 2019) show how much the decays are worth.
 *
 * What we do differently: a row of transitions is summed where it belongs, from the places where its item stands in the
 * log, so no list of pairs is ever made or sorted; and it ends as neighbours, so the score of an answer is a sum over
 * the history and explains itself.
 *
 * What encode is told of an item (seen.value) is its place in the history, 1 for the first; larger is later.
 *
 *   encode.state[i]  meaning
 *     0              memory: what an item says, against the one taken after it
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/best_rows.h"
#include "math/overlap.h"
#include "model/knn.h"
#include "model/model_inside.h"
#include "model/visits.h"

typedef struct {
    uint64_t window, neighbours;
    double decay, back, memory, alpha, activity, shrink, power, half_life_days, gap_hours;
} settings;

static const rk_option options[] = {
    {.name = "window",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, window),
     .value = "N",
     .fallback = "10",
     .help = "how many places behind an item the next ones are looked for",
     .min = 1,
     .max = 10000,
     .is_log_scale = true,
     .tune = "1..50"},
    {.name = "decay",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, decay),
     .value = "X",
     .fallback = "0.8",
     .help = "what a place further behind counts",
     .min = 0.01,
     .max = 1,
     .tune = "0.3..1"},
    {.name = "back",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, back),
     .value = "X",
     .fallback = "0.5",
     .help = "what an item before counts, against one behind",
     .max = 1,
     .tune = "0..1"},
    {.name = "memory",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, memory),
     .value = "X",
     .fallback = "0.8",
     .help = "what an item of the history says, against the one taken after it",
     .min = 0.001,
     .max = 1,
     .tune = "0.2..1"},
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
     .field = offsetof(settings, alpha),
     .value = "X",
     .fallback = "0.3",
     .help = "an item with n events is divided by n^X: 1 holds all of its popularity against it",
     .max = 1,
     .tune = "0..0.7"},
    {.name = "activity",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, activity),
     .value = "X",
     .fallback = "0.3",
     .help = "a visit of n events counts n^-X for each pair",
     .max = 2,
     .tune = "0..1"},
    {.name = "shrink",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, shrink),
     .value = "X",
     .fallback = "0",
     .help = "added below the line: pulls what rests on few events towards 0",
     .max = 1e6,
     .tune = "0..20"},
    {.name = "power",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, power),
     .value = "X",
     .fallback = "1",
     .help = "weights to this power: above 1 the surest say more",
     .min = 0.05,
     .max = 10,
     .tune = "0.5..1.5"},
    RK_HALF_LIFE_ROW(settings, "a transition"),
    {.name = "gap",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, gap_hours),
     .value = "HOURS",
     .fallback = "0",
     .help = "a visit ends when nothing is taken for so long; 0 = a history is one visit",
     .max = 1e6},
};

/* ---- training ---- */

typedef struct {
    const settings *s;
    const rk_dataset *dataset;
    rk_visits visits;
    float *age;       /* [n_events] what age leaves of each; NULL = 1 each */
    float *by_places; /* [window + 1] what each distance counts */
    float *row, *col; /* [n_items] */
    rk_likeness likeness;
} learner;

static uint64_t most(const void *context, uint32_t row)
{
    const learner *l = context;
    uint64_t n = l->dataset->item_start[row + 1] - l->dataset->item_start[row];
    return n * l->s->window * (l->s->back > 0 ? 2 : 1);
}

/* Transitions between the item of event e and those at most `window` events to one side of it, inside its visit. */
static void pour_side(const learner *l, uint64_t e, int64_t step, float weight, rk_pile *pile)
{
    const rk_dataset *d = l->dataset;
    uint32_t visit = l->visits.of_event[e];
    uint64_t first = l->visits.start[visit], end = l->visits.start[visit + 1];
    uint64_t room = step > 0 ? end - 1 - e : e - first, n = room < l->s->window ? room : l->s->window;
    for (uint64_t distance = 1; distance <= n; distance++) {
        uint64_t other = step > 0 ? e + distance : e - distance, later = step > 0 ? other : e;
        float part = weight * l->by_places[distance] * (l->age ? l->age[later] : 1);
        rk_pile_add(pile, part, d->event_item + other, NULL, 1);
    }
}

static void pour(const void *context, uint32_t row, rk_row_bench *bench)
{
    const learner *l = context;
    const rk_dataset *d = l->dataset;
    for (uint64_t at = d->item_start[row]; at < d->item_start[row + 1]; at++) {
        uint64_t e = d->item_event[at];
        uint32_t visit = l->visits.of_event[e];
        double length = (double)(l->visits.start[visit + 1] - l->visits.start[visit]);
        double weight = pow(length, -l->s->activity);
        pour_side(l, e, 1, (float)weight, &bench->pile);
        if (l->s->back > 0) {
            pour_side(l, e, -1, (float)(weight * l->s->back), &bench->pile);
        }
    }
}

static size_t rate(const void *context, uint32_t row, uint32_t *col, float *score, size_t n)
{
    const learner *l = context;
    size_t n_left = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = col[i];
        float alike = rk_likeness_of(&l->likeness, l->row[row], l->col[c], score[i]);
        col[n_left] = c;
        score[n_left] = powf(alike, l->likeness.power);
        n_left += c != row && score[n_left] > 0;
    }
    return n_left;
}

static rk_status set_up(learner *l, rk_error *err)
{
    const rk_dataset *d = l->dataset;
    const settings *s = l->s;
    rk_status status = rk_visits_cut(d, s->gap_hours > 0 ? s->gap_hours : -1, &l->visits, err);
    if (status) {
        return status;
    }
    l->by_places = malloc((s->window + 1) * sizeof *l->by_places);
    l->row = malloc(((size_t)d->n_items + 1) * sizeof *l->row);
    l->col = malloc(((size_t)d->n_items + 1) * sizeof *l->col);
    if (!l->by_places || !l->row || !l->col) {
        return rk_fail_memory(err, "weights of transitions");
    }
    for (uint64_t distance = 1; distance <= s->window; distance++) {
        l->by_places[distance] = (float)pow(s->decay, (double)distance - 1);
    }
    for (uint32_t i = 0; i < d->n_items; i++) {
        double n = (double)(d->item_start[i + 1] - d->item_start[i]);
        l->row[i] = (float)n;
        l->col[i] = (float)pow(n, s->alpha);
    }
    l->likeness = (rk_likeness){.shrink = (float)s->shrink, .power = (float)s->power};
    return s->half_life_days > 0 ? rk_knn_ages(d, s->half_life_days, &l->age, err) : RK_OK;
}

/* Users by items, and the place of each item in the history: of its last time. */
static rk_status fill_seen(const rk_dataset *dataset, rk_csr *out, rk_error *err)
{
    rk_dataset placed = *dataset;
    float *place = malloc(((size_t)dataset->n_events + 1) * sizeof *place);
    if (!place) {
        return rk_fail_memory(err, "places of items");
    }
    for (uint32_t u = 0; u < dataset->n_users; u++) {
        for (uint64_t e = dataset->user_start[u]; e < dataset->user_start[u + 1]; e++) {
            place[e] = (float)(e - dataset->user_start[u] + 1);
        }
    }
    placed.event_value = place;
    rk_status status = rk_dataset_matrix(&placed, RK_PAIR_LAST, out, err);
    free(place);
    return status;
}

static rk_status hand_over(const learner *l, rk_model_draft *out, rk_error *err)
{
    out->n_users = l->dataset->n_users;
    out->n_items = l->dataset->n_items;
    out->encode = malloc(sizeof *out->encode);
    if (!out->encode) {
        return rk_fail_memory(err, "the encoder's state");
    }
    out->encode[0] = (float)l->s->memory;
    out->n_encode = 1;
    rk_status status = fill_seen(l->dataset, &out->seen, err);
    return status ? status : rk_knn_add_bias(out, err);
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    learner l = {.s = settings_, .dataset = dataset};
    if ((l.s->half_life_days > 0 || l.s->gap_hours > 0) && !dataset->event_time) {
        return rk_fail(err, RK_BAD_INPUT, "half-life and gap need event times, which this dataset has not");
    }
    rk_status status = set_up(&l, err);
    rk_best_rows rows = {.n_rows = dataset->n_items,
                         .n_cols = dataset->n_items,
                         .n_best = l.s->neighbours,
                         .context = &l,
                         .most = most,
                         .pour = pour,
                         .rate = rate};
    status = status ? status : rk_best_rows_make(&rows, run->pool, &out->near, err);
    status = status ? status : hand_over(&l, out, err);
    rk_visits_release(&l.visits);
    free(l.age);
    free(l.by_places);
    free(l.row);
    free(l.col);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    uint64_t n_items = dataset->n_items, each = s->neighbours < n_items ? s->neighbours : n_items;
    uint64_t pairs = dataset->n_events * s->window * 2, kept = n_items * each < pairs ? n_items * each : pairs;
    rk_best_rows rows = {.n_rows = dataset->n_items, .n_cols = dataset->n_items};
    return rk_best_rows_bytes(&rows, n_threads) + kept * 8 + dataset->n_events * 28 + (dataset->n_users + n_items) * 24;
}

static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    enum { BYTES_A_PAIR = 32 }; /* as in itemknn.c, and pairs come one by one */
    const settings *s = settings_;
    double sides = s->back > 0 ? 2 : 1;
    return (rk_work){.bytes = BYTES_A_PAIR * sides * (double)s->window * (double)dataset->n_events};
}

/* ---- answering ---- */

static int later_first(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* How many places were taken later; equal places are taken together. */
static size_t n_later(const float *places, size_t n, float place)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle] > place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static rk_status encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    const rk_section *state = model->encode_state;
    if (!state || state->rows != 1) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit a session",
                       rk_artefact_path(model->artefact));
    }
    double memory = (double)*(const float *)state->data;
    float *places = RK_TAKE(arena, float, history.n), *weight = RK_TAKE(arena, float, history.n);
    if (!places || !weight) {
        return rk_fail_memory(err, "a history");
    }
    if (history.value && history.n > 0) {
        memcpy(places, history.value, history.n * sizeof *places);
        qsort(places, history.n, sizeof *places, later_first);
    }
    for (size_t h = 0; h < history.n; h++) {
        size_t rank = history.value ? n_later(places, history.n, history.value[h]) : 0;
        weight[h] = (float)pow(memory, (double)rank);
    }
    query->rows = (rk_history){history.item, weight, history.n};
    return RK_OK;
}

const rk_model_kind rk_model_kind_session = {
    .name = "session",
    .summary = "what comes next: transitions between items in the order they were taken",
    .told_in_order = true,
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .encode = encode,
};
