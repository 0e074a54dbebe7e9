/* split.c - each event goes to one side; both sides keep every user and item of the dataset, so ids agree.
 *
 * A test event is only a fair question when its user and item occur in training (else it is cold) and the user has not
 * taken the item there already (a repeat: rankings leave out what was taken, so it could never be found). Both kinds
 * are left out of the test side unless asked for, and counted.
 */
#include "data/split.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "data/dataset_write.h"
#include "math/random.h"

typedef struct {
    const rk_dataset *dataset;
    const rk_split_options *options;
    const rk_run *run;
    uint8_t *side; /* [n_events] */
    rk_split_report *report;
} splitting;

enum { SIDE_TRAIN, SIDE_TEST, SIDE_NONE };

/* ---- who goes where ---- */

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The instant at or after which the newest share of events lies; all events of one instant stay together. */
static rk_status find_cut(const splitting *s, rk_error *err)
{
    size_t n = (size_t)s->dataset->n_events;
    int64_t *times = malloc((n + 1) * sizeof *times);
    if (!times) {
        return rk_fail_memory(err, "sorted times");
    }
    memcpy(times, s->dataset->event_time, n * sizeof *times);
    qsort(times, n, sizeof *times, compare_times);
    size_t first = n - (size_t)((double)n * s->options->test_share);
    s->report->cut_time = times[first < n ? first : n - 1];
    free(times);
    return RK_OK;
}

static rk_status by_time(const splitting *s, rk_error *err)
{
    rk_status status = find_cut(s, err);
    for (uint64_t e = 0; status == RK_OK && e < s->dataset->n_events; e++) {
        s->side[e] = s->dataset->event_time[e] >= s->report->cut_time ? SIDE_TEST : SIDE_TRAIN;
    }
    return status;
}

/* The last n_test(history) events of each user. */
static void tail_of_users(const splitting *s, uint64_t (*n_test)(const splitting *s, uint64_t n_events))
{
    for (uint32_t user = 0; user < s->dataset->n_users; user++) {
        uint64_t begin = s->dataset->user_start[user], end = s->dataset->user_start[user + 1];
        uint64_t n = n_test(s, end - begin);
        memset(s->side + begin, SIDE_TRAIN, (size_t)(end - begin - n));
        memset(s->side + end - n, SIDE_TEST, (size_t)n);
    }
}

static uint64_t share_of(const splitting *s, uint64_t n_events)
{
    return (uint64_t)((double)n_events * s->options->test_share);
}

static uint64_t last_one(const splitting *s, uint64_t n_events)
{
    (void)s;
    return n_events >= 2 ? 1 : 0;
}

static rk_status by_user_time(const splitting *s, rk_error *err)
{
    (void)err;
    tail_of_users(s, share_of);
    return RK_OK;
}

static rk_status leave_one_out(const splitting *s, rk_error *err)
{
    (void)err;
    tail_of_users(s, last_one);
    return RK_OK;
}

static rk_status at_random(const splitting *s, rk_error *err)
{
    (void)err;
    rk_random random = rk_random_of(s->run->seed, 0);
    for (uint64_t e = 0; e < s->dataset->n_events; e++) {
        s->side[e] = rk_random_uniform(&random) < s->options->test_share ? SIDE_TEST : SIDE_TRAIN;
    }
    return RK_OK;
}

/* Folds of equal size, give or take one event; each event is in exactly one. */
static rk_status by_fold(const splitting *s, rk_error *err)
{
    uint32_t n = (uint32_t)s->dataset->n_events;
    uint32_t *order = malloc(((size_t)n + 1) * sizeof *order);
    if (!order) {
        return rk_fail_memory(err, "folds");
    }
    rk_random random = rk_random_of(s->run->seed, 0);
    rk_random_shuffle(&random, order, n);
    for (uint32_t i = 0; i < n; i++) {
        s->side[order[i]] = i % s->options->n_folds + 1 == s->options->fold ? SIDE_TEST : SIDE_TRAIN;
    }
    free(order);
    return RK_OK;
}

