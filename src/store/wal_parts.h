/* wal_parts.h - what writing and reading a log share: names of files, and a file read record by record. Private. */
#ifndef RECKON_STORE_WAL_PARTS_H
#define RECKON_STORE_WAL_PARTS_H

#include <assert.h>
#include <limits.h>

#include "base/vec.h"
#include "store/wal.h"

#define RK_WAL_MAGIC "RECKONW\n"

enum { RK_WAL_ALIGN = 8 };

/* The beginning of a file, as drawn in wal.h. */
typedef struct {
    char magic[8];
    uint64_t first, checksum;
} rk_wal_file_head;
static_assert(sizeof(rk_wal_file_head) == 24, "the head of a file has no holes");

/* The beginning of a record. */
typedef struct {
    uint32_t bytes, in_group;
    uint64_t number, checksum;
} rk_wal_head;
static_assert(sizeof(rk_wal_head) == 24, "the head of a record has no holes");

uint64_t rk_wal_file_checksum(const rk_wal_file_head *head);
/* Of a record: all of its head but the checksum, and its bytes. */
uint64_t rk_wal_checksum(const rk_wal_head *head, rk_slice record);

/* What a record takes up in a file. */
static inline uint64_t rk_wal_span(uint64_t bytes)
{
    return (sizeof(rk_wal_head) + bytes + RK_WAL_ALIGN - 1) / RK_WAL_ALIGN * RK_WAL_ALIGN;
}

/* FOLDER/NUMBER.wal; false when it does not fit. */
bool rk_wal_path(const char *folder, uint64_t first, char out[PATH_MAX]);
/* The first numbers of a folder's files, ascending, into a vec of uint64_t. */
RK_MUST_CHECK rk_status rk_wal_list(const char *folder, rk_vec *firsts, rk_error *err);

/* A file being read: where it stands, and a piece of it. */
typedef struct {
    int fd; /* -1: none */
    char path[PATH_MAX];
    uint64_t first;      /* record of the file */
    uint64_t at, number; /* of the next record */
    unsigned char *piece;
    size_t capacity, n;
    uint64_t piece_at;
} rk_wal_file;

typedef enum { RK_WAL_GOOD, RK_WAL_UNBORN, RK_WAL_GONE } rk_wal_birth;

/* Opens a file and checks its head. *birth: UNBORN when its making was cut short, and it holds no record; GONE when
 * there is no such file; nothing is open then. */
RK_MUST_CHECK rk_status rk_wal_file_open(const char *folder, uint64_t first, int flags, rk_wal_file *out,
                                         rk_wal_birth *birth, rk_error *err);
void rk_wal_file_close(rk_wal_file *file);
/* The next record, borrowed until the next call; at NULL where no whole one stands. */
RK_MUST_CHECK rk_status rk_wal_file_next(rk_wal_file *file, rk_slice *record, rk_error *err);
/* After the last record: what follows must be no more than a group that was never acknowledged. *cut: its bytes. */
RK_MUST_CHECK rk_status rk_wal_file_check_end(rk_wal_file *file, uint64_t *cut, rk_error *err);

#endif
