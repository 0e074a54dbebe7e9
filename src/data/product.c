/* product.c - see product.h. What a file is shows in its first bytes: '{' begins JSONL, else the first line is a header
 * and the delimiter is what it has most of.
 */
#include "data/product.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "data/csv.h"
#include "data/flat.h"

enum { CHUNK_BYTES = 256 << 10 };

struct rk_product_reader {
    rk_csv *csv;       /* NULL: JSONL */
    rk_source *source; /* JSONL; NULL: a text, all of it in the buffer */
    const char *name;
    rk_flat *flat;
    char *buffer; /* JSONL: begin .. end not yet given out */
    size_t begin, end, capacity;
    bool is_end;
    uint64_t line;
    rk_arena arena; /* of the product at hand */
    rk_vec fields;  /* rk_product_field */
};

/* ---- what it is ---- */

static size_t count_of(rk_slice text, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.at[i] == c;
    }
    return n;
}

static char find_delimiter(rk_slice begun)
{
    static const char known[] = ",\t;|";
    const char *newline = begun.n ? memchr(begun.at, '\n', begun.n) : NULL;
    rk_slice header = {begun.at, newline ? (size_t)(newline - begun.at) : begun.n};
    char best = ',';
    for (const char *at = known; *at; at++) {
        best = count_of(header, *at) > count_of(header, best) ? *at : best;
    }
    return best;
}

static bool begins_object(rk_slice begun)
{
    if (begun.n >= 3 && memcmp(begun.at, "\xEF\xBB\xBF", 3) == 0) {
        begun.at += 3;
        begun.n -= 3;
    }
    begun = rk_slice_trim(begun);
    return begun.n > 0 && begun.at[0] == '{';
}

static char delimiter_of(rk_format format, char delimiter, rk_slice begun)
{
    return delimiter ? delimiter : format == RK_FORMAT_TSV ? '\t' : find_delimiter(begun);
}

/* ---- opening ---- */

/* NULL, and why. */
static rk_product_reader *new_reader(const char *name, rk_format format, rk_status *status, rk_error *err)
{
    rk_product_reader *r = calloc(1, sizeof *r);
    if (!r) {
        *status = rk_fail_memory(err, "a reader of products");
    } else if (format == RK_FORMAT_LISTS) {
        *status = rk_fail(err, RK_BAD_USAGE, "%s: a catalogue is csv, tsv or jsonl, not lists", name);
        free(r);
        r = NULL;
    } else {
        *r = (rk_product_reader){.name = name, .line = 1, .fields = {.item_bytes = sizeof(rk_product_field)}};
    }
    return r;
}

/* JSONL whose first bytes lie in the buffer. */
static rk_status begin_lines(rk_product_reader *r, rk_error *err)
{
    r->flat = calloc(1, sizeof *r->flat);
    if (!r->flat) {
        return rk_fail_memory(err, "a JSON reader");
    }
    r->flat->scratch = &r->arena;
    if (r->end >= 3 && memcmp(r->buffer, "\xEF\xBB\xBF", 3) == 0) {
        r->begin = 3;
    }
    return RK_OK;
}

/* The first bytes into the buffer. */
static rk_status look(rk_product_reader *r, rk_error *err)
{
    r->buffer = malloc(CHUNK_BYTES);
    r->capacity = CHUNK_BYTES;
    if (!r->buffer) {
        return rk_fail_memory(err, "the first products");
    }
    rk_status status = rk_source_read(r->source, r->buffer, CHUNK_BYTES, &r->end, err);
    r->is_end = r->end < CHUNK_BYTES;
    return status;
}

