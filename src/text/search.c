/* search.c - the best items for a few terms, without looking at all that have them.
 *
 * Any of the terms: MaxScore (Turtle, Flood, "Query evaluation: strategies and optimizations", 1995) over windows of
 * items. Terms are sorted by the most they can give; those that together cannot reach what the k-th best item has are
 * not looked for, only looked up. In a window the others add up in a small array, which stays in the first-level cache;
 * blocks whose largest levels (Ding, Suel, "Faster top-k document retrieval using block-max indexes", 2011) cannot
 * reach it are passed over unread.
 *
 * All of the required terms: the rarest leads; the others are looked up, rarest first, in blocks that are unpacked only
 * when they may hold the item and when the best that the blocks could give is enough.
 *
 * Contributions are whole numbers, so that the order of adding does not matter, and the best are the same as by adding
 * up every list; items ascend, so that of equal scores the smaller item stays.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/index_parts.h"

enum { WINDOW = 4096 };

/* A place in a posting list. */
typedef struct {
    uint32_t first, block, end; /* blocks of the list; where it stands */
    uint32_t n;                 /* postings of the list */
    uint64_t levels;            /* of the list */
    uint32_t at, n_here;        /* in the block at hand, when it is unpacked */
    bool is_open;               /* the block at hand is unpacked */
    uint32_t most;              /* the most that it can give */
    uint32_t gain[RK_LEVELS];   /* what each level gives */
    uint32_t ids[RK_BLOCK] __attribute__((aligned(16)));
} cursor;

typedef struct {
    uint32_t item, score;
} found;

struct rk_search_desk {
    cursor *cursors; /* [RK_SEARCH_TERMS_MAX] */
    size_t n;
    size_t order[RK_SEARCH_TERMS_MAX];
    found *heap; /* [capacity] the worst on top */
    size_t n_heap, k, capacity;
    uint32_t base; /* number of the first item of the index at hand */
    uint32_t sum[WINDOW];
};

rk_search_desk *rk_search_desk_new(void)
{
    rk_search_desk *desk = calloc(1, sizeof *desk);
    if (desk) {
        desk->cursors = aligned_alloc(64, (RK_SEARCH_TERMS_MAX * sizeof *desk->cursors + 63) / 64 * 64);
    }
    if (desk && !desk->cursors) {
        free(desk);
        desk = NULL;
    }
    return desk;
}

void rk_search_desk_free(rk_search_desk *desk)
{
    if (desk) {
        free(desk->cursors);
        free(desk->heap);
        free(desk);
    }
}

/* ---- the k best ---- */

static bool is_worse(found a, found b) { return a.score < b.score || (a.score == b.score && a.item > b.item); }

/* What a candidate must be above; an equal score comes later, and so behind. */
static uint32_t bar_of(const rk_search_desk *desk) { return desk->n_heap < desk->k ? 0 : desk->heap[0].score; }

