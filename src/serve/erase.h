/* erase.h - a user's events out of the log of events, and who was erased.
 *
 * Erasing takes two steps: a note that it is to be done (store/erased.h), and the doing, which a server that was killed
 * in between takes up when it starts again.
 */
#ifndef RECKON_SERVE_ERASE_H
#define RECKON_SERVE_ERASE_H

#include "base/run.h"
#include "store/erased.h"
#include "store/wal.h"

/* Finds out whose a record of the log is. */
typedef struct rk_record_reader rk_record_reader;
rk_record_reader *rk_record_reader_new(void); /* NULL when memory is short */
void rk_record_reader_free(rk_record_reader *reader);
/* false: it is about no user. The user is borrowed from the record until the next call. */
bool rk_record_user(rk_record_reader *reader, rk_slice record, rk_slice *user);
/* Whether it is about this user; several times faster than to ask which it is about. */
bool rk_record_is_of(rk_record_reader *reader, rk_slice record, rk_slice user);

typedef struct {
    uint64_t n_events, n_files, n_seen; /* as rk_wal_erasure */
    uint64_t n_left;                    /* that a second look found: 0 */
} rk_erase_proof;

/* Does what was noted and is not done; user: the one who was noted, or n 0: whoever it is, which takes longer. What is
 * left is looked for in the files themselves; the note stays open while there is any. */
RK_MUST_CHECK rk_status rk_erase_noted(rk_wal *wal, rk_erased *erased, rk_slice user, rk_erase_proof *proof,
                                       rk_error *err);
/* Opens a log's list and ends what was cut short. */
RK_MUST_CHECK rk_status rk_erase_open(const char *folder, rk_wal *wal, const rk_run *run, rk_erased **out,
                                      rk_error *err);

#endif