static rk_status by_users(const splitting *s, rk_error *err)
{
    (void)err;
    for (uint32_t user = 0; user < s->dataset->n_users; user++) {
        uint64_t begin = s->dataset->user_start[user], n = s->dataset->user_start[user + 1] - begin;
        rk_random random = rk_random_of(s->run->seed, rk_hash(rk_names_get(&s->dataset->users, user), 0));
        bool is_test = rk_random_uniform(&random) < s->options->test_share;
        memset(s->side + begin, is_test ? SIDE_TEST : SIDE_TRAIN, (size_t)n);
    }
    return RK_OK;
}

static const struct {
    const char *name;
    bool needs_time, needs_share;
    rk_status (*choose)(const splitting *s, rk_error *err);
} rules[] = {
    [RK_SPLIT_TIME] = {"time", true, true, by_time},
    [RK_SPLIT_USER_TIME] = {"user-time", false, true, by_user_time},
    [RK_SPLIT_LEAVE_ONE_OUT] = {"leave-one-out", false, false, leave_one_out},
    [RK_SPLIT_RANDOM] = {"random", false, true, at_random},
    [RK_SPLIT_K_FOLD] = {"k-fold", false, false, by_fold},
    [RK_SPLIT_USERS] = {"users", false, true, by_users},
};

const char *rk_split_rule_name(rk_split_rule rule) { return rules[rule].name; }

/* ---- fair questions only ---- */

static bool *items_in_training(const splitting *s)
{
    bool *is_known = calloc((size_t)s->dataset->n_items + 1, sizeof *is_known);
    for (uint64_t e = 0; is_known && e < s->dataset->n_events; e++) {
        if (s->side[e] == SIDE_TRAIN) {
            is_known[s->dataset->event_item[e]] = true;
        }
    }
    return is_known;
}

/* One user's test events. taken: [n_items] marks, user + 1 where the user took the item in training. */
static void judge_user(const splitting *s, uint32_t user, const bool *is_known, uint32_t *taken)
{
    const rk_dataset *d = s->dataset;
    bool has_history = false, has_test = false;
    for (uint64_t e = d->user_start[user]; e < d->user_start[user + 1]; e++) {
        if (s->side[e] == SIDE_TRAIN) {
            taken[d->event_item[e]] = user + 1;
            has_history = true;
        }
    }
    for (uint64_t e = d->user_start[user]; e < d->user_start[user + 1]; e++) {
        if (s->side[e] != SIDE_TEST) {
            continue;
        }
        bool is_cold = !has_history || !is_known[d->event_item[e]];
        bool is_repeat = taken[d->event_item[e]] == user + 1;
        s->report->n_cold += is_cold;
        s->report->n_repeats += is_repeat;
        if ((is_cold && !s->options->keep_cold) || (is_repeat && !s->options->keep_repeats)) {
            s->side[e] = SIDE_NONE;
        } else {
            has_test = true;
        }
    }
    s->report->n_test_users += has_test;
}

static rk_status judge_all(const splitting *s, rk_error *err)
{
    bool *is_known = items_in_training(s);
    uint32_t *taken = calloc((size_t)s->dataset->n_items + 1, sizeof *taken);
    rk_status status = is_known && taken ? RK_OK : rk_fail_memory(err, "judging a split");
    for (uint32_t user = 0; status == RK_OK && user < s->dataset->n_users; user++) {
        judge_user(s, user, is_known, taken);
    }
    free(is_known);
    free(taken);
    return status;
}

/* ---- writing a side ---- */

typedef struct {
    uint32_t *user, *item;
    int64_t *time;
    float *value, *price;
    uint8_t *type;
} columns;

static void release_columns(columns *c)
{
    free(c->user);
    free(c->item);
    free(c->time);
    free(c->value);
    free(c->price);
    free(c->type);
}

