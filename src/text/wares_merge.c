/* wares_merge.c - segments merged: what is in memory goes to disk, with segments there that are not much larger, so
 * that sizes fall from one to the next and few segments remain; one that is mostly dead is written anew; and when the
 * means have drifted, all become one.
 *
 * A merge reads a snapshot, and puts and deletes go on meanwhile. Who died until it is done dies in the new segment,
 * too. Segments that are being merged stay in front (n_fixed), so that their places in the list stay as they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/wares_parts.h"

enum { MERGE_TIMES = 2, DRIFT_ITEMS = 1024, DRIFT_SHARE = 8, DEAD_SHARE = 3, RECORDS_MAX = 1 << 18 };

/* Parts [begin, end) become one; of all, means are measured anew. */
typedef struct {
    size_t begin, end;
    bool is_all;
} job;

typedef enum { WHEN_DUE, NOW, ALL } urgency;

/* ---- what is to be done ---- */

static bool has_drifted(const rk_wares *live, const rk_wares_snapshot *s)
{
    bool has = false;
    for (rk_field f = 0; live->n_changed >= DRIFT_ITEMS && s->has_means && f < RK_N_FIELDS; f++) {
        const rk_index_options *o = &live->options.index;
        const rk_field_sum *sum = &s->corpus.sums[f];
        double mean = sum->n > 0 ? (double)sum->bytes / (double)sum->n : s->mean[f];
        double apart = mean > s->mean[f] ? mean - s->mean[f] : s->mean[f] - mean;
        has |= o->weight[f] > 0 && o->b[f] > 0 && apart * DRIFT_SHARE > s->mean[f];
    }
    return has;
}

static size_t n_on_disk(const rk_wares_snapshot *s)
{
    size_t n = 0;
    while (n < s->n_parts && s->parts[n].segment->path) {
        n++;
    }
    return n;
}

static bool find_job(const rk_wares *live, const rk_wares_snapshot *s, urgency how, job *out)
{
    size_t n_disk = n_on_disk(s);
    rk_wares_load load = rk_wares_load_of(s);
    bool is_much = load.items >= live->options.flush_items || load.bytes >= live->options.flush_bytes;
    if (how == ALL || has_drifted(live, s)) {
        *out = (job){0, s->n_parts, true};
        return true;
    }
    uint64_t n_records = rk_wal_end(live->wal) - live->log_from; /* deletions alone leave nothing in memory */
    if (is_much || n_records >= RECORDS_MAX || (how == NOW && n_records > 0)) {
        *out = (job){n_disk, s->n_parts, false};
        while (out->begin > 0 && rk_wares_n_alive(&s->parts[out->begin - 1]) <= MERGE_TIMES * load.alive) {
            load.alive += rk_wares_n_alive(&s->parts[--out->begin]);
        }
        return true;
    }
    for (size_t p = 0; p < n_disk; p++) {
        if (s->parts[p].dead && (uint64_t)s->parts[p].dead->n * DEAD_SHARE > s->parts[p].segment->index->n_items) {
            *out = (job){p, p + 1, false};
            return true;
        }
    }
    return false;
}

bool rk_wares_is_due(const rk_wares *live, const rk_wares_snapshot *snapshot)
{
    job unused;
    return find_job(live, snapshot, WHEN_DUE, &unused);
}

/* ---- doing it ---- */

typedef struct {
    rk_wares *live;
    job job;
    rk_wares_snapshot *from;
    uint64_t log_from;
    char path[RK_WARES_PATH_BYTES];
    rk_wares_segment *made; /* NULL: nobody is alive */
} merge;

static rk_index_options options_of(const rk_wares *live, const double mean[RK_N_FIELDS], bool has_means)
{
    rk_index_options options = live->options.index;
    options.has_means = has_means;
    memcpy(options.mean, mean, sizeof options.mean);
    return options;
}

static rk_status write_segment(merge *m, rk_error *err)
{
    rk_shelf shelf = {0};
    rk_index_options options = options_of(m->live, m->from->mean, m->from->has_means && !m->job.is_all);
    rk_status status = rk_shelf_init(&shelf, err);
    for (size_t p = m->job.begin; !status && p < m->job.end; p++) {
        status = rk_wares_part_load(&m->from->parts[p], &shelf, err);
    }
    if (!status && shelf.about.n > 0) {
        status = rk_wares_segment_make(&shelf, &options, m->path, &m->made, err);
    }
    rk_shelf_release(&shelf);
    return status;
}

