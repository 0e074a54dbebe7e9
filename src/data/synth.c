/* synth.c - see synth.h. */
#include "data/synth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "data/dataset_write.h"
#include "math/random.h"

enum { FAVOURITES = 3, CHUNK_USERS = 256, DAY_S = 86400, CSV_BYTES = 1 << 20 };
enum { OF_USER = 1, OF_ITEM = 2, OF_EVENTS = 3, OF_ORDER = 4, OF_CATEGORY = 5 };
static const int64_t END_S = 1767225600; /* 2026-01-01 */
static const double SPREAD_OF_USERS = 1.1, SPREAD_OF_PRICES = 0.6;

rk_synth_options rk_synth_defaults(void)
{
    return (rk_synth_options){
        .n_users = 10000, .n_items = 2000, .n_events = 200000, .power = 0.9, .loyalty = 0.75, .n_days = 365};
}

/* What is drawn once for the whole shop. */
typedef struct {
    const rk_synth_options *o;
    uint64_t seed;
    uint32_t n_categories;
    uint32_t *order;          /* [n_items] items by category; within one, most popular first */
    uint32_t *category_start; /* [n_categories + 1] into order */
    uint32_t *popular;        /* [n_items] items, most popular first */
    uint32_t *category_of;    /* [n_items] */
    float *price;             /* [n_items] */
    uint64_t *user_start;     /* [n_users + 1] events */
    uint32_t *event_user, *event_item;
    int64_t *event_time;
    float *event_price, *event_quantity;
} shop;

static rk_random stream(const shop *s, uint64_t of, uint64_t which) { return rk_random_of(s->seed * 8 + of, which); }

/* A rank 0 .. n - 1 with probability about (rank + 1)^-power: the inverse of the integral. */
static uint32_t draw_rank(rk_random *random, uint32_t n, double power)
{
    double u = rk_random_uniform(random), rest = 1 - power;
    double x = fabs(rest) < 1e-9 ? pow(n + 1.0, u) : pow((pow(n + 1.0, rest) - 1) * u + 1, 1 / rest);
    uint32_t rank = (uint32_t)(x - 1);
    return rank < n ? rank : n - 1;
}

/* ---- the items ---- */

/* Items are dealt to categories by a power law, then each category keeps its own in a random order of popularity, which
 * is that of the whole shop. */
static void place_items(shop *s)
{
    uint32_t n = s->o->n_items;
    rk_random random = stream(s, OF_ORDER, 0);
    for (uint32_t i = 0; i < n; i++) {
        s->popular[i] = i;
    }
    rk_random_shuffle(&random, s->popular, n);
    for (uint32_t i = 0; i < n; i++) {
        rk_random own = stream(s, OF_CATEGORY, i);
        s->category_of[i] = i < s->n_categories ? i : draw_rank(&own, s->n_categories, 0.6);
        s->category_start[s->category_of[i] + 1]++;
    }
    for (uint32_t c = 0; c < s->n_categories; c++) {
        s->category_start[c + 1] += s->category_start[c];
    }
    for (uint32_t r = 0; r < n; r++) { /* by popularity, so that each category's are, too */
        uint32_t item = s->popular[r];
        s->order[s->category_start[s->category_of[item]]++] = item;
    }
    memmove(s->category_start + 1, s->category_start, s->n_categories * sizeof *s->category_start);
    s->category_start[0] = 0;
}

static void price_items(shop *s)
{
    for (uint32_t i = 0; i < s->o->n_items; i++) {
        rk_random random = stream(s, OF_ITEM, i), kind = stream(s, OF_CATEGORY, 1000000 + s->category_of[i]);
        double level = 2 + 1.2 * rk_random_normal(&kind);
        double price = exp(level + SPREAD_OF_PRICES * rk_random_normal(&random));
        s->price[i] = (float)(floor(price) + 0.99);
    }
}

/* ---- the events ---- */

/* How many events each user has: log-normal shares of all of them, one at least. */
static void share_events(shop *s)
{
    uint32_t n = s->o->n_users;
    double total = 0, sum = 0;
    for (uint32_t u = 0; u < n; u++) {
        rk_random random = stream(s, OF_USER, u);
        total += exp(SPREAD_OF_USERS * rk_random_normal(&random));
    }
    double spare = s->o->n_events > n ? (double)(s->o->n_events - n) : 0;
    for (uint32_t u = 0; u < n; u++) {
        rk_random random = stream(s, OF_USER, u);
        sum += exp(SPREAD_OF_USERS * rk_random_normal(&random));
        s->user_start[u + 1] = u + 1 + (uint64_t)(spare * (sum / total));
    }
}

