/* taste.c - see taste.h. */
#include "model/taste.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "math/sorted.h"
#include "text/analyse.h"

enum { DAY_S = 86400 };
static const double COMMON_EVENTS = 2; /* of the common kind, added to every history */

typedef enum { OF_CATEGORY, OF_BRAND, OF_WORD, N_KINDS } kind;

/* One kind of thing that items have: which each item has, and how much of all events that is. */
typedef struct {
    rk_interner *names;
    uint64_t *start; /* [n_items + 1] */
    rk_vec id;       /* uint32_t */
    double *weight;  /* [names] of all events */
    double total;    /* of all events that have one */
} kind_table;

struct rk_taste_base {
    const rk_dataset *dataset;
    double half_life_days;
    int64_t now;
    kind_table kinds[N_KINDS];
    float *price; /* [n_price] of all events, ascending; NULL without prices */
    size_t n_price;
};

/* ---- what items have ---- */

static bool add_id(kind_table *t, rk_slice name)
{
    uint32_t id = rk_interner_add(t->names, name);
    return id != RK_NO_ID && rk_vec_push(&t->id, &id);
}

static rk_status read_names(const rk_names *names, uint32_t n_items, kind_table *t, rk_error *err)
{
    bool is_done = true;
    for (uint32_t i = 0; i < n_items && is_done; i++) {
        rk_slice name = i < names->n ? rk_names_get(names, i) : (rk_slice){"", 0};
        is_done = name.n == 0 || add_id(t, name);
        t->start[i + 1] = t->id.n;
    }
    return is_done ? RK_OK : rk_fail_memory(err, "tastes");
}

/* Words of the titles as they stand there, folded, not stemmed: they are shown. Each once an item; no numbers. */
static rk_status read_words(const rk_dataset *d, kind_table *t, rk_error *err)
{
    rk_analyser *analyser = NULL;
    rk_status status = rk_analyser_new(&(rk_analysis){.stemmer = "none", .keep_stops = false}, &analyser, err);
    for (uint32_t i = 0; !status && i < d->n_items; i++) {
        const rk_token *tokens;
        size_t n = 0, first = t->id.n;
        status = i < d->title.n ? rk_analyse(analyser, rk_names_get(&d->title, i), &tokens, &n, err) : RK_OK;
        for (size_t k = 0; !status && k < n; k++) {
            bool is_word = tokens[k].n_words == 1 && tokens[k].term.n > 2 && !strchr("0123456789", *tokens[k].term.at);
            status = !is_word || add_id(t, tokens[k].term) ? RK_OK : rk_fail_memory(err, "tastes");
            uint32_t *ids = t->id.data;
            for (size_t e = first; is_word && e + 1 < t->id.n; e++) {
                if (ids[e] == ids[t->id.n - 1]) {
                    t->id.n--;
                    break;
                }
            }
        }
        t->start[i + 1] = t->id.n;
    }
    rk_analyser_free(analyser);
    return status;
}

/* ---- what everybody does ---- */

static double weight_of(const rk_taste_base *b, uint64_t event)
{
    if (!b->dataset->event_time || !(b->half_life_days > 0)) {
        return 1;
    }
    return exp2(-(double)(b->now - b->dataset->event_time[event]) / DAY_S / b->half_life_days);
}

static rk_status count_all(rk_taste_base *b, kind_table *t, rk_error *err)
{
    t->weight = calloc((size_t)rk_interner_count(t->names) + 1, sizeof *t->weight);
    if (!t->weight) {
        return rk_fail_memory(err, "tastes");
    }
    const uint32_t *ids = t->id.data;
    for (uint64_t e = 0; e < b->dataset->n_events; e++) {
        uint32_t item = b->dataset->event_item[e];
        double weight = weight_of(b, e);
        for (uint64_t at = t->start[item]; at < t->start[item + 1]; at++) {
            t->weight[ids[at]] += weight;
        }
        t->total += t->start[item + 1] > t->start[item] ? weight : 0;
    }
    return RK_OK;
}

