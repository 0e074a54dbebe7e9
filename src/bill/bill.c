/* bill.c - see bill.h: a CSV reader that looks at every byte twice.
 *
 * First a small machine finds the end of the record, so that a row never stands half in the buffer; then the record is
 * cut into cells in place: a quoted cell loses its quotes by moving its bytes down.
 */
#include "bill/bill.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "bill/bill_input.h"
#include "bill/focus.h"

enum { CHUNK_BYTES = 256 << 10 };

struct rk_bill {
    rk_bill_input *input;
    const char *name;
    char *buffer;
    size_t begin, end, capacity; /* of the text not yet given out */
    bool is_end;                 /* of the input */
    uint64_t line, row;          /* of the next record; of the last row given out */
    rk_slice *columns;           /* [n_columns], in the arena */
    rk_bill_cell *cells;         /* [n_columns] */
    size_t n_columns;
    int found[RK_N_FOCUS_COLUMNS];
    rk_bill_row current;
    rk_arena arena;
};

static rk_place place_of(const rk_bill *bill) { return (rk_place){bill->name, bill->line, 0}; }

/* ---- records ---- */

static rk_status read_more(rk_bill *bill, rk_error *err)
{
    size_t n_read = 0;
    if (bill->begin > 0) {
        memmove(bill->buffer, bill->buffer + bill->begin, bill->end - bill->begin);
        bill->end -= bill->begin;
        bill->begin = 0;
    }
    if (bill->end > RK_BILL_ROW_BYTES_MAX) {
        return rk_fail_at(err, place_of(bill), "a row is longer than %d MiB; is a quote missing?",
                          RK_BILL_ROW_BYTES_MAX >> 20);
    }
    if (bill->capacity < bill->end + CHUNK_BYTES) {
        size_t capacity = 2 * bill->capacity + CHUNK_BYTES;
        char *buffer = realloc(bill->buffer, capacity);
        if (!buffer) {
            return rk_fail_memory(err, "a row of a bill");
        }
        bill->buffer = buffer;
        bill->capacity = capacity;
    }
    size_t room = bill->capacity - bill->end;
    rk_status status = rk_bill_input_read(bill->input, bill->buffer + bill->end, room, &n_read, err);
    bill->end += n_read;
    bill->is_end = n_read < room;
    return status;
}

/* Offset behind the record at begin, its line end included; 0 when the buffer holds only a part of it. */
static size_t record_end(const rk_bill *bill)
{
    bool in_quotes = false;
    for (size_t i = bill->begin; i < bill->end; i++) {
        in_quotes ^= bill->buffer[i] == '"';
        if (bill->buffer[i] == '\n' && !in_quotes) {
            return i + 1;
        }
    }
    return bill->is_end ? bill->end : 0;
}

/* *end 0 at the end of the bill. */
static rk_status find_record(rk_bill *bill, size_t *end, rk_error *err)
{
    rk_status status = RK_OK;
    *end = record_end(bill);
    while (!status && *end == 0 && !bill->is_end) {
        status = read_more(bill, err);
        *end = status ? 0 : record_end(bill);
    }
    if (!status && *end == bill->begin) {
        *end = 0;
    }
    return status;
}

/* ---- cells ---- */

/* How many of n bytes a message shows. */
static int shown(size_t n) { return n < 40 ? (int)n : 40; }

/* text[*at ..) is a quoted cell; its text without quotes, moved down in place. */
static rk_status cut_quoted(rk_bill *bill, char *text, size_t n, size_t *at, rk_bill_cell *out, rk_error *err)
{
    size_t from = *at + 1, to = from;
    out->text.at = text + from;
    for (;; from++) {
        if (from >= n) {
            return rk_fail_at(err, place_of(bill), "a quote is opened and not closed: '%.*s'", shown(n - *at),
                              text + *at);
        }
        if (text[from] == '"' && (from + 1 >= n || text[++from] != '"')) {
            break;
        }
        text[to++] = text[from];
    }
    out->text.n = (size_t)(text + to - out->text.at);
    *at = from < n && text[from] != '"' ? from : n;
    if (*at < n && text[*at] != ',') {
        return rk_fail_at(err, place_of(bill), "after a closing quote a comma must follow, got '%.*s'", shown(n - *at),
                          text + *at);
    }
    return RK_OK;
}

