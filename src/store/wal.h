/* wal.h - a write-ahead log: records that are kept once they are acknowledged, whatever happens to the process.
 *
 * A log is a folder. Records are numbered from 0 and stand in files named by their first record,
 * "00000000000000000000.wal"; a new file is begun when one is long enough, and old ones can be dropped.
 *
 *   file     "RECKONW\n", u64 number of the first record, u64 XXH3 of these 16 bytes; then records
 *   record   u32 bytes, u32 place in its group, u64 number, u64 XXH3 of these 16 bytes and the record; the record;
 * zeros up to a multiple of 8
 *
 * Whoever appends waits until the disk has it (fdatasync). All who wait at the same time are a group and share one
 * write and one flush, which the first of them does for all (DeWitt et al., "Implementation techniques for main memory
 * database systems", 1984): one appender is as fast as the disk flushes, a hundred are nearly a hundred times as fast.
 *
 * After a crash the end of the last file may hold a group that was never acknowledged: all of it, parts, in any order,
 * zeros. It is cut off. A record that cannot be read although a later group can is damage, and an error that says
 * where.
 *
 * Threads: any number may append at once. One process writes a log at a time; any number read it.
 */
#ifndef RECKON_STORE_WAL_H
#define RECKON_STORE_WAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum { RK_WAL_RECORD_MAX = 16 << 20 }; /* bytes */

typedef struct rk_wal rk_wal;

typedef struct {
    uint64_t file_bytes; /* a file that is longer ends; 0: 64 MiB */
} rk_wal_options;

typedef struct {
    uint64_t first, end; /* numbers of the records there are: [first, end) */
    uint64_t cut_bytes;  /* of a group that was never acknowledged */
} rk_wal_found;

/* Opens a log to write to, makes it where there is none. RK_IO: another process has it open. found may be NULL. */
RK_MUST_CHECK rk_status rk_wal_open(const char *folder, rk_wal_options options, rk_wal **out, rk_wal_found *found,
                                    rk_error *err);
/* Nobody may be appending. Accepts NULL. */
void rk_wal_close(rk_wal *wal);

/* Appends n records side by side and returns when they are on disk; *first: the number of the first, NULL = not wanted.
 * On failure none of them was acknowledged: after a full disk none is there and the log goes on when there is room;
 * after a failed flush nobody can say what the disk holds, and every later append fails until the log is opened anew.
 */
RK_MUST_CHECK rk_status rk_wal_append(rk_wal *wal, const rk_slice *records, size_t n, uint64_t *first, rk_error *err);

uint64_t rk_wal_end(rk_wal *wal); /* the number that the next record gets */
/* Removes files that hold nothing from record `from` on; the newest file stays. */
RK_MUST_CHECK rk_status rk_wal_drop(rk_wal *wal, uint64_t from, rk_error *err);

/* Records for which is_doomed says so, before `end`, are emptied: they keep their numbers and lose their bytes, and no
 * file of the folder holds them any more. What is empty already is not asked about. is_doomed is asked twice. On
 * failure some may be gone and others not; erase again. One erasure at a time; others may append and read meanwhile. */
typedef bool rk_wal_doomed(void *context, uint64_t number, rk_slice record);
typedef struct {
    uint64_t n_records, n_files; /* emptied, and files written anew for it */
    uint64_t n_seen;             /* records that were looked at */
} rk_wal_erasure;
RK_MUST_CHECK rk_status rk_wal_erase(rk_wal *wal, uint64_t end, rk_wal_doomed *is_doomed, void *context,
                                     rk_wal_erasure *out, rk_error *err);

/* ---- reading ---- */

bool rk_wal_is_there(const char *folder); /* a folder with a log's files */

typedef struct rk_wal_reader rk_wal_reader;

/* From record `from` on, or the first there is when it is gone. A log that is being written may be read. */
RK_MUST_CHECK rk_status rk_wal_reader_open(const char *folder, uint64_t from, rk_wal_reader **out, rk_error *err);
void rk_wal_reader_close(rk_wal_reader *reader); /* accepts NULL */
/* record->at is borrowed until the next call, NULL at the end; ask again when there may be more. What was written a
 * moment ago may be read before it is acknowledged: who must not see that stops at rk_wal_end. */
RK_MUST_CHECK rk_status rk_wal_next(rk_wal_reader *reader, uint64_t *number, rk_slice *record, rk_error *err);

#endif
