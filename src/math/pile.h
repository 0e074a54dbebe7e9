/* pile.h - one row of a sparse product while it is being summed: entries come in any order, the best are picked.
 *
 * Cost:    a few cycles an entry; picking is linear in the columns touched, whatever the number kept.
 * Order:   picked are the higher scores, equal ones by smaller column; they come out by ascending column.
 * Threads: one pile per thread. No allocation after _init.
 */
#ifndef RECKON_MATH_PILE_H
#define RECKON_MATH_PILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Between two rows all sums are 0 and n is 0. */
typedef struct {
    uint32_t n_cols;
    float *sum;       /* [n_cols] what was added and is not yet settled */
    uint32_t *col;    /* [n_cols + 1] columns, in order of first touch */
    float *score;     /* [n_cols + 1] beside col: the sums of the settled ones */
    size_t n;         /* columns touched */
    size_t n_settled; /* of them */
    uint32_t *key;    /* [n_cols + 1] scratch of picking */
    uint64_t *mark;   /* columns to be picked, a bit each, */
    uint64_t *tie;    /* those that are as good as the last of them, */
    uint64_t *words;  /* and which words of the two are not 0 */
} rk_pile;

/* false: no memory, and nothing to release. */
bool rk_pile_init(rk_pile *pile, uint32_t n_cols);
/* The same in an arena, which dies with it: no release. */
bool rk_pile_place(rk_pile *pile, uint32_t n_cols, rk_arena *arena);
void rk_pile_release(rk_pile *pile); /* accepts a zeroed one */
uint64_t rk_pile_bytes(uint32_t n_cols);

/* Adds weight * value[i] to column col[i], i < n; value NULL = 1 each. No product may be negative; NaN is refused by
 * whoever made it. */
void rk_pile_add(rk_pile *pile, float weight, const uint32_t *col, const float *value, size_t n);
/* Sums become scores and the place to sum in is clean again: once a row, or for each block of columns. */
void rk_pile_settle(rk_pile *pile);
/* Moves the k best of the settled into col and score, [k], ascending columns; returns how many. Scores are > 0. */
size_t rk_pile_pick(rk_pile *pile, size_t k, uint32_t *col, float *score);

#endif
