/* hoods.h - every item's small regression on its neighbourhood, all of them the near of a model. */
#ifndef RECKON_MODEL_HOODS_H
#define RECKON_MODEL_HOODS_H

#include "base/run.h"
#include "data/dataset.h"
#include "math/pace.h"
#include "model/hood.h"

typedef struct {
    const char *model;   /* its name, for progress and messages */
    uint32_t candidates; /* of an item */
    uint32_t neighbours; /* of them at most that are kept; 0 = all */
    float threshold;     /* weights of no more than this are dropped */
    void *context;
    /* weight[hood->n]: how much each candidate speaks for the item; aim[hood->n]: the item's column of G. One call at a
     * time per worker. */
    rk_status (*solve)(void *context, unsigned worker, const rk_hood *hood, const float *aim, float *weight,
                       rk_error *err);
} rk_hoods_job;

/* The candidates of an item are those most like it (item_gram.h). */
RK_MUST_CHECK rk_status rk_hoods_solve(const rk_item_gram *gram, const rk_hoods_job *job, const rk_run *run,
                                       rk_csr *near, rk_error *err);
/* All that it computes but for solve's own. */
rk_work rk_hoods_work(const rk_dataset *dataset, uint32_t candidates);
/* All that it takes but for solve's own. */
uint64_t rk_hoods_bytes(const rk_dataset *dataset, uint32_t candidates, uint32_t neighbours, unsigned n_threads);

#endif
