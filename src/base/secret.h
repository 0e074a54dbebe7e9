/* secret.h - what nobody may guess: random bytes, a keyed hash, and comparing without telling how much was right.
 *
 * The cryptography is GnuTLS's, which the HTTP library brings along.
 */
#ifndef RECKON_BASE_SECRET_H
#define RECKON_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

enum { RK_DIGEST_BYTES = 32 };

/* n bytes fit for keys. RK_IO when the system has none to give. */
RK_MUST_CHECK rk_status rk_secret_random(void *out, size_t n, rk_error *err);
/* HMAC-SHA-256; false when the library refuses, which leaves out zeroed. Any thread. */
bool rk_secret_hash(rk_slice key, rk_slice bytes, unsigned char out[RK_DIGEST_BYTES]);
/* In a time that depends on n alone. */
bool rk_secret_is_equal(const void *a, const void *b, size_t n);

/* 2 n lower-case digits and a NUL. */
void rk_hex_format(const void *bytes, size_t n, char *out);
/* Just 2 n lower-case digits; else false and out unspecified. */
bool rk_hex_parse(rk_slice text, void *out, size_t n);

#endif
