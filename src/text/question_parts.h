/* question_parts.h - what reading a question and answering it have in common; for the files of this room only. */
#ifndef RECKON_TEXT_QUESTION_PARTS_H
#define RECKON_TEXT_QUESTION_PARTS_H

#include "text/index_parts.h"
#include "text/question.h"

struct rk_asker {
    const rk_corpus *corpus;
    rk_analyser *analyser, *folder; /* the corpus' own; that of values (columns.h) */
    rk_search_desk *desk;
};

/* How words stand in a question. */
typedef enum { RK_WORDS_ANY, RK_WORDS_MUST, RK_WORDS_NOT } rk_words_rule;
/* Words of a text into the question. A compound is one more term that counts, and never required itself. */
RK_MUST_CHECK rk_status rk_question_add_words(rk_asker *asker, rk_slice text, rk_words_rule rule, rk_question *question,
                                              rk_error *err);

/* What a name is about; false: nothing that is known. */
bool rk_about_find(const rk_corpus *corpus, rk_slice name, rk_about *out);
/* The column of a brand, category or attribute in one segment; RK_NO_ID: the segment has none. */
uint32_t rk_about_column(const rk_index *index, const rk_about *about);
static inline bool rk_about_same(const rk_about *a, const rk_about *b)
{
    return a->kind == b->kind && rk_slice_equal(a->attribute, b->attribute);
}
bool rk_same_name(rk_slice a, const char *b); /* case apart */

/* The words of a question as terms of one segment, into room: [RK_SEARCH_TERMS_MAX]. false: one that is required is
 * none of the segment's, which then has nothing. */
bool rk_question_search(const rk_question *question, const rk_segment *segment, rk_search_term *room, rk_search *out);

static inline size_t rk_bit_words(const rk_asker *asker) { return rk_corpus_bit_words(asker->corpus); }
static inline bool rk_has_bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }
static inline void rk_set_bit(uint64_t *bits, uint32_t i) { bits[i / 64] |= UINT64_C(1) << (i % 64); }

/* Items that must not be found, by words, phrases and conditions with a minus, into barred; those that conditions want
 * into the groups of out. */
RK_MUST_CHECK rk_status rk_question_filter(rk_asker *asker, const rk_question *question, rk_arena *arena,
                                           uint64_t *barred, rk_findings *out, rk_error *err);
/* The same for a phrase alone: the items that have it. */
RK_MUST_CHECK rk_status rk_phrase_items(rk_asker *asker, const rk_phrase *phrase, uint64_t *bits, rk_error *err);

#endif
