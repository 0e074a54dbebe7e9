/* audit.c - see audit.h. */
#include "serve/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

typedef struct {
    char path[PATH_MAX];
    pthread_mutex_t lock;
    int fd; /* -1: the last rotation could not make one */
    uint64_t n_bytes;
    rk_text line;
    bool is_failing; /* the last line could not be written, which has been said */
} book;

struct rk_audit {
    book admin, writes;
    uint64_t file_bytes;
    const rk_run *run;
    atomic_uint_least64_t n_lost;
};

static rk_status open_file(book *b, rk_error *err)
{
    struct stat info;
    b->fd = open(b->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (b->fd < 0 || fstat(b->fd, &info) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot open the audit log '%.400s'", b->path);
    }
    b->n_bytes = (uint64_t)info.st_size;
    return RK_OK;
}

static rk_status open_book(book *b, const char *path, const char *suffix, rk_error *err)
{
    pthread_mutex_init(&b->lock, NULL);
    b->fd = -1;
    int n = snprintf(b->path, sizeof b->path, "%s%s", path, suffix);
    return n + 3 < (int)sizeof b->path ? open_file(b, err)
                                       : rk_fail(err, RK_BAD_INPUT, "the audit log's path is too long");
}

static void close_book(book *b)
{
    if (b->fd >= 0) {
        close(b->fd);
    }
    rk_text_release(&b->line);
    pthread_mutex_destroy(&b->lock);
}

rk_status rk_audit_open(const char *path, uint64_t file_bytes, const rk_run *run, rk_audit **out, rk_error *err)
{
    rk_audit *audit = calloc(1, sizeof *audit);
    *out = NULL;
    if (!audit) {
        return rk_fail_memory(err, "the audit log");
    }
    audit->file_bytes = file_bytes > 0 ? file_bytes : RK_AUDIT_BYTES;
    audit->run = run;
    rk_status status = open_book(&audit->admin, path, "", err);
    rk_status of_writes = open_book(&audit->writes, path, ".writes", status ? NULL : err);
    if (status || of_writes) {
        rk_audit_close(audit);
        return status ? status : of_writes;
    }
    *out = audit;
    return RK_OK;
}

void rk_audit_close(rk_audit *audit)
{
    if (audit) {
        close_book(&audit->admin);
        close_book(&audit->writes);
        free(audit);
    }
}

/* FILE.3 becomes FILE.4, ..., FILE becomes FILE.1. What is not there yet is let pass. */
static rk_status turn(book *b, rk_error *err)
{
    char from[PATH_MAX + 8], to[PATH_MAX + 8];
    close(b->fd);
    for (unsigned i = RK_AUDIT_KEPT; i > 0; i--) {
        snprintf(from, sizeof from, i > 1 ? "%s.%u" : "%s", b->path, i - 1);
        snprintf(to, sizeof to, "%s.%u", b->path, i);
        if (rename(from, to) != 0 && errno != ENOENT) {
            rk_fail_errno(err, RK_IO, errno, "cannot rename '%.400s'", from);
        }
    }
    return open_file(b, err);
}

static void format_entry(const rk_audit_entry *entry, rk_text *out)
{
    char time[24], address[RK_ADDRESS_BYTES];
    rk_json json = {.text = out};
    rk_format_time(rk_clock_unix_s(), time);
    rk_address_format(entry->from, address);
    rk_text_clear(out);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "time", time);
    rk_json_cstring(&json, "key", entry->caller->key_id[0] ? entry->caller->key_name : NULL);
    rk_json_cstring(&json, "key_id", entry->caller->key_id[0] ? entry->caller->key_id : NULL);
    rk_json_cstring(&json, "from", address);
    rk_json_cstring(&json, "method", entry->method);
    rk_json_cstring(&json, "route", entry->route);
    if (entry->status > 0) {
        rk_json_u64(&json, "status", entry->status);
    } else {
        rk_json_bool(&json, "begun", true);
    }
    rk_json_cstring(&json, "request_id", entry->request_id);
    rk_json_end_object(&json);
    rk_text_add(out, "\n");
}

/* A line that a full disk has cut short is taken back. */
static rk_status write_line(book *b, uint64_t file_bytes, bool is_flushed, rk_error *err)
{
    rk_status status = RK_OK;
    if (b->fd < 0 || b->n_bytes >= file_bytes) {
        status = b->fd < 0 ? open_file(b, err) : turn(b, err);
    }
    if (status || b->line.failed) {
        return status ? status : rk_fail_memory(err, "a line of the audit log");
    }
    ssize_t n = write(b->fd, b->line.at, b->line.n);
    b->n_bytes += n > 0 ? (uint64_t)n : 0;
    if (n != (ssize_t)b->line.n) {
        int failure = n < 0 ? errno : ENOSPC;
        if (n > 0 && ftruncate(b->fd, (off_t)(b->n_bytes - (uint64_t)n)) == 0) {
            b->n_bytes -= (uint64_t)n;
        }
        return rk_fail_errno(err, RK_IO, failure, "cannot write to the audit log '%.400s'", b->path);
    }
    return !is_flushed || fdatasync(b->fd) == 0
               ? RK_OK
               : rk_fail_errno(err, RK_IO, errno, "cannot flush the audit log '%.400s'", b->path);
}

static void tell(const rk_audit *audit, const book *b, bool was_failing, const rk_error *err)
{
    if (b->is_failing && !was_failing) {
        rk_log(audit->run, RK_LOG_WARNING, "%s", err->message);
    } else if (!b->is_failing && was_failing) {
        rk_log(audit->run, RK_LOG_INFO, "%s: lines can be written again", b->path);
    }
}

bool rk_audit_note(rk_audit *audit, const rk_audit_entry *entry)
{
    book *b = entry->is_write ? &audit->writes : &audit->admin;
    rk_error err;
    pthread_mutex_lock(&b->lock);
    bool was_failing = b->is_failing;
    format_entry(entry, &b->line);
    b->is_failing = write_line(b, audit->file_bytes, !entry->is_write, &err) != RK_OK;
    bool is_written = !b->is_failing;
    tell(audit, b, was_failing, &err);
    pthread_mutex_unlock(&b->lock);
    if (!is_written && entry->status > 0) {
        atomic_fetch_add_explicit(&audit->n_lost, 1, memory_order_relaxed);
    }
    return is_written;
}

uint64_t rk_audit_n_lost(const rk_audit *audit)
{
    return audit ? atomic_load_explicit(&audit->n_lost, memory_order_relaxed) : 0;
}
