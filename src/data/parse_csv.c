/* parse_csv.c - RFC 4180 over a list of marks: the offsets of all delimiters and line ends, quoted or not.
 *
 * A cell ends at the next mark. Only a cell that begins with a quote looks closer: it runs to its closing quote, and
 * the marks inside it are passed over. A quote elsewhere is a letter like any other, as measures in inches need it.
 */
#include <stdlib.h>
#include <string.h>

#include "data/lane.h"
#include "data/marks.h"

enum { ROWS_AHEAD = 16 };

typedef struct {
    rk_slice *cells; /* [n_columns + 1], in lane->cells; the last is empty, for roles without a column */
    rk_slice row;
    uint64_t line;
    unsigned flags;
} split_row;

typedef struct {
    const char *text;
    const uint32_t *next; /* the first mark not yet passed */
    size_t at;
    uint64_t line;
} cursor;

/* text[begin .. end) with doubled quotes made single and rest behind it, in scratch. */
static rk_slice unquote(rk_lane *lane, rk_slice inside, rk_slice rest)
{
    char *text = rk_arena_take(&lane->scratch, inside.n + rest.n + RK_KEYS_SLACK, 1, 1);
    size_t n = 0;
    if (!text) {
        lane->piece->is_short = true;
        return rk_empty_cell;
    }
    for (size_t i = 0; i < inside.n; i++) {
        text[n++] = inside.at[i];
        i += inside.at[i] == '"';
    }
    memcpy(text + n, rest.at, rest.n);
    return (rk_slice){text, n + rest.n};
}

/* The cell that opens with a quote at the cursor; *end: offset of the mark behind it. */
static rk_slice quoted_cell(rk_lane *lane, cursor *c, size_t *end)
{
    const char *begin = c->text + c->at + 1, *close = begin;
    bool is_doubled = false;
    while (*close != '"' || close[1] == '"') { /* it is there: chunks end outside quotes */
        c->line += *close == '\n';
        is_doubled = is_doubled || *close == '"';
        close += *close == '"' ? 2 : 1;
    }
    while (*c->next < (size_t)(close - c->text)) {
        c->next++;
    }
    *end = *c->next++;
    rk_slice inside = {begin, (size_t)(close - begin)}, rest = {close + 1, *end - (size_t)(close + 1 - c->text)};
    bool is_plain = !is_doubled && (rest.n == 0 || (rest.n == 1 && *rest.at == '\r'));
    return is_plain ? inside : unquote(lane, inside, rest);
}

static void note_profile(rk_piece *piece, const rk_slice *cells)
{
    for (size_t c = 0; c < piece->n_profile; c++) {
        uint64_t hash = cells[c].n ? rk_hash(cells[c], 1) | 1 : 0;
        piece->is_short |= !rk_vec_push(&piece->profile[c], &hash);
    }
}

/* The record at the cursor into cells: [n_columns]; returns how many it has, also beyond those kept. */
static inline size_t split_record(rk_lane *lane, cursor *c, rk_slice *cells, size_t n_columns)
{
    for (size_t n = 1;; n++) {
        size_t end;
        rk_slice cell;
        if (c->text[c->at] == '"') {
            cell = quoted_cell(lane, c, &end);
        } else {
            end = *c->next++;
            cell = (rk_slice){c->text + c->at, end - c->at};
        }
        c->at = end + 1;
        bool is_last = c->text[end] == '\n';
        cell.n -= is_last && cell.n > 0 && cell.at[cell.n - 1] == '\r';
        if (n <= n_columns) {
            cells[n - 1] = cell;
        }
        if (is_last) {
            return n;
        }
    }
}

