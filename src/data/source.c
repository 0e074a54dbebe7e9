/* source.c - one buffer of raw bytes, and a decoder that empties it.
 *
 * Plain bytes go past the buffer straight to the caller once its first filling (needed to look at the magic) is used
 * up. Files of several gzip members or zstd frames, as `cat a.gz b.gz` makes them, are one input.
 */
#include "data/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "store/wal.h"

enum { RAW_BYTES = 256 * 1024, GZIP_WINDOW = 15 + 16 };

typedef struct decoder decoder;

struct rk_source {
    const char *path;
    int fd;
    rk_wal_reader *log; /* in the place of fd: a line for each record; NULL = a file */
    rk_slice record;    /* what is left of the one at hand; at NULL: none is */
    bool is_at_end;     /* of the file */
    size_t size;        /* of a regular file; SIZE_MAX of others */
    uint64_t bytes_in;
    size_t raw_begin, raw_end; /* unread part of raw */
    const decoder *decoder;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool is_inside; /* a member or frame has begun and not ended */
    unsigned char raw[RAW_BYTES];
};

/* One row per encoding. decode writes up to n bytes at `at`; *made 0 means: give me more raw bytes. */
struct decoder {
    const char *name, *magic;
    size_t n_magic;
    rk_status (*begin)(rk_source *source, rk_error *err);
    rk_status (*decode)(rk_source *source, char *at, size_t n, size_t *made, rk_error *err);
    void (*end)(rk_source *source);
};

const char *rk_source_name(const rk_source *source)
{
    return strcmp(source->path, "-") == 0 ? "standard input" : source->path;
}

uint64_t rk_source_bytes_in(const rk_source *source) { return source->bytes_in; }

size_t rk_source_size(const rk_source *source)
{
    return source->decoder->n_magic == 0 ? source->size : SIZE_MAX; /* no magic: plain */
}

/* ---- raw bytes ---- */

/* Records with a line end behind each. */
static rk_status read_log(rk_source *source, char *at, size_t n, size_t *n_read, rk_error *err)
{
    rk_status status = RK_OK;
    *n_read = 0;
    while (!status && *n_read < n && !source->is_at_end) {
        uint64_t number;
        if (!source->record.at) {
            status = rk_wal_next(source->log, &number, &source->record, err);
            source->is_at_end = !source->record.at && *n_read == 0;
            if (status || !source->record.at) {
                break;
            }
            if (source->record.n == 0) { /* erased (store/wal.h) */
                source->record.at = NULL;
                continue;
            }
        }
        rk_slice *left = &source->record;
        size_t some = left->n < n - *n_read ? left->n : n - *n_read;
        memcpy(at + *n_read, left->at, some);
        *n_read += some;
        *left = (rk_slice){left->at + some, left->n - some};
        if (left->n == 0 && *n_read < n) {
            at[(*n_read)++] = '\n';
            left->at = NULL;
        }
    }
    source->bytes_in += *n_read;
    return status;
}

static rk_status read_raw(rk_source *source, void *at, size_t n, size_t *n_read, rk_error *err)
{
    if (source->log) {
        return read_log(source, at, n, n_read, err);
    }
    ssize_t k;
    do {
        k = read(source->fd, at, n);
    } while (k < 0 && errno == EINTR);
    if (k < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot read '%s'", rk_source_name(source));
    }
    source->is_at_end = k == 0;
    source->bytes_in += (uint64_t)k;
    *n_read = (size_t)k;
    return RK_OK;
}

/* Keeps what is unread and reads on behind it. */
static rk_status refill(rk_source *source, rk_error *err)
{
    size_t n = source->raw_end - source->raw_begin, more = 0;
    memmove(source->raw, source->raw + source->raw_begin, n);
    source->raw_begin = 0;
    source->raw_end = n;
    rk_status status = read_raw(source, source->raw + n, RAW_BYTES - n, &more, err);
    source->raw_end += status == RK_OK ? more : 0;
    return status;
}

/* ---- plain ---- */

static rk_status plain_begin(rk_source *source, rk_error *err)
{
    (void)source, (void)err;
    return RK_OK;
}

