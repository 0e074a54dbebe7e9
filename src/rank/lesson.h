/* lesson.h - judged questions to learn from: their candidates, what features say of each, and how good each is. */
#ifndef RECKON_RANK_LESSON_H
#define RECKON_RANK_LESSON_H

#include "base/error.h"
#include "base/vec.h"
#include "rank/feature.h"

enum { RK_LESSON_TOP = 10 }; /* nDCG at this rank is what is learned for */

typedef struct {
    size_t n_queries;
    rk_vec end;     /* size_t [n_queries] candidates up to this query's last */
    rk_vec ideal;   /* double [n_queries] gain of the best order of all judged items, > 0 */
    rk_vec feature; /* float [candidates x rk_n_features] */
    rk_vec rating;  /* double [candidates] 0: no good, or not judged */
    rk_vec item;    /* uint32_t [candidates] of equal scores the smaller is first */
} rk_lesson;

rk_lesson rk_lesson_of(void);
void rk_lesson_release(rk_lesson *lesson);

/* The next query. */
RK_MUST_CHECK rk_status rk_lesson_add(rk_lesson *lesson, const float *feature, const double *rating,
                                      const uint32_t *item, size_t n, double ideal, rk_error *err);
size_t rk_lesson_begin(const rk_lesson *lesson, size_t query); /* its first candidate */
size_t rk_lesson_end(const rk_lesson *lesson, size_t query);
const float *rk_lesson_feature(const rk_lesson *lesson, size_t candidate); /* [rk_n_features] */
/* nDCG of a query whose candidates are ordered by score: [of the query's candidates]. */
double rk_lesson_quality(const rk_lesson *lesson, size_t query, const double *score);

#endif
