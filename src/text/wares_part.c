/* wares_part.c - segments, who of them is dead, and snapshots of both. What a snapshot shows never changes; so a death
 * makes a copy of the segment's dead, one for all deaths of a draft.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/wares_parts.h"

/* ---- segments ---- */

void rk_wares_segment_release(rk_wares_segment *segment)
{
    if (!segment || atomic_fetch_sub(&segment->refs, 1) > 1) {
        return;
    }
    rk_index_close(segment->index);
    if (atomic_load(&segment->is_doomed)) {
        unlink(segment->path);
    }
    free(segment->path);
    free(segment);
}

/* The index becomes the segment's, or is closed. */
static rk_status segment_of(rk_index *index, const char *path, rk_wares_segment **out, rk_error *err)
{
    rk_wares_segment *segment = calloc(1, sizeof *segment);
    if (!segment || (path && !(segment->path = strdup(path)))) {
        free(segment);
        rk_index_close(index);
        return rk_fail_memory(err, "a segment");
    }
    atomic_init(&segment->refs, 1);
    segment->index = index;
    *out = segment;
    return RK_OK;
}

rk_status rk_wares_segment_open(const char *path, rk_wares_segment **out, rk_error *err)
{
    rk_index *index = NULL;
    rk_status status = rk_index_open(path, &index, err);
    return status ? status : segment_of(index, path, out, err);
}

/* The shelf as item tables in memory. */
static rk_status lay_out(const rk_shelf *shelf, rk_artefact **out, rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create_memory("products in memory", "items", &writer, err);
    status = status ? status : rk_shelf_write_items(shelf, writer, err);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    return rk_artefact_commit_memory(writer, out, err);
}

static rk_status write_index(const rk_dataset *items, const rk_index_options *options, const char *path,
                             const rk_run *run, rk_index **out, rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_artefact *artefact = NULL;
    rk_index_report report;
    rk_status status = path ? rk_artefact_create(path, "search", &writer, err)
                            : rk_artefact_create_memory("segment in memory", "search", &writer, err);
    status = status ? status : rk_index_add(writer, items, options, run, &report, err);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    if (path) {
        status = rk_artefact_commit(writer, NULL, err);
        return status ? status : rk_index_open(path, out, err);
    }
    status = rk_artefact_commit_memory(writer, &artefact, err);
    return status ? status : rk_index_open_artefact(artefact, out, err);
}

rk_status rk_wares_segment_of(const rk_dataset *items, const rk_index_options *options, const char *path,
                              const rk_run *run, rk_wares_segment **out, rk_error *err)
{
    rk_index *index = NULL;
    rk_status status = write_index(items, options, path, run, &index, err);
    return status ? status : segment_of(index, path, out, err);
}

rk_status rk_wares_segment_make(const rk_shelf *shelf, const rk_index_options *options, const char *path,
                                rk_wares_segment **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_dataset items = {0};
    rk_run run = {0};
    rk_status status = lay_out(shelf, &artefact, err);
    status = status ? status : rk_dataset_open_items(artefact, &items, err);
    status = status ? status : rk_wares_segment_of(&items, options, path, &run, out, err);
    rk_artefact_close(artefact);
    return status;
}

/* ---- the dead ---- */

static size_t bit_words(const rk_index *x) { return ((size_t)x->n_items + 63) / 64; }

rk_wares_dead *rk_wares_dead_new(const rk_index *x)
{
    rk_wares_dead *dead = calloc(1, sizeof *dead);
    if (dead) {
        atomic_init(&dead->refs, 1);
        dead->bits = calloc(bit_words(x) + 1, sizeof *dead->bits);
        dead->docs = calloc((size_t)x->n_terms + 1, RK_DEAD_COUNTS * sizeof *dead->docs);
        dead->words = calloc((size_t)x->words.names.n + 1, sizeof *dead->words);
    }
    if (dead && (!dead->bits || !dead->docs || !dead->words)) {
        rk_wares_dead_release(dead);
        dead = NULL;
    }
    return dead;
}

void rk_wares_dead_release(rk_wares_dead *dead)
{
    if (dead && atomic_fetch_sub(&dead->refs, 1) == 1) {
        free(dead->bits);
        free(dead->docs);
        free(dead->words);
        free(dead);
    }
}

