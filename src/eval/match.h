/* match.h - a dataset in the ids of a model: the same users and items, found by name. Private to eval/. */
#ifndef RECKON_EVAL_MATCH_H
#define RECKON_EVAL_MATCH_H

#include <stdbool.h>

#include "data/dataset.h"
#include "math/csr.h"
#include "model/model.h"

/* The id in `to` of name id of `from`; RK_NO_ID when absent. Cheap where both number alike. */
uint32_t rk_match_id(const rk_names *from, uint32_t id, const rk_names *to);

/* What of a dataset every one of some models knows, in the dataset's ids. */
typedef struct {
    bool *user, *item; /* owned; [n_users], [n_items] */
} rk_common;

RK_MUST_CHECK rk_status rk_common_open(const rk_model *const *models, size_t n_models, const rk_dataset *dataset,
                                       rk_common *out, rk_error *err);
void rk_common_release(rk_common *common); /* accepts a zeroed one */

typedef struct {
    rk_csr matrix;                         /* the model's users x the model's items; value: the pair's last */
    uint32_t *user, n_users;               /* the model's ids of the users with pairs, in the order of the dataset */
    uint32_t unknown_users, unknown_items; /* with events, but not known to the model */
    uint64_t unknown_pairs;                /* left out */
} rk_match;

/* common: NULL, or what alone counts as known. */
RK_MUST_CHECK rk_status rk_match_open(const rk_model *model, const rk_dataset *dataset, const rk_common *common,
                                      rk_match *out, rk_error *err);
void rk_match_release(rk_match *match); /* accepts a zeroed one */

#endif
