/* secret.c - see secret.h. */
#include "base/secret.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

rk_status rk_secret_random(void *out, size_t n, rk_error *err)
{
    int failure = gnutls_rnd(GNUTLS_RND_KEY, out, n);
    return failure ? rk_fail(err, RK_IO, "no random bytes: %s", gnutls_strerror(failure)) : RK_OK;
}

bool rk_secret_hash(rk_slice key, rk_slice bytes, unsigned char out[RK_DIGEST_BYTES])
{
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.at, key.n, bytes.at, bytes.n, out) == 0) {
        return true;
    }
    memset(out, 0, RK_DIGEST_BYTES);
    return false;
}

bool rk_secret_is_equal(const void *a, const void *b, size_t n) { return gnutls_memcmp(a, b, n) == 0; }

void rk_hex_format(const void *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[at[i] >> 4];
        *out++ = digits[at[i] & 15];
    }
    *out = '\0';
}

static int digit_of(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

bool rk_hex_parse(rk_slice text, void *out, size_t n)
{
    unsigned char *to = out;
    if (text.n != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int high = digit_of(text.at[2 * i]), low = digit_of(text.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (unsigned char)(16 * high + low);
    }
    return true;
}
