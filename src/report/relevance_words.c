/* relevance_words.c - see relevance_words.h. */
#include "report/relevance_words.h"

#include <math.h>

static const rk_relevance_trial *trial_at(const rk_relevance_tuning *t, size_t i)
{
    return (const rk_relevance_trial *)t->trials.data + i;
}

void rk_report_relevance_tuning(const rk_relevance_tuning *t, const char *out_path, const char *ranker_path,
                                rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"setting", false}, {"first", true}, {"best", true}, {"what", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t s = 0; s < RK_RELEVANCE_SETTINGS; s++) {
        rk_table_add(&table, rk_relevance_settings[s].name);
        rk_table_addf(&table, "%.3g", trial_at(t, 0)->value[s]);
        rk_table_addf(&table, "%.3g", trial_at(t, t->best)->value[s]);
        rk_table_add(&table, rk_relevance_settings[s].help);
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_text_addf(
        out, "nDCG@10 of %zu queries: first %.4f, best of %zu trials %.4f, chosen without the queries judged %.4f\n",
        t->n_queries, t->plain, t->trials.n, trial_at(t, t->best)->ndcg, t->held_out);
    rk_text_addf(out, "gain on queries not chosen by: %+.4f, standard error %.4f: %s\n", t->gain, t->error,
                 t->is_sure ? "the best is taken" : "no more than chance, the first stays");
    if (out_path) {
        rk_text_addf(out, "%s: an index with %s settings\n", out_path, t->is_sure ? "the best" : "the first");
    }
    if (ranker_path) {
        rk_text_addf(
            out, "%s: weights of the second look, %zu features: nDCG@10 %.4f without them, %.4f by folds with them\n",
            ranker_path, t->weights.n_weights, t->weights.before, t->weights.after);
    }
}

void rk_relevance_tuning_json(const rk_relevance_tuning *t, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_object(&json, "chosen");
    for (size_t s = 0; s < RK_RELEVANCE_SETTINGS; s++) {
        rk_json_real(&json, rk_relevance_settings[s].name, trial_at(t, t->chosen)->value[s]);
    }
    rk_json_end_object(&json);
    rk_json_u64(&json, "queries", t->n_queries);
    rk_json_u64(&json, "trials", t->trials.n);
    rk_json_real(&json, "first", t->plain);
    rk_json_real(&json, "best", trial_at(t, t->best)->ndcg);
    rk_json_real(&json, "held_out", t->held_out);
    rk_json_real(&json, "gain", t->gain);
    if (isfinite(t->error)) {
        rk_json_real(&json, "gain_error", t->error);
    }
    rk_json_bool(&json, "is_sure", t->is_sure);
    if (t->weights.n_weights > 0) {
        rk_json_real(&json, "untrained", t->weights.before);
        rk_json_real(&json, "trained_by_folds", t->weights.after);
    }
    rk_json_real(&json, "seconds", t->seconds);
    rk_json_end_object(&json);
}
