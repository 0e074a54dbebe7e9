/* reckon.c - the public verbs of include/reckon.h over the rooms below: convert, call, convert back; no logic. */
#include "reckon.h"

#include <stdlib.h>
#include <string.h>

#include "compress/compress.h"
#include "cost/ledger.h"
#include "data/ingest.h"
#include "data/split.h"
#include "eval/eval.h"
#include "math/blas.h"
#include "model/answer.h"

_Static_assert((int)RECKON_STOPPED == (int)RK_STOPPED && (int)RECKON_IO == (int)RK_IO, "statuses agree");
_Static_assert(sizeof(reckon_error) == sizeof(rk_error), "errors agree");

const char *reckon_version(void) { return RECKON_VERSION; }
void reckon_free(char *text) { free(text); }

static reckon_status done(rk_status status, const rk_error *from, reckon_error *err)
{
    if (status && err) {
        err->status = (reckon_status)status;
        memcpy(err->message, from->message, sizeof err->message);
    }
    return (reckon_status)status;
}

/* ---- runs: threads, seed, voice ---- */

typedef struct {
    rk_run run;
    rk_voice voice;
    const reckon_run *asked;
} session;

static void pass_log(void *context, rk_log_level level, const char *line)
{
    const reckon_run *asked = context;
    if (level >= RK_LOG_INFO && asked->log) {
        asked->log(asked->context, line);
    }
}

static void pass_progress(void *context, const char *step, const char *unit, uint64_t n_done, uint64_t total)
{
    const reckon_run *asked = context;
    if (asked->progress) {
        asked->progress(asked->context, step, unit, n_done, total);
    }
}

static rk_status begin(session *s, const reckon_run *asked, rk_error *err)
{
    static const reckon_run silent = {.seed = 1};
    s->asked = asked ? asked : &silent;
    s->voice = (rk_voice){(void *)(uintptr_t)s->asked, pass_log, pass_progress};
    s->run = (rk_run){.pool = rk_pool_new(s->asked->n_threads), .seed = s->asked->seed, .voice = &s->voice};
    rk_blas_init();
    return s->run.pool ? RK_OK : rk_fail_memory(err, "threads");
}

static void end(session *s) { rk_pool_free(s->run.pool); }

/* A text given away: "" rather than NULL. */
static rk_status give(rk_text *text, char **out, rk_error *err)
{
    if (text->failed || !text->at) {
        rk_text_release(text);
        return rk_fail_memory(err, "an answer");
    }
    *out = text->at;
    return RK_OK;
}

/* ---- from log to model ---- */

reckon_status reckon_ingest(const char *log_path, const char *map, const char *dataset_path, const reckon_run *run,
                            reckon_error *err)
{
    session s;
    rk_error error = {0};
    rk_ingest_report report = {0};
    rk_ingest_options options = rk_ingest_defaults();
    options.paths = &log_path;
    options.n_paths = 1;
    options.map = map;
    options.out_path = dataset_path;
    rk_status status = begin(&s, run, &error);
    if (status == RK_OK) {
        status = rk_ingest(&options, &s.run, &report, &error);
        rk_ingest_report_release(&report);
    }
    end(&s);
    return done(status, &error, err);
}

static rk_status find_rule(const char *by, rk_split_rule *out, rk_error *err)
{
    static const char *const names[] = {"time", "user-time", "leave-one-out", "random"};
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        if (strcmp(by, names[i]) == 0) {
            *out = (rk_split_rule)i;
            return RK_OK;
        }
    }
    return rk_fail(err, RK_BAD_USAGE, "no split by '%.40s'; there are time, user-time, leave-one-out and random", by);
}

reckon_status reckon_split(const char *dataset_path, const char *by, double share, const char *train_path,
                           const char *test_path, const reckon_run *run, reckon_error *err)
{
    session s;
    rk_error error = {0};
    rk_split_options options = {.test_share = share};
    rk_split_report report;
    rk_status status = begin(&s, run, &error);
    if (status == RK_OK) {
        status = find_rule(by, &options.rule, &error);
    }
    if (status == RK_OK) {
        status = rk_split(dataset_path, &options, train_path, test_path, &s.run, &report, &error);
    }
    end(&s);
    return done(status, &error, err);
}

/* "a=1,b=2" as texts; copy: the words, owned by the caller. Returns how many; at most max. */
static size_t split_settings(char *copy, const char **set, size_t max)
{
    size_t n = 0;
    for (char *at = copy; at && *at && n < max;) {
        char *comma = strchr(at, ',');
        set[n++] = at;
        if (comma) {
            *comma = '\0';
        }
        at = comma ? comma + 1 : NULL;
    }
    return n;
}

