/* phrases.h - what may be suggested to who begins to type: the words of an index, the word pairs and longer runs that
 * titles share, brands, categories, and what was asked before; each with how popular it is.
 *
 * Sections of an index; all are absent from one that was built without them:
 *   phrases.*      names with order, in order: as they are looked up, folded (rk_phrase_fold)
 *   phrase.shared  u8   [n]   bytes that each begins with as the one before does (fuzzy.h)
 *   phrase.score   f32  [n]   1 + how often it was asked; below 1: the weight of its items, as a part of the most
 *   said.*         names [n], no order: as they are shown
 * Meta: phrase_most, the most that the items of a phrase weigh; absent in files of before.
 */
#ifndef RECKON_TEXT_PHRASES_H
#define RECKON_TEXT_PHRASES_H

#include "base/text.h"
#include "text/words.h"

enum { RK_PHRASE_BYTES_MAX = 160 };

typedef struct {
    rk_names keys, said; /* n 0: none are kept */
    const uint8_t *shared;
    const float *score;
    double most; /* 1 + the weight that scores below 1 are parts of; 1: not known */
} rk_phrases;

/* Checks every shape and place; absent sections give none. */
RK_MUST_CHECK rk_status rk_phrases_open(const rk_artefact *artefact, rk_phrases *out, rk_error *err);

/* A tree of maxima over the phrases, [2 n]: leaves, the places themselves, from n on; above them the more popular place
 * of two, of equal ones the smaller, which a phrase has before those that go on with it. Owned by the caller; NULL: no
 * memory. */
uint32_t *rk_phrases_best(const rk_phrases *phrases);
static inline uint32_t rk_phrases_better(const rk_phrases *p, uint32_t a, uint32_t b)
{
    return p->score[a] != p->score[b] ? (p->score[a] > p->score[b] ? a : b) : a < b ? a : b;
}

/* The words of a text, case, form and accents folded, a blank between any two that are not written together as Chinese
 * is; at the end a blank when is_typing and the text ends after its last word. folder: of the analysis {"none", keep}.
 */
RK_MUST_CHECK rk_status rk_phrase_fold(rk_analyser *folder, rk_slice text, bool is_typing, rk_text *out, rk_error *err);

/* ---- building: as an index is built ---- */

typedef struct rk_phrases_builder rk_phrases_builder;
/* dataset, terms: outlive it. terms: of the index, in which the first tag of a token is its term plus one. */
RK_MUST_CHECK rk_status rk_phrases_builder_new(const rk_dataset *dataset, const rk_interner *terms,
                                               rk_phrases_builder **out, rk_error *err);
void rk_phrases_builder_free(rk_phrases_builder *builder); /* accepts NULL */
/* Tokens of an item's title; items come in ascending order. */
RK_MUST_CHECK rk_status rk_phrases_builder_add(rk_phrases_builder *builder, uint32_t item, const rk_token *tokens,
                                               size_t n, rk_error *err);
/* queries: NULL, or a CSV of what was asked, with a column `query` and, unless each counts 1, a column `count`. */
RK_MUST_CHECK rk_status rk_phrases_builder_write(rk_phrases_builder *builder, const rk_words_builder *words,
                                                 const char *queries, rk_artefact_writer *writer, rk_error *err);

#endif
