/* ask_arrivals.h - what a model recommends, together with products that it does not know yet (joined.h). */
#ifndef RECKON_SERVE_ASK_ARRIVALS_H
#define RECKON_SERVE_ASK_ARRIVALS_H

#include "serve/ask.h"

/* Writes the answer to a wish that has been asked; arrivals stand where what is foretold for the items that they are
 * like would put them, with the reason {"kind":"similar","item":...}. The desk's answer is used up. */
RK_MUST_CHECK rk_status rk_ask_with_arrivals(const rk_live *live, const rk_recommend_ask *ask, const rk_wish *wish,
                                             const rk_answer *answer, const rk_asking *with, rk_error *err);

/* Items like a product that the model does not know: those of the model, by content or by words. */
RK_MUST_CHECK rk_status rk_ask_similar_arrival(const rk_live *live, rk_slice item, uint32_t n, const rk_asking *with,
                                               rk_error *err);

#endif
