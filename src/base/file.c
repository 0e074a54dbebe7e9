/* file.c - files read whole, by mmap or into memory, and written whole or not at all.
 *
 * Writing: bytes go to a new file beside the target; commit flushes it to disk and renames it over the target, so a
 * reader sees the old file or the new one, never a half. The folder is flushed too, or the rename may not survive a
 * power cut.
 *
 * Leftovers: a killed writer leaves PATH.tmp.PID.N behind. A living writer holds flock() on its file, so the next
 * successful writer to the same path removes those that it can lock. The lock and not the PID decides: PIDs repeat,
 * above all in containers, where every run is process 1. A remover may win the lock between our open and our flock;
 * then our file has no name any more, and we make another.
 *
 * A target that is no regular file (a pipe, /dev/null) or "-" is written straight through.
 */
#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, TEMP_TRIES = 10000, TEMP_SUFFIX_BYTES = 48 };

struct rk_file_writer {
    char *path;       /* as the caller named it, for messages */
    char *target;     /* links resolved; NULL = written straight through */
    char *temp;       /* beside target; NULL like it */
    int fd;           /* */
    mode_t mode;      /* of the file that is replaced; 0 = it is new */
    uint64_t written; /* bytes that left the buffer */
    size_t n_buffered;
    bool failed;    /* a write was lost: commit must not succeed */
    bool is_memory; /* no target, yet not written straight through */
    unsigned char buffer[BUFFER_BYTES];
};

/* ---- reading ---- */

static rk_status check_regular(int fd, const char *path, struct stat *info, rk_error *err)
{
    if (fstat(fd, info) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot read '%s'", path);
    }
    if (S_ISDIR(info->st_mode)) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' is a folder, not a file", path);
    }
    if (!S_ISREG(info->st_mode)) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' is not a regular file", path);
    }
    return RK_OK;
}

static rk_status map_descriptor(int fd, size_t n, const char *path, rk_mapped *out, rk_error *err)
{
    void *at = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) {
        return rk_fail_errno(err, errno == ENOMEM ? RK_NO_MEMORY : RK_IO, errno, "cannot map '%s'", path);
    }
    *out = (rk_mapped){at, n};
    return RK_OK;
}

/* All n bytes; errno is set when false, 0 when the file ended early. */
static bool read_all(int fd, unsigned char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t k = read(fd, bytes, n);
        if (k < 0 && errno == EINTR) {
            continue;
        }
        if (k <= 0) {
            errno = k == 0 ? 0 : errno;
            return false;
        }
        bytes += k;
        n -= (size_t)k;
    }
    return true;
}

static rk_status load_descriptor(int fd, size_t n, const char *path, rk_mapped *out, rk_error *err)
{
    void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        return rk_fail_memory(err, path);
    }
    if (!read_all(fd, at, n)) {
        rk_status status = errno ? rk_fail_errno(err, RK_IO, errno, "cannot read '%s'", path)
                                 : rk_fail(err, RK_BAD_INPUT, "'%s' was cut short while it was read", path);
        munmap(at, n);
        return status;
    }
    (void)mprotect(at, n, PROT_READ); /* only a guard against ourselves */
    *out = (rk_mapped){at, n};
    return RK_OK;
}

typedef rk_status take_bytes(int fd, size_t n, const char *path, rk_mapped *out, rk_error *err);

static rk_status open_whole(const char *path, take_bytes *take, rk_mapped *out, rk_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make us wait */
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return rk_fail(err, RK_NOT_FOUND, "no such file '%s'", path);
    }
    if (fd < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot open '%s'", path);
    }
    struct stat info;
    rk_status status = check_regular(fd, path, &info, err);
    if (status == RK_OK && info.st_size == 0) {
        *out = (rk_mapped){(const unsigned char *)"", 0};
    } else if (status == RK_OK) {
        status = take(fd, (size_t)info.st_size, path, out, err);
    }
    close(fd);
    return status;
}

rk_status rk_mapped_open(const char *path, rk_mapped *out, rk_error *err)
{
    return open_whole(path, map_descriptor, out, err);
}

rk_status rk_mapped_load(const char *path, rk_mapped *out, rk_error *err)
{
    return open_whole(path, load_descriptor, out, err);
}

