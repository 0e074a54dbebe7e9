/* record_cells.c - records of cells.
 *
 * A piece without any quote (most logs) takes the fast road: 64 bytes at a time become a bit mask of delimiters and
 * newlines, and fields are the gaps between set bits (Langdale and Lemire, "Parsing gigabytes of JSON per second",
 * 2019, for the masks; CSV needs no second stage). A piece with quotes goes record by record through a plain state
 * machine: a quote counts only as the first byte of a field, RFC 4180's doubled quote is one quote, and whatever
 * follows a closing quote up to the delimiter is kept as it stands.
 */
#include "data/record_cells.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

static uint64_t equal_mask(const char *at, char a, char b)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(a)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b)));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (16 * i);
    }
    return mask;
}
#else
static uint64_t equal_mask(const char *at, char a, char b)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i++) {
        mask |= (uint64_t)(at[i] == a || at[i] == b) << i;
    }
    return mask;
}
#endif

/* The mask of the up to 64 bytes from at on. */
static uint64_t structure_mask(const char *at, const char *end, char delimiter)
{
    if (end - at >= 64) {
        return equal_mask(at, delimiter, '\n');
    }
    char tail[64] = {0};
    memcpy(tail, at, (size_t)(end - at));
    uint64_t mask = equal_mask(tail, delimiter, '\n');
    return mask & (((uint64_t)1 << (end - at)) - 1);
}

static void put_cell(rk_record *record, const rk_layout *layout, size_t column, const char *at, const char *end)
{
    if (column < RK_COLUMNS_MAX && layout->role_of[column] >= 0) {
        record->cell[layout->role_of[column]] = (rk_slice){at, (size_t)(end - at)};
    }
}

static const char *without_return(const char *at, const char *end)
{
    return end > at && end[-1] == '\r' ? end - 1 : end;
}

/* The record at cursor->at of a piece without quotes. */
static void next_plain(rk_cursor *cursor, rk_record *record)
{
    const rk_layout *layout = cursor->layout;
    const char *field = cursor->at;
    size_t column = 0;
    for (;;) {
        while (cursor->mask == 0) {
            cursor->block = cursor->next_block;
            if (cursor->block >= cursor->end) {
                break;
            }
            cursor->mask = structure_mask(cursor->block, cursor->end, layout->delimiter);
            cursor->next_block = cursor->block + 64;
        }
        const char *stop = cursor->mask ? cursor->block + __builtin_ctzll(cursor->mask) : cursor->end;
        cursor->mask &= cursor->mask - 1;
        if (stop == cursor->end || *stop == '\n') {
            const char *last = without_return(field, stop);
            put_cell(record, layout, column, field, last);
            record->raw = (rk_slice){cursor->at, (size_t)(last - cursor->at)};
            record->is_ragged = column + 1 != layout->n_columns;
            cursor->at = stop == cursor->end ? stop : stop + 1;
            return;
        }
        put_cell(record, layout, column++, field, stop);
        field = stop + 1;
    }
}

/* ---- with quotes ---- */

/* Behind the quoted part that opens at `at`; NULL when it stays open. */
static const char *quoted_end(const char *at, const char *end)
{
    for (const char *c = at + 1;; c += 2) {
        c = memchr(c, '"', (size_t)(end - c));
        if (!c) {
            return NULL;
        }
        if (c + 1 == end || c[1] != '"') {
            return c + 1;
        }
        if (c + 2 >= end) {
            return NULL;
        }
    }
}

const char *rk_cells_record_end(const char *at, const char *end, char delimiter, const char **quote)
{
    bool is_field_start = true;
    for (const char *c = at; c < end;) {
        if (*c == '"' && is_field_start) {
            const char *behind = quoted_end(c, end);
            if (!behind) {
                *quote = c;
                return NULL;
            }
            c = behind;
            is_field_start = false;
            continue;
        }
        if (*c == '\n') {
            return c + 1;
        }
        is_field_start = *c == delimiter;
        c++;
    }
    return end;
}

/* A quoted field with its doubled quotes undone; text behind the closing quote is kept. Falls back to the raw bytes
 * when memory is short. */
