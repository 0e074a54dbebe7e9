/* search.c - the kinds of search, and the simplest of them. */
#include "tune/search.h"

#include <math.h>
#include <string.h>

#include "math/random.h"

enum { DRAWS = 256 };                                      /* before a point that was tried is taken again */
static const uint64_t STREAM = (uint64_t)0x74756e65 << 32; /* of trial 0; far from the streams of models and splits */

const rk_search_kind *rk_search_kind_at(size_t i)
{
    static const rk_search_kind *const kinds[] = {&rk_search_tpe, &rk_search_random, &rk_search_halving};
    return i < RK_COUNT_OF(kinds) ? kinds[i] : NULL;
}

bool rk_search_is_new(const rk_search *search, const double *x)
{
    for (size_t t = 0; t < search->n_tried; t++) {
        size_t n_same = 0;
        for (size_t a = 0; a < search->space->n; a++) {
            n_same += !(search->tried[t].x[a] < x[a] || search->tried[t].x[a] > x[a]);
        }
        if (n_same == search->space->n) {
            return false;
        }
    }
    return true;
}

static double draw_value(const rk_axis *axis, rk_random *random)
{
    return axis->kind == RK_AXIS_WORDS ? rk_random_below(random, (uint32_t)axis->n_words)
                                       : rk_axis_value(axis, rk_random_uniform(random));
}

void rk_search_draw(const rk_search *search, double *x)
{
    const rk_space *space = search->space;
    rk_random random = rk_random_of(search->seed, STREAM + search->n_tried);
    for (size_t a = 0; a < space->n; a++) {
        x[a] = space->axis[a].start;
    }
    for (unsigned draw = 0; search->n_tried > 0 && draw < DRAWS; draw++) {
        for (size_t a = 0; a < space->n; a++) {
            x[a] = draw_value(&space->axis[a], &random);
        }
        if (rk_search_is_new(search, x)) {
            return;
        }
    }
}

static rk_search_step step(const rk_search *search, size_t trial)
{
    (void)search, (void)trial;
    return (rk_search_step){.sight = 0, .share = 1, .to_end = 1, .begins = true};
}

static rk_status next(const rk_search *search, double *x, rk_error *err)
{
    (void)err;
    rk_search_draw(search, x);
    return RK_OK;
}

const rk_search_kind rk_search_random = {"random", "independent draws from the ranges", false, step, next};
