/* arena.h - memory that dies together: one arena per request, one per build.
 *
 * Grows by blocks, so pointers never move. Zero-initialise, take, release.
 * Threads: one arena per thread.
 */
#ifndef RECKON_BASE_ARENA_H
#define RECKON_BASE_ARENA_H

#include <stddef.h>

typedef struct rk_arena_block rk_arena_block;

typedef struct {
    rk_arena_block *last; /* newest block; each knows the one before */
    size_t taken_bytes;   /* given out since the last clear */
} rk_arena;

/* Zeroed, aligned room for count things of size bytes; NULL when memory is short or count * size overflows.
 * Room for nothing is a valid pointer. */
void *rk_arena_take(rk_arena *arena, size_t count, size_t size, size_t align);
/* A copy of n bytes with a NUL behind. NULL when memory is short. */
char *rk_arena_copy(rk_arena *arena, const char *bytes, size_t n);
void rk_arena_clear(rk_arena *arena);   /* keeps the largest block for reuse */
void rk_arena_release(rk_arena *arena); /* ready for reuse too */

/* The one allocation macro: RK_TAKE(arena, float, dim). */
#define RK_TAKE(arena, type, count) ((type *)rk_arena_take((arena), (count), sizeof(type), _Alignof(type)))

#endif
