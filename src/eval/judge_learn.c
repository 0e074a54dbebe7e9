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

rk_status rk_judge_learn(const rk_index *index, const rk_judgements *judgements, size_t n_folds, const rk_run *run,
                         rk_judge_lesson *out, rk_error *err)
{
    rk_lesson lesson = rk_lesson_of();
    rk_learned how;
    *out = (rk_judge_lesson){0};
    rk_status status = rk_judge_gather(index, judgements, &lesson, err);
    if (!status && n_folds > lesson.n_queries) {
        status = rk_fail(err, RK_BAD_INPUT, "%zu queries with a good item are too few for %zu folds", lesson.n_queries,
                         n_folds);
    }
    uint32_t *query = calloc(lesson.n_queries + 1, sizeof *query);
    rk_blend *blends = calloc(n_folds, sizeof *blends);
    if (!status && (!query || !blends)) {
        status = rk_fail_memory(err, "a lesson");
    }
    for (size_t fold = 0; !status && fold < n_folds; fold++) {
        size_t n = pick(lesson.n_queries, n_folds, fold, query);
        status = rk_learn_blend(&lesson, query, n, run, &blends[fold], &how, err);
        rk_progress(run, "learning", "folds", fold + 1, n_folds + 1);
    }
    if (!status) {
        size_t n = pick(lesson.n_queries, n_folds, n_folds, query);
        status = rk_learn_blend(&lesson, query, n, run, &out->blend, &out->how, err);
    }
    status = status ? status : rk_judge(index, judgements, blends, n_folds, run, &out->folds, err);
    free(query);
    free(blends);
    rk_lesson_release(&lesson);
    return status;
}
