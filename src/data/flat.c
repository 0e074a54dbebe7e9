/* flat.c - a cursor and one small function per piece of the grammar (RFC 8259).
 *
 * Keys already seen lie in an open hash table that is never cleared: every { of every line has a number of its own, and
 * a slot whose number is older than the line is free.
 */
#include "data/flat.h"

#include <string.h>

#include "base/map.h"

static bool fail(rk_flat *flat, const char *at, const char *what)
{
    if (!flat->fault) {
        flat->fault = what;
        flat->fault_at = at;
    }
    return false;
}

static void pass_blanks(rk_flat *flat)
{
    while (flat->at < flat->end && (*flat->at == ' ' || *flat->at == '\t' || *flat->at == '\r' || *flat->at == '\n')) {
        flat->at++;
    }
}

static bool take(rk_flat *flat, char wanted)
{
    bool is_there = flat->at < flat->end && *flat->at == wanted;
    flat->at += is_there;
    return is_there;
}

/* ---- texts ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The four digits behind \u at `at`; -1 when there are none. */
static int32_t code_unit(const char *at, const char *end)
{
    int32_t code = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

/* Checks the escape behind the backslash at `at`; returns its length with the backslash, 0 when it is wrong. *code:
 * what it stands for. */
static size_t escape_length(const char *at, const char *end, uint32_t *code)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (end - at < 2) {
        return 0;
    }
    const char *letter = at[1] ? strchr(letters, at[1]) : NULL;
    if (letter) {
        *code = (unsigned char)meanings[letter - letters];
        return 2;
    }
    int32_t high = at[1] == 'u' ? code_unit(at + 2, end) : -1;
    if (high <= 0 || (high >= 0xdc00 && high <= 0xdfff)) { /* \u0000 and a lone second half are refused */
        return 0;
    }
    if (high < 0xd800 || high > 0xdbff) {
        *code = (uint32_t)high;
        return 6;
    }
    int32_t low = end - at >= 12 && at[6] == '\\' && at[7] == 'u' ? code_unit(at + 8, end) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
        return 0;
    }
    *code = 0x10000u + (((uint32_t)high - 0xd800u) << 10) + ((uint32_t)low - 0xdc00u);
    return 12;
}

static char *put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    int n_more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(leads[n_more] | code >> 6 * n_more);
    while (n_more-- > 0) {
        *out++ = (char)(0x80 | (code >> 6 * n_more & 0x3f));
    }
    return out;
}

/* A text known to be right, its escapes resolved. */
static bool resolve(rk_flat *flat, rk_slice raw, rk_slice *out)
{
    char *text = rk_arena_take(flat->scratch, raw.n + 8, 1, 1); /* 8: readers of keys look so far ahead */
    if (!text) {
        return fail(flat, raw.at, "memory is short");
    }
    char *to = text;
    for (size_t i = 0; i < raw.n;) {
        uint32_t code;
        if (raw.at[i] != '\\') {
            *to++ = raw.at[i++];
            continue;
        }
        i += escape_length(raw.at + i, raw.at + raw.n, &code);
        to = put_utf8(to, code);
    }
    *out = (rk_slice){text, (size_t)(to - text)};
    return true;
}

