/* fuzzy.h - the words of a sorted table that are within two edits of one, all of them and no others.
 *
 * An edit puts in, leaves out or changes a character, or swaps two neighbours (which then stay as they are: the optimal
 * string alignment distance).
 *
 * Threads: a table is read only; a search has hits of its own.
 */
#ifndef RECKON_TEXT_FUZZY_H
#define RECKON_TEXT_FUZZY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/vec.h"
#include "store/artefact.h"

enum { RK_FUZZY_EDITS_MAX = 2, RK_FUZZY_LETTERS_MAX = 60, RK_FUZZY_BYTES_MAX = 255, RK_FUZZY_RUN = 64 };

/* A table as it is walked: forwards, in bytewise order of its words; or backwards, in that of the words read from
 * behind. What is false in order or shared makes words be missed, nothing worse. */
typedef struct {
    const rk_names *names; /* names of at most RK_FUZZY_BYTES_MAX bytes */
    const uint32_t *order; /* [n], each below n; NULL: as they stand */
    const uint8_t *shared; /* [n] bytes in common with the word before, at the end where the walk begins */
    const uint8_t *least;  /* [(n + RK_FUZZY_RUN - 1) / RK_FUZZY_RUN] least of shared in each run */
    bool is_backward;
} rk_lexicon;

/* Fills what the writer of a table stores: shared, [n]. */
void rk_lexicon_fill_shared(const rk_names *names, const uint32_t *order, bool is_backward, uint8_t *shared);
/* Fills what its reader keeps beside it: least. */
void rk_lexicon_fill_least(const uint8_t *shared, uint32_t n, uint8_t *least);
/* Ids in the order of a backward walk; [n], owned by the caller; NULL: no memory. */
uint32_t *rk_lexicon_backward_order(const rk_names *names);

/* Places begin..end - 1 of a lexicon, all within so many edits. */
typedef struct {
    uint32_t begin, end;
    uint8_t edits;
} rk_fuzzy_hit;

/* Appends the words within n_edits (at most RK_FUZZY_EDITS_MAX) of word to hits, as ids (begin; end is begin + 1), by
 * id, each once. Words longer than RK_FUZZY_LETTERS_MAX have none. false: no memory. */
bool rk_fuzzy_words(const rk_lexicon *forward, const rk_lexicon *backward, rk_slice word, unsigned n_edits,
                    rk_vec *hits);
/* Appends the places whose words begin with something within n_edits of start, by place. Two edits may not both be in the
 * first half of start: there is no walking backwards from an end that is not typed yet. */
bool rk_fuzzy_starts(const rk_lexicon *forward, rk_slice start, unsigned n_edits, rk_vec *hits);
/* Edits allowed for a word: 0 below four letters, 1 below eight, else 2. */
unsigned rk_fuzzy_edits_for(rk_slice word);

#endif
