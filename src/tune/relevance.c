/* relevance.c - see relevance.h. An index of a trial has no words for corrections and is gone when the trial is. */
#include "tune/relevance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/judge.h"

/* In the order of the table. */
enum { TITLE, TEXT, BRAND, CATEGORY, ATTRIBUTES, B_TITLE, B_TEXT, B_ATTRIBUTES, K1, TIE };

#define SETTING(name, fall, least, most, range, words)                                                                 \
    {                                                                                                                  \
        name, 0, RK_OPT_REAL, 0, "X", fall, words, least, most, .tune = range                                          \
    }
const rk_option rk_relevance_settings[RK_RELEVANCE_SETTINGS] = {
    [TITLE] = SETTING("title", "1", 0, 1000, "0.25..2", "weight of words in titles"),
    [TEXT] = SETTING("text", "1", 0, 1000, "0.1..2", "weight of words in texts"),
    [BRAND] = SETTING("brand", "0.5", 0, 1000, "0.05..2", "weight of words in brands"),
    [CATEGORY] = SETTING("category", "0.5", 0, 1000, "0.05..2", "weight of words in categories"),
    [ATTRIBUTES] = SETTING("attributes", "0.2", 0, 1000, "0.02..1", "weight of words in attributes"),
    [B_TITLE] = SETTING("b-title", "0.4", 0, 1, "0..1", "how much length is held against titles"),
    [B_TEXT] = SETTING("b-text", "0.8", 0, 1, "0..1", "the same, texts"),
    [B_ATTRIBUTES] = SETTING("b-attributes", "0.6", 0, 1, "0..1", "the same, attributes"),
    [K1] = SETTING("k1", "0.45", 0.01, 100, "0.1..2", "where repeats stop to count"),
    [TIE] = SETTING("tie", "0.5", 0, 1, "0..1", "how much a word's other fields count beside its best"),
};

struct rk_relevance {
    const char *dataset_path;
    const rk_run *run;
    rk_judgements judgements;
    char folder[4096], path[4200];
    size_t n_queries;
};

rk_status rk_relevance_open(const char *dataset_path, const char *judgements_path, const rk_run *run,
                            rk_relevance **out, rk_error *err)
{
    const char *tmp = getenv("TMPDIR");
    rk_relevance *r = calloc(1, sizeof *r);
    if (!r) {
        return rk_fail_memory(err, "trials of an index");
    }
    r->dataset_path = dataset_path;
    r->run = run;
    snprintf(r->folder, sizeof r->folder,
             "%.4000s/reckon-tune-XX"
             "XX"
             "XX",
             tmp && *tmp ? tmp : "/tmp");
    rk_status status = mkdtemp(r->folder) ? RK_OK : rk_fail(err, RK_IO, "no room for an index in %.200s", r->folder);
    if (status) {
        free(r);
        return status;
    }
    snprintf(r->path, sizeof r->path, "%s/index.rk", r->folder);
    status = rk_judgements_read(judgements_path, &r->judgements, err);
    if (status) {
        rk_relevance_close(r);
        return status;
    }
    *out = r;
    return RK_OK;
}

void rk_relevance_close(rk_relevance *r)
{
    if (r) {
        unlink(r->path);
        rmdir(r->folder);
        rk_judgements_release(&r->judgements);
        free(r);
    }
}

size_t rk_relevance_n_queries(const rk_relevance *r) { return r->n_queries; }

static rk_index_options options_of(const double *values)
{
    rk_index_options o = rk_index_defaults();
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        static const size_t at[RK_N_FIELDS] = {[RK_FIELD_TITLE] = TITLE,
                                               [RK_FIELD_TEXT] = TEXT,
                                               [RK_FIELD_BRAND] = BRAND,
                                               [RK_FIELD_CATEGORY] = CATEGORY,
                                               [RK_FIELD_ATTRIBUTES] = ATTRIBUTES};
        o.weight[f] = values[at[f]];
    }
    o.b[RK_FIELD_TITLE] = values[B_TITLE];
    o.b[RK_FIELD_TEXT] = values[B_TEXT];
    o.b[RK_FIELD_ATTRIBUTES] = values[B_ATTRIBUTES];
    o.k1 = values[K1];
    o.tie = values[TIE];
    return o;
}

static rk_status make_index(const rk_relevance *r, const double *values, bool is_bare, const char *path, rk_index **out,
                            rk_error *err)
{
    rk_index_report report;
    rk_run quiet = *r->run;
    rk_index_options options = options_of(values);
    options.is_bare = is_bare;
    quiet.voice = NULL;
    rk_status status = rk_index_build(r->dataset_path, &options, path, &quiet, &report, err);
    return status ? status : rk_index_open(path, out, err);
}

rk_status rk_relevance_try(rk_relevance *r, const double *values, double **ndcg, rk_error *err)
{
    rk_index *index = NULL;
    rk_judgement found = {0};
    rk_ranker ranker = rk_ranker_default();
    rk_status status = make_index(r, values, true, r->path, &index, err);
    status = status ? status : rk_judge(index, &r->judgements, &ranker, 1, r->run, &found, err);
    rk_index_close(index);
    unlink(r->path);
    if (status) {
        return status;
    }
    r->n_queries = found.n_queries;
    *ndcg = malloc((found.n_queries + 1) * sizeof **ndcg);
    for (size_t q = 0; *ndcg && q < found.n_queries; q++) {
        (*ndcg)[q] = found.by_query[q * RK_JUDGE_FIGURES + RK_JUDGE_NDCG_10];
    }
    rk_judgement_release(&found);
    return *ndcg ? RK_OK : rk_fail_memory(err, "figures of a trial");
}

static rk_status learn_weights(const rk_relevance *r, const rk_index *index, const char *path, size_t n_folds,
                               rk_relevance_weights *out, rk_error *err)
{
    rk_judge_lesson lesson = {0};
    rk_judgement plain = {0};
    rk_ranker untrained = rk_ranker_default();
    rk_status status = rk_judge_learn(index, &r->judgements, n_folds, 0, r->run, &lesson, err);
    status = status ? status : rk_judge(index, &r->judgements, &untrained, 1, r->run, &plain, err);
    status = status ? status : rk_ranker_write(&lesson.ranker, NULL, path, NULL, err);
    if (!status) {
        *out = (rk_relevance_weights){.before = plain.value[RK_JUDGE_NDCG_10],
                                      .after = lesson.folds.value[RK_JUDGE_NDCG_10],
                                      .gain = lesson.blend.gain,
                                      .error = lesson.blend.error};
        for (size_t f = 0; f < rk_n_features; f++) {
            double weight = lesson.ranker.blend.weight[f];
            out->n_weights += weight < 0 || weight > 0;
        }
    }
    rk_judgement_release(&plain);
    rk_judge_lesson_release(&lesson);
    return status;
}

rk_status rk_relevance_write(rk_relevance *r, const double *values, const char *index_path, const char *ranker_path,
                             size_t n_folds, rk_relevance_weights *out, rk_error *err)
{
    rk_index *index = NULL;
    *out = (rk_relevance_weights){0};
    rk_status status = make_index(r, values, false, index_path, &index, err);
    status = status || !ranker_path ? status : learn_weights(r, index, ranker_path, n_folds, out, err);
    rk_index_close(index);
    return status;
}
