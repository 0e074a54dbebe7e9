/* arena.c - bump allocation in a chain of blocks.
 *
 *   arena.last -> block (newest, the one in use) -> block before -> ... -> NULL
 *
 * Blocks double from 4 KiB to 1 MiB, so that a small arena stays small and a big one makes few calls; a request
 * that fits no such block gets one of its own size. A block never moves, hence neither do the pointers into it.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES_MIN ((size_t)4096)
#define BLOCK_BYTES_MAX ((size_t)1 << 20)

struct rk_arena_block {
    rk_arena_block *before;
    size_t n_bytes, used; /* of at[] */
    alignas(max_align_t) unsigned char at[];
};

static size_t padding(const unsigned char *at, size_t align) { return (size_t)(-(uintptr_t)at) & (align - 1); }

/* Where n_bytes would go in the block, or NULL when they do not fit. */
static unsigned char *room_in(rk_arena_block *block, size_t n_bytes, size_t align)
{
    if (!block) {
        return NULL;
    }
    unsigned char *free_at = block->at + block->used;
    size_t left = block->n_bytes - block->used, skip = padding(free_at, align);
    return skip <= left && n_bytes <= left - skip ? free_at + skip : NULL;
}

static rk_arena_block *add_block(rk_arena *arena, size_t n_bytes, size_t align)
{
    size_t want = arena->last ? arena->last->n_bytes * 2 : BLOCK_BYTES_MIN;
    want = want < BLOCK_BYTES_MAX ? want : BLOCK_BYTES_MAX;
    if (n_bytes > SIZE_MAX / 2 - align) {
        return NULL;
    }
    if (want < n_bytes + align) {
        want = n_bytes + align;
    }
    rk_arena_block *block = malloc(sizeof *block + want);
    if (block) {
        *block = (rk_arena_block){.before = arena->last, .n_bytes = want};
        arena->last = block;
    }
    return block;
}

void *rk_arena_take(rk_arena *arena, size_t count, size_t size, size_t align)
{
    size_t n_bytes;
    if (__builtin_mul_overflow(count, size, &n_bytes)) {
        return NULL;
    }
    unsigned char *room = room_in(arena->last, n_bytes, align);
    if (!room) {
        room = room_in(add_block(arena, n_bytes, align), n_bytes, align);
    }
    if (!room) {
        return NULL;
    }
    arena->last->used = (size_t)(room - arena->last->at) + n_bytes;
    arena->taken_bytes += n_bytes;
    return memset(room, 0, n_bytes);
}

char *rk_arena_copy(rk_arena *arena, const char *bytes, size_t n)
{
    char *copy = n < SIZE_MAX ? RK_TAKE(arena, char, n + 1) : NULL;
    if (copy && n) {
        memcpy(copy, bytes, n);
    }
    return copy;
}

void rk_arena_clear(rk_arena *arena)
{
    rk_arena_block *largest = arena->last;
    for (rk_arena_block *b = largest; b; b = b->before) {
        largest = b->n_bytes > largest->n_bytes ? b : largest;
    }
    for (rk_arena_block *b = arena->last, *before; b; b = before) {
        before = b->before;
        if (b != largest) {
            free(b);
        }
    }
    if (largest) {
        largest->before = NULL;
        largest->used = 0;
    }
    *arena = (rk_arena){.last = largest};
}

void rk_arena_release(rk_arena *arena)
{
    for (rk_arena_block *b = arena->last, *before; b; b = before) {
        before = b->before;
        free(b);
    }
    *arena = (rk_arena){0};
}