static rk_status plain_decode(rk_source *source, char *at, size_t n, size_t *made, rk_error *err)
{
    size_t n_ready = source->raw_end - source->raw_begin;
    if (n_ready == 0) {
        return source->is_at_end ? RK_OK : read_raw(source, at, n, made, err);
    }
    *made = n_ready < n ? n_ready : n;
    memcpy(at, source->raw + source->raw_begin, *made);
    source->raw_begin += *made;
    return RK_OK;
}

static void plain_end(rk_source *source) { (void)source; }

/* ---- gzip ---- */

static rk_status gzip_begin(rk_source *source, rk_error *err)
{
    return inflateInit2(&source->gzip, GZIP_WINDOW) == Z_OK ? RK_OK : rk_fail_memory(err, "gzip decompression");
}

/* Zeros behind the last member are padding, as tar and tapes leave it. */
static bool is_padding(const rk_source *source)
{
    for (size_t i = source->raw_begin; i < source->raw_end; i++) {
        if (source->raw[i] != 0) {
            return false;
        }
    }
    return true;
}

static rk_status gzip_decode(rk_source *source, char *at, size_t n, size_t *made, rk_error *err)
{
    z_stream *gzip = &source->gzip;
    if (!source->is_inside && is_padding(source)) {
        source->raw_begin = source->raw_end;
        return RK_OK;
    }
    source->is_inside = true;
    size_t n_out = n < (1u << 30) ? n : 1u << 30; /* zlib counts in unsigned int */
    gzip->next_in = source->raw + source->raw_begin;
    gzip->avail_in = (unsigned)(source->raw_end - source->raw_begin);
    gzip->next_out = (unsigned char *)at;
    gzip->avail_out = (unsigned)n_out;
    int code = inflate(gzip, Z_NO_FLUSH);
    source->raw_begin = source->raw_end - gzip->avail_in;
    *made = n_out - gzip->avail_out;
    if (code == Z_STREAM_END) {
        source->is_inside = false;
        return inflateReset(gzip) == Z_OK ? RK_OK : rk_fail_memory(err, "gzip decompression");
    }
    if (code == Z_MEM_ERROR) {
        return rk_fail_memory(err, "gzip decompression");
    }
    return code == Z_OK || code == Z_BUF_ERROR
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "%s: damaged gzip data before byte %llu of the file: %s",
                         rk_source_name(source),
                         (unsigned long long)(source->bytes_in - (source->raw_end - source->raw_begin)),
                         gzip->msg ? gzip->msg : "unknown reason");
}

static void gzip_end(rk_source *source) { (void)inflateEnd(&source->gzip); }

/* ---- zstd ---- */

static rk_status zstd_begin(rk_source *source, rk_error *err)
{
    source->zstd = ZSTD_createDStream();
    return source->zstd ? RK_OK : rk_fail_memory(err, "zstd decompression");
}

static rk_status zstd_decode(rk_source *source, char *at, size_t n, size_t *made, rk_error *err)
{
    ZSTD_inBuffer in = {source->raw, source->raw_end, source->raw_begin};
    ZSTD_outBuffer out = {at, n, 0};
    size_t code = ZSTD_decompressStream(source->zstd, &out, &in);
    if (ZSTD_isError(code)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged zstd data before byte %llu of the file: %s",
                       rk_source_name(source), (unsigned long long)source->bytes_in, ZSTD_getErrorName(code));
    }
    source->is_inside = in.pos > source->raw_begin || out.pos > 0 ? code != 0 : source->is_inside;
    source->raw_begin = in.pos;
    *made = out.pos;
    return RK_OK;
}

static void zstd_end(rk_source *source) { (void)ZSTD_freeDStream(source->zstd); }

/* ---- choosing ---- */

static const decoder decoders[] = {
    {"gzip", "\x1f\x8b", 2, gzip_begin, gzip_decode, gzip_end},
    {"zstd", "\x28\xb5\x2f\xfd", 4, zstd_begin, zstd_decode, zstd_end},
    {"plain", "", 0, plain_begin, plain_decode, plain_end}, /* the last: every input begins with nothing */
};

static bool begins_with(const rk_source *source, const char *magic, size_t n)
{
    return source->raw_end >= n && memcmp(source->raw, magic, n) == 0;
}