rk_status rk_product_reader_open(const char *path, rk_format format, char delimiter, rk_product_reader **out,
                                 rk_error *err)
{
    rk_source *source = NULL;
    rk_status status = rk_source_open(path, &source, err);
    if (status) {
        return status;
    }
    rk_product_reader *r = new_reader(rk_source_name(source), format, &status, err);
    if (!r) {
        rk_source_close(source);
        return status;
    }
    r->source = source;
    status = look(r, err);
    rk_slice begun = {r->buffer, r->end};
    if (!status && (format == RK_FORMAT_JSONL || (format == RK_FORMAT_AUTO && begins_object(begun)))) {
        status = begin_lines(r, err);
    } else if (!status) {
        r->source = NULL; /* the CSV's now */
        status = rk_csv_open_source(source, begun, delimiter_of(format, delimiter, begun), &r->csv, err);
    }
    if (status) {
        rk_product_reader_close(r);
        return status;
    }
    *out = r;
    return RK_OK;
}

rk_status rk_product_reader_open_text(rk_slice text, const char *name, rk_format format, char delimiter,
                                      rk_product_reader **out, rk_error *err)
{
    rk_status status = RK_OK;
    rk_product_reader *r = new_reader(name, format, &status, err);
    if (!r) {
        return status;
    }
    if (format == RK_FORMAT_JSONL || (format == RK_FORMAT_AUTO && begins_object(text))) {
        r->buffer = malloc(text.n + 1);
        if (r->buffer && text.n > 0) {
            memcpy(r->buffer, text.at, text.n);
        }
        r->end = r->capacity = text.n;
        r->is_end = true;
        status = r->buffer ? begin_lines(r, err) : rk_fail_memory(err, "products");
    } else {
        status = rk_csv_open_text(text, name, delimiter_of(format, delimiter, text), &r->csv, err);
    }
    if (status) {
        rk_product_reader_close(r);
        return status;
    }
    *out = r;
    return RK_OK;
}

void rk_product_reader_close(rk_product_reader *r)
{
    if (r) {
        rk_csv_close(r->csv);
        rk_source_close(r->source);
        rk_arena_release(&r->arena);
        rk_vec_release(&r->fields);
        free(r->flat);
        free(r->buffer);
        free(r);
    }
}

const char *rk_product_reader_name(const rk_product_reader *r) { return r->name; }

rk_slice rk_product_reader_column(const rk_product_reader *r, size_t i)
{
    return r->csv && i < rk_csv_n_columns(r->csv) ? rk_csv_column(r->csv, i) : (rk_slice){NULL, 0};
}

uint64_t rk_product_reader_bytes_in(const rk_product_reader *r)
{
    return r->csv ? rk_csv_bytes_in(r->csv) : r->source ? rk_source_bytes_in(r->source) : r->end;
}

/* ---- fields ---- */

static rk_status push_field(rk_product_reader *r, rk_slice name, rk_slice value, rk_error *err)
{
    rk_product_field field = {name, rk_slice_trim(value)};
    return field.value.n == 0 || rk_vec_push(&r->fields, &field) ? RK_OK : rk_fail_memory(err, "a product");
}

/* A list: the text of each element that has one, copied. */
static rk_status push_list(rk_product_reader *r, rk_slice name, rk_slice list, rk_error *err)
{
    json_t *array = json_loadb(list.at, list.n, JSON_REJECT_DUPLICATES, NULL);
    rk_status status = RK_OK;
    for (size_t i = 0; i < json_array_size(array) && !status; i++) {
        json_t *value = json_array_get(array, i);
        char *text = json_is_string(value)                             ? strdup(json_string_value(value))
                     : json_is_number(value) || json_is_boolean(value) ? json_dumps(value, JSON_ENCODE_ANY)
                                                                       : NULL;
        size_t n = text ? strlen(text) : 0;
        const char *kept = n > 0 ? rk_arena_copy(&r->arena, text, n) : "";
        status = kept ? push_field(r, name, (rk_slice){kept, n}, err) : rk_fail_memory(err, "a product");
        free(text);
    }
    json_decref(array);
    return status;
}

/* ---- JSONL ---- */

