/* text.c - see text.h. The string itself and the three ways of quoting words that are not JSON: CSV, HTML, printf.
 * Numbers are in text_number.c, JSON in text_json.c.
 */
#include "base/text.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN ((size_t)64)

/* Room for n more bytes and a NUL. */
static bool reserve(rk_text *text, size_t n)
{
    if (text->failed) {
        return false;
    }
    if (text->capacity > n && text->capacity - n > text->n) {
        return true;
    }
    size_t capacity = text->capacity ? text->capacity : CAPACITY_MIN, wanted;
    text->failed = __builtin_add_overflow(text->n, n, &wanted) || wanted > SIZE_MAX / 4;
    while (!text->failed && capacity <= wanted) {
        capacity *= 2;
    }
    char *at = text->failed ? NULL : realloc(text->at, capacity);
    text->failed = !at;
    if (at) {
        text->at = at;
        text->capacity = capacity;
    }
    return !text->failed;
}

char *rk_text_extend(rk_text *text, size_t n)
{
    if (!reserve(text, n)) {
        return NULL;
    }
    text->n += n;
    text->at[text->n] = '\0';
    return text->at + text->n - n;
}

void rk_text_add_slice(rk_text *text, rk_slice words)
{
    char *at = rk_text_extend(text, words.n);
    if (at && words.n) {
        memcpy(at, words.at, words.n);
    }
}

void rk_text_add(rk_text *text, const char *words) { rk_text_add_slice(text, rk_slice_of(words)); }

/* vsnprintf in the "C" locale, whatever the host program has set. */
RK_PRINTF(3, 0)
static int format_plain(char *out, size_t out_bytes, const char *fmt, va_list args)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain) {
        return -1;
    }
    locale_t kept = uselocale(plain);
    int n = vsnprintf(out, out_bytes, fmt, args);
    uselocale(kept);
    freelocale(plain);
    return n;
}

void rk_text_addv(rk_text *text, const char *fmt, va_list args)
{
    if (!reserve(text, 0)) {
        return;
    }
    size_t room = text->capacity - text->n;
    va_list again;
    va_copy(again, args);
    int n = format_plain(text->at + text->n, room, fmt, args);
    if (n >= 0 && (size_t)n >= room && reserve(text, (size_t)n)) {
        n = format_plain(text->at + text->n, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    text->failed |= n < 0;
    text->n += text->failed ? 0 : (size_t)n;
    text->at[text->n] = '\0';
}

void rk_text_addf(rk_text *text, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    rk_text_addv(text, fmt, args);
    va_end(args);
}

char *rk_arena_words(rk_arena *arena, const char *fmt, va_list args)
{
    rk_text text = {0};
    rk_text_addv(&text, fmt, args);
    char *kept = text.failed ? NULL : rk_arena_copy(arena, text.at, text.n);
    rk_text_release(&text);
    return kept;
}

void rk_text_clear(rk_text *text)
{
    text->n = 0;
    text->failed = false;
    if (text->at) {
        text->at[0] = '\0';
    }
}

void rk_text_release(rk_text *text)
{
    free(text->at);
    *text = (rk_text){0};
}

/* Adds words with every byte of `special` replaced by what `replace` gives for it; runs in between go in one copy. */
static void add_replaced(rk_text *text, rk_slice words, const char *special, const char *(*replace)(char c))
{
    size_t begin = 0;
    for (size_t i = 0; i < words.n; i++) {
        if (words.at[i] && strchr(special, words.at[i])) {
            rk_text_add_slice(text, (rk_slice){words.at + begin, i - begin});
            rk_text_add(text, replace(words.at[i]));
            begin = i + 1;
        }
    }
    rk_text_add_slice(text, (rk_slice){words.at + begin, words.n - begin});
}

static const char *doubled_quote(char c)
{
    (void)c;
    return "\"\"";
}

static bool needs_quotes(rk_slice cell)
{
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.at[i] && strchr(",\"\r\n", cell.at[i])) {
            return true;
        }
    }
    return false;
}

void rk_text_add_cell(rk_text *text, rk_slice cell, bool first)
{
    rk_text_add(text, first ? "" : ",");
    if (!needs_quotes(cell)) {
        rk_text_add_slice(text, cell);
        return;
    }
    rk_text_add(text, "\"");
    add_replaced(text, cell, "\"", doubled_quote);
    rk_text_add(text, "\"");
}

static const char *html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return "&#39;";
    }
}

void rk_text_add_html(rk_text *text, rk_slice words) { add_replaced(text, words, "&<>\"'", html_entity); }