static rk_slice undo_quotes(rk_slice field, rk_vec *scratch)
{
    const char *behind = quoted_end(field.at, field.at + field.n);
    rk_slice inside = {field.at + 1, (size_t)(behind - field.at) - 2};
    if (behind == field.at + field.n && !memchr(inside.at, '"', inside.n)) {
        return inside;
    }
    char *out = rk_vec_extend(scratch, NULL, field.n);
    if (!out) {
        return field;
    }
    size_t n = 0;
    for (size_t i = 0; i < inside.n; i++) {
        out[n++] = inside.at[i];
        i += inside.at[i] == '"';
    }
    size_t rest = (size_t)(field.at + field.n - behind);
    memcpy(out + n, behind, rest);
    return (rk_slice){out, n + rest};
}

/* The field at `at` up to its delimiter or the record's end; *next is behind it. */
static rk_slice take_field(const char *at, const char *end, char delimiter, rk_vec *scratch, const char **next)
{
    bool is_quoted = at < end && *at == '"';
    const char *from = is_quoted ? quoted_end(at, end) : at;
    from = from ? from : end;
    const char *stop = from < end ? memchr(from, delimiter, (size_t)(end - from)) : NULL;
    stop = stop ? stop : end;
    *next = stop;
    rk_slice field = {at, (size_t)(stop - at)};
    return is_quoted && quoted_end(at, end) ? undo_quotes(field, scratch) : field;
}

static rk_status next_quoted(rk_cursor *cursor, rk_record *record, rk_error *err)
{
    const rk_layout *layout = cursor->layout;
    const char *quote = NULL;
    const char *behind = rk_cells_record_end(cursor->at, cursor->end, layout->delimiter, &quote);
    if (!behind) {
        rk_place at = {cursor->path, record->line, (size_t)(quote - cursor->at) + 1};
        for (const char *c = cursor->at; c < quote; c++) {
            if (*c == '\n') {
                at.line++;
                at.column = (size_t)(quote - c);
            }
        }
        return rk_fail_at(err, at, "the quote opened here is never closed");
    }
    const char *end = behind > cursor->at && behind[-1] == '\n' ? behind - 1 : behind;
    end = without_return(cursor->at, end);
    record->raw = (rk_slice){cursor->at, (size_t)(end - cursor->at)};
    size_t column = 0, longest = record->raw.n;
    rk_vec_clear(&cursor->scratch);
    if (!rk_vec_reserve(&cursor->scratch, longest)) { /* cells point into it: it must not move */
        return rk_fail_memory(err, "a quoted record");
    }
    for (const char *at = cursor->at;; at++) {
        rk_slice cell = take_field(at, end, layout->delimiter, &cursor->scratch, &at);
        put_cell(record, layout, column++, cell.at, cell.at + cell.n);
        if (at >= end) {
            break;
        }
    }
    record->is_ragged = column != layout->n_columns;
    for (const char *c = cursor->at; (c = memchr(c, '\n', (size_t)(behind - c))); c++) {
        cursor->line++;
    }
    cursor->at = behind;
    return RK_OK;
}

rk_status rk_cells_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err)
{
    *has_record = false;
    while (cursor->at < cursor->end) {
        record->line = cursor->line;
        rk_status status = RK_OK;
        if (cursor->has_quotes) {
            status = next_quoted(cursor, record, err);
        } else {
            next_plain(cursor, record);
            cursor->line++;
        }
        if (status || record->raw.n > 0) {
            *has_record = status == RK_OK;
            return status;
        }
    }
    return RK_OK;
}

size_t rk_cells_split(rk_slice line, char delimiter, rk_vec *scratch, rk_slice *cells, size_t max)
{
    size_t n = 0;
    const char *end = line.at + line.n;
    rk_vec_clear(scratch);
    if (!rk_vec_reserve(scratch, line.n)) {
        return 0;
    }
    for (const char *at = line.at; n < max; at++) {
        cells[n++] = take_field(at, end, delimiter, scratch, &at);
        if (at >= end) {
            break;
        }
    }
    return n;
}