static void sift_down(found *heap, size_t n)
{
    found moved = heap[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && is_worse(heap[child + 1], heap[child]);
        if (!is_worse(heap[child], moved)) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void offer(rk_search_desk *desk, uint32_t item, uint32_t score)
{
    found one = {desk->base + item, score};
    if (desk->n_heap < desk->k) {
        size_t at = desk->n_heap++;
        for (; at > 0 && is_worse(one, desk->heap[(at - 1) / 2]); at = (at - 1) / 2) {
            desk->heap[at] = desk->heap[(at - 1) / 2];
        }
        desk->heap[at] = one;
    } else if (is_worse(desk->heap[0], one)) {
        desk->heap[0] = one;
        sift_down(desk->heap, desk->n_heap);
    }
}

/* ---- places in lists ---- */

static double idf_of(const rk_index *x, uint32_t term)
{
    double n = x->whole ? x->whole->docs(x->whole, rk_index_term(x, term)) : x->term_docs[term];
    double n_items = x->whole ? (double)x->whole->n_items : x->n_items;
    return log1p((n_items - n + 0.5) / (n + 0.5));
}

/* At least 1, so that an item with a term never looks like one without. */
static uint32_t gain_of(const rk_index *x, double weight, uint8_t level)
{
    double gain = rint(weight * x->gain[level] * RK_SCORE_ONE);
    return gain < 1 ? 1 : (uint32_t)gain;
}

static void begin_list(cursor *c, const rk_index *x, const rk_search_term *term)
{
    double weight = term->weight * idf_of(x, term->term);
    c->first = c->block = x->term_block[term->term];
    c->end = x->term_block[term->term + 1];
    c->n = x->term_docs[term->term];
    c->levels = x->term_posting[term->term];
    c->at = 0;
    c->is_open = false;
    for (size_t level = 0; level <= x->term_most[term->term]; level++) {
        c->gain[level] = gain_of(x, weight, (uint8_t)level);
    }
    c->most = c->gain[x->term_most[term->term]];
}

static inline bool is_over(const cursor *c) { return c->block == c->end; }

/* To the block that may hold item: the first that does not end before it. */
static inline void seek_block(cursor *c, const rk_index *x, uint32_t item)
{
    if (is_over(c) || x->block_last[c->block] >= item) {
        return;
    }
    uint32_t step = 1, low = c->block, high = c->block + 1; /* block low ends before item */
    while (high < c->end && x->block_last[high] < item) {
        low = high;
        step *= 2;
        high = c->end - high > step ? high + step : c->end;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        *(x->block_last[middle] < item ? &low : &high) = middle;
    }
    c->block = high;
    c->is_open = false;
    c->at = 0;
}

/* Unpacks the block at hand; ids beyond its end are UINT32_MAX. */
static void open_block(cursor *c, const rk_index *x)
{
    if (c->is_open) {
        return;
    }
    const uint32_t *ids = x->posting_id + (size_t)x->block_at[c->block] * 4;
    c->n_here = c->block + 1 < c->end ? RK_BLOCK : c->n - (c->end - 1 - c->first) * RK_BLOCK;
    if (x->block_bits[c->block] == RK_RAW_BITS) {
        memcpy(c->ids, ids, c->n_here * sizeof *ids);
        memset(c->ids + c->n_here, 0xff, (RK_BLOCK - c->n_here) * sizeof *ids);
    } else {
        rk_block_unpack(ids, c->block > c->first ? x->block_last[c->block - 1] : 0, x->block_bits[c->block], c->ids);
    }
    c->is_open = true;
    c->at = 0;
}

static inline const uint8_t *levels_of(const cursor *c, const rk_index *x)
{
    return x->posting_level + c->levels + (size_t)(c->block - c->first) * RK_BLOCK;
}

/* How many of the block's ids lie before item. */
static inline uint32_t count_before(const uint32_t *ids, uint32_t item)
{
    uint32_t n = 0;
    for (size_t i = 0; i < RK_BLOCK; i++) {
        n += ids[i] < item;
    }
    return n;
}

/* What the list gives to item, 0: it has it not. Items asked for ascend. */
static uint32_t look_up(cursor *c, const rk_index *x, uint32_t item)
{
    seek_block(c, x, item);
    if (is_over(c)) {
        return 0;
    }
    open_block(c, x);
    c->at = count_before(c->ids, item);
    return c->at < c->n_here && c->ids[c->at] == item ? c->gain[levels_of(c, x)[c->at]] : 0;
}

/* The most that the block that may hold item gives; to be asked after seek_block. */
static inline uint32_t most_here(const cursor *c, const rk_index *x)
{
    return is_over(c) ? 0 : c->gain[x->block_most[c->block]];
}

/* ---- any of the terms ---- */

typedef struct {
    rk_search_desk *desk;
    const rk_index *index;
    const uint64_t *barred;
    uint32_t below[RK_SEARCH_TERMS_MAX + 1]; /* the most that the first i terms of the order give together */
    size_t n_passive;                        /* terms of the order that are only looked up */
} hunt;

static inline cursor *nth(const hunt *h, size_t i) { return &h->desk->cursors[h->desk->order[i]]; }

static bool has_bit(const uint64_t *bits, uint32_t item) { return bits && (bits[item / 64] >> (item % 64) & 1); }
static bool is_barred(const hunt *h, uint32_t item)
{
    return has_bit(h->barred, item) || has_bit(h->index->dead, item);
}

/* The first terms of the order cannot make a candidate any more without the others. Between windows only: what an
 * active list gave to a window must not be looked up again. */
static void grow_passive(hunt *h)
{
    uint32_t bar = bar_of(h->desk);
    while (h->n_passive < h->desk->n && h->below[h->n_passive + 1] <= bar) {
        h->n_passive++;
    }
}

/* An item that the active terms give `score`: looked up in the others while it can still be enough. */
static void judge(hunt *h, uint32_t item, uint32_t score)
{
    uint32_t bar = bar_of(h->desk);
    for (size_t i = h->n_passive; i-- > 0;) {
        cursor *c = nth(h, i);
        if (score + h->below[i + 1] <= bar) {
            return;
        }
        seek_block(c, h->index, item);
        if (score + most_here(c, h->index) + h->below[i] <= bar) {
            return;
        }
        score += look_up(c, h->index, item);
    }
    if (score > bar && !is_barred(h, item)) {
        offer(h->desk, item, score);
    }
}

/* Items that the active lists have in [from, to) add up in the window. */
static void fill_window(hunt *h, uint32_t from, uint32_t to)
{
    for (size_t i = h->n_passive; i < h->desk->n; i++) {
        cursor *c = nth(h, i);
        for (seek_block(c, h->index, from); !is_over(c);) {
            open_block(c, h->index);
            const uint8_t *levels = levels_of(c, h->index);
            uint32_t at = c->at;
            while (at < c->n_here && c->ids[at] < from) {
                at++;
            }
            uint32_t end = h->index->block_last[c->block] < to ? c->n_here : count_before(c->ids, to);
            for (; at < end; at++) {
                h->desk->sum[c->ids[at] - from] += c->gain[levels[at]];
            }
            c->at = at;
            if (at < c->n_here) {
                break;
            }
            c->block++;
            c->is_open = false;
            c->at = 0;
        }
    }
}

typedef int32_t four __attribute__((vector_size(16)));

/* Whether any of sixteen sums is above least; sums stay below 2^31. */
static inline bool has_hope(const uint32_t *sum, uint32_t least)
{
    four part[4], bar = {(int32_t)least, (int32_t)least, (int32_t)least, (int32_t)least};
    uint64_t any[2];
    memcpy(part, sum, sizeof part);
    four above = (part[0] > bar) | (part[1] > bar) | (part[2] > bar) | (part[3] > bar);
    memcpy(any, &above, sizeof any);
    return (any[0] | any[1]) != 0;
}

static void read_window(hunt *h, uint32_t from, uint32_t to)
{
    uint32_t *sum = h->desk->sum, rest = h->below[h->n_passive];
    for (uint32_t i = 0; i < to - from; i += 16) { /* most are empty or hopeless: sixteen at a time */
        uint32_t bar = bar_of(h->desk), least = bar > rest ? bar - rest : 0;
        if (!has_hope(sum + i, least)) {
            continue;
        }
        for (uint32_t j = i; j < i + 16; j++) {
            if (sum[j] > least) {
                judge(h, from + j, sum[j]);
            }
        }
    }
    memset(sum, 0, ((to - from + 15) / 16 * 16) * sizeof *sum);
}

/* The most that the active lists' blocks at `from` give with all that the others could; *next: where one of those
 * blocks ends; *first: where the first item may be. */
static uint64_t reach(hunt *h, uint32_t from, uint32_t *next, uint32_t *first)
{
    uint64_t most = h->below[h->n_passive];
    *next = UINT32_MAX;
    *first = UINT32_MAX;
    for (size_t i = h->n_passive; i < h->desk->n; i++) {
        cursor *c = nth(h, i);
        seek_block(c, h->index, from);
        if (is_over(c)) {
            continue;
        }
        uint32_t last = h->index->block_last[c->block];
        uint32_t begin = c->block > c->first ? h->index->block_last[c->block - 1] + 1 : 0;
        begin = c->is_open && c->at < c->n_here ? c->ids[c->at] : begin;
        begin = begin > from ? begin : from;
        most += c->gain[h->index->block_most[c->block]];
        *next = last < *next ? last : *next;
        *first = begin < *first ? begin : *first;
    }
    return most;
}

/* Of the levels, those from least on: their places; returns how many. */
static uint32_t find_levels(const uint8_t *levels, uint32_t n, uint8_t least, uint8_t *places)
{
    uint32_t n_found = 0;
    for (uint32_t i = 0; i < n; i++) {
        places[n_found] = (uint8_t)i;
        n_found += levels[i] >= least;
    }
    return n_found;
}

/* The first level that is enough with the best that the others give; RK_LEVELS: none is. */
static uint32_t least_level(const hunt *h, const cursor *c, uint32_t most)
{
    uint32_t bar = bar_of(h->desk), rest = h->below[h->n_passive], level = 0;
    while (level <= most && c->gain[level] + rest <= bar) {
        level++;
    }
    return level <= most ? level : RK_LEVELS;
}

/* One list makes candidates: blocks are passed over by their largest level, and in a block the levels, a byte each, are
 * looked at before its ids are unpacked. */
static void hunt_alone(hunt *h, uint32_t from)
{
    uint8_t places[RK_BLOCK];
    cursor *c = nth(h, h->n_passive);
    for (seek_block(c, h->index, from); !is_over(c); c->block++, c->is_open = false) {
        uint8_t most = h->index->block_most[c->block];
        uint32_t least = least_level(h, c, most);
        if (least == RK_LEVELS) {
            continue;
        }
        uint32_t n_here = c->block + 1 < c->end ? RK_BLOCK : c->n - (c->end - 1 - c->first) * RK_BLOCK;
        uint32_t n = find_levels(levels_of(c, h->index), n_here, (uint8_t)least, places);
        if (n > 0) {
            open_block(c, h->index);
        }
        for (uint32_t i = 0; i < n; i++) {
            if (c->ids[places[i]] >= from) {
                judge(h, c->ids[places[i]], c->gain[levels_of(c, h->index)[places[i]]]);
            }
        }
    }
}

/* Returns the item to go on from when only one list is active. */
static uint32_t hunt_by_windows(hunt *h)
{
    uint32_t n_items = h->index->n_items, from = 0, next, first;
    for (; from < n_items && h->n_passive + 1 < h->desk->n; grow_passive(h)) {
        uint64_t most = reach(h, from, &next, &first);
        if (first == UINT32_MAX) {
            return n_items;
        }
        if (most <= bar_of(h->desk)) {
            from = next + 1;
            continue;
        }
        from = first > from ? first : from;
        uint32_t to = n_items - from < WINDOW ? n_items : from + WINDOW;
        fill_window(h, from, to);
        read_window(h, from, to);
        from = to;
    }
    return from;
}

/* The next item of a list at or behind `from`, UINT32_MAX: none. */
static uint32_t next_item(cursor *c, const rk_index *x, uint32_t from)
{
    seek_block(c, x, from);
    if (is_over(c)) {
        return UINT32_MAX;
    }
    open_block(c, x);
    while (c->ids[c->at] < from) {
        c->at++;
    }
    return c->ids[c->at];
}

/* One item after the other: for lists with few items a window. */
static uint32_t hunt_by_items(hunt *h)
{
    uint32_t from = 0, next, first;
    for (; h->n_passive + 1 < h->desk->n; grow_passive(h)) {
        uint64_t most = reach(h, from, &next, &first);
        if (first == UINT32_MAX) {
            return UINT32_MAX;
        }
        if (most <= bar_of(h->desk)) {
            from = next + 1;
            continue;
        }
        uint32_t item = UINT32_MAX, score = 0;
        for (size_t i = h->n_passive; i < h->desk->n; i++) {
            uint32_t one = next_item(nth(h, i), h->index, from);
            item = one < item ? one : item;
        }
        for (size_t i = h->n_passive; item != UINT32_MAX && i < h->desk->n; i++) {
            const cursor *c = nth(h, i);
            if (!is_over(c) && c->ids[c->at] == item) {
                score += c->gain[levels_of(c, h->index)[c->at]];
            }
        }
        if (item == UINT32_MAX) {
            return UINT32_MAX;
        }
        judge(h, item, score);
        from = item + 1;
    }
    return from;
}

static void sort_by_most(rk_search_desk *desk, size_t first)
{
    for (size_t i = first + 1; i < desk->n; i++) {
        size_t moved = desk->order[i], at = i;
        for (; at > first && desk->cursors[desk->order[at - 1]].most > desk->cursors[moved].most; at--) {
            desk->order[at] = desk->order[at - 1];
        }
        desk->order[at] = moved;
    }
}

static void find_any(hunt *h)
{
    uint64_t n = 0;
    sort_by_most(h->desk, 0);
    for (size_t i = 0; i < h->desk->n; i++) {
        h->below[i + 1] = h->below[i] + nth(h, i)->most;
        n += nth(h, i)->n;
    }
    bool is_dense = n * WINDOW / (h->index->n_items + 1) >= 64;
    uint32_t from = is_dense ? hunt_by_windows(h) : hunt_by_items(h);
    if (h->n_passive + 1 == h->desk->n && from < h->index->n_items) {
        hunt_alone(h, from);
    }
}

/* ---- all of the required terms ---- */

/* Required ones by how few items they have, the others behind them. */
static void sort_by_rarity(rk_search_desk *desk, size_t n_required)
{
    for (size_t i = 1; i < n_required; i++) {
        size_t moved = desk->order[i], at = i;
        for (; at > 0 && desk->cursors[desk->order[at - 1]].n > desk->cursors[moved].n; at--) {
            desk->order[at] = desk->order[at - 1];
        }
        desk->order[at] = moved;
    }
}

/* rest[i]: the most that terms i.. of the order give. */
static void judge_all(hunt *h, size_t n_required, const uint32_t *rest, uint32_t item, uint32_t score)
{
    uint32_t bar = bar_of(h->desk);
    for (size_t i = 1; i < h->desk->n; i++) {
        cursor *c = nth(h, i);
        if (score + rest[i] <= bar) {
            return;
        }
        seek_block(c, h->index, item);
        if (score + most_here(c, h->index) + rest[i + 1] <= bar) {
            return;
        }
        uint32_t gain = look_up(c, h->index, item);
        if (gain == 0 && i < n_required) {
            return;
        }
        score += gain;
    }
    if (score > bar && !is_barred(h, item)) {
        offer(h->desk, item, score);
    }
}

static void find_all(hunt *h, size_t n_required)
{
    uint32_t rest[RK_SEARCH_TERMS_MAX + 1] = {0};
    size_t n = h->desk->n;
    sort_by_rarity(h->desk, n_required);
    for (size_t i = n; i-- > 0;) {
        rest[i] = rest[i + 1] + nth(h, i)->most;
    }
    for (cursor *lead = nth(h, 0); !is_over(lead); lead->block++, lead->is_open = false) {
        if (most_here(lead, h->index) + rest[1] <= bar_of(h->desk)) {
            continue;
        }
        open_block(lead, h->index);
        const uint8_t *levels = levels_of(lead, h->index);
        for (uint32_t at = 0; at < lead->n_here; at++) {
            judge_all(h, n_required, rest, lead->ids[at], lead->gain[levels[at]]);
        }
    }
}

/* ---- for others ---- */

static bool make_room(rk_search_desk *desk, size_t k)
{
    if (k > desk->capacity) {
        found *heap = realloc(desk->heap, k * sizeof *heap);
        if (!heap) {
            return false;
        }
        desk->heap = heap;
        desk->capacity = k;
    }
    desk->k = k;
    desk->n_heap = 0;
    return true;
}

/* Worst on top: taken from the back. */
static size_t take(rk_search_desk *desk, uint32_t *items, float *scores)
{
    size_t n = desk->n_heap;
    for (size_t i = n; i-- > 0;) {
        items[i] = desk->heap[0].item;
        scores[i] = (float)desk->heap[0].score / (float)RK_SCORE_ONE;
        desk->heap[0] = desk->heap[--desk->n_heap];
        if (desk->n_heap > 0) {
            sift_down(desk->heap, desk->n_heap);
        }
    }
    return n;
}

static void find_best(rk_search_desk *desk, const rk_index *index, const rk_search *search)
{
    hunt h = {.desk = desk, .index = index, .barred = search->barred};
    desk->n = search->n_terms < RK_SEARCH_TERMS_MAX ? search->n_terms : RK_SEARCH_TERMS_MAX;
    for (size_t i = 0; i < desk->n; i++) {
        begin_list(&desk->cursors[i], index, &search->terms[i]);
        desk->order[i] = i;
    }
    if (desk->n > 0 && search->n_required > 0) {
        find_all(&h, search->n_required < desk->n ? search->n_required : desk->n);
    } else if (desk->n > 0) {
        find_any(&h);
    }
}

/* What the parts before have found sets the bar for the next. */
size_t rk_search_best_of(rk_search_desk *desk, const rk_search_part *parts, size_t n_parts, size_t k, uint32_t *items,
                         float *scores)
{
    if (k == 0 || !make_room(desk, k)) {
        return 0;
    }
    for (size_t p = 0; p < n_parts; p++) {
        desk->base = parts[p].base;
        find_best(desk, parts[p].index, parts[p].search);
    }
    return take(desk, items, scores);
}

size_t rk_search_best(rk_search_desk *desk, const rk_index *index, const rk_search *search, size_t k, uint32_t *items,
                      float *scores)
{
    return rk_search_best_of(desk, &(rk_search_part){index, search, 0}, 1, k, items, scores);
}

uint64_t rk_search_all(rk_search_desk *desk, const rk_index *x, const rk_search *search, uint64_t *bits)
{
    size_t n_words = ((size_t)x->n_items + 63) / 64, n = search->n_terms;
    uint64_t n_found = 0;
    cursor *c = &desk->cursors[0];
    n = n < RK_SEARCH_TERMS_MAX ? n : RK_SEARCH_TERMS_MAX;
    size_t n_required = search->n_required < n ? search->n_required : n;
    size_t n_lists = n_required > 0 ? n_required : n;
    memset(bits, 0, n_words * sizeof *bits);
    for (size_t i = 0; i < n_lists; i++) {
        uint64_t *word = bits;
        begin_list(c, x, &search->terms[i]);
        uint32_t done = 0; /* items below are settled: a required list clears what it has not */
        for (; !is_over(c); c->block++, c->is_open = false) {
            open_block(c, x);
            for (uint32_t at = 0; at < c->n_here; at++) {
                uint32_t item = c->ids[at];
                if (n_required == 0 || i == 0) {
                    word[item / 64] |= UINT64_C(1) << (item % 64);
                    continue;
                }
                for (; done < item; done++) {
                    word[done / 64] &= ~(UINT64_C(1) << (done % 64));
                }
                done = item + 1;
            }
        }
        for (; n_required > 0 && i > 0 && done < x->n_items; done++) {
            word[done / 64] &= ~(UINT64_C(1) << (done % 64));
        }
    }
    for (size_t w = 0; w < n_words; w++) {
        bits[w] &= search->barred ? ~search->barred[w] : UINT64_MAX;
        bits[w] &= x->dead ? ~x->dead[w] : UINT64_MAX;
        n_found += (uint64_t)__builtin_popcountll(bits[w]);
    }
    return n_found;
}

float rk_search_score(const rk_index *x, const rk_search *search, uint32_t item)
{
    uint32_t score = 0;
    cursor c;
    for (size_t i = 0; i < search->n_terms && i < RK_SEARCH_TERMS_MAX; i++) {
        begin_list(&c, x, &search->terms[i]);
        uint32_t gain = look_up(&c, x, item);
        if (gain == 0 && i < search->n_required) {
            return 0;
        }
        score += gain;
    }
    return (float)score / (float)RK_SCORE_ONE;
}
