/* event.c - a table of fields; the body is cut into objects, which data/flat.h reads. */
#include "serve/event.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "data/cell.h"

enum { TEXT_BYTES_MAX = 512, NUMBER_BYTES_MAX = 40 };

/* ---- fields ---- */

typedef enum { FIELD_NAME, FIELD_NUMBER, FIELD_TIME } field_kind;

typedef struct {
    const char *name;
    field_kind kind;
    size_t at; /* in rk_event */
    bool is_required;
    const char *kept; /* what the log and `reckon ingest` call it; NULL = the same */
} field;

static const field fields[] = {
    {"event_id", FIELD_NAME, offsetof(rk_event, id), false},
    {"user", FIELD_NAME, offsetof(rk_event, user), true},
    {"item", FIELD_NAME, offsetof(rk_event, item), true},
    {"type", FIELD_NAME, offsetof(rk_event, type), false, "event"},
    {"time", FIELD_TIME, offsetof(rk_event, time_s), false},
    {"quantity", FIELD_NUMBER, offsetof(rk_event, quantity), false},
    {"price", FIELD_NUMBER, offsetof(rk_event, price), false},
    {"value", FIELD_NUMBER, offsetof(rk_event, value), false},
};

static const field *find_field(rk_slice name)
{
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        if (rk_slice_is(name, fields[f].name) || (fields[f].kept && rk_slice_is(name, fields[f].kept))) {
            return &fields[f];
        }
    }
    return NULL;
}

static bool has_control(rk_slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* NULL: the value is good and is in the event. */
static const char *take_value(const field *f, const rk_flat_member *m, rk_event *event)
{
    rk_amount amount;
    bool is_text = m->kind == RK_FLAT_TEXT, is_number = m->kind == RK_FLAT_NUMBER;
    switch (f->kind) {
    case FIELD_NAME:
        if ((!is_text && !is_number) || m->value.n == 0 || m->value.n > TEXT_BYTES_MAX || has_control(m->value)) {
            return "must be a text of 1 to 512 bytes without control characters";
        }
        break;
    case FIELD_NUMBER:
        if (!is_number || m->value.n > NUMBER_BYTES_MAX || !rk_amount_parse(m->value, &amount)) {
            return "must be a number of at most 40 bytes";
        }
        break;
    case FIELD_TIME:
        return (is_text || is_number) && rk_moment_parse(m->value, &event->time_s)
                   ? NULL
                   : "must be a time, like \"2026-11-23T10:15:00Z\" or seconds since 1970";
    }
    *(rk_slice *)(void *)((char *)event + f->at) = m->value;
    return NULL;
}

/* ---- one object ---- */

static bool refuse(rk_problem *problem, size_t number, const char *name, const char *what)
{
    return rk_problem_set(problem, 400, name, "event %zu: %s%s%s", number, name ? name : "", name ? " " : "", what);
}

static bool refuse_key(rk_problem *problem, size_t number, rk_slice key)
{
    const char *names[RK_COUNT_OF(fields)];
    char word[64];
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        names[f] = fields[f].name;
    }
    snprintf(word, sizeof word, "%.*s", (int)(key.n < sizeof word ? key.n : sizeof word - 1), key.at);
    const char *nearest = rk_nearest_name(word, names, RK_COUNT_OF(fields));
    return rk_problem_set(problem, 400, NULL, "event %zu: there is no field '%s'%s%s%s", number, word,
                          nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool parse_one(rk_slice object, size_t number, rk_flat *flat, rk_event *event, rk_problem *problem)
{
    rk_flat_member member;
    rk_flat_begin(flat, object);
    while (rk_flat_next(flat, &member)) {
        const field *f = find_field(member.key);
        if (!f) {
            return refuse_key(problem, number, member.key);
        }
        const char *wrong = member.kind == RK_FLAT_NULL ? NULL : take_value(f, &member, event);
        if (wrong) {
            return refuse(problem, number, f->name, wrong);
        }
    }
    if (flat->fault) {
        return rk_problem_set(problem, 400, NULL, "event %zu: %s, at its byte %zu", number, flat->fault,
                              (size_t)(flat->fault_at - object.at) + 1);
    }
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        if (fields[f].is_required && ((const rk_slice *)(const void *)((const char *)event + fields[f].at))->n == 0) {
            return refuse(problem, number, fields[f].name, "is missing");
        }
    }
    return true;
}

/* ---- a body ---- */

typedef struct {
    const char *at, *end;
    int64_t now_s;
    rk_flat *flat;
    rk_vec events;
    rk_problem *problem;
} reading;

/* The next byte that is no blank; 0 at the end. */
static char look(reading *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n')) {
        r->at++;
    }
    return r->at < r->end ? *r->at : 0;
}

