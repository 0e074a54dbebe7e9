/* error.c - see error.h. Formatted at once into a buffer of its own, so nothing borrowed outlives the call and
 * the old message may be an argument of the new one. Whatever a file or a command line smuggles into a message
 * (newlines, terminal escapes, half a UTF-8 character) leaves as '?': a message is one clean line.
 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"

static void make_printable(char *line)
{
    size_t n = strlen(line);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7f) {
            line[i] = '?';
        }
    }
    for (size_t good = 0; (good += rk_utf8_valid_prefix((rk_slice){line + good, n - good})) < n;) {
        line[good] = '?';
    }
}

/* Replaces the tail of a message that did not fit by "...". */
static void mark_cut(char *line, size_t n_bytes, int wanted)
{
    if (wanted >= 0 && (size_t)wanted >= n_bytes) {
        memcpy(line + n_bytes - 4, "...", 4);
    }
}

RK_PRINTF(4, 0)
static void put_message(rk_error *err, rk_status status, const char *prefix, const char *fmt, va_list args)
{
    char line[sizeof err->message];
    size_t used = strnlen(prefix, sizeof line / 2);
    memcpy(line, prefix, used);
    line[used] = '\0';
    mark_cut(line + used, sizeof line - used, vsnprintf(line + used, sizeof line - used, fmt, args));
    make_printable(line);
    memcpy(err->message, line, sizeof line);
    err->status = status;
}

rk_status rk_fail(rk_error *err, rk_status status, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        put_message(err, status, "", fmt, args);
        va_end(args);
    }
    return status;
}

/* "path:line:column: ", with unknown parts left out; a very long path keeps its end. */
static void format_place(rk_place at, char *out, size_t out_bytes)
{
    const char *path = at.path ? at.path : "";
    size_t n = strlen(path), room = out_bytes - 48;
    char spot[48] = "";
    if (at.line && at.column) {
        snprintf(spot, sizeof spot, "%zu:%zu: ", at.line, at.column);
    } else if (at.line) {
        snprintf(spot, sizeof spot, "%zu: ", at.line);
    }
    const char *gap = !n ? "" : spot[0] ? ":" : ": ";
    snprintf(out, out_bytes, "%s%s%s", n > room ? path + (n - room) : path, gap, spot);
}

rk_status rk_fail_at(rk_error *err, rk_place at, const char *fmt, ...)
{
    if (err) {
        char place[sizeof err->message / 2];
        format_place(at, place, sizeof place);
        va_list args;
        va_start(args, fmt);
        put_message(err, RK_BAD_INPUT, place, fmt, args);
        va_end(args);
    }
    return RK_BAD_INPUT;
}

rk_status rk_fail_errno(rk_error *err, rk_status status, int errno_value, const char *fmt, ...)
{
    if (!err) {
        return status;
    }
    char reason[128];
    va_list args;
    va_start(args, fmt);
    put_message(err, status, "", fmt, args);
    va_end(args);
    return rk_fail(err, status, "%s: %s", err->message, strerror_r(errno_value, reason, sizeof reason));
}

rk_status rk_fail_memory(rk_error *err, const char *what)
{
    return rk_fail(err, RK_NO_MEMORY, "not enough memory for %s", what);
}

int rk_exit_code(rk_status status)
{
    switch (status) {
    case RK_OK:
        return 0;
    case RK_BAD_USAGE:
        return 2;
    case RK_BAD_INPUT:
    case RK_NOT_FOUND:
        return 3;
    case RK_IO:
    case RK_NO_MEMORY:
    case RK_UNSUPPORTED:
    case RK_STOPPED:
        break;
    }
    return 1;
}
