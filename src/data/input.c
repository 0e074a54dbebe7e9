/* input.c - a row per encoding: plain, gzip (members one after another), zstd (frames one after another).
 *
 * Compressed bytes come through one buffer of COMPRESSED_BYTES; the decoder of the row turns them into text. Plain
 * regular files are mapped instead and never copied.
 */
#include "data/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"

enum { COMPRESSED_BYTES = 1 << 18, WINDOW_BITS_GZIP = 15 + 16 };

typedef struct {
    const char *name;
    const char *magic;
    size_t magic_bytes;
    bool (*start)(rk_input *input);
    /* Decodes from input->buffer into out; returns false on damage. Sets input->is_between when at a member's end. */
    bool (*decode)(rk_input *input, char *out, size_t n, size_t *n_out);
    void (*end)(rk_input *input);
} encoding;

struct rk_input {
    const char *path; /* borrowed by copy */
    int file;
    bool is_mapped, is_at_end; /* of the file */
    bool is_between;           /* between members: the end is allowed here */
    rk_mapped mapped;
    const encoding *encoding;
    unsigned char *buffer; /* COMPRESSED_BYTES */
    size_t at, n;          /* undecoded bytes in buffer: at .. n */
    uint64_t n_file_bytes, n_taken;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

/* ---- the encodings ---- */

static bool plain_decode(rk_input *input, char *out, size_t n, size_t *n_out)
{
    size_t left = input->n - input->at, m = left < n ? left : n;
    memcpy(out, input->buffer + input->at, m);
    input->at += m;
    *n_out = m;
    input->is_between = true;
    return true;
}

static bool gzip_start(rk_input *input) { return inflateInit2(&input->gzip, WINDOW_BITS_GZIP) == Z_OK; }

static bool gzip_decode(rk_input *input, char *out, size_t n, size_t *n_out)
{
    z_stream *gzip = &input->gzip;
    if (input->is_between && input->at < input->n && inflateReset(gzip) != Z_OK) {
        return false;
    }
    gzip->next_in = input->buffer + input->at;
    gzip->avail_in = (unsigned)(input->n - input->at);
    gzip->next_out = (unsigned char *)out;
    gzip->avail_out = (unsigned)n;
    int result = gzip->avail_in ? inflate(gzip, Z_NO_FLUSH) : Z_OK;
    input->at = input->n - gzip->avail_in;
    *n_out = n - gzip->avail_out;
    input->is_between = result == Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
}

static void gzip_end(rk_input *input) { (void)inflateEnd(&input->gzip); }

static bool zstd_start(rk_input *input)
{
    input->zstd = ZSTD_createDStream();
    return input->zstd != NULL;
}

static bool zstd_decode(rk_input *input, char *out, size_t n, size_t *n_out)
{
    ZSTD_inBuffer in = {input->buffer, input->n, input->at};
    ZSTD_outBuffer result = {out, n, 0};
    size_t left = ZSTD_decompressStream(input->zstd, &result, &in);
    input->at = in.pos;
    *n_out = result.pos;
    input->is_between = left == 0;
    return !ZSTD_isError(left);
}

static void zstd_end(rk_input *input) { (void)ZSTD_freeDStream(input->zstd); }

static const encoding encodings[] = {
    {"gzip", "\x1f\x8b", 2, gzip_start, gzip_decode, gzip_end},
    {"zstd", "\x28\xb5\x2f\xfd", 4, zstd_start, zstd_decode, zstd_end},
    {"plain", "", 0, NULL, plain_decode, NULL}, /* matches everything: last */
};

/* ---- opening ---- */

static rk_status fill(rk_input *input, rk_error *err)
{
    if (input->at == input->n) {
        input->at = input->n = 0;
    }
    while (!input->is_at_end && input->n < COMPRESSED_BYTES) {
        ssize_t got = read(input->file, input->buffer + input->n, COMPRESSED_BYTES - input->n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return rk_fail_errno(err, RK_IO, errno, "cannot read '%s'", input->path);
        }
        input->is_at_end = got == 0;
        input->n += (size_t)got;
        input->n_taken += (uint64_t)got;
    }
    return RK_OK;
}

static rk_status open_file(rk_input *input, rk_error *err)
{
    input->file = strcmp(input->path, "-") == 0 ? dup(STDIN_FILENO) : open(input->path, O_RDONLY | O_CLOEXEC);
    if (input->file < 0) {
        return errno == ENOENT ? rk_fail(err, RK_NOT_FOUND, "no such file '%s'", input->path)
                               : rk_fail_errno(err, RK_IO, errno, "cannot open '%s'", input->path);
    }
    struct stat about;
    if (fstat(input->file, &about) == 0 && S_ISDIR(about.st_mode)) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' is a folder, a file is needed", input->path);
    }
    input->n_file_bytes = S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0;
    return RK_OK;
}

