/* map.c - see map.h. Both maps are one array of 16-byte slots, open addressing, linear probing, at most 2/3 full.
 *
 * Interner
 *   slot    | word: 8 | n: 4 (bytes of the key) | id + 1: 4 (0 = free) |
 *   A key of up to 8 bytes IS its word (with n it is unambiguous), so a look-up of a typical customer or product
 *   number costs one cache line and touches no key bytes. A longer key keeps its 64-bit hash in the word; only a
 *   matching hash sends us to the bytes: `starts[id]`, `starts[id + 1]` delimit them in one packed buffer.
 *   Against ids with 32-bit tags (8-byte slots) this saves two cache misses of three for short keys.
 * Home slot: the TOP bits of the hash. Doubling the table then keeps the order of the slots, so growing writes
 *   sequentially, and it needs no key bytes.
 * Floods: the hash is XXH3 with a fixed seed. An adversary who knows it can make look-ups slow, never wrong; what
 *   reckon interns are a shop's own ids, and equal runs must stay equal.
 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define BITS_MIN 6u

typedef struct {
    uint64_t word;
    uint32_t n, id_plus_1;
} key_slot;

struct rk_interner {
    key_slot *slots; /* [1 << bits] */
    unsigned bits;
    uint32_t count, capacity; /* keys held; room in starts, less one */
    uint64_t *starts;         /* [count + 1] offsets into bytes */
    char *bytes;
    size_t bytes_capacity;
};

uint64_t rk_hash(rk_slice bytes, uint64_t seed) { return XXH3_64bits_withSeed(bytes.at, bytes.n, seed); }

static size_t home_of(uint64_t hash, unsigned bits) { return (size_t)(hash >> (64 - bits)); }

static bool is_crowded(size_t n, unsigned bits) { return n >= ((size_t)1 << bits) / 3 * 2; }

/* The word of a key: itself when short (overlapping reads; together with n they tell all bytes), else its hash. */
static uint64_t word_of(rk_slice key)
{
    const unsigned char *p = (const unsigned char *)key.at;
    if (key.n > 8) {
        return XXH3_64bits(p, key.n);
    }
    if (key.n >= 4) {
        uint32_t head, tail;
        memcpy(&head, p, 4);
        memcpy(&tail, p + key.n - 4, 4);
        return head | (uint64_t)tail << 32;
    }
    return key.n ? p[0] | (uint64_t)p[key.n / 2] << 8 | (uint64_t)p[key.n - 1] << 16 : 0;
}

static uint64_t hash_of(uint64_t word, uint32_t n) { return n > 8 ? word : XXH3_64bits_withSeed(&word, 8, n); }

static bool holds(const rk_interner *in, const key_slot *slot, uint64_t word, rk_slice key)
{
    return slot->word == word && slot->n == key.n &&
           (key.n <= 8 || memcmp(in->bytes + in->starts[slot->id_plus_1 - 1], key.at, key.n) == 0);
}

/* The slot of the key, or the free one where it would go. */
static key_slot *slot_of(const rk_interner *in, uint64_t word, rk_slice key)
{
    size_t mask = ((size_t)1 << in->bits) - 1;
    size_t at = home_of(hash_of(word, (uint32_t)key.n), in->bits);
    while (in->slots[at].id_plus_1 && !holds(in, &in->slots[at], word, key)) {
        at = (at + 1) & mask;
    }
    return &in->slots[at];
}

rk_interner *rk_interner_new(void)
{
    rk_interner *in = calloc(1, sizeof *in);
    if (!in) {
        return NULL;
    }
    in->bits = BITS_MIN;
    in->slots = calloc((size_t)1 << in->bits, sizeof *in->slots);
    in->starts = calloc(1, sizeof *in->starts);
    if (!in->slots || !in->starts) {
        rk_interner_free(in);
        return NULL;
    }
    return in;
}

void rk_interner_free(rk_interner *in)
{
    if (in) {
        free(in->slots);
        free(in->starts);
        free(in->bytes);
        free(in);
    }
}

static bool grow_slots(rk_interner *in)
{
    unsigned bits = in->bits + 1;
    size_t mask = ((size_t)1 << bits) - 1;
    key_slot *slots = calloc(mask + 1, sizeof *slots);
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < (size_t)1 << in->bits; i++) {
        key_slot slot = in->slots[i];
        if (slot.id_plus_1) {
            size_t at = home_of(hash_of(slot.word, slot.n), bits);
            while (slots[at].id_plus_1) {
                at = (at + 1) & mask;
            }
            slots[at] = slot;
        }
    }
    free(in->slots);
    in->slots = slots;
    in->bits = bits;
    return true;
}

/* Room for one more key of n bytes in bytes and starts. */
static bool grow_keys(rk_interner *in, size_t n)
{
    size_t used = (size_t)in->starts[in->count];
    if (in->bytes_capacity - used < n || !in->bytes) {
        size_t capacity = in->bytes_capacity + in->bytes_capacity / 2 + n + 64;
        char *bytes = realloc(in->bytes, capacity);
        if (!bytes) {
            return false;
        }
        in->bytes = bytes;
        in->bytes_capacity = capacity;
    }
    if (in->count == in->capacity) {
        uint32_t capacity = in->capacity <= RK_NO_ID / 2 ? in->capacity * 2 + 15 : RK_NO_ID - 1;
        uint64_t *starts = realloc(in->starts, ((size_t)capacity + 1) * sizeof *starts);
        if (!starts) {
            return false;
        }
        in->starts = starts;
        in->capacity = capacity;
    }
    return true;
}

