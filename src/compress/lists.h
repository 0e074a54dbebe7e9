/* lists.h - the best items of every user of a model, in memory: what a distilled model learns, and what a catalogue is
 * pruned by. Private to compress/.
 */
#ifndef RECKON_COMPRESS_LISTS_H
#define RECKON_COMPRESS_LISTS_H

#include "model/model.h"

typedef struct {
    uint32_t n_users, depth;
    uint32_t *item; /* [n_users x depth] best first, RK_NO_ID behind the last */
    float *score;   /* [n_users x depth] */
} rk_lists;

/* What a user has taken is in no list; a user who took nothing has an empty one. Every item is scored for every user.
 */
RK_MUST_CHECK rk_status rk_lists_make(const rk_model *model, uint32_t depth, const rk_run *run, rk_lists *out,
                                      rk_error *err);
void rk_lists_release(rk_lists *lists); /* accepts zeroed ones */

#endif
