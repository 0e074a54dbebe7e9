/* csv_reference.c - see csv_reference.h. A state machine with three states and a growing cell. */
#include "csv_reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "support/test.h"

typedef enum { BEGIN, PLAIN, QUOTED } place;

typedef struct {
    reference_row *rows, now;
    size_t n_rows, capacity;
    char cell[1 << 16];
    size_t n;
} writer;

static void end_cell(writer *w)
{
    if (w->now.n_cells < REFERENCE_COLUMNS) {
        rk_slice trimmed = rk_slice_trim((rk_slice){w->cell, w->n});
        w->now.cell[w->now.n_cells] = strndup(trimmed.at, trimmed.n);
    }
    w->now.n_cells++;
    w->n = 0;
}

static void end_row(writer *w, size_t next_line)
{
    w->n -= w->n > 0 && w->cell[w->n - 1] == '\r';
    bool is_blank = w->now.n_cells == 0 && w->n == 0;
    end_cell(w);
    for (size_t c = w->now.n_cells; c < REFERENCE_COLUMNS; c++) {
        w->now.cell[c] = strdup("");
    }
    if (is_blank) {
        for (size_t c = 0; c < REFERENCE_COLUMNS; c++) {
            free(w->now.cell[c]);
        }
    } else {
        if (w->n_rows == w->capacity) {
            w->capacity = w->capacity * 2 + 16;
            w->rows = realloc(w->rows, w->capacity * sizeof *w->rows);
            assert_non_null(w->rows);
        }
        w->rows[w->n_rows++] = w->now;
    }
    w->now = (reference_row){.line = next_line};
}

reference_row *reference_read(const char *text, size_t n, char delimiter, size_t *n_rows)
{
    writer *w = calloc(1, sizeof *w);
    place at = BEGIN;
    size_t line = 1;
    assert_non_null(w);
    w->now.line = 1;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        line += c == '\n';
        if (at == QUOTED && c == '"' && i + 1 < n && text[i + 1] == '"') {
            w->cell[w->n++] = '"';
            i++;
        } else if (at == QUOTED && c == '"') {
            at = PLAIN;
        } else if (at != QUOTED && c == delimiter) {
            end_cell(w);
            at = BEGIN;
        } else if (at != QUOTED && c == '\n') {
            end_row(w, line);
            at = BEGIN;
        } else if (at == BEGIN && c == '"') {
            at = QUOTED;
        } else {
            w->cell[w->n++] = c;
            at = at == BEGIN ? PLAIN : at;
        }
        assert_true(w->n < sizeof w->cell);
    }
    assert_int_not_equal(at, QUOTED);
    if (n > 0 && text[n - 1] != '\n') {
        end_row(w, line);
    }
    reference_row *rows = w->rows;
    *n_rows = w->n_rows;
    free(w);
    return rows;
}

void reference_free(reference_row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t c = 0; c < REFERENCE_COLUMNS; c++) {
            free(rows[i].cell[c]);
        }
    }
    free(rows);
}