/* Whether any of 8 bytes is '"', '\\' or below 0x20. */
static bool has_special(const char *at)
{
    const uint64_t ones = 0x0101010101010101ull, tops = 0x8080808080808080ull;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    return ((((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word)) & tops) !=
           0;
}

static bool read_text(rk_flat *flat, rk_slice *out)
{
    const char *begin = flat->at + 1;
    bool has_escape = false;
    if (!take(flat, '"')) {
        return fail(flat, flat->at, "a '\"' is needed here");
    }
    for (;;) {
        while (flat->end - flat->at >= 8 && !has_special(flat->at)) {
            flat->at += 8;
        }
        if (flat->at == flat->end) {
            return fail(flat, begin - 1, "this text has no closing '\"'");
        }
        unsigned char c = (unsigned char)*flat->at;
        if (c == '"') {
            break;
        }
        uint32_t code;
        size_t n = c == '\\' ? escape_length(flat->at, flat->end, &code) : c < 0x20 ? 0 : 1;
        if (n == 0) {
            return fail(flat, flat->at, c == '\\' ? "not a valid escape" : "a control character in a text");
        }
        has_escape = has_escape || c == '\\';
        flat->at += n;
    }
    *out = (rk_slice){begin, (size_t)(flat->at - begin)};
    flat->at++;
    return !has_escape || resolve(flat, *out, out);
}

/* ---- numbers and words ---- */

static size_t pass_digits(rk_flat *flat)
{
    const char *begin = flat->at;
    while (flat->at < flat->end && *flat->at >= '0' && *flat->at <= '9') {
        flat->at++;
    }
    return (size_t)(flat->at - begin);
}

static bool read_number(rk_flat *flat, rk_slice *out)
{
    const char *begin = flat->at;
    bool is_real = false;
    (void)take(flat, '-');
    const char *first = flat->at;
    size_t n_whole = pass_digits(flat);
    bool is_good = n_whole == 1 || (n_whole > 1 && *first != '0');
    if (is_good && take(flat, '.')) {
        is_real = true;
        is_good = pass_digits(flat) > 0;
    }
    if (is_good && (take(flat, 'e') || take(flat, 'E'))) {
        is_real = true;
        (void)(take(flat, '+') || take(flat, '-'));
        is_good = pass_digits(flat) > 0;
    }
    *out = (rk_slice){begin, (size_t)(flat->at - begin)};
    if (!is_good) {
        return fail(flat, begin, "not a number");
    }
    int64_t whole;
    double real;
    if (out->n >= 18 && !is_real && !rk_parse_i64(*out, &whole)) {
        return fail(flat, begin, "an integer beyond 64 bits");
    }
    return !is_real || rk_parse_real(*out, &real) || fail(flat, begin, "a number too large for a double");
}

static bool read_word(rk_flat *flat, rk_flat_member *out)
{
    static const struct {
        rk_slice word;
        rk_flat_kind kind;
    } words[] = {{{"true", 4}, RK_FLAT_BOOL}, {{"false", 5}, RK_FLAT_BOOL}, {{"null", 4}, RK_FLAT_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        rk_slice word = words[i].word;
        if ((size_t)(flat->end - flat->at) >= word.n && memcmp(flat->at, word.at, word.n) == 0) {
            out->kind = words[i].kind;
            out->value = (rk_slice){flat->at, out->kind == RK_FLAT_NULL ? 0 : word.n};
            flat->at += word.n;
            return true;
        }
    }
    return fail(flat, flat->at, "a value is needed here");
}

/* ---- keys ---- */

static bool remember(rk_flat *flat, rk_slice key, uint64_t object, const char *at)
{
    if (++flat->n_keys > RK_FLAT_KEYS_MAX) {
        return fail(flat, at, "more than 2048 keys in one line");
    }
    size_t slot = (size_t)rk_hash(key, object) % RK_FLAT_SLOTS;
    while (flat->slots[slot].object >= flat->first_object) {
        if (flat->slots[slot].object == object && rk_slice_equal(flat->slots[slot].key, key)) {
            return fail(flat, at, "a key that this object has already");
        }
        slot = (slot + 1) % RK_FLAT_SLOTS;
    }
    flat->slots[slot] = (rk_flat_slot){object, key};
    return true;
}

/* "key": */
static bool read_key(rk_flat *flat, uint64_t object, rk_slice *key)
{
    const char *begin = flat->at;
    if (!read_text(flat, key) || !remember(flat, *key, object, begin)) {
        return false;
    }
    pass_blanks(flat);
    if (!take(flat, ':')) {
        return fail(flat, flat->at, "a ':' is needed here");
    }
    pass_blanks(flat);
    return true;
}

/* ---- values ---- */

/* Passes over what stands at the cursor, down to the end of what was opened here. objects: the number of each open {,
 * 0 for [. */
static bool read_nested(rk_flat *flat, rk_flat_member *out)
{
    uint64_t objects[RK_FLAT_DEPTH_MAX];
    unsigned depth = 0;
    const char *begin = flat->at;
    bool wants_value = true; /* or else a comma or a closing bracket */
    do {
        pass_blanks(flat);
        char c = flat->at < flat->end ? *flat->at : '\0';
        bool opens = wants_value && (c == '{' || c == '[');
        bool closes = depth > 0 && c == (objects[depth - 1] ? '}' : ']');
        rk_flat_member inner;
        if (opens) {
            if (depth == RK_FLAT_DEPTH_MAX) {
                return fail(flat, flat->at, "nested too deeply");
            }
            flat->at++;
            objects[depth++] = c == '{' ? ++flat->n_objects : 0;
            pass_blanks(flat);
            closes = flat->at < flat->end && *flat->at == (c == '{' ? '}' : ']');
        } else if (closes && !wants_value) {
            flat->at++;
            depth--;
            continue;
        } else if (!wants_value && !take(flat, ',')) {
            return fail(flat, flat->at,
                        objects[depth - 1] ? "a ',' or '}' is needed here" : "a ',' or ']' is needed here");
        } else if (wants_value) {
            bool is_good = c == '"'                             ? read_text(flat, &inner.value)
                           : c == '-' || (c >= '0' && c <= '9') ? read_number(flat, &inner.value)
                                                                : read_word(flat, &inner);
            if (!is_good) {
                return false;
            }
            wants_value = false;
            continue;
        }
        wants_value = !(opens && closes);
        if (wants_value && objects[depth - 1]) { /* a member begins */
            pass_blanks(flat);
            if (!read_key(flat, objects[depth - 1], &inner.key)) {
                return false;
            }
        }
    } while (depth > 0);
    *out = (rk_flat_member){out->key, {begin, (size_t)(flat->at - begin)}, RK_FLAT_NESTED};
    return true;
}

static bool read_value(rk_flat *flat, rk_flat_member *out)
{
    char c = flat->at < flat->end ? *flat->at : '\0';
    if (c == '"') {
        out->kind = RK_FLAT_TEXT;
        return read_text(flat, &out->value);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        out->kind = RK_FLAT_NUMBER;
        return read_number(flat, &out->value);
    }
    return c == '{' || c == '[' ? read_nested(flat, out) : read_word(flat, out);
}

void rk_flat_begin(rk_flat *flat, rk_slice line)
{
    flat->at = line.at;
    flat->end = line.at + line.n;
    flat->fault = flat->fault_at = NULL;
    flat->first_object = ++flat->n_objects;
    flat->n_keys = 0;
    flat->has_member = false;
    size_t n_valid = rk_utf8_valid_prefix(line);
    if (n_valid < line.n) {
        fail(flat, line.at + n_valid, "not UTF-8");
        return;
    }
    pass_blanks(flat);
    if (!take(flat, '{')) {
        fail(flat, flat->at, "an object '{...}' is needed here");
    }
}

/* Behind the closing brace. */
static bool finish(rk_flat *flat)
{
    pass_blanks(flat);
    return flat->at == flat->end ? false : fail(flat, flat->at, "something behind the object");
}

bool rk_flat_next(rk_flat *flat, rk_flat_member *out)
{
    if (flat->fault) {
        return false;
    }
    pass_blanks(flat);
    if (take(flat, '}')) {
        return finish(flat);
    }
    if (flat->has_member && !take(flat, ',')) {
        return fail(flat, flat->at, "a ',' or '}' is needed here");
    }
    flat->has_member = true;
    pass_blanks(flat);
    return read_key(flat, flat->first_object, &out->key) && read_value(flat, out);
}