void rk_mapped_close(rk_mapped *mapped)
{
    if (mapped->n_bytes > 0) {
        munmap((void *)(uintptr_t)mapped->at, mapped->n_bytes);
    }
    *mapped = (rk_mapped){0};
}

/* ---- writing ---- */

/* All of it, at offset (or at the end when offset is negative); errno is set when false. */
static bool write_all(int fd, const unsigned char *bytes, size_t n, off_t offset)
{
    while (n > 0) {
        ssize_t k = offset < 0 ? write(fd, bytes, n) : pwrite(fd, bytes, n, offset);
        if (k < 0 && errno == EINTR) {
            continue;
        }
        if (k <= 0) {
            errno = k == 0 ? EIO : errno;
            return false;
        }
        bytes += k;
        n -= (size_t)k;
        offset = offset < 0 ? offset : offset + k;
    }
    return true;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "." for a bare name, "/" for a name at the root. Owned; NULL when memory is short. */
static char *folder_of(const char *path)
{
    size_t n = (size_t)(name_of(path) - path);
    return n == 0 ? strdup(".") : strndup(path, n > 1 ? n - 1 : 1);
}

static rk_status fail_write(rk_file_writer *writer, int errno_value, rk_error *err)
{
    writer->failed = true;
    return rk_fail_errno(err, RK_IO, errno_value, "cannot write '%s'", writer->path);
}

static rk_status fail_create(const rk_file_writer *writer, int errno_value, rk_error *err)
{
    char *folder = folder_of(writer->path);
    bool is_lost = folder && access(folder, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
    rk_status status = is_lost
                           ? rk_fail(err, RK_NOT_FOUND, "no such folder '%s' to write '%s' in", folder, writer->path)
                           : rk_fail_errno(err, RK_IO, errno_value, "cannot create '%s'", writer->path);
    free(folder);
    return status;
}

/* Makes, locks and names the temporary file. */
static rk_status open_temp(rk_file_writer *writer, rk_error *err)
{
    size_t size = strlen(writer->target) + TEMP_SUFFIX_BYTES;
    writer->temp = malloc(size);
    if (!writer->temp) {
        return rk_fail_memory(err, "a file name");
    }
    for (unsigned n = 0; n < TEMP_TRIES; n++) {
        struct stat info;
        snprintf(writer->temp, size, "%s.tmp.%ld.%u", writer->target, (long)getpid(), n);
        writer->fd = open(writer->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (writer->fd >= 0) {
            (void)flock(writer->fd, LOCK_EX); /* a file system without locks only keeps its leftovers */
            if (fstat(writer->fd, &info) == 0 && info.st_nlink > 0) {
                return RK_OK;
            }
            close(writer->fd);
            writer->fd = -1;
        } else if (errno != EEXIST) {
            break;
        }
    }
    int errno_value = errno;
    free(writer->temp); /* nothing of ours lies there */
    writer->temp = NULL;
    return fail_create(writer, errno_value, err);
}

/* A folder cannot be replaced, a device or pipe is written straight through, a link is followed. */
static rk_status choose_target(rk_file_writer *writer, rk_error *err)
{
    struct stat info;
    if (strcmp(writer->path, "-") == 0) {
        fflush(stdout);
        writer->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
        return writer->fd < 0 ? rk_fail_errno(err, RK_IO, errno, "cannot write to standard output") : RK_OK;
    }
    bool is_there = stat(writer->path, &info) == 0;
    if (is_there && S_ISDIR(info.st_mode)) {
        return rk_fail(err, RK_IO, "cannot write '%s': it is a folder", writer->path);
    }
    if (is_there && !S_ISREG(info.st_mode)) {
        writer->fd = open(writer->path, O_WRONLY | O_CLOEXEC);
        return writer->fd < 0 ? rk_fail_errno(err, RK_IO, errno, "cannot open '%s'", writer->path) : RK_OK;
    }
    writer->mode = is_there ? info.st_mode & 0777 : 0;
    writer->target = is_there ? realpath(writer->path, NULL) : strdup(writer->path);
    return writer->target ? open_temp(writer, err) : rk_fail_memory(err, "a file name");
}

static void writer_free(rk_file_writer *writer)
{
    if (writer->fd >= 0) {
        close(writer->fd);
    }
    free(writer->temp);
    free(writer->target);
    free(writer->path);
    free(writer);
}

rk_status rk_file_writer_open(const char *path, rk_file_writer **out, rk_error *err)
{
    rk_file_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        return rk_fail_memory(err, "a file buffer");
    }
    writer->fd = -1;
    writer->path = strdup(path);
    rk_status status = writer->path ? choose_target(writer, err) : rk_fail_memory(err, "a file name");
    if (status) {
        writer_free(writer);
        return status;
    }
    *out = writer;
    return RK_OK;
}

static rk_status write_out(rk_file_writer *writer, const void *bytes, size_t n, rk_error *err)
{
    if (!write_all(writer->fd, bytes, n, -1)) {
        return fail_write(writer, errno, err);
    }
    writer->written += n;
    return RK_OK;
}

static rk_status flush(rk_file_writer *writer, rk_error *err)
{
    if (writer->failed) {
        return rk_fail(err, RK_IO, "cannot write '%s': an earlier write failed", writer->path);
    }
    size_t n = writer->n_buffered;
    writer->n_buffered = 0;
    return write_out(writer, writer->buffer, n, err);
}

rk_status rk_file_writer_add(rk_file_writer *writer, const void *bytes, size_t n, rk_error *err)
{
    if (n > BUFFER_BYTES - writer->n_buffered) {
        rk_status status = flush(writer, err);
        if (status) {
            return status;
        }
        if (n >= BUFFER_BYTES) {
            return write_out(writer, bytes, n, err);
        }
    }
    if (n > 0) {
        memcpy(writer->buffer + writer->n_buffered, bytes, n);
        writer->n_buffered += n;
    }
    return RK_OK;
}

rk_status rk_file_writer_patch(rk_file_writer *writer, uint64_t offset, const void *bytes, size_t n, rk_error *err)
{
    assert(offset <= rk_file_writer_offset(writer) && n <= rk_file_writer_offset(writer) - offset);
    if (!writer->target && !writer->is_memory) {
        return rk_fail(err, RK_BAD_USAGE, "cannot go back in '%s'; name a regular file", writer->path);
    }
    rk_status status = flush(writer, err);
    if (!status && !write_all(writer->fd, bytes, n, (off_t)offset)) {
        status = fail_write(writer, errno, err);
    }
    return status;
}

uint64_t rk_file_writer_offset(const rk_file_writer *writer) { return writer->written + writer->n_buffered; }

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == EACCES; /* we may write here but not look: the rename stands */
    }
    bool is_synced = fsync(fd) == 0 || errno == EINVAL; /* EINVAL: this file system has no such thing */
    int errno_value = errno;
    close(fd);
    errno = errno_value;
    return is_synced;
}

