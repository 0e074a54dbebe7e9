/* cmd_search.c - reckon index, search, judge: an index of items, a question to it, and how good its answers are. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "eval/judge.h"
#include "report/table.h"
#include "text/question.h"
#include "text/spell.h"

/* ---- an index, or one made of a dataset for the moment ---- */

typedef struct {
    double weight[RK_N_FIELDS], b[RK_N_FIELDS], k1;
    const char *stemmer;
    bool keep_stops, bare;
    const char *out, *queries, *facets, *topics, *qrels;
    uint64_t n;
} search_settings;

#define AT(name) offsetof(search_settings, name)
#define FIELD(key, fall, words)                                                                                        \
    {                                                                                                                  \
#key, 0, RK_OPT_REAL, offsetof(search_settings, weight) + sizeof(double) * RK_FIELD_##words, "X", fall,        \
            "weight of words there, when an index is made", .max = 1000                                                \
    }
#define INDEX_OPTIONS                                                                                                  \
    FIELD(title, "1", TITLE), FIELD(text, "1", TEXT), FIELD(brand, "0.5", BRAND), FIELD(category, "0.5", CATEGORY),    \
        FIELD(attributes, "0.2", ATTRIBUTES),                                                                          \
        {"k1", 0, RK_OPT_REAL, AT(k1), "X", "0.45", "where repeats stop to count", .min = 0.01, .max = 100},           \
        {"b-title", 0, RK_OPT_REAL, AT(b), "X", "0.4", "how much length is held against an item, title", .max = 1},    \
        {"b-text", 0,     RK_OPT_REAL,      offsetof(search_settings, b) + sizeof(double) * RK_FIELD_TEXT,             \
         "X",      "0.8", "the same, text", .max = 1},                                                                 \
        {"b-attributes",                                                                                               \
         0,                                                                                                            \
         RK_OPT_REAL,                                                                                                  \
         offsetof(search_settings, b) + sizeof(double) * RK_FIELD_ATTRIBUTES,                                          \
         "X",                                                                                                          \
         "0.6",                                                                                                        \
         "the same, attributes",                                                                                       \
         .max = 1},                                                                                                    \
        {"stemmer", 0, RK_OPT_TEXT, AT(stemmer), "NAME", "english", "english, porter, german, ... or none"},           \
    {                                                                                                                  \
        "keep-stops", 0, RK_OPT_FLAG, AT(keep_stops), .help = "function words (the, of) are words, too"                \
    }

static rk_index_options index_options(const search_settings *s)
{
    rk_index_options o = {.k1 = s->k1, .analysis = {s->stemmer, s->keep_stops}};
    memcpy(o.weight, s->weight, sizeof o.weight);
    memcpy(o.b, s->b, sizeof o.b);
    return o;
}

/* A dataset is indexed into a file that is gone when this returns: the open index keeps it. */
static rk_status open_dataset(const rk_call *call, const char *path, rk_index **out, rk_error *err)
{
    char folder[4096], file[4200];
    const char *tmp = getenv("TMPDIR");
    rk_index_report report;
    rk_index_options options = index_options(call->settings);
    snprintf(folder, sizeof folder,
             "%s/reckon-XX"
             "XX"
             "XX",
             tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return rk_fail(err, RK_IO, "no room for an index in %.200s", folder);
    }
    snprintf(file, sizeof file, "%s/index.rk", folder);
    rk_status status = rk_index_build(path, &options, file, &call->run, &report, err);
    status = status ? status : rk_index_open(file, out, err);
    unlink(file);
    rmdir(folder);
    return status;
}

static rk_status open_index(const rk_call *call, rk_index **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(call->words[0], NULL, &artefact, err);
    bool is_dataset = !status && strcmp(rk_artefact_kind(artefact), "dataset") == 0;
    rk_artefact_close(artefact);
    if (status) {
        return status;
    }
    return is_dataset ? open_dataset(call, call->words[0], out, err) : rk_index_open(call->words[0], out, err);
}

/* ---- index ---- */

static const rk_option index_option_rows[] = {
    {"output", 'o', RK_OPT_TEXT, AT(out), "S.rk", .help = "index to write (required)", .is_output = true},
    INDEX_OPTIONS,
    {"queries", 0, RK_OPT_TEXT, AT(queries), "FILE", .help = "CSV of what was asked, for suggestions: query,count"},
    {"bare", 0, RK_OPT_FLAG, AT(bare), .help = "keep no words and phrases to correct and suggest by"},
};

