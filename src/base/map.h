/* map.h - two hash maps: strings to dense ids (interning), and 64-bit keys to 32-bit values.
 *
 * The hash is XXH3 with a fixed seed: equal runs are equal. Keys chosen by an enemy can make it slow, never wrong.
 */
#ifndef RECKON_BASE_MAP_H
#define RECKON_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define RK_NO_ID UINT32_MAX

/* Strings get ids 0, 1, 2, ... in order of first sight; their bytes are copied, packed, and stay put in order. */
typedef struct rk_interner rk_interner;
rk_interner *rk_interner_new(void); /* NULL when memory is short */
void rk_interner_free(rk_interner *interner);
uint32_t rk_interner_add(rk_interner *interner, rk_slice key);        /* the id; RK_NO_ID when memory is short */
uint32_t rk_interner_find(const rk_interner *interner, rk_slice key); /* RK_NO_ID when absent */
uint32_t rk_interner_count(const rk_interner *interner);
rk_slice rk_interner_key(const rk_interner *interner, uint32_t id); /* borrowed until the next add */

/* The bytes of a key are overwritten with zeros, and it is absent from now on; its id is not given again, and counts. */
void rk_interner_forget(rk_interner *interner, uint32_t id);

typedef struct rk_intmap rk_intmap;
rk_intmap *rk_intmap_new(size_t n_expected);
void rk_intmap_free(rk_intmap *map);
/* Address of the value of key, made 0 when new (*is_new may be NULL). Valid until the next put. NULL when short. */
uint32_t *rk_intmap_put(rk_intmap *map, uint64_t key, bool *is_new);
const uint32_t *rk_intmap_find(const rk_intmap *map, uint64_t key); /* NULL when absent */
size_t rk_intmap_count(const rk_intmap *map);

uint64_t rk_hash(rk_slice bytes, uint64_t seed); /* XXH3, 64 bits */

#endif
