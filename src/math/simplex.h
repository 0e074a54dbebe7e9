/* simplex.h - the least of a function of a few numbers, by a simplex that walks downhill.
 *
 * Nelder and Mead, "A simplex method for function minimization" (1965), inside a box: a corner that would leave it
 * stands on its face. Needs no derivatives, allocates nothing, draws nothing: the same start gives the same end.
 */
#ifndef RECKON_MATH_SIMPLEX_H
#define RECKON_MATH_SIMPLEX_H

#include <stddef.h>

enum { RK_SIMPLEX_DIM_MAX = 16 };

/* What is to be made small at[dim]. NaN counts as infinity: a place that may not be. */
typedef double rk_simplex_loss(void *context, const double *at);

typedef struct {
    size_t dim;               /* 1 .. RK_SIMPLEX_DIM_MAX */
    const double *step;       /* [dim] length of the first edges */
    const double *low, *high; /* [dim] the box; NULL = none */
    double tolerance;         /* ends when the worst corner is less than this above the best */
    size_t max_rounds;
} rk_simplex;

/* at: [dim] where to start; becomes the best place found. Returns the loss there. */
double rk_simplex_descend(const rk_simplex *simplex, rk_simplex_loss *loss, void *context, double *at);

#endif