static void tell_index(const rk_call *call, const char *path, const rk_index_report *report)
{
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "path", path);
        rk_json_u64(&json, "items", report->n_items);
        rk_json_u64(&json, "terms", report->n_terms);
        rk_json_u64(&json, "postings", report->n_postings);
        rk_json_u64(&json, "text_bytes", report->text_bytes);
        rk_json_real(&json, "wall_s", report->wall_s);
        rk_json_real(&json, "cpu_s", report->cpu_s);
        rk_json_end_object(&json);
        return;
    }
    rk_text_addf(call->out, "%s: %u items, %u terms, %" PRIu64 " postings; ", path, report->n_items, report->n_terms,
                 report->n_postings);
    rk_text_add_bytes(call->out, (double)report->text_bytes);
    rk_text_add(call->out, " of text read in ");
    rk_text_add_seconds(call->out, report->wall_s);
    rk_text_add(call->out, "\n");
}

static rk_status run_index(const rk_call *call, rk_error *err)
{
    const search_settings *s = call->settings;
    rk_index_options options = index_options(s);
    options.is_bare = s->bare;
    options.queries = s->queries;
    rk_index_report report;
    if (!s->out) {
        return rk_fail(err, RK_BAD_USAGE, "index wants -o S.rk, the index to write");
    }
    rk_status status = rk_index_build(call->words[0], &options, s->out, &call->run, &report, err);
    if (!status) {
        tell_index(call, s->out, &report);
    }
    return status;
}

/* ---- search ---- */

static const rk_option search_option_rows[] = {
    {"number", 'n', RK_OPT_COUNT, AT(n), "N", "10", "how many items", 1, 10000},
    {"facets", 0, RK_OPT_TEXT, AT(facets), "FIELD,...",
     .help = "count the values of these fields among all that match"},
    INDEX_OPTIONS,
};

enum { FACET_VALUES = 10 };

typedef struct {
    const rk_call *call;
    const rk_index *index;
    const rk_question *question;
    const rk_findings *found;
    rk_correction correction;
    rk_arena *arena;
} telling;

typedef rk_status tell_facet(const telling *t, rk_slice field, const rk_slice *names, const uint64_t *counts, size_t n,
                             rk_json *json);

static rk_status each_facet(const telling *t, tell_facet *tell, rk_json *json, rk_error *err)
{
    const search_settings *s = t->call->settings;
    rk_status status = RK_OK;
    for (const char *at = s->facets; !status && at && *at;) {
        const char *comma = strchr(at, ',');
        rk_slice field = {at, comma ? (size_t)(comma - at) : strlen(at)}, names[FACET_VALUES];
        uint64_t counts[FACET_VALUES];
        size_t n = 0;
        status = rk_facet_count(t->index, t->found, field, FACET_VALUES, t->arena, names, counts, &n, err);
        status = status ? status : tell(t, field, names, counts, n, json);
        at = comma ? comma + 1 : NULL;
    }
    return status;
}

static rk_status facet_json(const telling *t, rk_slice field, const rk_slice *names, const uint64_t *counts, size_t n,
                            rk_json *json)
{
    const char *key = rk_arena_copy(t->arena, field.at, field.n);
    rk_json_array(json, key ? key : "");
    for (size_t i = 0; i < n; i++) {
        rk_json_array(json, NULL);
        rk_json_string(json, NULL, names[i]);
        rk_json_u64(json, NULL, counts[i]);
        rk_json_end_array(json);
    }
    rk_json_end_array(json);
    return RK_OK;
}

static rk_status facet_words(const telling *t, rk_slice field, const rk_slice *names, const uint64_t *counts, size_t n,
                             rk_json *json)
{
    (void)json;
    rk_text_addf(t->call->out, "%.*s:", (int)field.n, field.at);
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(t->call->out, "%s %.*s (%" PRIu64 ")", i ? "," : "", (int)names[i].n, names[i].at, counts[i]);
    }
    rk_text_add(t->call->out, "\n");
    return RK_OK;
}

