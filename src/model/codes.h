/* codes.h - a model whose vectors are looked through by product codes, and its scores taken of a short list only.
 *
 * The codes are those of ann/ivf.h with one list: sections ivf.* of the model file. They are asked once, when a query
 * is made: the best by code, as many as the meta's "rerank" and the history together, are scored by the item vectors,
 * which may be of any type, and stand in query.listed. Whoever ranks takes those; scores of an item asked for by number
 * are of its vector, as in any model. For the files of this room only.
 */
#ifndef RECKON_MODEL_CODES_H
#define RECKON_MODEL_CODES_H

#include "model/model_inside.h"

/* Sets codes and rerank where the file has them, everything checked. */
RK_MUST_CHECK rk_status rk_codes_open(rk_model *model, rk_error *err);
void rk_codes_close(rk_model *model);
/* Fills query.listed, n_taken more than rerank; query.vector is made. */
RK_MUST_CHECK rk_status rk_codes_list(const rk_model *model, size_t n_taken, rk_arena *arena, rk_query *query,
                                      rk_error *err);
/* Of items first .. first + n - 1: the scores of those listed, NaN of the others. */
void rk_codes_scores(const rk_query *query, uint32_t first, uint32_t n, float *scores);
/* Those of the list that the filter allows. */
void rk_codes_offer(const rk_model *model, const rk_query *query, const rk_filter *filter, rk_topk *topk);

#endif
