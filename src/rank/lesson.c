/* lesson.c - see lesson.h. */
#include "rank/lesson.h"

#include <math.h>

rk_lesson rk_lesson_of(void)
{
    return (rk_lesson){.end = {.item_bytes = sizeof(size_t)},
                       .ideal = {.item_bytes = sizeof(double)},
                       .feature = {.item_bytes = sizeof(float)},
                       .rating = {.item_bytes = sizeof(double)},
                       .item = {.item_bytes = sizeof(uint32_t)}};
}

void rk_lesson_release(rk_lesson *lesson)
{
    rk_vec_release(&lesson->end);
    rk_vec_release(&lesson->ideal);
    rk_vec_release(&lesson->feature);
    rk_vec_release(&lesson->rating);
    rk_vec_release(&lesson->item);
    lesson->n_queries = 0;
}

rk_status rk_lesson_add(rk_lesson *l, const float *feature, const double *rating, const uint32_t *item, size_t n,
                        double ideal, rk_error *err)
{
    size_t end = l->rating.n + n;
    bool is_kept = (n == 0 || (rk_vec_extend(&l->feature, feature, n * rk_n_features) &&
                               rk_vec_extend(&l->rating, rating, n) && rk_vec_extend(&l->item, item, n))) &&
                   rk_vec_push(&l->end, &end) && rk_vec_push(&l->ideal, &ideal);
    l->n_queries += is_kept;
    return is_kept ? RK_OK : rk_fail_memory(err, "judged questions");
}

size_t rk_lesson_end(const rk_lesson *l, size_t query) { return ((const size_t *)l->end.data)[query]; }
size_t rk_lesson_begin(const rk_lesson *l, size_t query) { return query > 0 ? rk_lesson_end(l, query - 1) : 0; }
const float *rk_lesson_feature(const rk_lesson *l, size_t candidate)
{
    return (const float *)l->feature.data + candidate * rk_n_features;
}

/* The best are found one by one: what does not reach the last of them, most do not, costs one comparison. */
double rk_lesson_quality(const rk_lesson *l, size_t query, const double *score)
{
    static const double discount[RK_LESSON_TOP] = {1.0,
                                                   0.63092975357145743,
                                                   0.5,
                                                   0.43067655807339306,
                                                   0.38685280723454163,
                                                   0.35620718710802218,
                                                   0.33333333333333333,
                                                   0.31546487678572872,
                                                   0.30102999566398120,
                                                   0.28906482631788788};
    size_t begin = rk_lesson_begin(l, query), n = rk_lesson_end(l, query) - begin, top[RK_LESSON_TOP], n_top = 0;
    const uint32_t *item = (const uint32_t *)l->item.data + begin;
    const double *rating = (const double *)l->rating.data + begin;
    double sum = 0;
    for (size_t c = 0; c < n; c++) {
        size_t at = n_top;
        while (at > 0 &&
               (score[top[at - 1]] < score[c] || (!(score[top[at - 1]] > score[c]) && item[top[at - 1]] > item[c]))) {
            at--;
        }
        if (at == RK_LESSON_TOP) {
            continue;
        }
        n_top += n_top < RK_LESSON_TOP;
        for (size_t k = n_top - 1; k > at; k--) {
            top[k] = top[k - 1];
        }
        top[at] = c;
    }
    for (size_t k = 0; k < n_top; k++) {
        sum += rating[top[k]] > 0 ? rating[top[k]] * discount[k] : 0;
    }
    return sum / ((const double *)l->ideal.data)[query];
}
