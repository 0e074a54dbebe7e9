/* wal_erase.c - records emptied for good: the files that hold them are written anew, without their bytes.
 *
 * A file is first read; one that holds nothing to erase is left alone. The others are copied beside themselves record
 * by record, the doomed ones with no bytes, flushed, and renamed over the old file, which takes the old bytes out of
 * the folder at once or, after a crash, not at all. Numbers stay as they are: what refers to a record still does.
 *
 * Only the newest file is ever written to by others. While it is copied, whoever appends waits, as for a group.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/wal_inside.h"

typedef struct {
    uint64_t end;
    rk_wal_doomed *is_doomed;
    void *context;
} doom;

/* How many records of a file are doomed; file->number is then that of the one after its last. */
static rk_status count_doomed(rk_wal_file *file, const doom *d, uint64_t *n_doomed, rk_error *err)
{
    rk_slice record = {"", 0};
    rk_status status = RK_OK;
    *n_doomed = 0;
    for (uint64_t number = file->number; !status && record.at; number = file->number) {
        status = rk_wal_file_next(file, &record, err);
        *n_doomed +=
            !status && record.at && record.n > 0 && number < d->end && d->is_doomed(d->context, number, record);
    }
    return status;
}

static rk_status copy_record(rk_file_writer *writer, uint64_t number, rk_slice record, rk_error *err)
{
    static const char zeros[RK_WAL_ALIGN];
    rk_wal_head head = {.bytes = (uint32_t)record.n, .number = number}; /* a group of its own: all are acknowledged */
    head.checksum = rk_wal_checksum(&head, record);
    rk_status status = rk_file_writer_add(writer, &head, sizeof head, err);
    status = status ? status : rk_file_writer_add(writer, record.at, record.n, err);
    return status ? status : rk_file_writer_add(writer, zeros, rk_wal_span(record.n) - sizeof head - record.n, err);
}

static rk_status copy_records(rk_wal_file *file, const doom *d, uint64_t until, rk_file_writer *writer, rk_error *err)
{
    rk_slice record = {"", 0};
    rk_status status = RK_OK;
    while (!status && file->number < until) {
        uint64_t number = file->number;
        status = rk_wal_file_next(file, &record, err);
        if (!status && !record.at) {
            status = rk_fail(err, RK_BAD_INPUT, "%.300s: damaged log: record %" PRIu64 " cannot be read", file->path,
                             number);
        }
        bool is_doomed = !status && number < d->end && record.n > 0 && d->is_doomed(d->context, number, record);
        status = status ? status : copy_record(writer, number, is_doomed ? (rk_slice){"", 0} : record, err);
    }
    return status;
}

/* The file's records up to `until` under its own name again; *at: where the last one ends. */
static rk_status rewrite(const char *folder, uint64_t first, const doom *d, uint64_t until, uint64_t *at, rk_error *err)
{
    rk_wal_file file;
    rk_wal_birth birth;
    rk_file_writer *writer = NULL;
    rk_wal_file_head head = {.first = first};
    memcpy(head.magic, RK_WAL_MAGIC, sizeof head.magic);
    head.checksum = rk_wal_file_checksum(&head);
    rk_status status = rk_wal_file_open(folder, first, O_RDONLY, &file, &birth, err);
    if (status || birth != RK_WAL_GOOD) {
        return status ? status : rk_fail(err, RK_IO, "a file of the log '%.300s' has gone", folder);
    }
    status = rk_file_writer_open(file.path, &writer, err);
    status = status ? status : rk_file_writer_add(writer, &head, sizeof head, err);
    status = status ? status : copy_records(&file, d, until, writer, err);
    if (status) {
        rk_file_writer_abort(writer);
    } else {
        *at = rk_file_writer_offset(writer);
        status = rk_file_writer_commit(writer, err);
    }
    rk_wal_file_close(&file);
    return status;
}

