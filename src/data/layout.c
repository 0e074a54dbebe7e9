/* layout.c - what a file is, from its first records.
 *
 * Format     '{' begins JSONL. Otherwise the delimiter is the one of , tab ; | that cuts most records into as many
 * cells as the first; when none does and blanks part the words, the file is lists. Header     there is one when a cell
 * of the first record is a well-known name, or when no cell is a number while a later record has one in the same place.
 */
#include "data/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/cell.h"
#include "data/flat.h"

enum { SNIFF_RECORDS = 100, SNIFF_BYTES = 1 << 20 };

typedef struct {
    const char *at, *end;
    size_t n_lines; /* passed over so far */
} reader;

const char *rk_format_name(rk_format format)
{
    static const char *const names[] = {"auto", "csv", "tsv", "jsonl", "lists"};
    return names[format];
}

/* ---- records, one cell at a time, slowly ---- */

/* The closing quote of the text that opens at `at`, or NULL. */
static const char *closing_quote(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '"' && (at + 1 == end || at[1] != '"')) {
            return at;
        }
        at += *at == '"';
    }
    return NULL;
}

/* The bytes between begin and end, doubled quotes made single, and then the rest. NULL when memory is short. */
static char *unquote(const char *begin, const char *end, rk_slice rest, rk_arena *arena, size_t *n)
{
    char *text = rk_arena_take(arena, (size_t)(end - begin) + rest.n, 1, 1);
    *n = 0;
    for (const char *at = begin; text && at < end; at++) {
        text[(*n)++] = *at;
        at += *at == '"';
    }
    if (text) {
        memcpy(text + *n, rest.at, rest.n);
        *n += rest.n;
    }
    return text;
}

/* The next cell, with its quotes resolved in arena; *is_last: the record ends behind it. false when a quote stays open
 * or memory is short. */
static bool next_cell(reader *r, char delimiter, rk_arena *arena, rk_slice *out, bool *is_last)
{
    const char *begin = r->at, *close = NULL;
    if (r->at < r->end && *r->at == '"') {
        close = closing_quote(r->at, r->end);
        if (!close) {
            return false;
        }
        r->at = close + 1;
    }
    rk_slice rest = {r->at, 0};
    while (r->at < r->end && *r->at != delimiter && *r->at != '\n') {
        r->at++;
    }
    *is_last = r->at == r->end || *r->at == '\n';
    rest.n = (size_t)(r->at - rest.at);
    rest.n -= *is_last && rest.n > 0 && rest.at[rest.n - 1] == '\r';
    *out = rest;
    if (close) {
        for (const char *c = begin; c < close; c++) {
            r->n_lines += *c == '\n';
        }
        out->at = unquote(begin + 1, close, rest, arena, &out->n);
    }
    if (r->at < r->end) {
        r->n_lines += *is_last;
        r->at++;
    }
    return out->at != NULL;
}

/* cells: [RK_COLUMNS_MAX]; *n_cells may be more than were kept. */
static bool next_record(reader *r, char delimiter, rk_arena *arena, rk_slice *cells, size_t *n_cells)
{
    bool is_last = false;
    if (r->at >= r->end) {
        return false;
    }
    for (*n_cells = 0; !is_last; ++*n_cells) {
        rk_slice cell;
        if (!next_cell(r, delimiter, arena, &cell, &is_last)) {
            return false;
        }
        if (*n_cells < RK_COLUMNS_MAX) {
            cells[*n_cells] = cell;
        }
    }
    return true;
}

/* ---- delimiter ---- */

/* How well delimiter fits: share of records as wide as the first, and that width breaks ties. 0: it does not. */
static double fit_of(reader r, char delimiter, rk_slice *cells)
{
    rk_arena arena = {0};
    size_t n_first = 0, n_same = 0, n_records = 0, n;
    while (n_records < SNIFF_RECORDS && next_record(&r, delimiter, &arena, cells, &n)) {
        if (n == 1 && cells[0].n == 0) {
            continue; /* a blank line */
        }
        n_first = n_records ? n_first : n;
        n_records++;
        n_same += n == n_first;
    }
    rk_arena_release(&arena);
    return n_first < 2 ? 0 : (double)n_same / (double)n_records + (double)n_first * 1e-6;
}

static char find_delimiter(reader r, rk_slice *cells, double *fit)
{
    static const char candidates[] = {',', '\t', ';', '|'};
    char best = ',';
    *fit = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        double mine = fit_of(r, candidates[i], cells);
        if (mine > *fit) {
            *fit = mine;
            best = candidates[i];
        }
    }
    return best;
}

