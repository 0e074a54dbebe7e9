/* words.h - the words of an index as people write them, case and accents apart: what is misspelt is looked up here, for
 * the index's own terms are stems.
 *
 * Sections of an index; all are absent from one that was built without them:
 *   words.*        names with order, in order: word 0 is the first bytewise
 *   word.items     u32  [n]   items that have it
 *   word.backward  u32  [n]   words in the order of their letters read from behind
 *   word.shared    u8   [n]   bytes that a word begins with as the one before does (fuzzy.h)
 *   word.ended     u8   [n]   bytes that a word ends with as the one before does, in the order of word.backward
 */
#ifndef RECKON_TEXT_WORDS_H
#define RECKON_TEXT_WORDS_H

#include "data/dataset.h"
#include "text/analyse.h"
#include "text/fuzzy.h"

enum { RK_WORD_BYTES_MAX = 64 };

typedef struct {
    rk_names names; /* n 0: none are kept */
    const uint32_t *items, *backward;
    const uint8_t *shared, *ended;
} rk_words;

/* Checks every shape and place; absent sections give none. */
RK_MUST_CHECK rk_status rk_words_open(const rk_artefact *artefact, rk_words *out, rk_error *err);

/* ---- building: as an index is built ---- */

/* How much an item counts in suggestions: 1, and 1 more for each of its events. */
double rk_item_weight(const rk_dataset *dataset, uint32_t item);

typedef struct rk_words_builder rk_words_builder;
/* Words that fewer than `least` items have are not written. NULL: no memory. dataset: outlives it. */
rk_words_builder *rk_words_builder_new(const rk_dataset *dataset, uint32_t least);
void rk_words_builder_free(rk_words_builder *builder); /* accepts NULL */
/* Tokens of a text of an item; items come in ascending order. The second tag of a token is the builder's. */
RK_MUST_CHECK rk_status rk_words_builder_add(rk_words_builder *builder, uint32_t item, const rk_token *tokens, size_t n,
                                             rk_error *err);
/* Words so far, whether one will be written, and the weight of the items that have it. */
uint32_t rk_words_builder_count(const rk_words_builder *builder);
bool rk_words_builder_keeps(const rk_words_builder *builder, uint32_t i);
rk_slice rk_words_builder_get(const rk_words_builder *builder, uint32_t i, double *weight);
RK_MUST_CHECK rk_status rk_words_builder_write(const rk_words_builder *builder, rk_artefact_writer *writer,
                                               rk_error *err);

#endif
