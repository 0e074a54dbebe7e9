/* feed.c - see feed.h.
 *
 * Where records end is found here, in order, and exactly: a quote opens a cell only at a cell's beginning and ends with
 * the next quote that is not doubled. Jumping from quote to quote with memchr does that at the speed of memory where
 * quotes are rare and at about 1 GB/s where every cell has them; it runs beside the parsing of the batch before, so the
 * parsers never have to guess whether they begin inside quotes.
 */
#include "data/feed.h"

#include <stdlib.h>
#include <string.h>

#include "data/marks.h"

struct rk_feed {
    const rk_ingest_options *options;
    rk_source *source; /* NULL between files */
    size_t next_file;
    uint64_t bytes_in; /* of closed files */
    rk_layout *layouts;
};

const char *rk_path_name(const char *path) { return strcmp(path, "-") == 0 ? "standard input" : path; }

rk_status rk_feed_open(const rk_ingest_options *options, rk_feed **out, rk_error *err)
{
    rk_feed *feed = calloc(1, sizeof *feed);
    rk_layout *layouts = calloc(options->n_paths + 1, sizeof *layouts);
    if (!feed || !layouts) {
        free(feed);
        free(layouts);
        return rk_fail_memory(err, "the list of inputs");
    }
    *feed = (rk_feed){.options = options, .layouts = layouts};
    *out = feed;
    return RK_OK;
}

void rk_feed_close(rk_feed *feed)
{
    if (!feed) {
        return;
    }
    for (size_t i = 0; i < feed->next_file; i++) {
        rk_layout_release(&feed->layouts[i]);
    }
    rk_source_close(feed->source);
    free(feed->layouts);
    free(feed);
}

const rk_layout *rk_feed_layout(const rk_feed *feed, size_t file) { return &feed->layouts[file]; }

uint64_t rk_feed_bytes_in(const rk_feed *feed)
{
    return feed->bytes_in + (feed->source ? rk_source_bytes_in(feed->source) : 0);
}

/* ---- cutting ---- */

static size_t offset_of(const rk_batch *batch, const char *at) { return (size_t)(at - batch->text); }

/* text[from .. to) lies outside of quotes: its line ends are ends of records. A chunk ends at the first one
 * RK_CHUNK_BYTES behind the chunk before; *last: behind the last one seen. */
static void cut_outside(rk_batch *batch, size_t from, size_t to, size_t *last)
{
    for (;;) {
        size_t target = batch->chunk[batch->n_chunks] + RK_CHUNK_BYTES;
        size_t begin = target > from ? target : from;
        const char *newline =
            begin < to && batch->n_chunks < RK_CHUNKS ? memchr(batch->text + begin, '\n', to - begin) : NULL;
        if (!newline) {
            break;
        }
        batch->chunk[++batch->n_chunks] = offset_of(batch, newline) + 1;
    }
    const char *newline = memrchr(batch->text + from, '\n', to - from);
    *last = newline ? offset_of(batch, newline) + 1 : *last;
}

/* The quote that closes the cell opened at open, or NULL; also when the text ends right behind a quote, which may be
 * half of a doubled one, and is_whole does not say that nothing follows. */
static const char *closing_quote(const rk_batch *batch, const char *open, bool is_whole)
{
    const char *end = batch->text + batch->n;
    for (const char *at = open + 1;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote || (quote + 1 == end && !is_whole)) {
            return NULL;
        }
        if (quote + 1 == end || quote[1] != '"') {
            return quote;
        }
        at = quote + 2;
    }
}

/* *open: offset of a quote that nothing closes, SIZE_MAX = none. Returns the end of the last whole record. */
static size_t cut_quoted(rk_batch *batch, char delimiter, bool is_whole, size_t *open)
{
    size_t begin = batch->chunk[0], outside = begin, last = begin;
    const char *end = batch->text + batch->n;
    *open = SIZE_MAX;
    for (const char *at = batch->text + begin;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote) {
            break;
        }
        bool opens = offset_of(batch, quote) == begin || quote[-1] == delimiter || quote[-1] == '\n';
        if (!opens) {
            at = quote + 1;
            continue;
        }
        cut_outside(batch, outside, offset_of(batch, quote), &last);
        const char *close = closing_quote(batch, quote, is_whole);
        if (!close) {
            *open = offset_of(batch, quote);
            return last;
        }
        at = close + 1;
        outside = offset_of(batch, at);
    }
    cut_outside(batch, outside, batch->n, &last);
    return last;
}

static void fault(rk_batch *batch, size_t at, const char *what)
{
    if (!batch->fault || at < batch->fault_at) {
        batch->fault = what;
        batch->fault_at = at;
    }
}

