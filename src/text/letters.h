/* letters.h - the characters of a text that is UTF-8, one at a time, from either end. */
#ifndef RECKON_TEXT_LETTERS_H
#define RECKON_TEXT_LETTERS_H

#include <stdbool.h>

#include "base/slice.h"

/* Bytes that go with the one at `at`, 1..4, never past end; and back from end, never before begin. Whatever the bytes
 * are, the steps of a walk in one direction stay inside. */
static inline size_t rk_letter_after(const char *at, const char *end)
{
    size_t n = 1;
    while (n < 4 && at + n < end && ((unsigned char)at[n] & 0xc0) == 0x80) {
        n++;
    }
    return n;
}

static inline size_t rk_letter_before(const char *begin, const char *end)
{
    size_t n = 1;
    while (n < 4 && end - n > begin && ((unsigned char)end[-(ptrdiff_t)n] & 0xc0) == 0x80) {
        n++;
    }
    return n;
}

/* A number for the bytes of one character: different for different ones. */
static inline uint32_t rk_letter_code(const char *at, size_t n)
{
    uint32_t code = 0;
    for (size_t i = 0; i < n; i++) {
        code = code << 8 | (unsigned char)at[i];
    }
    return code;
}

static inline size_t rk_letters_count(rk_slice text)
{
    size_t n = 0;
    for (size_t at = 0; at < text.n; at += rk_letter_after(text.at + at, text.at + text.n)) {
        n++;
    }
    return n;
}

/* Han, Kana and what is written like them, without blanks between words. */
static inline bool rk_is_han(int32_t c)
{
    return (c >= 0x3040 && c < 0x3100) || (c >= 0x3400 && c < 0xa000) || (c >= 0xf900 && c < 0xfb00) ||
           (c >= 0x20000 && c < 0x32000);
}

/* Whether a text begins with such a character. */
bool rk_starts_han(rk_slice text);

#endif
