/* keys.h - who may ask: a file of keys, of which it holds salted hashes alone.
 *
 *   rk_keyring_read(path, &ring, err);
 *   const rk_api_key *key = rk_keyring_find(ring, token, now_s, &fault);
 *
 * A token is "rk_" + 16 hex digits that name the key + "_" + 48 that nobody else knows (192 random bits). A secret of
 * that many bits needs no slow hash: nobody tries 2^192 of them. The file keeps HMAC-SHA-256(salt, secret).
 *
 * Two keys may have one name, and are valid side by side: that is how a key is replaced without a gap.
 */
#ifndef RECKON_SERVE_KEYS_H
#define RECKON_SERVE_KEYS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/vec.h"

enum {
    RK_KEY_ID_DIGITS = 16,
    RK_KEY_SECRET_BYTES = 24,
    RK_KEY_SALT_BYTES = 16,
    RK_TOKEN_BYTES = 3 + RK_KEY_ID_DIGITS + 1 + 2 * RK_KEY_SECRET_BYTES + 1, /* with its NUL */
    RK_KEY_NAME_BYTES_MAX = 64,
};

/* Each may do what those behind it may. A route that says nothing is for admins. */
typedef enum { RK_ACCESS_ADMIN, RK_ACCESS_WRITE, RK_ACCESS_READ, RK_ACCESS_ANYONE } rk_access;
#define RK_ACCESS_CHOICES "admin|write|read"
const char *rk_access_name(rk_access role);

typedef struct {
    char id[RK_KEY_ID_DIGITS + 1];
    const char *name; /* for people and the audit log; borrowed from the ring */
    rk_access role;
    int64_t created_s, expires_s; /* expires_s 0: never */
    double rate, burst;           /* requests a second, and how many at once; rate 0: as many as it likes */
    unsigned char salt[RK_KEY_SALT_BYTES], hash[RK_DIGEST_BYTES];
} rk_api_key;

typedef struct {
    rk_vec keys; /* rk_api_key, ascending by id */
    rk_arena arena;
} rk_keyring;

void rk_keyring_init(rk_keyring *ring);
void rk_keyring_release(rk_keyring *ring);
/* Into an initialised ring, which is empty again on failure. Errors are "path:line:column: ...". */
RK_MUST_CHECK rk_status rk_keyring_read(const char *path, rk_keyring *ring, rk_error *err);
RK_MUST_CHECK rk_status rk_keyring_parse(rk_slice text, const char *name, rk_keyring *ring, rk_error *err);
void rk_keyring_format(const rk_keyring *ring, rk_text *out); /* the file */
RK_MUST_CHECK rk_status rk_keyring_write(const char *path, const rk_keyring *ring, rk_error *err);

/* A new key with wanted's name, role, times and rate. The token is shown once: nothing can give it back. */
RK_MUST_CHECK rk_status rk_keyring_add(rk_keyring *ring, const rk_api_key *wanted, char token[RK_TOKEN_BYTES],
                                       rk_error *err);
/* which: an id, or a name that just one key has. RK_NOT_FOUND, or RK_BAD_USAGE where several have it. */
RK_MUST_CHECK rk_status rk_keyring_remove(rk_keyring *ring, const char *which, rk_error *err);

/* The key of a token that is right and has not expired, or NULL with *fault: why, in a few words. */
const rk_api_key *rk_keyring_find(const rk_keyring *ring, rk_slice token, int64_t now_s, const char **fault);

#endif
