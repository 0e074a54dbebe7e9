/* csv.c - see csv.h: a reader that looks at every byte twice.
 *
 * First a small machine finds the end of the record, so that a row never stands half in the buffer; then the record is
 * cut into cells in place: a quoted cell loses its quotes by moving its bytes down.
 */
#include "data/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "data/source.h"

enum { CHUNK_BYTES = 256 << 10 };

struct rk_csv {
    rk_source *source; /* NULL: text */
    rk_slice rest;     /* of the text, not yet read */
    const char *name;
    char delimiter;
    char *buffer;
    size_t begin, end, capacity; /* of the text not yet given out */
    bool is_end;                 /* of the input */
    uint64_t line, row;          /* of the next record; of the last row given out */
    rk_slice *columns;           /* [n_columns], in the arena */
    rk_csv_cell *cells;          /* [n_columns] */
    size_t n_columns;
    rk_csv_row current;
    rk_arena arena;
};

static rk_place place_of(const rk_csv *csv) { return (rk_place){csv->name, csv->line, 0}; }

/* ---- records ---- */

static rk_status read_bytes(rk_csv *csv, char *at, size_t n, size_t *n_read, rk_error *err)
{
    if (csv->source) {
        return rk_source_read(csv->source, at, n, n_read, err);
    }
    *n_read = n < csv->rest.n ? n : csv->rest.n;
    if (*n_read > 0) {
        memcpy(at, csv->rest.at, *n_read);
    }
    csv->rest.at += *n_read;
    csv->rest.n -= *n_read;
    return RK_OK;
}

static rk_status read_more(rk_csv *csv, rk_error *err)
{
    size_t n_read = 0;
    if (csv->begin > 0) {
        memmove(csv->buffer, csv->buffer + csv->begin, csv->end - csv->begin);
        csv->end -= csv->begin;
        csv->begin = 0;
    }
    if (csv->end > RK_CSV_ROW_BYTES_MAX) {
        return rk_fail_at(err, place_of(csv), "a row is longer than %d MiB; is a quote missing?",
                          RK_CSV_ROW_BYTES_MAX >> 20);
    }
    if (csv->capacity < csv->end + CHUNK_BYTES) {
        size_t capacity = 2 * csv->capacity + CHUNK_BYTES;
        char *buffer = realloc(csv->buffer, capacity);
        if (!buffer) {
            return rk_fail_memory(err, "a row of a CSV");
        }
        csv->buffer = buffer;
        csv->capacity = capacity;
    }
    size_t room = csv->capacity - csv->end;
    rk_status status = read_bytes(csv, csv->buffer + csv->end, room, &n_read, err);
    csv->end += n_read;
    csv->is_end = n_read < room;
    return status;
}

/* Offset behind the record at begin, its line end included; 0 when the buffer holds only a part of it. */
static size_t record_end(const rk_csv *csv)
{
    bool in_quotes = false;
    for (size_t i = csv->begin; i < csv->end; i++) {
        in_quotes ^= csv->buffer[i] == '"';
        if (csv->buffer[i] == '\n' && !in_quotes) {
            return i + 1;
        }
    }
    return csv->is_end ? csv->end : 0;
}

/* *end 0 at the end of the file. */
static rk_status find_record(rk_csv *csv, size_t *end, rk_error *err)
{
    rk_status status = RK_OK;
    *end = record_end(csv);
    while (!status && *end == 0 && !csv->is_end) {
        status = read_more(csv, err);
        *end = status ? 0 : record_end(csv);
    }
    if (!status && *end == csv->begin) {
        *end = 0;
    }
    return status;
}

/* ---- cells ---- */

/* How many of n bytes a message shows. */
static int shown(size_t n) { return n < 40 ? (int)n : 40; }

/* text[*at ..) is a quoted cell; its text without quotes, moved down in place. */
static rk_status cut_quoted(rk_csv *csv, char *text, size_t n, size_t *at, rk_csv_cell *out, rk_error *err)
{
    size_t from = *at + 1, to = from;
    out->text.at = text + from;
    out->is_quoted = true;
    for (;; from++) {
        if (from >= n) {
            return rk_fail_at(err, place_of(csv), "a quote is opened and not closed: '%.*s'", shown(n - *at),
                              text + *at);
        }
        if (text[from] == '"' && (from + 1 >= n || text[++from] != '"')) {
            break;
        }
        text[to++] = text[from];
    }
    out->text.n = (size_t)(text + to - out->text.at);
    *at = from < n && text[from] != '"' ? from : n;
    if (*at < n && text[*at] != csv->delimiter) {
        return rk_fail_at(err, place_of(csv), "after a closing quote %s must follow, got '%.*s'",
                          csv->delimiter == ',' ? "a comma" : "the delimiter", shown(n - *at), text + *at);
    }
    return RK_OK;
}

