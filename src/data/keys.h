/* keys.h - the keys seen by one lane of the parser: a small, quick table in front of the dataset's own names.
 *
 * Each lane gives the keys it meets numbers of its own, without asking anybody; after each batch the lanes' new keys
 * are made known in the order of the input, and `global` tells what a lane's number means everywhere. A lane forgets
 * its keys when they grow too many, which costs time but changes nothing.
 */
#ifndef RECKON_DATA_KEYS_H
#define RECKON_DATA_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/map.h"
#include "base/slice.h"
#include "base/vec.h"

enum { RK_KEYS_SLACK = 8, RK_KEYS_MAX = 1 << 18 };

/* word: the bytes of a key of up to 8, or the hash of a longer one; n: its bytes; id RK_NO_ID: free. */
typedef struct {
    uint64_t word;
    uint32_t n, id;
} rk_key_slot;

typedef struct {
    rk_key_slot *slots;
    unsigned bits;
    uint32_t n;
    rk_key_slot last; /* the key asked for before: a user's rows often come together */
    rk_vec start;     /* size_t: where the key of each id begins in bytes */
    rk_vec length;    /* uint32_t */
    rk_vec bytes;     /* char */
    rk_vec global;    /* uint32_t: what each id is everywhere; filled by the join */
} rk_keys;

void rk_keys_init(rk_keys *keys);
void rk_keys_release(rk_keys *keys);
/* Forgets all when there are more than RK_KEYS_MAX. Between batches, when each key is known. */
void rk_keys_trim(rk_keys *keys);
rk_slice rk_keys_get(const rk_keys *keys, uint32_t id); /* borrowed until the next add */
uint32_t rk_keys_add_slow(rk_keys *keys, rk_slice key, uint64_t word);

/* Of a key of at most 8 bytes, readable for RK_KEYS_SLACK bytes beyond its end. */
static inline uint64_t rk_key_word(rk_slice key)
{
    uint64_t word;
    memcpy(&word, key.at, sizeof word);
    return key.n ? word & UINT64_MAX >> (64 - 8 * key.n) : 0;
}

static inline size_t rk_key_home(uint64_t word, uint32_t n, unsigned bits)
{
    return (size_t)((word + n) * 0x9e3779b97f4a7c15ull >> (64 - bits));
}

/* Fetches the slot of a key that will be asked for soon; of a longer one nothing is fetched. */
static inline __attribute__((always_inline)) void rk_keys_expect(const rk_keys *keys, rk_slice key)
{
    if (keys->bits && key.n <= 8) {
        __builtin_prefetch(&keys->slots[rk_key_home(rk_key_word(key), (uint32_t)key.n, keys->bits)]);
    }
}

/* The lane's number of key, readable for RK_KEYS_SLACK bytes beyond its end; RK_NO_ID when memory is short. */
static inline uint32_t rk_keys_add(rk_keys *keys, rk_slice key)
{
    if (key.n > 8) {
        return rk_keys_add_slow(keys, key, rk_hash(key, 0));
    }
    uint64_t word = rk_key_word(key);
    if (word == keys->last.word && key.n == keys->last.n) {
        return keys->last.id;
    }
    if (keys->bits) {
        const rk_key_slot *slot = &keys->slots[rk_key_home(word, (uint32_t)key.n, keys->bits)];
        if (slot->word == word && slot->n == key.n && slot->id != RK_NO_ID) {
            keys->last = *slot;
            return slot->id;
        }
    }
    return rk_keys_add_slow(keys, key, word);
}

#endif
