/* wal_read.c - a log from its files: record by record, as far as it can be trusted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "store/wal_parts.h"

enum { PIECE_BYTES = 256 << 10, NUMBER_DIGITS = 20 };

/* ---- names and sums ---- */

uint64_t rk_wal_file_checksum(const rk_wal_file_head *head)
{
    return rk_hash((rk_slice){(const char *)head, offsetof(rk_wal_file_head, checksum)}, 0);
}

uint64_t rk_wal_checksum(const rk_wal_head *head, rk_slice record)
{
    return rk_hash(record, rk_hash((rk_slice){(const char *)head, offsetof(rk_wal_head, checksum)}, 0));
}

bool rk_wal_path(const char *folder, uint64_t first, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/%0*" PRIu64 ".wal", folder, (int)NUMBER_DIGITS, first);
    return n > 0 && n < PATH_MAX;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

rk_status rk_wal_list(const char *folder, rk_vec *firsts, rk_error *err)
{
    rk_status status = RK_OK;
    DIR *dir = opendir(folder);
    *firsts = (rk_vec){.item_bytes = sizeof(uint64_t)};
    if (!dir) {
        return rk_fail_errno(err, errno == ENOENT ? RK_NOT_FOUND : RK_IO, errno, "cannot read the log '%.400s'",
                             folder);
    }
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        uint64_t first;
        bool is_named =
            strlen(entry->d_name) == NUMBER_DIGITS + 4 && strcmp(entry->d_name + NUMBER_DIGITS, ".wal") == 0;
        if (is_named && rk_parse_u64((rk_slice){entry->d_name, NUMBER_DIGITS}, &first)) {
            status = rk_vec_push(firsts, &first) ? RK_OK : rk_fail_memory(err, "names of a log's files");
        }
    }
    closedir(dir);
    if (firsts->n > 1) {
        qsort(firsts->data, firsts->n, sizeof(uint64_t), by_number);
    }
    return status;
}

/* ---- one file ---- */

/* Fewer than n only where the file ends. */
static rk_status read_at(const rk_wal_file *file, uint64_t at, void *out, size_t n, size_t *n_read, rk_error *err)
{
    *n_read = 0;
    while (*n_read < n) {
        ssize_t got = pread(file->fd, (char *)out + *n_read, n - *n_read, (off_t)(at + *n_read));
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return rk_fail_errno(err, RK_IO, errno, "cannot read '%.400s'", file->path);
        }
        *n_read += got > 0 ? (size_t)got : 0;
    }
    return RK_OK;
}

static rk_status check_head(rk_wal_file *file, uint64_t first, rk_wal_birth *birth, rk_error *err)
{
    rk_wal_file_head head = {0};
    struct stat info;
    size_t n;
    rk_status status = read_at(file, 0, &head, sizeof head, &n, err);
    if (status) {
        return status;
    }
    if (fstat(file->fd, &info) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot read '%.400s'", file->path);
    }
    bool is_good = n == sizeof head && memcmp(head.magic, RK_WAL_MAGIC, sizeof head.magic) == 0 &&
                   head.first == first && head.checksum == rk_wal_file_checksum(&head);
    *birth = is_good ? RK_WAL_GOOD : RK_WAL_UNBORN;
    if (!is_good && (uint64_t)info.st_size > sizeof head) {
        return rk_fail(err, RK_BAD_INPUT, "%.400s: damaged log: its first %zu bytes are not those of this file",
                       file->path, sizeof head);
    }
    file->at = sizeof head;
    file->first = file->number = first;
    return RK_OK;
}

rk_status rk_wal_file_open(const char *folder, uint64_t first, int flags, rk_wal_file *out, rk_wal_birth *birth,
                           rk_error *err)
{
    *out = (rk_wal_file){.fd = -1};
    *birth = RK_WAL_GONE;
    if (!rk_wal_path(folder, first, out->path)) {
        return rk_fail(err, RK_BAD_INPUT, "the log's path is too long: '%.300s'", folder);
    }
    out->fd = open(out->path, flags | O_CLOEXEC);
    if (out->fd < 0) {
        return errno == ENOENT ? RK_OK : rk_fail_errno(err, RK_IO, errno, "cannot open '%.400s'", out->path);
    }
    rk_status status = check_head(out, first, birth, err);
    if (status || *birth != RK_WAL_GOOD) {
        rk_wal_file_close(out);
    }
    return status;
}

void rk_wal_file_close(rk_wal_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->piece);
    file->piece = NULL;
    file->capacity = file->n = 0;
    file->fd = -1;
}