/* Who was alive when the merge began and is not any more: place in the new segment by place among the living. */
static rk_status bury(const merge *m, rk_wares_part *into, rk_error *err)
{
    uint32_t place = 0;
    rk_status status = RK_OK;
    for (size_t p = m->job.begin; p < m->job.end; p++) {
        const rk_wares_part *then = &m->from->parts[p], *now = &m->live->now->parts[p];
        for (uint32_t i = 0; !status && i < then->segment->index->n_items; i++) {
            if (rk_wares_is_dead(then, i)) {
                continue;
            }
            if (rk_wares_is_dead(now, i)) {
                status = rk_wares_kill(into, place, &m->live->reaper, err);
            }
            place++;
        }
    }
    return status;
}

/* A segment that came while the means were measured, by the new ones. */
static rk_status measure_anew(const merge *m, const rk_wares_part *part, rk_wares_draft *draft, rk_error *err)
{
    rk_shelf shelf = {0};
    rk_wares_segment *segment = NULL;
    rk_index_options options = options_of(m->live, draft->mean, draft->has_means);
    rk_status status = rk_shelf_init(&shelf, err);
    status = status ? status : rk_wares_part_load(part, &shelf, err);
    if (!status && shelf.about.n > 0) {
        status = rk_wares_segment_make(&shelf, &options, NULL, &segment, err);
        status = status ? status : rk_wares_draft_add(draft, segment, NULL, err);
    }
    rk_shelf_release(&shelf);
    return status;
}

static rk_status share(const rk_wares_part *part, rk_wares_draft *draft, rk_error *err)
{
    atomic_fetch_add(&part->segment->refs, 1);
    if (part->dead) {
        atomic_fetch_add(&part->dead->refs, 1);
    }
    return rk_wares_draft_add(draft, part->segment, part->dead, err);
}

/* The list of now with the new segment in the place of the old. Holds change. */
static rk_status compose(const merge *m, rk_wares_draft *draft, rk_error *err)
{
    const rk_wares_snapshot *now = m->live->now;
    rk_status status = RK_OK;
    draft->has_means = now->has_means;
    memcpy(draft->mean, now->mean, sizeof draft->mean);
    for (size_t p = 0; !status && p < m->job.begin; p++) {
        status = share(&now->parts[p], draft, err);
    }
    if (!status && m->job.is_all) {
        draft->has_means = m->made != NULL;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            draft->mean[f] = m->made ? m->made->index->mean_bytes[f] : 0;
        }
    }
    if (!status && m->made) {
        atomic_fetch_add(&m->made->refs, 1);
        status = rk_wares_draft_add(draft, m->made, NULL, err);
        status = status ? status : bury(m, (rk_wares_part *)draft->parts.data + draft->parts.n - 1, err);
    }
    for (size_t p = m->job.end; !status && p < now->n_parts; p++) {
        status = m->job.is_all ? measure_anew(m, &now->parts[p], draft, err) : share(&now->parts[p], draft, err);
        if (!status && m->job.is_all && !draft->has_means && draft->parts.n > 0) { /* the first of all */
            const rk_index *x = ((rk_wares_part *)draft->parts.data)[draft->parts.n - 1].segment->index;
            memcpy(draft->mean, x->mean_bytes, sizeof draft->mean);
            draft->has_means = true;
        }
    }
    return status;
}

static void doom_old(const merge *m)
{
    for (size_t p = m->job.begin; p < m->job.end; p++) {
        if (m->from->parts[p].segment->path) {
            atomic_store(&m->from->parts[p].segment->is_doomed, true);
        }
    }
}

/* Holds change. */
static rk_status swap(merge *m, rk_error *err)
{
    rk_wares *live = m->live;
    rk_wares_draft draft = {.parts = {.item_bytes = sizeof(rk_wares_part)}};
    rk_wares_snapshot *next = NULL;
    rk_wares_head head = {.index = live->options.index, .log_from = m->log_from, .next_file = live->next_file};
    rk_status status = compose(m, &draft, err);
    status = status ? status : rk_wares_draft_seal(&draft, &live->tongue, &next, err);
    status = status ? status : rk_wares_manifest_write(live->folder, &head, next, err);
    rk_wares_draft_release(&draft);
    if (status) {
        rk_wares_snapshot_release(next);
        return status;
    }
    live->log_from = m->log_from;
    live->n_changed = m->job.is_all ? 0 : live->n_changed;
    doom_old(m);
    rk_wares_publish(live, next);
    return rk_wal_drop(live->wal, m->log_from, err);
}