/* The newest file: those who append wait until the log writes to the new one. */
static rk_status rewrite_newest(rk_wal *wal, const doom *d, rk_error *err)
{
    rk_wal_file next;
    rk_wal_birth birth = RK_WAL_GONE;
    uint64_t at = 0;
    rk_status status = rewrite(wal->folder, wal->file.first, d, wal->end, &at, err);
    if (status) {
        return status;
    }
    status = rk_wal_file_open(wal->folder, wal->file.first, O_RDWR, &next, &birth, err);
    if (status || birth != RK_WAL_GOOD) { /* what would be appended now would go to a file without a name */
        status = status ? status : rk_fail(err, RK_IO, "a file of the log '%.300s' has gone", wal->folder);
        wal->broken = *err;
        return status;
    }
    next.at = at;
    next.number = wal->end;
    rk_wal_file_close(&wal->file);
    wal->file = next;
    return RK_OK;
}

/* The first record of the file that comes after one. */
static rk_status find_next(const char *folder, uint64_t first, uint64_t *next, rk_error *err)
{
    rk_vec firsts;
    rk_status status = rk_wal_list(folder, &firsts, err);
    *next = 0;
    for (size_t i = firsts.n; i-- > 0 && ((const uint64_t *)firsts.data)[i] > first;) {
        *next = ((const uint64_t *)firsts.data)[i];
    }
    rk_vec_release(&firsts);
    return status || *next > first ? status : rk_fail(err, RK_IO, "a file of the log '%.300s' has gone", folder);
}

static rk_status erase_from(rk_wal *wal, const doom *d, uint64_t first, rk_error *err)
{
    uint64_t next = 0, at;
    rk_wal_enter(wal);
    bool is_newest = first == wal->file.first;
    rk_status status = is_newest ? rewrite_newest(wal, d, err) : RK_OK;
    rk_wal_leave(wal);
    if (is_newest) {
        return status;
    }
    status = find_next(wal->folder, first, &next, err);
    return status ? status : rewrite(wal->folder, first, d, next, &at, err);
}

static rk_status look_through(rk_wal *wal, const doom *d, uint64_t first, rk_wal_erasure *out, rk_error *err)
{
    rk_wal_file file;
    rk_wal_birth birth;
    uint64_t n_doomed = 0;
    rk_status status = rk_wal_file_open(wal->folder, first, O_RDONLY, &file, &birth, err);
    if (status || birth != RK_WAL_GOOD) {
        return status;
    }
    status = count_doomed(&file, d, &n_doomed, err);
    out->n_seen += status ? 0 : file.number - first;
    rk_wal_file_close(&file);
    if (!status && n_doomed > 0) {
        status = erase_from(wal, d, first, err);
        out->n_records += n_doomed;
        out->n_files++;
    }
    return status;
}

rk_status rk_wal_erase(rk_wal *wal, uint64_t end, rk_wal_doomed *is_doomed, void *context, rk_wal_erasure *out,
                       rk_error *err)
{
    const doom d = {end, is_doomed, context};
    rk_vec firsts;
    *out = (rk_wal_erasure){0};
    rk_status status = rk_wal_list(wal->folder, &firsts, err);
    const uint64_t *first = firsts.data;
    for (size_t i = 0; !status && i < firsts.n && first[i] < end; i++) {
        status = look_through(wal, &d, first[i], out, err);
    }
    rk_vec_release(&firsts);
    return status;
}

rk_status rk_wal_sweep(const char *folder, rk_error *err)
{
    rk_status status = RK_OK;
    DIR *dir = opendir(folder);
    if (!dir) {
        return rk_fail_errno(err, RK_IO, errno, "cannot read the log '%.400s'", folder);
    }
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        bool is_left = strstr(entry->d_name, ".wal.tmp.") || strncmp(entry->d_name, "erased.tmp.", 11) == 0;
        if (is_left && unlinkat(dirfd(dir), entry->d_name, 0) != 0) {
            status = rk_fail_errno(err, RK_IO, errno, "cannot remove '%.200s/%.200s'", folder, entry->d_name);
        }
    }
    closedir(dir);
    return status;
}
