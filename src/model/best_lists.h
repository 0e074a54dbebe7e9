/* best_lists.h - what to show every shopper that a model knows: rk_answer_recommend for all of them, into one file.
 *
 * The items and scores are those that each shopper would be told alone, users in the order of the model. Memory is
 * bounded: users pass by in blocks, and what is written of one block is gone before the next.
 */
#ifndef RECKON_MODEL_BEST_LISTS_H
#define RECKON_MODEL_BEST_LISTS_H

#include "model/answer.h"

typedef enum {
    RK_BEST_LISTS_CSV,  /* user,rank,item,score: a row for each item */
    RK_BEST_LISTS_JSONL /* {"user":"ann","items":[{"id":"cup","score":0.9},...]}: a line for each user */
} rk_best_lists_format;

/* The format that a file's name ends in; RK_BAD_USAGE for others. */
RK_MUST_CHECK rk_status rk_best_lists_format_of(const char *path, rk_best_lists_format *format, rk_error *err);
/* wish: the same for all; its user, history and n_reasons do not count. path "-": standard output. */
RK_MUST_CHECK rk_status rk_best_lists_write(const rk_model *model, const rk_wish *wish, rk_best_lists_format format,
                                            const char *path, const rk_run *run, rk_error *err);

#endif