static rk_status cut_plain(rk_csv *csv, char *text, size_t n, size_t *at, rk_csv_cell *out, rk_error *err)
{
    const char *comma = memchr(text + *at, csv->delimiter, n - *at);
    size_t end = comma ? (size_t)(comma - text) : n;
    out->text = (rk_slice){text + *at, end - *at};
    if (memchr(text + *at, '"', end - *at)) {
        return rk_fail_at(err, place_of(csv), "a quote stands inside a cell that does not begin with one: '%.*s'",
                          shown(out->text.n), out->text.at);
    }
    *at = end;
    return RK_OK;
}

/* Cells of a record without its line end into cells[max]; *n_cells counts also those beyond. */
static rk_status cut_record(rk_csv *csv, char *text, size_t n, rk_csv_cell *cells, size_t max, size_t *n_cells,
                            rk_error *err)
{
    rk_status status = RK_OK;
    size_t at = 0;
    *n_cells = 0;
    for (bool more = true; more && !status;) {
        rk_csv_cell cell = {0};
        status = at < n && text[at] == '"' ? cut_quoted(csv, text, n, &at, &cell, err)
                                           : cut_plain(csv, text, n, &at, &cell, err);
        if (*n_cells < max) {
            cells[*n_cells] = cell;
        }
        ++*n_cells;
        more = at < n;
        at++;
    }
    return status;
}

/* The record at begin, passed over; its text without the line end. *text NULL at the end of the file. */
static rk_status take_record(rk_csv *csv, char **text, size_t *n, uint64_t *n_lines, rk_error *err)
{
    size_t end;
    *text = NULL;
    rk_status status = find_record(csv, &end, err);
    if (status || end == 0) {
        return status;
    }
    *text = csv->buffer + csv->begin;
    *n = end - csv->begin;
    csv->begin = end;
    size_t valid = rk_utf8_valid_prefix((rk_slice){*text, *n});
    if (valid < *n || memchr(*text, '\0', *n)) {
        return rk_fail_at(err, place_of(csv), "the row is not UTF-8 text, near '%.*s'", (int)(valid < 30 ? valid : 30),
                          *text + (valid < 30 ? 0 : valid - 30));
    }
    *n_lines = 0;
    for (size_t i = 0; i < *n; i++) {
        *n_lines += (*text)[i] == '\n';
    }
    *n -= *n > 0 && (*text)[*n - 1] == '\n';
    *n -= *n > 0 && (*text)[*n - 1] == '\r';
    return RK_OK;
}

/* ---- the header ---- */

static rk_status name_columns(rk_csv *csv, const rk_csv_cell *cells, size_t n, rk_error *err)
{
    rk_interner *names = rk_interner_new();
    rk_status status = names ? RK_OK : rk_fail_memory(err, "the columns of a CSV");
    for (size_t i = 0; i < n && !status; i++) {
        rk_slice name = rk_slice_trim(cells[i].text);
        const char *kept = rk_arena_copy(&csv->arena, name.at ? name.at : "", name.n);
        csv->columns[i] = (rk_slice){kept, name.n};
        if (!kept || rk_interner_add(names, name) == RK_NO_ID) {
            status = rk_fail_memory(err, "the columns of a CSV");
        } else if (name.n == 0) {
            status = rk_fail_at(err, place_of(csv), "column %zu has no name", i + 1);
        } else if (rk_interner_count(names) <= i) {
            status = rk_fail_at(err, place_of(csv), "the column '%.60s' stands there twice", kept);
        }
    }
    rk_interner_free(names);
    return status;
}