static rk_status read_more(rk_product_reader *r, rk_error *err)
{
    size_t n_read = 0;
    memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
    r->end -= r->begin;
    r->begin = 0;
    if (r->end > RK_PRODUCT_LINE_BYTES_MAX) {
        return rk_fail_at(err, (rk_place){r->name, r->line, 0}, "a line is longer than %d MiB",
                          RK_PRODUCT_LINE_BYTES_MAX >> 20);
    }
    if (r->capacity < r->end + CHUNK_BYTES) {
        char *buffer = realloc(r->buffer, 2 * r->capacity + CHUNK_BYTES);
        if (!buffer) {
            return rk_fail_memory(err, "a line of products");
        }
        r->buffer = buffer;
        r->capacity = 2 * r->capacity + CHUNK_BYTES;
    }
    size_t room = r->capacity - r->end;
    rk_status status = rk_source_read(r->source, r->buffer + r->end, room, &n_read, err);
    r->end += n_read;
    r->is_end = n_read < room;
    return status;
}

/* The next line that is not blank, without its end; *line.at NULL when there is none. */
static rk_status next_line(rk_product_reader *r, rk_slice *line, uint64_t *number, rk_error *err)
{
    for (;;) {
        const char *begin = r->buffer + r->begin, *newline = memchr(begin, '\n', r->end - r->begin);
        if (!newline && !r->is_end) {
            rk_status status = read_more(r, err);
            if (status) {
                return status;
            }
            continue;
        }
        *line = (rk_slice){begin, (size_t)((newline ? newline : r->buffer + r->end) - begin)};
        *number = r->line++;
        bool is_last = !newline;
        r->begin = is_last ? r->end : (size_t)(newline + 1 - r->buffer);
        if (rk_slice_trim(*line).n > 0) {
            line->n -= line->at[line->n - 1] == '\r';
            return RK_OK;
        }
        if (is_last) {
            *line = (rk_slice){NULL, 0};
            return RK_OK;
        }
    }
}

static rk_status next_object(rk_product_reader *r, rk_place *place, bool *is_there, rk_error *err)
{
    rk_slice line;
    rk_flat_member member;
    uint64_t number = 0;
    rk_status status = next_line(r, &line, &number, err);
    *is_there = !status && line.at;
    if (!*is_there) {
        return status;
    }
    *place = (rk_place){r->name, number, 0};
    rk_flat_begin(r->flat, line);
    while (!status && rk_flat_next(r->flat, &member)) {
        if (member.kind == RK_FLAT_NESTED) {
            status = member.value.at[0] == '[' ? push_list(r, member.key, member.value, err) : RK_OK;
        } else if (member.kind != RK_FLAT_NULL) {
            status = push_field(r, member.key, member.value, err);
        }
    }
    if (!status && r->flat->fault) {
        place->column = (size_t)(r->flat->fault_at - line.at) + 1;
        return rk_fail_at(err, *place, "%s", r->flat->fault);
    }
    return status;
}

/* ---- any ---- */

static rk_status next_row(rk_product_reader *r, rk_place *place, bool *is_there, rk_error *err)
{
    const rk_csv_row *row = NULL;
    rk_status status = rk_csv_next(r->csv, &row, err);
    *is_there = row != NULL;
    if (row) {
        *place = (rk_place){r->name, row->line, 0};
    }
    for (size_t c = 0; row && !status && c < rk_csv_n_columns(r->csv); c++) {
        status = push_field(r, rk_csv_column(r->csv, c), row->cells[c].text, err);
    }
    return status;
}

rk_status rk_product_next(rk_product_reader *r, const rk_product_field **fields, size_t *n, rk_place *place,
                          rk_error *err)
{
    static const rk_product_field none;
    bool is_there = false;
    rk_vec_clear(&r->fields);
    rk_arena_clear(&r->arena);
    rk_status status = r->csv ? next_row(r, place, &is_there, err) : next_object(r, place, &is_there, err);
    *n = r->fields.n;
    *fields = status || !is_there ? NULL : r->fields.n ? r->fields.data : &none;
    return status;
}
