/* ask.h - questions in names, answers in JSON: what stands between a route and the model's desk.
 *
 *   {"request_id":"...","model":"als-1a2b","items":[{"id":"84879","score":1.93,"title":"...",
 *     "reasons":[{"kind":"bought","item":"22423"}]}],"total":17}
 *
 * total: how many items qualified, of which the best n are listed. A user the model does not know, or who has no
 * history, is offered what is popular: score = number of takers, reason {"kind":"popular"}.
 */
#ifndef RECKON_SERVE_ASK_H
#define RECKON_SERVE_ASK_H

#include "base/arena.h"
#include "base/text.h"
#include "model/answer.h"
#include "serve/arm.h"
#include "serve/laps.h"
#include "serve/live.h"
#include "serve/recent.h"

enum { RK_ASK_REASONS = 2 }; /* at most, of one item */

/* What answering works with; one for each question at a time. */
typedef struct {
    rk_desk *desk;
    rk_arena *arena;
    rk_text *out; /* appended to */
    const char *request_id;
    rk_laps *laps; /* told when the answer has been found; NULL: nobody times it */
    rk_arm *arm;   /* told what the answer is part of, in words of the live's; NULL: nobody asks */
} rk_asking;

typedef struct {
    rk_slice user;
    uint32_t n;              /* 1 .. RK_ITEMS_MAX */
    const rk_slice *exclude; /* [n_exclude] item names; those the model does not know are let pass */
    size_t n_exclude;
    rk_slice category; /* n 0: all */
    bool is_barred;    /* the model's history of the user is not looked at: he is as one it does not know */
    rk_recent *recent; /* what shoppers did since the model was made; NULL: nothing is known of it */
} rk_recommend_ask;
/* RK_NOT_FOUND: no such category. */
RK_MUST_CHECK rk_status rk_ask_recommend(const rk_live *live, const rk_recommend_ask *ask, const rk_asking *with,
                                         rk_error *err);

/* RK_NOT_FOUND "no such item 'x'". */
RK_MUST_CHECK rk_status rk_ask_similar(const rk_live *live, rk_slice item, uint32_t n, const rk_asking *with,
                                       rk_error *err);

/* What a user has taken, when some of it is newer than the model, by the ask's recent: n 0 when none is. Each item
 * counts once; one that the model does not know says nothing, and a model of ratings learns nothing from what was not
 * rated. user: of the model, or RK_NO_ID. false: memory is short. */
bool rk_ask_history(const rk_live *live, const rk_recommend_ask *ask, uint32_t user, rk_arena *arena, rk_history *out);

#endif
