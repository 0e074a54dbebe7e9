/* knn.h - what it means for two items, or two users, to be alike: shared by the models that look for neighbours.
 *
 * Things are rows of a sparse matrix (items by who took them, users by what they took), and two are the more alike the
 * more columns they share:
 *     alike(a, b) = (overlap / (size(a)^x size(b)^y + shrink))^power,   overlap = sum over shared columns c of
 *                                                                       value(a, c) value(b, c) / count(c)^activity
 */
#ifndef RECKON_MODEL_KNN_H
#define RECKON_MODEL_KNN_H

#include "math/overlap.h"
#include "model/model.h"

typedef enum { RK_ALIKE_COSINE, RK_ALIKE_TFIDF, RK_ALIKE_BM25, RK_ALIKE_JACCARD, RK_ALIKE_CONDITIONAL } rk_alike;
typedef enum { RK_WEIGH_ONE, RK_WEIGH_COUNT, RK_WEIGH_LOG, RK_WEIGH_SUM } rk_weigh;

typedef struct {
    int similarity; /* rk_alike */
    double alpha, activity, shrink, power, k1, b;
} rk_knn_settings;

/* For the rows of a struct that holds an rk_knn_settings as `alike`; their words differ with what is alike. */
#define RK_KNN_CHOICES "cosine|tfidf|bm25|jaccard|conditional"

/* Rows over a struct with `weigh` (int, an rk_weigh) and `half_life_days`, for rk_knn_matrix. tuned: values to search,
 * or NULL. */
#define RK_WEIGH_ROW(type, tuned)                                                                                      \
    {                                                                                                                  \
        .name = "weigh", .kind = RK_OPT_CHOICE, .field = offsetof(type, weigh), .value = "HOW", .fallback = "one",     \
        .help = "events of one user and item: one in all, their count, its log2(1 + n), or the sum of their values",   \
        .choices = "one|count|log|sum", .tune = tuned                                                                  \
    }
#define RK_HALF_LIFE_ROW(type, what)                                                                                   \
    {                                                                                                                  \
        .name = "half-life", .kind = RK_OPT_REAL, .field = offsetof(type, half_life_days), .value = "DAYS",            \
        .fallback = "0", .help = what " loses half its weight in so many days; 0 = never", .max = 36500,               \
        .is_log_scale = true                                                                                           \
    }

/* Values of the user x item matrix: 1 for each pair, the number of its events, the logarithm of one more than that, or
 * the sum of its values, where an event counts 2^(-age / half_life_days) when half_life_days > 0. Negative sums are 0.
 * No values when all are 1. */
RK_MUST_CHECK rk_status rk_knn_matrix(const rk_dataset *dataset, rk_weigh weigh, double half_life_days, rk_csr *out,
                                      rk_error *err);

/* What age leaves of each event, 2^(-age / half_life_days), from the newest event on: [n_events], owned. For a dataset
 * with times. */
RK_MUST_CHECK rk_status rk_knn_ages(const rk_dataset *dataset, double half_life_days, float **out, rk_error *err);

/* What a value weighs in tfidf and bm25; itself in the others. rare: of its column; length: of its row, 1 = average. */
double rk_knn_term(const rk_knn_settings *settings, double value, double rare, double length);
/* What a thing divides by as the first of two, of its overlap with itself. */
double rk_knn_row_side(const rk_knn_settings *settings, double size);

/* The numbers of one side's likeness. */
typedef struct {
    rk_likeness likeness; /* its row and col are ours */
    float *row, *col;     /* [n_rows] */
    float *shared;        /* [n_cols] what it weighs to share a column, */
    float *rare;          /* and how rare it is; 1 where that does not count */
} rk_knn;

/* things: the rows to be compared; tfidf and bm25 change its values. End with release. */
RK_MUST_CHECK rk_status rk_knn_init(const rk_knn_settings *settings, rk_csr *things, rk_knn *out, rk_error *err);
void rk_knn_release(rk_knn *knn); /* accepts a zeroed one */

/* Each row of near so that its weights add up to 1, which makes the items of a history equals. */
void rk_knn_normalise(rk_csr *near);

/* Items that no neighbour speaks for come in order of popularity: draft->item_bias from its seen, far below any weight
 * of its near. */
RK_MUST_CHECK rk_status rk_knn_add_bias(rk_model_draft *draft, rk_error *err);

#endif