/* Makes n bytes from the place at hand readable; *at: NULL when the file has not so many. */
static rk_status look(rk_wal_file *file, size_t n, const unsigned char **at, rk_error *err)
{
    uint64_t past = file->at - file->piece_at;
    if (file->at < file->piece_at || past > file->n || file->n - past < n) {
        size_t wanted = n > PIECE_BYTES ? n : PIECE_BYTES;
        if (wanted > file->capacity) {
            free(file->piece);
            file->piece = malloc(wanted);
            file->capacity = file->piece ? wanted : 0;
            file->n = 0;
        }
        if (!file->piece) {
            return rk_fail_memory(err, "a piece of a log");
        }
        file->piece_at = file->at;
        rk_status status = read_at(file, file->at, file->piece, wanted, &file->n, err);
        if (status) {
            return status;
        }
        past = 0;
    }
    *at = file->n - past >= n ? file->piece + past : NULL;
    return RK_OK;
}

rk_status rk_wal_file_next(rk_wal_file *file, rk_slice *record, rk_error *err)
{
    rk_wal_head head;
    const unsigned char *at;
    *record = (rk_slice){0};
    rk_status status = look(file, sizeof head, &at, err);
    if (!status && at) {
        memcpy(&head, at, sizeof head);
        bool is_likely = head.bytes <= RK_WAL_RECORD_MAX && head.number == file->number && head.in_group <= head.number;
        status = is_likely ? look(file, sizeof head + head.bytes, &at, err) : RK_OK;
        rk_slice bytes = {at ? (const char *)at + sizeof head : NULL, head.bytes};
        if (!status && is_likely && at && head.checksum == rk_wal_checksum(&head, bytes)) {
            file->at += rk_wal_span(head.bytes);
            file->number++;
            *record = bytes;
            return RK_OK;
        }
    }
    file->n = 0; /* what stands here may still change */
    return status;
}

/* Whether a whole record of a later group stands at p: the group of `number` was acknowledged before it was written. */
static bool is_later_group(const unsigned char *bytes, size_t n, size_t p, uint64_t number)
{
    rk_wal_head head;
    memcpy(&head, bytes + p, sizeof head);
    return head.bytes <= RK_WAL_RECORD_MAX && head.number > number && head.number - number <= p / sizeof head &&
           head.in_group < head.number - number && head.bytes <= n - p - sizeof head &&
           head.checksum == rk_wal_checksum(&head, (rk_slice){(const char *)bytes + p + sizeof head, head.bytes});
}

/* Whether the record at hand can be read now; it stays at hand. */
static rk_status has_come(rk_wal_file *file, bool *is_there, rk_error *err)
{
    rk_slice record;
    uint64_t at = file->at, number = file->number;
    rk_status status = rk_wal_file_next(file, &record, err);
    *is_there = record.at != NULL;
    file->at = at;
    file->number = number;
    return status;
}

/* A later group was seen: the record at hand is damaged, unless both were written since it was read to its end. */
static rk_status tell_damage(rk_wal_file *file, size_t later, rk_error *err)
{
    bool is_there;
    rk_status status = has_come(file, &is_there, err);
    return status || is_there ? status
                              : rk_fail(err, RK_BAD_INPUT,
                                        "%.300s: damaged log: record %" PRIu64 " at byte %" PRIu64
                                        " cannot be read, but what was written after it can, from byte %" PRIu64 " on",
                                        file->path, file->number, file->at, file->at + later);
}

rk_status rk_wal_file_check_end(rk_wal_file *file, uint64_t *cut, rk_error *err)
{
    struct stat info;
    size_t n = 0;
    *cut = 0;
    if (fstat(file->fd, &info) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot read '%.400s'", file->path);
    }
    if ((uint64_t)info.st_size <= file->at) {
        return RK_OK;
    }
    *cut = (uint64_t)info.st_size - file->at;
    unsigned char *rest = malloc(*cut);
    if (!rest) {
        return rk_fail_memory(err, "the end of a log");
    }
    rk_status status = read_at(file, file->at, rest, *cut, &n, err);
    bool is_seen = false;
    for (size_t p = RK_WAL_ALIGN; !status && !is_seen && p + sizeof(rk_wal_head) <= n; p += RK_WAL_ALIGN) {
        is_seen = is_later_group(rest, n, p, file->number);
        status = is_seen ? tell_damage(file, p, err) : RK_OK;
    }
    free(rest);
    return status;
}

/* ---- a reader ---- */

bool rk_wal_is_there(const char *folder)
{
    rk_vec firsts;
    bool is_there = rk_wal_list(folder, &firsts, NULL) == RK_OK && firsts.n > 0;
    rk_vec_release(&firsts);
    return is_there;
}

struct rk_wal_reader {
    char folder[PATH_MAX];
    rk_wal_file file;
    uint64_t from; /* records before are passed over */
};

