/* vec.c - see vec.h. Capacity doubles, so n pushes cost O(n) copies; every size is checked for overflow. */
#include "base/vec.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN ((size_t)8)

static bool set_capacity(rk_vec *vec, size_t capacity)
{
    size_t n_bytes;
    if (__builtin_mul_overflow(capacity, vec->item_bytes, &n_bytes)) {
        return false;
    }
    void *data = realloc(vec->data, n_bytes);
    if (!data) {
        return false;
    }
    vec->data = data;
    vec->capacity = capacity;
    return true;
}

bool rk_vec_reserve(rk_vec *vec, size_t n)
{
    assert(vec->item_bytes > 0);
    if (n <= vec->capacity) {
        return true;
    }
    size_t doubled = vec->capacity <= SIZE_MAX / 2 ? vec->capacity * 2 : n;
    size_t capacity = doubled > CAPACITY_MIN ? doubled : CAPACITY_MIN;
    return set_capacity(vec, capacity > n ? capacity : n);
}

void *rk_vec_extend(rk_vec *vec, const void *items, size_t n)
{
    bool has_room = vec->data && n <= vec->capacity - vec->n;
    if (!has_room && (n > SIZE_MAX - vec->n || !rk_vec_reserve(vec, vec->n + n ? vec->n + n : 1))) {
        return NULL;
    }
    char *first = (char *)vec->data + vec->n * vec->item_bytes;
    if (!items) {
        memset(first, 0, n * vec->item_bytes);
    } else if (n) {
        memcpy(first, items, n * vec->item_bytes);
    }
    vec->n += n;
    return first;
}

/* The sizes that are pushed by the million; a copy of a size that the compiler knows is an instruction or two. */
static void copy_one(void *to, const void *item, size_t n_bytes)
{
    switch (n_bytes) {
    case 4:
        memcpy(to, item, 4);
        break;
    case 8:
        memcpy(to, item, 8);
        break;
    default:
        memcpy(to, item, n_bytes);
    }
}

bool rk_vec_push(rk_vec *vec, const void *item)
{
    if (vec->n == vec->capacity) {
        return rk_vec_extend(vec, item, 1) != NULL;
    }
    copy_one((char *)vec->data + vec->n++ * vec->item_bytes, item, vec->item_bytes);
    return true;
}

void *rk_vec_move(rk_vec *vec)
{
    if (vec->n == 0) {
        rk_vec_release(vec);
        return NULL;
    }
    (void)set_capacity(vec, vec->n); /* when it cannot shrink, the larger one serves as well */
    void *data = vec->data;
    *vec = (rk_vec){.item_bytes = vec->item_bytes};
    return data;
}

void rk_vec_clear(rk_vec *vec) { vec->n = 0; }

void rk_vec_release(rk_vec *vec)
{
    free(vec->data);
    *vec = (rk_vec){.item_bytes = vec->item_bytes};
}
