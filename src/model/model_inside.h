/* model_inside.h - what an open model is made of; for the files of this room only. */
#ifndef RECKON_MODEL_MODEL_INSIDE_H
#define RECKON_MODEL_MODEL_INSIDE_H

#include "ann/ivf.h"
#include "math/dot.h"
#include "model/model.h"

struct rk_model {
    rk_artefact *artefact; /* owned; everything below but label and inverse_norm points into it */
    char prefix[16]; /* of the names of its sections: a part of another model, which owns the artefact; "": whole */
    const json_t *meta;
    const rk_model_kind *kind;
    char label[64];
    uint32_t n_users, n_items, dim;
    double mu;
    bool is_rating;

    rk_type type;
    size_t stride; /* elements */
    const void *item_vector;
    const float *item_scale; /* i8 and i4x2 only */
    const float *item_bias, *user_vector, *user_bias;
    uint32_t n_near_rows;
    const uint64_t *near_start; /* NULL: no neighbours */
    const uint32_t *near_item;
    const float *near_weight;
    const uint8_t *near_code;    /* NULL: item and weight; else those are, and start counts bytes */
    const float *near_scale;     /* [n_near_rows] of near_code */
    uint64_t n_near;             /* entries */
    const uint64_t *owner_start; /* NULL: no owners */
    const uint32_t *owner_row;
    const float *owner_value; /* NULL = 1 each */
    rk_names terms;
    const float *term_weight;      /* [terms.n]; NULL: none */
    const uint64_t *posting_start; /* [terms.n + 1] */
    const uint32_t *posting_item;
    const float *posting_weight;
    const uint64_t *seen_start;
    const uint32_t *seen_item;
    const float *seen_value;
    const rk_section *encode_state;
    const uint32_t *shown; /* [n_shown] ascending: the items that are scanned; NULL: all */
    uint32_t n_shown;
    uint32_t *row;   /* [n_items] of each item's vector, the whole's own; NULL: it has its item's number */
    rk_ivf *codes;   /* codes.h, owned; NULL: none */
    uint32_t rerank; /* with codes: the length of the short list, beside what was taken */
    rk_names users, items, titles, categories;
    const uint32_t *item_category; /* NULL: unknown */

    rk_model **parts;    /* owned, [n_parts] models that it blends, sharing names and artefact */
    float *part_weight;  /* owned, [n_parts] */
    size_t n_parts;      /* 0: it scores itself */
    uint32_t fuse_depth; /* > 0: the parts' ranks up to here are blended, not their scores */

    float *inverse_norm; /* owned; [n_items] 1 / length of the item vector, 0 for a zero one; NULL when dim is 0 */
    const rk_kernels *kernels;
};

/* hybrid.c: the parts' best items by rank into query->listed; what is in the history takes no rank. */
RK_MUST_CHECK rk_status rk_hybrid_fuse(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                       rk_error *err);

/* Its vectors are whole numbers with a scale each, and meet a query of whole numbers. */
static inline bool rk_model_is_scaled(const rk_model *model) { return model->type == RK_I8 || model->type == RK_I4X2; }

/* It has neighbours, a row for each item. */
static inline bool rk_model_rows_are_items(const rk_model *model)
{
    return model->near_start && !model->kind->rows_are_users && !model->kind->rows_are_features;
}

/* neighbours.c: NULL when coded rows, n_bytes of code, can be trusted, else what is wrong; fills n_near. */
const char *rk_rows_check(rk_model *model, uint64_t n_bytes);
/* The first place from begin on whose item is not below. */
static inline uint64_t rk_find_from(const uint32_t *item, uint64_t begin, uint64_t end, uint32_t below)
{
    while (begin < end) {
        uint64_t middle = begin + (end - begin) / 2;
        if (item[middle] < below) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

/* near[row][item], 0 where nothing stands. */
float rk_model_near(const rk_model *model, uint32_t row, uint32_t item);

/* Vector row as floats, [dim]: that of the item with the row's number, where all items are scanned. */
void rk_model_row(const rk_model *model, size_t row, float *out);
/* Says that the vectors of these will be wanted soon, so that memory is asked for all of them at once. */
void rk_model_expect_vectors(const rk_model *model, const uint32_t *items, size_t n);

/* score[i] = rk_model_score of item[i], of a model of vectors alone; the query is rounded once for all of them. */
void rk_model_score_each(const rk_model *model, const rk_query *query, const uint32_t *item, size_t n, float *score);

/* What scoring makes of a query before it meets an item: itself, or the whole numbers that stand for it. out: [dim]. */
void rk_model_round_query(const rk_model *model, const float *query, float *out);
/* score[i] = how like the item like[i] is to item, as rk_model_offer_similar says, of a model of vectors alone. */
void rk_model_likeness_each(const rk_model *model, uint32_t item, const uint32_t *like, size_t n, float *score);

/* The entries of a row that are neither its own item nor in skip, ascending. */
void rk_rows_offer(const rk_model *model, uint32_t row, const uint32_t *skip, size_t n_skip, rk_topk *topk);

/* model_write.c: the draft and the names of the dataset it was trained on, as the sections and meta of a model file. */
RK_MUST_CHECK rk_status rk_model_write(rk_artefact_writer *writer, const rk_model_draft *draft,
                                       const rk_model_kind *kind, const char *options_json, const rk_dataset *dataset,
                                       rk_error *err);

/* The rows of the registry; each is defined in its algorithm's own file. */
extern const rk_model_kind rk_model_kind_popular;
extern const rk_model_kind rk_model_kind_als;
extern const rk_model_kind rk_model_kind_mf;
extern const rk_model_kind rk_model_kind_graph;
extern const rk_model_kind rk_model_kind_bpr;
extern const rk_model_kind rk_model_kind_logistic;
extern const rk_model_kind rk_model_kind_hybrid;
extern const rk_model_kind rk_model_kind_itemknn;
extern const rk_model_kind rk_model_kind_userknn;
extern const rk_model_kind rk_model_kind_session;
extern const rk_model_kind rk_model_kind_together;
extern const rk_model_kind rk_model_kind_recent;
extern const rk_model_kind rk_model_kind_trending;
extern const rk_model_kind rk_model_kind_content;
extern const rk_model_kind rk_model_kind_profile;
extern const rk_model_kind rk_model_kind_ease;
extern const rk_model_kind rk_model_kind_slim;
extern const rk_model_kind rk_model_kind_linear;

#endif
