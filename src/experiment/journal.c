/* journal.c - exposures first, then the events of the users they name; sorted at the end. */
#include "experiment/journal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "data/cell.h"
#include "data/flat.h"
#include "store/wal.h"

rk_journal_options rk_journal_defaults(void)
{
    return (rk_journal_options){.purchases = "purchase,order,buy,transaction", .clicks = "click,view"};
}

typedef struct {
    const rk_journal_options *options;
    rk_journal *journal;
    rk_vec shown, deeds;
    rk_arena scratch; /* of one record */
    rk_flat *flat;
} reading;

/* ---- exposures ---- */

static uint32_t intern(rk_interner *names, rk_slice name) { return name.n ? rk_interner_add(names, name) : RK_NO_ID; }

static const uint32_t *intern_all(reading *r, const rk_slice *items, size_t n)
{
    uint32_t *ids = RK_TAKE(&r->journal->arena, uint32_t, n);
    for (size_t i = 0; ids && i < n; i++) {
        ids[i] = rk_interner_add(r->journal->items, items[i]);
    }
    return ids;
}

static rk_status take_exposure(reading *r, const rk_exposure *e, rk_error *err)
{
    rk_journal *j = r->journal;
    rk_shown shown = {.time_s = e->time_s,
                      .user = rk_interner_add(j->users, e->user),
                      .experiment = intern(j->names, e->experiment),
                      .variant = intern(j->names, e->variant),
                      .variants = {intern(j->names, e->variants[0]), intern(j->names, e->variants[1])},
                      .scene = intern(j->names, e->scene),
                      .propensity = e->propensity,
                      .item = intern_all(r, e->items, e->n_items),
                      .n_items = e->n_items,
                      .place = e->place,
                      .place_propensity = e->place_propensity,
                      .choice = intern_all(r, e->choices, e->n_choices),
                      .n_choices = e->n_choices,
                      .asked_n = e->asked_n,
                      .asked_item = intern(j->items, e->asked_item),
                      .asked_basket = intern_all(r, e->asked_basket, e->n_asked_basket),
                      .n_asked_basket = e->n_asked_basket,
                      .cpu_ns = e->cpu_ns,
                      .bytes = e->bytes};
    const char *category = rk_arena_copy(&j->arena, e->asked_category.at, e->asked_category.n);
    shown.asked_category = (rk_slice){category, category ? e->asked_category.n : 0};
    if (e->teams) {
        shown.team = (const unsigned char *)rk_arena_copy(&j->arena, (const char *)e->teams, e->n_items);
    }
    bool is_done = shown.user != RK_NO_ID && shown.item && shown.choice && shown.asked_basket && category &&
                   (!e->teams || shown.team) && rk_vec_push(&r->shown, &shown);
    return is_done ? RK_OK : rk_fail_memory(err, "exposures");
}

static rk_status read_exposure(reading *r, rk_slice record, rk_place at, rk_error *err)
{
    rk_exposure exposure;
    rk_status status = rk_exposure_parse(record, at, &r->scratch, &exposure, err);
    r->journal->n_exposures++;
    return status ? status : take_exposure(r, &exposure, err);
}

/* ---- events ---- */

typedef struct {
    rk_slice user, item, type, price, quantity;
    int64_t time_s;
    bool has_time;
} event;

/* Fields that are not asked for are let pass. */
static bool take_member(event *e, const rk_flat_member *m)
{
    static const struct {
        const char *name;
        size_t at;
    } fields[] = {
        {"user", offsetof(event, user)},   {"item", offsetof(event, item)},         {"event", offsetof(event, type)},
        {"price", offsetof(event, price)}, {"quantity", offsetof(event, quantity)},
    };
    if (rk_slice_is(m->key, "time")) {
        e->has_time = rk_moment_parse(m->value, &e->time_s);
        return e->has_time;
    }
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        if (rk_slice_is(m->key, fields[f].name)) {
            *(rk_slice *)(void *)((char *)e + fields[f].at) = m->value;
        }
    }
    return true;
}

static bool is_listed(const char *list, rk_slice word)
{
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, ",");
        if (n == word.n && strncasecmp(at, word.at, n) == 0) {
            return true;
        }
        at += n + (at[n] == ',');
    }
    return false;
}

static rk_deed_kind kind_of(const rk_journal_options *options, rk_slice type)
{
    return type.n == 0 || is_listed(options->purchases, type) ? RK_DEED_PURCHASE
           : is_listed(options->clicks, type)                 ? RK_DEED_CLICK
                                                              : RK_DEED_OTHER;
}

static double number_or(rk_slice text, double otherwise)
{
    double value;
    return text.n > 0 && rk_parse_real(text, &value) ? value : otherwise;
}

static rk_status read_event(reading *r, rk_slice record, rk_place at, rk_error *err)
{
    event e = {.time_s = 0};
    rk_flat_member member;
    bool is_good = true;
    r->flat->scratch = &r->scratch;
    rk_flat_begin(r->flat, record);
    while (is_good && rk_flat_next(r->flat, &member)) {
        is_good = take_member(&e, &member);
    }
    if (!is_good || r->flat->fault || e.user.n == 0 || e.item.n == 0 || !e.has_time) {
        return rk_fail_at(err, at, "an event needs user, item and time, got '%.*s'",
                          (int)(record.n < 80 ? record.n : 80), record.at);
    }
    r->journal->n_events++;
    uint32_t user = rk_interner_find(r->journal->users, e.user);
    if (user == RK_NO_ID) {
        return RK_OK;
    }
    rk_deed deed = {e.time_s, user, rk_interner_add(r->journal->items, e.item), kind_of(r->options, e.type), 0};
    if (deed.kind == RK_DEED_PURCHASE) {
        deed.revenue = number_or(e.price, 0) * number_or(e.quantity, 1);
    }
    bool is_done = deed.item != RK_NO_ID && rk_vec_push(&r->deeds, &deed);
    return is_done ? RK_OK : rk_fail_memory(err, "events");
}