static rk_status open_kind(rk_taste_base *b, kind k, rk_error *err)
{
    const rk_dataset *d = b->dataset;
    kind_table *t = &b->kinds[k];
    *t = (kind_table){.names = rk_interner_new(),
                      .start = calloc((size_t)d->n_items + 1, sizeof *t->start),
                      .id = {.item_bytes = sizeof(uint32_t)}};
    if (!t->names || !t->start) {
        return rk_fail_memory(err, "tastes");
    }
    rk_status status = k == OF_WORD ? read_words(d, t, err)
                                    : read_names(k == OF_CATEGORY ? &d->category : &d->brand, d->n_items, t, err);
    return status ? status : count_all(b, t, err);
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float price_of(const rk_dataset *d, uint64_t event)
{
    return d->event_price ? d->event_price[event] : d->item_price ? d->item_price[d->event_item[event]] : NAN;
}

static rk_status sort_prices(rk_taste_base *b, rk_error *err)
{
    const rk_dataset *d = b->dataset;
    if (!d->event_price && !d->item_price) {
        return RK_OK;
    }
    b->price = malloc(((size_t)d->n_events + 1) * sizeof *b->price);
    if (!b->price) {
        return rk_fail_memory(err, "prices");
    }
    for (uint64_t e = 0; e < d->n_events; e++) {
        float price = price_of(d, e);
        if (!isnan(price)) {
            b->price[b->n_price++] = price;
        }
    }
    qsort(b->price, b->n_price, sizeof *b->price, by_float);
    return RK_OK;
}

rk_status rk_taste_base_new(const rk_dataset *dataset, double half_life_days, rk_taste_base **out, rk_error *err)
{
    rk_taste_base *b = calloc(1, sizeof *b);
    if (!b) {
        return rk_fail_memory(err, "tastes");
    }
    b->dataset = dataset;
    b->half_life_days = half_life_days;
    b->now = rk_dataset_newest(dataset);
    rk_status status = sort_prices(b, err);
    for (kind k = 0; k < N_KINDS && !status; k++) {
        status = open_kind(b, k, err);
    }
    if (status) {
        rk_taste_base_free(b);
        return status;
    }
    *out = b;
    return RK_OK;
}

void rk_taste_base_free(rk_taste_base *b)
{
    for (kind k = 0; b && k < N_KINDS; k++) {
        rk_interner_free(b->kinds[k].names);
        free(b->kinds[k].start);
        free(b->kinds[k].weight);
        rk_vec_release(&b->kinds[k].id);
    }
    if (b) {
        free(b->price);
        free(b);
    }
}

/* ---- one user ---- */

typedef struct {
    uint32_t id;
    double weight, rank;
} tally;

static int by_id(const void *a, const void *b)
{
    uint32_t x = ((const tally *)a)->id, y = ((const tally *)b)->id;
    return (x > y) - (x < y);
}

static int by_rank(const void *a, const void *b)
{
    const tally *x = a, *y = b;
    return x->rank > y->rank ? -1 : x->rank < y->rank ? 1 : (x->id > y->id) - (x->id < y->id);
}

/* Equal ids become one, weights added. */
static size_t merge(tally *all, size_t n)
{
    size_t kept = 0;
    if (n > 1) {
        qsort(all, n, sizeof *all, by_id);
    }
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && all[kept - 1].id == all[i].id) {
            all[kept - 1].weight += all[i].weight;
        } else {
            all[kept++] = all[i];
        }
    }
    return kept;
}

/* How much more often than everybody, on the cautious side; things that nobody else has count as if rare. */
static double cautious_lift(const kind_table *t, const tally *one, double own_total)
{
    double common = t->weight[one->id] / t->total;
    return (one->weight + COMMON_EVENTS * common) / (own_total + COMMON_EVENTS) / common;
}

static rk_status find_tastes(const rk_taste_base *b, uint32_t user, kind k, rk_taste *out, size_t *n_out, rk_error *err)
{
    const kind_table *t = &b->kinds[k];
    const rk_dataset *d = b->dataset;
    const uint32_t *ids = t->id.data;
    rk_vec all = {.item_bytes = sizeof(tally)};
    double own_total = 0;
    bool is_short = false;
    for (uint64_t e = d->user_start[user]; e < d->user_start[user + 1]; e++) {
        uint32_t item = d->event_item[e];
        double weight = weight_of(b, e);
        for (uint64_t at = t->start[item]; at < t->start[item + 1]; at++) {
            is_short |= !rk_vec_push(&all, &(tally){ids[at], weight, 0});
        }
        own_total += t->start[item + 1] > t->start[item] ? weight : 0;
    }
    size_t n = merge(all.data, all.n);
    tally *at = all.data;
    for (size_t i = 0; i < n; i++) { /* a category says itself by how much is taken; a word by what sets it apart */
        double lift = cautious_lift(t, &at[i], own_total), share = at[i].weight / own_total;
        at[i].rank = k == OF_WORD ? share * log(fmax(lift, 1)) : share;
    }
    if (n > 1) {
        qsort(at, n, sizeof *at, by_rank);
    }
    for (*n_out = 0; *n_out < n && *n_out < RK_TASTES_MAX && at[*n_out].rank > 0; ++*n_out) {
        const tally *one = &at[*n_out];
        out[*n_out] =
            (rk_taste){rk_interner_key(t->names, one->id), one->weight / own_total, cautious_lift(t, one, own_total)};
    }
    rk_vec_release(&all);
    return is_short ? rk_fail_memory(err, "tastes") : RK_OK;
}

