/* record.c - the cursor: a row per kind of record, and where a text may be cut. */
#include "data/record.h"

#include <string.h>

#include "data/record_cells.h"

/* ---- lists: `user item item ...` ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == ','; }

static rk_slice take_word(rk_cursor *cursor)
{
    while (cursor->at < cursor->end && is_blank(*cursor->at)) {
        cursor->at++;
    }
    const char *from = cursor->at;
    while (cursor->at < cursor->end && !is_blank(*cursor->at) && *cursor->at != '\n') {
        cursor->at++;
    }
    return (rk_slice){from, (size_t)(cursor->at - from)};
}

static rk_status list_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err)
{
    (void)err;
    *has_record = false;
    while (cursor->at < cursor->end) {
        rk_slice word = take_word(cursor);
        if (word.n == 0) { /* the end of the line, or of the piece */
            if (cursor->at < cursor->end) {
                cursor->at++;
                cursor->line++;
            }
            cursor->user = (rk_slice){NULL, 0};
            continue;
        }
        if (cursor->user.n == 0) {
            cursor->user = word;
            continue;
        }
        record->cell[RK_ROLE_USER] = cursor->user;
        record->cell[RK_ROLE_ITEM] = word;
        record->raw = word;
        record->line = cursor->line;
        *has_record = true;
        return RK_OK;
    }
    return RK_OK;
}

/* ---- the cursor ---- */

typedef rk_status next_function(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err);

static next_function *const next_of_kind[] = {
    [RK_RECORD_CELLS] = rk_cells_next,
    [RK_RECORD_JSON] = rk_json_next,
    [RK_RECORD_LIST] = list_next,
};

void rk_cursor_start(rk_cursor *cursor, const rk_layout *layout, const char *path, rk_slice piece, uint64_t line)
{
    *cursor = (rk_cursor){
        .layout = layout,
        .path = path,
        .at = piece.at,
        .end = piece.at + piece.n,
        .line = line,
        .has_quotes = layout->kind == RK_RECORD_CELLS && memchr(piece.at, '"', piece.n) != NULL,
        .next_block = piece.at,
        .scratch = {.item_bytes = 1},
    };
}

void rk_cursor_release(rk_cursor *cursor) { rk_vec_release(&cursor->scratch); }

rk_status rk_cursor_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err)
{
    *record = (rk_record){.line = 0};
    return next_of_kind[cursor->layout->kind](cursor, record, has_record, err);
}

size_t rk_record_cut(const rk_layout *layout, rk_slice text, size_t from, bool *is_open)
{
    const char *newline = from < text.n ? memchr(text.at + from, '\n', text.n - from) : NULL;
    size_t cut = newline ? (size_t)(newline - text.at) + 1 : text.n;
    *is_open = false;
    if (layout->kind != RK_RECORD_CELLS || !memchr(text.at, '"', cut)) {
        return cut;
    }
    const char *at = text.at, *end = text.at + text.n, *quote = NULL;
    while (at < end && (size_t)(at - text.at) <= from) {
        at = rk_cells_record_end(at, end, layout->delimiter, &quote);
        if (!at) {
            *is_open = true;
            return text.n;
        }
    }
    return (size_t)(at - text.at);
}
