/* search.h - which point to try next: a pure function of the space, the seed and the trials before.
 *
 * So a study that was broken off goes on as if it never had been, and whoever has the trials can check them. Trials
 * may run side by side without changing anything: `sight` says which results trial n may know, whether or not later
 * ones have come in meanwhile.
 */
#ifndef RECKON_TUNE_SEARCH_H
#define RECKON_TUNE_SEARCH_H

#include "base/error.h"
#include "tune/space.h"

typedef struct {
    const double *x; /* [space->n] */
    double share;    /* of the work of a whole training; 1 but for halving */
    double loss;     /* lower is better; INFINITY: failed; NAN: not known */
} rk_tried;

typedef struct {
    const rk_space *space;
    uint64_t seed;
    size_t batch;          /* tpe: proposals made at a time, at least 1 */
    unsigned n_rungs;      /* halving: trials work 1, 1/3, 1/9, ... of a whole training; at least 1 rung */
    const rk_tried *tried; /* [n_tried] in order */
    size_t n_tried;
} rk_search;

typedef struct {
    size_t sight;  /* the results of trials below this may be known to it */
    double share;  /* of the work of a whole training */
    double to_end; /* work from this trial to the end of its round; a round is begun only if it can be ended */
    bool begins;   /* a round */
} rk_search_step;

typedef struct {
    const char *name, *summary;
    bool repeats; /* may come back to a point: with another share */
    rk_search_step (*step)(const rk_search *search, size_t trial);
    /* The point of trial n_tried; x: [space->n]. */
    rk_status (*next)(const rk_search *search, double *x, rk_error *err);
} rk_search_kind;

const rk_search_kind *rk_search_kind_at(size_t i); /* NULL past the end */
#define RK_SEARCH_CHOICES "tpe|random|halving"     /* in the order of the table */

/* ---- for the kinds ---- */

/* A random point that has not been tried, if one is soon found; the first of all trials is at the start of each axis.
 */
void rk_search_draw(const rk_search *search, double *x);
bool rk_search_is_new(const rk_search *search, const double *x);

extern const rk_search_kind rk_search_tpe, rk_search_random, rk_search_halving;

#endif
