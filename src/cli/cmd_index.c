/* cmd_index.c - reckon index: of a dataset, what is said of its items; of a model, its item vectors. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/search_call.h"
#include "model/near.h"
#include "report/table.h"
#include "tune/vocabulary.h"

typedef struct {
    rk_search_settings words; /* of a dataset; first, for search_call.h */
    const char *kind;         /* of a model */
    double recall, keep;
    rk_vec set;
    const char *vocabulary, *judgements;
} index_settings;

#define AT(name) offsetof(index_settings, name)

static const rk_option index_option_rows[] = {
    {"output", 'o', RK_OPT_TEXT, RK_SEARCH_AT(out), "S.rk", .help = "index to write (required)", .is_output = true},
    {"kind", 0, RK_OPT_TEXT, AT(kind), "auto|NAME", "auto", "of a model: flat, ivf, hnsw, or the fastest by trial"},
    {"recall", 0, RK_OPT_REAL, AT(recall), "X", "0.99", "of a model: share of the ten best that is to be found", 0, 1},
    {"set", 0, RK_OPT_LIST, AT(set), "KEY=VALUE", .help = "of a model: an option of the kind; repeatable"},
    RK_INDEX_OPTIONS,
    {"queries", 0, RK_OPT_TEXT, RK_SEARCH_AT(queries), "FILE",
     .help = "CSV of what was asked, for suggestions: query,count"},
    {"least-items", 0, RK_OPT_COUNT, RK_SEARCH_AT(least_items), "N", "1",
     "leave out words that fewer than N items have", .min = 1, .max = 1000000},
    {"vocabulary", 0, RK_OPT_TEXT, AT(vocabulary), "SHARE|BYTES",
     .help = "leave out so many rare words: a share stays, 0.5, or the index has so many bytes"},
    {"judgements", 0, RK_OPT_TEXT, AT(judgements), "RATINGS.csv",
     .help = "leave out rare words while judged questions are answered as well as --keep says"},
    {"keep", 0, RK_OPT_REAL, AT(keep), "SHARE", "0.99", "of nDCG@10, with --judgements", 0, 1},
    {"bare", 0, RK_OPT_FLAG, RK_SEARCH_AT(bare),
     .help = "no words and phrases to correct and suggest by; of a model: nothing for similar items"},
};

/* ---- of a dataset ---- */

static void vocabulary_json(rk_json *json, const rk_vocabulary *found)
{
    rk_json_u64(json, "least_items", found->least_items);
    rk_json_u64(json, "tries", found->n_tries);
    if (found->ndcg_all > 0) {
        rk_json_real(json, "ndcg@10_all", found->ndcg_all);
        rk_json_real(json, "ndcg@10", found->ndcg);
    }
}

static void vocabulary_words(rk_text *out, const rk_vocabulary *found)
{
    if (found->least_items > 1) {
        rk_text_addf(out, "words of fewer than %u items are left out", found->least_items);
    } else {
        rk_text_add(out, "every word stays");
    }
    rk_text_addf(out, ", found in %zu %s", found->n_tries, found->n_tries == 1 ? "try" : "tries");
    if (found->ndcg_all > 0) {
        rk_text_addf(out, "; nDCG@10 %.4f, with every word %.4f", found->ndcg, found->ndcg_all);
    }
    rk_text_add(out, "\n");
}

/* found: NULL, or how the words that stay were found. */
static void tell_words(const rk_call *call, const char *path, const rk_index_report *report, const rk_vocabulary *found)
{
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "path", path);
        rk_json_u64(&json, "items", report->n_items);
        rk_json_u64(&json, "terms", report->n_terms);
        rk_json_u64(&json, "terms_dropped", report->n_dropped);
        rk_json_u64(&json, "postings", report->n_postings);
        rk_json_u64(&json, "text_bytes", report->text_bytes);
        if (found) {
            vocabulary_json(&json, found);
        }
        rk_json_real(&json, "wall_s", report->wall_s);
        rk_json_real(&json, "cpu_s", report->cpu_s);
        rk_json_end_object(&json);
        return;
    }
    rk_text_addf(call->out, "%s: %u items, %u terms, ", path, report->n_items, report->n_terms);
    if (report->n_dropped > 0) {
        rk_text_addf(call->out, "%u left out, ", report->n_dropped);
    }
    rk_text_addf(call->out, "%" PRIu64 " postings; ", report->n_postings);
    rk_text_add_bytes(call->out, (double)report->text_bytes);
    rk_text_add(call->out, " of text read in ");
    rk_text_add_seconds(call->out, report->wall_s);
    rk_text_add(call->out, "\n");
    if (found) {
        vocabulary_words(call->out, found);
    }
}