/* A moment: more towards the end, in the last sixth of it half as many again, fewer on Sundays and at night. */
static int64_t draw_time(const shop *s, rk_random *random)
{
    for (;;) {
        double share = rk_random_uniform(random);
        int64_t time = END_S - (int64_t)((1 - share) * s->o->n_days * DAY_S) - 1;
        int64_t day = time / DAY_S, hour = time % DAY_S / 3600;
        double odds = (0.6 + 0.4 * share) * (share > 5.0 / 6 ? 1 : 0.66);
        odds *= (day + 4) % 7 == 0 ? 0.7 : 1;
        odds *= hour < 7 ? 0.15 : hour < 18 ? 0.8 : 1;
        if (rk_random_uniform(random) < odds) {
            return time;
        }
    }
}

static uint32_t draw_item(const shop *s, rk_random *random, const uint32_t favourite[FAVOURITES])
{
    if (rk_random_uniform(random) >= s->o->loyalty) {
        return s->popular[draw_rank(random, s->o->n_items, s->o->power)];
    }
    uint32_t c = favourite[draw_rank(random, FAVOURITES, 1)];
    uint32_t begin = s->category_start[c], n = s->category_start[c + 1] - begin;
    return s->order[begin + draw_rank(random, n, s->o->power)];
}

static void fill_user(const shop *s, uint32_t user)
{
    rk_random random = stream(s, OF_EVENTS, user);
    uint32_t favourite[FAVOURITES];
    for (size_t f = 0; f < FAVOURITES; f++) {
        favourite[f] = draw_rank(&random, s->n_categories, 0.4);
    }
    for (uint64_t e = s->user_start[user]; e < s->user_start[user + 1]; e++) {
        uint32_t item = draw_item(s, &random, favourite);
        s->event_user[e] = user;
        s->event_item[e] = item;
        s->event_time[e] = draw_time(s, &random);
        s->event_price[e] = s->price[item];
        s->event_quantity[e] = (float)(1 + draw_rank(&random, 6, 2.5));
    }
}

static void fill_users(void *context, rk_span span)
{
    const shop *s = context;
    for (size_t u = span.begin; u < span.end; u++) {
        fill_user(s, (uint32_t)u);
    }
}

/* ---- words ---- */

static const char *const kinds[] = {"lamp",     "chair", "kettle", "mug",     "shirt",   "jacket",  "backpack",
                                    "notebook", "phone", "cable",  "printer", "desk",    "blanket", "candle",
                                    "bottle",   "tent",  "knife",  "pan",     "speaker", "watch"};
static const char *const qualities[] = {"red",      "blue",    "black", "white",   "green",   "oak",
                                        "steel",    "cotton",  "wool",  "glass",   "folding", "compact",
                                        "classic",  "slim",    "heavy", "light",   "garden",  "travel",
                                        "wireless", "vintage", "soft",  "striped", "round",   "double"};
static const char *const syllables[] = {"ka", "lo", "mi", "ra", "ten", "vo", "sel", "dar", "nim", "or", "ba", "que"};

static void add_brand(rk_random *random, rk_text *out)
{
    uint32_t n = 2 + rk_random_below(random, 2);
    for (uint32_t k = 0; k < n; k++) {
        const char *one = syllables[rk_random_below(random, RK_COUNT_OF(syllables))];
        rk_text_addf(out, "%c%s", k == 0 ? one[0] - 32 : one[0], one + 1);
    }
}

/* A category has some brands of its own. */
static void brand_of(const shop *s, uint32_t item, rk_text *out)
{
    rk_random own = stream(s, OF_ITEM, item ^ 0x40000000u);
    rk_random brand = stream(s, OF_CATEGORY, 2000000 + (uint64_t)s->category_of[item] * 8 + draw_rank(&own, 8, 1));
    add_brand(&brand, out);
}

static const char *kind_of(const shop *s, uint32_t item) { return kinds[s->category_of[item] % RK_COUNT_OF(kinds)]; }

static void category_name(const shop *s, uint32_t item, rk_text *out)
{
    rk_text_addf(out, "%ss > range %u", kind_of(s, item), s->category_of[item] / (uint32_t)RK_COUNT_OF(kinds) + 1);
}

