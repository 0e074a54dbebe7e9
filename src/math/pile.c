/* pile.c - a dense row of sums beside the list of columns that were touched.
 *
 * Adding: a column is listed when its sum turns from 0 to more. The list is written at every step and its length moves
 *   on only then, so that the inner loop has no branch to guess wrong.
 * Picking: the k-th best score is found by counting. Positive floats order like their bits; 256 buckets between the
 *   least and the largest, the bucket that holds the k-th is divided again, at most four times, since each division
 *   leaves a 256th of the range. A heap would pay log k for each entry that enters, and most rows keep a good part.
 * Order: the picked set bits, and bits are read in ascending order; a second level says which words have any. Sorting
 *   would cost more than all the rest. Ties with the k-th have bits of their own and are let in as long as there is
 * room.
 */
#include "math/pile.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256, WORD = 64 };

static size_t words_of(uint32_t n) { return (size_t)n / WORD + 1; }

bool rk_pile_init(rk_pile *pile, uint32_t n_cols)
{
    size_t n = (size_t)n_cols + 1, n_words = words_of(n_cols);
    *pile = (rk_pile){.n_cols = n_cols,
                      .sum = calloc(n, sizeof *pile->sum),
                      .col = malloc(n * sizeof *pile->col),
                      .score = malloc(n * sizeof *pile->score),
                      .key = malloc(n * sizeof *pile->key),
                      .mark = calloc(n_words, sizeof *pile->mark),
                      .tie = calloc(n_words, sizeof *pile->tie),
                      .words = calloc(n_words / WORD + 1, sizeof *pile->words)};
    if (pile->sum && pile->col && pile->score && pile->key && pile->mark && pile->tie && pile->words) {
        return true;
    }
    rk_pile_release(pile);
    return false;
}

bool rk_pile_place(rk_pile *pile, uint32_t n_cols, rk_arena *arena)
{
    size_t n = (size_t)n_cols + 1, n_words = words_of(n_cols);
    *pile = (rk_pile){.n_cols = n_cols,
                      .sum = RK_TAKE(arena, float, n),
                      .col = RK_TAKE(arena, uint32_t, n),
                      .score = RK_TAKE(arena, float, n),
                      .key = RK_TAKE(arena, uint32_t, n),
                      .mark = RK_TAKE(arena, uint64_t, n_words),
                      .tie = RK_TAKE(arena, uint64_t, n_words),
                      .words = RK_TAKE(arena, uint64_t, n_words / WORD + 1)};
    return pile->sum && pile->col && pile->score && pile->key && pile->mark && pile->tie && pile->words;
}

void rk_pile_release(rk_pile *pile)
{
    free(pile->sum);
    free(pile->col);
    free(pile->score);
    free(pile->key);
    free(pile->mark);
    free(pile->tie);
    free(pile->words);
    *pile = (rk_pile){0};
}

uint64_t rk_pile_bytes(uint32_t n_cols)
{
    return ((uint64_t)n_cols + 1) * (2 * sizeof(float) + 2 * sizeof(uint32_t)) +
           2 * words_of(n_cols) * sizeof(uint64_t) + (words_of(n_cols) / WORD + 1) * sizeof(uint64_t);
}

/* ---- adding ---- */

void rk_pile_add(rk_pile *pile, float weight, const uint32_t *restrict col, const float *restrict value, size_t n)
{
    float *restrict sum = pile->sum;
    uint32_t *restrict list = pile->col;
    size_t n_listed = pile->n;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = col[i];
        float before = sum[c], after = before + (value ? weight * value[i] : weight);
        list[n_listed] = c;
        n_listed += (size_t)((before <= 0) & (after > 0));
        sum[c] = after;
    }
    pile->n = n_listed;
}

void rk_pile_settle(rk_pile *pile)
{
    for (size_t i = pile->n_settled; i < pile->n; i++) {
        pile->score[i] = pile->sum[pile->col[i]];
        pile->sum[pile->col[i]] = 0;
    }
    pile->n_settled = pile->n;
}

/* ---- picking ---- */

static uint32_t bits_of(float score)
{
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return bits;
}

/* Keys that lie in one bucket, or all of them at first. */
typedef struct {
    uint32_t *key;
    size_t n;
    uint32_t least, largest;
} pool;

