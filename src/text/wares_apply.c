/* wares_apply.c - puts and deletions done to a draft: the old are killed, the new become a segment in memory.
 *
 * A segment a put would soon be too many to search. So a new one takes the last ones in memory with it as long as they
 * are not much larger than it has become itself: sizes then fall from one to the next, few segments remain, and each
 * product is indexed again only a few times before it goes to disk.
 */
#include <stdlib.h>

#include "text/wares_parts.h"

enum { ABSORB_MAX = 4096, ABSORB_TIMES = 3 };

/* Kills whoever has this id. */
static rk_status kill_id(rk_wares_draft *draft, rk_slice id, rk_wares_reaper *reaper, bool *was_there, rk_error *err)
{
    rk_wares_part *parts = draft->parts.data;
    *was_there = false;
    for (size_t p = 0; p < draft->parts.n; p++) {
        uint32_t item = rk_names_find(&parts[p].segment->index->items.items, id);
        if (item != RK_NO_ID && !rk_wares_is_dead(&parts[p], item)) {
            *was_there = true;
            return rk_wares_kill(&parts[p], item, reaper, err);
        }
    }
    return RK_OK;
}

/* Sets last[i]: whether no later op has the id of op i. */
static rk_status kill_all(rk_wares_draft *draft, rk_wares_op *ops, size_t n, rk_wares_reaper *reaper, bool *last,
                          rk_error *err)
{
    rk_interner *ids = rk_interner_new();
    rk_vec latest = {.item_bytes = sizeof(size_t)}; /* op of each id */
    rk_status status = ids ? RK_OK : rk_fail_memory(err, "the products of a log");
    for (size_t i = 0; !status && i < n; i++) {
        uint32_t id = rk_interner_add(ids, ops[i].product.id);
        if (id == RK_NO_ID || (id == latest.n && !rk_vec_push(&latest, &i))) {
            status = rk_fail_memory(err, "the products of a log");
            break;
        }
        size_t *before = (size_t *)latest.data + id;
        last[i] = true;
        if (*before == i) {
            status = kill_id(draft, ops[i].product.id, reaper, &ops[i].was_there, err);
        } else {
            ops[i].was_there = !ops[*before].is_delete;
            last[*before] = false;
            *before = i;
        }
    }
    rk_interner_free(ids);
    rk_vec_release(&latest);
    return status;
}

/* From which part on all are taken along by n new products. */
static size_t find_absorbed(const rk_wares_draft *draft, size_t n, size_t n_fixed)
{
    const rk_wares_part *parts = draft->parts.data;
    size_t from = draft->parts.n, sum = n;
    while (n > 0 && from > n_fixed && !parts[from - 1].segment->path) {
        size_t more = rk_wares_n_alive(&parts[from - 1]);
        if (more > ABSORB_TIMES * sum || sum + more > ABSORB_MAX) {
            break;
        }
        sum += more;
        from--;
    }
    return from;
}

static bool put_product(rk_shelf *shelf, const rk_wares_product *p)
{
    const rk_slice texts[RK_SHELF_TEXTS] = {[RK_SHELF_TITLE] = p->title,
                                            [RK_SHELF_CATEGORY] = p->category,
                                            [RK_SHELF_BRAND] = p->brand,
                                            [RK_SHELF_TEXT] = p->text};
    bool is_new, is_done = true;
    rk_shelf_item *item = rk_shelf_item_of(shelf, p->id, &is_new);
    for (rk_shelf_text t = 0; item && is_done && t < RK_SHELF_TEXTS; t++) {
        is_done = rk_shelf_put(shelf, item, t, texts[t], false);
    }
    for (size_t a = 0; item && is_done && a < p->n_attributes; a++) {
        is_done = rk_shelf_pair_add(shelf, item, p->attributes[a].name, p->attributes[a].value);
    }
    if (item) {
        item->price = p->price;
    }
    return item && is_done;
}

static rk_status fill_shelf(const rk_wares_draft *draft, size_t from, const rk_wares_op *ops, const bool *last,
                            size_t n, rk_shelf *shelf, rk_error *err)
{
    const rk_wares_part *parts = draft->parts.data;
    rk_status status = rk_shelf_init(shelf, err);
    for (size_t p = from; !status && p < draft->parts.n; p++) {
        status = rk_wares_part_load(&parts[p], shelf, err);
    }
    for (size_t i = 0; !status && i < n; i++) {
        if (last[i] && !ops[i].is_delete && !put_product(shelf, &ops[i].product)) {
            status = rk_fail_memory(err, "products");
        }
    }
    return status;
}

/* The first products of all say what lengths are measured by, until there are enough for a compaction. */
static rk_status add_segment(rk_wares_draft *draft, const rk_shelf *shelf, const rk_index_options *options,
                             rk_error *err)
{
    rk_wares_segment *segment = NULL;
    rk_index_options how = *options;
    how.has_means = draft->has_means;
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        how.mean[f] = draft->mean[f];
    }
    rk_status status = rk_wares_segment_make(shelf, &how, NULL, &segment, err);
    if (status) {
        return status;
    }
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        draft->mean[f] = segment->index->mean_bytes[f];
    }
    draft->has_means = true;
    return rk_wares_draft_add(draft, segment, NULL, err);
}

static void drop_empty(rk_wares_draft *draft, size_t n_fixed)
{
    for (size_t p = draft->parts.n; p > n_fixed; p--) {
        const rk_wares_part *part = (rk_wares_part *)draft->parts.data + p - 1;
        if (!part->segment->path && rk_wares_n_alive(part) == 0) {
            rk_wares_draft_cut(draft, p - 1, p);
        }
    }
}

rk_status rk_wares_apply(rk_wares_draft *draft, rk_wares_op *ops, size_t n, const rk_index_options *options,
                         size_t n_fixed, rk_wares_reaper *reaper, rk_error *err)
{
    rk_shelf shelf = {0};
    size_t n_new = 0;
    bool *last = calloc(n + 1, sizeof *last);
    rk_status status = last ? kill_all(draft, ops, n, reaper, last, err) : rk_fail_memory(err, "products");
    for (size_t i = 0; !status && i < n; i++) {
        n_new += last[i] && !ops[i].is_delete;
    }
    if (!status && n_new > 0) {
        size_t from = find_absorbed(draft, n_new, n_fixed);
        status = fill_shelf(draft, from, ops, last, n, &shelf, err);
        if (!status) {
            rk_wares_draft_cut(draft, from, draft->parts.n);
            status = add_segment(draft, &shelf, options, err);
        }
    }
    if (!status) {
        drop_empty(draft, n_fixed);
    }
    rk_shelf_release(&shelf);
    free(last);
    return status;
}