/* The part's dead, to be changed. */
static rk_wares_dead *own_dead(rk_wares_part *part)
{
    const rk_index *x = part->segment->index;
    if (part->is_own) {
        return part->dead;
    }
    rk_wares_dead *own = rk_wares_dead_new(x);
    if (own && part->dead) {
        own->n = part->dead->n;
        memcpy(own->bits, part->dead->bits, bit_words(x) * sizeof *own->bits);
        memcpy(own->docs, part->dead->docs, (size_t)x->n_terms * RK_DEAD_COUNTS * sizeof *own->docs);
        memcpy(own->words, part->dead->words, x->words.names.n * sizeof *own->words);
        memcpy(own->sums, part->dead->sums, sizeof own->sums);
    }
    if (own) {
        rk_wares_dead_release(part->dead);
        part->dead = own;
        part->is_own = true;
    }
    return own;
}

rk_status rk_wares_kill(rk_wares_part *part, uint32_t item, rk_wares_reaper *reaper, rk_error *err)
{
    const rk_index *x = part->segment->index;
    if (rk_wares_is_dead(part, item)) {
        return RK_OK;
    }
    rk_status status = rk_index_terms_of(x, reaper->analyser, item, &reaper->terms, &reaper->words, err);
    rk_wares_dead *dead = status ? NULL : own_dead(part);
    if (!status && !dead) {
        status = rk_fail_memory(err, "the dead of a segment");
    }
    if (status) {
        return status;
    }
    const rk_index_hit *hits = reaper->terms.data;
    const uint32_t *words = reaper->words.data;
    for (size_t t = 0; t < reaper->terms.n; t++) {
        uint32_t *counts = dead->docs + (size_t)hits[t].term * RK_DEAD_COUNTS;
        counts[0]++;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            counts[1 + f] += hits[t].fields >> f & 1;
        }
    }
    for (size_t w = 0; w < reaper->words.n; w++) {
        dead->words[words[w]]++;
    }
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        uint64_t bytes = rk_field_bytes(&x->items, f, item);
        dead->sums[f].n += bytes > 0;
        dead->sums[f].bytes += bytes;
    }
    dead->bits[item / 64] |= UINT64_C(1) << (item % 64);
    dead->n++;
    return RK_OK;
}

rk_status rk_wares_part_load(const rk_wares_part *part, rk_shelf *shelf, rk_error *err)
{
    const rk_dataset *items = &part->segment->index->items;
    for (uint32_t i = 0; i < items->n_items; i++) {
        if (!rk_wares_is_dead(part, i) && !rk_shelf_take(shelf, items, i)) {
            return rk_fail_memory(err, "the products of a segment");
        }
    }
    return RK_OK;
}

/* ---- drafts ---- */

static void release_parts(rk_wares_part *parts, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        rk_wares_segment_release(parts[p].segment);
        rk_wares_dead_release(parts[p].dead);
    }
}

void rk_wares_draft_release(rk_wares_draft *draft)
{
    release_parts(draft->parts.data, draft->parts.n);
    rk_vec_release(&draft->parts);
}

rk_status rk_wares_draft_add(rk_wares_draft *draft, rk_wares_segment *segment, rk_wares_dead *dead, rk_error *err)
{
    rk_wares_part part = {.segment = segment, .dead = dead};
    if (!rk_vec_push(&draft->parts, &part)) {
        release_parts(&part, 1);
        return rk_fail_memory(err, "a list of segments");
    }
    return RK_OK;
}

void rk_wares_draft_cut(rk_wares_draft *draft, size_t begin, size_t end)
{
    rk_wares_part *parts = draft->parts.data;
    if (end == begin) {
        return;
    }
    release_parts(parts + begin, end - begin);
    memmove(parts + begin, parts + end, (draft->parts.n - end) * sizeof *parts);
    draft->parts.n -= end - begin;
}

