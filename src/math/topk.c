/* topk.c - a binary heap whose root is the worst of the kept items.
 *
 * Invariants
 *   heap[0] is the worst kept; every parent is no better than its children.
 *   n <= k. A new item enters only if it beats heap[0].
 * Keys: score and item in one 64-bit number that is larger for the better: the float's bits, made to order as an
 *   integer, above the complement of the item. So the heap compares whole numbers and ties need no second look.
 * Why a heap and not sorting: k is ~10..1000, n is ~10^6; most offers lose at once. They lose in blocks: one pass that
 * the compiler turns into vector compares says whether any of 32 scores can enter. A skipped item is only looked up
 * when its score would enter.
 */
#include "math/topk.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32 };

struct rk_topk {
    size_t k, n;
    uint64_t heap[]; /* [k] */
};

/* Ascending ids; everything before at is smaller than the item last asked for. */
typedef struct {
    const uint32_t *at, *end;
} skip_cursor;

/* Negative floats order backwards as integers, so all their bits turn; adding 0 makes -0 and 0 one score. */
static uint64_t key_of(uint32_t item, float score)
{
    uint32_t bits;
    score += 0.0f;
    memcpy(&bits, &score, sizeof bits);
    bits ^= bits >> 31 ? UINT32_MAX : 0x80000000u;
    return (uint64_t)bits << 32 | (UINT32_MAX - item);
}

static uint32_t item_of(uint64_t key) { return UINT32_MAX - (uint32_t)key; }

static float score_of(uint64_t key)
{
    uint32_t bits = (uint32_t)(key >> 32);
    bits ^= bits >> 31 ? 0x80000000u : UINT32_MAX;
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

rk_topk *rk_topk_new(size_t k)
{
    assert(k >= 1);
    if (k > (SIZE_MAX - sizeof(rk_topk)) / sizeof(uint64_t)) {
        return NULL;
    }
    rk_topk *topk = malloc(sizeof *topk + k * sizeof topk->heap[0]);
    if (topk) {
        topk->k = k;
        topk->n = 0;
    }
    return topk;
}

void rk_topk_free(rk_topk *topk) { free(topk); }

void rk_topk_clear(rk_topk *topk) { topk->n = 0; }

float rk_topk_least(const rk_topk *topk) { return topk->n < topk->k ? -INFINITY : score_of(topk->heap[0]); }

/* Puts key where heap[0] was. */
static void replace_worst(rk_topk *topk, uint64_t key)
{
    size_t at = 0;
    for (size_t child = 1; child < topk->n; child = 2 * at + 1) {
        child += child + 1 < topk->n && topk->heap[child + 1] < topk->heap[child];
        if (topk->heap[child] >= key) {
            break;
        }
        topk->heap[at] = topk->heap[child];
        at = child;
    }
    topk->heap[at] = key;
}

static void append(rk_topk *topk, uint64_t key)
{
    size_t at = topk->n++;
    while (at > 0 && key < topk->heap[(at - 1) / 2]) {
        topk->heap[at] = topk->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    topk->heap[at] = key;
}

static skip_cursor skip_from(const uint32_t *skip, size_t n_skip, uint32_t first_item)
{
    if (n_skip == 0) {
        return (skip_cursor){NULL, NULL}; /* skip may be NULL, and NULL + 0 is not defined */
    }
    const uint32_t *end = skip + n_skip;
    while (n_skip > 0) {
        size_t half = n_skip / 2;
        bool is_before = skip[half] < first_item;
        skip += is_before ? half + 1 : 0;
        n_skip = is_before ? n_skip - half - 1 : half;
    }
    return (skip_cursor){skip, end};
}

/* Items must be asked for in ascending order. */
static bool is_skipped(skip_cursor *skip, uint32_t item)
{
    while (skip->at != skip->end && *skip->at < item) {
        skip->at++;
    }
    return skip->at != skip->end && *skip->at == item;
}

static void offer(rk_topk *topk, uint32_t item, float score, skip_cursor *skip)
{
    uint64_t key = key_of(item, score);
    bool is_full = topk->n == topk->k;
    if (isnan(score) || (is_full && key <= topk->heap[0]) || is_skipped(skip, item)) {
        return;
    }
    if (is_full) {
        replace_worst(topk, key);
    } else {
        append(topk, key);
    }
}

/* The least score with which an item from first_item on can enter a full heap: a tie is lost to a smaller id. */
static float entry_score(const rk_topk *topk, uint32_t first_item)
{
    uint64_t worst = topk->heap[0];
    return score_of(worst + ((uint64_t)(item_of(worst) < first_item) << 32)); /* past infinity: NaN, nothing enters */
}

/* May any of the block enter? Sure of no, never of yes; NaN says no. */
static bool may_enter(const float scores[BLOCK], float least)
{
    int any = 0;
    for (int i = 0; i < BLOCK; i++) {
        any |= scores[i] >= least;
    }
    return any;
}

void rk_topk_offer(rk_topk *topk, uint32_t first_item, const float *scores, size_t n_items, const uint32_t *skip,
                   size_t n_skip)
{
    skip_cursor cursor = skip_from(skip, n_skip, first_item);
    for (size_t i = 0; i < n_items;) {
        size_t left = n_items - i, n = left < BLOCK ? left : BLOCK;
        bool is_full = topk->n == topk->k;
        if (n == BLOCK && is_full && !may_enter(scores + i, entry_score(topk, first_item + (uint32_t)i))) {
            i += BLOCK;
            continue;
        }
        for (size_t end = i + n; i < end; i++) {
            offer(topk, first_item + (uint32_t)i, scores[i], &cursor);
        }
    }
}

void rk_topk_offer_one(rk_topk *topk, uint32_t item, float score)
{
    skip_cursor none = {0};
    offer(topk, item, score, &none);
}

size_t rk_topk_take(rk_topk *topk, uint32_t *items, float *scores)
{
    size_t n = topk->n;
    while (topk->n > 0) {
        uint64_t worst = topk->heap[0];
        replace_worst(topk, topk->heap[--topk->n]);
        items[topk->n] = item_of(worst);
        if (scores) {
            scores[topk->n] = score_of(worst);
        }
    }
    return n;
}
