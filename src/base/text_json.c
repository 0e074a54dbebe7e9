/* text_json.c - JSON on one line. The writer knows only whether the current object or array has an item already,
 * which is all that commas need; that keys go into objects and not into arrays is asserted nowhere but in the tests.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static void add_escape(rk_text *text, unsigned char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *pair = letters; *pair; pair += 2) {
        if ((unsigned char)pair[0] == c) {
            rk_text_add_slice(text, (rk_slice){(const char[]){'\\', pair[1]}, 2});
            return;
        }
    }
    rk_text_addf(text, "\\u%04x", c);
}

/* words is valid UTF-8. */
static void add_escaped(rk_text *text, rk_slice words)
{
    size_t begin = 0;
    for (size_t i = 0; i < words.n; i++) {
        unsigned char c = (unsigned char)words.at[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            rk_text_add_slice(text, (rk_slice){words.at + begin, i - begin});
            add_escape(text, c);
            begin = i + 1;
        }
    }
    rk_text_add_slice(text, (rk_slice){words.at + begin, words.n - begin});
}

/* How many of the first bytes stand in JSON as they are: ASCII from the blank on, but '"' and '\\'. Eight at a time: a
 * byte is odd when, after what is sought has become nought, taking 1 borrows from it. */
static size_t plain_prefix(rk_slice words)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    size_t i = 0;
    for (uint64_t eight; words.n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, words.at + i, sizeof eight);
        uint64_t quote = eight ^ ones * '"', slash = eight ^ ones * '\\';
        if ((eight | (eight - ones * ' ') | (quote - ones) | (slash - ones)) & tops) {
            break;
        }
    }
    while (i < words.n && words.at[i] >= ' ' && words.at[i] < 0x7f && words.at[i] != '"' && words.at[i] != '\\') {
        i++;
    }
    return i;
}

/* In quotes, all of it plain. */
static void add_plain(rk_text *text, rk_slice words)
{
    char *at = rk_text_extend(text, words.n + 2);
    if (at) {
        at[0] = at[words.n + 1] = '"';
        memcpy(at + 1, words.at ? words.at : "", words.n);
    }
}

void rk_text_add_json(rk_text *text, rk_slice words)
{
    size_t n_plain = plain_prefix(words);
    if (n_plain == words.n) {
        add_plain(text, words);
        return;
    }
    rk_text_add_slice(text, RK_SLICE("\""));
    rk_text_add_slice(text, (rk_slice){words.at, n_plain});
    words = (rk_slice){words.at + n_plain, words.n - n_plain};
    while (words.n > 0) {
        size_t n_good = rk_utf8_valid_prefix(words);
        add_escaped(text, (rk_slice){words.at, n_good});
        if (n_good < words.n) {
            rk_text_add(text, "\xef\xbf\xbd"); /* U+FFFD for one bad byte */
            n_good++;
        }
        words = (rk_slice){words.at + n_good, words.n - n_good};
    }
    rk_text_add_slice(text, RK_SLICE("\""));
}

/* The comma and the key in front of any value. */
static void begin_value(rk_json *json, const char *key)
{
    if (json->depth > 0) {
        bool *has_item = &json->has_item[json->depth - 1];
        if (*has_item) {
            rk_text_add_slice(json->text, RK_SLICE(","));
        }
        *has_item = true;
    }
    if (key) {
        rk_text_add_json(json->text, rk_slice_of(key));
        rk_text_add_slice(json->text, RK_SLICE(":"));
    }
}

static void begin_nest(rk_json *json, const char *key, const char *bracket)
{
    assert(json->depth < RK_COUNT_OF(json->has_item));
    begin_value(json, key);
    rk_text_add(json->text, bracket);
    json->has_item[json->depth++] = false;
}

static void end_nest(rk_json *json, const char *bracket)
{
    assert(json->depth > 0);
    json->depth--;
    rk_text_add(json->text, bracket);
}

void rk_json_object(rk_json *json, const char *key) { begin_nest(json, key, "{"); }
void rk_json_array(rk_json *json, const char *key) { begin_nest(json, key, "["); }
void rk_json_end_object(rk_json *json) { end_nest(json, "}"); }
void rk_json_end_array(rk_json *json) { end_nest(json, "]"); }

void rk_json_string(rk_json *json, const char *key, rk_slice value)
{
    begin_value(json, key);
    rk_text_add_json(json->text, value);
}

void rk_json_cstring(rk_json *json, const char *key, const char *value)
{
    if (value) {
        rk_json_string(json, key, rk_slice_of(value));
    } else {
        rk_json_null(json, key);
    }
}

void rk_json_real(rk_json *json, const char *key, double value)
{
    begin_value(json, key);
    rk_text_add_real(json->text, value);
}

/* Decimal digits without printf: long answers are mostly numbers. */
static void add_integer(rk_text *text, bool is_negative, uint64_t size)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    if (is_negative) {
        digits[--at] = '-';
    }
    rk_text_add_slice(text, (rk_slice){digits + at, sizeof digits - at});
}

void rk_json_u64(rk_json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    add_integer(json->text, false, value);
}

void rk_json_i64(rk_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    add_integer(json->text, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void rk_json_raw(rk_json *json, const char *key, const char *value)
{
    begin_value(json, key);
    rk_text_add(json->text, value);
}

void rk_json_bool(rk_json *json, const char *key, bool value) { rk_json_raw(json, key, value ? "true" : "false"); }
void rk_json_null(rk_json *json, const char *key) { rk_json_raw(json, key, "null"); }