static bool looks_like_lists(reader r)
{
    const char *line_end = memchr(r.at, '\n', (size_t)(r.end - r.at));
    size_t n = (size_t)((line_end ? line_end : r.end) - r.at);
    return memchr(r.at, ' ', n) != NULL;
}

static rk_status find_format(reader r, const char *name, const rk_ingest_options *options, rk_slice *cells,
                             rk_layout *layout, rk_error *err)
{
    static const char *const delimiter_of[] = {[RK_FORMAT_TSV] = "\t"};
    const char *first = r.at;
    double fit = 1;
    while (first < r.end && (*first == ' ' || *first == '\n' || *first == '\r' || *first == '\t')) {
        first++;
    }
    layout->format = options->format;
    if (options->format == RK_FORMAT_AUTO && first < r.end && *first == '{') {
        layout->format = RK_FORMAT_JSONL;
    }
    if (layout->format == RK_FORMAT_JSONL || layout->format == RK_FORMAT_LISTS) {
        return RK_OK;
    }
    layout->delimiter = options->delimiter                ? options->delimiter
                        : layout->format == RK_FORMAT_TSV ? *delimiter_of[RK_FORMAT_TSV]
                                                          : find_delimiter(r, cells, &fit);
    if (layout->format == RK_FORMAT_AUTO && fit < 0.5 && looks_like_lists(r)) {
        layout->format = RK_FORMAT_LISTS;
    } else if (layout->format == RK_FORMAT_AUTO && fit == 0) {
        return rk_fail(err, RK_BAD_INPUT,
                       "%s: cannot tell the format: no ',', tab, ';', '|' or blank parts the first "
                       "line; say --format",
                       name);
    } else if (layout->format == RK_FORMAT_AUTO) {
        layout->format = layout->delimiter == '\t' ? RK_FORMAT_TSV : RK_FORMAT_CSV;
    }
    return RK_OK;
}

/* ---- columns ---- */

static bool is_number(rk_slice cell)
{
    rk_amount amount;
    return rk_amount_parse(rk_slice_trim(cell), &amount);
}

/* Whether the first record names columns: those of --map, or well-known ones. */
static bool names_columns(const rk_slice *first, size_t n_first, const rk_ingest_options *options)
{
    rk_casting casting = rk_casting_guess(first, n_first);
    bool is_named = false;
    for (size_t role = 0; role < RK_N_ROLES; role++) {
        is_named = is_named || rk_casting_has(&casting, (rk_role)role);
    }
    for (size_t c = 0; options->map && c < n_first && !is_named; c++) {
        is_named = !is_number(first[c]) && rk_casting_names(options->map, first[c]);
    }
    return is_named;
}

static bool has_number(const rk_slice *cells, size_t n)
{
    bool has = false;
    for (size_t c = 0; c < n; c++) {
        has = has || is_number(cells[c]);
    }
    return has;
}

static bool looks_like_header(reader r, char delimiter, const rk_slice *first, size_t n_first,
                              const rk_ingest_options *options, rk_arena *arena, rk_slice *cells)
{
    size_t n;
    bool has = names_columns(first, n_first, options);
    if (has || has_number(first, n_first)) {
        return has;
    }
    for (int i = 0; i < SNIFF_RECORDS && !has && next_record(&r, delimiter, arena, cells, &n); i++) {
        has = has_number(cells, n < n_first ? n : n_first);
    }
    return has;
}

/* Copies of the names, or "1", "2", ... when names is NULL. */
static rk_status keep_names(rk_layout *layout, const rk_slice *names, size_t n, rk_error *err)
{
    layout->n_columns = n;
    layout->names = RK_TAKE(&layout->arena, rk_slice, n);
    for (size_t c = 0; layout->names && c < n; c++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", c + 1);
        rk_slice name = names ? rk_slice_trim(names[c]) : rk_slice_of(number);
        char *copy = rk_arena_copy(&layout->arena, name.n ? name.at : "", name.n);
        if (!copy) {
            return rk_fail_memory(err, "column names");
        }
        layout->names[c] = (rk_slice){copy, name.n};
    }
    return layout->names ? RK_OK : rk_fail_memory(err, "column names");
}

