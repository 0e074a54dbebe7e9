/* model.h - a trained recommender, whatever algorithm made it.
 *
 * Every model ends in one of two forms, or in both at once; an encoder turns a history into a query:
 *   vectors     score(item) = <query vector, item vector>
 *   neighbours  score(item) = sum over the query's rows r of weight(r) * near[r][item], near a sparse matrix with a row
 *               per item of the history (or, by kind, per user like this one)
 * and either adds the item's bias. Training differs by model; serving, compressing, measuring and explaining are
 * written once per form. A model may also be a blend of others, its parts: then its score is their weighted sum, or the
 * sum over parts of weight / (60 + rank).
 *
 * A model file (artefact of kind "model") stands alone: it carries names, titles and what each user has already taken.
 *
 *   section      type         shape               meaning
 *   item.vector  f32|f16|bf16|i8|i4x2  [n_items x stride]  stride = rk_model_stride(type, dim), padded; absent: dim is
 * 0 item.scale   f32          [n_items]           i8 and i4x2 only item.bias    f32          [n_items]           absent
 * = 0 near.start   u64          [rows + 1]          neighbours, ascending items; rows n_items or n_users; absent = none
 *   near.item    u32          [near.start[rows]]
 *   near.weight  f32          [near.start[rows]]
 *   near.code    u8           [near.start[rows]]  in the place of those two: gaps and weights in bytes, row_code.h
 *   near.scale   f32          [rows]              near.code only
 *   item.shown   u32          [n]                 ascending: the items that are scanned, whose rows of item.vector and
 *                                                 item.scale come first, the others' behind; absent = all, by number
 *   ivf.*                                              product codes of the vectors, with the bias behind each where
 * there is one: ann/ivf.c; absent = none owner.start  u64          [n_items + 1]       rows of near by item, for
 * encoders that look them up; absent = none owner.row    u32          [owner.start[n_items]]  ascending in each
 *   owner.value  f32          [owner.start[n_items]]  what the encoder is told of each; absent = 1 each
 *   user.vector  f32          [n_users x dim]     query vectors of the users trained on; absent: encode from history
 *   user.bias    f32          [n_users]           explicit ratings only; absent = 0
 *   seen.start   u64          [n_users + 1]       what each user has taken, ascending items, no duplicates
 *   seen.item    u32          [seen.start[n_users]]
 *   seen.value   f32          [seen.start[n_users]]  what the encoder is told of each; absent = 1 each
 *   encode.state f32          [n]                 the encoder's own numbers, described in the model's file
 *   term.weight  f32          [n_terms]           words that items are told by; absent = none; names terms.*
 *   posting.*    u64 u32 f32  [n_terms + 1] ...   which items have each, start, item and weight
 *   item.category u32         [n_items]           row of categories.*, RK_NO_ID = none; absent when unknown
 *   users.* items.* title.* categories.*  names (title and categories absent when unknown)
 * Meta:
 * {"model":"als","form":"vectors|neighbours|vectors+neighbours","dim":64,"rating":false,"mu":0,"options":{...},"figures":{...}}
 * With product codes also "rerank":200, how many of the best by code are scored by their vectors.
 * A blend has, in the place of vectors and neighbours, "parts":[{"model",...,"weight":0.3},...] in its meta, and
 * sections of the same names under partK. for each; "fuse_depth" when ranks are blended.
 *
 * Threads: an open model is read only; any number of threads may ask it at once.
 */
#ifndef RECKON_MODEL_MODEL_H
#define RECKON_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/options.h"
#include "base/run.h"
#include "data/dataset.h"
#include "math/csr.h"
#include "math/pace.h"
#include "math/topk.h"
#include "store/artefact.h"

enum { RK_MODEL_DIM_MAX = 4096, RK_MODEL_PARTS_MAX = 8, RK_MODEL_FUSE_DEPTH_MAX = 10000, RK_MODEL_RERANK_MAX = 100000 };

typedef struct rk_model rk_model;

/* ---- the registry: one row per algorithm, in model/registry.c ---- */

typedef struct rk_model_part rk_model_part;

