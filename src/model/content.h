/* content.h - items like a product that no model was trained on: told by its words alone. */
#ifndef RECKON_MODEL_CONTENT_H
#define RECKON_MODEL_CONTENT_H

#include "model/content_terms.h"
#include "model/model.h"

/* Reads products as the model's training did. One per thread; the model must outlive it. RK_UNSUPPORTED for a model of
 * another kind. */
typedef struct rk_content_desk rk_content_desk;
RK_MUST_CHECK rk_status rk_content_desk_new(const rk_model *model, rk_content_desk **out, rk_error *err);
void rk_content_desk_free(rk_content_desk *desk); /* accepts NULL */

/* The n items most like the product, by the cosine that training used. items, scores: [n]. */
RK_MUST_CHECK rk_status rk_content_similar(rk_content_desk *desk, const rk_product *product, uint32_t n,
                                           uint32_t *items, float *scores, uint32_t *n_found, rk_error *err);

#endif
