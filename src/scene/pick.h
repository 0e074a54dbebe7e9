/* pick.h - which of the candidates stand where: values, what is unlike what is above, caps, pins.
 *
 * Places are given from the first on. A place that is pinned goes to its item. Any other goes to the best of the lowest
 * tier there is, of the candidates that are left:
 *   0  those that break no cap
 *   1  those that do: caps give way before a list stays short
 *   2  those that only fill
 *   3  those that are buried
 * and within a tier to the greatest of
 *     mmr * value / the greatest value - (1 - mmr) * the greatest likeness to an item above
 * (Carbonell and Goldstein, "The use of MMR, diversity-based reranking", SIGIR 1998), ties by greater value, then by
 * who comes first. Likeness is the cosine of the two vectors; without vectors 1 for items of one category and else 0.
 * A pin beyond the end of a list that stays short stands at its end.
 */
#ifndef RECKON_SCENE_PICK_H
#define RECKON_SCENE_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { RK_TIERS = 4 };

typedef struct {
    uint32_t item;
    double value;             /* >= 0, finite */
    uint32_t category, brand; /* RK_NO_ID: none, which no cap counts */
    uint32_t pin;             /* place from 1; 0: none. No two candidates have the same. */
    bool is_fill, is_buried;
} rk_candidate;

typedef struct {
    double mmr;
    uint32_t per_category, per_brand; /* 0: any number */
    const float *vector;              /* [n x dim] of the candidates, of length 1 or 0; NULL: none */
    size_t dim;
} rk_pick_rule;

/* order: [n_places], room for candidates' indices, best place first; returns how many there are, min(n, n_places).
 * false: memory is short. Cost: n_places x n inner products when mmr < 1, else n_places x n steps. */
bool rk_pick(const rk_candidate *candidates, size_t n, const rk_pick_rule *rule, size_t n_places, rk_arena *arena,
             uint32_t *order, size_t *n_picked);

#endif
