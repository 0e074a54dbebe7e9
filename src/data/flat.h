/* flat.h - a strict reader of one JSON object on one line, member by member, without a tree.
 *
 * Accepts exactly what jansson accepts with JSON_REJECT_DUPLICATES: valid UTF-8, whole surrogate pairs, no \u0000, no
 * key twice at any depth, integers of 64 bits, finite reals. Nested objects and arrays are checked and passed over.
 * It alone limits a line to RK_FLAT_KEYS_MAX keys and RK_FLAT_DEPTH_MAX levels.
 */
#ifndef RECKON_DATA_FLAT_H
#define RECKON_DATA_FLAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum { RK_FLAT_KEYS_MAX = 2048, RK_FLAT_SLOTS = 4096, RK_FLAT_DEPTH_MAX = 128 };

typedef enum { RK_FLAT_TEXT, RK_FLAT_NUMBER, RK_FLAT_BOOL, RK_FLAT_NULL, RK_FLAT_NESTED } rk_flat_kind;

/* Borrowed from the line, or from scratch where escapes were resolved. value: a text without its quotes, a number or
 * bool as written, empty for null, the whole of a nested value. */
typedef struct {
    rk_slice key, value;
    rk_flat_kind kind;
} rk_flat_member;

/* A key of the line at hand; object tells which { it stands in, and whether the slot is of this line at all. */
typedef struct {
    uint64_t object;
    rk_slice key;
} rk_flat_slot;

typedef struct {
    const char *at, *end;
    rk_arena *scratch;                /* borrowed; for resolved escapes; the caller clears it */
    const char *fault;                /* what is wrong, NULL = nothing */
    const char *fault_at;             /* where, inside the line */
    uint64_t n_objects, first_object; /* numbered over all lines; first_object: of this line */
    unsigned n_keys;
    bool has_member;
    rk_flat_slot slots[RK_FLAT_SLOTS];
} rk_flat; /* 100 KB: heap, zeroed, one per thread */

/* line: without its line end. Then next until it says false; then fault tells whether the line was good. */
void rk_flat_begin(rk_flat *flat, rk_slice line);
bool rk_flat_next(rk_flat *flat, rk_flat_member *out);

#endif
