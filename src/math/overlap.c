/* overlap.c - the sum over everybody who has r of the row of everything they have.
 *
 * Columns are poured in blocks whose sums stay in the second-level cache: the catalogue may be large, the cache is not.
 * Then each list is gone through once all the same, a cursor remembering where the next block begins.
 */
#include "math/overlap.h"

#include <math.h>

enum { BLOCK_COLS = 1 << 17 }; /* 512 KiB of sums */

typedef struct {
    const rk_csr *left, *right;
    const rk_likeness *likeness;
} overlap;

static uint64_t most(const void *context, uint32_t row)
{
    const overlap *o = context;
    uint64_t n = 0;
    for (uint64_t at = o->left->start[row]; at < o->left->start[row + 1]; at++) {
        uint32_t k = o->left->col[at];
        n += o->right->start[k + 1] - o->right->start[k];
    }
    return n;
}

static void pour(const void *context, uint32_t row, rk_row_bench *bench)
{
    const overlap *o = context;
    const rk_csr *left = o->left, *right = o->right;
    uint64_t *cursor = bench->cursor;
    for (uint64_t at = left->start[row]; at < left->start[row + 1]; at++, cursor++) {
        uint32_t k = left->col[at];
        uint64_t begin = bench->first > 0 ? *cursor : right->start[k], end = right->start[k + 1];
        if (bench->end < right->n_cols) {
            for (end = begin; end < right->start[k + 1] && right->col[end] < bench->end; end++) {
            }
        }
        *cursor = end;
        rk_pile_add(&bench->pile, left->value ? left->value[at] : 1, right->col + begin,
                    right->value ? right->value + begin : NULL, end - begin);
    }
}

static size_t rate(const void *context, uint32_t row, uint32_t *col, float *score, size_t n)
{
    const rk_likeness l = *((const overlap *)context)->likeness;
    float mine = l.row[row];
    size_t n_left = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = col[i];
        float o = score[i], alike = rk_likeness_of(&l, mine, l.col[c], o);
        col[n_left] = c;
        score[n_left] = alike;
        bool stays = (c != row) & (o >= l.least) & (alike > 0);
        n_left += l.allows ? stays && l.allows(l.context, row, c, o) : stays;
    }
    return n_left;
}

static void finish(const void *context, uint32_t row, const uint32_t *col, float *score, size_t n)
{
    float power = ((const overlap *)context)->likeness->power;
    (void)row, (void)col;
    for (size_t i = 0; i < n; i++) {
        score[i] = powf(score[i], power);
    }
}

rk_status rk_overlap_best(const rk_csr *left, const rk_csr *right, const rk_likeness *likeness, size_t n_best,
                          rk_pool *pool, rk_csr *out, rk_error *err)
{
    overlap o = {left, right, likeness};
    bool is_plain = likeness->power >= 1 && likeness->power <= 1;
    rk_best_rows rows = {.n_rows = left->n_rows,
                         .n_cols = right->n_cols,
                         .n_best = n_best,
                         .block_cols = BLOCK_COLS,
                         .n_cursors = (size_t)rk_csr_longest_row(left),
                         .context = &o,
                         .most = most,
                         .pour = pour,
                         .rate = rate,
                         .finish = is_plain ? NULL : finish};
    return rk_best_rows_make(&rows, pool, out, err);
}

uint64_t rk_overlap_bytes(uint32_t n_rows, uint32_t n_shared, size_t n_best, unsigned n_threads)
{
    rk_best_rows rows = {.n_rows = n_rows, .n_cols = n_rows, .n_cursors = n_shared};
    uint64_t each = n_best < n_rows ? n_best : n_rows;
    return rk_best_rows_bytes(&rows, n_threads) +
           n_rows * (each * (sizeof(uint32_t) + sizeof(float)) + sizeof(uint64_t));
}
