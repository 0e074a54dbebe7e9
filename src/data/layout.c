/* layout.c - guessing a log's format from its first line, and finding its columns.
 *
 * '{' begins JSON lines. Otherwise the most frequent of tab, comma, semicolon and bar is the delimiter; a line with
 * none of them but blanks is a list. The first line is the header unless --columns names the columns; a first line that
 * is all numbers is data, and the user is asked.
 */
#include "data/layout.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static rk_slice first_line(rk_slice head, uint64_t *line)
{
    for (;;) {
        const char *newline = head.n ? memchr(head.at, '\n', head.n) : NULL;
        rk_slice text = {head.at, newline ? (size_t)(newline - head.at) : head.n};
        if (rk_slice_trim(text).n > 0 || !newline) {
            return text;
        }
        head = (rk_slice){newline + 1, head.n - text.n - 1};
        ++*line;
    }
}

static size_t count_char(rk_slice text, char wanted)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.at[i] == wanted;
    }
    return n;
}

static char guess_delimiter(rk_slice line, const char *among)
{
    char best = '\0';
    size_t most = 0;
    for (const char *c = among; *c; c++) {
        size_t n = count_char(line, *c);
        if (n > most) {
            most = n;
            best = *c;
        }
    }
    return best;
}

static rk_format guess_format(rk_slice line, const rk_ingest_options *options)
{
    rk_slice text = rk_slice_trim(line);
    if (options->format != RK_FORMAT_AUTO) {
        return options->format;
    }
    if (text.n > 0 && text.at[0] == '{') {
        return RK_FORMAT_JSONL;
    }
    char delimiter = guess_delimiter(text, "\t,;|");
    if (delimiter == '\t') {
        return RK_FORMAT_TSV;
    }
    return delimiter || !memchr(text.at, ' ', text.n) || options->columns ? RK_FORMAT_CSV : RK_FORMAT_LISTS;
}

static rk_status add_column(rk_vec *columns, rk_slice name, int role, rk_error *err)
{
    rk_ingest_column column = {strndup(name.at ? name.at : "", name.n), role};
    if (column.name && rk_vec_push(columns, &column)) {
        return RK_OK;
    }
    free(column.name);
    return rk_fail_memory(err, "the names of columns");
}

static rk_status report_columns(const rk_slice *names, size_t n, const rk_role_map *map, rk_vec *columns, rk_error *err)
{
    rk_status status = RK_OK;
    if (columns->n > 0) { /* of an earlier file */
        return RK_OK;
    }
    for (size_t i = 0; i < n && status == RK_OK; i++) {
        int role_of = -1;
        for (int role = 0; role < RK_N_ROLES; role++) {
            role_of = map->column[role] == (int)i ? role : role_of;
        }
        status = add_column(columns, names[i], role_of, err);
    }
    return status;
}

/* ---- cells ---- */

static bool looks_like_data(const rk_slice *cells, size_t n)
{
    double value;
    for (size_t i = 0; i < n; i++) {
        if (!rk_parse_real(rk_slice_trim(cells[i]), &value)) {
            return false;
        }
    }
    return n > 0;
}

static rk_status layout_cells(const rk_ingest_options *options, rk_place at, rk_slice line, rk_vec *scratch,
                              rk_layout *layout, rk_vec *columns, rk_error *err)
{
    rk_slice *names = malloc(RK_COLUMNS_MAX * sizeof *names);
    if (!names) {
        return rk_fail_memory(err, "a header");
    }
    rk_slice header = options->columns ? rk_slice_of(options->columns) : line;
    rk_role_map map;
    rk_status status = RK_OK;
    layout->kind = RK_RECORD_CELLS;
    layout->n_columns =
        rk_cells_split(header, options->columns ? ',' : layout->delimiter, scratch, names, RK_COLUMNS_MAX);
    for (size_t i = 0; i < layout->n_columns; i++) {
        names[i] = rk_slice_trim(names[i]);
    }
    if (layout->n_columns >= RK_COLUMNS_MAX) {
        status = rk_fail_at(err, at, "more than %d columns", RK_COLUMNS_MAX - 1);
    } else if (!options->columns && !options->map && looks_like_data(names, layout->n_columns)) {
        status = rk_fail_at(err, at,
                            "the first line looks like data, not names of columns; name them: --columns "
                            "user,item,value,time");
    } else {
        status = rk_role_map_make(options->map, names, layout->n_columns, at, &map, err);
    }
    if (status == RK_OK) {
        memset(layout->role_of, -1, sizeof layout->role_of);
        for (int role = 0; role < RK_N_ROLES; role++) {
            if (map.column[role] >= 0) {
                layout->role_of[map.column[role]] = (int8_t)role;
            }
        }
        status = report_columns(names, layout->n_columns, &map, columns, err);
    }
    free(names);
    return status;
}

