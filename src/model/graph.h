/* graph.h - between training a graph filter and asking it: what encode.state holds.
 *
 *   encode.state[i]    meaning
 *     0..              [dim] what each frequency counts beside what the neighbours say of it; may be negative
 *     dim..            [n_items] what an item counts in a history, its vector as it is stored
 */
#ifndef RECKON_MODEL_GRAPH_H
#define RECKON_MODEL_GRAPH_H

#include "model/model.h"

RK_MUST_CHECK rk_status rk_graph_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                        rk_error *err);
/* A score is a sum over the history, so its terms are the reasons. */
RK_MUST_CHECK rk_status rk_graph_explain(const rk_model *model, rk_history history, const uint32_t *items,
                                         size_t n_items, rk_arena *arena, float *weight, rk_error *err);

#endif