static rk_status find_prices(const rk_taste_base *b, rk_profile_of *p, rk_error *err)
{
    const rk_dataset *d = b->dataset;
    uint64_t begin = d->user_start[p->user], end = d->user_start[p->user + 1];
    double *price = malloc((size_t)(end - begin + 1) * sizeof *price);
    size_t n = 0, n_cheaper = 0;
    if (!price) {
        return rk_fail_memory(err, "prices");
    }
    for (uint64_t e = begin; e < end; e++) {
        float one = price_of(d, e);
        if (!isnan(one)) {
            price[n++] = (double)one;
        }
    }
    if (n > 0) {
        rk_sort_reals(price, n);
        p->price_low = rk_sorted_quantile(price, n, 0.25);
        p->price_median = rk_sorted_quantile(price, n, 0.5);
        p->price_high = rk_sorted_quantile(price, n, 0.75);
        while (n_cheaper < b->n_price && (double)b->price[n_cheaper] < p->price_median) {
            n_cheaper++;
        }
        p->price_rank = (double)n_cheaper / (double)b->n_price;
    }
    free(price);
    return RK_OK;
}

/* The median of the gaps between the days on which something was taken. */
static rk_status find_rhythm(const rk_dataset *d, rk_profile_of *p, rk_error *err)
{
    uint64_t begin = d->user_start[p->user], end = d->user_start[p->user + 1];
    double *gap = malloc((size_t)(end - begin + 1) * sizeof *gap);
    size_t n = 0;
    if (!gap) {
        return rk_fail_memory(err, "a rhythm");
    }
    for (uint64_t e = begin; d->event_time && e < end; e++) { /* events of a user are in the order of time */
        p->first = d->event_time[e] < p->first ? d->event_time[e] : p->first;
        p->last = d->event_time[e] > p->last ? d->event_time[e] : p->last;
        int64_t before = e > begin ? d->event_time[e - 1] / DAY_S : 0, day = d->event_time[e] / DAY_S;
        if (e > begin && day > before) {
            gap[n++] = (double)(day - before);
        }
    }
    if (n > 0) {
        rk_sort_reals(gap, n);
        p->days_between = rk_sorted_quantile(gap, n, 0.5);
    }
    free(gap);
    return RK_OK;
}

static rk_status find_favourites(const rk_dataset *d, rk_profile_of *p, rk_error *err)
{
    rk_vec all = {.item_bytes = sizeof(tally)};
    bool is_short = false;
    for (uint64_t e = d->user_start[p->user]; e < d->user_start[p->user + 1]; e++) {
        is_short |= !rk_vec_push(&all, &(tally){d->event_item[e], 1, 0});
    }
    size_t n = merge(all.data, all.n);
    tally *at = all.data;
    for (size_t i = 0; i < n; i++) {
        at[i].rank = at[i].weight;
    }
    p->n_items = (uint32_t)n;
    if (n > 1) {
        qsort(at, n, sizeof *at, by_rank);
    }
    for (size_t i = 0; i < n && i < RK_TASTES_MAX && at[i].weight >= 2; i++) {
        rk_slice title = at[i].id < d->title.n ? rk_names_get(&d->title, at[i].id) : (rk_slice){"", 0};
        p->item[i] = title.n > 0 ? title : rk_names_get(&d->items, at[i].id);
        p->item_times[i] = (uint32_t)at[i].weight;
        p->n_favourites = i + 1;
    }
    rk_vec_release(&all);
    return is_short ? rk_fail_memory(err, "favourites") : RK_OK;
}

rk_status rk_profile_make(const rk_taste_base *b, uint32_t user, rk_profile_of *out, rk_error *err)
{
    const rk_dataset *d = b->dataset;
    *out = (rk_profile_of){.user = user,
                           .n_events = d->user_start[user + 1] - d->user_start[user],
                           .first = INT64_MAX,
                           .last = INT64_MIN,
                           .days_between = NAN,
                           .price_low = NAN,
                           .price_median = NAN,
                           .price_high = NAN,
                           .price_rank = NAN};
    rk_status status = find_tastes(b, user, OF_CATEGORY, out->category, &out->n_categories, err);
    status = status ? status : find_tastes(b, user, OF_BRAND, out->brand, &out->n_brands, err);
    status = status ? status : find_tastes(b, user, OF_WORD, out->word, &out->n_words, err);
    status = status ? status : find_prices(b, out, err);
    status = status ? status : find_rhythm(d, out, err);
    return status ? status : find_favourites(d, out, err);
}