static rk_status read_vocabulary(const char *text, rk_vocabulary_wish *out, rk_error *err)
{
    rk_slice slice = {text, strlen(text)};
    double share = 0;
    if (rk_parse_u64(slice, &out->bytes) && out->bytes > 1) {
        return RK_OK;
    }
    out->bytes = 0;
    if (!rk_parse_real(slice, &share) || !(share > 0 && share <= 1)) {
        return rk_fail(err, RK_BAD_USAGE,
                       "--vocabulary wants a share of the words above 0, such as 0.5, or bytes, such as 20000000, got "
                       "'%.40s'",
                       text);
    }
    out->share = share;
    return RK_OK;
}

/* Words are left out until the index is as it is wanted. */
static rk_status search_words(const rk_call *call, const rk_index_options *options, rk_error *err)
{
    const index_settings *s = call->settings;
    rk_vocabulary found;
    rk_vocabulary_wish wish = {.dataset_path = call->words[0],
                               .index = options,
                               .judgements_path = s->judgements,
                               .keep = s->keep,
                               .out_path = s->words.out};
    if (s->words.least_items > 1) {
        return rk_fail(err, RK_BAD_USAGE, "--least-items %" PRIu64 " and %s: one says what the other looks for",
                       s->words.least_items, s->vocabulary ? "--vocabulary" : "--judgements");
    }
    rk_status status = s->vocabulary ? read_vocabulary(s->vocabulary, &wish, err) : RK_OK;
    status = status ? status : rk_vocabulary_write(&wish, &call->run, &found, err);
    if (!status) {
        tell_words(call, s->words.out, &found.report, &found);
    }
    return status;
}

static rk_status index_words(const rk_call *call, rk_error *err)
{
    const index_settings *all = call->settings;
    const rk_search_settings *s = &all->words;
    rk_index_options options = rk_search_call_options(call);
    options.is_bare = s->bare;
    options.least_items = (uint32_t)s->least_items;
    options.queries = s->queries;
    if (all->vocabulary || all->judgements) {
        return search_words(call, &options, err);
    }
    rk_index_report report;
    rk_status status = rk_index_build(call->words[0], &options, s->out, &call->run, &report, err);
    if (!status) {
        tell_words(call, s->out, &report, NULL);
    }
    return status;
}

/* ---- of a model ---- */

static double per_second(const rk_ann_trial *trial) { return trial->query_s > 0 ? 1 / trial->query_s : 0; }

/* Of items like an item: what was chosen, and the recall of the nine others. */
static void similar_json(const rk_near_report *report, rk_json *json)
{
    const rk_ann_trial *trial = &report->similar.trial[report->similar.chosen];
    if (!report->has_similar) {
        return;
    }
    rk_json_object(json, "similar");
    rk_json_cstring(json, "kind", trial->kind->name);
    rk_json_u64(json, "effort", trial->effort);
    rk_json_real(json, "recall_at_9", rk_near_recall_of_others(trial->recall));
    rk_json_real(json, "queries_per_s", rint(per_second(trial)));
    rk_json_real(json, "build_s", trial->build_s);
    rk_json_u64(json, "bytes", trial->bytes);
    rk_json_end_object(json);
}

static void similar_words(const rk_near_report *report, rk_text *out)
{
    const rk_ann_trial *trial = &report->similar.trial[report->similar.chosen];
    if (report->has_similar) {
        rk_text_addf(out, "items like an item: %s, recall@9 %.4f, %.0f queries/s, made in %.2f cpu s, %.1f MB\n",
                     trial->kind->name, rk_near_recall_of_others(trial->recall), per_second(trial), trial->build_s,
                     (double)trial->bytes * 1e-6);
    }
}