static rk_status need_keys(const rk_layout *layout, const char *name, rk_error *err)
{
    char list[256];
    for (rk_role role = RK_ROLE_USER; role <= RK_ROLE_ITEM; role++) {
        if (!rk_casting_has(&layout->casting, role)) {
            rk_names_list(layout->names, layout->n_columns, 10, list, sizeof list);
            return rk_fail(err, RK_BAD_INPUT, "%s: which column is the %s? say --map %s=COLUMN; the columns are %s",
                           name, rk_role_name(role), role == RK_ROLE_USER ? "user=COLUMN,item" : "user=COLUMN,item",
                           list);
        }
    }
    return RK_OK;
}

static rk_status cast(rk_layout *layout, const char *name, const rk_ingest_options *options, rk_error *err)
{
    rk_status status = RK_OK;
    if (options->map) {
        status = rk_casting_parse(options->map, name, layout->names, layout->n_columns, &layout->casting, err);
    } else {
        layout->casting = rk_casting_guess(layout->names, layout->n_columns);
        layout->is_guessed = true;
    }
    return status ? status : need_keys(layout, name, err);
}

/* cells: the first record's, valid as long as arena. */
static rk_status find_columns(reader r, const char *name, const rk_ingest_options *options, rk_arena *arena,
                              rk_slice *cells, rk_layout *layout, rk_error *err)
{
    rk_slice *others = malloc(RK_COLUMNS_MAX * sizeof *others);
    const char *begin = r.at;
    size_t n = 0;
    rk_status status = others ? RK_OK : rk_fail_memory(err, "the first rows");
    do { /* blank lines in front are no header */
        if (!status && !next_record(&r, layout->delimiter, arena, cells, &n)) {
            status = rk_fail_at(err, (rk_place){name, r.n_lines + 1, 0}, "the first row has no end: an open quote?");
        }
    } while (!status && n == 1 && cells[0].n == 0 && r.at < r.end);
    if (!status && n > RK_COLUMNS_MAX) {
        status = rk_fail_at(err, (rk_place){name, 1, 0}, "%zu columns, at most %d are read", n, RK_COLUMNS_MAX);
    }
    if (!status) {
        layout->has_header = !options->columns && !options->no_header &&
                             looks_like_header(r, layout->delimiter, cells, n, options, arena, others);
        status = keep_names(layout, layout->has_header ? cells : NULL, n, err);
    }
    if (!status && layout->has_header) {
        layout->n_head_bytes += (size_t)(r.at - begin);
        layout->n_head_lines = r.n_lines;
    }
    free(others);
    return status;
}

static rk_status cast_columns(const char *name, const rk_ingest_options *options, const rk_slice *cells,
                              rk_layout *layout, rk_error *err)
{
    if (options->columns) {
        unsigned n_columns;
        rk_status status = rk_casting_of_columns(options->columns, &layout->casting, &n_columns, err);
        if (!status && n_columns != layout->n_columns) {
            status = rk_fail_at(err, (rk_place){name, 1, 0}, "--columns names %u columns, the first row has %zu",
                                n_columns, layout->n_columns);
        }
        return status ? status : need_keys(layout, name, err);
    }
    if (!layout->has_header && !options->map) {
        bool is_data = has_number(cells, layout->n_columns);
        return rk_fail_at(err, (rk_place){name, 1, 0},
                          "%s, '%.*s'; say --map user=COLUMN,item=COLUMN or, without a header, name its %zu columns: "
                          "--columns user,item,value,time",
                          is_data ? "no header in the first row" : "cannot tell whether the first row is a header",
                          (int)(cells[0].n < 40 ? cells[0].n : 40), cells[0].at, layout->n_columns);
    }
    return cast(layout, name, options, err);
}

static rk_status lay_out_table(reader r, const char *name, const rk_ingest_options *options, rk_slice *cells,
                               rk_layout *layout, rk_error *err)
{
    rk_arena arena = {0};
    rk_status status = find_columns(r, name, options, &arena, cells, layout, err);
    if (!status) {
        status = cast_columns(name, options, cells, layout, err);
    }
    rk_arena_release(&arena);
    return status;
}

/* ---- JSONL ---- */

/* Adds the keys that are new. */
static rk_status add_json_keys(rk_flat *flat, rk_slice line, rk_place place, rk_slice *keys, size_t *n_keys,
                               rk_error *err)
{
    rk_flat_member member;
    rk_flat_begin(flat, line);
    while (rk_flat_next(flat, &member)) {
        size_t k = 0;
        while (k < *n_keys && !rk_slice_equal(keys[k], member.key)) {
            k++;
        }
        if (k == *n_keys && k < RK_COLUMNS_MAX) {
            keys[(*n_keys)++] = member.key;
        }
    }
    place.column = flat->fault ? (size_t)(flat->fault_at - line.at) + 1 : 0;
    return flat->fault ? rk_fail_at(err, place, "%s", flat->fault) : RK_OK;
}

