/* source.h - the bytes of an input: a file or standard input; plain, gzip or zstd, told by its first bytes, not its
 * name; or the folder of a write-ahead log, a line for each record.
 */
#ifndef RECKON_DATA_SOURCE_H
#define RECKON_DATA_SOURCE_H

#include <stdint.h>

#include "base/error.h"

typedef struct rk_source rk_source;

/* path "-" is standard input. Formats that are known but no text (zip, xz, Parquet, UTF-16 ...) are refused by name.
 * Owned by the caller; end with close. path is borrowed until then. */
RK_MUST_CHECK rk_status rk_source_open(const char *path, rk_source **out, rk_error *err);
/* The next n bytes, after decompression, into at; *n_read below n only at the end of the input. A truncated or damaged
 * stream is RK_BAD_INPUT. */
RK_MUST_CHECK rk_status rk_source_read(rk_source *source, char *at, size_t n, size_t *n_read, rk_error *err);
/* Of a plain file: its size when it was opened. SIZE_MAX where the end cannot be known. */
size_t rk_source_size(const rk_source *source);
uint64_t rk_source_bytes_in(const rk_source *source); /* taken from the file so far, before decompression */
const char *rk_source_name(const rk_source *source);  /* the path, or "standard input": for messages */
void rk_source_close(rk_source *source);              /* accepts NULL */

#endif
