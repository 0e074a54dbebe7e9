/* wares_search.c - a question to a snapshot: read and answered by each part, which knows of the whole what it must
 * (index_parts.h: rk_whole), and the parts' answers put together. Parts stand in the order in which their items were
 * put, so that of equal scores the earlier part's comes first.
 */
#include <stdlib.h>
#include <string.h>

#include "text/wares_parts.h"

struct rk_wares_asker {
    rk_wares *live;
    rk_wares_snapshot *snapshot;
    rk_asker **askers; /* [n_parts of the snapshot] */
    size_t n;
    rk_search_desk *desk;
};

static void let_go(rk_wares_asker *a)
{
    for (size_t p = 0; p < a->n; p++) {
        rk_asker_free(a->askers[p]);
    }
    free(a->askers);
    a->askers = NULL;
    a->n = 0;
    rk_wares_snapshot_release(a->snapshot);
    a->snapshot = NULL;
}

static rk_status take_hold(rk_wares_asker *a, rk_wares_snapshot *snapshot, rk_error *err)
{
    a->snapshot = snapshot;
    a->askers = calloc(snapshot->n_parts + 1, sizeof(rk_asker *));
    rk_status status = a->askers ? RK_OK : rk_fail_memory(err, "a reader of questions");
    for (size_t p = 0; !status && p < snapshot->n_parts; p++) {
        status = rk_asker_new(&snapshot->parts[p].view, &a->askers[p], err);
        a->n += status == RK_OK;
    }
    return status;
}

rk_status rk_wares_asker_refresh(rk_wares_asker *a, rk_error *err)
{
    rk_wares_snapshot *now = rk_wares_take(a->live);
    if (now == a->snapshot && a->n == now->n_parts) {
        rk_wares_snapshot_release(now);
        return RK_OK;
    }
    let_go(a);
    return take_hold(a, now, err);
}

rk_status rk_wares_asker_new(rk_wares *live, rk_wares_asker **out, rk_error *err)
{
    rk_wares_asker *a = calloc(1, sizeof *a);
    if (!a || !(a->desk = rk_search_desk_new())) {
        free(a);
        return rk_fail_memory(err, "a reader of questions");
    }
    a->live = live;
    rk_status status = take_hold(a, rk_wares_take(live), err);
    if (status) {
        rk_wares_asker_free(a);
        return status;
    }
    *out = a;
    return RK_OK;
}

void rk_wares_asker_free(rk_wares_asker *a)
{
    if (a) {
        let_go(a);
        rk_search_desk_free(a->desk);
        free(a);
    }
}

/* ---- the parts' answers put together ---- */

/* Words that no part knows: those of the first that all others have, too. */
static void keep_common(rk_wares_findings *out, const rk_question *q, bool is_first)
{
    size_t n = 0;
    if (is_first) {
        memcpy(out->unknown, q->unknown, sizeof out->unknown);
        out->n_unknown = q->n_unknown;
        return;
    }
    for (size_t i = 0; i < out->n_unknown; i++) {
        bool is_common = false;
        for (size_t k = 0; k < q->n_unknown; k++) {
            is_common |= q->unknown[k].at == out->unknown[i].at;
        }
        if (is_common) {
            out->unknown[n++] = out->unknown[i];
        }
    }
    out->n_unknown = n;
}

/* The n best of both, from after what is there already where scores are equal. */
static void merge_in(const rk_findings *f, const rk_dataset *items, size_t n, rk_wares_found *room,
                     rk_wares_findings *out)
{
    size_t a = 0, b = 0, k = 0;
    while (k < n && (a < out->n || b < f->n)) {
        bool is_old = a < out->n && (b == f->n || out->found[a].score >= f->score[b]);
        room[k++] = is_old ? out->found[a++] : (rk_wares_found){items, f->item[b], f->score[b]};
        b += !is_old;
    }
    memcpy(out->found, room, k * sizeof *room);
    out->n = k;
}

static bool is_only_words(const rk_question *q)
{
    return q->n_without + q->n_phrases + q->n_conditions == 0 && q->n_terms > 0 && !q->is_impossible;
}

/* Only words: one search over all parts, each with the bar that those before have set. */
static rk_status find_by_words(rk_wares_asker *a, const rk_question *questions, size_t n, rk_arena *arena,
                               rk_wares_findings *out, rk_error *err)
{
    const rk_wares_snapshot *s = a->snapshot;
    rk_search_part *parts = RK_TAKE(arena, rk_search_part, s->n_parts);
    rk_search *searches = RK_TAKE(arena, rk_search, s->n_parts);
    uint32_t *items = RK_TAKE(arena, uint32_t, n);
    float *scores = RK_TAKE(arena, float, n);
    size_t n_parts = 0;
    if (!parts || !searches || !items || !scores) {
        return rk_fail_memory(err, "findings");
    }
    for (size_t p = 0; p < s->n_parts; p++) {
        const rk_question *q = &questions[p];
        const rk_index *x = &s->parts[p].view;
        uint64_t *bits = RK_TAKE(arena, uint64_t, ((size_t)x->n_items + 63) / 64);
        if (!bits) {
            return rk_fail_memory(err, "findings");
        }
        if (is_only_words(q)) {
            searches[n_parts] = (rk_search){q->term, q->n_terms, q->n_required, NULL};
            parts[n_parts] = (rk_search_part){x, &searches[n_parts], s->parts[p].base};
            out->total += rk_search_all(a->desk, x, &searches[n_parts++], bits);
        }
    }
    out->n = rk_search_best_of(a->desk, parts, n_parts, n, items, scores);
    for (size_t i = 0; i < out->n; i++) {
        size_t p = s->n_parts - 1;
        while (s->parts[p].base > items[i]) {
            p--;
        }
        out->found[i] = (rk_wares_found){&s->parts[p].segment->index->items, items[i] - s->parts[p].base, scores[i]};
    }
    return RK_OK;
}

rk_status rk_wares_ask(rk_wares_asker *a, rk_slice text, size_t n, rk_arena *arena, rk_wares_findings *out,
                       rk_error *err)
{
    const rk_wares_snapshot *s = a->snapshot;
    rk_status status = RK_OK;
    n = n < RK_PAGE_DEPTH_MAX ? n : RK_PAGE_DEPTH_MAX;
    n = n < s->whole.n_items ? n : (size_t)s->whole.n_items;
    rk_question *questions = RK_TAKE(arena, rk_question, s->n_parts);
    rk_wares_found *room = RK_TAKE(arena, rk_wares_found, n);
    *out = (rk_wares_findings){.found = RK_TAKE(arena, rk_wares_found, n)};
    if (!questions || !room || !out->found) {
        return rk_fail_memory(err, "findings");
    }
    bool has_only_words = true;
    for (size_t p = 0; !status && p < s->n_parts; p++) {
        const rk_question *q = &questions[p];
        status = rk_question_read(a->askers[p], text, &questions[p], err);
        has_only_words &= q->n_without + q->n_phrases + q->n_conditions == 0;
        keep_common(out, q, p == 0);
    }
    if (!status && has_only_words) {
        return find_by_words(a, questions, n, arena, out, err);
    }
    for (size_t p = 0; !status && p < s->n_parts; p++) {
        rk_findings f;
        status = rk_question_answer(a->askers[p], &questions[p], n, arena, &f, err);
        if (!status) {
            out->total += f.total;
            merge_in(&f, &s->parts[p].segment->index->items, n, room, out);
        }
    }
    return status;
}
