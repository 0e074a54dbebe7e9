/* price_list.c - see price_list.h. Lists are small, so the whole text is held; the data room decompresses it. */
#include "price/price_list.h"

#include <stdlib.h>
#include <string.h>

#include "data/source.h"

static rk_status read_whole(rk_source *source, rk_price_list *list, rk_error *err)
{
    size_t capacity = 0;
    for (;;) {
        size_t n = 0;
        if (list->n_bytes == capacity) {
            capacity = capacity ? 2 * capacity : 1 << 16;
            char *grown = realloc(list->text, capacity);
            if (!grown) {
                return rk_fail_memory(err, "a price list");
            }
            list->text = grown;
        }
        rk_status status = rk_source_read(source, list->text + list->n_bytes, capacity - list->n_bytes, &n, err);
        if (status) {
            return status;
        }
        list->n_bytes += n;
        if (list->n_bytes > RK_LIST_BYTES_MAX) {
            return rk_fail(err, RK_BAD_INPUT, "%s: a price list may have at most %d MiB", list->path,
                           RK_LIST_BYTES_MAX >> 20);
        }
        if (list->n_bytes < capacity) {
            return RK_OK;
        }
    }
}

/* ---- cells ---- */

/* The cell that opens with a quote at begin; *end: the offset behind its closing quote. Doubled quotes become one. */
static rk_status quoted_cell(rk_price_list *list, size_t begin, rk_list_cell *cell, size_t *end, rk_error *err)
{
    char *text = list->text;
    size_t out = begin + 1, i = begin + 1;
    while (i < list->n_bytes && (text[i] != '"' || (i + 1 < list->n_bytes && text[i + 1] == '"'))) {
        list->next_line += text[i] == '\n';
        i += text[i] == '"';
        text[out++] = text[i++];
    }
    if (i == list->n_bytes) {
        return rk_fail_at(err, (rk_place){list->path, list->line, cell->column}, "a quote that is never closed");
    }
    cell->text = (rk_slice){text + begin + 1, out - begin - 1};
    *end = i + 1;
    return RK_OK;
}

static bool ends_cell(const rk_price_list *list, size_t i)
{
    return i == list->n_bytes || list->text[i] == list->delimiter || list->text[i] == '\n' ||
           (list->text[i] == '\r' && i + 1 < list->n_bytes && list->text[i + 1] == '\n');
}

/* The cell at list->at, which moves behind it. */
static rk_status read_cell(rk_price_list *list, rk_list_cell *cell, rk_error *err)
{
    size_t begin = list->at, end = begin;
    if (begin < list->n_bytes && list->text[begin] == '"') {
        rk_status status = quoted_cell(list, begin, cell, &end, err);
        if (status) {
            return status;
        }
        if (!ends_cell(list, end)) {
            return rk_fail_at(err, (rk_place){list->path, list->line, cell->column}, "text behind a closing quote");
        }
    } else {
        while (!ends_cell(list, end)) {
            end++;
        }
        cell->text = (rk_slice){list->text + begin, end - begin};
    }
    list->at = end;
    return RK_OK;
}

/* The record at list->at into cells; *n cells. */
static rk_status read_record(rk_price_list *list, size_t *n, rk_error *err)
{
    size_t start = list->at;
    list->line = list->next_line;
    for (*n = 0;;) {
        if (*n == RK_LIST_COLUMNS_MAX) {
            return rk_fail_at(err, (rk_place){list->path, list->line, list->at - start + 1},
                              "a price list may have at most %d columns", RK_LIST_COLUMNS_MAX);
        }
        rk_list_cell *cell = &list->cells[(*n)++];
        cell->column = list->at - start + 1;
        rk_status status = read_cell(list, cell, err);
        if (status) {
            return status;
        }
        if (list->at == list->n_bytes || list->text[list->at] != list->delimiter) {
            break;
        }
        list->at++;
    }
    list->at += list->at < list->n_bytes && list->text[list->at] == '\r';
    list->at += list->at < list->n_bytes;
    list->next_line++;
    return RK_OK;
}

/* ---- the head ---- */

static rk_slice line_at(const rk_price_list *list, size_t at)
{
    const char *end = at < list->n_bytes ? memchr(list->text + at, '\n', list->n_bytes - at) : NULL;
    size_t n = end ? (size_t)(end - list->text) - at : list->n_bytes - at;
    n -= n > 0 && list->text[at + n - 1] == '\r';
    return (rk_slice){list->text + at, n};
}

static rk_status read_head(rk_price_list *list, rk_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t valid = list->n_bytes ? rk_utf8_valid_prefix((rk_slice){list->text, list->n_bytes}) : 0;
    const char *nul = list->n_bytes ? memchr(list->text, '\0', list->n_bytes) : NULL;
    valid = nul && (size_t)(nul - list->text) < valid ? (size_t)(nul - list->text) : valid;
    if (valid < list->n_bytes) {
        return rk_fail(err, RK_BAD_INPUT, "%s: byte %zu is not text in UTF-8", list->path, valid + 1);
    }
    list->at = list->n_bytes >= 3 && memcmp(list->text, mark, 3) == 0 ? 3 : 0;
    list->next_line = 1;
    while (list->at < list->n_bytes && list->text[list->at] == '#') {
        list->at += line_at(list, list->at).n;
        list->at += list->at < list->n_bytes && list->text[list->at] == '\r';
        list->at += list->at < list->n_bytes;
        list->next_line++;
    }
    list->head = line_at(list, list->at);
    if (list->head.n == 0) {
        return rk_fail_at(err, (rk_place){list->path, list->next_line, 1}, "a price list needs a line of column names");
    }
    list->delimiter = memchr(list->head.at, ',', list->head.n) ? ',' : ';';
    rk_status status = read_record(list, &list->n_columns, err);
    for (size_t i = 0; i < list->n_columns && !status; i++) {
        list->names[i] = list->cells[i].text;
    }
    return status;
}

/* ---- from outside ---- */

rk_status rk_price_list_open(const char *path, rk_price_list *out, rk_error *err)
{
    rk_source *source = NULL;
    *out = (rk_price_list){.path = path};
    rk_status status = rk_source_open(path, &source, err);
    status = status ? status : read_whole(source, out, err);
    rk_source_close(source);
    return status ? status : read_head(out, err);
}

rk_status rk_price_list_parse(rk_slice text, const char *path, rk_price_list *out, rk_error *err)
{
    *out = (rk_price_list){.path = path, .text = malloc(text.n + 1), .n_bytes = text.n};
    if (!out->text) {
        return rk_fail_memory(err, "a price list");
    }
    memcpy(out->text, text.at, text.n);
    return read_head(out, err);
}

rk_status rk_price_list_next(rk_price_list *list, bool *more, rk_error *err)
{
    size_t n = 0;
    *more = list->at < list->n_bytes;
    if (!*more) {
        return RK_OK;
    }
    rk_status status = read_record(list, &n, err);
    if (!status && n != list->n_columns) {
        status = rk_fail_at(err, (rk_place){list->path, list->line, 1}, "%zu cells, but the head names %zu columns", n,
                            list->n_columns);
    }
    return status;
}

rk_place rk_price_list_at(const rk_price_list *list, size_t c)
{
    return (rk_place){list->path, list->line, list->cells[c].column};
}

void rk_price_list_release(rk_price_list *list)
{
    free(list->text);
    *list = (rk_price_list){0};
}
