/* simplex.c - see simplex.h.
 *
 * corner[0 .. dim] stand in order of their loss, best first; equal losses keep their order. A round mirrors the worst
 * corner at the middle of the others, goes twice as far where that is the best yet, half as far where it is no good,
 * and draws all corners towards the best where nothing helps.
 */
#include "math/simplex.h"

#include <assert.h>
#include <math.h>
#include <string.h>

typedef struct {
    double at[RK_SIMPLEX_DIM_MAX];
    double loss;
} corner;

typedef struct {
    const rk_simplex *how;
    rk_simplex_loss *loss;
    void *context;
    corner corners[RK_SIMPLEX_DIM_MAX + 1];
} walk;

static void measure(const walk *w, corner *c)
{
    for (size_t i = 0; i < w->how->dim; i++) {
        c->at[i] = w->how->low ? fmax(c->at[i], w->how->low[i]) : c->at[i];
        c->at[i] = w->how->high ? fmin(c->at[i], w->how->high[i]) : c->at[i];
    }
    double loss = w->loss(w->context, c->at);
    c->loss = isnan(loss) ? INFINITY : loss;
}

/* By insertion: after a round, all but one stand right. */
static void put_in_order(walk *w)
{
    for (size_t k = 1; k <= w->how->dim; k++) {
        corner moving = w->corners[k];
        size_t to = k;
        for (; to > 0 && w->corners[to - 1].loss > moving.loss; to--) {
            w->corners[to] = w->corners[to - 1];
        }
        w->corners[to] = moving;
    }
}

/* The corner at middle + length x (middle - worst). */
static corner reach(const walk *w, double length)
{
    size_t dim = w->how->dim;
    corner out;
    for (size_t i = 0; i < dim; i++) {
        double middle = 0;
        for (size_t k = 0; k < dim; k++) {
            middle += w->corners[k].at[i] / (double)dim;
        }
        out.at[i] = middle + length * (middle - w->corners[dim].at[i]);
    }
    measure(w, &out);
    return out;
}

static void shrink(walk *w)
{
    for (size_t k = 1; k <= w->how->dim; k++) {
        for (size_t i = 0; i < w->how->dim; i++) {
            w->corners[k].at[i] = (w->corners[0].at[i] + w->corners[k].at[i]) / 2;
        }
        measure(w, &w->corners[k]);
    }
}

static void walk_round(walk *w)
{
    corner *worst = &w->corners[w->how->dim], mirrored = reach(w, 1);
    if (mirrored.loss < w->corners[0].loss) {
        corner further = reach(w, 2);
        *worst = further.loss < mirrored.loss ? further : mirrored;
    } else if (mirrored.loss < worst[-1].loss) {
        *worst = mirrored;
    } else {
        corner nearer = reach(w, mirrored.loss < worst->loss ? 0.5 : -0.5);
        if (nearer.loss < fmin(mirrored.loss, worst->loss)) {
            *worst = nearer;
        } else {
            shrink(w);
        }
    }
}

/* An edge that would begin on the face of the box goes the other way. */
static double first_edge(const rk_simplex *how, size_t i, double from)
{
    return how->high && from + how->step[i] > how->high[i] ? -how->step[i] : how->step[i];
}

double rk_simplex_descend(const rk_simplex *how, rk_simplex_loss *loss, void *context, double *at)
{
    assert(how->dim >= 1 && how->dim <= RK_SIMPLEX_DIM_MAX);
    walk w = {.how = how, .loss = loss, .context = context};
    for (size_t k = 0; k <= how->dim; k++) {
        memcpy(w.corners[k].at, at, how->dim * sizeof *at);
        if (k > 0) {
            w.corners[k].at[k - 1] += first_edge(how, k - 1, at[k - 1]);
        }
        measure(&w, &w.corners[k]);
    }
    put_in_order(&w);
    for (size_t round = 0; round < how->max_rounds && w.corners[how->dim].loss - w.corners[0].loss >= how->tolerance;
         round++) {
        walk_round(&w);
        put_in_order(&w);
    }
    memcpy(at, w.corners[0].at, how->dim * sizeof *at);
    return w.corners[0].loss;
}
