/* record_json.c - one flat JSON object a line, read strictly without building a tree.
 *
 * Strict as RFC 8259: escapes, numbers, control characters and surrogate pairs are checked; nested values are walked
 * (to a depth of RK_JSON_DEPTH_MAX) and skipped; a mapped key given twice is an error. Strings without escapes and
 * numbers stay slices of the line. UTF-8 has been checked before.
 */
#include "data/record_cells.h"

#include <string.h>

enum { RK_JSON_DEPTH_MAX = 32 };

typedef struct {
    rk_cursor *cursor;
    const char *line, *at, *end;
    uint64_t line_number;
    rk_error *err;
} scanner;

static rk_status wrong(const scanner *s, const char *at, const char *what)
{
    int n = (int)(s->end - at < 24 ? s->end - at : 24);
    rk_place place = {s->cursor->path, s->line_number, (size_t)(at - s->line) + 1};
    return n > 0 ? rk_fail_at(s->err, place, "%s, got '%.*s'", what, n, at)
                 : rk_fail_at(s->err, place, "%s, got the end of the line", what);
}

static void skip_blanks(scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r')) {
        s->at++;
    }
}

static bool take(scanner *s, char wanted)
{
    if (s->at < s->end && *s->at == wanted) {
        s->at++;
        return true;
    }
    return false;
}

/* ---- strings ---- */

