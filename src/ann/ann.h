/* ann.h - the vectors whose inner product with a query is largest: one interface for every index of vectors.
 *
 * Vectors:  float, [n x dim], row-major. The score is the inner product; cosine and distance become one when the base
 * is read (ann.c), so that a kind knows nothing but inner products. Scores:   in fp32, the bits of rk_kernels' dot_f32,
 * whatever the index kept of the vectors: an index decides which items are compared, never how they score. Higher
 * first, equal scores by smaller item. Promise:  k items, never fewer while as many are there that are not barred.
 * Which ones is the question of effort: recall is measured when an index is made, against all items, and stored with
 * it. Bits:     a build depends on the vectors, the settings and the seed, not on the number of threads. Threads:  an
 * index is read only between adds and removals: any number of desks may ask it, one thread a desk.
 *
 *     rk_ann_build(&base, &wish, run, &ann, err);        rk_ann_desk_new(ann, &desk, err);
 *     rk_ann_measure(ann, &queries, run, err);           rk_ann_search(desk, query, (rk_ann_ask){.k = 10}, items, ...);
 *     rk_ann_write(ann, writer, err);                    rk_ann_desk_free(desk);
 */
#ifndef RECKON_ANN_ANN_H
#define RECKON_ANN_ANN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/options.h"
#include "base/run.h"
#include "math/topk.h"
#include "store/artefact.h"

#define RK_ANN_ARTEFACT "vector-index" /* the kind of its file */

enum {
    RK_ANN_DIM_MAX = 4160,
    RK_ANN_K_MAX = 10000,
    RK_ANN_STEPS_MAX = 32,   /* efforts that are measured */
    RK_ANN_RECALL_AT = 10,   /* k of the recall that is measured */
    RK_ANN_QUERIES_MAX = 500 /* that it is measured with */
};

/* [n x dim]; row r begins at + r * stride. */
typedef struct {
    const float *at;
    size_t n, dim, stride;
} rk_ann_rows;

static inline const float *rk_ann_row(const rk_ann_rows *rows, size_t r) { return rows->at + r * rows->stride; }

/* ---- the table of kinds: one row, one file each ---- */

/* What a kind is asked. query: [dim of the base], finite. barred: bit i set = item i is no candidate; NULL = none. */
typedef struct {
    const float *query;
    size_t k;        /* of topk, too */
    uint32_t effort; /* one of the kind's own numbers, >= 1; the largest that makes a difference finds everything */
    const uint64_t *barred;
} rk_ann_question;

typedef struct {
    const rk_ann_rows *base;    /* finite */
    const rk_ann_rows *queries; /* what will be asked, as far as known; n 0 = unknown */
    const rk_run *run;
} rk_ann_material;

/* The base is handed in with every call, because it moves when items are added; a kind keeps no pointer to it. */
typedef struct {
    const char *name, *summary;
    const rk_option *options; /* over the settings struct, whose size is settings_bytes */
    size_t n_options, settings_bytes;
    rk_status (*build)(const rk_ann_material *from, const void *settings, void **index, rk_error *err);
    void (*free)(void *index); /* built or opened; accepts NULL */
    /* Sections under "NAME.", and what open needs beside them in meta, an object of the kind's own. */
    rk_status (*write)(const void *index, rk_artefact_writer *writer, json_t *meta, rk_error *err);
    /* Checks every shape and number that a search trusts. The artefact outlives the index. */
    rk_status (*open)(const rk_artefact *artefact, const json_t *meta, const rk_ann_rows *base, void **index,
                      rk_error *err);
    uint64_t (*bytes)(const void *index); /* what searching reads, beside the base */
    /* Efforts worth measuring, ascending, the last finds everything; returns how many, 1 .. RK_ANN_STEPS_MAX. */
    size_t (*efforts)(const void *index, const rk_ann_rows *base, uint32_t *effort);
    rk_status (*desk_new)(const void *index, const rk_ann_rows *base, void **desk, rk_error *err);
    void (*desk_free)(void *desk); /* accepts NULL */
    /* Offers items with their scores in fp32 to topk, whose k is the question's: among them, k that are not barred
     * where there are so many. */
    rk_status (*search)(const void *index, const rk_ann_rows *base, void *desk, const rk_ann_question *question,
                        rk_topk *topk, rk_error *err);
    /* The last n rows of base are new. NULL: the kind cannot. An opened index first makes its parts its own. */
    rk_status (*add)(void *index, const rk_ann_rows *base, size_t n, const rk_run *run, rk_error *err);
    /* Item is gone: a hint, for it is barred from now on anyway. NULL: nothing to do. */
    void (*remove)(void *index, const rk_ann_rows *base, uint32_t item);
} rk_ann_kind;