/* "NAME.tmp.DIGITS.DIGITS" */
static bool is_leftover(const char *entry, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(entry, name, n) != 0 || strncmp(entry + n, ".tmp.", 5) != 0) {
        return false;
    }
    const char *pid = entry + n + 5;
    size_t n_pid = strspn(pid, "0123456789");
    if (n_pid == 0 || pid[n_pid] != '.') {
        return false;
    }
    const char *number = pid + n_pid + 1;
    size_t n_number = strspn(number, "0123456789");
    return n_number > 0 && number[n_number] == '\0';
}

/* Best effort: what cannot be removed stays. */
static void remove_leftovers(const char *folder, const char *name)
{
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!is_leftover(entry->d_name, name)) {
            continue;
        }
        int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

/* On disk under the temporary name, then under the final one. */
static rk_status publish(rk_file_writer *writer, const char *folder, rk_error *err)
{
    bool is_done = (writer->mode == 0 || fchmod(writer->fd, writer->mode) == 0) && fsync(writer->fd) == 0 &&
                   rename(writer->temp, writer->target) == 0;
    if (!is_done) {
        return fail_write(writer, errno, err);
    }
    free(writer->temp);
    writer->temp = NULL;
    return sync_folder(folder) ? RK_OK : fail_write(writer, errno, err);
}

rk_status rk_file_writer_commit(rk_file_writer *writer, rk_error *err)
{
    char *folder = writer->target ? folder_of(writer->target) : NULL;
    rk_status status = flush(writer, err);
    if (!status && writer->target) {
        status = folder ? publish(writer, folder, err) : rk_fail_memory(err, "a file name");
    }
    if (!status && writer->target) {
        remove_leftovers(folder, name_of(writer->target));
    }
    free(folder);
    rk_file_writer_abort(writer);
    return status;
}