/* Holds merging. */
static rk_status do_job(rk_wares *live, urgency how, bool *was_idle, rk_error *err)
{
    merge m = {.live = live};
    pthread_mutex_lock(&live->change);
    *was_idle = !find_job(live, live->now, how, &m.job);
    if (!*was_idle) {
        m.from = rk_wares_take(live);
        m.log_from = m.job.end == m.from->n_parts ? rk_wal_end(live->wal) : live->log_from;
        live->n_fixed = m.job.end;
        snprintf(m.path, sizeof m.path, "%s/segment-%llu.rk", live->folder, (unsigned long long)live->next_file++);
    }
    pthread_mutex_unlock(&live->change);
    if (*was_idle) {
        return RK_OK;
    }
    rk_status status = write_segment(&m, err);
    pthread_mutex_lock(&live->change);
    status = status ? status : swap(&m, err);
    live->n_fixed = 0;
    if (status && m.made && !rk_wares_manifest_names(live->folder, m.path)) {
        atomic_store(&m.made->is_doomed, true);
    }
    snprintf(live->trouble, sizeof live->trouble, "%s", status && err ? err->message : "");
    pthread_mutex_unlock(&live->change);
    rk_wares_segment_release(m.made);
    rk_wares_snapshot_release(m.from);
    return status;
}

static rk_status merge_once(rk_wares *live, urgency how, rk_error *err)
{
    bool was_idle = false;
    if (!live->wal) {
        return rk_fail(err, RK_BAD_USAGE, "'%.200s' is open for reading only", live->folder);
    }
    pthread_mutex_lock(&live->merging);
    rk_status status = do_job(live, how, &was_idle, err);
    pthread_mutex_unlock(&live->merging);
    return status;
}

rk_status rk_wares_flush(rk_wares *live, rk_error *err) { return merge_once(live, NOW, err); }

rk_status rk_wares_compact(rk_wares *live, rk_error *err) { return merge_once(live, ALL, err); }

/* ---- the merger ---- */

/* Until woken, or, after trouble, for a second. Returns whether to go on. */
static bool wait_for_work(rk_wares *live, bool had_trouble)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_mutex_lock(&live->bell);
    int waited = 0;
    while (!live->is_ending && (had_trouble ? waited == 0 : !live->is_woken)) {
        waited = had_trouble ? pthread_cond_timedwait(&live->wake, &live->bell, &until)
                             : pthread_cond_wait(&live->wake, &live->bell);
    }
    live->is_woken = false;
    bool goes_on = !live->is_ending;
    pthread_mutex_unlock(&live->bell);
    return goes_on;
}

static void *run_merger(void *context)
{
    rk_wares *live = context;
    rk_error err = {0};
    rk_status status = RK_OK;
    for (bool was_idle = false; was_idle ? wait_for_work(live, false) : status ? wait_for_work(live, true) : true;) {
        pthread_mutex_lock(&live->bell);
        bool is_ending = live->is_ending;
        pthread_mutex_unlock(&live->bell);
        if (is_ending) {
            break;
        }
        pthread_mutex_lock(&live->merging);
        status = do_job(live, WHEN_DUE, &was_idle, &err);
        pthread_mutex_unlock(&live->merging);
    }
    return NULL;
}

rk_status rk_wares_merger_start(rk_wares *live, rk_error *err)
{
    int reason = pthread_create(&live->merger, NULL, run_merger, live);
    live->has_merger = reason == 0;
    return reason ? rk_fail_errno(err, RK_IO, reason, "cannot start the thread that merges") : RK_OK;
}

void rk_wares_merger_stop(rk_wares *live)
{
    if (live->has_merger) {
        pthread_mutex_lock(&live->bell);
        live->is_ending = true;
        pthread_cond_signal(&live->wake);
        pthread_mutex_unlock(&live->bell);
        pthread_join(live->merger, NULL);
        live->has_merger = false;
    }
}

void rk_wares_merger_wake(rk_wares *live)
{
    pthread_mutex_lock(&live->bell);
    live->is_woken = true;
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->bell);
}