static rk_status cut_plain(rk_bill *bill, char *text, size_t n, size_t *at, rk_bill_cell *out, rk_error *err)
{
    const char *comma = memchr(text + *at, ',', n - *at);
    size_t end = comma ? (size_t)(comma - text) : n;
    out->text = (rk_slice){text + *at, end - *at};
    if (memchr(text + *at, '"', end - *at)) {
        return rk_fail_at(err, place_of(bill), "a quote stands inside a cell that does not begin with one: '%.*s'",
                          shown(out->text.n), out->text.at);
    }
    out->is_null = out->text.n == 0 || rk_slice_is(out->text, "NULL") || rk_slice_is(out->text, "null");
    out->text.n = out->is_null ? 0 : out->text.n;
    *at = end;
    return RK_OK;
}

/* Cells of a record without its line end into cells[max]; *n_cells counts also those beyond. */
static rk_status cut_record(rk_bill *bill, char *text, size_t n, rk_bill_cell *cells, size_t max, size_t *n_cells,
                            rk_error *err)
{
    rk_status status = RK_OK;
    size_t at = 0;
    *n_cells = 0;
    for (bool more = true; more && !status;) {
        rk_bill_cell cell = {0};
        status = at < n && text[at] == '"' ? cut_quoted(bill, text, n, &at, &cell, err)
                                           : cut_plain(bill, text, n, &at, &cell, err);
        if (*n_cells < max) {
            cells[*n_cells] = cell;
        }
        ++*n_cells;
        more = at < n;
        at++;
    }
    return status;
}

