/* stream.c - see stream.h: the table of kinds, and the file that says which sources there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/kind.h"

static const rk_stream_kind *const kinds[] = {&rk_stream_kafka, &rk_stream_postgres};

struct rk_stream {
    const rk_stream_kind *kind;
    void *state;
};

/* ---- the file ---- */

typedef struct {
    const rk_yaml_node *sources;
} file_keys;

static const rk_key top_keys[] = {
    {"sources", RK_KEY_LIST, offsetof(file_keys, sources), true, .help = "where events come from, one map each"},
};

typedef struct {
    const char *name;
    const rk_yaml_node *kind[RK_COUNT_OF(kinds)];
} entry;

static const rk_key entry_keys[] = {
    {"name", RK_KEY_TEXT, offsetof(entry, name), true,
     .help = "letters, digits, - and _; part of the id of its events, so it should not change"},
    {"kafka", RK_KEY_MAP, offsetof(entry, kind[0]), .help = "a topic of Kafka"},
    {"postgres", RK_KEY_MAP, offsetof(entry, kind[1]), .help = "a table of PostgreSQL that grows"},
};
_Static_assert(RK_COUNT_OF(entry_keys) == RK_COUNT_OF(kinds) + 1, "a key for each kind");

static bool is_name(const char *name)
{
    static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t n = strlen(name);
    return n <= RK_STREAM_NAME_MAX && strspn(name, may) == n;
}

static rk_status check_name(const rk_streams *sources, const entry *e, rk_place at, rk_error *err)
{
    if (!is_name(e->name)) {
        return rk_fail_at(err, at, "the name of a source has up to %d letters, digits, '-' and '_', got '%.80s'",
                          RK_STREAM_NAME_MAX, e->name);
    }
    for (size_t i = 0; i < sources->n; i++) {
        if (strcmp(sources->specs[i].name, e->name) == 0) {
            return rk_fail_at(err, at, "there is a source '%s' already", e->name);
        }
    }
    return RK_OK;
}

/* The one kind whose key is there. */
static rk_status find_kind(const entry *e, rk_place at, size_t *which, rk_error *err)
{
    size_t n = 0;
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        if (e->kind[k]) {
            *which = k;
            n++;
        }
    }
    return n == 1 ? RK_OK : rk_fail_at(err, at, "source '%s' needs one of 'kafka' and 'postgres', got %zu", e->name, n);
}

static rk_status read_entry(const rk_yaml_node *node, rk_streams *out, rk_error *err)
{
    char what[RK_STREAM_NAME_MAX + 16];
    entry e = {0};
    size_t which = 0;
    rk_status status = rk_yaml_fill(node, "a source", entry_keys, RK_COUNT_OF(entry_keys), &e, err);
    status = status ? status : check_name(out, &e, node->at, err);
    status = status ? status : find_kind(&e, node->at, &which, err);
    if (status) {
        return status;
    }
    const rk_stream_kind *kind = kinds[which];
    if (!kind->open) {
        return rk_fail(err, RK_UNSUPPORTED, "%s:%zu: this reckon was built without %s", node->at.path, node->at.line,
                       kind->needs);
    }
    void *settings = rk_arena_take(&out->arena, 1, kind->settings_bytes, _Alignof(max_align_t));
    if (!settings) {
        return rk_fail_memory(err, "the sources of events");
    }
    snprintf(what, sizeof what, "source '%s'", e.name);
    status = rk_yaml_fill(e.kind[which], what, kind->keys, kind->n_keys, settings, err);
    status = status || !kind->check ? status : kind->check(settings, e.kind[which]->at, err);
    out->specs[out->n++] = (rk_stream_spec){e.name, kind, settings, node->at};
    return status;
}

static rk_status read_entries(rk_streams *out, rk_error *err)
{
    file_keys top = {0};
    rk_status status =
        rk_yaml_fill(rk_yaml_root(out->yaml), "the file of sources", top_keys, RK_COUNT_OF(top_keys), &top, err);
    if (!status && top.sources->n > RK_STREAMS_MAX) {
        return rk_fail_at(err, top.sources->at, "at most %d sources, got %u", RK_STREAMS_MAX, top.sources->n);
    }
    for (const rk_yaml_node *node = status ? NULL : top.sources->first; node && !status; node = node->next) {
        status = read_entry(node, out, err);
    }
    return status;
}

rk_status rk_streams_parse(rk_slice text, const char *path, rk_streams *out, rk_error *err)
{
    *out = (rk_streams){0};
    rk_status status = rk_yaml_parse(text, path, &out->yaml, err);
    return status ? status : read_entries(out, err);
}

rk_status rk_streams_read(const char *path, rk_streams *out, rk_error *err)
{
    *out = (rk_streams){0};
    rk_status status = rk_yaml_read(path, &out->yaml, err);
    return status ? status : read_entries(out, err);
}

void rk_streams_release(rk_streams *sources)
{
    rk_yaml_free(sources->yaml);
    rk_arena_release(&sources->arena);
    *sources = (rk_streams){0};
}

/* ---- a source ---- */

void rk_stream_sheet_release(rk_stream_sheet *sheet)
{
    rk_arena_release(&sheet->arena);
    rk_vec_release(&sheet->records);
}

rk_status rk_stream_add(rk_stream_sheet *sheet, const rk_stream_spec *spec, const char *place, rk_slice event,
                        rk_error *err)
{
    size_t n_name = strlen(spec->name) + 1 + strlen(place);
    char *name = rk_arena_take(&sheet->arena, n_name + 1, 1, 1);
    char *copy = rk_arena_copy(&sheet->arena, event.at, event.n);
    rk_stream_record *record = name && copy ? rk_vec_next(&sheet->records) : NULL;
    if (!record) {
        return rk_fail_memory(err, "records of a source");
    }
    snprintf(name, n_name + 1, "%s/%s", spec->name, place);
    *record = (rk_stream_record){{name, n_name}, {copy, event.n}};
    return RK_OK;
}

rk_status rk_stream_open(const rk_stream_spec *spec, const char *folder, rk_stream **out, rk_error *err)
{
    rk_stream *source = calloc(1, sizeof *source);
    if (!source) {
        return rk_fail_memory(err, "a source of events");
    }
    source->kind = spec->kind;
    rk_status status = spec->kind->open(spec, folder, &source->state, err);
    if (status) {
        free(source);
        return status;
    }
    *out = source;
    return RK_OK;
}

rk_status rk_stream_take(rk_stream *source, unsigned wait_ms, rk_stream_sheet *sheet, rk_error *err)
{
    rk_arena_clear(&sheet->arena);
    rk_vec_clear(&sheet->records);
    sheet->records.item_bytes = sizeof(rk_stream_record);
    sheet->n_left_out = 0;
    return source->kind->take(source->state, wait_ms, sheet, err);
}

rk_status rk_stream_settle(rk_stream *source, rk_error *err) { return source->kind->settle(source->state, err); }

void rk_stream_close(rk_stream *source)
{
    if (source) {
        source->kind->close(source->state);
        free(source);
    }
}
