/* together.c - the rarest list leads; the others jump to each of its items by the last items of their blocks, and
 * unpack a block only to look inside. Unlike a search it stops at the first few, so its time does not grow with the
 * lists.
 */
#include "text/together.h"

#include <string.h>

#include "text/index_parts.h"

typedef struct {
    uint32_t block, end, open; /* blocks of the list; the one in ids */
    uint32_t first, n;         /* of the list: block, postings */
    uint32_t n_here;
    uint32_t ids[RK_BLOCK] __attribute__((aligned(16)));
} list;

static void begin_list(const rk_index *x, uint32_t term, list *l)
{
    l->first = l->block = x->term_block[term];
    l->end = x->term_block[term + 1];
    l->n = x->term_docs[term];
    l->open = l->end;
}

static void open_block(const rk_index *x, list *l)
{
    if (l->open == l->block) {
        return;
    }
    const uint32_t *at = x->posting_id + (size_t)x->block_at[l->block] * 4;
    l->n_here = l->block + 1 < l->end ? RK_BLOCK : l->n - (l->block - l->first) * RK_BLOCK;
    if (x->block_bits[l->block] == RK_RAW_BITS) {
        memcpy(l->ids, at, l->n_here * sizeof *l->ids);
    } else {
        uint32_t before = l->block > l->first ? x->block_last[l->block - 1] : 0;
        rk_block_unpack(at, before, x->block_bits[l->block], l->ids);
    }
    l->open = l->block;
}

/* Whether a list has an item that is not before those asked for earlier. *is_over: neither this nor a later one. */
static bool has_item(const rk_index *x, list *l, uint32_t item, bool *is_over)
{
    uint32_t step = 1, low = l->block, high;
    while (low + step < l->end && x->block_last[low + step] < item) {
        low += step;
        step *= 2;
    }
    high = low + step < l->end ? low + step + 1 : l->end;
    while (low < high) { /* the first block that does not end before it */
        uint32_t middle = low + (high - low) / 2;
        if (x->block_last[middle] < item) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    l->block = low;
    *is_over = low == l->end;
    if (*is_over) {
        return false;
    }
    open_block(x, l);
    uint32_t begin = 0, end = l->n_here;
    while (begin < end) {
        uint32_t middle = begin + (end - begin) / 2;
        if (l->ids[middle] < item) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin < l->n_here && l->ids[begin] == item;
}

static bool is_dead(const rk_index *x, uint32_t item) { return x->dead && (x->dead[item / 64] >> (item % 64) & 1); }

/* Places of the terms, the rarest first. */
static void begin_lists(const rk_index *x, const uint32_t *terms, size_t n, list *lists)
{
    size_t rarest = 0;
    for (size_t i = 1; i < n; i++) {
        rarest = x->term_docs[terms[i]] < x->term_docs[terms[rarest]] ? i : rarest;
    }
    begin_list(x, terms[rarest], &lists[0]);
    for (size_t i = 1; i < n; i++) {
        begin_list(x, terms[i == rarest ? 0 : i], &lists[i]);
    }
}

size_t rk_together_count(const rk_index *x, const uint32_t *terms, size_t n_terms, size_t limit, size_t budget)
{
    list lists[RK_TOGETHER_TERMS_MAX];
    size_t n = 0, looked = 0;
    bool is_over = false;
    if (n_terms == 0 || n_terms > RK_TOGETHER_TERMS_MAX) {
        return 0;
    }
    begin_lists(x, terms, n_terms, lists);
    for (list *lead = &lists[0]; lead->block < lead->end && !is_over; lead->block++) {
        open_block(x, lead);
        for (uint32_t i = 0; i < lead->n_here && !is_over; i++) {
            uint32_t item = lead->ids[i];
            if (n == limit || looked++ == budget) {
                return n;
            }
            bool has_all = !is_dead(x, item);
            for (size_t t = 1; t < n_terms && has_all && !is_over; t++) {
                has_all = has_item(x, &lists[t], item, &is_over);
            }
            n += has_all && !is_over;
        }
    }
    return n;
}