static rk_status refuse_foreign(const rk_source *source, rk_error *err)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *words;
    } foreign[] = {
        {"PK\x03\x04", 4, "a zip archive or spreadsheet; unpack it or export it as CSV"},
        {"\xd0\xcf\x11\xe0", 4, "an old spreadsheet; export it as CSV"},
        {"BZh", 3, "bzip2 data; pipe it through bunzip2"},
        {"\xfd"
         "7zXZ",
         5, "xz data; pipe it through unxz"},
        {"7z\xbc\xaf", 4, "a 7-zip archive; unpack it"},
        {"PAR1", 4, "Parquet; export it as CSV"},
        {"SQLite format 3", 15, "an SQLite database; export a table as CSV"},
        {"RECKON\r\n", 8, "an artefact of reckon, not a log"},
        {"\xff\xfe", 2, "UTF-16 text; convert it to UTF-8 (iconv -f utf-16 -t utf-8)"},
        {"\xfe\xff", 2, "UTF-16 text; convert it to UTF-8 (iconv -f utf-16 -t utf-8)"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(foreign); i++) {
        if (begins_with(source, foreign[i].magic, foreign[i].n)) {
            return rk_fail(err, RK_BAD_INPUT, "%s: this is %s", rk_source_name(source), foreign[i].words);
        }
    }
    return RK_OK;
}

static rk_status choose_decoder(rk_source *source, rk_error *err)
{
    rk_status status = RK_OK;
    while (!status && !source->is_at_end && source->raw_end < 16) { /* a pipe may give a byte at a time */
        status = refill(source, err);
    }
    if (!status) {
        status = refuse_foreign(source, err);
    }
    const decoder *choice = decoders;
    while (!begins_with(source, choice->magic, choice->n_magic)) {
        choice++;
    }
    if (!status) {
        status = choice->begin(source, err);
    }
    source->decoder = status ? NULL : choice;
    return status;
}

static rk_status open_path(rk_source *source, rk_error *err)
{
    struct stat info;
    if (strcmp(source->path, "-") == 0) {
        source->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    } else {
        source->fd = open(source->path, O_RDONLY | O_CLOEXEC);
    }
    if (source->fd < 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? rk_fail(err, RK_NOT_FOUND, "no such file '%s'", source->path)
                   : rk_fail_errno(err, RK_IO, errno, "cannot open '%s'", rk_source_name(source));
    }
    bool is_known = fstat(source->fd, &info) == 0;
    if (is_known && S_ISDIR(info.st_mode) && rk_wal_is_there(source->path)) {
        source->size = SIZE_MAX;
        return rk_wal_reader_open(source->path, 0, &source->log, err);
    }
    if (is_known && S_ISDIR(info.st_mode)) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' is a folder, not a file", source->path);
    }
    source->size = is_known && S_ISREG(info.st_mode) ? (size_t)info.st_size : SIZE_MAX;
    (void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return RK_OK;
}

rk_status rk_source_open(const char *path, rk_source **out, rk_error *err)
{
    rk_source *source = calloc(1, sizeof *source);
    if (!source) {
        return rk_fail_memory(err, "an input buffer");
    }
    source->path = path;
    source->fd = -1;
    rk_status status = open_path(source, err);
    if (!status) {
        status = choose_decoder(source, err);
    }
    if (status) {
        rk_source_close(source);
        return status;
    }
    *out = source;
    return RK_OK;
}

rk_status rk_source_read(rk_source *source, char *at, size_t n, size_t *n_read, rk_error *err)
{
    size_t n_done = 0;
    for (;;) {
        size_t made = 0, unread = source->raw_begin;
        rk_status status = n_done < n ? source->decoder->decode(source, at + n_done, n - n_done, &made, err) : RK_OK;
        if (status) {
            return status;
        }
        n_done += made;
        if (n_done == n || (made == 0 && source->is_at_end && source->raw_begin == unread)) {
            break;
        }
        if (made == 0 && !source->is_at_end) {
            status = refill(source, err);
        }
        if (status) {
            return status;
        }
    }
    if (n_done < n && source->is_inside) {
        return rk_fail(err, RK_BAD_INPUT, "%s: the %s data ends too early; the file is truncated",
                       rk_source_name(source), source->decoder->name);
    }
    *n_read = n_done;
    return RK_OK;
}

void rk_source_close(rk_source *source)
{
    if (!source) {
        return;
    }
    if (source->decoder) {
        source->decoder->end(source);
    }
    rk_wal_reader_close(source->log);
    if (source->fd >= 0) {
        close(source->fd);
    }
    free(source);
}