/* What an algorithm leaves behind; arrays are malloc'ed and owned by the draft. */
typedef struct {
    uint32_t n_users, n_items, dim; /* dim 0: biases only */
    float *item_vector;             /* [n_items x dim] */
    float *item_bias;               /* [n_items] or NULL */
    float *user_vector;             /* [n_users x dim] or NULL */
    float *user_bias;               /* [n_users] or NULL */
    rk_csr near;                    /* rows x items with values, n_rows 0 = none; then no user_vector */
    rk_csr owners;                  /* items x rows of near, for encode; n_rows 0 = none */
    rk_csr seen;                    /* users x items: what was taken, and what encode is to be told of it */
    float *encode;                  /* [n_encode] the encoder's own numbers, stored as encode.state, or NULL */
    size_t n_encode;
    double mu;            /* mean rating, 0 for implicit models */
    bool is_rating;       /* predictions are ratings: rmse, mae, mse apply */
    rk_interner *terms;   /* words that items are told by, and what they weigh; NULL: none */
    float *term_weight;   /* [terms] */
    rk_csr posting;       /* terms x items with values */
    rk_model_part *parts; /* [n_parts] models that it blends; then it has neither vectors nor neighbours */
    size_t n_parts;
    uint32_t fuse_depth; /* > 0: ranks are blended, up to here */
    json_t *figures;     /* object of what training measured: {"loss":[...],"train_mse":...}; owned; may be NULL */
} rk_model_draft;
struct rk_model_part {
    const struct rk_model_kind *kind;
    rk_model_draft draft;
    json_t *options; /* object; owned */
    double weight;
};
void rk_model_draft_release(rk_model_draft *draft); /* accepts a zeroed one */

/* A history to be encoded: items ascending, without duplicates. */
typedef struct {
    const uint32_t *item;
    const float *value; /* weight or rating per item; NULL = 1 each */
    size_t n;
} rk_history;

/* A question to a model; its arrays are the arena's that it was made in. One thread at a time may score with it. */
typedef struct rk_query {
    uint32_t user;          /* RK_NO_ID: nobody known */
    float *vector;          /* [dim] */
    float bias;             /* of the user; rating models */
    rk_history rows;        /* rows of near, each once, and the weight of each; n 0 for a model without neighbours */
    uint64_t *cursor;       /* [rows.n] where scoring stands in each row, */
    uint32_t *reached;      /* [rows.n] coded rows only: and at which item, */
    uint32_t next;          /* which is the entries of this item and later ones */
    struct rk_query *parts; /* [parts of the model] */
    rk_history listed; /* scores of the only items that have one: blended ranks; or the short list of product codes */
} rk_query;

/* One of the figures behind a neighbour's weight. */
typedef struct {
    const char *name;
    double value;
} rk_fact;
enum { RK_FACTS_MAX = 4 };

typedef struct rk_model_kind {
    const char *name, *summary;
    bool rows_are_users;      /* of near; else they are items, */
    bool rows_are_features;   /* or things that items have, which encode knows */
    bool told_in_order;       /* values of a history are its order, larger is later; told without, the order told */
    bool needs_no_events;     /* it learns from a catalogue alone, too */
    const rk_option *options; /* over the settings struct, whose size is settings_bytes */
    size_t n_options, settings_bytes;
    /* Fills *out (zeroed before). Deterministic in (dataset, settings, run->seed) for any number of threads. */
    rk_status (*train)(const rk_dataset *dataset, const void *settings, const rk_run *run, rk_model_draft *out,
                       rk_error *err);
    /* Most memory that train will take beside the dataset, bytes. */
    uint64_t (*predict_bytes)(const rk_dataset *dataset, const void *settings, unsigned n_threads);
    const char *thrift; /* the setting that needs less of it, "sample=1000"; NULL: none is known */
    /* What train computes and fetches, for a word on its time before it starts. NULL: nothing is said. */
    rk_work (*predict_work)(const rk_dataset *dataset, const void *settings);
    /* The query of a history never trained on. *query comes with a zeroed vector, no bias, and the history as its rows
     * where the model has neighbours; encode fills or changes that, with scratch from arena. NULL: rows stay the
     * history, and a model with vectors cannot fold in. */
    rk_status (*encode)(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err);
    /* What becomes of encode.state when the item vectors are turned into basis [dim x k], orthonormal columns in which
     * their Gramian is diagonal; diagonal: [k]. *state is malloc'ed. NULL: encode cannot go on so. */
    rk_status (*turn)(const rk_model *model, const float *basis, const double *diagonal, size_t k, float **state,
                      size_t *n_state, rk_error *err);
    /* What each entry of the history adds to the scores of items: weight[n_items x history.n]. NULL: exact for
     * neighbours whose rows are items; for vectors the inner product of the two item vectors stands in. */
    rk_status (*explain)(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                         rk_arena *arena, float *weight, rk_error *err);
    /* What else is known of near[item][other] than its weight: facts[RK_FACTS_MAX]; returns how many. NULL: nothing. */
    size_t (*facts)(const rk_model *model, uint32_t item, uint32_t other, float weight, rk_fact *facts);
} rk_model_kind;