uint32_t rk_interner_add(rk_interner *in, rk_slice key)
{
    uint64_t word = word_of(key);
    key_slot *slot = slot_of(in, word, key);
    if (slot->id_plus_1) {
        return slot->id_plus_1 - 1;
    }
    if (key.n >= UINT32_MAX || in->count >= RK_NO_ID - 1 || !grow_keys(in, key.n)) {
        return RK_NO_ID;
    }
    if (is_crowded(in->count, in->bits)) {
        if (!grow_slots(in)) {
            return RK_NO_ID;
        }
        slot = slot_of(in, word, key);
    }
    uint64_t start = in->starts[in->count];
    if (key.n) {
        memcpy(in->bytes + start, key.at, key.n);
    }
    in->count++;
    in->starts[in->count] = start + key.n;
    *slot = (key_slot){.word = word, .n = (uint32_t)key.n, .id_plus_1 = in->count};
    return in->count - 1;
}

uint32_t rk_interner_find(const rk_interner *in, rk_slice key)
{
    const key_slot *slot = slot_of(in, word_of(key), key);
    return slot->id_plus_1 ? slot->id_plus_1 - 1 : RK_NO_ID;
}

uint32_t rk_interner_count(const rk_interner *in) { return in->count; }

rk_slice rk_interner_key(const rk_interner *in, uint32_t id)
{
    return (rk_slice){in->bytes + in->starts[id], (size_t)(in->starts[id + 1] - in->starts[id])};
}

void rk_interner_forget(rk_interner *in, uint32_t id)
{
    rk_slice key = rk_interner_key(in, id);
    size_t mask = ((size_t)1 << in->bits) - 1;
    size_t hole = (size_t)(slot_of(in, word_of(key), key) - in->slots);
    if (in->slots[hole].id_plus_1 != id + 1) {
        return; /* forgotten before */
    }
    /* Those behind move up, unless their home lies behind the hole: no probe may end at it (Knuth, 6.4, algorithm R).
     */
    for (size_t at = (hole + 1) & mask; in->slots[at].id_plus_1; at = (at + 1) & mask) {
        size_t home = home_of(hash_of(in->slots[at].word, in->slots[at].n), in->bits);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            in->slots[hole] = in->slots[at];
            hole = at;
        }
    }
    in->slots[hole] = (key_slot){0};
    memset(in->bytes + in->starts[id], 0, key.n);
}

typedef struct {
    uint64_t key;
    uint32_t value;
    uint32_t is_taken;
} int_slot;

struct rk_intmap {
    int_slot *slots; /* [1 << bits] */
    unsigned bits;
    size_t count;
};

static int_slot *int_slot_of(int_slot *slots, unsigned bits, uint64_t key)
{
    size_t mask = ((size_t)1 << bits) - 1;
    size_t at = home_of(XXH3_64bits(&key, sizeof key), bits);
    while (slots[at].is_taken && slots[at].key != key) {
        at = (at + 1) & mask;
    }
    return &slots[at];
}

rk_intmap *rk_intmap_new(size_t n_expected)
{
    unsigned bits = BITS_MIN;
    while (bits < 59 && is_crowded(n_expected, bits)) {
        bits++;
    }
    rk_intmap *map = malloc(sizeof *map);
    int_slot *slots = calloc((size_t)1 << bits, sizeof *slots);
    if (!map || !slots) {
        free(map);
        free(slots);
        return NULL;
    }
    *map = (rk_intmap){.slots = slots, .bits = bits};
    return map;
}

void rk_intmap_free(rk_intmap *map)
{
    if (map) {
        free(map->slots);
        free(map);
    }
}

static bool grow_int_slots(rk_intmap *map)
{
    int_slot *slots = calloc((size_t)2 << map->bits, sizeof *slots);
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < (size_t)1 << map->bits; i++) {
        if (map->slots[i].is_taken) {
            *int_slot_of(slots, map->bits + 1, map->slots[i].key) = map->slots[i];
        }
    }
    free(map->slots);
    map->slots = slots;
    map->bits++;
    return true;
}

uint32_t *rk_intmap_put(rk_intmap *map, uint64_t key, bool *is_new)
{
    int_slot *slot = int_slot_of(map->slots, map->bits, key);
    bool adds = !slot->is_taken;
    if (adds) {
        if (is_crowded(map->count, map->bits)) {
            if (!grow_int_slots(map)) {
                return NULL;
            }
            slot = int_slot_of(map->slots, map->bits, key);
        }
        *slot = (int_slot){.key = key, .is_taken = 1};
        map->count++;
    }
    if (is_new) {
        *is_new = adds;
    }
    return &slot->value;
}

const uint32_t *rk_intmap_find(const rk_intmap *map, uint64_t key)
{
    const int_slot *slot = int_slot_of(map->slots, map->bits, key);
    return slot->is_taken ? &slot->value : NULL;
}

size_t rk_intmap_count(const rk_intmap *map) { return map->count; }