rk_status rk_wares_draft_of(const rk_wares_snapshot *snapshot, rk_wares_draft *out, rk_error *err)
{
    rk_status status = RK_OK;
    *out = (rk_wares_draft){.parts = {.item_bytes = sizeof(rk_wares_part)}, .has_means = snapshot->has_means};
    memcpy(out->mean, snapshot->mean, sizeof out->mean);
    for (size_t p = 0; !status && p < snapshot->n_parts; p++) {
        const rk_wares_part *part = &snapshot->parts[p];
        atomic_fetch_add(&part->segment->refs, 1);
        if (part->dead) {
            atomic_fetch_add(&part->dead->refs, 1);
        }
        status = rk_wares_draft_add(out, part->segment, part->dead, err);
    }
    if (status) {
        rk_wares_draft_release(out);
    }
    return status;
}

/* ---- snapshots ---- */

/* The next segment of the corpus. */
static void add_part(rk_wares_snapshot *s, size_t p)
{
    rk_wares_part *part = &s->parts[p];
    const rk_index *x = part->segment->index;
    const rk_wares_dead *dead = part->dead;
    rk_corpus *c = &s->corpus;
    part->is_own = false;
    part->view = *x;
    part->view.whole = c;
    part->view.dead = dead ? dead->bits : NULL;
    part->view.dead_docs = dead ? dead->docs : NULL;
    part->view.dead_words = dead ? dead->words : NULL;
    s->segments[p] = (rk_segment){&part->view, (c->n_numbers + 63) / 64 * 64};
    c->n_numbers = s->segments[p].base + x->n_items;
    c->n_items += rk_wares_n_alive(part);
    c->n_segments++;
    s->n_items += x->n_items;
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        c->sums[f].n += x->sums[f].n - (dead ? dead->sums[f].n : 0);
        c->sums[f].bytes += x->sums[f].bytes - (dead ? dead->sums[f].bytes : 0);
    }
}

static bool has_room(const rk_wares_draft *draft)
{
    uint64_t n = 0;
    for (size_t p = 0; p < draft->parts.n; p++) {
        n += (uint64_t)((const rk_wares_part *)draft->parts.data)[p].segment->index->n_items + 63;
    }
    return n < UINT32_MAX;
}

static rk_status meet(const rk_wares_draft *draft, const rk_wares_tongue *tongue, rk_error *err)
{
    const rk_wares_part *parts = draft->parts.data;
    rk_status status = RK_OK;
    for (size_t p = 0; tongue->met && !status && p < draft->parts.n; p++) {
        if (!parts[p].segment->is_met) {
            status = rk_segmenter_meet(tongue->met, parts[p].segment->index->artefact, err);
            parts[p].segment->is_met = !status;
        }
    }
    return status;
}

rk_status rk_wares_draft_seal(rk_wares_draft *draft, const rk_wares_tongue *tongue, rk_wares_snapshot **out,
                              rk_error *err)
{
    if (!has_room(draft)) {
        return rk_fail(err, RK_BAD_INPUT, "a live index has at most 4,294,967,294 products and dead");
    }
    rk_status status = meet(draft, tongue, err);
    if (status) {
        return status;
    }
    rk_wares_snapshot *s = calloc(1, sizeof *s);
    rk_segment *segments = calloc(draft->parts.n + 1, sizeof *segments);
    if (!s || !segments) {
        free(s);
        free(segments);
        return rk_fail_memory(err, "a snapshot");
    }
    atomic_init(&s->refs, 1);
    s->has_means = draft->has_means;
    memcpy(s->mean, draft->mean, sizeof s->mean);
    s->n_parts = draft->parts.n;
    s->parts = rk_vec_move(&draft->parts);
    s->segments = segments;
    s->corpus = (rk_corpus){.segment = segments, .analysis = tongue->analysis, .synonyms = tongue->synonyms};
    memcpy(s->corpus.mean_bytes, s->mean, sizeof s->mean);
    for (size_t p = 0; p < s->n_parts; p++) {
        add_part(s, p);
    }
    *out = s;
    return RK_OK;
}

void rk_wares_snapshot_release(rk_wares_snapshot *snapshot)
{
    if (snapshot && atomic_fetch_sub(&snapshot->refs, 1) == 1) {
        release_parts(snapshot->parts, snapshot->n_parts);
        free(snapshot->parts);
        free(snapshot->segments);
        free(snapshot);
    }
}
