/* vec.h - a growable array of equal-sized things. Zero-initialise with item_bytes set: rk_vec v = {.item_bytes = 4}. */
#ifndef RECKON_BASE_VEC_H
#define RECKON_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    void *data; /* owned; NULL while empty; moves when it grows */
    size_t n, capacity, item_bytes;
} rk_vec;

/* Appends a copy of *item, which must not lie in the vec; false when memory is short, and then nothing has changed. */
bool rk_vec_push(rk_vec *vec, const void *item);
/* Appends n copies from items (or n zeroed things when items is NULL); returns the first new one, NULL when short. */
void *rk_vec_extend(rk_vec *vec, const void *items, size_t n);
bool rk_vec_reserve(rk_vec *vec, size_t n);
/* Room for one more, to be set by the caller; NULL when memory is short. For structs that come by the million: what the
 * compiler can see needs no call. */
static inline void *rk_vec_next(rk_vec *vec)
{
    bool has_room = vec->n < vec->capacity || rk_vec_reserve(vec, vec->n + 1);
    return has_room ? (char *)vec->data + vec->n++ * vec->item_bytes : NULL;
}
/* Trims spare capacity and gives the array away; the vec is empty again. The caller frees it with free(). */
void *rk_vec_move(rk_vec *vec);
void rk_vec_clear(rk_vec *vec); /* n = 0, keeps the memory */
void rk_vec_release(rk_vec *vec);

#endif
