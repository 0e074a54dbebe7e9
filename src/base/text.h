/* text.h - a growable string, and JSON and CSV written into it.
 *
 * A failed allocation sets `failed` and turns later calls into no-ops: check once, at the end.
 * Numbers never follow a locale.
 */
#ifndef RECKON_BASE_TEXT_H
#define RECKON_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

typedef struct {
    char *at; /* owned; always NUL-terminated once something was added; NULL before */
    size_t n, capacity;
    bool failed;
} rk_text;

void rk_text_add(rk_text *text, const char *words);
void rk_text_add_slice(rk_text *text, rk_slice words);
void rk_text_addf(rk_text *text, const char *fmt, ...) RK_PRINTF(2, 3);
void rk_text_addv(rk_text *text, const char *fmt, va_list args) RK_PRINTF(2, 0);
/* The formatted words as long as the arena lives; NULL when memory is short. */
char *rk_arena_words(rk_arena *arena, const char *fmt, va_list args) RK_PRINTF(2, 0);
/* Room for n bytes more at the end, which count as added: to be filled by the caller. NULL when memory is short. */
char *rk_text_extend(rk_text *text, size_t n);
void rk_text_clear(rk_text *text);
void rk_text_release(rk_text *text);

/* Shortest decimal that reads back as the same double; NaN and infinity become "null". A float widened to a double
 * shows 17 digits: round it first where people or bytes count. */
void rk_text_add_real(rk_text *text, double value);
/* n_digits after the point, thousands separated by ',': for people. "n/a" for NaN. */
void rk_text_add_fixed(rk_text *text, double value, int n_digits);
/* "1.5 MB", "12.3 kB": powers of 1000, three figures. */
void rk_text_add_bytes(rk_text *text, double bytes);
/* "3.2 ms", "1 min 04 s". */
void rk_text_add_seconds(rk_text *text, double seconds);
/* One CSV cell, quoted when needed (RFC 4180); first = no comma before. */
void rk_text_add_cell(rk_text *text, rk_slice cell, bool first);
/* HTML with & < > " ' escaped. */
void rk_text_add_html(rk_text *text, rk_slice words);
/* A JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void rk_text_add_json(rk_text *text, rk_slice words);

/* JSON, one line, commas placed by the writer. Depth at most 32 (asserted). key = NULL inside arrays and at the top. */
typedef struct {
    rk_text *text; /* borrowed */
    unsigned depth;
    bool has_item[32];
} rk_json;

void rk_json_object(rk_json *json, const char *key); /* opens */
void rk_json_array(rk_json *json, const char *key);  /* opens */
void rk_json_end_object(rk_json *json);
void rk_json_end_array(rk_json *json);
void rk_json_string(rk_json *json, const char *key, rk_slice value);
void rk_json_cstring(rk_json *json, const char *key, const char *value); /* NULL writes null */
void rk_json_real(rk_json *json, const char *key, double value);
void rk_json_u64(rk_json *json, const char *key, uint64_t value);
void rk_json_i64(rk_json *json, const char *key, int64_t value);
void rk_json_bool(rk_json *json, const char *key, bool value);
void rk_json_null(rk_json *json, const char *key);
void rk_json_raw(rk_json *json, const char *key, const char *value); /* value is JSON already */

#endif