/* Four hex digits at c as a number, or -1. */
static int32_t hex4(const char *c, const char *end)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++, c++) {
        if (c >= end) {
            return -1;
        }
        int digit = *c >= '0' && *c <= '9'   ? *c - '0'
                    : *c >= 'a' && *c <= 'f' ? *c - 'a' + 10
                    : *c >= 'A' && *c <= 'F' ? *c - 'A' + 10
                                             : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* A \u0000 to \uffff (or a pair) whose 'u' is at *c; *c ends behind it. Returns the code point, or -1. */
static int32_t take_unicode(const char **c, const char *end)
{
    int32_t high = hex4(*c + 1, end);
    *c += 5;
    if (high < 0xD800 || high > 0xDFFF) {
        return high;
    }
    if (high > 0xDBFF || end - *c < 6 || (*c)[0] != '\\' || (*c)[1] != 'u') {
        return -1;
    }
    int32_t low = hex4(*c + 2, end);
    *c += 6;
    return low < 0xDC00 || low > 0xDFFF ? -1 : 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* Undoes the escapes of the string from open to close (both inside the quotes) into the cursor's scratch. */
static rk_status undo_escapes(scanner *s, const char *open, const char *close, rk_slice *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *text = rk_vec_extend(&s->cursor->scratch, NULL, (size_t)(close - open));
    if (!text) {
        return rk_fail_memory(s->err, "a string");
    }
    size_t n = 0;
    for (const char *c = open; c < close;) {
        if (*c != '\\') {
            text[n++] = *c++;
            continue;
        }
        const char *escape = c++;
        const char *known = c < close && *c ? strchr(from, *c) : NULL;
        if (known) {
            text[n++] = to[known - from];
            c++;
            continue;
        }
        int32_t code = c < close && *c == 'u' ? take_unicode(&c, close) : -1;
        if (code < 0) {
            return wrong(s, escape, "a valid escape is needed");
        }
        n += put_utf8(text + n, (uint32_t)code);
    }
    *out = (rk_slice){text, n};
    return RK_OK;
}

/* out NULL: only checked. */
static rk_status take_string(scanner *s, rk_slice *out)
{
    if (!take(s, '"')) {
        return wrong(s, s->at, "a string in quotes is needed");
    }
    const char *open = s->at;
    bool has_escape = false;
    for (; s->at < s->end && *s->at != '"'; s->at++) {
        if ((unsigned char)*s->at < 0x20) {
            return wrong(s, s->at, "a control character must be escaped");
        }
        if (*s->at == '\\') {
            has_escape = true;
            s->at++;
        }
    }
    if (s->at >= s->end) {
        return wrong(s, open - 1, "this string is never closed");
    }
    rk_slice text = {open, (size_t)(s->at - open)};
    s->at++;
    if (has_escape) {
        rk_status status = undo_escapes(s, open, open + text.n, &text);
        if (status) {
            return status;
        }
    }
    *out = text;
    return RK_OK;
}

/* ---- numbers, words, nested values ---- */

static size_t take_digits(scanner *s)
{
    const char *from = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
    return (size_t)(s->at - from);
}

static rk_status take_number(scanner *s, rk_slice *out)
{
    const char *from = s->at;
    (void)take(s, '-');
    bool is_zero = s->at < s->end && *s->at == '0';
    size_t n = take_digits(s);
    if (n == 0 || (is_zero && n > 1)) {
        return wrong(s, from, "a value is needed");
    }
    if (take(s, '.') && take_digits(s) == 0) {
        return wrong(s, from, "digits are needed behind the point");
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        if (!take(s, '+')) {
            (void)take(s, '-');
        }
        if (take_digits(s) == 0) {
            return wrong(s, from, "digits are needed in the exponent");
        }
    }
    *out = (rk_slice){from, (size_t)(s->at - from)};
    return RK_OK;
}

static bool take_word(scanner *s, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0) {
        return false;
    }
    s->at += n;
    return true;
}

static rk_status take_value(scanner *s, unsigned depth, rk_slice *out);

static rk_status skip_nested(scanner *s, unsigned depth, char close)
{
    rk_slice ignored;
    if (depth > RK_JSON_DEPTH_MAX) {
        return wrong(s, s->at, "values are nested too deeply");
    }
    skip_blanks(s);
    if (take(s, close)) {
        return RK_OK;
    }
    for (;;) {
        rk_status status = RK_OK;
        skip_blanks(s);
        if (close == '}') {
            status = take_string(s, &ignored);
            skip_blanks(s);
            if (status == RK_OK && !take(s, ':')) {
                status = wrong(s, s->at, "a ':' is needed behind a key");
            }
        }
        if (status == RK_OK) {
            status = take_value(s, depth, &ignored);
        }
        if (status) {
            return status;
        }
        skip_blanks(s);
        if (take(s, close)) {
            return RK_OK;
        }
        if (!take(s, ',')) {
            return wrong(s, s->at, close == '}' ? "a ',' or '}' is needed" : "a ',' or ']' is needed");
        }
    }
}

/* null, objects and arrays give an empty slice. */
static rk_status take_value(scanner *s, unsigned depth, rk_slice *out)
{
    skip_blanks(s);
    *out = (rk_slice){s->at, 0};
    const char *from = s->at;
    if (s->at < s->end && *s->at == '"') {
        return take_string(s, out);
    }
    if (take(s, '{')) {
        return skip_nested(s, depth + 1, '}');
    }
    if (take(s, '[')) {
        return skip_nested(s, depth + 1, ']');
    }
    if (take_word(s, "null")) {
        return RK_OK;
    }
    if (take_word(s, "true") || take_word(s, "false")) {
        *out = (rk_slice){from, (size_t)(s->at - from)};
        return RK_OK;
    }
    return take_number(s, out);
}

/* ---- a record ---- */

static rk_status take_member(scanner *s, rk_record *record)
{
    rk_slice key, value;
    const char *from = s->at;
    rk_status status = take_string(s, &key);
    if (status) {
        return status;
    }
    skip_blanks(s);
    if (!take(s, ':')) {
        return wrong(s, s->at, "a ':' is needed behind a key");
    }
    status = take_value(s, 0, &value);
    for (int role = 0; role < RK_N_ROLES && status == RK_OK; role++) {
        const rk_slice *name = &s->cursor->layout->names[role];
        if (name->n > 0 && rk_slice_equal(*name, key)) {
            if (record->cell[role].at) {
                return wrong(s, from, "a key is given twice");
            }
            record->cell[role] = value;
        }
    }
    return status;
}

static rk_status take_object(scanner *s, rk_record *record)
{
    skip_blanks(s);
    if (!take(s, '{')) {
        return wrong(s, s->at, "a JSON object is needed");
    }
    skip_blanks(s);
    if (!take(s, '}')) {
        for (;;) {
            skip_blanks(s);
            rk_status status = take_member(s, record);
            if (status) {
                return status;
            }
            skip_blanks(s);
            if (take(s, '}')) {
                break;
            }
            if (!take(s, ',')) {
                return wrong(s, s->at, "a ',' or '}' is needed");
            }
        }
    }
    skip_blanks(s);
    return s->at == s->end ? RK_OK : wrong(s, s->at, "nothing may follow the object");
}

rk_status rk_json_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err)
{
    *has_record = false;
    while (cursor->at < cursor->end && !*has_record) {
        const char *newline = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
        const char *end = newline ? newline : cursor->end;
        scanner s = {cursor, cursor->at, cursor->at, end, cursor->line, err};
        record->line = cursor->line++;
        cursor->at = newline ? newline + 1 : cursor->end;
        skip_blanks(&s);
        if (s.at == s.end) {
            continue;
        }
        record->raw = (rk_slice){s.line, (size_t)(end - s.line)};
        rk_vec_clear(&cursor->scratch);
        if (!rk_vec_reserve(&cursor->scratch, record->raw.n)) { /* cells point into it: it must not move */
            return rk_fail_memory(err, "a record");
        }
        rk_status status = take_object(&s, record);
        if (status) {
            return status;
        }
        *has_record = true;
    }
    return RK_OK;
}