static rk_status tell_json(const telling *t, rk_error *err)
{
    rk_json json = {.text = t->call->out};
    const rk_dataset *d = rk_index_items(t->index);
    rk_json_object(&json, NULL);
    rk_json_array(&json, "items");
    for (size_t i = 0; i < t->found->n; i++) {
        uint32_t item = t->found->item[i];
        rk_json_object(&json, NULL);
        rk_json_string(&json, "id", rk_names_get(&d->items, item));
        rk_json_real(&json, "score", rint((double)t->found->score[i] * 1e6) / 1e6);
        if (d->title.n > 0) {
            rk_json_string(&json, "title", rk_names_get(&d->title, item));
        }
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_u64(&json, "total", t->found->total);
    if (t->question->n_unknown > 0) {
        rk_json_array(&json, "unknown");
        for (size_t i = 0; i < t->question->n_unknown; i++) {
            rk_json_string(&json, NULL, t->question->unknown[i]);
        }
        rk_json_end_array(&json);
    }
    if (t->correction.n_changed > 0) {
        rk_json_string(&json, "did_you_mean", t->correction.text);
    }
    rk_json_object(&json, "facets");
    rk_status status = each_facet(t, facet_json, &json, err);
    rk_json_end_object(&json);
    rk_json_end_object(&json);
    return status;
}

static rk_status tell_words(const telling *t, rk_error *err)
{
    const rk_dataset *d = rk_index_items(t->index);
    rk_column columns[3] = {{"score", true}, {"item", false}, {"title", false}};
    rk_table table = {.columns = columns, .n_columns = d->title.n > 0 ? 3 : 2};
    for (size_t i = 0; i < t->found->n; i++) {
        rk_slice id = rk_names_get(&d->items, t->found->item[i]);
        rk_table_addf(&table, "%.3f", (double)t->found->score[i]);
        rk_table_addf(&table, "%.*s", (int)id.n, id.at);
        if (d->title.n > 0) {
            rk_slice title = rk_names_get(&d->title, t->found->item[i]);
            rk_table_addf(&table, "%.*s", (int)(title.n < 90 ? title.n : 90), title.at);
        }
    }
    rk_table_print(&table, (rk_table_style){.color = t->call->color}, t->call->out);
    rk_table_release(&table);
    rk_text_addf(t->call->out, "%zu of %" PRIu64 " items that match\n", t->found->n, t->found->total);
    for (size_t i = 0; i < t->question->n_unknown; i++) {
        rk_text_addf(t->call->out, "no item has '%.*s'\n", (int)t->question->unknown[i].n, t->question->unknown[i].at);
    }
    if (t->correction.n_changed > 0) {
        rk_text_addf(t->call->out, "did you mean '%.*s'?\n", (int)t->correction.text.n, t->correction.text.at);
    }
    return each_facet(t, facet_words, NULL, err);
}

/* What was meant by words that no item has. */
static rk_status correct(telling *t, rk_error *err)
{
    const rk_question *q = t->question;
    rk_slice text = rk_slice_of(t->call->words[1]);
    uint32_t known[RK_SEARCH_TERMS_MAX];
    rk_speller *speller = NULL;
    if (q->n_unknown == 0) {
        return RK_OK;
    }
    for (size_t i = 0; i < q->n_terms; i++) {
        known[i] = q->term[i].term;
    }
    rk_status status = rk_speller_new(t->index, &speller, err);
    status = status ? status
                    : rk_spell_mend(speller, text, q->unknown, q->n_unknown, known, q->n_terms, t->arena,
                                    &t->correction, err);
    rk_speller_free(speller);
    return status;
}

static rk_status run_search(const rk_call *call, rk_error *err)
{
    const search_settings *s = call->settings;
    rk_index *index = NULL;
    rk_asker *asker = NULL;
    rk_arena arena = {0};
    rk_question question;
    rk_findings found;
    rk_status status = open_index(call, &index, err);
    status = status ? status : rk_asker_new(index, &asker, err);
    status = status ? status : rk_question_read(asker, rk_slice_of(call->words[1]), &question, err);
    status = status ? status : rk_question_answer(asker, &question, s->n, &arena, &found, err);
    telling t = {.call = call, .index = index, .question = &question, .found = &found, .arena = &arena};
    status = status ? status : correct(&t, err);
    status = status ? status : call->common.json ? tell_json(&t, err) : tell_words(&t, err);
    rk_asker_free(asker);
    rk_arena_release(&arena);
    rk_index_close(index);
    return status;
}

/* ---- judge ---- */

static const rk_option judge_option_rows[] = {
    {"topics", 0, RK_OPT_TEXT, AT(topics), "FILE", .help = "queries of TREC, in the place of RATINGS.csv"},
    {"qrels", 0, RK_OPT_TEXT, AT(qrels), "FILE", .help = "judgements of TREC that go with them"},
    INDEX_OPTIONS,
};

static rk_status read_judgements(const rk_call *call, rk_judgements *out, rk_error *err)
{
    const search_settings *s = call->settings;
    bool is_trec = s->topics && s->qrels;
    if ((call->n_words == 2) == is_trec || !s->topics != !s->qrels) {
        return rk_fail(err, RK_BAD_USAGE, "judge wants RATINGS.csv, or --topics FILE and --qrels FILE");
    }
    return is_trec ? rk_judgements_read_trec(s->topics, s->qrels, out, err)
                   : rk_judgements_read(call->words[1], out, err);
}

static void tell_judgement(const rk_call *call, const rk_judgement *j)
{
    rk_json json = {.text = call->out};
    static const rk_column columns[] = {{"figure", false}, {"value", true}, {"95 % interval over queries", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    if (call->common.json) {
        rk_json_object(&json, NULL);
        for (size_t f = 0; f < RK_JUDGE_FIGURES; f++) {
            char key[32];
            rk_json_real(&json, rk_judge_names[f], j->value[f]);
            snprintf(key, sizeof key, "%s_ci", rk_judge_names[f]);
            rk_json_array(&json, key);
            rk_json_real(&json, NULL, j->low[f]);
            rk_json_real(&json, NULL, j->high[f]);
            rk_json_end_array(&json);
        }
        rk_json_u64(&json, "queries", j->n_queries);
        rk_json_u64(&json, "unknown_pairs", j->n_unknown);
        rk_json_real(&json, "seconds", j->seconds);
        rk_json_end_object(&json);
        return;
    }
    for (size_t f = 0; f < RK_JUDGE_FIGURES; f++) {
        rk_table_add(&table, rk_judge_names[f]);
        rk_table_addf(&table, "%.4f", j->value[f]);
        rk_table_addf(&table, "%.4f to %.4f", j->low[f], j->high[f]);
    }
    rk_table_print(&table, (rk_table_style){.color = call->color, .indent = 2}, call->out);
    rk_table_release(&table);
    rk_text_addf(call->out, "\n%zu queries with a good item", j->n_queries);
    if (j->n_unknown > 0) {
        rk_text_addf(call->out, "; %zu judged items are not in the index and count as not found", j->n_unknown);
    }
    rk_text_add(call->out, "\n");
}

static rk_status run_judge(const rk_call *call, rk_error *err)
{
    rk_judgements judgements = {0};
    rk_judgement judgement = {0};
    rk_index *index = NULL;
    rk_status status = read_judgements(call, &judgements, err);
    status = status ? status : open_index(call, &index, err);
    status = status ? status : rk_judge(index, &judgements, &call->run, &judgement, err);
    if (!status) {
        tell_judgement(call, &judgement);
    }
    rk_judgement_release(&judgement);
    rk_judgements_release(&judgements);
    rk_index_close(index);
    return status;
}

const rk_command rk_command_index = {
    .name = "index",
    .summary = "an index of what is said of the items, for search",
    .usage = "D.rk -o S.rk",
    .example = "reckon index shop.rk -o shop.search.rk",
    .options = index_option_rows,
    .n_options = RK_COUNT_OF(index_option_rows),
    .settings_bytes = sizeof(search_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_index,
};

const rk_command rk_command_search = {
    .name = "search",
    .summary = "the best items for words, with phrases, conditions and facets",
    .usage = "S.rk|D.rk \"WORDS\"",
    .example = "reckon search shop.rk 'red \"tea pot\" price<20 -brand:Acme'",
    .options = search_option_rows,
    .n_options = RK_COUNT_OF(search_option_rows),
    .settings_bytes = sizeof(search_settings),
    .min_words = 2,
    .max_words = 2,
    .run = run_search,
};

const rk_command rk_command_judge = {
    .name = "judge",
    .summary = "how good a search is, by what people judged, with intervals",
    .usage = "S.rk|D.rk RATINGS.csv | --topics T --qrels Q",
    .example = "reckon judge shop.rk ratings.csv",
    .options = judge_option_rows,
    .n_options = RK_COUNT_OF(judge_option_rows),
    .settings_bytes = sizeof(search_settings),
    .min_words = 1,
    .max_words = 2,
    .run = run_judge,
};
