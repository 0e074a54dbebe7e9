/* holdout.h - a part of a dataset kept back in memory, to choose something by: the settings of a blend, a time to stop.
 */
#ifndef RECKON_DATA_HOLDOUT_H
#define RECKON_DATA_HOLDOUT_H

#include "data/dataset.h"

typedef struct {
    rk_dataset train; /* names, items and artefact are those of the whole, borrowed; its events are owned */
    rk_csr test;      /* users x items that were held out: in train they do not occur together */
    void *owned[7];
} rk_holdout;

/* Each pair (user, item) is held out, with all its events, by a draw of its own; the first pair of a user never is. */
RK_MUST_CHECK rk_status rk_holdout_make(const rk_dataset *whole, double share, uint64_t seed, rk_holdout *out,
                                        rk_error *err);
void rk_holdout_release(rk_holdout *holdout); /* accepts a zeroed one */

#endif