static rk_status start_decoder(rk_input *input, rk_error *err)
{
    input->buffer = malloc(COMPRESSED_BYTES);
    if (!input->buffer) {
        return rk_fail_memory(err, "an input buffer");
    }
    rk_status status = fill(input, err);
    if (status) {
        return status;
    }
    const encoding *row = encodings;
    while (input->n < row->magic_bytes || memcmp(input->buffer, row->magic, row->magic_bytes) != 0) {
        row++;
    }
    if (row->start && !row->start(input)) {
        return rk_fail_memory(err, "a decoder");
    }
    input->encoding = row;
    if (!row->start && input->n_file_bytes > 0 && strcmp(input->path, "-") != 0) {
        status = rk_mapped_open(input->path, &input->mapped, err);
        input->is_mapped = status == RK_OK;
        input->n_taken = input->n_file_bytes;
    }
    return status;
}

rk_status rk_input_open(const char *path, rk_input **out, rk_error *err)
{
    rk_input *input = calloc(1, sizeof *input);
    if (!input) {
        return rk_fail_memory(err, "an input");
    }
    input->path = path;
    input->file = -1;
    rk_status status = open_file(input, err);
    if (status == RK_OK) {
        status = start_decoder(input, err);
    }
    if (status) {
        rk_input_close(input);
        return status;
    }
    *out = input;
    return RK_OK;
}

void rk_input_close(rk_input *input)
{
    if (!input) {
        return;
    }
    if (input->encoding && input->encoding->end) {
        input->encoding->end(input);
    }
    rk_mapped_close(&input->mapped);
    if (input->file >= 0) {
        (void)close(input->file);
    }
    free(input->buffer);
    free(input);
}

/* ---- reading ---- */

rk_status rk_input_read(rk_input *input, void *buffer, size_t n, size_t *n_read, rk_error *err)
{
    const size_t piece_max = 1 << 30; /* zlib counts in 32 bits */
    *n_read = 0;
    while (*n_read == 0) {
        rk_status status = input->at == input->n ? fill(input, err) : RK_OK;
        if (status) {
            return status;
        }
        if (input->at == input->n && input->is_between) {
            return RK_OK; /* the end */
        }
        size_t before = input->at;
        if (!input->encoding->decode(input, buffer, n < piece_max ? n : piece_max, n_read)) {
            return rk_fail(err, RK_BAD_INPUT, "%s: damaged %s data near byte %llu", input->path, input->encoding->name,
                           (unsigned long long)(input->n_taken - (input->n - input->at)));
        }
        if (*n_read == 0 && input->at == before && input->is_at_end && !input->is_between) {
            return rk_fail(err, RK_BAD_INPUT, "%s: the %s data is cut off after %llu bytes", input->path,
                           input->encoding->name, (unsigned long long)input->n_taken);
        }
    }
    return RK_OK;
}

const char *rk_input_mapped(const rk_input *input, size_t *n_bytes)
{
    *n_bytes = input->mapped.n_bytes;
    return input->is_mapped ? (const char *)input->mapped.at : NULL;
}

uint64_t rk_input_bytes(const rk_input *input) { return input->n_file_bytes; }
uint64_t rk_input_bytes_taken(const rk_input *input) { return input->n_taken; }