const rk_model_kind *rk_model_kind_at(size_t i); /* NULL past the end */
const rk_model_kind *rk_model_kind_find(const char *name);
/* RK_BAD_USAGE naming the nearest. */
RK_MUST_CHECK rk_status rk_model_kind_need(const char *name, const rk_model_kind **out, rk_error *err);

/* A draft that answers before it is written; draft and dataset, whose names it takes, are borrowed. End it with
 * rk_model_of_draft_free, not with close. */
RK_MUST_CHECK rk_status rk_model_of_draft(const rk_model_kind *kind, const rk_model_draft *draft,
                                          const rk_dataset *dataset, rk_model **out, rk_error *err);
void rk_model_of_draft_free(rk_model *model); /* accepts NULL */

/* Trains and writes. set: "key=value" texts. Says the predicted memory and time first and refuses what cannot fit. */
RK_MUST_CHECK rk_status rk_model_train(const char *dataset_path, const char *name, const char *const *set, size_t n_set,
                                       const char *out_path, const rk_run *run, rk_error *err);

/* The same, and the file's meta says how the settings were found: study, an object, borrowed. */
RK_MUST_CHECK rk_status rk_model_train_found(const char *dataset_path, const char *name, const char *const *set,
                                             size_t n_set, const json_t *study, const char *out_path, const rk_run *run,
                                             rk_error *err);

/* ---- an opened model ---- */

/* Checks every shape, id and order, so that nothing later can read outside the file. */
RK_MUST_CHECK rk_status rk_model_open(const char *path, rk_model **out, rk_error *err);
/* The same, read into memory: nothing done to the file later reaches it. For servers. */
RK_MUST_CHECK rk_status rk_model_load(const char *path, rk_model **out, rk_error *err);
/* The same of an artefact that is open; it becomes the model's, and is closed on failure, too. */
RK_MUST_CHECK rk_status rk_model_open_artefact(rk_artefact *artefact, rk_model **out, rk_error *err);
void rk_model_close(rk_model *model); /* accepts NULL */

const rk_model *rk_model_part_at(const rk_model *model, size_t i); /* of a blend; NULL past the end */
/* Models that this one blends the scores of; 0: it scores itself, or blends ranks. For those who score in bulk. */
size_t rk_model_n_layers(const rk_model *model);
const rk_model *rk_model_layer(const rk_model *model, size_t i, float *weight);
const rk_artefact *rk_model_artefact(const rk_model *model);
const char *rk_model_label(const rk_model *model); /* "als-1a2b": name and the start of the content hash */
const rk_model_kind *rk_model_kind_of(const rk_model *model);
uint32_t rk_model_n_users(const rk_model *model);
uint32_t rk_model_n_items(const rk_model *model);
uint32_t rk_model_dim(const rk_model *model);
rk_type rk_model_type(const rk_model *model); /* of item.vector: RK_F32, RK_F16, RK_BF16, RK_I8 or RK_I4X2 */
size_t rk_model_stride(rk_type type,
                       uint32_t dim); /* elements (of i4x2: pairs) in a row of item.vector, whole 64 bytes */
uint64_t rk_model_form_bytes(const rk_model *model); /* vectors, scales, biases, neighbours: what answering reads */
const char *const *rk_model_form_sections(void);     /* their names, NULL at the end */
/* Of those, what a model with product codes reads of a short list only: what is left to rank it by. */
bool rk_model_is_store(const char *name);
bool rk_model_is_coded(const rk_model *model); /* it has product codes */
/* What of such a section answering reads, when so many of the items are scanned. */
uint64_t rk_model_scanned(const char *name, uint64_t bytes, uint32_t n_items, uint32_t n_shown);
uint64_t rk_model_n_near(const rk_model *model); /* entries of near */
bool rk_model_near_is_coded(const rk_model *model);
/* A section of this model, or of this part by the name it has in a model of its own; NULL when absent. */
const rk_section *rk_model_section(const rk_model *model, const char *name);
const char *rk_model_prefix(const rk_model *model); /* of its sections' names; "": it is no part */
bool rk_model_is_personal(const rk_model *model);   /* a history matters: it has vectors or neighbours */
const rk_names *rk_model_users(const rk_model *model);
const rk_names *rk_model_items(const rk_model *model);
const rk_names *rk_model_titles(const rk_model *model);           /* n 0 when unknown */
const rk_names *rk_model_categories(const rk_model *model);       /* each once; n 0 when unknown */
uint32_t rk_model_category(const rk_model *model, uint32_t item); /* RK_NO_ID: none */
double rk_model_mu(const rk_model *model);
bool rk_model_is_rating(const rk_model *model);
const float *rk_model_item_bias(const rk_model *model); /* NULL = 0 */
/* A model may scan some of its items only: the others have the score NaN, are in no list, and still count in histories.
 */