/* Behind the } that closes the { at `at`; end when there is none. */
static const char *object_end(const char *at, const char *end)
{
    size_t depth = 0;
    bool is_text = false;
    for (; at < end; at++) {
        if (is_text && *at == '\\') {
            at++;
        } else if (*at == '"') {
            is_text = !is_text;
        } else if (!is_text && *at == '{') {
            depth++;
        } else if (!is_text && *at == '}' && --depth == 0) {
            return at + 1;
        }
    }
    return end;
}

static bool read_one(reading *r)
{
    rk_event event = {.time_s = r->now_s};
    if (look(r) != '{') {
        return rk_problem_set(r->problem, 400, NULL, "event %zu: expected an object", r->events.n + 1);
    }
    if (r->events.n == RK_EVENTS_MAX) {
        return rk_problem_set(r->problem, 413, NULL, "more than %d events at once", (int)RK_EVENTS_MAX);
    }
    const char *after = object_end(r->at, r->end);
    if (!parse_one((rk_slice){r->at, (size_t)(after - r->at)}, r->events.n + 1, r->flat, &event, r->problem)) {
        return false;
    }
    r->at = after;
    return rk_vec_push(&r->events, &event) || rk_problem_set(r->problem, 503, NULL, "out of memory");
}

static bool read_array(reading *r)
{
    r->at++;
    for (bool is_more = look(r) != ']'; is_more;) {
        if (!read_one(r)) {
            return false;
        }
        is_more = look(r) == ',';
        r->at += is_more;
    }
    if (look(r) != ']') {
        return rk_problem_set(r->problem, 400, NULL, "event %zu: expected ',' or ']' behind it", r->events.n);
    }
    r->at++;
    return look(r) == 0 || rk_problem_set(r->problem, 400, NULL, "something stands behind the array of events");
}

static bool read_stream(reading *r)
{
    do {
        if (!read_one(r)) {
            return false;
        }
    } while (look(r) != 0);
    return true;
}

bool rk_events_parse(rk_slice body, int64_t now_s, rk_flat *flat, rk_arena *arena, rk_event **out, size_t *n,
                     rk_problem *problem)
{
    reading r = {body.at, body.at + body.n, now_s, flat, {.item_bytes = sizeof(rk_event)}, problem};
    flat->scratch = arena;
    bool is_good = look(&r) == '[' ? read_array(&r) : read_stream(&r);
    *n = is_good ? r.events.n : 0;
    *out = is_good ? RK_TAKE(arena, rk_event, *n) : NULL;
    if (is_good && !*out) {
        is_good = rk_problem_set(problem, 503, NULL, "out of memory");
    }
    if (is_good && *n > 0) {
        memcpy(*out, r.events.data, *n * sizeof **out);
    }
    rk_vec_release(&r.events);
    return is_good;
}

void rk_event_write(const rk_event *event, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        const rk_slice *value = (const rk_slice *)(const void *)((const char *)event + fields[f].at);
        const char *name = fields[f].kept ? fields[f].kept : fields[f].name;
        if (fields[f].kind == FIELD_TIME) {
            rk_json_i64(&json, name, event->time_s);
        } else if (value->n > 0 && fields[f].kind == FIELD_NAME) {
            rk_json_string(&json, name, *value);
        } else if (value->n > 0) {
            char number[NUMBER_BYTES_MAX + 1];
            snprintf(number, sizeof number, "%.*s", (int)value->n, value->at);
            rk_json_raw(&json, name, number);
        }
    }
    rk_json_end_object(&json);
}
