/* answers.h - answers that were given before, by their questions, in a bounded room.
 *
 * Nothing in here is ever made invalid: whoever asks puts all that an answer depends on into the question - the number
 * of the model, of the shopper's last event, of the stock's last change - so that after a change the question is
 * another one, and the old answer is only in the way until its room is needed.
 *
 * Memory: the bytes agreed and a sixteenth for the index, touched as they are first used; no allocation afterwards.
 * Threads: any, all at once; shards with a lock each, held for one copy.
 */
#ifndef RECKON_SERVE_ANSWERS_H
#define RECKON_SERVE_ANSWERS_H

#include "base/error.h"
#include "base/text.h"

typedef struct rk_answers rk_answers;
#define RK_ANSWERS_BYTES_MIN 65536 /* less than that is none */

/* bytes: of questions and answers together; too few for any: *out is NULL. */
RK_MUST_CHECK rk_status rk_answers_new(size_t bytes, rk_answers **out, rk_error *err);
void rk_answers_free(rk_answers *answers); /* accepts NULL */

/* Appends the answer of a question and counts a hit; false: a miss, or out has no memory. */
bool rk_answers_find(rk_answers *answers, rk_slice question, rk_text *out);
/* Keeps an answer; what was asked least lately goes. One too large for a quarter of a shard is not kept. */
void rk_answers_add(rk_answers *answers, rk_slice question, rk_slice answer);
/* Forgets all, and overwrites every byte of it. */
void rk_answers_clear(rk_answers *answers); /* accepts NULL */

typedef struct {
    uint64_t n_hits, n_misses, n_evicted; /* since the start */
    uint64_t n, bytes;                    /* now: answers, and what they take with their questions */
} rk_answers_counts;
void rk_answers_count(rk_answers *answers, rk_answers_counts *out);

#endif
