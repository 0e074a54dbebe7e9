/* repeat.h - a question that was asked before, and of which nothing has changed since, gets the answer it got.
 *
 * The question as it is kept holds all that the answer depends on: route and parameters; of the user, his number in the
 * model, his last event and whether he is barred; the number of the model; and the last changes of the live products.
 * All of it is read before the answer is made: what changes meanwhile makes it newer than its question says, never
 * older. The request's own number, with which every answer begins, is left out and put in anew.
 */
#ifndef RECKON_SERVE_REPEAT_H
#define RECKON_SERVE_REPEAT_H

#include "serve/routes.h"

typedef struct {
    rk_slice question; /* n 0: of this one nothing is kept */
} rk_repeat;

/* true: the answer stands in exchange->with.out. */
bool rk_repeat_find(rk_exchange *exchange, const rk_route *route, rk_repeat *out);
/* Behind the handler: keeps what it wrote, if that is an answer. */
void rk_repeat_keep(const rk_exchange *exchange, const rk_repeat *repeat);

#endif