static void title_of(const shop *s, uint32_t item, rk_text *out)
{
    rk_random random = stream(s, OF_ITEM, item ^ 0x20000000u);
    uint32_t n = 1 + rk_random_below(&random, 3);
    brand_of(s, item, out);
    for (uint32_t k = 0; k < n; k++) {
        rk_text_addf(out, " %s", qualities[rk_random_below(&random, RK_COUNT_OF(qualities))]);
    }
    uint32_t number = 100 + rk_random_below(&random, 900); /* drawn before the call: arguments have no order */
    int letter = 'A' + (int)rk_random_below(&random, 26);
    rk_text_addf(out, " %s %c%u", kind_of(s, item), letter, number);
}

/* ---- a dataset ---- */

typedef void name_of(const shop *s, uint32_t i, rk_text *out);

static void user_name(const shop *s, uint32_t i, rk_text *out)
{
    (void)s;
    rk_text_addf(out, "u%u", i);
}

static void item_name(const shop *s, uint32_t i, rk_text *out)
{
    (void)s;
    rk_text_addf(out, "i%u", i);
}

static rk_status add_names(const shop *s, rk_artefact_writer *w, const char *prefix, uint32_t n, name_of *name,
                           bool with_order, rk_error *err)
{
    rk_text text = {0};
    uint64_t *start = malloc(((size_t)n + 1) * sizeof *start);
    rk_text_add(&text, "");
    for (uint32_t i = 0; start && i < n; i++) {
        start[i] = text.n;
        name(s, i, &text);
    }
    rk_status status = start && !text.failed ? RK_OK : rk_fail_memory(err, "names");
    if (!status) {
        start[n] = text.n;
        status = rk_names_add(w, prefix, n, start, text.at, with_order, err);
    }
    free(start);
    rk_text_release(&text);
    return status;
}

static rk_status write_dataset(const shop *s, const char *path, rk_stopwatch watch, const rk_run *run, rk_error *err)
{
    static const struct {
        const char *prefix;
        name_of *name;
    } tables[] = {{"title", title_of}, {"category", category_name}, {"brand", brand_of}};
    rk_artefact_writer *w = NULL;
    uint64_t n = s->user_start[s->o->n_users];
    rk_events events = {.n_users = s->o->n_users,
                        .n_items = s->o->n_items,
                        .n = n,
                        .user = s->event_user,
                        .item = s->event_item,
                        .time = s->event_time,
                        .value = s->event_quantity,
                        .price = s->event_price};
    rk_status status = rk_artefact_create(path, "dataset", &w, err);
    status = status ? status : rk_events_add(w, &events, run, err);
    status = status ? status : add_names(s, w, "users", s->o->n_users, user_name, true, err);
    status = status ? status : add_names(s, w, "items", s->o->n_items, item_name, true, err);
    for (size_t t = 0; !status && t < RK_COUNT_OF(tables); t++) {
        status = add_names(s, w, tables[t].prefix, s->o->n_items, tables[t].name, false, err);
    }
    status = status ? status : rk_artefact_add(w, "item.price", RK_F32, s->o->n_items, 1, s->price, err);
    if (status) {
        rk_artefact_abort(w);
        return status;
    }
    json_t *meta = rk_artefact_writer_meta(w);
    json_object_set_new(meta, "users", json_integer(s->o->n_users));
    json_object_set_new(meta, "items", json_integer(s->o->n_items));
    json_object_set_new(meta, "events", json_integer((json_int_t)n));
    json_object_set_new(meta, "synthetic", json_true());
    json_object_set_new(meta, "seed", json_integer((json_int_t)s->seed));
    rk_usage making = rk_stopwatch_stop(watch);
    return rk_artefact_commit(w, &making, err);
}

/* ---- a log ---- */

