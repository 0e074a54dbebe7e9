/* cmd_live.c - reckon live: an index that changes while it is searched. One row for each thing that can be done to it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/live_call.h"
#include "data/catalogue.h"
#include "report/table.h"

typedef struct {
    const char *map, *stemmer, *dictionary, *synonyms;
    bool bare;
} live_settings;

static const rk_option live_option_rows[] = {
    {"map", 0, RK_OPT_TEXT, offsetof(live_settings, map), "ROLE=COLUMN,...",
     .help = "put: the columns of products, as in reckon ingest --catalogue"},
    {"stemmer", 0, RK_OPT_TEXT, offsetof(live_settings, stemmer), "NAME", "english",
     "create: english, porter, german, ... or none"},
    {"dictionary", 0, RK_OPT_TEXT, offsetof(live_settings, dictionary), "FILE",
     .help = "create: Chinese words, lines 'word count', or none (default python3-jieba's, where needed)"},
    {"synonyms", 0, RK_OPT_TEXT, offsetof(live_settings, synonyms), "FILE",
     .help = "create: lines 'a, b' (the same) and 'a => b' (who asks for a finds b)"},
    {"bare", 0, RK_OPT_FLAG, offsetof(live_settings, bare),
     .help = "create: keep no words and phrases to correct and suggest by"},
};

/* ---- what all need ---- */

/* The dataset at path, or one made of a file of products for the moment. */
static rk_status open_products(const rk_call *call, const char *path, rk_dataset *out, rk_error *err)
{
    const live_settings *s = call->settings;
    const char *tmp = getenv("TMPDIR");
    char file[4200];
    rk_catalogue_report report;
    rk_error unused;
    rk_artefact *artefact = NULL;
    if (rk_artefact_open(path, "dataset", &artefact, &unused) == RK_OK) {
        rk_artefact_close(artefact);
        return rk_dataset_open(path, out, err);
    }
    snprintf(file, sizeof file, "%.4000s/reckon-products-%ld.rk", tmp && *tmp ? tmp : "/tmp", (long)getpid());
    rk_catalogue_options from = {.path = path, .out_path = file, .map = s->map};
    rk_status status = rk_catalogue_ingest(&from, &call->run, &report, err);
    status = status ? status : rk_dataset_open(file, out, err); /* open, it needs no name */
    unlink(file);
    return status;
}

static rk_status want_words(const rk_call *call, const char *what, rk_error *err)
{
    return call->n_words > 2 ? RK_OK
                             : rk_fail(err, RK_BAD_USAGE, "live %s %s wants %s", call->words[0], call->words[1], what);
}

static void add_counts(const rk_call *call, rk_wares *wares, rk_json *json)
{
    static const rk_column columns[] = {{"live index", false}, {"count", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_wares_state state;
    rk_wares_status(wares, &state);
    const struct {
        const char *key, *words;
        uint64_t value;
    } rows[] = {{"items", "items", state.n_items},
                {"dead", "dead, not yet merged away", state.n_dead},
                {"segments_on_disk", "segments on disk", state.n_on_disk},
                {"segments_in_memory", "segments in memory", state.n_in_memory},
                {"disk_bytes", "bytes on disk", state.disk_bytes},
                {"memory_bytes", "bytes in memory", state.memory_bytes},
                {"log_records", "records of the log to read again", state.n_log_records}};
    for (size_t r = 0; r < RK_COUNT_OF(rows); r++) {
        if (call->common.json) {
            rk_json_u64(json, rows[r].key, rows[r].value);
        } else {
            rk_table_add(&table, rows[r].words);
            rk_table_addf(&table, "%" PRIu64, rows[r].value);
        }
    }
    if (!call->common.json) {
        rk_table_print(&table, (rk_table_style){.color = call->color}, call->out);
    }
    rk_table_release(&table);
}

static void tell_counts(const rk_call *call, rk_wares *wares)
{
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_json_object(&json, NULL);
    }
    add_counts(call, wares, &json);
    if (call->common.json) {
        rk_json_end_object(&json);
    }
}

/* done: what became of the products; the key of the JSON, too. */
static void tell_number(const rk_call *call, const char *done, uint64_t n)
{
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_json_object(&json, NULL);
        rk_json_u64(&json, done, n);
        rk_json_end_object(&json);
    } else {
        rk_text_addf(call->out, "%" PRIu64 " product%s %s\n", n, n == 1 ? "" : "s", done);
    }
}

/* ---- what can be done ---- */

static rk_status do_put(const rk_call *call, rk_wares *wares, rk_error *err)
{
    uint64_t n = 0;
    rk_status status = want_words(call, "PRODUCTS.csv... or datasets", err);
    for (size_t w = 2; !status && w < call->n_words; w++) {
        rk_dataset items = {0};
        status = open_products(call, call->words[w], &items, err);
        status = status ? status : rk_wares_put_items(wares, &items, err);
        n += items.n_items;
        rk_dataset_close(&items);
    }
    if (!status) {
        tell_number(call, "put", n);
    }
    return status;
}

