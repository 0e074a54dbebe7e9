/* parse_jsonl.c - one flat object a line; see flat.h for what is accepted. A broken line ends the reading: unlike a
 * ragged row it says that the file is not what it claims to be.
 */
#include <stdlib.h>
#include <string.h>

#include "data/lane.h"

/* The role that the key plays, or RK_N_ROLES. */
static size_t role_of(const rk_layout *layout, rk_slice key)
{
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        uint16_t column = layout->casting.column[r];
        if (column != RK_COLUMN_NONE && rk_slice_equal(layout->names[column], key)) {
            return r;
        }
    }
    return RK_N_ROLES;
}

/* A column may play several roles; then the cell is theirs too. */
static void deal(const rk_layout *layout, size_t role, rk_slice cell, rk_slice *cells)
{
    for (size_t r = role; r < RK_N_ROLES; r++) {
        if (layout->casting.column[r] == layout->casting.column[role]) {
            cells[r] = cell;
        }
    }
}

static void parse_line(rk_lane *lane, const char *text, rk_slice line, uint64_t number)
{
    const rk_layout *layout = lane->plan->layout;
    rk_slice cells[RK_N_ROLES];
    rk_flat_member member;
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        cells[r] = rk_empty_cell;
    }
    rk_flat_begin(lane->flat, line);
    while (rk_flat_next(lane->flat, &member)) {
        size_t role = role_of(layout, member.key);
        if (role < RK_N_ROLES && member.kind != RK_FLAT_NULL && member.kind != RK_FLAT_NESTED) {
            deal(layout, role, member.value, cells);
        }
    }
    if (lane->flat->fault) {
        lane->piece->fault = lane->flat->fault;
        lane->piece->fault_at = (size_t)(lane->flat->fault_at - text);
        return;
    }
    rk_lane_add(lane, cells, line, number, 0);
}

void rk_parse_jsonl(rk_lane *lane, const char *text, size_t n)
{
    if (!lane->flat) {
        lane->flat = calloc(1, sizeof *lane->flat);
    }
    if (!lane->flat) {
        lane->piece->is_short = true;
        return;
    }
    lane->flat->scratch = &lane->scratch;
    for (size_t at = 0; at < n && !lane->piece->fault && !lane->piece->is_short; lane->piece->n_lines++) {
        const char *newline = memchr(text + at, '\n', n - at);
        rk_slice line = {text + at, (size_t)(newline - (text + at))};
        at += line.n + 1;
        line.n -= line.n > 0 && line.at[line.n - 1] == '\r';
        if (rk_slice_trim(line).n > 0) {
            parse_line(lane, text, line, lane->piece->n_lines);
        }
    }
}
