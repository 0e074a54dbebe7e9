/* ask_explain.h - why this item for this user, in names and JSON.
 *
 *   {"request_id":"...","model":"als-1a2b","user":"17850","item":"22835","title":"...","score":0.93,"rank":3,"total":3543,
 *    "taken":false,"shares":0.93,"reasons":[{"kind":"bought","item":"22633","title":"...","share":0.21}]}
 *
 * shares: what the whole history gave. For a user without history the score is the number of takers, the rank that
 * among popular items, the reason {"kind":"popular"}.
 */
#ifndef RECKON_SERVE_ASK_EXPLAIN_H
#define RECKON_SERVE_ASK_EXPLAIN_H

#include "serve/ask.h"

typedef struct {
    rk_slice user, item;
    bool is_barred;    /* as of a question for recommendations (ask.h) */
    size_t n;          /* reasons told, the largest shares first */
    rk_recent *recent; /* NULL: nothing is known of it */
} rk_explain_ask;

/* RK_NOT_FOUND "no such item 'x'". */
RK_MUST_CHECK rk_status rk_ask_explain(const rk_live *live, const rk_explain_ask *ask, const rk_asking *with,
                                       rk_error *err);

#endif