/* ---- a log ---- */

typedef rk_status read_record(reading *r, rk_slice record, rk_place at, rk_error *err);

static rk_status read_log(reading *r, const char *folder, read_record *read, const char *unit, const rk_run *run,
                          rk_error *err)
{
    enum { TOLD_EACH = 4096 };
    rk_wal_reader *log = NULL;
    rk_slice record = {"", 0};
    uint64_t number = 0;
    rk_status status = rk_wal_reader_open(folder, 0, &log, err);
    while (!status && record.at) {
        status = rk_wal_next(log, &number, &record, err);
        rk_arena_clear(&r->scratch);
        if (!status && record.at && record.n > 0) { /* 0: erased */
            status = read(r, record, (rk_place){folder, (size_t)number + 1, 0}, err);
        }
        if (number % TOLD_EACH == 0) {
            rk_progress(run, "reading", unit, number, 0);
        }
    }
    rk_wal_reader_close(log);
    return status;
}

/* ---- order ---- */

static int by_user_and_time(uint32_t user_a, int64_t time_a, uint32_t user_b, int64_t time_b)
{
    if (user_a != user_b) {
        return user_a < user_b ? -1 : 1;
    }
    return (time_a > time_b) - (time_a < time_b);
}

static int shown_order(const void *a, const void *b)
{
    const rk_shown *x = a, *y = b;
    return by_user_and_time(x->user, x->time_s, y->user, y->time_s);
}

static int deed_order(const void *a, const void *b)
{
    const rk_deed *x = a, *y = b;
    return by_user_and_time(x->user, x->time_s, y->user, y->time_s);
}

static rk_status settle(reading *r, rk_error *err)
{
    rk_journal *j = r->journal;
    j->n_shown = r->shown.n;
    j->n_deeds = r->deeds.n;
    j->shown = rk_vec_move(&r->shown);
    j->deed = rk_vec_move(&r->deeds);
    j->by_user = RK_TAKE(&j->arena, rk_journal_user, rk_interner_count(j->users));
    if (!j->by_user) {
        return rk_fail_memory(err, "users");
    }
    if (j->n_shown > 1) {
        qsort(j->shown, j->n_shown, sizeof *j->shown, shown_order);
    }
    if (j->n_deeds > 1) {
        qsort(j->deed, j->n_deeds, sizeof *j->deed, deed_order);
    }
    j->newest_s = INT64_MIN;
    for (size_t i = j->n_shown; i-- > 0;) {
        rk_journal_user *u = &j->by_user[j->shown[i].user];
        u->first_shown = i;
        u->n_shown++;
        j->newest_s = j->shown[i].time_s > j->newest_s ? j->shown[i].time_s : j->newest_s;
    }
    for (size_t i = j->n_deeds; i-- > 0;) {
        rk_journal_user *u = &j->by_user[j->deed[i].user];
        u->first_deed = i;
        u->n_deeds++;
        j->newest_s = j->deed[i].time_s > j->newest_s ? j->deed[i].time_s : j->newest_s;
    }
    return RK_OK;
}

/* ---- the whole ---- */

static rk_status read_both(reading *r, const rk_run *run, rk_error *err)
{
    rk_journal *j = r->journal;
    j->users = rk_interner_new();
    j->items = rk_interner_new();
    j->names = rk_interner_new();
    r->flat = calloc(1, sizeof *r->flat);
    if (!j->users || !j->items || !j->names || !r->flat) {
        return rk_fail_memory(err, "the logs");
    }
    rk_status status = read_log(r, r->options->exposures, read_exposure, "exposures", run, err);
    status = status ? status : read_log(r, r->options->events, read_event, "events", run, err);
    return status ? status : settle(r, err);
}

rk_status rk_journal_read(const rk_journal_options *options, const rk_run *run, rk_journal **out, rk_error *err)
{
    reading r = {.options = options,
                 .shown = {.item_bytes = sizeof(rk_shown)},
                 .deeds = {.item_bytes = sizeof(rk_deed)},
                 .journal = calloc(1, sizeof(rk_journal))};
    rk_status status = r.journal ? read_both(&r, run, err) : rk_fail_memory(err, "the logs");
    rk_vec_release(&r.shown);
    rk_vec_release(&r.deeds);
    rk_arena_release(&r.scratch);
    free(r.flat);
    if (status) {
        rk_journal_free(r.journal);
        return status;
    }
    *out = r.journal;
    return RK_OK;
}

void rk_journal_free(rk_journal *j)
{
    if (j) {
        rk_interner_free(j->users);
        rk_interner_free(j->items);
        rk_interner_free(j->names);
        free(j->shown);
        free(j->deed);
        rk_arena_release(&j->arena);
        free(j);
    }
}
