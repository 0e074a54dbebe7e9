/* shortlist.h - the best items for many users, without scoring most of the catalogue.
 *
 * Items stand in order of falling length, as bytes (math/sieve.h). A user's candidates are those whose bytes do not
 * rule them out; only they are scored, as rk_model_scores does it. When the next item is too short to reach a user's
 * list whatever its direction, that user is done. So lists are exact, and cost a tenth of all scores. For models that
 * score by an inner product of floats and a bias, on processors where the sieve is fast.
 */
#ifndef RECKON_MODEL_SHORTLIST_H
#define RECKON_MODEL_SHORTLIST_H

#include "model/model.h"

bool rk_shortlist_fits(const rk_model *model);

typedef struct rk_shortlist rk_shortlist; /* read only: threads share one */
/* veil: [n_items] NaN for what is no candidate, else 0; NULL: all are. */
RK_MUST_CHECK rk_status rk_shortlist_new(const rk_model *model, const float *veil, rk_shortlist **out, rk_error *err);
void rk_shortlist_free(rk_shortlist *list); /* accepts NULL */

/* One user: offered to topk is all that could enter it, but what was taken (ascending). */
typedef struct {
    rk_query *query;
    rk_history taken;
    rk_topk *topk;
} rk_shortlist_user;

/* room: rk_shortlist_room(list, n) bytes, aligned to 64, for each thread. */
size_t rk_shortlist_room(const rk_shortlist *list, size_t n_users);
void rk_shortlist_offer(const rk_shortlist *list, const rk_shortlist_user *users, size_t n_users, void *room);

#endif