static void find_range(pool *p)
{
    p->least = UINT32_MAX;
    p->largest = 0;
    for (size_t i = 0; i < p->n; i++) {
        p->least = p->key[i] < p->least ? p->key[i] : p->least;
        p->largest = p->key[i] > p->largest ? p->key[i] : p->largest;
    }
}

/* Leaves the keys of the bucket that holds the k-th largest; returns which it is among them. */
static size_t narrow(pool *p, size_t k)
{
    uint32_t count[BUCKETS] = {0};
    int shift = 0;
    while ((p->largest - p->least) >> shift >= BUCKETS) {
        shift++;
    }
    for (size_t i = 0; i < p->n; i++) {
        count[(p->key[i] - p->least) >> shift]++;
    }
    uint32_t bucket = (p->largest - p->least) >> shift;
    for (; count[bucket] < k; bucket--) {
        k -= count[bucket];
    }
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        uint32_t key = p->key[i];
        p->key[n] = key;
        n += (key - p->least) >> shift == bucket;
    }
    p->n = n;
    find_range(p);
    return k;
}

/* The k-th best score's bits, and how many of those that equal it are among the k best. */
static uint32_t find_limit(rk_pile *pile, size_t k, size_t *n_ties)
{
    pool p = {pile->key, pile->n, 0, 0};
    for (size_t i = 0; i < pile->n; i++) {
        p.key[i] = bits_of(pile->score[i]);
    }
    find_range(&p);
    while (p.least < p.largest) {
        k = narrow(&p, k);
    }
    *n_ties = k;
    return p.least;
}

static void drop_below(rk_pile *pile, uint32_t limit)
{
    size_t n = 0;
    for (size_t i = 0; i < pile->n; i++) {
        uint32_t col = pile->col[i];
        float score = pile->score[i];
        pile->col[n] = col;
        pile->score[n] = score;
        n += bits_of(score) >= limit;
    }
    pile->n = n;
}

static void set_bits(rk_pile *pile, uint32_t limit)
{
    for (size_t i = 0; i < pile->n; i++) {
        uint32_t col = pile->col[i];
        uint64_t *bits = bits_of(pile->score[i]) == limit ? pile->tie : pile->mark;
        bits[col / WORD] |= (uint64_t)1 << col % WORD;
        pile->words[col / WORD / WORD] |= (uint64_t)1 << col / WORD % WORD;
        pile->sum[col] = pile->score[i];
    }
}

/* Where picked entries go. */
typedef struct {
    uint32_t *col;
    float *score;
    size_t n, n_ties; /* ties: as many more may come */
} tray;

static void read_word(rk_pile *pile, size_t word, tray *out)
{
    uint64_t tie = pile->tie[word];
    for (uint64_t bits = pile->mark[word] | tie; bits; bits &= bits - 1) {
        uint64_t lowest = bits & -bits;
        uint32_t col = (uint32_t)(word * WORD) + (uint32_t)__builtin_ctzll(bits);
        bool is_tie = tie & lowest;
        if (!is_tie || out->n_ties > 0) {
            out->n_ties -= is_tie;
            out->col[out->n] = col;
            out->score[out->n++] = pile->sum[col];
        }
        pile->sum[col] = 0;
    }
    pile->mark[word] = 0;
    pile->tie[word] = 0;
}

size_t rk_pile_pick(rk_pile *pile, size_t k, uint32_t *col, float *score)
{
    tray out = {col, score, 0, SIZE_MAX};
    uint32_t limit = 0;
    if (k < pile->n) {
        limit = k > 0 ? find_limit(pile, k, &out.n_ties) : UINT32_MAX;
        drop_below(pile, limit);
    }
    set_bits(pile, limit);
    size_t n_words = words_of(pile->n_cols) / WORD + 1;
    for (size_t w = 0; w < n_words && pile->n > 0; w++) {
        for (; pile->words[w]; pile->words[w] &= pile->words[w] - 1) {
            read_word(pile, w * WORD + (size_t)__builtin_ctzll(pile->words[w]), &out);
        }
    }
    pile->n = pile->n_settled = 0;
    return out.n;
}
