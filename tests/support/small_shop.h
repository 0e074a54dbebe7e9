/* small_shop.h - model and dataset files with given numbers, for tests that must know every score.
 *
 * Users are named u0, u1, ..., items i0, i1, ... Every function asserts that writing succeeds.
 */
#ifndef RECKON_TESTS_SUPPORT_SMALL_SHOP_H
#define RECKON_TESTS_SUPPORT_SMALL_SHOP_H

#include "model/model.h"

typedef struct {
    uint32_t n_users, n_items, dim;
    const float *item_vector; /* [n_items x dim] */
    const float *user_vector; /* [n_users x dim] */
    const float *item_bias;   /* [n_items] or NULL */
    const float *user_bias;   /* [n_users] or NULL */
    const bool *seen;         /* [n_users x n_items] or NULL */
    bool is_rating;
    double mu;
    const float *near;  /* [n_items x n_items] neighbours' weights, 0 = none; or NULL; with dim 0 */
    const char *kind;   /* NULL: als, or popular without vectors; als cannot tell reasons of it */
    const char *parent; /* the file of what it was made of; NULL = not told */
} small_model;

void small_model_write(const small_model *model, const char *path);
/* Opening, too, must succeed; close it. */
rk_model *small_model_open(const char *path);

/* An event for every pair that is_pair. */
typedef struct {
    uint32_t n_users, n_items;
    const bool *is_pair;       /* [n_users x n_items] */
    const float *value;        /* [n_users x n_items] or NULL */
    const uint32_t *user_name; /* [n_users] user u is called u<user_name[u]>; NULL = u<u> */
    const uint32_t *item_name; /* the same for items */
    const int64_t *time;       /* [n_users x n_items] or NULL */
} small_dataset;

void small_dataset_write(const small_dataset *dataset, const char *path);

/* A folder in /tmp and the files that a test may make there. */
typedef struct {
    char path[64], data[96], model[96], small[96], again[96];
} small_folder;

void small_folder_make(small_folder *folder);
void small_folder_remove(const small_folder *folder); /* fails where anything else was left in it */

#endif
