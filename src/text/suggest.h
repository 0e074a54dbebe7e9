/* suggest.h - how a question that is being typed may go on.
 *
 *   "lap"       laptop, laptop bag, Lapland: phrases that begin so, the most popular first
 *   "red lap"   red laptop; and where no phrase begins with all of it, what the last word may become, as long as items
 *               have it together with the words before
 *   "lpatop b"  laptop bag: where nothing fits as it stands, what fits with 1 edit (4 letters or more) or 2 (8 or more);
 *                   both in the first half only of a word that is typed to its end
 * Case and accents do not matter; of phrases whose stems are the same one is given.
 *
 * Threads: one suggester per thread.
 */
#ifndef RECKON_TEXT_SUGGEST_H
#define RECKON_TEXT_SUGGEST_H

#include "text/corpus.h"

enum { RK_SUGGEST_MAX = 50 };

typedef struct {
    rk_slice text;        /* the whole question */
    double score;         /* phrases.h; higher is more popular */
    uint8_t edits;        /* of what was typed */
    bool is_put_together; /* of the words before and a phrase for the last; stands behind phrases of one piece */
} rk_suggestion;

typedef struct rk_suggester rk_suggester;
/* The corpus must outlive it. One without phrases suggests nothing. Of several segments phrases are those of each,
 * their popularity added up, as long as a living item has their words: what is rare in every segment is not counted
 * together until they are merged. */
RK_MUST_CHECK rk_status rk_suggester_new(const rk_corpus *corpus, rk_suggester **out, rk_error *err);
void rk_suggester_free(rk_suggester *suggester); /* accepts NULL */

/* The n_max (at most RK_SUGGEST_MAX) best for a text as typed so far. Their texts are borrowed until the next call.
 * RK_BAD_USAGE for a text that is too long (RK_QUESTION_BYTES_MAX) or no UTF-8. */
RK_MUST_CHECK rk_status rk_suggest(rk_suggester *suggester, rk_slice typed, rk_suggestion *out, size_t n_max, size_t *n,
                                   rk_error *err);

#endif
