/* source.h - where events come from beside HTTP: streams and tables of others.
 *
 *   rk_streams_read("sources.yaml", &list, err);      the list, every key checked
 *   rk_stream_open(&list.specs[0], folder, &source, err);
 *   rk_stream_take(source, wait_ms, &sheet, err);     records in the order of the source
 *   ... the caller writes them to its log ...
 *   rk_stream_settle(source, err);                    the source need not give them again
 *
 * Who dies between taking and settling is given the same records again, each by the same name: a log that knows the
 * names keeps every record once.
 *
 * A kind is a row of the table in stream.c and a file. Threads: one at a time for each source.
 */
#ifndef RECKON_STREAM_SOURCE_H
#define RECKON_STREAM_SOURCE_H

#include "base/arena.h"
#include "base/vec.h"
#include "base/yaml.h"

enum { RK_STREAMS_MAX = 16, RK_STREAM_NAME_MAX = 64 };

/* name: "orders/0/4711", the source and the place in it. event: one JSON object, as the source has it. */
typedef struct {
    rk_slice name, event;
} rk_stream_record;

/* What one take has brought; the texts live in the arena until the next. Zero-initialise. */
typedef struct {
    rk_arena arena;
    rk_vec records;      /* rk_stream_record */
    uint64_t n_left_out; /* records without any content, which are no events */
} rk_stream_sheet;
void rk_stream_sheet_release(rk_stream_sheet *sheet);

typedef struct rk_stream_kind rk_stream_kind;
typedef struct {
    const char *name; /* letters, digits, '-' and '_'; of all its records, so it should not change */
    const rk_stream_kind *kind;
    const void *settings;
    rk_place at; /* in its file */
} rk_stream_spec;

typedef struct {
    rk_yaml *yaml; /* owns the texts */
    rk_arena arena;
    rk_stream_spec specs[RK_STREAMS_MAX];
    size_t n;
} rk_streams;

/* RK_BAD_INPUT with the place for whatever is wrong; RK_UNSUPPORTED for a kind that was not built in. */
RK_MUST_CHECK rk_status rk_streams_read(const char *path, rk_streams *out, rk_error *err);
RK_MUST_CHECK rk_status rk_streams_parse(rk_slice text, const char *path, rk_streams *out, rk_error *err);
void rk_streams_release(rk_streams *sources);

typedef struct rk_stream rk_stream;

/* folder: where a kind that must remember its place by itself does so, as NAME.place. spec is borrowed. A source that
 * cannot be reached now may open all the same, and fail when it is asked. */
RK_MUST_CHECK rk_status rk_stream_open(const rk_stream_spec *spec, const char *folder, rk_stream **out, rk_error *err);
/* Waits up to wait_ms for the first record. None is no failure. After a failure it may be asked again: it connects
 * anew where it has to, and gives again what was not settled. */
RK_MUST_CHECK rk_status rk_stream_take(rk_stream *source, unsigned wait_ms, rk_stream_sheet *sheet, rk_error *err);
/* All that was taken is kept. */
RK_MUST_CHECK rk_status rk_stream_settle(rk_stream *source, rk_error *err);
void rk_stream_close(rk_stream *source); /* accepts NULL; what is not settled stays so */

#endif
