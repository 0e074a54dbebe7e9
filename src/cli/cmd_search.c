/* cmd_search.c - reckon index, search: an index of items, and a question to it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/search_call.h"
#include "report/table.h"
#include "text/question.h"
#include "text/spell.h"

/* ---- index ---- */

static const rk_option index_option_rows[] = {
    {"output", 'o', RK_OPT_TEXT, RK_SEARCH_AT(out), "S.rk", .help = "index to write (required)", .is_output = true},
    RK_INDEX_OPTIONS,
    {"queries", 0, RK_OPT_TEXT, RK_SEARCH_AT(queries), "FILE",
     .help = "CSV of what was asked, for suggestions: query,count"},
    {"bare", 0, RK_OPT_FLAG, RK_SEARCH_AT(bare), .help = "keep no words and phrases to correct and suggest by"},
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
    const rk_search_settings *s = call->settings;
    rk_index_options options = rk_search_call_options(call);
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
    {"number", 'n', RK_OPT_COUNT, RK_SEARCH_AT(n), "N", "10", "how many items", 1, 10000},
    {"facets", 0, RK_OPT_TEXT, RK_SEARCH_AT(facets), "FIELD,...",
     .help = "count the values of these fields among all that match"},
    RK_RANK_OPTION,
    RK_INDEX_OPTIONS,
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

typedef void tell_facet(const telling *t, rk_slice field, const rk_facet_value *values, size_t n, rk_json *json);

static rk_status each_facet(const telling *t, tell_facet *tell, rk_json *json, rk_error *err)
{
    const rk_search_settings *s = t->call->settings;
    rk_status status = RK_OK;
    for (const char *at = s->facets; !status && at && *at;) {
        const char *comma = strchr(at, ',');
        rk_slice field = {at, comma ? (size_t)(comma - at) : strlen(at)};
        rk_facet_value values[FACET_VALUES];
        size_t n = 0;
        status = rk_facet_count(t->index, t->found, field, FACET_VALUES, t->arena, values, &n, err);
        if (!status) {
            tell(t, field, values, n, json);
        }
        at = comma ? comma + 1 : NULL;
    }
    return status;
}

static void facet_json(const telling *t, rk_slice field, const rk_facet_value *values, size_t n, rk_json *json)
{
    const char *key = rk_arena_copy(t->arena, field.at, field.n);
    rk_json_array(json, key ? key : "");
    for (size_t i = 0; i < n; i++) {
        rk_json_array(json, NULL);
        rk_json_string(json, NULL, values[i].name);
        rk_json_u64(json, NULL, values[i].n);
        rk_json_end_array(json);
    }
    rk_json_end_array(json);
}

static void facet_words(const telling *t, rk_slice field, const rk_facet_value *values, size_t n, rk_json *json)
{
    (void)json;
    rk_text_addf(t->call->out, "%.*s:", (int)field.n, field.at);
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(t->call->out, "%s %.*s (%" PRIu64 ")", i ? "," : "", (int)values[i].name.n, values[i].name.at,
                     values[i].n);
    }
    rk_text_add(t->call->out, "\n");
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

/* The second look sees more than is asked for. */
static rk_status answer(const rk_call *call, const rk_index *index, rk_asker *asker, const rk_question *question,
                        rk_arena *arena, rk_findings *found, rk_error *err)
{
    const rk_search_settings *s = call->settings;
    rk_looker *looker = NULL;
    rk_ranker ranker;
    bool has_look;
    rk_status status = rk_search_call_ranker(call, &ranker, &has_look, err);
    size_t n = has_look && s->n < RK_RANKER_DEPTH ? RK_RANKER_DEPTH : s->n;
    status = status ? status : rk_question_answer(asker, question, n, arena, found, err);
    if (!status && has_look) {
        status = rk_looker_new(index, &looker, err);
        status =
            status ? status : rk_ranker_rank(&ranker, looker, rk_slice_of(call->words[1]), question, arena, found, err);
        rk_looker_free(looker);
    }
    rk_ranker_release(&ranker);
    found->n = found->n < s->n ? found->n : s->n;
    return status;
}

static rk_status run_search(const rk_call *call, rk_error *err)
{
    rk_index *index = NULL;
    rk_asker *asker = NULL;
    rk_arena arena = {0};
    rk_question question;
    rk_findings found;
    rk_status status = rk_search_call_open(call, &index, err);
    status = status ? status : rk_asker_new(index, &asker, err);
    status = status ? status : rk_question_read(asker, rk_slice_of(call->words[1]), &question, err);
    status = status ? status : answer(call, index, asker, &question, &arena, &found, err);
    telling t = {.call = call, .index = index, .question = &question, .found = &found, .arena = &arena};
    status = status ? status : correct(&t, err);
    status = status ? status : call->common.json ? tell_json(&t, err) : tell_words(&t, err);
    rk_asker_free(asker);
    rk_arena_release(&arena);
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
    .settings_bytes = sizeof(rk_search_settings),
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
    .settings_bytes = sizeof(rk_search_settings),
    .min_words = 2,
    .max_words = 2,
    .run = run_search,
};
