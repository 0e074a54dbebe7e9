/* popular.h - popularity as the last word of models that have nothing to say. */
#ifndef RECKON_MODEL_POPULAR_H
#define RECKON_MODEL_POPULAR_H

#include "math/csr.h"

/* [n_cols] the number of users who took each item. Owned; NULL: no memory. */
float *rk_popular_takers(const rk_csr *seen);
/* The same, scaled so that the most popular has `most`: far below any weight of
 * a neighbours model, as its item bias it orders the items that no neighbour speaks for. Owned; NULL: no memory. */
float *rk_popular_bias(const rk_csr *seen, float most);

#endif