/* The record at begin, passed over; its text without the line end. *text NULL at the end of the bill. */
static rk_status take_record(rk_bill *bill, char **text, size_t *n, uint64_t *n_lines, rk_error *err)
{
    size_t end;
    *text = NULL;
    rk_status status = find_record(bill, &end, err);
    if (status || end == 0) {
        return status;
    }
    *text = bill->buffer + bill->begin;
    *n = end - bill->begin;
    bill->begin = end;
    size_t valid = rk_utf8_valid_prefix((rk_slice){*text, *n});
    if (valid < *n || memchr(*text, '\0', *n)) {
        return rk_fail_at(err, place_of(bill), "the row is not UTF-8 text, near '%.*s'", (int)(valid < 30 ? valid : 30),
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

static rk_status name_columns(rk_bill *bill, const rk_bill_cell *cells, size_t n, rk_error *err)
{
    rk_interner *names = rk_interner_new();
    rk_status status = names ? RK_OK : rk_fail_memory(err, "the columns of a bill");
    for (size_t i = 0; i < n && !status; i++) {
        rk_slice name = rk_slice_trim(cells[i].text);
        const char *kept = rk_arena_copy(&bill->arena, name.at ? name.at : "", name.n);
        bill->columns[i] = (rk_slice){kept, name.n};
        if (!kept || rk_interner_add(names, name) == RK_NO_ID) {
            status = rk_fail_memory(err, "the columns of a bill");
        } else if (name.n == 0) {
            status = rk_fail_at(err, place_of(bill), "column %zu has no name", i + 1);
        } else if (rk_interner_count(names) <= i) {
            status = rk_fail_at(err, place_of(bill), "the column '%.60s' stands there twice", kept);
        }
        for (int c = 0; c < RK_N_FOCUS_COLUMNS && !status; c++) {
            if (rk_slice_is(name, rk_focus_columns[c].name)) {
                bill->found[c] = (int)i;
            }
        }
    }
    rk_interner_free(names);
    return status;
}

static rk_status read_header(rk_bill *bill, rk_error *err)
{
    char *text = NULL;
    size_t n = 0;
    uint64_t n_lines = 0;
    rk_bill_cell *cells = RK_TAKE(&bill->arena, rk_bill_cell, RK_BILL_COLUMNS_MAX);
    rk_status status = cells ? take_record(bill, &text, &n, &n_lines, err) : rk_fail_memory(err, "a bill");
    if (!status && !text) {
        status = rk_fail_at(err, (rk_place){bill->name, 0, 0},
                            "a bill must begin with the names of its columns, got nothing");
    }
    if (!status && n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        n -= 3;
    }
    status = status ? status : cut_record(bill, text, n, cells, RK_BILL_COLUMNS_MAX, &bill->n_columns, err);
    if (!status && bill->n_columns > RK_BILL_COLUMNS_MAX) {
        status = rk_fail_at(err, place_of(bill), "%zu columns are more than the %d that are read", bill->n_columns,
                            RK_BILL_COLUMNS_MAX);
    }
    if (!status) {
        bill->columns = RK_TAKE(&bill->arena, rk_slice, bill->n_columns);
        status = bill->columns ? name_columns(bill, cells, bill->n_columns, err) : rk_fail_memory(err, "a bill");
    }
    bill->cells = cells;
    bill->line += n_lines;
    return status;
}

static rk_status start(rk_bill_input *input, const char *name, rk_bill **out, rk_error *err)
{
    rk_bill *bill = calloc(1, sizeof *bill);
    if (!bill) {
        rk_bill_input_close(input);
        return rk_fail_memory(err, "a bill");
    }
    bill->input = input;
    bill->name = name;
    bill->line = 1;
    for (int c = 0; c < RK_N_FOCUS_COLUMNS; c++) {
        bill->found[c] = -1;
    }
    rk_status status = read_header(bill, err);
    if (status) {
        rk_bill_close(bill);
        return status;
    }
    *out = bill;
    return RK_OK;
}

/* ---- for others ---- */

rk_status rk_bill_open(const char *path, rk_bill **out, rk_error *err)
{
    rk_bill_input *input = NULL;
    rk_status status = rk_bill_input_open(path, &input, err);
    return status ? status : start(input, strcmp(path, "-") == 0 ? "standard input" : path, out, err);
}

rk_status rk_bill_open_text(rk_slice text, const char *name, rk_bill **out, rk_error *err)
{
    rk_bill_input *input = NULL;
    rk_status status = rk_bill_input_text(text, &input, err);
    return status ? status : start(input, name, out, err);
}

void rk_bill_close(rk_bill *bill)
{
    if (bill) {
        rk_bill_input_close(bill->input);
        free(bill->buffer);
        rk_arena_release(&bill->arena);
        free(bill);
    }
}

const char *rk_bill_name(const rk_bill *bill) { return bill->name; }
size_t rk_bill_n_columns(const rk_bill *bill) { return bill->n_columns; }
rk_slice rk_bill_column(const rk_bill *bill, size_t i) { return bill->columns[i]; }
int rk_bill_find(const rk_bill *bill, rk_focus_column column) { return bill->found[column]; }

rk_bill_cell rk_bill_cell_of(const rk_bill *bill, const rk_bill_row *row, rk_focus_column column)
{
    int i = bill->found[column];
    return i < 0 ? (rk_bill_cell){.is_null = true} : row->cells[i];
}

rk_status rk_bill_next(rk_bill *bill, const rk_bill_row **out, rk_error *err)
{
    char *text = NULL;
    size_t n = 0, n_cells = 0;
    uint64_t n_lines = 0;
    *out = NULL;
    rk_status status = RK_OK;
    do {
        bill->line += n_lines;
        n_lines = 0;
        status = take_record(bill, &text, &n, &n_lines, err);
    } while (!status && text && n == 0); /* blank lines */
    if (status || !text) {
        return status;
    }
    status = cut_record(bill, text, n, bill->cells, bill->n_columns, &n_cells, err);
    if (!status && n_cells != bill->n_columns) {
        status = rk_fail_at(err, place_of(bill), "row %llu has %zu cells where the header has %zu",
                            (unsigned long long)bill->row + 1, n_cells, bill->n_columns);
    }
    if (!status) {
        bill->current = (rk_bill_row){++bill->row, bill->line, bill->cells};
        *out = &bill->current;
    }
    bill->line += n_lines;
    return status;
}
