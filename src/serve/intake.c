/* intake.c - see intake.h. */
#include "serve/intake.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/wal.h"

struct rk_intake {
    rk_line *line;
    char folder[PATH_MAX];
    rk_wal *wal;
    const rk_pseudonyms *pseudonyms; /* NULL: users are kept under their own names */
    rk_erased *erased;
    rk_recent *recent;
    const rk_run *run;
    rk_intake_counts counts;

    /* The clerk's own. */
    rk_flat *flat;
    rk_arena arena;
    rk_text lines;        /* of the round */
    rk_vec ends;          /* size_t: where each line ends */
    rk_vec events;        /* rk_event: those that are new */
    rk_vec records;       /* rk_slice */
    rk_intmap *ids[2];    /* hash of an id to more of its hash: the newest, and those before */
    rk_intmap *round_ids; /* of the round, not yet on disk */
};

/* ---- ids ---- */

static uint64_t key_of(rk_slice id) { return rk_hash(id, 0); }

/* Never 0, which is a value not set yet. */
static uint32_t check_of(rk_slice id) { return (uint32_t)rk_hash(id, UINT64_C(0x9e3779b97f4a7c15)) | 1; }

static bool holds(const rk_intmap *map, rk_slice id)
{
    const uint32_t *check = map ? rk_intmap_find(map, key_of(id)) : NULL;
    return check && *check == check_of(id);
}

static bool note(rk_intmap *map, rk_slice id)
{
    uint32_t *check = rk_intmap_put(map, key_of(id), NULL);
    if (check) {
        *check = check_of(id);
    }
    return check != NULL;
}

static bool is_known(const rk_intake *in, rk_slice id)
{
    return id.n > 0 && (holds(in->ids[0], id) || holds(in->ids[1], id) || holds(in->round_ids, id));
}

/* What was kept: its id is known from now on, and the user has taken the item. Where memory is short an id is not
 * remembered, and a second sending would be kept twice: said, and counted on nowhere. */
static void learn(rk_intake *in, const rk_event *event)
{
    bool is_done = true;
    if (event->id.n > 0) {
        if (!in->ids[0] || rk_intmap_count(in->ids[0]) >= RK_INTAKE_IDS_MIN) {
            rk_intmap_free(in->ids[1]);
            in->ids[1] = in->ids[0];
            in->ids[0] = rk_intmap_new(1024);
        }
        is_done = in->ids[0] && note(in->ids[0], event->id);
    }
    bool is_return = event->quantity.n > 0 && event->quantity.at[0] == '-';
    is_done &= is_return || rk_recent_add(in->recent, event->user, event->item);
    if (!is_done) {
        rk_log(in->run, RK_LOG_WARNING, "memory is short: an event is in the log, but is not known to the server");
    }
}

/* ---- a round ---- */

static rk_batch *after(const rk_batch *batch) { return (rk_batch *)batch->waiting.next; }

static bool begin_round(rk_intake *in)
{
    rk_arena_clear(&in->arena);
    rk_text_clear(&in->lines);
    rk_vec_clear(&in->ends);
    rk_vec_clear(&in->events);
    rk_vec_clear(&in->records);
    rk_intmap_free(in->round_ids);
    in->round_ids = rk_intmap_new(64);
    return in->round_ids != NULL;
}

static bool hide_user(rk_intake *in, rk_slice *user)
{
    char *room = RK_TAKE(&in->arena, char, RK_PSEUDONYM_BYTES);
    if (!room || !rk_pseudonym_make(in->pseudonyms, *user, room)) {
        return false;
    }
    *user = (rk_slice){room, RK_PSEUDONYM_BYTES};
    return true;
}

/* Adds what is new of a batch to the round; a malformed one adds nothing. */
static void read_batch(rk_intake *in, rk_batch *batch)
{
    rk_event *events;
    size_t n;
    if (!rk_events_parse(batch->body, rk_clock_unix_s(), in->flat, &in->arena, &events, &n, &batch->problem)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_known(in, events[i].id)) {
            batch->n_duplicates++;
            continue;
        }
        in->lines.failed |= in->pseudonyms && !hide_user(in, &events[i].user);
        rk_event_write(&events[i], &in->lines);
        bool is_noted = events[i].id.n == 0 || note(in->round_ids, events[i].id);
        if (!is_noted || !rk_vec_push(&in->events, &events[i]) || !rk_vec_push(&in->ends, &in->lines.n)) {
            in->lines.failed = true; /* the round fails as a whole */
        }
        batch->n_accepted++;
    }
}

