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

/* The terms in a segment, the rarest of the corpus first; false: it has not all of them. */
static bool begin_lists(const rk_index *x, const rk_slice *terms, size_t n, size_t rarest, list *lists)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t term = rk_index_find(x, terms[i == 0 ? rarest : i == rarest ? 0 : i]);
        if (term == RK_NO_ID) {
            return false;
        }
        begin_list(x, term, &lists[i]);
    }
    return true;
}

typedef struct {
    size_t n, limit, looked, budget;
} tally;

static bool is_full(const tally *t) { return t->n == t->limit || t->looked == t->budget; }

static void count_in(const rk_index *x, list *lists, size_t n_terms, tally *t)
{
    bool is_over = false;
    for (list *lead = &lists[0]; lead->block < lead->end && !is_over; lead->block++) {
        open_block(x, lead);
        for (uint32_t i = 0; i < lead->n_here && !is_over && !is_full(t); i++) {
            uint32_t item = lead->ids[i];
            bool has_all = !is_dead(x, item);
            t->looked += has_all;
            for (size_t l = 1; l < n_terms && has_all && !is_over; l++) {
                has_all = has_item(x, &lists[l], item, &is_over);
            }
            t->n += has_all && !is_over;
        }
        is_over |= is_full(t);
    }
}

static size_t find_rarest(const rk_corpus *c, const rk_slice *terms, size_t n_terms)
{
    size_t rarest = 0;
    uint32_t fewest = UINT32_MAX;
    for (size_t i = 0; i < n_terms; i++) {
        uint32_t n = rk_corpus_docs(c, terms[i]);
        rarest = n < fewest ? i : rarest;
        fewest = n < fewest ? n : fewest;
    }
    return rarest;
}

size_t rk_together_count(const rk_corpus *c, const rk_slice *terms, size_t n_terms, size_t limit, size_t budget)
{
    list lists[RK_TOGETHER_TERMS_MAX];
    tally t = {.limit = limit, .budget = budget};
    if (n_terms == 0 || n_terms > RK_TOGETHER_TERMS_MAX) {
        return 0;
    }
    size_t rarest = find_rarest(c, terms, n_terms);
    for (size_t s = 0; s < c->n_segments && !is_full(&t); s++) {
        const rk_index *x = c->segment[s].index;
        if (begin_lists(x, terms, n_terms, rarest, lists)) {
            count_in(x, lists, n_terms, &t);
        }
    }
    return t.n;
}