bool rk_model_shows(const rk_model *model, uint32_t item);
uint32_t rk_model_n_shown(const rk_model *model);
uint32_t rk_model_item_at(const rk_model *model,
                          uint32_t row); /* whose vector stands there; slow for those not shown */
/* What user has taken; n 0 for a user without history. */
rk_history rk_model_seen(const rk_model *model, uint32_t user);
/* Item vector i as floats, [dim]. */
void rk_model_item_vector(const rk_model *model, uint32_t item, float *out);

/* Query of a known user: the stored vector, or the encoded history. */
RK_MUST_CHECK rk_status rk_model_user_query(const rk_model *model, uint32_t user, rk_arena *arena, rk_query *query,
                                            rk_error *err);
/* Query of any history. */
RK_MUST_CHECK rk_status rk_model_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                        rk_error *err);
/* Moves a query's arrays into another arena, so that the one it was made in may be cleared. */
RK_MUST_CHECK rk_status rk_query_keep(const rk_model *model, rk_query *query, rk_arena *arena, rk_error *err);

/* scores[i] = the score of item first + i, i < n; NaN of an item that is not scanned. int8 and int4 models quantise the
 * query too. Ascending runs of items are the fast order. Allocates nothing. */
void rk_model_scores(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores);
/* scores[i] += what the neighbours say of item first + i: the part of rk_model_scores that is no inner product. */
void rk_model_add_near(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores);
/* The score of one item, also of one that is not scanned: of that, what is left of it. */
float rk_model_score(const rk_model *model, rk_query *query, uint32_t item);
/* What a rating model foretells: mu + bias of the user + the score; else the score itself. */
double rk_model_predict(const rk_model *model, rk_query *query, uint32_t item);

/* What is no candidate. */
typedef struct {
    const uint32_t *skip; /* [n_skip] ascending */
    size_t n_skip;
    const unsigned char *categories; /* [categories] 1: its items are candidates; NULL: all items are */
} rk_filter;
bool rk_filter_allows(const rk_model *model, const rk_filter *filter, uint32_t item); /* skip aside */
/* Candidates that are left. */
uint64_t rk_filter_count(const rk_model *model, const rk_filter *filter);

/* Offers every candidate to the selector, which so gets as many as it wants while there are as many. Allocates nothing:
 * for servers, which keep a selector each. */
void rk_model_offer(const rk_model *model, rk_query *query, const rk_filter *filter, rk_topk *topk);
/* The n best items for a query, best first; skip: ascending. items, scores: [n]. Returns how many in *n_found. */
RK_MUST_CHECK rk_status rk_model_best(const rk_model *model, rk_query *query, const uint32_t *skip, size_t n_skip,
                                      uint32_t n, uint32_t *items, float *scores, uint32_t *n_found, rk_error *err);
/* RK_UNSUPPORTED for a model that knows no likeness of items: neither vectors nor a row of neighbours per item. */
RK_MUST_CHECK rk_status rk_model_need_similar(const rk_model *model, rk_error *err);
/* Offers the items like one, itself and those of skip, [n_skip] ascending, left out: its neighbours by their weights,
 * or without those all by cosine; nothing is like a zero vector. For a model that rk_model_need_similar lets pass. */
void rk_model_offer_similar(const rk_model *model, uint32_t item, const uint32_t *skip, size_t n_skip, rk_topk *topk);
/* The n items most like item, without itself. */
RK_MUST_CHECK rk_status rk_model_similar(const rk_model *model, uint32_t item, uint32_t n, uint32_t *items,
                                         float *scores, uint32_t *n_found, rk_error *err);
/* What each entry of the history adds to the scores of items: weight [n_items x history.n]. Exact, or likeness where
 * the algorithm knows no better (rk_model_kind.explain). For a personal model. */
RK_MUST_CHECK rk_status rk_model_shares(const rk_model *model, rk_history history, const uint32_t *items,
                                        size_t n_items, rk_arena *arena, float *weight, rk_error *err);
/* For each of items the up to n_each entries of the history that speak most for it, best first, and only those that
 * speak for it at all. reasons: [n_items x n_each], the rest filled with RK_NO_ID. */
RK_MUST_CHECK rk_status rk_model_reasons(const rk_model *model, rk_history history, const uint32_t *items,
                                         size_t n_items, uint32_t n_each, rk_arena *arena, uint32_t *reasons,
                                         rk_error *err);

#endif
