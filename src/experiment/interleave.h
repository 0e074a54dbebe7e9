/* interleave.h - two lists as one, such that a click says whose item was better: team draft.
 *
 * In each round a coin says who picks first; then each team puts its best item that is not listed yet. Who shows it
 * gets the credit of a click (Radlinski, Kurup, Joachims, "How does clickthrough data reflect retrieval quality?", CIKM
 * 2008). Whoever has none left passes.
 */
#ifndef RECKON_EXPERIMENT_INTERLEAVE_H
#define RECKON_EXPERIMENT_INTERLEAVE_H

#include <stddef.h>
#include <stdint.h>

#include "math/random.h"

/* a: [n_a], b: [n_b], best first, each item once in a list. place: [n] where each stands in its own team's list, team:
 * [n] 0 = a, 1 = b. Returns how many there are, at most n. */
size_t rk_team_draft(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b, size_t n, rk_random *random,
                     uint32_t *place, unsigned char *team);

#endif
