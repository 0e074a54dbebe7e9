/* pseudonym.h - names in the place of users' names, by a keyed hash: the same user has the same one as long as the key
 * is the same, and without the key nobody can tell whose it is.
 *
 * A pseudonym is "p" and 32 hexadecimal digits: the first 128 bits of HMAC-SHA-256(key, name).
 */
#ifndef RECKON_DATA_PSEUDONYM_H
#define RECKON_DATA_PSEUDONYM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/map.h"

enum { RK_PSEUDONYM_BYTES = 33, RK_PSEUDONYM_KEY_MIN = 32, RK_PSEUDONYM_KEY_MAX = 4096 };

typedef struct rk_pseudonyms rk_pseudonyms;

/* The key is the bytes of a file, all of them: `head -c 32 /dev/urandom >FILE` makes one. */
RK_MUST_CHECK rk_status rk_pseudonyms_open(const char *path, rk_pseudonyms **out, rk_error *err);
void rk_pseudonyms_close(rk_pseudonyms *pseudonyms); /* overwrites the key; accepts NULL */

/* Any thread. out: without a NUL. false when the system refuses the hash. */
bool rk_pseudonym_make(const rk_pseudonyms *pseudonyms, rk_slice name, char out[RK_PSEUDONYM_BYTES]);
bool rk_pseudonym_is(rk_slice name); /* whether it looks like one */

/* Pseudonyms for all names but those that look like one already, under the same ids. RK_BAD_INPUT: a user stands there
 * under both. */
RK_MUST_CHECK rk_status rk_pseudonyms_take(const rk_pseudonyms *pseudonyms, rk_interner **names, rk_error *err);

#endif