static rk_status do_delete(const rk_call *call, rk_wares *wares, rk_error *err)
{
    uint64_t n_gone = 0;
    rk_status status = want_words(call, "ID...", err);
    size_t n = status ? 0 : call->n_words - 2;
    rk_slice *ids = calloc(n + 1, sizeof *ids);
    for (size_t i = 0; ids && i < n; i++) {
        ids[i] = rk_slice_of(call->words[i + 2]);
    }
    status = status ? status : ids ? rk_wares_delete(wares, ids, n, &n_gone, err) : rk_fail_memory(err, "ids");
    free(ids);
    if (!status) {
        tell_number(call, "deleted", n_gone);
    }
    return status;
}

static rk_status do_flush(const rk_call *call, rk_wares *wares, rk_error *err)
{
    rk_status status = rk_wares_flush(wares, err);
    if (!status) {
        tell_counts(call, wares);
    }
    return status;
}

static rk_status do_compact(const rk_call *call, rk_wares *wares, rk_error *err)
{
    rk_status status = rk_wares_compact(wares, err);
    if (!status) {
        tell_counts(call, wares);
    }
    return status;
}

static rk_status do_status(const rk_call *call, rk_wares *wares, rk_error *err)
{
    (void)err;
    tell_counts(call, wares);
    return RK_OK;
}

/* ---- for commands that search ---- */

rk_status rk_live_call_open(const char *folder, rk_live_call *out, rk_error *err)
{
    rk_wares_options options = rk_wares_defaults();
    options.is_reader = true;
    *out = (rk_live_call){0};
    rk_status status = rk_wares_open(folder, &options, &out->wares, err);
    status = status ? status : rk_wares_view_new(out->wares, &out->view, err);
    out->corpus = status ? NULL : rk_wares_view_corpus(out->view);
    return status;
}

void rk_live_call_close(rk_live_call *live)
{
    rk_wares_view_free(live->view);
    rk_wares_close(live->wares);
    *live = (rk_live_call){0};
}

/* ---- the verbs ---- */

static const struct {
    const char *name;
    rk_status (*run)(const rk_call *call, rk_wares *wares, rk_error *err);
    bool is_reader; /* another process may be writing */
} verbs[] = {
    {"put", do_put, false},         {"delete", do_delete, false}, {"flush", do_flush, false},
    {"compact", do_compact, false}, {"status", do_status, true},
};

static rk_status create(const rk_call *call, rk_error *err)
{
    const live_settings *s = call->settings;
    rk_wares_options options = rk_wares_defaults();
    const char *dataset = call->n_words > 2 ? call->words[2] : NULL;
    options.index.analysis.stemmer = s->stemmer;
    options.index.is_bare = s->bare;
    options.index.dictionary = s->dictionary;
    options.index.synonyms = s->synonyms;
    rk_status status = rk_wares_create(call->words[0], dataset, &options, &call->run, err);
    rk_wares *wares = NULL;
    options.has_no_merger = true;
    status = status ? status : rk_wares_open(call->words[0], &options, &wares, err);
    if (!status) {
        tell_counts(call, wares);
    }
    rk_wares_close(wares);
    return status;
}

static rk_status run_live(const rk_call *call, rk_error *err)
{
    const char *names[RK_COUNT_OF(verbs) + 1] = {"create"};
    rk_wares *wares = NULL;
    if (strcmp(call->words[1], "create") == 0) {
        return create(call, err);
    }
    for (size_t v = 0; v < RK_COUNT_OF(verbs); v++) {
        names[v + 1] = verbs[v].name;
        if (strcmp(call->words[1], verbs[v].name) == 0) {
            rk_wares_options options = rk_wares_defaults();
            options.is_reader = verbs[v].is_reader;
            rk_status status = rk_wares_open(call->words[0], &options, &wares, err);
            status = status ? status : verbs[v].run(call, wares, err);
            rk_wares_close(wares);
            return status;
        }
    }
    const char *nearest = rk_nearest_name(call->words[1], names, RK_COUNT_OF(names));
    return rk_fail(err, RK_BAD_USAGE, "live cannot '%.40s'%s%s%s", call->words[1], nearest ? ", did you mean '" : "",
                   nearest ? nearest : "",
                   nearest ? "'?" : "; it can create, put, delete, flush, compact, status; reckon search searches it");
}

const rk_command rk_command_live = {
    .name = "live",
    .summary = "an index that changes while it is searched",
    .usage = "DIR create [D.rk] | put PRODUCTS.csv... | delete ID... | flush | compact | status",
    .example = "reckon live shop create shop.rk\n  reckon live shop put new.csv\n  reckon live shop delete 84879\n  "
               "reckon search shop 'red lamp price<20'",
    .options = live_option_rows,
    .n_options = RK_COUNT_OF(live_option_rows),
    .settings_bytes = sizeof(live_settings),
    .min_words = 2,
    .max_words = SIZE_MAX,
    .run = run_live,
};