/* The next rows, at most ROWS_AHEAD; returns how many. n: of the text. */
static size_t split_rows(rk_lane *lane, cursor *c, size_t n, size_t n_columns, split_row *rows)
{
    size_t n_rows = 0;
    while (n_rows < ROWS_AHEAD && c->at < n) {
        split_row *row = &rows[n_rows];
        size_t begin = c->at;
        row->line = c->line;
        size_t n_cells = split_record(lane, c, row->cells, n_columns);
        c->line++;
        if (n_cells == 1 && row->cells[0].n == 0) {
            continue; /* a blank line */
        }
        for (size_t i = n_cells; i < n_columns; i++) {
            row->cells[i] = rk_empty_cell;
        }
        row->flags = n_cells == n_columns ? 0 : 1u << RK_RULE_RAGGED;
        row->row = (rk_slice){c->text + begin, c->at - 1 - begin};
        row->row.n -= row->row.n > 0 && c->text[c->at - 2] == '\r';
        n_rows++;
    }
    return n_rows;
}

static bool make_room(rk_lane *lane, size_t n)
{
    const rk_plan *plan = lane->plan;
    rk_piece *piece = lane->piece;
    size_t n_columns = plan->layout->n_columns;
    if (lane->marks_capacity < n + RK_MARKS_SLACK) {
        free(lane->marks);
        lane->marks_capacity = n + RK_MARKS_SLACK;
        lane->marks = malloc(lane->marks_capacity * sizeof *lane->marks);
        lane->marks_capacity = lane->marks ? lane->marks_capacity : 0;
    }
    if (lane->n_cells < ROWS_AHEAD * (n_columns + 1)) {
        free(lane->cells);
        lane->n_cells = ROWS_AHEAD * (n_columns + 1);
        lane->cells = malloc(lane->n_cells * sizeof *lane->cells);
        lane->n_cells = lane->cells ? lane->n_cells : 0;
    }
    if (plan->wants_profile && piece->n_profile < n_columns) {
        piece->profile = calloc(n_columns, sizeof *piece->profile);
        piece->n_profile = piece->profile ? n_columns : 0;
        for (size_t c = 0; c < piece->n_profile; c++) {
            piece->profile[c].item_bytes = sizeof(uint64_t);
        }
    }
    return lane->marks && lane->cells && (!plan->wants_profile || piece->n_profile >= n_columns);
}

/* Always inline: gcc takes a function that only prefetches for one without effect and drops the call. */
static inline __attribute__((always_inline)) void expect_keys(const rk_lane *lane, const split_row *row,
                                                              const size_t *column_of)
{
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        if (lane->piece->columns.has_key[k]) {
            rk_keys_expect(&lane->keys[k], row->cells[column_of[k]]);
        }
    }
}

static void take_row(rk_lane *lane, const split_row *row, const size_t *column_of)
{
    rk_slice cells[RK_N_ROLES];
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        cells[r] = row->cells[column_of[r]];
    }
    if (lane->plan->wants_profile) {
        note_profile(lane->piece, row->cells);
    }
    rk_lane_add(lane, cells, row->row, row->line, row->flags);
}

void rk_parse_csv(rk_lane *lane, const char *text, size_t n)
{
    const rk_layout *layout = lane->plan->layout;
    const size_t n_columns = layout->n_columns;
    size_t column_of[RK_N_ROLES];
    split_row rows[ROWS_AHEAD];
    if (!make_room(lane, n)) {
        lane->piece->is_short = true;
        return;
    }
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        column_of[r] = rk_casting_has(&layout->casting, (rk_role)r) ? layout->casting.column[r] : n_columns;
    }
    for (size_t i = 0; i < ROWS_AHEAD; i++) {
        rows[i].cells = lane->cells + i * (n_columns + 1);
        rows[i].cells[n_columns] = rk_empty_cell;
    }
    (void)rk_marks_find(text, n, layout->delimiter, '\n', lane->marks);
    cursor c = {.text = text, .next = lane->marks};
    while (c.at < n && !lane->piece->is_short) {
        size_t n_rows = split_rows(lane, &c, n, n_columns, rows);
        for (size_t i = 0; i < n_rows; i++) {
            expect_keys(lane, &rows[i], column_of);
        }
        for (size_t i = 0; i < n_rows; i++) {
            take_row(lane, &rows[i], column_of);
        }
    }
    lane->piece->n_lines = c.line;
}