static void vectors_json(const rk_call *call, const char *path, const rk_near_report *report)
{
    rk_json json = {.text = call->out};
    const rk_ann_choice *choice = &report->choice;
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "path", path);
    rk_json_u64(&json, "items", report->n_items);
    rk_json_u64(&json, "dim", report->dim);
    rk_json_u64(&json, "queries", report->n_queries);
    rk_json_cstring(&json, "kind", choice->trial[choice->chosen].kind->name);
    rk_json_cstring(&json, "why", choice->why);
    rk_json_array(&json, "trials");
    for (size_t i = 0; i < choice->n; i++) {
        const rk_ann_trial *trial = &choice->trial[i];
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "kind", trial->kind->name);
        rk_json_u64(&json, "effort", trial->effort);
        rk_json_real(&json, "recall_at_10", trial->recall);
        rk_json_real(&json, "queries_per_s", rint(per_second(trial)));
        rk_json_real(&json, "build_s", trial->build_s);
        rk_json_u64(&json, "bytes", trial->bytes);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    similar_json(report, &json);
    rk_json_real(&json, "wall_s", report->wall_s);
    rk_json_real(&json, "cpu_s", report->cpu_s);
    rk_json_end_object(&json);
}

static void vectors_words(const rk_call *call, const char *path, const rk_near_report *report)
{
    static const rk_column columns[] = {
        {"index", false}, {"recall@10", true}, {"queries/s, one core", true}, {"made in cpu s", true}, {"MB", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    const rk_ann_choice *choice = &report->choice;
    for (size_t i = 0; i < choice->n; i++) {
        const rk_ann_trial *trial = &choice->trial[i];
        rk_table_addf(&table, "%s", trial->kind->name);
        rk_table_addf(&table, "%.4f", trial->recall);
        rk_table_addf(&table, "%.0f", per_second(trial));
        rk_table_addf(&table, "%.2f", trial->build_s);
        rk_table_addf(&table, "%.1f", (double)trial->bytes * 1e-6);
    }
    rk_table_print(&table, (rk_table_style){.color = call->color}, call->out);
    rk_table_release(&table);
    rk_text_addf(call->out, "%s: %s of %u items, %u numbers each: %s\n", path, choice->trial[choice->chosen].kind->name,
                 report->n_items, report->dim, choice->why);
    rk_text_addf(call->out, report->n_queries > 0 ? "measured with %zu users\n" : "measured with items as queries\n",
                 report->n_queries);
    similar_words(report, call->out);
}

static rk_status index_vectors(const rk_call *call, rk_error *err)
{
    const index_settings *s = call->settings;
    if (s->vocabulary || s->judgements) {
        return rk_fail(err, RK_BAD_USAGE, "%s is a model: %s is of the words of a dataset", call->words[0],
                       s->vocabulary ? "--vocabulary" : "--judgements");
    }
    rk_near_options options = {s->kind, s->recall, s->set.data, s->set.n, .has_no_similar = s->words.bare};
    rk_near_report report;
    rk_status status = rk_near_build(call->words[0], &options, s->words.out, &call->run, &report, err);
    if (!status) {
        (call->common.json ? vectors_json : vectors_words)(call, s->words.out, &report);
    }
    return status;
}

static rk_status run_index(const rk_call *call, rk_error *err)
{
    const index_settings *s = call->settings;
    rk_artefact *artefact = NULL;
    if (!s->words.out) {
        return rk_fail(err, RK_BAD_USAGE, "index wants -o S.rk, the index to write");
    }
    rk_status status = rk_artefact_open(call->words[0], NULL, &artefact, err);
    bool is_model = !status && strcmp(rk_artefact_kind(artefact), "model") == 0;
    rk_artefact_close(artefact);
    return status ? status : (is_model ? index_vectors : index_words)(call, err);
}

const rk_command rk_command_index = {
    .name = "index",
    .summary = "an index of what is said of the items, for search; of a model's vectors, for recommend",
    .usage = "D.rk|M.rk -o S.rk",
    .example = "reckon index shop.rk -o shop.search.rk\n  reckon index als.rk --recall 0.99 -o als.index.rk",
    .options = index_option_rows,
    .n_options = RK_COUNT_OF(index_option_rows),
    .settings_bytes = sizeof(index_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_index,
};
