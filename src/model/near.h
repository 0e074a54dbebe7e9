/* near.h - an index of a model's item vectors (ann/ann.h): recommending without scoring the whole catalogue.
 *
 * For models that score by an inner product and a bias. The index file names the model it was made of and goes with no
 * other. What it finds is scored by the model itself, so that scores are the model's, also where its numbers are small.
 * Items like an item are found by a second index in the same file, where there is one.
 */
#ifndef RECKON_MODEL_NEAR_H
#define RECKON_MODEL_NEAR_H

#include "ann/choose.h"
#include "model/model.h"

typedef struct {
    const char *kind;       /* "auto", or a kind of ann.h */
    double recall;          /* wanted */
    const char *const *set; /* [n_set] "key=value" of the kind */
    size_t n_set;
    bool has_no_similar; /* items like an item are not sought in it */
} rk_near_options;

typedef struct {
    rk_ann_choice choice;
    rk_ann_choice similar; /* of items like an item, each itself among the ten: rk_near_recall_of_others */
    bool has_similar;      /* it was worth keeping */
    uint32_t n_items, dim;
    size_t n_queries; /* users that it was measured with; 0: items stood in */
    uint64_t file_bytes;
    double wall_s, cpu_s;
} rk_near_report;

/* Reads a model, writes an index of it. RK_UNSUPPORTED for a model that does not score by vectors alone. */
RK_MUST_CHECK rk_status rk_near_build(const char *model_path, const rk_near_options *options, const char *out_path,
                                      const rk_run *run, rk_near_report *report, rk_error *err);

/* What an index of a model is made of: its item vectors and a sample of its users' queries, with the bias as a number
 * more. Release it also after a failure. */
typedef struct {
    rk_ann_rows base, queries;
    float *own_base, *own_queries;
} rk_near_material;
RK_MUST_CHECK rk_status rk_near_material_take(const rk_model *model, uint64_t seed, rk_near_material *out,
                                              rk_error *err);
void rk_near_material_release(rk_near_material *material);

typedef struct rk_near rk_near; /* an open index and the room to ask it in: one for each thread */
/* model: borrowed until close. RK_BAD_INPUT when the index is of another model. */
RK_MUST_CHECK rk_status rk_near_open(const char *path, const rk_model *model, rk_near **out, rk_error *err);
/* The same, read into memory, every byte against its checksum: nothing done to the file later reaches it. */
RK_MUST_CHECK rk_status rk_near_load(const char *path, const rk_model *model, const rk_run *run, rk_near **out,
                                     rk_error *err);
/* The same index for one more thread; the first must outlive it. */
RK_MUST_CHECK rk_status rk_near_again(const rk_near *first, rk_near **out, rk_error *err);
void rk_near_close(rk_near *near); /* accepts NULL */

/* Offers k candidates or more, while there are as many that the filter allows, with the model's scores to topk, whose k
 * it is. */
RK_MUST_CHECK rk_status rk_near_offer(rk_near *near, rk_query *query, const rk_filter *filter, size_t k, rk_topk *topk,
                                      rk_error *err);

/* Recall among ten of which an item itself is one, and which it finds, and that of the nine others. */
static inline double rk_near_recall_with_itself(double of_others)
{
    return ((RK_ANN_RECALL_AT - 1) * of_others + 1) / RK_ANN_RECALL_AT;
}
static inline double rk_near_recall_of_others(double with_itself)
{
    double of_others = (RK_ANN_RECALL_AT * with_itself - 1) / (RK_ANN_RECALL_AT - 1);
    return of_others > 0 ? of_others : 0;
}

/* Whether what is like this item can be sought in the index. */
bool rk_near_knows_likeness(const rk_near *near, uint32_t item);
/* The same of items like one, as rk_model_offer_similar scores them; skip: ascending. */
RK_MUST_CHECK rk_status rk_near_offer_similar(rk_near *near, uint32_t item, const uint32_t *skip, size_t n_skip,
                                              size_t k, rk_topk *topk, rk_error *err);

#endif
