/* inquiry.h - a search from the question to what a shopper sees: read, answered, corrected, relaxed, looked at again,
 * counted, marked. The command and the server give the same answers because both ask here.
 *
 *   rk_inquirer_new(corpus, &inquirer, err)             one per thread
 *   rk_inquire(inquirer, &inquiry, arena, &reply, err)
 *   rk_reply_json(inquirer, &inquiry, &reply, request_id, &json, err)
 *
 *   {"request_id":"...","model":"search-1a2b","items":[{"id":"1","score":1.34,"title":"Red Tea Pot","price":20,
 *     "marked":{"title":"Red <em>Tea</em> Pot"},"reasons":[{"kind":"word","word":"tea"}]}],"total":17,
 *    "facets":{"brand":[["HP",12]]},"corrected":"tea pot","relaxed":[{"kind":"filter","text":"price<2"}],
 *    "did_you_mean":"...","unknown":["..."]}
 * corrected: what was searched instead of what was typed; did_you_mean: what might have been meant, but what was typed
 * was searched; relaxed: what was not insisted on (relax.h). Keys that do not apply are left out.
 */
#ifndef RECKON_RANK_INQUIRY_H
#define RECKON_RANK_INQUIRY_H

#include "rank/ranker.h"
#include "text/highlight.h"
#include "text/relax.h"
#include "text/spell.h"

enum { RK_INQUIRY_FACETS_MAX = 32, RK_INQUIRY_VALUES_MAX = 100 };

typedef struct {
    rk_slice text, filter;  /* what was typed; what else must hold, n 0: nothing */
    rk_page page;           /* its sort is read from: */
    rk_slice sort;          /* rk_sort_read; n 0: relevance */
    const rk_slice *facets; /* [n_facets] fields to count, at most RK_INQUIRY_FACETS_MAX */
    size_t n_facets;
    size_t n_values;         /* of each facet, 1 to RK_INQUIRY_VALUES_MAX */
    const rk_ranker *ranker; /* the second look, when sorted by relevance; NULL: none */
    const rk_marks *marks;   /* around the words in titles and texts; NULL: they are not marked */
    size_t snippet_bytes;    /* of a text */
    bool is_literal;         /* nothing is corrected or relaxed */
    bool explains;           /* what makes up the score of each item */
} rk_inquiry;

typedef struct {
    rk_slice field;
    rk_facet_value *values; /* [n] */
    size_t n;
} rk_facet;

/* Everything in the arena, or borrowed from the inquiry and the corpus. */
typedef struct {
    rk_question question; /* as it was answered in the end */
    rk_findings found;
    rk_slice corrected, did_you_mean; /* n 0: none */
    rk_relaxed relaxed[RK_RELAXED_MAX];
    size_t n_relaxed;
    rk_facet facet[RK_INQUIRY_FACETS_MAX];
    size_t n_facets;
    bool is_fused;         /* places were fused: features add up to no score */
    const float **feature; /* [found.n] features of each, NULL: no second look; NULL unless it explains */
} rk_reply;

typedef struct rk_inquirer rk_inquirer;
/* The corpus must outlive it. */
RK_MUST_CHECK rk_status rk_inquirer_new(const rk_corpus *corpus, rk_inquirer **out, rk_error *err);
void rk_inquirer_free(rk_inquirer *inquirer); /* accepts NULL */
rk_asker *rk_inquirer_asker(rk_inquirer *inquirer);
/* From now on the second look is with the eyes of a shopper (look.h). */
void rk_inquirer_be(rk_inquirer *inquirer, const rk_shopper *shopper);

/* RK_BAD_USAGE: no question, or a page too deep; RK_NOT_FOUND: a facet or a sort of no known field. */
RK_MUST_CHECK rk_status rk_inquire(rk_inquirer *inquirer, const rk_inquiry *inquiry, rk_arena *arena, rk_reply *out,
                                   rk_error *err);

/* What one word gives to the score of an item, as the first look counts it; all of them add up to it. */
double rk_reply_gain(const rk_inquirer *inquirer, const rk_reply *reply, size_t term, uint32_t item);
/* request_id NULL: none is written. */
RK_MUST_CHECK rk_status rk_reply_json(rk_inquirer *inquirer, const rk_inquiry *inquiry, const rk_reply *reply,
                                      const char *request_id, rk_json *json, rk_error *err);

#endif