static void cut(rk_batch *batch, const rk_layout *layout, bool is_whole)
{
    size_t open = SIZE_MAX, last = batch->chunk[0];
    if (layout->format == RK_FORMAT_CSV || layout->format == RK_FORMAT_TSV) {
        last = cut_quoted(batch, layout->delimiter, is_whole, &open);
    } else {
        cut_outside(batch, batch->chunk[0], batch->n, &last);
    }
    if (last > batch->chunk[batch->n_chunks]) { /* what is left is a chunk too, or makes the last one longer */
        batch->n_chunks += batch->n_chunks < RK_CHUNKS;
        batch->chunk[batch->n_chunks] = last;
    }
    if (open != SIZE_MAX && is_whole) {
        fault(batch, open, "the quote that opens here is never closed");
    } else if (batch->n_chunks == 0 && !is_whole && open != SIZE_MAX) {
        fault(batch, open, "the quote that opens here is not closed within 16 MiB");
    } else if (batch->n_chunks == 0 && !is_whole) {
        fault(batch, batch->chunk[0], "a row longer than 16 MiB");
    }
}

/* ---- filling ---- */

static rk_status begin_file(rk_feed *feed, rk_batch *batch, rk_error *err)
{
    rk_status status = rk_source_open(feed->options->paths[feed->next_file], &feed->source, err);
    batch->file = feed->next_file;
    batch->begins_file = true;
    feed->next_file += status == RK_OK;
    return status;
}

/* Finds the layout in the first batch of a file and passes over byte order mark and header. */
static rk_status begin_text(rk_feed *feed, rk_batch *batch, bool is_whole, rk_error *err)
{
    rk_layout *layout = &feed->layouts[batch->file];
    const char *name = rk_source_name(feed->source);
    if (batch->n == 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s: the file is empty", name);
    }
    rk_status status = rk_layout_find(batch->text, batch->n, is_whole, name, feed->options, layout, err);
    if (status) {
        return status;
    }
    batch->chunk[0] = layout->n_head_bytes;
    return batch->chunk[0] == batch->n && is_whole ? rk_fail(err, RK_BAD_INPUT, "%s: a header and no rows", name)
                                                   : RK_OK;
}

static void end_file(rk_feed *feed)
{
    feed->bytes_in += rk_source_bytes_in(feed->source);
    rk_source_close(feed->source);
    feed->source = NULL;
}

/* A file that fits into one batch needs no more than its size and a byte to see its end. */
static rk_status make_room(const rk_source *source, rk_batch *batch, rk_error *err)
{
    size_t size = rk_source_size(source), capacity = size < RK_BATCH_BYTES ? size + 1 : RK_BATCH_BYTES;
    if (batch->capacity < capacity) {
        free(batch->text);
        batch->text = malloc(capacity + 1 + RK_MARKS_SLACK); /* and a line end, if the last row has none */
        batch->capacity = batch->text ? capacity : 0;
    }
    return batch->text ? RK_OK : rk_fail_memory(err, "a batch of text");
}

static rk_status read_text(rk_feed *feed, const rk_batch *previous, rk_batch *out, rk_error *err)
{
    size_t tail = previous->n_chunks && !out->begins_file ? previous->chunk[previous->n_chunks] : previous->n;
    size_t n_tail = out->begins_file ? 0 : previous->n - tail, n_read;
    rk_status status = make_room(feed->source, out, err);
    if (status) {
        return status;
    }
    if (n_tail) {
        memcpy(out->text, previous->text + tail, n_tail);
    }
    status = rk_source_read(feed->source, out->text + n_tail, out->capacity - n_tail, &n_read, err);
    if (status) {
        return status;
    }
    out->n = n_tail + n_read;
    out->ends_file = out->n < out->capacity;
    memset(out->text + out->n, 0, RK_MARKS_SLACK);
    return RK_OK;
}

rk_status rk_feed_fill(rk_feed *feed, const rk_batch *previous, rk_batch *out, rk_error *err)
{
    *out = (rk_batch){.text = out->text, .capacity = out->capacity, .file = previous->file};
    if (!feed->source && feed->next_file == feed->options->n_paths) {
        out->is_end = true;
        return RK_OK;
    }
    rk_status status = feed->source ? RK_OK : begin_file(feed, out, err);
    if (!status) {
        status = read_text(feed, previous, out, err);
    }
    if (status) {
        return status;
    }
    const char *zero = memchr(out->text, '\0', out->n);
    if (zero) {
        fault(out, offset_of(out, zero), "a NUL byte: this is no text");
    }
    if (out->begins_file && !zero) {
        status = begin_text(feed, out, out->ends_file, err);
    }
    if (!status && !zero) {
        bool is_open = out->ends_file && out->n > 0 && out->text[out->n - 1] != '\n';
        if (is_open) {
            out->text[out->n++] = '\n'; /* into the slack: the last row ends like the others */
        }
        cut(out, &feed->layouts[out->file], out->ends_file);
    }
    if (out->ends_file) {
        end_file(feed);
    }
    return status;
}
