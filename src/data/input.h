/* input.h - bytes of a log: a file or standard input, plain, gzip or zstd (told by the first bytes, not the name). */
#ifndef RECKON_DATA_INPUT_H
#define RECKON_DATA_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct rk_input rk_input;

/* "-" is standard input. Owned by the caller; end with rk_input_close. */
RK_MUST_CHECK rk_status rk_input_open(const char *path, rk_input **out, rk_error *err);
void rk_input_close(rk_input *input); /* accepts NULL */

/* Up to n bytes, decompressed, into buffer; *n_read 0 = the end. A truncated or damaged stream is RK_BAD_INPUT. */
RK_MUST_CHECK rk_status rk_input_read(rk_input *input, void *buffer, size_t n, size_t *n_read, rk_error *err);

/* A plain file read whole by mmap: its bytes, valid until close; NULL for a stream that must be read. */
const char *rk_input_mapped(const rk_input *input, size_t *n_bytes);
uint64_t rk_input_bytes(const rk_input *input);       /* of the file, 0 = unknown */
uint64_t rk_input_bytes_taken(const rk_input *input); /* before decompression, so far */

#endif