/* ---- JSON lines ---- */

static size_t keys_of(rk_slice line, rk_arena *arena, rk_slice *names)
{
    json_t *object = json_loadb(line.at, line.n, 0, NULL);
    const char *key;
    json_t *value;
    size_t n = 0;
    json_object_foreach(object, key, value)
    {
        char *copy = n < RK_COLUMNS_MAX ? rk_arena_copy(arena, key, strlen(key)) : NULL;
        if (copy) {
            names[n++] = rk_slice_of(copy);
        }
    }
    json_decref(object);
    return n;
}

static rk_status layout_json(const rk_ingest_options *options, rk_place at, rk_slice line, rk_arena *arena,
                             rk_layout *layout, rk_vec *columns, rk_error *err)
{
    rk_slice *names = RK_TAKE(arena, rk_slice, RK_COLUMNS_MAX);
    rk_role_map map;
    if (!names) {
        return rk_fail_memory(err, "keys");
    }
    layout->kind = RK_RECORD_JSON;
    size_t n = keys_of(line, arena, names);
    if (n == 0) {
        return rk_fail_at(err, at, "the first line is not a JSON object");
    }
    rk_status status = rk_role_map_make(options->map, names, n, at, &map, err);
    for (int role = 0; role < RK_N_ROLES && status == RK_OK; role++) {
        layout->names[role] = map.column[role] >= 0 ? names[map.column[role]] : (rk_slice){NULL, 0};
    }
    return status == RK_OK ? report_columns(names, n, &map, columns, err) : status;
}

/* ---- all ---- */

static rk_status check_head(rk_place at, rk_slice head, size_t *skip, rk_error *err)
{
    const unsigned char *b = (const unsigned char *)head.at;
    if (head.n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) {
        return rk_fail_at(err, at, "UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)");
    }
    if (head.n >= 4 && memcmp(head.at, "PK\x03\x04", 4) == 0) {
        return rk_fail_at(err, at, "a zip file (or a spreadsheet); a text log is needed: csv, tsv, jsonl or lists");
    }
    *skip = head.n >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF ? 3 : 0;
    rk_slice text = {head.at + *skip, head.n - *skip};
    if (rk_slice_trim(text).n == 0) {
        return rk_fail_at(err, at, "the file is empty");
    }
    if (memchr(text.at, '\0', text.n)) {
        return rk_fail_at(err, at, "binary data, not a text log (csv, tsv, jsonl or lists)");
    }
    return RK_OK;
}

rk_status rk_layout_find(const rk_ingest_options *options, const char *path, rk_slice head, rk_arena *arena,
                         rk_layout *layout, rk_vec *columns, size_t *skip, rk_error *err)
{
    rk_place at = {.path = path};
    rk_status status = check_head(at, head, skip, err);
    if (status) {
        return status;
    }
    at.line = 1;
    rk_slice line = first_line((rk_slice){head.at + *skip, head.n - *skip}, &at.line);
    rk_format format = guess_format(line, options);
    *layout = (rk_layout){.kind = RK_RECORD_LIST};
    if (format == RK_FORMAT_LISTS) {
        return RK_OK;
    }
    if (format == RK_FORMAT_JSONL) {
        return layout_json(options, at, line, arena, layout, columns, err);
    }
    layout->delimiter = format == RK_FORMAT_TSV ? '\t' : guess_delimiter(line, ",;|");
    layout->delimiter = layout->delimiter ? layout->delimiter : ',';
    rk_vec scratch = {.item_bytes = 1};
    status = layout_cells(options, at, rk_slice_trim(line), &scratch, layout, columns, err);
    rk_vec_release(&scratch);
    if (!options->columns) {
        *skip = (size_t)(line.at - head.at) + line.n + ((size_t)(line.at - head.at) + line.n < head.n);
    }
    return status;
}
