/* overlap.h - which rows of a sparse matrix are most alike, from the product of the matrix with its own transpose.
 *
 * The product is made row by row and never held; of each row the best entries stay (best_rows.h).
 */
#ifndef RECKON_MATH_OVERLAP_H
#define RECKON_MATH_OVERLAP_H

#include "math/best_rows.h"

/* How alike r and c are, of o = sum over k of left(r, k) * right(k, c). */
typedef struct {
    const float *row, *col; /* [n_rows] numbers of each side, > 0 where a row is not empty */
    float shrink;           /* >= 0: pulls what rests on little towards 0 */
    bool is_union;          /* o / (row[r] + col[c] - o + shrink); else o / (row[r] * col[c] + shrink) */
    float least;            /* a smaller o says nothing */
    float power;            /* of what comes out; 1 = as it is */
    /* Whether r and c, overlapping by o, may be kept at all; NULL = any two. */
    bool (*allows)(const void *context, uint32_t r, uint32_t c, float o);
    const void *context; /* of allows */
} rk_likeness;

/* What two rows of numbers mine and theirs that overlap by o come to, before the power. */
static inline float rk_likeness_of(const rk_likeness *likeness, float mine, float theirs, float o)
{
    float by = likeness->is_union ? mine + theirs - o + likeness->shrink : mine * theirs + likeness->shrink;
    return o / by;
}

/* left: rows to be compared x what they may share; right: its transpose in shape, with values of its own (NULL = 1 each
 * in either). Products may not be negative. Entry (r, c) of the result is how alike r and c are, c one of the n_best
 * most alike, higher first, equal ones by smaller c, r itself left out; what is not > 0 is never kept. */
RK_MUST_CHECK rk_status rk_overlap_best(const rk_csr *left, const rk_csr *right, const rk_likeness *likeness,
                                        size_t n_best, rk_pool *pool, rk_csr *out, rk_error *err);
/* Most memory that takes, the result included, bytes. n_shared: columns of left. */
uint64_t rk_overlap_bytes(uint32_t n_rows, uint32_t n_shared, size_t n_best, unsigned n_threads);

#endif