static rk_status keep(rk_intake *in, rk_error *err)
{
    size_t begin = 0;
    const size_t *end = in->ends.data;
    for (size_t i = 0; !in->lines.failed && i < in->ends.n; i++) {
        in->lines.failed = !rk_vec_push(&in->records, &(rk_slice){in->lines.at + begin, end[i] - begin});
        begin = end[i];
    }
    if (in->lines.failed) {
        return rk_fail_memory(err, "events");
    }
    return in->records.n > 0 ? rk_wal_append(in->wal, in->records.data, in->records.n, NULL, err) : RK_OK;
}

static void count(rk_intake *in, const rk_batch *batch)
{
    rk_intake_counts *c = &in->counts;
    if (batch->problem.status) {
        atomic_fetch_add_explicit(&c->n_refused, 1, memory_order_relaxed);
        return;
    }
    atomic_fetch_add_explicit(&c->n_accepted, batch->n_accepted, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->n_duplicates, batch->n_duplicates, memory_order_relaxed);
}

/* Shares the round's processor time out: what all the batches ask for together is done once. */
static void share_cpu(rk_batch *batches, int64_t cpu_ns)
{
    double bytes = 0;
    for (rk_batch *b = batches; b; b = after(b)) {
        bytes += (double)b->body.n + 1;
    }
    for (rk_batch *b = batches; b; b = after(b)) {
        b->cpu_ns = (uint64_t)((double)cpu_ns * ((double)b->body.n + 1) / bytes);
    }
}

static void note_round(rk_intake *in, int64_t oldest_ns, bool is_kept)
{
    atomic_store_explicit(&in->counts.lag_ns, rk_clock_ns() - oldest_ns, memory_order_relaxed);
    if (is_kept) {
        atomic_store_explicit(&in->counts.newest_unix_s, rk_clock_unix_s(), memory_order_relaxed);
    }
}

static void answer(rk_intake *in, rk_batch *batches, const rk_error *err)
{
    for (rk_batch *b = batches, *next; b; b = next) {
        next = after(b); /* the batch may be gone once it is done */
        if (err->status && !b->problem.status) {
            rk_problem_set(&b->problem, 503, NULL, "the events could not be kept: %.200s", err->message);
        }
        count(in, b);
        atomic_fetch_sub_explicit(&in->counts.n_waiting, 1, memory_order_relaxed);
        b->done(b);
    }
}

/* The clerk's, in his thread. */
static void do_round(void *context, rk_waiting *waiting)
{
    rk_intake *in = context;
    rk_batch *batches = (rk_batch *)waiting;
    rk_error err = {0};
    int64_t began_ns = rk_clock_thread_ns();
    if (!begin_round(in)) {
        rk_fail_memory(&err, "events");
    }
    for (rk_batch *b = batches; !err.status && b; b = after(b)) {
        read_batch(in, b);
    }
    if (!err.status && keep(in, &err)) {
        rk_log(in->run, RK_LOG_WARNING, "events refused: %s", err.message);
    }
    const rk_event *events = in->events.data;
    for (size_t i = 0; !err.status && i < in->events.n; i++) {
        learn(in, &events[i]);
    }
    share_cpu(batches, rk_clock_thread_ns() - began_ns);
    note_round(in, waiting->handed_ns, !err.status && in->events.n > 0);
    rk_line_is_through(in->line);
    answer(in, batches, &err);
}

bool rk_intake_hand_in(rk_intake *in, rk_batch *batch)
{
    batch->n_accepted = batch->n_duplicates = 0;
    batch->problem = (rk_problem){0};
    atomic_fetch_add_explicit(&in->counts.n_waiting, 1, memory_order_relaxed);
    bool is_taken = rk_line_hand_in(in->line, &batch->waiting);
    if (!is_taken) {
        atomic_fetch_sub_explicit(&in->counts.n_waiting, 1, memory_order_relaxed);
    }
    return is_taken;
}

