/* feed.h - the input files, one after the other, as batches of text that end with a record and are cut into chunks that
 * do too.
 */
#ifndef RECKON_DATA_FEED_H
#define RECKON_DATA_FEED_H

#include "data/layout.h"
#include "data/source.h"

enum { RK_CHUNKS = 32, RK_CHUNK_BYTES = 512 * 1024, RK_BATCH_BYTES = RK_CHUNKS * RK_CHUNK_BYTES };

typedef struct {
    char *text;                  /* owned */
    size_t capacity;             /* of text, the slack aside: RK_BATCH_BYTES, or a byte more than a small file */
    size_t n;                    /* bytes; those behind the last chunk are the beginning of the next batch */
    size_t chunk[RK_CHUNKS + 1]; /* chunk i is text[chunk[i] .. chunk[i + 1]) */
    size_t n_chunks;
    size_t file; /* which of the paths */
    bool begins_file, ends_file;
    bool is_end;       /* all files are read; there is no text */
    const char *fault; /* NULL = none; what is wrong with the text at fault_at */
    size_t fault_at;
} rk_batch;

typedef struct rk_feed rk_feed;

RK_MUST_CHECK rk_status rk_feed_open(const rk_ingest_options *options, rk_feed **out, rk_error *err);
void rk_feed_close(rk_feed *feed); /* accepts NULL */
/* The batch behind previous (zeroed: the first). Reads previous only behind its last chunk, writes *out only, whose
 * text is made when it is NULL. */
RK_MUST_CHECK rk_status rk_feed_fill(rk_feed *feed, const rk_batch *previous, rk_batch *out, rk_error *err);
const rk_layout *rk_feed_layout(const rk_feed *feed, size_t file); /* once its first batch was filled */
uint64_t rk_feed_bytes_in(const rk_feed *feed);                    /* of all files, before decompression */
const char *rk_path_name(const char *path);                        /* "standard input" for "-" */

#endif
