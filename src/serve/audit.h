/* audit.h - who did what: a line of JSON for every request that changes something or looks into somebody's data.
 *
 *   {"time":"2026-11-23T10:15:00Z","key":"ops","key_id":"5f2c01a7b3d94e10","from":"10.0.0.7","method":"DELETE",
 *    "route":"/v1/users/{user}","status":200,"request_id":"8e54103d-4"}
 *
 * Two books, so that a million events do not push out the one erasure: FILE holds what takes an admin's key, with a
 * line that is on disk before it is begun ("begun":true in the place of the status) and one before the answer leaves;
 * FILE.writes holds events. A book that is full becomes FILE.1, what was that FILE.2, up to RK_AUDIT_KEPT. Neither
 * names a user. Threads: any.
 */
#ifndef RECKON_SERVE_AUDIT_H
#define RECKON_SERVE_AUDIT_H

#include "base/run.h"
#include "serve/guard.h"

enum { RK_AUDIT_BYTES = 64 << 20, RK_AUDIT_KEPT = 4 }; /* of a book; old books beside it */

typedef struct {
    const char *method, *route, *request_id;
    unsigned status; /* 0: it is about to be done */
    bool is_write;   /* for the book of writes */
    const rk_caller *caller;
    rk_address from;
} rk_audit_entry;

typedef struct rk_audit rk_audit;

/* file_bytes: of a book; 0: RK_AUDIT_BYTES. */
RK_MUST_CHECK rk_status rk_audit_open(const char *path, uint64_t file_bytes, const rk_run *run, rk_audit **out,
                                      rk_error *err);
void rk_audit_close(rk_audit *audit); /* accepts NULL */
/* false: it could not be written, which is said once until one can. What has happened all the same is counted as lost;
 * what has not begun should not be. */
bool rk_audit_note(rk_audit *audit, const rk_audit_entry *entry);
uint64_t rk_audit_n_lost(const rk_audit *audit); /* lines of what was done; 0 for NULL */

#endif
