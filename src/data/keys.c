/* keys.c - open addressing, linear steps, at most half full. A slot holds keys of up to 8 bytes whole, so most look-ups
 * touch one cache line and compare one number; longer keys are told apart by hash, length and then bytes.
 */
#include "data/keys.h"

#include <stdlib.h>

enum { BITS_MIN = 10 };

static const rk_key_slot free_slot = {.n = UINT32_MAX, .id = RK_NO_ID};

void rk_keys_init(rk_keys *keys)
{
    *keys = (rk_keys){
        .last = free_slot,
        .start = {.item_bytes = sizeof(size_t)},
        .length = {.item_bytes = sizeof(uint32_t)},
        .bytes = {.item_bytes = 1},
        .global = {.item_bytes = sizeof(uint32_t)},
    };
}

void rk_keys_release(rk_keys *keys)
{
    free(keys->slots);
    rk_vec_release(&keys->start);
    rk_vec_release(&keys->length);
    rk_vec_release(&keys->bytes);
    rk_vec_release(&keys->global);
    rk_keys_init(keys);
}

void rk_keys_trim(rk_keys *keys)
{
    if (keys->n > RK_KEYS_MAX) {
        rk_keys_release(keys);
    }
}

rk_slice rk_keys_get(const rk_keys *keys, uint32_t id)
{
    const char *bytes = keys->bytes.data;
    return (rk_slice){bytes + ((const size_t *)keys->start.data)[id], ((const uint32_t *)keys->length.data)[id]};
}

/* Room for one more; false when memory is short. */
static bool make_room(rk_keys *keys)
{
    size_t n_slots = keys->bits ? (size_t)1 << keys->bits : 0;
    if (((size_t)keys->n + 1) * 2 <= n_slots) {
        return true;
    }
    unsigned bits = keys->bits ? keys->bits + 1 : BITS_MIN;
    rk_key_slot *slots = malloc(sizeof *slots << bits);
    if (!slots) {
        return false;
    }
    size_t mask = ((size_t)1 << bits) - 1;
    for (size_t i = 0; i <= mask; i++) {
        slots[i] = free_slot;
    }
    for (size_t i = 0; i < n_slots; i++) {
        if (keys->slots[i].id != RK_NO_ID) {
            size_t at = rk_key_home(keys->slots[i].word, keys->slots[i].n, bits);
            while (slots[at].id != RK_NO_ID) {
                at = (at + 1) & mask;
            }
            slots[at] = keys->slots[i];
        }
    }
    free(keys->slots);
    keys->slots = slots;
    keys->bits = bits;
    return true;
}

static bool keep(rk_keys *keys, rk_slice key)
{
    size_t start = keys->bytes.n;
    uint32_t length = (uint32_t)key.n;
    return rk_vec_reserve(&keys->start, keys->start.n + 1) && rk_vec_reserve(&keys->length, keys->length.n + 1) &&
           rk_vec_extend(&keys->bytes, key.n ? key.at : "", key.n) && rk_vec_push(&keys->start, &start) &&
           rk_vec_push(&keys->length, &length);
}

uint32_t rk_keys_add_slow(rk_keys *keys, rk_slice key, uint64_t word)
{
    if (key.n >= UINT32_MAX || !make_room(keys)) {
        return RK_NO_ID;
    }
    size_t mask = ((size_t)1 << keys->bits) - 1;
    size_t at = rk_key_home(word, (uint32_t)key.n, keys->bits);
    for (;; at = (at + 1) & mask) {
        rk_key_slot *slot = &keys->slots[at];
        if (slot->id == RK_NO_ID) {
            if (!keep(keys, key)) {
                return RK_NO_ID;
            }
            *slot = (rk_key_slot){word, (uint32_t)key.n, keys->n++};
        } else if (slot->word != word || slot->n != key.n ||
                   (key.n > 8 && memcmp(rk_keys_get(keys, slot->id).at, key.at, key.n) != 0)) {
            continue;
        }
        keys->last = key.n > 8 ? keys->last : *slot;
        return slot->id;
    }
}