reckon_status reckon_train(const char *dataset_path, const char *model_name, const char *options,
                           const char *model_path, const reckon_run *run, reckon_error *err)
{
    enum { SETTINGS_MAX = 64 };
    session s;
    rk_error error = {0};
    const char *set[SETTINGS_MAX];
    char *copy = strdup(options ? options : "");
    rk_status status = begin(&s, run, &error);
    if (status == RK_OK && !copy) {
        status = rk_fail_memory(&error, "options");
    }
    if (status == RK_OK) {
        size_t n = split_settings(copy, set, SETTINGS_MAX);
        status = rk_model_train(dataset_path, model_name, set, n, model_path, &s.run, &error);
    }
    free(copy);
    end(&s);
    return done(status, &error, err);
}

reckon_status reckon_compress(const char *model_path, const char *to, const char *small_path, const reckon_run *run,
                              reckon_error *err)
{
    session s;
    rk_error error = {0};
    rk_compression report;
    rk_status status = begin(&s, run, &error);
    if (status == RK_OK) {
        status = rk_compress(model_path, to, NULL, 0, small_path, &s.run, &report, &error);
    }
    end(&s);
    return done(status, &error, err);
}

static rk_status plan_cuts(const unsigned *k, size_t n_k, rk_eval_plan *plan, rk_error *err)
{
    rk_text cuts = {0};
    for (size_t i = 0; i < n_k; i++) {
        rk_text_addf(&cuts, "%s%u", i ? "," : "", k[i]);
    }
    rk_status status =
        cuts.failed ? rk_fail_memory(err, "cut-offs") : rk_eval_parse_cuts(cuts.at ? cuts.at : "", plan, err);
    rk_text_release(&cuts);
    return status;
}

reckon_status reckon_evaluate(const char *model_path, const char *test_path, const unsigned *k, size_t n_k,
                              const reckon_run *run, char **json, reckon_error *err)
{
    session s;
    rk_error error = {0};
    rk_eval_plan plan = {0};
    rk_evaluation evaluation = {0};
    rk_text text = {0};
    rk_json writer = {.text = &text};
    rk_status status = begin(&s, run, &error);
    if (status == RK_OK) {
        status = plan_cuts(k, n_k, &plan, &error);
    }
    if (status == RK_OK) {
        status = rk_evaluate_files(model_path, test_path, NULL, &plan, &s.run, &evaluation, &error);
    }
    if (status == RK_OK) {
        rk_json_object(&writer, NULL);
        rk_evaluation_json(&evaluation, &writer);
        rk_json_end_object(&writer);
        status = give(&text, json, &error);
    }
    rk_evaluation_release(&evaluation);
    end(&s);
    return done(status, &error, err);
}

/* ---- answering ---- */

struct reckon_model {
    rk_model *model;
    char *strings; /* every id and title with a NUL behind, in order: items, then titles */
    size_t *id_at, *title_at;
};

/* Appends the names as C strings; where[i] = where the i-th begins. */
static void copy_names(const rk_names *names, rk_text *into, size_t *where)
{
    for (uint32_t i = 0; i < names->n; i++) {
        where[i] = into->n;
        rk_text_add_slice(into, rk_names_get(names, i));
        rk_text_add_slice(into, (rk_slice){"", 1});
    }
}

static rk_status copy_strings(reckon_model *model, rk_error *err)
{
    size_t n = rk_model_n_items(model->model);
    rk_text strings = {0};
    rk_text_add_slice(&strings, (rk_slice){"", 1}); /* offset 0: the empty title */
    model->id_at = calloc(n + 1, sizeof *model->id_at);
    model->title_at = calloc(n + 1, sizeof *model->title_at);
    if (model->id_at && model->title_at) {
        copy_names(rk_model_items(model->model), &strings, model->id_at);
        copy_names(rk_model_titles(model->model), &strings, model->title_at);
    }
    model->strings = strings.at;
    return model->id_at && model->title_at && !strings.failed ? RK_OK : rk_fail_memory(err, "the names of a model");
}

reckon_status reckon_model_open(const char *model_path, reckon_model **out, reckon_error *err)
{
    rk_error error = {0};
    reckon_model *model = calloc(1, sizeof *model);
    rk_status status = model ? RK_OK : rk_fail_memory(&error, "a model");
    if (status == RK_OK) {
        status = rk_model_open(model_path, &model->model, &error);
    }
    if (status == RK_OK) {
        status = copy_strings(model, &error);
    }
    if (status) {
        reckon_model_close(model);
        return done(status, &error, err);
    }
    *out = model;
    return RECKON_OK;
}

void reckon_model_close(reckon_model *model)
{
    if (model) {
        rk_model_close(model->model);
        free(model->strings);
        free(model->id_at);
        free(model->title_at);
        free(model);
    }
}

