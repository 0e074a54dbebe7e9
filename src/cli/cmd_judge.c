/* cmd_judge.c - reckon judge: how good a search is, by what people judged, and weights learned from that. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/search_call.h"
#include "eval/judge.h"
#include "report/table.h"

static const rk_option judge_option_rows[] = {
    {"topics", 0, RK_OPT_TEXT, RK_SEARCH_AT(topics), "FILE", .help = "queries of TREC, in the place of RATINGS.csv"},
    {"qrels", 0, RK_OPT_TEXT, RK_SEARCH_AT(qrels), "FILE", .help = "judgements of TREC that go with them"},
    RK_RANK_OPTION,
    {"learn", 0, RK_OPT_FLAG, RK_SEARCH_AT(learn),
     .help = "learn the weights of the second look; figures: of queries that they were not learned from"},
    {"folds", 0, RK_OPT_COUNT, RK_SEARCH_AT(folds), "N", "5", "parts of the queries; each is judged without it", 2,
     100},
    {"trees", 0, RK_OPT_COUNT, RK_SEARCH_AT(trees), "N", "0", "with --learn: trees on top of the weights, at most", 0,
     RK_FOREST_TREES_MAX},
    {"output", 'o', RK_OPT_TEXT, RK_SEARCH_AT(out), "R.rk", .help = "with --learn: weights to write, learned from all",
     .is_output = true},
    {"features", 0, RK_OPT_TEXT, RK_SEARCH_AT(features), "F.csv",
     .help = "write the candidates, their ratings and features, for learners elsewhere", .is_output = true},
    RK_INDEX_OPTIONS,
};

static rk_status read_judgements(const rk_call *call, rk_judgements *out, rk_error *err)
{
    const rk_search_settings *s = call->settings;
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

static rk_status judge(const rk_call *call, const rk_index *index, const rk_judgements *judgements, rk_error *err)
{
    rk_judgement judgement = {0};
    rk_ranker ranker;
    bool has_look;
    rk_status status = rk_search_call_ranker(call, &ranker, &has_look, err);
    status = status ? status : rk_judge(index, judgements, &ranker, has_look, &call->run, &judgement, err);
    if (!status) {
        tell_judgement(call, &judgement);
    }
    rk_ranker_release(&ranker);
    rk_judgement_release(&judgement);
    return status;
}

/* ---- learning ---- */

static void tell_weights(const rk_call *call, const rk_judge_lesson *lesson)
{
    rk_blend base = rk_blend_default();
    const rk_learned *how = &lesson->blend;
    if (isinf(how->penalty)) {
        rk_text_addf(call->out,
                     "\nno weights were better than those of no training on queries kept apart, by more than "
                     "chance: they stay\n");
    } else {
        rk_text_addf(call->out, "\nlearned: ndcg@10 %+.4f on queries kept apart, standard error %.4f\n", how->gain,
                     how->error);
    }
    if (lesson->ranker.forest.n > 0) {
        rk_text_addf(call->out, "and %zu trees: ndcg@10 %+.4f more, standard error %.4f\n", lesson->ranker.forest.n,
                     lesson->forest.gain, lesson->forest.error);
    } else if (((const rk_search_settings *)call->settings)->trees > 0) {
        rk_text_add(call->out, "no trees were better than none, by more than chance\n");
    }
    for (size_t f = 0; f < rk_n_features; f++) {
        double w = lesson->ranker.blend.weight[f];
        if (w != 0 || base.weight[f] != 0) {
            rk_text_addf(call->out, "  %-20s %8.3f  was %.3f  %s\n", rk_features[f].name, w, base.weight[f],
                         rk_features[f].what);
        }
    }
}

static json_t *how_json(const rk_judge_lesson *lesson, size_t n_folds)
{
    const rk_judgement *j = &lesson->folds;
    return json_pack("{s:{s:I, s:I, s:I, s:f, s:[f,f], s:f, s:f, s:f}}", "learned", "queries", (json_int_t)j->n_queries,
                     "folds", (json_int_t)n_folds, "trees", (json_int_t)lesson->ranker.forest.n, "ndcg@10",
                     j->value[RK_JUDGE_NDCG_10], "ndcg@10_ci", j->low[RK_JUDGE_NDCG_10], j->high[RK_JUDGE_NDCG_10],
                     "gain", lesson->blend.gain, "before", lesson->blend.before, "after", lesson->blend.after);
}

static rk_status learn(const rk_call *call, const rk_index *index, const rk_judgements *judgements, rk_error *err)
{
    const rk_search_settings *s = call->settings;
    rk_stopwatch watch = rk_stopwatch_start();
    rk_judge_lesson lesson = {0};
    rk_status status = rk_judge_learn(index, judgements, s->folds, s->trees, &call->run, &lesson, err);
    if (!status && s->out) {
        json_t *how = how_json(&lesson, s->folds);
        rk_usage making = rk_stopwatch_stop(watch);
        status = rk_ranker_write(&lesson.ranker, how, s->out, &making, err);
        json_decref(how);
    }
    if (!status) {
        tell_judgement(call, &lesson.folds);
        if (!call->common.json) {
            tell_weights(call, &lesson);
        }
    }
    rk_judge_lesson_release(&lesson);
    return status;
}

static rk_status export_features(const rk_index *index, const rk_judgements *judgements, const char *path,
                                 rk_error *err)
{
    rk_text text = {0};
    rk_status status = rk_judge_export(index, judgements, &text, err);
    status = status ? status : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status run_judge(const rk_call *call, rk_error *err)
{
    const rk_search_settings *s = call->settings;
    rk_judgements judgements = {0};
    rk_index *index = NULL;
    if (s->learn ? s->rank != NULL : s->out != NULL) {
        return rk_fail(err, RK_BAD_USAGE, "%s",
                       s->learn ? "judge --learn learns the weights of the second look: it takes no --rank"
                                : "judge writes -o R.rk with --learn only");
    }
    rk_status status = read_judgements(call, &judgements, err);
    status = status ? status : rk_search_call_open(call, &index, err);
    if (!status && s->features) {
        status = export_features(index, &judgements, s->features, err);
    }
    if (!status) {
        status = s->learn ? learn(call, index, &judgements, err) : judge(call, index, &judgements, err);
    }
    rk_judgements_release(&judgements);
    rk_index_close(index);
    return status;
}

const rk_command rk_command_judge = {
    .name = "judge",
    .summary = "how good a search is, by what people judged or clicked, with intervals, and weights learned from that",
    .usage = "S.rk|D.rk RATINGS.csv | --topics T --qrels Q [--learn -o R.rk]",
    .example = "reckon judge shop.rk ratings.csv",
    .options = judge_option_rows,
    .n_options = RK_COUNT_OF(judge_option_rows),
    .settings_bytes = sizeof(rk_search_settings),
    .min_words = 1,
    .max_words = 2,
    .run = run_judge,
};
