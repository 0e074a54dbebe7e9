/* slice.c - comparing, trimming, checking UTF-8 and guessing what a misspelt name meant. Numbers: slice_number.c. */
#include "base/slice.h"

#include <string.h>

#define NAME_BYTES_MAX 64 /* longer names are never suggested */

rk_slice rk_slice_of(const char *text) { return text ? (rk_slice){text, strlen(text)} : (rk_slice){"", 0}; }

bool rk_slice_equal(rk_slice a, rk_slice b) { return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0); }

bool rk_slice_is(rk_slice a, const char *text) { return rk_slice_equal(a, rk_slice_of(text)); }

int rk_slice_compare(rk_slice a, rk_slice b)
{
    size_t shared = a.n < b.n ? a.n : b.n;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

rk_slice rk_slice_trim(rk_slice a)
{
    while (a.n > 0 && is_blank(a.at[a.n - 1])) {
        a.n--;
    }
    while (a.n > 0 && is_blank(a.at[0])) {
        a.at++;
        a.n--;
    }
    return a;
}

static size_t min_of(size_t a, size_t b) { return a < b ? a : b; }

/* Edit distance in which swapping two neighbours counts as one edit (optimal string alignment): three rows of the
 * usual table, [n_b + 1] each. */
static size_t edit_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][NAME_BYTES_MAX + 1];
    size_t *old = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= n_b; j++) {
        above[j] = old[j] = j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            row[j] = min_of(above[j - 1] + (a[i - 1] != b[j - 1]), min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = min_of(row[j], old[j - 2] + 1);
            }
        }
        size_t *spare = old;
        old = above;
        above = row;
        row = spare;
    }
    return above[n_b];
}

const char *rk_nearest_name(const char *word, const char *const *names, size_t n_names)
{
    size_t n = strlen(word);
    if (n == 0 || n > NAME_BYTES_MAX) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t bound = (n > 6 ? n / 3 : 2) + 1;
    bound = min_of(bound, n); /* at least one letter of the word must survive */
    for (size_t i = 0; i < n_names; i++) {
        size_t n_name = strlen(names[i]);
        size_t distance = n_name <= NAME_BYTES_MAX ? edit_distance(word, n, names[i], n_name) : bound;
        if (distance < bound) {
            bound = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

/* Length of the valid multi-byte character at p, of at most left bytes; 0 when it is malformed. The table of
 * well-formed byte sequences is table 3-7 of the Unicode standard: only the second byte has a narrowed range. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    unsigned char lead = p[0], low = 0x80, high = 0xbf;
    size_t n;
    if (lead >= 0xc2 && lead <= 0xdf) {
        n = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        n = 3;
        low = lead == 0xe0 ? 0xa0 : low;   /* overlong */
        high = lead == 0xed ? 0x9f : high; /* surrogates */
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        n = 4;
        low = lead == 0xf0 ? 0x90 : low;   /* overlong */
        high = lead == 0xf4 ? 0x8f : high; /* above U+10FFFF */
    } else {
        return 0;
    }
    if (n > left || p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

size_t rk_utf8_valid_prefix(rk_slice text)
{
    const unsigned char *p = (const unsigned char *)text.at;
    size_t i = 0;
    while (i < text.n) {
        uint64_t words[4]; /* 32 ASCII bytes at a stride: most text is */
        while (text.n - i >= sizeof words) {
            memcpy(words, p + i, sizeof words);
            if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) {
                break;
            }
            i += sizeof words;
        }
        size_t stop = min_of(text.n, i + sizeof words);
        while (i < stop) {
            size_t n = p[i] < 0x80 ? 1 : utf8_length(p + i, text.n - i);
            if (n == 0) {
                return i;
            }
            i += n;
        }
    }
    return text.n;
}