rk_line *rk_intake_line(rk_intake *in) { return in->line; }

rk_wal *rk_intake_log(rk_intake *in) { return in->wal; }

const char *rk_intake_folder(const rk_intake *in) { return in->folder; }

rk_recent *rk_intake_recent(rk_intake *in) { return in->recent; }

rk_erased *rk_intake_erased(rk_intake *in) { return in->erased; }

const rk_intake_counts *rk_intake_counts_of(const rk_intake *in) { return &in->counts; }

/* ---- beginning and end ---- */

/* What the log holds is known before the first request. */
static rk_status replay(rk_intake *in, const char *folder, rk_error *err)
{
    rk_wal_reader *reader = NULL;
    rk_slice record = {"", 0};
    rk_status status = rk_wal_reader_open(folder, 0, &reader, err);
    while (!status && record.at) {
        uint64_t number;
        rk_event *events;
        size_t n;
        rk_problem problem = {0};
        status = rk_wal_next(reader, &number, &record, err);
        rk_arena_clear(&in->arena);
        if (!status && record.at && record.n == 0) {
            continue; /* erased */
        }
        if (!status && record.at && !rk_events_parse(record, 0, in->flat, &in->arena, &events, &n, &problem)) {
            status = rk_fail(err, RK_BAD_INPUT, "%.200s: record %" PRIu64 " is no event: %.150s", folder, number,
                             problem.detail);
        } else if (!status && record.at) {
            learn(in, events);
        }
    }
    rk_wal_reader_close(reader);
    return status;
}

static rk_status open_parts(rk_intake *in, const char *folder, rk_error *err)
{
    rk_wal_found found = {0};
    in->flat = calloc(1, sizeof *in->flat);
    if (!in->flat) {
        return rk_fail_memory(err, "a reader of events");
    }
    rk_status status = rk_wal_open(folder, (rk_wal_options){0}, &in->wal, &found, err);
    status = status ? status : rk_erase_open(folder, in->wal, in->run, &in->erased, err);
    status = status ? status : replay(in, folder, err);
    if (status) {
        return status;
    }
    if (found.cut_bytes > 0) {
        rk_log(in->run, RK_LOG_WARNING, "%s: cut off %" PRIu64 " bytes that were never acknowledged", folder,
               found.cut_bytes);
    }
    rk_log(in->run, RK_LOG_INFO, "%s: %" PRIu64 " events of %u users", folder, found.end - found.first,
           rk_recent_n_users(in->recent));
    return rk_line_start(do_round, in, &in->line, err);
}

rk_status rk_intake_start(const char *folder, const rk_pseudonyms *pseudonyms, rk_recent *recent, const rk_run *run,
                          rk_intake **out, rk_error *err)
{
    rk_intake *in = calloc(1, sizeof *in);
    *out = NULL;
    if (!in) {
        return rk_fail_memory(err, "the intake of events");
    }
    snprintf(in->folder, sizeof in->folder, "%s", folder);
    in->recent = recent;
    in->pseudonyms = pseudonyms;
    in->run = run;
    in->ends.item_bytes = sizeof(size_t);
    in->events.item_bytes = sizeof(rk_event);
    in->records.item_bytes = sizeof(rk_slice);
    rk_status status = open_parts(in, folder, err);
    if (status) {
        rk_intake_free(in);
        return status;
    }
    *out = in;
    return RK_OK;
}

void rk_intake_stop(rk_intake *in)
{
    if (in) {
        rk_line_stop(in->line);
    }
}

void rk_intake_free(rk_intake *in)
{
    if (!in) {
        return;
    }
    rk_line_free(in->line);
    rk_wal_close(in->wal);
    rk_erased_close(in->erased);
    rk_intmap_free(in->ids[0]);
    rk_intmap_free(in->ids[1]);
    rk_intmap_free(in->round_ids);
    rk_vec_release(&in->ends);
    rk_vec_release(&in->events);
    rk_vec_release(&in->records);
    rk_text_release(&in->lines);
    rk_arena_release(&in->arena);
    free(in->flat);
    free(in);
}