/* The file that begins last at or before `number`. */
static rk_status find_file(rk_wal_reader *r, uint64_t number, rk_error *err)
{
    rk_vec firsts;
    rk_wal_birth birth = RK_WAL_GONE;
    rk_status status = rk_wal_list(r->folder, &firsts, err);
    const uint64_t *first = firsts.data;
    size_t n = firsts.n;
    while (n > 1 && first[n - 1] > number) {
        n--;
    }
    for (; !status && n > 0 && birth != RK_WAL_GOOD; n--) { /* the newest may be unborn */
        status = rk_wal_file_open(r->folder, first[n - 1], O_RDONLY, &r->file, &birth, err);
    }
    rk_vec_release(&firsts);
    return status;
}

rk_status rk_wal_reader_open(const char *folder, uint64_t from, rk_wal_reader **out, rk_error *err)
{
    rk_wal_reader *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r) {
        return rk_fail_memory(err, "a log's reader");
    }
    r->file.fd = -1;
    r->from = from;
    snprintf(r->folder, sizeof r->folder, "%s", folder);
    rk_status status = find_file(r, from, err);
    if (status) {
        rk_wal_reader_close(r);
        return status;
    }
    *out = r;
    return RK_OK;
}

void rk_wal_reader_close(rk_wal_reader *r)
{
    if (r) {
        rk_wal_file_close(&r->file);
        free(r);
    }
}

/* The file that comes after the one at hand; its own number when there is none. */
static rk_status file_after(rk_wal_reader *r, uint64_t *after, rk_error *err)
{
    rk_vec firsts;
    rk_status status = rk_wal_list(r->folder, &firsts, err);
    const uint64_t *first = firsts.data;
    *after = r->file.first;
    for (size_t i = firsts.n; i-- > 0 && first[i] > r->file.first;) {
        *after = first[i];
    }
    rk_vec_release(&firsts);
    return status;
}

/* A file that was written anew since it was opened (wal_erase.c) is opened anew, at the same record; *is_moved: it was.
 * One that was dropped is read on as it is. */
static rk_status follow(rk_wal_reader *r, bool *is_moved, rk_error *err)
{
    struct stat info;
    rk_wal_file next;
    rk_wal_birth birth;
    rk_slice record = {"", 0};
    *is_moved = false;
    if (fstat(r->file.fd, &info) != 0 || info.st_nlink > 0) {
        return RK_OK;
    }
    rk_status status = rk_wal_file_open(r->folder, r->file.first, O_RDONLY, &next, &birth, err);
    while (!status && birth == RK_WAL_GOOD && record.at && next.number < r->file.number) {
        status = rk_wal_file_next(&next, &record, err);
    }
    *is_moved = !status && birth == RK_WAL_GOOD && record.at;
    if (*is_moved) {
        rk_wal_file_close(&r->file);
        r->file = next;
    } else {
        rk_wal_file_close(&next);
    }
    return status;
}

/* At the end of a file: on to the one that goes on with it. *is_moved: there is one. */
static rk_status go_on(rk_wal_reader *r, bool *is_moved, rk_error *err)
{
    rk_wal_file next;
    rk_wal_birth birth;
    uint64_t after, cut;
    rk_status status = follow(r, is_moved, err);
    if (status || *is_moved) {
        return status;
    }
    status = file_after(r, &after, err);
    status = status ? status : rk_wal_file_check_end(&r->file, &cut, err);
    if (status || after == r->file.first) {
        return status;
    }
    if (after < r->file.number) {
        return rk_fail(err, RK_BAD_INPUT, "%.300s: damaged log: it holds record %" PRIu64 ", where another file begins",
                       r->file.path, after);
    }
    if (after > r->file.number) { /* the last records of this file may have come since it was read to its end */
        status = has_come(&r->file, is_moved, err);
        return status || *is_moved ? status
                                   : rk_fail(err, RK_BAD_INPUT,
                                             "%.300s: damaged log: records %" PRIu64 " to %" PRIu64 " cannot be read",
                                             r->file.path, r->file.number, after - 1);
    }
    status = rk_wal_file_open(r->folder, after, O_RDONLY, &next, &birth, err);
    if (!status && birth == RK_WAL_GOOD) {
        rk_wal_file_close(&r->file);
        r->file = next;
        *is_moved = true;
    }
    return status;
}

rk_status rk_wal_next(rk_wal_reader *r, uint64_t *number, rk_slice *record, rk_error *err)
{
    rk_status status = RK_OK;
    *record = (rk_slice){0};
    if (r->file.fd < 0) {
        status = find_file(r, r->from, err); /* there was none yet */
    }
    for (bool is_moved = true; !status && is_moved && r->file.fd >= 0;) {
        *number = r->file.number;
        status = rk_wal_file_next(&r->file, record, err);
        is_moved = record->at && *number < r->from;
        if (!status && !record->at) {
            status = go_on(r, &is_moved, err);
        }
    }
    return status;
}