static void hand_over(const reckon_model *model, const rk_answer *answer, reckon_item *items, size_t *n_found)
{
    for (uint32_t i = 0; i < answer->n; i++) {
        items[i] = (reckon_item){model->strings + model->id_at[answer->item[i]],
                                 model->strings + model->title_at[answer->item[i]], (double)answer->score[i]};
    }
    *n_found = answer->n;
}

static rk_status check_n(size_t n, rk_error *err)
{
    return n >= 1 && n <= RK_ANSWER_ITEMS_MAX
               ? RK_OK
               : rk_fail(err, RK_BAD_USAGE, "n must be 1 to %d, got %zu", RK_ANSWER_ITEMS_MAX, n);
}

static reckon_status recommend(const reckon_model *model, const rk_wish *wish, reckon_item *items, size_t *n_found,
                               reckon_error *err)
{
    rk_error error = {0};
    rk_answer answer;
    rk_desk *desk = rk_desk_new();
    rk_status status =
        desk ? rk_answer_recommend(desk, model->model, wish, &answer, &error) : rk_fail_memory(&error, "an answer");
    if (status == RK_OK) {
        hand_over(model, &answer, items, n_found);
    }
    rk_desk_free(desk);
    return done(status, &error, err);
}

reckon_status reckon_recommend(const reckon_model *model, const char *user, size_t n, reckon_item *items,
                               size_t *n_found, reckon_error *err)
{
    rk_error error = {0};
    uint32_t id = rk_names_find(rk_model_users(model->model), rk_slice_of(user));
    rk_status status = check_n(n, &error);
    if (status == RK_OK && id == RK_NO_ID) {
        status = rk_fail(&error, RK_NOT_FOUND, "no user '%.80s' in the model", user);
    }
    if (status) {
        return done(status, &error, err);
    }
    return recommend(model, &(rk_wish){.user = id, .n = (uint32_t)n}, items, n_found, err);
}

static int compare_ids(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Ids of the known names, ascending, each once; returns how many. */
static size_t find_items(const reckon_model *model, const char *const *names, size_t n, uint32_t *ids)
{
    size_t n_known = 0, n_once = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t id = rk_names_find(rk_model_items(model->model), rk_slice_of(names[i]));
        if (id != RK_NO_ID) {
            ids[n_known++] = id;
        }
    }
    qsort(ids, n_known, sizeof *ids, compare_ids);
    for (size_t i = 0; i < n_known; i++) {
        if (i == 0 || ids[i] != ids[i - 1]) {
            ids[n_once++] = ids[i];
        }
    }
    return n_once;
}

reckon_status reckon_recommend_history(const reckon_model *model, const char *const *history, size_t n_history,
                                       size_t n, reckon_item *items, size_t *n_found, reckon_error *err)
{
    rk_error error = {0};
    uint32_t *ids = malloc((n_history + 1) * sizeof *ids);
    rk_status status = ids ? check_n(n, &error) : rk_fail_memory(&error, "a history");
    reckon_status result;
    if (status) {
        result = done(status, &error, err);
    } else {
        size_t n_known = find_items(model, history, n_history, ids);
        rk_wish wish = {.user = RK_NO_ID, .history = {.item = ids, .n = n_known}, .n = (uint32_t)n};
        result = recommend(model, &wish, items, n_found, err);
    }
    free(ids);
    return result;
}

reckon_status reckon_similar(const reckon_model *model, const char *item, size_t n, reckon_item *items, size_t *n_found,
                             reckon_error *err)
{
    rk_error error = {0};
    rk_answer answer;
    uint32_t id = rk_names_find(rk_model_items(model->model), rk_slice_of(item));
    rk_status status = check_n(n, &error);
    rk_desk *desk = rk_desk_new();
    if (status == RK_OK && id == RK_NO_ID) {
        status = rk_fail(&error, RK_NOT_FOUND, "no item '%.80s' in the model", item);
    }
    if (status == RK_OK && !desk) {
        status = rk_fail_memory(&error, "an answer");
    }
    if (status == RK_OK) {
        status = rk_answer_similar(desk, model->model, &(rk_like_wish){.item = id, .n = (uint32_t)n}, &answer, &error);
    }
    if (status == RK_OK) {
        hand_over(model, &answer, items, n_found);
    }
    rk_desk_free(desk);
    return done(status, &error, err);
}

/* ---- money ---- */

reckon_status reckon_cost_statement(const char *plan_path, char **json, reckon_error *err)
{
    rk_error error = {0};
    rk_run run = {.seed = 1};
    rk_ledger *ledger = NULL;
    rk_text text = {0};
    rk_status status = rk_cost_run(&(rk_plan_source){.path = plan_path}, &run, &ledger, &error);
    if (status == RK_OK) {
        rk_ledger_json(ledger, &text);
        status = give(&text, json, &error);
    }
    rk_ledger_free(ledger);
    return done(status, &error, err);
}
