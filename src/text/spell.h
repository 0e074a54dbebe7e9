/* spell.h - what was meant by a word that no item has.
 *
 * Candidates are all words of the corpus within 1 edit (words of 4 letters or more) or 2 (8 or more), found exactly
 * (fuzzy.h); a word in two ("laptopbag") where items have both; and two typed words that are one ("note book"). They
 * are weighed by how many items have them, how far they are from what was typed, and, where other words of the question
 * are known, by whether items have them together.
 *
 * Threads: one speller per thread.
 */
#ifndef RECKON_TEXT_SPELL_H
#define RECKON_TEXT_SPELL_H

#include "base/arena.h"
#include "text/corpus.h"

typedef struct {
    rk_slice word;  /* of the corpus; two words with a blank between them for a word in two: borrowed from the speller,
                       until its next call */
    uint32_t items; /* that have it; of two words, those of the rarer */
    uint8_t edits;  /* a blank put in is one */
    double score;   /* higher is better */
} rk_spelling;

typedef struct rk_speller rk_speller;
/* The corpus must outlive it. One without words knows no corrections. */
RK_MUST_CHECK rk_status rk_speller_new(const rk_corpus *corpus, rk_speller **out, rk_error *err);
void rk_speller_free(rk_speller *speller); /* accepts NULL */

/* The n_max best candidates for a folded word (rk_token.word), best first, the word itself among them when an item
 * has it. known: [n_known] terms that stand with it, NULL for none. */
RK_MUST_CHECK rk_status rk_spell_correct(rk_speller *speller, rk_slice word, const rk_slice *known, size_t n_known,
                                         rk_spelling *out, size_t n_max, size_t *n, rk_error *err);

typedef struct {
    rk_slice text;    /* the question with its words mended, in the arena; empty: nothing to mend, or no way to */
    size_t n_changed; /* words */
} rk_correction;

/* Mends a question: unknown, [n_unknown], are the words in text that no item has, or that are to be doubted, as slices
 * of it, in their order. Words with digits are only parted. All of the question but those words stays, signs and fields
 * too. */
RK_MUST_CHECK rk_status rk_spell_mend(rk_speller *speller, rk_slice text, const rk_slice *unknown, size_t n_unknown,
                                      const rk_slice *known, size_t n_known, rk_arena *arena, rk_correction *out,
                                      rk_error *err);

#endif
