/* segment.h - where the words of a run of Chinese characters begin, by a dictionary with counts.
 *
 * Of all ways to put a run together from words of the dictionary the likeliest is taken, each word being as likely as
 * its count is a part of all counts; a character at which no word begins is one of count 1. A dictionary is a text of
 * lines "word count" with anything behind a further blank, as python3-jieba installs one (349,046 words).
 *
 * An index keeps the words of the dictionary that stand in its own texts, in any way of cutting them. What it was built
 * from is then cut the same way with those alone, so an index does not need the dictionary again, nor the same one:
 *   cuts.*      names with order
 *   cut.count   u32  [n]
 * Meta: cut_total, of all counts of the dictionary; dictionary, its hash.
 *
 * Threads: a segmenter is read only; a cutter is of one thread.
 */
#ifndef RECKON_TEXT_SEGMENT_H
#define RECKON_TEXT_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "store/artefact.h"

extern const char rk_dictionary_path[]; /* where python3-jieba installs its own */

typedef struct rk_segmenter rk_segmenter;
RK_MUST_CHECK rk_status rk_segmenter_read(const char *path, rk_segmenter **out, rk_error *err);
/* A word longer than RK_CUT_LETTERS_MAX, or with a character that is not Chinese, is passed over. name: for messages.
 */
RK_MUST_CHECK rk_status rk_segmenter_parse(rk_slice text, const char *name, rk_segmenter **out, rk_error *err);
/* Of an index; *out NULL when it keeps none. */
RK_MUST_CHECK rk_status rk_segmenter_open(const rk_artefact *artefact, rk_segmenter **out, rk_error *err);
void rk_segmenter_free(rk_segmenter *segmenter); /* accepts NULL */
uint32_t rk_segmenter_n_words(const rk_segmenter *segmenter);

/* Of another segmenter, which outlives it, the words that indexes built with that one keep: what an index of all their
 * texts would keep. It knows none at first. Only questions and texts of those indexes may be cut with it. */
RK_MUST_CHECK rk_status rk_segmenter_narrow(const rk_segmenter *whole, rk_segmenter **out, rk_error *err);
/* Adds the words of an index. One thread at a time; others may cut meanwhile. */
RK_MUST_CHECK rk_status rk_segmenter_meet(rk_segmenter *narrow, const rk_artefact *index, rk_error *err);

enum { RK_CUT_LETTERS_MAX = 255 };

typedef struct rk_cutter rk_cutter;
rk_cutter *rk_cutter_new(const rk_segmenter *segmenter); /* NULL: no memory. segmenter: outlives it */
void rk_cutter_free(rk_cutter *cutter);                  /* accepts NULL */
/* letters: [n], n at most RK_CUT_LETTERS_MAX, as rk_letter_code gives them. How many letters each word has: into
 * lengths, [n]; returns how many words. */
size_t rk_cut(rk_cutter *cutter, const uint32_t *letters, size_t n, uint8_t *lengths);
bool rk_cut_knows(const rk_cutter *cutter, const uint32_t *letters, size_t n);
/* The words met in all that was cut, into an artefact that is written; nothing when none was. */
RK_MUST_CHECK rk_status rk_cutter_write(const rk_cutter *cutter, rk_artefact_writer *writer, rk_error *err);

#endif