static rk_status write_csv(const shop *s, const char *path, const rk_run *run, rk_error *err)
{
    rk_file_writer *file = NULL;
    rk_text text = {0};
    char time[32];
    uint64_t n = s->user_start[s->o->n_users];
    rk_status status = rk_file_writer_open(path, &file, err);
    rk_text_add(&text, "user,item,time,quantity,price,title,category,brand\n");
    for (uint64_t e = 0; !status && e < n; e++) {
        uint32_t item = s->event_item[e];
        rk_format_time(s->event_time[e], time);
        rk_text_addf(&text, "u%u,i%u,%s,%.0f,%.2f,", s->event_user[e], item, time, (double)s->event_quantity[e],
                     (double)s->event_price[e]);
        title_of(s, item, &text);
        rk_text_add(&text, ",");
        category_name(s, item, &text);
        rk_text_add(&text, ",");
        brand_of(s, item, &text);
        rk_text_add(&text, "\n");
        if (text.n > CSV_BYTES || e + 1 == n) {
            status = text.failed ? rk_fail_memory(err, "a log") : rk_file_writer_add(file, text.at, text.n, err);
            rk_text_clear(&text);
            rk_progress(run, "writing", "rows", e + 1, n);
        }
    }
    rk_text_release(&text);
    if (status) {
        rk_file_writer_abort(file);
        return status;
    }
    return rk_file_writer_commit(file, err);
}

/* ---- all of it ---- */

static void release(shop *s)
{
    void *const all[] = {s->order,      s->category_start, s->popular,       s->category_of,
                         s->price,      s->user_start,     s->event_user,    s->event_item,
                         s->event_time, s->event_price,    s->event_quantity};
    for (size_t i = 0; i < RK_COUNT_OF(all); i++) {
        free(all[i]);
    }
}

static rk_status open_shop(shop *s, rk_error *err)
{
    size_t n_items = (size_t)s->o->n_items + 1, n_users = (size_t)s->o->n_users + 1;
    uint32_t wanted = s->o->n_categories ? s->o->n_categories : (uint32_t)sqrt((double)s->o->n_items);
    s->n_categories = wanted < 1 ? 1 : wanted < s->o->n_items ? wanted : s->o->n_items;
    s->order = malloc(n_items * sizeof *s->order);
    s->category_start = calloc((size_t)s->n_categories + 2, sizeof *s->category_start);
    s->popular = malloc(n_items * sizeof *s->popular);
    s->category_of = malloc(n_items * sizeof *s->category_of);
    s->price = malloc(n_items * sizeof *s->price);
    s->user_start = calloc(n_users, sizeof *s->user_start);
    return s->order && s->category_start && s->popular && s->category_of && s->price && s->user_start
               ? RK_OK
               : rk_fail_memory(err, "the shop");
}

static rk_status open_events(shop *s, rk_error *err)
{
    size_t n = (size_t)s->user_start[s->o->n_users] + 1;
    s->event_user = malloc(n * sizeof *s->event_user);
    s->event_item = malloc(n * sizeof *s->event_item);
    s->event_time = malloc(n * sizeof *s->event_time);
    s->event_price = malloc(n * sizeof *s->event_price);
    s->event_quantity = malloc(n * sizeof *s->event_quantity);
    return s->event_user && s->event_item && s->event_time && s->event_price && s->event_quantity
               ? RK_OK
               : rk_fail_memory(err, "the shop's events");
}

static rk_status check(const rk_synth_options *o, rk_error *err)
{
    if (o->n_users < 1 || o->n_items < 1 || o->n_events > UINT32_MAX - (uint64_t)o->n_users || o->n_days < 1) {
        return rk_fail(err, RK_BAD_USAGE,
                       "a shop has at least one user, item and day, and at most 4,294,967,295 events");
    }
    return o->power >= 0 && o->power <= 2 && o->loyalty >= 0 && o->loyalty <= 1
               ? RK_OK
               : rk_fail(err, RK_BAD_USAGE, "power lies in 0..2, loyalty in 0..1");
}

rk_status rk_synth(const rk_synth_options *options, const char *out_path, const char *csv_path, const rk_run *run,
                   rk_synth_report *report, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    shop s = {.o = options, .seed = run->seed};
    *report = (rk_synth_report){0};
    rk_status status = check(options, err);
    status = status ? status : open_shop(&s, err);
    if (!status) {
        place_items(&s);
        price_items(&s);
        share_events(&s);
        status = open_events(&s, err);
    }
    if (!status) {
        rk_parallel_for(run->pool, options->n_users, CHUNK_USERS, fill_users, &s);
        report->n_events = s.user_start[options->n_users];
    }
    status = status || !out_path ? status : write_dataset(&s, out_path, watch, run, err);
    status = status || !csv_path ? status : write_csv(&s, csv_path, run, err);
    rk_usage usage = rk_stopwatch_stop(watch);
    report->wall_s = usage.wall_s;
    report->cpu_s = usage.cpu_s;
    release(&s);
    return status;
}
