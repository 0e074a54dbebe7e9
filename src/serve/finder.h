/* finder.h - search and suggestions over one index, for many workers: each question borrows a searcher.
 *
 * A file is read into memory and every byte held against its checksum, as the model is. Of the products of a live index
 * (stock.h) each question sees those of its moment; what is not to be had is not found, unless the question asks for it
 * (stock:no).
 * Threads: any, all at once.
 */
#ifndef RECKON_SERVE_FINDER_H
#define RECKON_SERVE_FINDER_H

#include "rank/inquiry.h"
#include "serve/stock.h"

typedef struct rk_finder rk_finder;
/* ranker_path: weights of the second look; NULL: those of no training. */
RK_MUST_CHECK rk_status rk_finder_open(const char *index_path, const char *ranker_path, const rk_run *run,
                                       rk_finder **out, rk_error *err);
/* The same over the stock, which outlives the finder. */
RK_MUST_CHECK rk_status rk_finder_open_stock(rk_stock *stock, const char *ranker_path, rk_finder **out, rk_error *err);
void rk_finder_close(rk_finder *finder); /* accepts NULL */

const rk_index *rk_finder_index(const rk_finder *finder); /* NULL: it is live */
const char *rk_finder_label(const rk_finder *finder);     /* "search-1a2b" */

/* The answer as JSON, one object. The inquiry's ranker is the finder's. shopper: who asks; NULL: nobody is known.
 * RK_BAD_USAGE, RK_NOT_FOUND: as rk_inquire. */
RK_MUST_CHECK rk_status rk_finder_search(rk_finder *finder, rk_inquiry *inquiry, const rk_shopper *shopper,
                                         const char *request_id, rk_arena *arena, rk_text *out, rk_error *err);
/* The n best for words alone: their ids and scores, in the arena. RK_BAD_USAGE: no words that can be read. */
typedef struct {
    const rk_slice *id; /* [n] */
    const float *score; /* [n] */
    size_t n;
} rk_found_ids;
RK_MUST_CHECK rk_status rk_finder_find(rk_finder *finder, rk_slice words, size_t n, rk_arena *arena, rk_found_ids *out,
                                       rk_error *err);
/* {"request_id":"...","suggestions":[{"text":"tea pot","score":1.2}]} */
RK_MUST_CHECK rk_status rk_finder_suggest(rk_finder *finder, rk_slice typed, size_t n, const char *request_id,
                                          rk_text *out, rk_error *err);

#endif