static rk_status gather(const splitting *s, int side, const uint8_t *types, columns *c, uint64_t *n_out, rk_error *err)
{
    const rk_dataset *d = s->dataset;
    size_t room = (size_t)d->n_events + 1;
    *c = (columns){malloc(room * 4),
                   malloc(room * 4),
                   d->event_time ? malloc(room * 8) : NULL,
                   d->event_value ? malloc(room * 4) : NULL,
                   d->event_price ? malloc(room * 4) : NULL,
                   types ? malloc(room) : NULL};
    if (!c->user || !c->item || (d->event_time && !c->time) || (d->event_value && !c->value) ||
        (d->event_price && !c->price) || (types && !c->type)) {
        return rk_fail_memory(err, "one side of a split");
    }
    uint64_t n = 0;
    for (uint32_t user = 0; user < d->n_users; user++) {
        for (uint64_t e = d->user_start[user]; e < d->user_start[user + 1]; e++) {
            if (s->side[e] != side) {
                continue;
            }
            c->user[n] = user;
            c->item[n] = d->event_item[e];
            if (c->time) {
                c->time[n] = d->event_time[e];
            }
            if (c->value) {
                c->value[n] = d->event_value[e];
            }
            if (c->price) {
                c->price[n] = d->event_price[e];
            }
            if (c->type) {
                c->type[n] = types[e];
            }
            n++;
        }
    }
    *n_out = n;
    return RK_OK;
}

/* Every section that is not about events: names, titles, prices of items. */
static rk_status copy_tables(rk_artefact_writer *writer, const rk_artefact *from, rk_error *err)
{
    static const char *const events[] = {"user.start", "event.", "item.start", "item.event"};
    rk_status status = RK_OK;
    for (size_t i = 0; i < rk_artefact_n_sections(from) && status == RK_OK; i++) {
        const rk_section *section = rk_artefact_section_at(from, i);
        bool is_event = false;
        for (size_t p = 0; p < RK_COUNT_OF(events); p++) {
            is_event |= strncmp(section->name, events[p], strlen(events[p])) == 0;
        }
        if (!is_event) {
            status = rk_artefact_add_copy(writer, section, err);
        }
    }
    return status;
}

static rk_status add_meta(const splitting *s, rk_artefact_writer *writer, int side, uint64_t n, rk_error *err)
{
    const rk_split_options *options = s->options;
    bool is_fold = options->rule == RK_SPLIT_K_FOLD;
    double share = is_fold ? 1.0 / (double)options->n_folds : options->test_share;
    json_t *meta = rk_artefact_writer_meta(writer);
    json_t *split =
        json_pack("{s:s, s:s, s:f, s:I}", "by", rules[options->rule].name, "side",
                  side == SIDE_TRAIN ? "train" : "test", "test_share", share, "seed", (json_int_t)s->run->seed);
    int failed = json_object_update(meta, (json_t *)(uintptr_t)rk_artefact_meta(s->dataset->artefact));
    failed |= json_object_set_new(meta, "events", json_integer((json_int_t)n));
    failed |= is_fold && json_object_set_new(split, "folds", json_integer(options->n_folds));
    failed |= is_fold && json_object_set_new(split, "fold", json_integer(options->fold));
    failed |= json_object_set_new(meta, "split", split);
    return failed ? rk_fail_memory(err, "a header") : RK_OK;
}

static rk_status write_side(const splitting *s, int side, const char *path, uint64_t *n, rk_stopwatch watch,
                            rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    columns c = {0};
    const rk_section *type = rk_artefact_find(s->dataset->artefact, "event.type");
    rk_status status = gather(s, side, type ? type->data : NULL, &c, n, err);
    if (status == RK_OK) {
        status = rk_artefact_create(path, "dataset", &writer, err);
    }
    rk_events events = {s->dataset->n_users, s->dataset->n_items, *n, c.user, c.item, c.time, c.value, c.price, c.type};
    if (status == RK_OK) {
        status = rk_artefact_add_parent(writer, s->dataset->artefact, err);
    }
    if (status == RK_OK) {
        status = rk_events_add(writer, &events, s->run, err);
    }
    if (status == RK_OK) {
        status = copy_tables(writer, s->dataset->artefact, err);
    }
    if (status == RK_OK) {
        status = add_meta(s, writer, side, *n, err);
    }
    release_columns(&c);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    rk_usage usage = rk_stopwatch_stop(watch);
    usage.bytes_in = rk_artefact_bytes(s->dataset->artefact);
    return rk_artefact_commit(writer, &usage, err);
}

/* ---- all ---- */

