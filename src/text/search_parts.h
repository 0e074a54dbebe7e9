/* search_parts.h - places in posting lists and the k best so far; for the files of a search only. */
#ifndef RECKON_TEXT_SEARCH_PARTS_H
#define RECKON_TEXT_SEARCH_PARTS_H

#include "text/index_parts.h"
#include "text/list_kernel.h"

/* A posting list being read. Look-ups ascend; candidates (search_levels.c) run ahead of them. Two blocks are kept
 * unpacked, of even and of odd number, so that both find what they need. */
typedef struct {
    uint32_t first, block, end; /* blocks of the list; where look-ups stand */
    uint32_t n;                 /* postings of the list */
    const uint8_t *levels;      /* [n] */
    uint32_t at;                /* in the block at hand: read by windows so far */
    uint32_t top, most;         /* its largest level; what it gives */
    uint32_t held[2];           /* blocks whose ids are unpacked; UINT32_MAX: none */
    /* of the search by levels */
    uint32_t least, rest;          /* postings of this level or more are candidates; the most that others give */
    uint32_t scan;                 /* block that candidates come from */
    uint32_t item, place;          /* the next candidate, UINT32_MAX: none; its place in that block */
    uint64_t marks[2];             /* candidates of the block behind it */
    uint32_t low;                  /* the smallest level seen in the sample */
    uint32_t sample;               /* levels in it */
    uint16_t above[RK_LEVELS + 1]; /* of them, those of a level or more */
    uint32_t gain[RK_LEVELS];      /* what each level gives */
    uint32_t ids[2][RK_BLOCK] __attribute__((aligned(64)));
} rk_cursor;

typedef struct {
    uint32_t item, score;
} rk_found;

struct rk_search_desk {
    const rk_list_kernels *kernels;
    rk_cursor *cursors; /* [RK_SEARCH_TERMS_MAX] */
    size_t n;
    size_t order[RK_SEARCH_TERMS_MAX];
    rk_found *heap; /* [capacity] the worst on top */
    size_t n_heap, k, capacity;
    uint32_t base;  /* number of the first item of the index at hand */
    uint32_t sum[]; /* of a window */
};

typedef struct {
    rk_search_desk *desk;
    const rk_index *index;
    const rk_list_kernels *kernels;
    const uint64_t *barred;
    size_t n_required;
    uint32_t below[RK_SEARCH_TERMS_MAX + 1]; /* the most that the first i terms of the order give together */
    size_t n_passive;                        /* terms of the order that are only looked up */
} rk_hunt;

static inline rk_cursor *rk_hunt_nth(const rk_hunt *h, size_t i) { return &h->desk->cursors[h->desk->order[i]]; }

/* What a candidate must be above; an equal score comes later, and so behind. */
static inline uint32_t rk_hunt_bar(const rk_hunt *h)
{
    return h->desk->n_heap < h->desk->k ? 0 : h->desk->heap[0].score;
}

/* An item with a score above the bar. Items must be offered in ascending order. */
void rk_hunt_offer(rk_hunt *h, uint32_t item, uint32_t score);

/* ---- places in lists ---- */

static inline bool rk_cursor_is_over(const rk_cursor *c) { return c->block == c->end; }

static inline uint32_t rk_cursor_n_in(const rk_cursor *c, uint32_t block)
{
    return block + 1 < c->end ? RK_BLOCK : c->n - (c->end - 1 - c->first) * RK_BLOCK;
}

static inline const uint8_t *rk_cursor_levels(const rk_cursor *c, uint32_t block)
{
    return c->levels + (size_t)(block - c->first) * RK_BLOCK;
}

/* The first block from `block` on that does not end before item; c->end: none. */
uint32_t rk_cursor_gallop(const rk_cursor *c, const rk_index *x, uint32_t block, uint32_t item);

static inline uint32_t rk_cursor_block_of(const rk_cursor *c, const rk_index *x, uint32_t block, uint32_t item)
{
    return block == c->end || x->block_last[block] >= item ? block : rk_cursor_gallop(c, x, block, item);
}

/* To the block that may hold item. */
static inline void rk_cursor_seek(rk_cursor *c, const rk_index *x, uint32_t item)
{
    uint32_t block = rk_cursor_block_of(c, x, c->block, item);
    c->at = block == c->block ? c->at : 0;
    c->block = block;
}

void rk_cursor_unpack(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels, uint32_t block);

/* The ids of a block; those beyond its end are UINT32_MAX. */
static inline const uint32_t *rk_cursor_ids(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels,
                                            uint32_t block)
{
    if (c->held[block % 2] != block) {
        rk_cursor_unpack(c, x, kernels, block);
    }
    return c->ids[block % 2];
}

/* What the list gives to item, 0: it has it not. To be asked after rk_cursor_seek. */
static inline uint32_t rk_cursor_look_up(rk_cursor *c, const rk_index *x, const rk_list_kernels *kernels, uint32_t item)
{
    if (rk_cursor_is_over(c)) {
        return 0;
    }
    const uint32_t *ids = rk_cursor_ids(c, x, kernels, c->block);
    uint32_t at = kernels->count_before(ids, item);
    return at < rk_cursor_n_in(c, c->block) && ids[at] == item ? c->gain[rk_cursor_levels(c, c->block)[at]] : 0;
}

/* The most that the block that may hold item gives; to be asked after rk_cursor_seek. */
static inline uint32_t rk_cursor_most_here(const rk_cursor *c, const rk_index *x)
{
    return rk_cursor_is_over(c) ? 0 : c->gain[x->block_most[c->block]];
}

static inline bool rk_has_bit(const uint64_t *bits, uint32_t item)
{
    return bits && (bits[item / 64] >> (item % 64) & 1);
}
static inline bool rk_hunt_is_barred(const rk_hunt *h, uint32_t item)
{
    return rk_has_bit(h->barred, item) || rk_has_bit(h->index->dead, item);
}

/* ---- by levels (search_levels.c) ---- */

/* Counts levels in a sample of each list; once, before the next two. */
void rk_hunt_sample(rk_hunt *h);
/* Says from which level on each list makes candidates, for the bar as it is; returns about how many there are. */
double rk_hunt_split(rk_hunt *h);
/* All items from `from` on. */
void rk_hunt_by_levels(rk_hunt *h, uint32_t from);

#endif
