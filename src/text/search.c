/* search.c - the best items for a few terms, without looking at all that have them.
 *
 * Any of the terms, many of them common: MaxScore (Turtle, Flood, "Query evaluation: strategies and optimizations",
 * 1995) over windows of items. Terms are sorted by the most they can give; those that together cannot reach what the
 * k-th best item has are not looked for, only looked up. In a window the others add up in a small array, which stays in
 * the first-level cache; blocks whose largest levels (Ding, Suel, "Faster top-k document retrieval using block-max
 * indexes", 2011) cannot reach it are passed over unread.
 *
 * As soon as the k best so far leave few candidates, and where all of some terms are required: by levels
 * (search_levels.c).
 *
 * Contributions are whole numbers, so that the order of adding does not matter, and the best are the same as by adding
 * up every list; items ascend, so that of equal scores the smaller item stays.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/search_parts.h"

enum { WINDOW = 4096 };
/* Times that judging a candidate costs as much as adding up a posting. */
static const double CANDIDATE_COST = 6;
/* Items of a window that are read in the time of adding up a posting. */
enum { READ_ITEMS = 8 };

rk_search_desk *rk_search_desk_new(void)
{
    rk_search_desk *desk = calloc(1, sizeof *desk + WINDOW * sizeof *desk->sum);
    if (desk) {
        desk->kernels = rk_list_kernels_best();
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

static bool is_worse(rk_found a, rk_found b) { return a.score < b.score || (a.score == b.score && a.item > b.item); }

static void sift_down(rk_found *heap, size_t n)
{
    rk_found moved = heap[0];
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

void rk_hunt_offer(rk_hunt *h, uint32_t item, uint32_t score)
{
    rk_search_desk *desk = h->desk;
    rk_found one = {desk->base + item, score};
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
    bool is_all = x->whole == &x->corpus;
    double n = is_all ? x->term_docs[term] : rk_corpus_docs(x->whole, rk_index_term(x, term));
    double n_items = (double)x->whole->n_items;
    return log1p((n_items - n + 0.5) / (n + 0.5));
}

static void begin_list(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels, const rk_search_term *term)
{
    double weight = term->weight * idf_of(x, term->term) * RK_SCORE_ONE;
    c->first = c->block = x->term_block[term->term];
    c->end = x->term_block[term->term + 1];
    c->n = x->term_docs[term->term];
    c->levels = x->posting_level + x->term_posting[term->term];
    c->at = 0;
    c->top = x->term_most[term->term];
    c->held[0] = c->held[1] = UINT32_MAX;
    /* at least 1 each, so that an item with a term never looks like one without */
    kernels->weigh(c->gain, x->gain, (size_t)c->top + 1, weight);
    c->most = c->gain[c->top];
}

uint32_t rk_cursor_gallop(const rk_cursor *c, const rk_index *x, uint32_t block, uint32_t item)
{
    uint32_t step = 1, low = block, high = block + 1; /* block low ends before item */
    while (high < c->end && x->block_last[high] < item) {
        low = high;
        step *= 2;
        high = c->end - high > step ? high + step : c->end;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        *(x->block_last[middle] < item ? &low : &high) = middle;
    }
    return high;
}

void rk_cursor_unpack(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels, uint32_t block)
{
    const uint32_t *packed = x->posting_id + (size_t)x->block_at[block] * 4;
    uint32_t *ids = c->ids[block % 2], n = rk_cursor_n_in(c, block);
    if (x->block_bits[block] == RK_RAW_BITS) {
        memcpy(ids, packed, n * sizeof *ids);
        memset(ids + n, 0xff, (RK_BLOCK - n) * sizeof *ids);
    } else {
        kernels->unpack(packed, block > c->first ? x->block_last[block - 1] : 0, x->block_bits[block], ids);
    }
    c->held[block % 2] = block;
}

/* ---- any of the terms ---- */

/* The first terms of the order cannot make a candidate any more without the others. Between windows only: what an
 * active list gave to a window must not be looked up again. */
static void grow_passive(rk_hunt *h)
{
    uint32_t bar = rk_hunt_bar(h);
    while (h->n_passive < h->desk->n && h->below[h->n_passive + 1] <= bar) {
        h->n_passive++;
    }
}

/* An item that the active terms give `score`: looked up in the others while it can still be enough. */
static void judge(rk_hunt *h, uint32_t item, uint32_t score)
{
    uint32_t bar = rk_hunt_bar(h);
    for (size_t i = h->n_passive; i-- > 0;) {
        rk_cursor *c = rk_hunt_nth(h, i);
        if (score + h->below[i + 1] <= bar) {
            return;
        }
        rk_cursor_seek(c, h->index, item);
        if (score + rk_cursor_most_here(c, h->index) + h->below[i] <= bar) {
            return;
        }
        score += rk_cursor_look_up(c, h->index, h->kernels, item);
    }
    if (score > bar && !rk_hunt_is_barred(h, item)) {
        rk_hunt_offer(h, item, score);
    }
}

/* Items that the active lists have in [from, to) add up in the window. */
static void fill_window(rk_hunt *h, uint32_t from, uint32_t to)
{
    for (size_t i = h->n_passive; i < h->desk->n; i++) {
        rk_cursor *c = rk_hunt_nth(h, i);
        for (rk_cursor_seek(c, h->index, from); !rk_cursor_is_over(c); c->block++, c->at = 0) {
            const uint32_t *ids = rk_cursor_ids(c, h->index, h->kernels, c->block);
            const uint8_t *levels = rk_cursor_levels(c, c->block);
            uint32_t at = c->at, n_here = rk_cursor_n_in(c, c->block);
            while (at < n_here && ids[at] < from) {
                at++;
            }
            uint32_t end = h->index->block_last[c->block] < to ? n_here : h->kernels->count_before(ids, to);
            for (; at < end; at++) {
                h->desk->sum[ids[at] - from] += c->gain[levels[at]];
            }
            c->at = at;
            if (at < n_here) {
                break;
            }
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

static void read_window(rk_hunt *h, uint32_t from, uint32_t to)
{
    uint32_t *sum = h->desk->sum, rest = h->below[h->n_passive];
    for (uint32_t i = 0; i < to - from; i += 16) { /* most are empty or hopeless: sixteen at a time */
        uint32_t bar = rk_hunt_bar(h), least = bar > rest ? bar - rest : 0;
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
static uint64_t reach(rk_hunt *h, uint32_t from, uint32_t *next, uint32_t *first)
{
    uint64_t most = h->below[h->n_passive];
    *next = UINT32_MAX;
    *first = UINT32_MAX;
    for (size_t i = h->n_passive; i < h->desk->n; i++) {
        rk_cursor *c = rk_hunt_nth(h, i);
        rk_cursor_seek(c, h->index, from);
        if (rk_cursor_is_over(c)) {
            continue;
        }
        uint32_t last = h->index->block_last[c->block];
        uint32_t begin = c->block > c->first ? h->index->block_last[c->block - 1] + 1 : 0;
        bool is_held = c->held[c->block % 2] == c->block && c->at < rk_cursor_n_in(c, c->block);
        begin = is_held ? c->ids[c->block % 2][c->at] : begin;
        begin = begin > from ? begin : from;
        most += c->gain[h->index->block_most[c->block]];
        *next = last < *next ? last : *next;
        *first = begin < *first ? begin : *first;
    }
    return most;
}

/* Whether candidates by levels are cheaper than adding up the active lists. */
static bool are_levels_better(rk_hunt *h)
{
    double n = h->index->n_items / READ_ITEMS;
    for (size_t i = h->n_passive; i < h->desk->n; i++) {
        n += rk_hunt_nth(h, i)->n;
    }
    return CANDIDATE_COST * rk_hunt_split(h) <= n;
}

/* Returns the item from which on levels are better. */
static uint32_t hunt_by_windows(rk_hunt *h)
{
    uint32_t n_items = h->index->n_items, from = 0, bar = UINT32_MAX, next, first;
    for (; from < n_items && h->n_passive < h->desk->n; grow_passive(h)) {
        if (rk_hunt_bar(h) != bar && are_levels_better(h)) {
            return from;
        }
        bar = rk_hunt_bar(h);
        uint64_t most = reach(h, from, &next, &first);
        if (first == UINT32_MAX) {
            return n_items;
        }
        if (most <= bar) {
            from = next + 1;
            continue;
        }
        from = first > from ? first : from;
        uint32_t to = n_items - from < WINDOW ? n_items : from + WINDOW;
        fill_window(h, from, to);
        read_window(h, from, to);
        from = to;
    }
    return n_items;
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

static void find_any(rk_hunt *h)
{
    sort_by_most(h->desk, 0);
    for (size_t i = 0; i < h->desk->n; i++) {
        h->below[i + 1] = h->below[i] + rk_hunt_nth(h, i)->most;
    }
    uint32_t from = hunt_by_windows(h);
    if (from < h->index->n_items) {
        rk_hunt_by_levels(h, from);
    }
}

/* Few are known to match: each is looked up in every list, and nothing else is read. */
static void find_among(rk_hunt *h, const uint64_t *among)
{
    for (size_t w = 0; w * 64 < h->index->n_items; w++) {
        for (uint64_t left = among[w]; left; left &= left - 1) {
            uint32_t item = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left), score = 0;
            for (size_t i = 0; i < h->desk->n; i++) {
                rk_cursor *c = &h->desk->cursors[i];
                rk_cursor_seek(c, h->index, item);
                score += rk_cursor_look_up(c, h->index, h->kernels, item);
            }
            rk_hunt_offer(h, item, score);
        }
    }
}

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

/* ---- for others ---- */

static bool make_room(rk_search_desk *desk, size_t k)
{
    if (k > desk->capacity) {
        rk_found *heap = realloc(desk->heap, k * sizeof *heap);
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

static void begin_lists(rk_search_desk *desk, const rk_index *index, const rk_search *search)
{
    desk->n = search->n_terms < RK_SEARCH_TERMS_MAX ? search->n_terms : RK_SEARCH_TERMS_MAX;
    for (size_t i = 0; i < desk->n; i++) {
        begin_list(&desk->cursors[i], index, desk->kernels, &search->terms[i]);
        desk->order[i] = i;
    }
}

static void find_best(rk_search_desk *desk, const rk_index *index, const rk_search *search)
{
    rk_hunt h = {.desk = desk, .index = index, .kernels = desk->kernels, .barred = search->barred};
    begin_lists(desk, index, search);
    h.n_required = search->n_required < desk->n ? search->n_required : desk->n;
    if (search->among) {
        find_among(&h, search->among);
        return;
    }
    rk_hunt_sample(&h);
    if (h.n_required > 0) {
        sort_by_rarity(desk, h.n_required);
        rk_hunt_by_levels(&h, 0);
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

static bool has_any(const uint64_t *bits, uint32_t first, uint32_t last)
{
    uint64_t any = 0;
    for (size_t w = first / 64; w <= last / 64; w++) {
        any |= bits[w];
    }
    return any != 0;
}

static void set_all(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels, uint64_t *bits)
{
    for (; !rk_cursor_is_over(c); c->block++) {
        const uint32_t *ids = rk_cursor_ids(c, x, kernels, c->block);
        for (uint32_t i = 0, n = rk_cursor_n_in(c, c->block); i < n; i++) {
            bits[ids[i] / 64] |= UINT64_C(1) << (ids[i] % 64);
        }
    }
}

/* Only items of the list keep their bits. A block is not unpacked where there are none to keep. */
static void keep_common(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels, uint64_t *bits, size_t n_words)
{
    size_t at = 0; /* the word at hand; those before it are settled */
    uint64_t mask = 0;
    for (uint32_t first = 0; !rk_cursor_is_over(c); first = x->block_last[c->block++] + 1) {
        if (!has_any(bits, first, x->block_last[c->block])) {
            continue;
        }
        const uint32_t *ids = rk_cursor_ids(c, x, kernels, c->block);
        for (uint32_t i = 0, n = rk_cursor_n_in(c, c->block); i < n; i++) {
            if (ids[i] / 64 != at) {
                bits[at++] &= mask;
                memset(bits + at, 0, (ids[i] / 64 - at) * sizeof *bits);
                at = ids[i] / 64;
                mask = 0;
            }
            mask |= UINT64_C(1) << (ids[i] % 64);
        }
    }
    bits[at++] &= mask;
    memset(bits + at, 0, (n_words - at) * sizeof *bits);
}

uint64_t rk_search_all(rk_search_desk *desk, const rk_index *x, const rk_search *search, uint64_t *bits)
{
    size_t n_words = ((size_t)x->n_items + 63) / 64;
    uint64_t n_found = 0;
    memset(bits, 0, n_words * sizeof *bits);
    begin_lists(desk, x, search);
    size_t n_required = search->n_required < desk->n ? search->n_required : desk->n;
    sort_by_rarity(desk, n_required);
    for (size_t i = 0; n_words > 0 && i < (n_required > 0 ? n_required : desk->n); i++) {
        rk_cursor *c = &desk->cursors[desk->order[i]];
        if (i == 0 || n_required == 0) {
            set_all(c, x, desk->kernels, bits);
        } else {
            keep_common(c, x, desk->kernels, bits, n_words);
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
    const rk_list_kernels *kernels = &rk_list_kernels_generic;
    uint32_t score = 0;
    rk_cursor c;
    for (size_t i = 0; i < search->n_terms && i < RK_SEARCH_TERMS_MAX; i++) {
        begin_list(&c, x, kernels, &search->terms[i]);
        rk_cursor_seek(&c, x, item);
        uint32_t gain = rk_cursor_look_up(&c, x, kernels, item);
        if (gain == 0 && i < search->n_required) {
            return 0;
        }
        score += gain;
    }
    return (float)score / (float)RK_SCORE_ONE;
}
