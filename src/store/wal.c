/* wal.c - writing a log: groups, files, and what a crash has left. */
#include "store/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "store/wal_inside.h"

enum { FILE_BYTES = 64 << 20, GROUP_BYTES_MAX = 32 << 20 };

/* Somebody's records on their way to the disk; lives on his stack while he waits. */
struct rk_wal_ticket {
    const rk_slice *records;
    size_t n;
    uint64_t first;
    bool is_done;
    rk_error err;
    struct rk_wal_ticket *next;
};
typedef struct rk_wal_ticket ticket;

/* ---- files ---- */

static rk_status write_at(int fd, const char *path, uint64_t at, const void *bytes, size_t n, rk_error *err)
{
    for (size_t done = 0; done < n;) {
        ssize_t wrote = pwrite(fd, (const char *)bytes + done, n - done, (off_t)(at + done));
        if (wrote < 0 && errno != EINTR) {
            return rk_fail_errno(err, RK_IO, errno, "cannot write to the log '%.400s'", path);
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return RK_OK;
}

static rk_status flush(int fd, const char *path, rk_error *err)
{
    return fdatasync(fd) == 0 ? RK_OK : rk_fail_errno(err, RK_IO, errno, "cannot flush the log '%.400s'", path);
}

/* A file with a head and no record, on disk under its name; what fails leaves no file. */
static rk_status make_file(const rk_wal *wal, uint64_t first, rk_wal_file *out, rk_error *err)
{
    rk_wal_file_head head = {.first = first};
    memcpy(head.magic, RK_WAL_MAGIC, sizeof head.magic);
    head.checksum = rk_wal_file_checksum(&head);
    *out = (rk_wal_file){.at = sizeof head, .first = first, .number = first};
    if (!rk_wal_path(wal->folder, first, out->path)) {
        out->fd = -1;
        return rk_fail(err, RK_BAD_INPUT, "the log's path is too long: '%.300s'", wal->folder);
    }
    out->fd = open(out->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
    if (out->fd < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot make the log's file '%.400s'", out->path);
    }
    rk_status status = write_at(out->fd, out->path, 0, &head, sizeof head, err);
    status = status ? status : flush(out->fd, out->path, err);
    status = status ? status : flush(wal->folder_fd, wal->folder, err);
    if (status) {
        unlink(out->path);
        rk_wal_file_close(out);
    }
    return status;
}

/* ---- what is there ---- */

static rk_status cut_end(rk_wal_file *file, uint64_t *cut, rk_error *err)
{
    rk_status status = rk_wal_file_check_end(file, cut, err);
    if (!status && *cut > 0 && (ftruncate(file->fd, (off_t)file->at) != 0 || fsync(file->fd) != 0)) {
        status = rk_fail_errno(err, RK_IO, errno, "cannot cut '%.400s' off behind its last record", file->path);
    }
    return status;
}

static rk_status read_to_end(rk_wal_file *file, rk_error *err)
{
    rk_slice record = {"", 0};
    rk_status status = RK_OK;
    while (!status && record.at) {
        status = rk_wal_file_next(file, &record, err);
    }
    return status;
}

/* The newest file of the list; one whose making was cut short is removed. None: the first is made. */
static rk_status open_newest(rk_wal *wal, rk_vec *firsts, rk_error *err)
{
    rk_wal_birth birth = RK_WAL_GONE;
    rk_status status = RK_OK;
    while (!status && firsts->n > 0 && birth != RK_WAL_GOOD) {
        char path[PATH_MAX];
        uint64_t first = ((const uint64_t *)firsts->data)[firsts->n - 1];
        status = rk_wal_file_open(wal->folder, first, O_RDWR, &wal->file, &birth, err);
        if (!status && birth == RK_WAL_UNBORN && rk_wal_path(wal->folder, first, path) && unlink(path) != 0) {
            status = rk_fail_errno(err, RK_IO, errno, "cannot remove '%.400s'", path);
        }
        firsts->n -= birth != RK_WAL_GOOD;
    }
    return status || birth == RK_WAL_GOOD ? status : make_file(wal, 0, &wal->file, err);
}

static rk_status recover(rk_wal *wal, rk_wal_found *found, rk_error *err)
{
    rk_vec firsts;
    rk_wal_found seen = {0};
    rk_status status = rk_wal_list(wal->folder, &firsts, err);
    status = status ? status : open_newest(wal, &firsts, err);
    seen.first = firsts.n > 0 ? *(const uint64_t *)firsts.data : 0;
    rk_vec_release(&firsts);
    status = status ? status : read_to_end(&wal->file, err);
    status = status ? status : cut_end(&wal->file, &seen.cut_bytes, err);
    seen.end = wal->end = wal->file.number;
    if (!status && found) {
        *found = seen;
    }
    return status;
}

static rk_status lock_folder(rk_wal *wal, rk_error *err)
{
    char path[PATH_MAX];
    rk_status status = rk_folder_make(wal->folder, err);
    if (status) {
        return status;
    }
    int n = snprintf(path, sizeof path, "%s/lock", wal->folder);
    wal->folder_fd = open(wal->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    wal->lock_fd = n < (int)sizeof path ? open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666) : -1;
    if (wal->folder_fd < 0 || wal->lock_fd < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot open the log '%.400s'", wal->folder);
    }
    if (flock(wal->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return rk_fail(err, RK_IO, "the log '%.400s' is being written by another process", wal->folder);
    }
    return RK_OK;
}

rk_status rk_wal_open(const char *folder, rk_wal_options options, rk_wal **out, rk_wal_found *found, rk_error *err)
{
    rk_wal *wal = calloc(1, sizeof *wal);
    *out = NULL;
    if (!wal) {
        return rk_fail_memory(err, "a log");
    }
    wal->folder_fd = wal->lock_fd = wal->file.fd = -1;
    wal->file_bytes = options.file_bytes > 0 ? options.file_bytes : FILE_BYTES;
    wal->last = &wal->waiting;
    snprintf(wal->folder, sizeof wal->folder, "%s", folder);
    pthread_mutex_init(&wal->lock, NULL);
    pthread_cond_init(&wal->done, NULL);
    rk_status status = strlen(folder) < sizeof wal->folder
                           ? lock_folder(wal, err)
                           : rk_fail(err, RK_BAD_INPUT, "the log's path is too long: '%.300s'", folder);
    status = status ? status : rk_wal_sweep(wal->folder, err);
    status = status ? status : recover(wal, found, err);
    if (status) {
        rk_wal_close(wal);
        return status;
    }
    *out = wal;
    return RK_OK;
}

void rk_wal_close(rk_wal *wal)
{
    if (!wal) {
        return;
    }
    rk_wal_file_close(&wal->file);
    for (size_t i = 0; i < 2; i++) {
        int fd = i == 0 ? wal->folder_fd : wal->lock_fd;
        if (fd >= 0) {
            close(fd);
        }
    }
    pthread_mutex_destroy(&wal->lock);
    pthread_cond_destroy(&wal->done);
    free(wal->group);
    free(wal);
}

/* ---- groups ---- */

static bool make_room(rk_wal *wal, size_t n)
{
    if (n > wal->capacity) {
        size_t capacity = n > 2 * wal->capacity ? n : 2 * wal->capacity;
        unsigned char *group = realloc(wal->group, capacity);
        if (!group) {
            return false;
        }
        wal->group = group;
        wal->capacity = capacity;
    }
    return true;
}

/* Writes down the records of a list of tickets, as one group. */
static bool encode(rk_wal *wal, const ticket *tickets)
{
    uint64_t number = wal->end;
    uint32_t in_group = 0;
    wal->n_group = 0;
    for (const ticket *t = tickets; t; t = t->next) {
        for (size_t i = 0; i < t->n; i++) {
            size_t n = rk_wal_span(t->records[i].n);
            rk_wal_head head = {.bytes = (uint32_t)t->records[i].n, .in_group = in_group++, .number = number++};
            head.checksum = rk_wal_checksum(&head, t->records[i]);
            if (!make_room(wal, wal->n_group + n)) {
                return false;
            }
            unsigned char *at = wal->group + wal->n_group;
            memset(at + n - RK_WAL_ALIGN, 0, RK_WAL_ALIGN);
            memcpy(at, &head, sizeof head);
            memcpy(at + sizeof head, t->records[i].at, t->records[i].n);
            wal->n_group += n;
        }
    }
    return true;
}

static rk_status begin_file(rk_wal *wal, rk_error *err)
{
    rk_wal_file next;
    rk_status status = make_file(wal, wal->end, &next, err);
    if (!status) {
        rk_wal_file_close(&wal->file);
        wal->file = next;
    }
    return status;
}

/* After a failed write the file ends again where it did; where that fails too, or a flush, the log is broken. */
static rk_status write_group(rk_wal *wal, rk_error *err)
{
    rk_wal_file *file = &wal->file;
    rk_status status = write_at(file->fd, file->path, file->at, wal->group, wal->n_group, err);
    if (status) {
        if (ftruncate(file->fd, (off_t)file->at) != 0) {
            rk_fail_errno(&wal->broken, RK_IO, errno, "cannot cut '%.400s' off behind its last record", file->path);
        }
        return status;
    }
    status = flush(file->fd, file->path, err);
    if (status) {
        wal->broken = *err;
    }
    return status;
}

/* All tickets of a list to the disk. Only the leader is here; nobody else touches the file. */
static rk_status store(rk_wal *wal, ticket *tickets, rk_error *err)
{
    uint64_t number;
    if (wal->broken.status) {
        return rk_fail(err, RK_IO, "the log takes no more records until it is opened anew: %.400s",
                       wal->broken.message);
    }
    rk_status status = wal->file.at >= wal->file_bytes ? begin_file(wal, err) : RK_OK;
    if (!status && !encode(wal, tickets)) {
        status = rk_fail_memory(err, "a group of records");
    }
    status = status ? status : write_group(wal, err);
    number = wal->end;
    for (ticket *t = tickets; !status && t; t = t->next) {
        t->first = number;
        number += t->n;
    }
    if (!status) {
        wal->file.at += wal->n_group;
    }
    return status;
}

/* Takes those who wait, not more than a group holds. */
static ticket *take_waiting(rk_wal *wal)
{
    ticket *first = wal->waiting, **end = &wal->waiting;
    for (uint64_t bytes = 0; *end && (bytes == 0 || bytes < GROUP_BYTES_MAX); end = &(*end)->next) {
        for (size_t i = 0; i < (*end)->n; i++) {
            bytes += rk_wal_span((*end)->records[i].n);
        }
    }
    ticket *rest = *end;
    *end = NULL;
    wal->waiting = rest;
    wal->last = rest ? wal->last : &wal->waiting;
    return first;
}

/* Writes a group for all who wait. Called and left with the lock held. */
static void lead(rk_wal *wal)
{
    rk_error err = {0};
    uint64_t n = 0;
    ticket *tickets = take_waiting(wal);
    wal->is_writing = true;
    pthread_mutex_unlock(&wal->lock);
    rk_status status = store(wal, tickets, &err);
    pthread_mutex_lock(&wal->lock);
    wal->is_writing = false;
    for (ticket *t = tickets, *next; t;
         t = next) { /* a ticket may be gone as soon as it is done and the lock is free */
        next = t->next;
        n += t->n;
        t->err = err;
        t->is_done = true;
    }
    wal->end += status ? 0 : n;
    pthread_cond_broadcast(&wal->done);
}

rk_status rk_wal_append(rk_wal *wal, const rk_slice *records, size_t n, uint64_t *first, rk_error *err)
{
    ticket mine = {.records = records, .n = n};
    for (size_t i = 0; i < n; i++) {
        if (records[i].n > RK_WAL_RECORD_MAX) {
            return rk_fail(err, RK_BAD_INPUT, "a record of a log has at most %d bytes, this one has %zu",
                           (int)RK_WAL_RECORD_MAX, records[i].n);
        }
    }
    pthread_mutex_lock(&wal->lock);
    *wal->last = &mine;
    wal->last = &mine.next;
    while (!mine.is_done) {
        if (wal->is_writing) {
            pthread_cond_wait(&wal->done, &wal->lock);
        } else {
            lead(wal);
        }
    }
    pthread_mutex_unlock(&wal->lock);
    if (mine.err.status) {
        return rk_fail(err, mine.err.status, "%s", mine.err.message);
    }
    if (first) {
        *first = mine.first;
    }
    return RK_OK;
}

void rk_wal_enter(rk_wal *wal)
{
    pthread_mutex_lock(&wal->lock);
    while (wal->is_writing) {
        pthread_cond_wait(&wal->done, &wal->lock);
    }
    wal->is_writing = true;
    pthread_mutex_unlock(&wal->lock);
}

void rk_wal_leave(rk_wal *wal)
{
    pthread_mutex_lock(&wal->lock);
    wal->is_writing = false;
    pthread_cond_broadcast(&wal->done);
    pthread_mutex_unlock(&wal->lock);
}

uint64_t rk_wal_end(rk_wal *wal)
{
    pthread_mutex_lock(&wal->lock);
    uint64_t end = wal->end;
    pthread_mutex_unlock(&wal->lock);
    return end;
}

rk_status rk_wal_drop(rk_wal *wal, uint64_t from, rk_error *err)
{
    rk_vec firsts;
    rk_status status = rk_wal_list(wal->folder, &firsts, err);
    const uint64_t *first = firsts.data;
    bool is_changed = false;
    for (size_t i = 0; !status && i + 1 < firsts.n && first[i + 1] <= from; i++) {
        char path[PATH_MAX];
        bool is_gone = rk_wal_path(wal->folder, first[i], path) && unlink(path) == 0;
        status = is_gone ? RK_OK : rk_fail_errno(err, RK_IO, errno, "cannot remove '%.400s'", path);
        is_changed = true;
    }
    rk_vec_release(&firsts);
    return status || !is_changed ? status : flush(wal->folder_fd, wal->folder, err);
}
