/* shop_model.h - a model file of any size, trained on random events: popular items first, titles that JSON must escape.
 *
 * Users are called u0, u1, ...; items i0, i1, ...; the last user has no history.
 */
#ifndef RECKON_TESTS_SERVE_SHOP_MODEL_H
#define RECKON_TESTS_SERVE_SHOP_MODEL_H

#include <stdint.h>

typedef struct {
    uint32_t n_users, n_items, dim;
    uint32_t n_seen; /* of each user */
    uint64_t seed;   /* another seed, another label */
} shop_model;

/* data_path: the dataset it is trained on. */
void shop_model_write(const shop_model *shop, const char *data_path, const char *path);

#endif