static rk_status check(const rk_split_options *options, const rk_dataset *dataset, rk_error *err)
{
    if (rules[options->rule].needs_share && !(options->test_share > 0 && options->test_share < 1)) {
        return rk_fail(err, RK_BAD_USAGE, "the test share must lie between 0 and 1, got %g", options->test_share);
    }
    if (options->rule == RK_SPLIT_K_FOLD &&
        (options->n_folds < 2 || options->fold < 1 || options->fold > options->n_folds)) {
        return rk_fail(err, RK_BAD_USAGE, "fold %u of %u: there must be 2 folds or more, and they count from 1",
                       options->fold, options->n_folds);
    }
    if (rules[options->rule].needs_time && !dataset->event_time) {
        return rk_fail(err, RK_BAD_INPUT, "%s has no times: it cannot be split by %s",
                       rk_artefact_path(dataset->artefact), rules[options->rule].name);
    }
    const rk_section *type = rk_artefact_find(dataset->artefact, "event.type");
    if (type && (type->type != RK_U8 || type->bytes != dataset->n_events)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged dataset: event.type is not one byte an event",
                       rk_artefact_path(dataset->artefact));
    }
    return RK_OK;
}

/* Neither side may take the place of the dataset, nor of the other side. */
static rk_status check_paths(const char *dataset_path, const char *train_path, const char *test_path, rk_error *err)
{
    rk_status status = rk_path_keep_apart(train_path, dataset_path, err);
    if (status == RK_OK) {
        status = rk_path_keep_apart(test_path, dataset_path, err);
    }
    if (status == RK_OK && rk_path_is_same(train_path, test_path)) {
        status = rk_fail(err, RK_BAD_USAGE, "both sides of the split would be written to '%.200s'", train_path);
    }
    return status;
}

rk_status rk_split(const char *dataset_path, const rk_split_options *options, const char *train_path,
                   const char *test_path, const rk_run *run, rk_split_report *report, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_dataset dataset = {0};
    *report = (rk_split_report){.cut_time = INT64_MIN};
    rk_status status = check_paths(dataset_path, train_path, test_path, err);
    if (status == RK_OK) {
        status = rk_dataset_open(dataset_path, &dataset, err);
    }
    if (status) {
        return status;
    }
    splitting s = {&dataset, options, run, NULL, report};
    status = check(options, &dataset, err);
    if (status == RK_OK) {
        s.side = malloc((size_t)dataset.n_events + 1);
        status = s.side ? rules[options->rule].choose(&s, err) : rk_fail_memory(err, "the sides of a split");
    }
    if (status == RK_OK) {
        status = judge_all(&s, err);
    }
    if (status == RK_OK) {
        status = write_side(&s, SIDE_TRAIN, train_path, &report->n_train, watch, err);
    }
    if (status == RK_OK) {
        status = write_side(&s, SIDE_TEST, test_path, &report->n_test, watch, err);
    }
    free(s.side);
    rk_dataset_close(&dataset);
    return status;
}

rk_status rk_sample_users(const char *dataset_path, double share, const char *out_path, const rk_run *run,
                          uint64_t *n_events, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_dataset dataset = {0};
    rk_split_options options = {.rule = RK_SPLIT_USERS, .test_share = share, .keep_cold = true, .keep_repeats = true};
    rk_status status = rk_path_keep_apart(out_path, dataset_path, err);
    status = status ? status : rk_dataset_open(dataset_path, &dataset, err);
    if (status) {
        return status;
    }
    splitting s = {&dataset, &options, run, malloc((size_t)dataset.n_events + 1), NULL};
    status = s.side ? check(&options, &dataset, err) : rk_fail_memory(err, "a sample");
    status = status ? status : by_users(&s, err);
    status = status ? status : write_side(&s, SIDE_TEST, out_path, n_events, watch, err);
    free(s.side);
    rk_dataset_close(&dataset);
    return status;
}

void rk_split_report_json(const rk_split_report *report, rk_json *json, const char *key)
{
    rk_json_object(json, key);
    rk_json_u64(json, "train", report->n_train);
    rk_json_u64(json, "test", report->n_test);
    rk_json_u64(json, "test_users", report->n_test_users);
    rk_json_u64(json, "cold", report->n_cold);
    rk_json_u64(json, "repeats", report->n_repeats);
    if (report->cut_time != INT64_MIN) {
        char text[32];
        rk_format_time(report->cut_time, text);
        rk_json_cstring(json, "cut", text);
    }
    rk_json_end_object(json);
}
