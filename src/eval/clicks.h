/* clicks.h - what clicks say of items, once it is known how seldom the lower places are looked at.
 *
 * A shopper looks at place k with a chance of look[k], and then clicks an item with its own, its draw for the query:
 * the position-based model (Richardson, Dominowska, Ragno, "Predicting clicks: estimating the click-through rate for
 * new ads", WWW 2007). Clicks divided by the looks they had is what Joachims, Swaminathan and Schnabel weigh by
 * ("Unbiased learning-to-rank with biased feedback", WSDM 2017). Both chances come from the same counts, in turns:
 * items that were shown at several places say how places differ. What we do differently: looks are held near 1 / k by
 * as much as ten clicks, so that a log without such items is still read, and draws near 0 by as much as five looks, so
 * that one click of one impression is no certainty.
 */
#ifndef RECKON_EVAL_CLICKS_H
#define RECKON_EVAL_CLICKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { RK_CLICKS_PLACES_MAX = 100 }; /* lower places count as this one */

#define RK_CLICKS_SHOWN_MAX 1e15

typedef struct {
    uint32_t query, doc;
    uint32_t place; /* from 1 */
    double shown, clicked;
} rk_showing;

/* Sorts the rows by query and doc. draw: [n] of the row's item for its query, alike in its rows; look:
 * [RK_CLICKS_PLACES_MAX] of each place, the first is 1. */
RK_MUST_CHECK rk_status rk_clicks_weigh(rk_showing *rows, size_t n, double *draw, double look[RK_CLICKS_PLACES_MAX],
                                        rk_error *err);

#endif