/* ---- in words ---- */

static void add_tastes(const char *lead, const rk_taste *tastes, size_t n, rk_text *out)
{
    if (n == 0) {
        return;
    }
    rk_text_add(out, lead);
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(out, "%s%.*s (%.0f %%", i > 0 ? ", " : " ", (int)tastes[i].name.n, tastes[i].name.at,
                     100 * tastes[i].share);
        if (tastes[i].lift >= 1.5) {
            rk_text_addf(out, ", %.*f times as often as others", tastes[i].lift < 10 ? 1 : 0, tastes[i].lift);
        }
        rk_text_add(out, ")");
    }
    rk_text_add(out, "\n");
}

void rk_profile_words(const rk_profile_of *p, rk_text *out)
{
    char day[32];
    rk_text_addf(out, "%" PRIu64 " event%s of %u item%s", p->n_events, p->n_events == 1 ? "" : "s", p->n_items,
                 p->n_items == 1 ? "" : "s");
    if (p->last >= p->first) {
        rk_format_time(p->first, day);
        rk_text_addf(out, ", from %.10s", day);
        rk_format_time(p->last, day);
        rk_text_addf(out, " to %.10s", day);
    }
    rk_text_add(out, "\n");
    if (!isnan(p->days_between)) {
        rk_text_addf(out, "comes about every %.0f day%s\n", p->days_between, p->days_between < 1.5 ? "" : "s");
    }
    add_tastes("takes from", p->category, p->n_categories, out);
    add_tastes("likes the brands", p->brand, p->n_brands, out);
    add_tastes("is known by the words", p->word, p->n_words, out);
    if (p->price_high > p->price_low) {
        rk_text_addf(out, "pays %.2f to %.2f, half of the time, and %.2f in the middle", p->price_low, p->price_high,
                     p->price_median);
    } else if (!isnan(p->price_median)) {
        rk_text_addf(out, "pays %.2f", p->price_median);
    }
    if (!isnan(p->price_median)) {
        rk_text_addf(out, ": dearer than %.0f %% of all that is taken\n", 100 * p->price_rank);
    }
    for (size_t i = 0; i < p->n_favourites; i++) {
        rk_text_addf(out, "%s%.*s (%u times)", i > 0 ? ", " : "comes back for ", (int)p->item[i].n, p->item[i].at,
                     p->item_times[i]);
    }
    rk_text_add(out, p->n_favourites > 0 ? "\n" : "");
}

static void json_tastes(const char *key, const rk_taste *tastes, size_t n, rk_json *json)
{
    rk_json_array(json, key);
    for (size_t i = 0; i < n; i++) {
        rk_json_object(json, NULL);
        rk_json_string(json, "name", tastes[i].name);
        rk_json_real(json, "share", tastes[i].share);
        rk_json_real(json, "lift", tastes[i].lift);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void add_known(const char *key, double value, rk_json *json)
{
    if (!isnan(value)) {
        rk_json_real(json, key, rint(value * 1e6) / 1e6); /* prices are floats: what they hold beyond says nothing */
    }
}

void rk_profile_json(const rk_profile_of *p, rk_slice name, rk_json *json)
{
    char time[32];
    rk_json_object(json, NULL);
    rk_json_string(json, "user", name);
    rk_json_u64(json, "events", p->n_events);
    rk_json_u64(json, "items", p->n_items);
    if (p->last >= p->first) {
        rk_format_time(p->first, time);
        rk_json_cstring(json, "first", time);
        rk_format_time(p->last, time);
        rk_json_cstring(json, "last", time);
    }
    add_known("days_between", p->days_between, json);
    json_tastes("categories", p->category, p->n_categories, json);
    json_tastes("brands", p->brand, p->n_brands, json);
    json_tastes("words", p->word, p->n_words, json);
    add_known("price_low", p->price_low, json);
    add_known("price_median", p->price_median, json);
    add_known("price_high", p->price_high, json);
    add_known("price_rank", p->price_rank, json);
    rk_json_array(json, "favourites");
    for (size_t i = 0; i < p->n_favourites; i++) {
        rk_json_object(json, NULL);
        rk_json_string(json, "item", p->item[i]);
        rk_json_u64(json, "times", p->item_times[i]);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}
