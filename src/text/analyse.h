/* analyse.h - from a title, a description or a query to terms: the same for what is indexed and what is asked.
 *
 *   case and form  Unicode compatibility forms and case are folded (NFKD, case folding); accents of Latin, Greek and
 *                  Cyrillic letters are dropped: "Café" and "CAFE" are "cafe".
 *   words          runs of letters and digits. A possessive 's is dropped. Three letters or more and digits behind them
 *                  are two words: "iphone6" is iphone 6.
 *   compounds      words joined by one of - _ . & + ' are also one word: "dv7-1211ea" is dv7 1211ea and dv71211ea.
 *   numbers        "1,440" is 1440, "15,6" and "15.6" are 15.6. With a unit they are one word, however it was written:
 *                  "500 GB", "500gb", "500-gigabyte" all hold 500gb; "17\"" and "17 inches" hold 17inch.
 *   sizes          "60 x 40" holds 60x40, and so does "60×40".
 *   signs          C++ and C# are words of their own.
 *   Chinese        runs of Han and Kana are cut into words by a dictionary (segment.h); words of three letters and more
 *                  hold shorter ones of the dictionary, too; of two or more letters in a row that are no part of a
 *                  word, overlapping pairs. Without a dictionary all are pairs.
 *   stems          Snowball, of words without digits; stop words are left out, and their places stay empty.
 *
 * Threads: one analyser per thread.
 */
#ifndef RECKON_TEXT_ANALYSE_H
#define RECKON_TEXT_ANALYSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "text/segment.h"

typedef struct {
    const char *stemmer; /* an algorithm of Snowball: "english", "porter", "german" ...; NULL or "none": none */
    bool keep_stops;     /* English function words are terms, too */
    const rk_segmenter *segmenter; /* NULL: none; else outlives what it is used for */
} rk_analysis;

typedef struct {
    rk_slice term;       /* in the analyser's memory, until its next call */
    rk_slice word;       /* the same before it was stemmed */
    uint32_t position;   /* of its first word, from 0 */
    uint32_t begin, end; /* bytes of the text that it stands for */
    uint16_t n_words;    /* 1: a word; more: these many words from position on, joined into one; 0: a part of the
                            word at its position */
    uint32_t *tag; /* of words seen before: two numbers of the caller's, 0 at first, the same for the same word as long
                      as the analyser knows it; NULL: none are kept */
} rk_token;

typedef struct rk_analyser rk_analyser;

/* RK_BAD_USAGE: no such stemmer, with the nearest. Owned by the caller. */
RK_MUST_CHECK rk_status rk_analyser_new(const rk_analysis *analysis, rk_analyser **out, rk_error *err);
void rk_analyser_free(rk_analyser *analyser); /* accepts NULL */
/* The words of the dictionary that were met, into an index that is written. */
RK_MUST_CHECK rk_status rk_analyser_write_cuts(const rk_analyser *analyser, rk_artefact_writer *writer, rk_error *err);

/* Tokens of a text, by position, a word before its parts and a compound that begins with it. Bytes that are no UTF-8
 * part words. *tokens: [*n], borrowed until the next call. Texts beyond 2^31 bytes are refused. */
RK_MUST_CHECK rk_status rk_analyse(rk_analyser *analyser, rk_slice text, const rk_token **tokens, size_t *n,
                                   rk_error *err);

#endif
