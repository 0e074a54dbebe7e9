/* erased.h - whose records were erased from a log, without saying who: keyed hashes in a file of the log's folder.
 *
 *   FOLDER/erased   "reckon erased/1 SALT\n", then for each "HASH BEFORE TIME STATE\n": 16 bytes of HMAC-SHA-256(salt,
 *                   name), the number of the log's record before which nothing of him may stand, seconds since 1970,
 *                   and "asked" or "done".
 *
 * The file is written whole and flushed before anything is erased, so a crash in between leaves a note of what is still
 * to be done. Whoever knows a name can tell whether it is on the list; the list itself names nobody.
 *
 * Threads: any number may ask; one at a time changes.
 */
#ifndef RECKON_STORE_ERASED_H
#define RECKON_STORE_ERASED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

typedef struct rk_erased rk_erased;

typedef struct {
    unsigned char who[16];
    uint64_t before;
    int64_t time_s;
    bool is_done;
} rk_erasure;

/* The list of a log's folder, empty where there is none. */
RK_MUST_CHECK rk_status rk_erased_open(const char *folder, rk_erased **out, rk_error *err);
void rk_erased_close(rk_erased *erased); /* accepts NULL */

/* Whether he was ever erased; out may be NULL. */
bool rk_erased_find(rk_erased *erased, rk_slice name, rk_erasure *out);
size_t rk_erased_count(rk_erased *erased);
size_t rk_erased_n_asked(rk_erased *erased); /* and not done */

/* Notes that nothing of him may stand before a record, and that this is still to be done; on disk on return. */
RK_MUST_CHECK rk_status rk_erased_add(rk_erased *erased, rk_slice name, uint64_t before, int64_t time_s, rk_error *err);
/* What was asked of him is done; n 0: all that was asked of anybody. On failure it counts as asked still. */
RK_MUST_CHECK rk_status rk_erased_finish(rk_erased *erased, rk_slice name, rk_error *err);

#endif
