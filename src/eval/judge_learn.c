/* judge_learn.c - weights learned from judgements, and how good they are on queries they were not learned from. */
#include <stdlib.h>

#include "eval/judge.h"

/* Queries outside a fold; n_folds as the fold: all. */
static size_t pick(size_t n, size_t n_folds, size_t fold, uint32_t *query)
{
    size_t n_picked = 0;
    for (size_t q = 0; q < n; q++) {
        if (rk_learn_fold(q, n_folds) != fold) {
            query[n_picked++] = (uint32_t)q;
        }
    }
    return n_picked;
}

static void export_candidate(const rk_lesson *lesson, size_t query, size_t candidate, rk_text *out)
{
    const float *feature = rk_lesson_feature(lesson, candidate);
    rk_text_addf(out, "%zu,%u,%.9g", query, ((const uint32_t *)lesson->item.data)[candidate],
                 ((const double *)lesson->rating.data)[candidate]);
    for (size_t f = 0; f < rk_n_features; f++) {
        rk_text_addf(out, ",%.9g", (double)feature[f]);
    }
    rk_text_add(out, "\n");
}

rk_status rk_judge_export(const rk_index *index, const rk_judgements *judgements, rk_text *out, rk_error *err)
{
    rk_lesson lesson = rk_lesson_of();
    rk_status status = rk_judge_gather(index, judgements, &lesson, err);
    rk_text_add(out, "query,item,rating");
    for (size_t f = 0; f < rk_n_features; f++) {
        rk_text_addf(out, ",%s", rk_features[f].name);
    }
    rk_text_add(out, "\n");
    for (size_t q = 0; !status && q < lesson.n_queries; q++) {
        for (size_t c = rk_lesson_begin(&lesson, q); c < rk_lesson_end(&lesson, q); c++) {
            export_candidate(&lesson, q, c, out);
        }
    }
    rk_lesson_release(&lesson);
    return !status && out->failed ? rk_fail_memory(err, "features") : status;
}

static rk_status learn(const rk_lesson *lesson, size_t n_folds, size_t most_trees, const rk_run *run,
                       rk_ranker *of_fold, rk_judge_lesson *out, rk_error *err)
{
    uint32_t *query = calloc(lesson->n_queries + 1, sizeof *query);
    rk_status status = query ? RK_OK : rk_fail_memory(err, "a lesson");
    for (size_t fold = 0; !status && fold <= n_folds; fold++) {
        rk_ranker *to = fold < n_folds ? &of_fold[fold] : &out->ranker;
        size_t n = pick(lesson->n_queries, n_folds, fold, query);
        status = rk_ranker_learn(lesson, query, n, most_trees, run, to, &out->blend, &out->forest, err);
        rk_progress(run, "learning", "folds", fold + 1, n_folds + 1);
    }
    free(query);
    return status;
}

rk_status rk_judge_learn(const rk_index *index, const rk_judgements *judgements, size_t n_folds, size_t most_trees,
                         const rk_run *run, rk_judge_lesson *out, rk_error *err)
{
    rk_lesson lesson = rk_lesson_of();
    rk_ranker *of_fold = calloc(n_folds, sizeof *of_fold);
    *out = (rk_judge_lesson){0};
    rk_status status = of_fold ? rk_judge_gather(index, judgements, &lesson, err) : rk_fail_memory(err, "a lesson");
    if (!status && n_folds > lesson.n_queries) {
        status = rk_fail(err, RK_BAD_INPUT, "%zu queries with a good item are too few for %zu folds", lesson.n_queries,
                         n_folds);
    }
    status = status ? status : learn(&lesson, n_folds, most_trees, run, of_fold, out, err);
    status = status ? status : rk_judge(index, judgements, of_fold, n_folds, run, &out->folds, err);
    for (size_t fold = 0; of_fold && fold < n_folds; fold++) {
        rk_ranker_release(&of_fold[fold]);
    }
    free(of_fold);
    rk_lesson_release(&lesson);
    if (status) {
        rk_judge_lesson_release(out);
    }
    return status;
}

void rk_judge_lesson_release(rk_judge_lesson *lesson)
{
    rk_ranker_release(&lesson->ranker);
    rk_judgement_release(&lesson->folds);
}