void rk_file_writer_abort(rk_file_writer *writer)
{
    if (!writer) {
        return;
    }
    if (writer->temp) {
        unlink(writer->temp);
    }
    writer_free(writer);
}

rk_status rk_file_writer_open_memory(const char *name, rk_file_writer **out, rk_error *err)
{
    rk_file_writer *writer = calloc(1, sizeof *writer);
    if (!writer || !(writer->path = strdup(name))) {
        free(writer);
        return rk_fail_memory(err, "a file buffer");
    }
    writer->is_memory = true;
    writer->fd = memfd_create("reckon", MFD_CLOEXEC);
    if (writer->fd < 0) {
        rk_status status = rk_fail_errno(err, RK_IO, errno, "cannot make a file in memory for '%s'", name);
        writer_free(writer);
        return status;
    }
    *out = writer;
    return RK_OK;
}

rk_status rk_file_writer_commit_memory(rk_file_writer *writer, rk_mapped *out, rk_error *err)
{
    assert(writer->is_memory);
    rk_status status = flush(writer, err);
    if (!status && writer->written == 0) {
        *out = (rk_mapped){(const unsigned char *)"", 0};
    } else if (!status) {
        status = map_descriptor(writer->fd, writer->written, writer->path, out, err);
    }
    writer_free(writer);
    return status;
}

rk_status rk_file_write_text(const char *path, const rk_text *text, rk_error *err)
{
    rk_file_writer *writer = NULL;
    if (text->failed) {
        return rk_fail_memory(err, "the text of a file");
    }
    rk_status status = rk_file_writer_open(path, &writer, err);
    if (status) {
        return status;
    }
    status = rk_file_writer_add(writer, text->at, text->n, err);
    if (status) {
        rk_file_writer_abort(writer);
        return status;
    }
    return rk_file_writer_commit(writer, err);
}

rk_status rk_file_check_target(const char *path, rk_error *err)
{
    struct stat info;
    rk_file_writer *writer = NULL;
    if (strcmp(path, "-") == 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))) {
        return RK_OK; /* opening a pipe would wake its reader */
    }
    rk_status status = rk_file_writer_open(path, &writer, err);
    rk_file_writer_abort(writer);
    return status;
}

rk_status rk_folder_make(const char *path, rk_error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0) {
        return RK_OK;
    }
    int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return RK_OK;
    }
    return rk_fail_errno(err, reason == ENOENT ? RK_NOT_FOUND : RK_IO, reason, "cannot make the folder '%s'", path);
}

bool rk_path_beside(const char *base, const char *path, char *out, size_t out_bytes)
{
    size_t n_folder = path[0] == '/' ? 0 : (size_t)(name_of(base) - base);
    size_t n_path = strlen(path);
    if (n_folder >= out_bytes || n_path >= out_bytes - n_folder) {
        return false;
    }
    memcpy(out, base, n_folder);
    memcpy(out + n_folder, path, n_path + 1);
    return true;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool rk_path_is_same(const char *a, const char *b)
{
    struct stat info_a, info_b;
    bool is_there_a = stat(a, &info_a) == 0, is_there_b = stat(b, &info_b) == 0;
    if (is_there_a || is_there_b) {
        return is_there_a && is_there_b && S_ISREG(info_a.st_mode) && is_same_file(&info_a, &info_b);
    }
    char *folder_a = folder_of(a), *folder_b = folder_of(b);
    bool is_same = folder_a && folder_b && strcmp(name_of(a), name_of(b)) == 0 && stat(folder_a, &info_a) == 0 &&
                   stat(folder_b, &info_b) == 0 && is_same_file(&info_a, &info_b);
    free(folder_a);
    free(folder_b);
    return is_same;
}

rk_status rk_path_keep_apart(const char *out, const char *in, rk_error *err)
{
    return strcmp(out, "-") != 0 && rk_path_is_same(out, in)
               ? rk_fail(err, RK_BAD_USAGE, "'%.200s' would replace the file that is read; name another", out)
               : RK_OK;
}
