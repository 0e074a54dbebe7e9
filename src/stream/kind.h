/* kind.h - one kind of source: a row; for the files of this room. */
#ifndef RECKON_STREAM_KIND_H
#define RECKON_STREAM_KIND_H

#include "stream/stream.h"

enum { RK_STREAM_TAKE_MAX = 2000 }; /* records of one take */

/* As in stream.h; open is NULL where the library that it needs was not there when reckon was built. take is called
 * with an empty sheet, and asks rk_stream_add. */
struct rk_stream_kind {
    const char *name, *needs; /* the library */
    const rk_key *keys;       /* over the settings, whose size is settings_bytes */
    size_t n_keys, settings_bytes;
    /* What the table of keys cannot say; NULL: all is said. */
    rk_status (*check)(const void *settings, rk_place at, rk_error *err);
    rk_status (*open)(const rk_stream_spec *spec, const char *folder, void **state, rk_error *err);
    rk_status (*take)(void *state, unsigned wait_ms, rk_stream_sheet *sheet, rk_error *err);
    rk_status (*settle)(void *state, rk_error *err);
    void (*close)(void *state);
};

/* Copies one record; place: "0/4711". */
RK_MUST_CHECK rk_status rk_stream_add(rk_stream_sheet *sheet, const rk_stream_spec *spec, const char *place,
                                      rk_slice event, rk_error *err);

extern const rk_stream_kind rk_stream_kafka, rk_stream_postgres;

#endif
