/* question_parts.h - what reading a question and answering it have in common; for the files of this room only. */
#ifndef RECKON_TEXT_QUESTION_PARTS_H
#define RECKON_TEXT_QUESTION_PARTS_H

#include "text/index_parts.h"
#include "text/question.h"

struct rk_asker {
    const rk_index *index;
    rk_analyser *analyser, *folder; /* the index's own; that of values (columns.h) */
    rk_search_desk *desk;
};

/* How words stand in a question. */
typedef enum { RK_WORDS_ANY, RK_WORDS_MUST, RK_WORDS_NOT } rk_words_rule;
/* Words of a text into the question. A compound is one more term that counts, and never required itself. */
RK_MUST_CHECK rk_status rk_question_add_words(rk_asker *asker, rk_slice text, rk_words_rule rule, rk_question *question,
                                              rk_error *err);

/* What a name is about: rk_about; RK_NO_ID: nothing that is known. */
uint32_t rk_about_of(const rk_index *index, rk_slice name);
/* The column of the attribute that says what is in stock; RK_NO_ID: none. */
uint32_t rk_stock_column(const rk_index *index);
bool rk_same_name(rk_slice a, const char *b); /* case apart */

static inline size_t rk_bit_words(const rk_index *index) { return ((size_t)index->n_items + 63) / 64; }
static inline bool rk_has_bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }
static inline void rk_set_bit(uint64_t *bits, uint32_t i) { bits[i / 64] |= UINT64_C(1) << (i % 64); }

/* Items that must not be found, by words, phrases and conditions with a minus, into barred; those that conditions want
 * into the groups of out. */
RK_MUST_CHECK rk_status rk_question_filter(rk_asker *asker, const rk_question *question, rk_arena *arena,
                                           uint64_t *barred, rk_findings *out, rk_error *err);
/* The same for a phrase alone: the items that have it. */
RK_MUST_CHECK rk_status rk_phrase_items(rk_asker *asker, const rk_phrase *phrase, uint64_t *bits, rk_error *err);

#endif
