/* shown.h - a model that scans only some of its items: those of the section item.shown, whose vectors come first.
 *
 * Whoever asks for scores goes on asking by item: a block of items is a run of the rows that are scanned, whose scores
 * are then spread out, and items that are not shown get NaN, which is no candidate. Their vectors stand behind the
 * others, so that a history or a question of likeness may still name them. For the files of this room only.
 */
#ifndef RECKON_MODEL_SHOWN_H
#define RECKON_MODEL_SHOWN_H

#include "model/model_inside.h"

/* section: item.shown, of any length. Sets shown and row. NULL, or what is wrong with it. */
const char *rk_shown_open(rk_model *model, const rk_section *section);

/* Where the vector of an item stands. */
static inline size_t rk_row_of(const rk_model *model, uint32_t item) { return model->row ? model->row[item] : item; }
/* The first row of items first .. first + n - 1 that are shown, and how many there are. */
uint32_t rk_shown_run(const rk_model *model, uint32_t first, uint32_t n, uint32_t *n_rows);
/* scores: those of the run, in its order; becomes [n], an item each. In place. */
void rk_shown_spread(const rk_model *model, uint32_t first, uint32_t n, uint32_t n_rows, float *scores);

#endif
