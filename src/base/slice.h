/* slice.h - a borrowed run of bytes, not NUL-terminated. */
#ifndef RECKON_BASE_SLICE_H
#define RECKON_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *at;
    size_t n; /* bytes */
} rk_slice;

#define RK_SLICE(literal) ((rk_slice){"" literal, sizeof(literal) - 1})

rk_slice rk_slice_of(const char *text); /* NULL gives an empty slice */
bool rk_slice_equal(rk_slice a, rk_slice b);
bool rk_slice_is(rk_slice a, const char *text);
int rk_slice_compare(rk_slice a, rk_slice b); /* bytewise, shorter first */
rk_slice rk_slice_trim(rk_slice a);           /* ASCII blanks at both ends */

/* The whole slice must be the number; false otherwise and *out untouched. No locale, no leading '+' or blanks.
 * real: digits, '.', exponent; not inf, nan or hex; correctly rounded. */
bool rk_parse_u64(rk_slice text, uint64_t *out);
bool rk_parse_i64(rk_slice text, int64_t *out);
bool rk_parse_real(rk_slice text, double *out);

/* The row of names nearest to word by edit distance (at most 2, or a third of its length; swapped neighbours count as
 * one), or NULL. */
const char *rk_nearest_name(const char *word, const char *const *names, size_t n_names);

/* Offset of the first byte that is not valid UTF-8 (overlong, surrogate, above U+10FFFF), or n when all is valid. */
size_t rk_utf8_valid_prefix(rk_slice text);

#endif