static rk_status read_header(rk_csv *csv, rk_error *err)
{
    char *text = NULL;
    size_t n = 0;
    uint64_t n_lines = 0;
    rk_csv_cell *cells = RK_TAKE(&csv->arena, rk_csv_cell, RK_CSV_COLUMNS_MAX);
    rk_status status = cells ? take_record(csv, &text, &n, &n_lines, err) : rk_fail_memory(err, "a CSV");
    if (!status && !text) {
        status =
            rk_fail_at(err, (rk_place){csv->name, 0, 0}, "a CSV must begin with the names of its columns, got nothing");
    }
    if (!status && n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        n -= 3;
    }
    status = status ? status : cut_record(csv, text, n, cells, RK_CSV_COLUMNS_MAX, &csv->n_columns, err);
    if (!status && csv->n_columns > RK_CSV_COLUMNS_MAX) {
        status = rk_fail_at(err, place_of(csv), "%zu columns are more than the %d that are read", csv->n_columns,
                            RK_CSV_COLUMNS_MAX);
    }
    if (!status) {
        csv->columns = RK_TAKE(&csv->arena, rk_slice, csv->n_columns);
        status = csv->columns ? name_columns(csv, cells, csv->n_columns, err) : rk_fail_memory(err, "a CSV");
    }
    csv->cells = cells;
    csv->line += n_lines;
    return status;
}

/* ---- for others ---- */

/* Reads the header; the source is then its own, or ended. */
static rk_status start(rk_csv with, rk_csv **out, rk_error *err)
{
    rk_csv *csv = calloc(1, sizeof *csv);
    if (!csv) {
        rk_source_close(with.source);
        free(with.buffer);
        return rk_fail_memory(err, "a CSV");
    }
    *csv = with;
    csv->line = 1;
    rk_status status = read_header(csv, err);
    if (status) {
        rk_csv_close(csv);
        return status;
    }
    *out = csv;
    return RK_OK;
}

rk_status rk_csv_open(const char *path, rk_csv **out, rk_error *err)
{
    rk_source *source = NULL;
    rk_status status = rk_source_open(path, &source, err);
    return status ? status
                  : start((rk_csv){.source = source, .name = rk_source_name(source), .delimiter = ','}, out, err);
}

rk_status rk_csv_open_text(rk_slice text, const char *name, char delimiter, rk_csv **out, rk_error *err)
{
    return start((rk_csv){.rest = text, .name = name, .delimiter = delimiter}, out, err);
}

rk_status rk_csv_open_source(rk_source *source, rk_slice begun, char delimiter, rk_csv **out, rk_error *err)
{
    char *buffer = malloc(begun.n + CHUNK_BYTES);
    if (!buffer) {
        rk_source_close(source);
        return rk_fail_memory(err, "a CSV");
    }
    if (begun.n > 0) {
        memcpy(buffer, begun.at, begun.n);
    }
    return start((rk_csv){.source = source,
                          .name = rk_source_name(source),
                          .delimiter = delimiter,
                          .buffer = buffer,
                          .end = begun.n,
                          .capacity = begun.n + CHUNK_BYTES},
                 out, err);
}

void rk_csv_close(rk_csv *csv)
{
    if (csv) {
        rk_source_close(csv->source);
        free(csv->buffer);
        rk_arena_release(&csv->arena);
        free(csv);
    }
}

uint64_t rk_csv_bytes_in(const rk_csv *csv) { return csv->source ? rk_source_bytes_in(csv->source) : 0; }
const char *rk_csv_name(const rk_csv *csv) { return csv->name; }
size_t rk_csv_n_columns(const rk_csv *csv) { return csv->n_columns; }
rk_slice rk_csv_column(const rk_csv *csv, size_t i) { return csv->columns[i]; }

int rk_csv_find(const rk_csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++) {
        if (rk_slice_is(csv->columns[i], name)) {
            return (int)i;
        }
    }
    return -1;
}

rk_status rk_csv_next(rk_csv *csv, const rk_csv_row **out, rk_error *err)
{
    char *text = NULL;
    size_t n = 0, n_cells = 0;
    uint64_t n_lines = 0;
    *out = NULL;
    rk_status status = RK_OK;
    do {
        csv->line += n_lines;
        n_lines = 0;
        status = take_record(csv, &text, &n, &n_lines, err);
    } while (!status && text && n == 0); /* blank lines */
    if (status || !text) {
        return status;
    }
    status = cut_record(csv, text, n, csv->cells, csv->n_columns, &n_cells, err);
    if (!status && n_cells != csv->n_columns) {
        status = rk_fail_at(err, place_of(csv), "row %llu has %zu cells where the header has %zu",
                            (unsigned long long)csv->row + 1, n_cells, csv->n_columns);
    }
    if (!status) {
        csv->current = (rk_csv_row){++csv->row, csv->line, csv->cells};
        *out = &csv->current;
    }
    csv->line += n_lines;
    return status;
}
