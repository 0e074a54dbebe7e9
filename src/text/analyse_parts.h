/* analyse_parts.h - what the two halves of an analyser share: analyse_words.c folds a text into words, analyse.c makes
 * terms of them; for these files only.
 */
#ifndef RECKON_TEXT_ANALYSE_PARTS_H
#define RECKON_TEXT_ANALYSE_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "text/analyse.h"

/* How a word hangs on to the one before: "a, b", "a-b", "a6", "a b". */
typedef enum { RK_APART, RK_JOINED, RK_FLUSH, RK_SPACED } rk_word_hold;

typedef enum { RK_LETTERS, RK_DIGITS, RK_MIXED, RK_HAN, RK_INCH } rk_word_kind;

typedef struct {
    uint32_t at, n; /* bytes of the folded text */
    uint32_t begin, end;
    rk_word_hold hold;
    rk_word_kind kind;
    uint32_t first; /* of a word of Han letters: where they begin in `places` */
} rk_folded_word;

typedef struct {
    uint32_t begin, end;
} rk_letter_place;

struct rk_analyser {
    struct sb_stemmer *stemmer; /* NULL: none */
    rk_cutter *cutter;          /* NULL: none */
    bool keep_stops;
    rk_interner *known; /* words seen before, */
    rk_vec stem;        /* known_stem of each */
    rk_arena stems;
    rk_vec folded; /* char */
    rk_vec words;  /* rk_folded_word */
    rk_vec places; /* rk_letter_place: in the text, of Han letters */
    rk_vec tokens; /* rk_token */
    rk_vec tagged; /* tagged: which tokens are known stems; their tags are pointed to when all are there */
    rk_arena joined;
    bool is_short; /* of memory */
};

/* Fills folded, words and places, which must be empty. */
void rk_analyser_fold(rk_analyser *analyser, rk_slice text);

static inline rk_slice rk_folded_text(const rk_analyser *a, const rk_folded_word *w)
{
    return (rk_slice){(const char *)a->folded.data + w->at, w->n};
}

/* The rest of a mixed word behind its number, when that is a unit: "500gb". NULL: it is none. */
const char *rk_unit_behind(rk_slice text, size_t *n_digits);

#endif