const rk_ann_kind *rk_ann_kind_at(size_t i); /* NULL past the end */
/* RK_BAD_USAGE naming the nearest. */
RK_MUST_CHECK rk_status rk_ann_kind_need(const char *name, const rk_ann_kind **out, rk_error *err);

/* ---- an index ---- */

typedef struct rk_ann rk_ann;

typedef enum { RK_ANN_INNER, RK_ANN_COSINE, RK_ANN_L2 } rk_ann_metric; /* L2 scores are minus the squared distance */

typedef struct {
    const rk_ann_kind *kind;
    rk_ann_metric metric;
    const char *const *set; /* [n_set] "key=value", of the kind's options */
    size_t n_set;
    rk_ann_rows queries; /* a sample of what will be asked; n 0: items stand in */
} rk_ann_wish;

/* base: borrowed until free for RK_ANN_INNER, else copied. RK_BAD_INPUT where a number is not finite. */
RK_MUST_CHECK rk_status rk_ann_build(const rk_ann_rows *base, const rk_ann_wish *wish, const rk_run *run, rk_ann **out,
                                     rk_error *err);
/* What a file holds is checked once; the base lies in it, too. */
RK_MUST_CHECK rk_status rk_ann_open(const char *path, rk_ann **out, rk_error *err);
/* The same of an artefact that is open; it becomes the index's, and is closed on failure, too. */
RK_MUST_CHECK rk_status rk_ann_open_artefact(rk_artefact *artefact, rk_ann **out, rk_error *err);
void rk_ann_free(rk_ann *ann); /* accepts NULL */
/* Sections and meta of an artefact of the kind RK_ANN_ARTEFACT; the caller adds parents and commits. */
RK_MUST_CHECK rk_status rk_ann_write(const rk_ann *ann, rk_artefact_writer *writer, rk_error *err);

const rk_ann_kind *rk_ann_kind_of(const rk_ann *ann);
rk_ann_metric rk_ann_metric_of(const rk_ann *ann);
const char *rk_ann_metric_name(rk_ann_metric metric);
size_t rk_ann_n_items(const rk_ann *ann);
size_t rk_ann_dim(const rk_ann *ann);                  /* of a query */
const rk_artefact *rk_ann_artefact(const rk_ann *ann); /* NULL: built, not opened */
uint64_t rk_ann_bytes(const rk_ann *ann);              /* what searching reads, with the base */

/* ---- recall ---- */

typedef struct {
    uint32_t effort;
    double recall;  /* share of the RK_ANN_RECALL_AT truly best that were found, mean over queries */
    double query_s; /* cpu seconds of a query, the fastest of a few rounds; 0 = not measured: files have no times */
} rk_ann_step;

/* Asks the index its efforts, up to one that finds all, and everything for the truth. queries: as rk_ann_build's; only
 * the first RK_ANN_QUERIES_MAX count. The steps are the index's. */
RK_MUST_CHECK rk_status rk_ann_measure(rk_ann *ann, const rk_ann_rows *queries, const rk_run *run, rk_error *err);
size_t rk_ann_steps(const rk_ann *ann, const rk_ann_step **out); /* ascending effort; 0: never measured */
/* The least effort that was measured to reach it, or the largest. */
uint32_t rk_ann_effort_for(const rk_ann *ann, double recall);

/* ---- asking ---- */

typedef struct rk_ann_desk rk_ann_desk;
RK_MUST_CHECK rk_status rk_ann_desk_new(const rk_ann *ann, rk_ann_desk **out, rk_error *err);
void rk_ann_desk_free(rk_ann_desk *desk); /* accepts NULL */

typedef struct {
    size_t k;               /* 1 .. RK_ANN_K_MAX */
    uint32_t effort;        /* 0: what was measured to give a recall of .99 */
    const uint64_t *barred; /* [(n_items + 63) / 64] bit i set = item i is no candidate; NULL = none */
} rk_ann_ask;

/* items, scores: [k], scores may be NULL. query: [rk_ann_dim], finite. */
RK_MUST_CHECK rk_status rk_ann_search(rk_ann_desk *desk, const float *query, rk_ann_ask ask, uint32_t *items,
                                      float *scores, size_t *n_found, rk_error *err);

/* ---- changes; no desk may ask meanwhile, and a desk made before does not know of them ---- */

/* vectors: copied; they become items n_items, n_items + 1, ... RK_UNSUPPORTED where the kind cannot. */
RK_MUST_CHECK rk_status rk_ann_add(rk_ann *ann, const rk_ann_rows *vectors, const rk_run *run, rk_error *err);
/* The item is found no more, by desks made from now on; its number is not given again. */
RK_MUST_CHECK rk_status rk_ann_remove(rk_ann *ann, uint32_t item, rk_error *err);

#endif
