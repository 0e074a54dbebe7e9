/* ann_inside.h - what an index is made of, around its kind; for the files of this room only. */
#ifndef RECKON_ANN_ANN_INSIDE_H
#define RECKON_ANN_ANN_INSIDE_H

#include "ann/ann.h"

struct rk_ann {
    const rk_ann_kind *kind;
    void *index;
    rk_ann_metric metric;
    size_t dim;        /* of a query; the base of L2 has one more */
    rk_ann_rows base;  /* as the kind sees it */
    float *own;        /* base.at when it is ours: copied, or grown */
    uint64_t *removed; /* [(base.n + 63) / 64] NULL: none was */
    size_t n_removed;
    char *options;         /* of the kind, as JSON */
    rk_artefact *artefact; /* NULL: built */
    rk_ann_step steps[RK_ANN_STEPS_MAX];
    size_t n_steps;
    bool queries_given; /* the recall was measured with queries, not items */
};

static inline bool rk_bit(const uint64_t *bits, size_t i) { return bits[i / 64] >> (i % 64) & 1; }

double rk_ann_length(const float *vector, size_t dim);

/* A query as the base is: for cosine and L2 made in room [base.dim], for the inner product left where it is. */
const float *rk_ann_prepare(const rk_ann *ann, const float *query, float *room);

/* Scores of items first .. first + n - 1 that are barred become no scores; first is a multiple of 64. barred: may be
 * NULL. */
void rk_ann_bar(const uint64_t *barred, size_t first, size_t n, float *scores);

/* Every item that is not barred is offered: what any kind does at its largest effort, or when it finds too few. */
void rk_ann_compare_all(const rk_ann_rows *base, const rk_ann_question *question, rk_topk *topk);

/* The rows of the table in ann.c. */
extern const rk_ann_kind rk_ann_flat;
extern const rk_ann_kind rk_ann_ivf;
extern const rk_ann_kind rk_ann_hnsw;

#endif