/* The keys of the first lines, in order of first sight. */
static rk_status find_json_keys(reader r, const char *name, rk_slice *keys, size_t *n_keys, rk_arena *arena,
                                rk_error *err)
{
    rk_flat *flat = calloc(1, sizeof *flat);
    rk_status status = flat ? RK_OK : rk_fail_memory(err, "a JSON reader");
    *n_keys = 0;
    if (flat) {
        flat->scratch = arena;
    }
    for (size_t i = 1; i <= SNIFF_RECORDS && r.at < r.end && !status; i++) {
        const char *line_end = memchr(r.at, '\n', (size_t)(r.end - r.at));
        rk_slice line = {r.at, (size_t)((line_end ? line_end : r.end) - r.at)};
        if (rk_slice_trim(line).n > 0) {
            status = add_json_keys(flat, line, (rk_place){name, i, 0}, keys, n_keys, err);
        }
        r.at = line_end ? line_end + 1 : r.end;
    }
    free(flat);
    return !status && *n_keys == 0 ? rk_fail(err, RK_BAD_INPUT, "%s: the first lines have no keys", name) : status;
}

static rk_status lay_out_json(reader r, const char *name, const rk_ingest_options *options, rk_slice *cells,
                              rk_layout *layout, rk_error *err)
{
    rk_arena arena = {0};
    size_t n = 0;
    rk_status status = find_json_keys(r, name, cells, &n, &arena, err);
    if (!status) {
        status = keep_names(layout, cells, n, err);
    }
    rk_arena_release(&arena);
    return status ? status : cast(layout, name, options, err);
}

/* ---- all of it ---- */

rk_status rk_layout_find(const char *text, size_t n, bool is_whole, const char *name, const rk_ingest_options *options,
                         rk_layout *out, rk_error *err)
{
    rk_layout layout = {0};
    size_t n_mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t n_sniff = n < SNIFF_BYTES ? n : SNIFF_BYTES;
    if (n_sniff < n || !is_whole) { /* whole lines only */
        const char *newline = memrchr(text, '\n', n_sniff);
        n_sniff = newline ? (size_t)(newline - text) + 1 : n_sniff;
    }
    if (options->format != RK_FORMAT_LISTS && n_sniff == SNIFF_BYTES && !memchr(text, '\n', n_sniff)) {
        return rk_fail_at(err, (rk_place){name, 1, 0}, "the first line is longer than 1 MiB: this is no log");
    }
    rk_slice *cells = malloc(RK_COLUMNS_MAX * sizeof *cells);
    if (!cells) {
        return rk_fail_memory(err, "the first rows");
    }
    reader r = {text + n_mark, text + n_sniff, 0};
    layout.n_head_bytes = n_mark;
    rk_status status = find_format(r, name, options, cells, &layout, err);
    if (!status && layout.format == RK_FORMAT_JSONL) {
        status = lay_out_json(r, name, options, cells, &layout, err);
    } else if (!status && layout.format == RK_FORMAT_LISTS) {
        status = rk_casting_of_columns("user,item", &layout.casting, &(unsigned){0}, err);
    } else if (!status) {
        status = lay_out_table(r, name, options, cells, &layout, err);
    }
    free(cells);
    if (status) {
        rk_layout_release(&layout);
        return status;
    }
    *out = layout;
    return RK_OK;
}

void rk_layout_release(rk_layout *layout)
{
    rk_arena_release(&layout->arena);
    *layout = (rk_layout){0};
}

void rk_layout_describe(const rk_layout *layout, rk_text *out)
{
    rk_text_add(out, rk_format_name(layout->format));
    if (layout->format == RK_FORMAT_LISTS) {
        return;
    }
    if (layout->format == RK_FORMAT_CSV) {
        rk_text_addf(out, " with '%c'", layout->delimiter);
    }
    rk_text_addf(out, "%s, %zu columns: ",
                 layout->format == RK_FORMAT_JSONL ? ""
                 : layout->has_header              ? ", a header"
                                                   : ", no header",
                 layout->n_columns);
    const char *comma = "";
    for (size_t role = 0; role < RK_N_ROLES; role++) {
        if (rk_casting_has(&layout->casting, (rk_role)role)) {
            rk_slice name = layout->names[layout->casting.column[role]];
            rk_text_addf(out, "%s%s = %.*s", comma, rk_role_name((rk_role)role), (int)name.n, name.at);
            comma = ", ";
        }
    }
}
