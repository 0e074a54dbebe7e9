/* parse_lists.c - `user item item ...`, a line a user, parted by blanks or tabs. Each pair is a row. */
#include <string.h>

#include "data/lane.h"

/* The next word of the line; n 0 at its end. */
static rk_slice next_word(rk_slice *rest)
{
    size_t begin = 0, end;
    while (begin < rest->n && (unsigned char)rest->at[begin] <= ' ') {
        begin++;
    }
    for (end = begin; end < rest->n && (unsigned char)rest->at[end] > ' '; end++) {
    }
    rk_slice word = {rest->at + begin, end - begin};
    *rest = (rk_slice){rest->at + end, rest->n - end};
    return word;
}

void rk_parse_lists(rk_lane *lane, const char *text, size_t n)
{
    rk_slice cells[RK_N_ROLES];
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        cells[r] = rk_empty_cell;
    }
    for (size_t at = 0; at < n && !lane->piece->is_short; lane->piece->n_lines++) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t n_line = (size_t)(newline - (text + at));
        rk_slice rest = rk_lane_mend(lane, (rk_slice){text + at, n_line});
        at += n_line + 1;
        cells[RK_ROLE_USER] = next_word(&rest);
        for (rk_slice item = next_word(&rest); item.n > 0; item = next_word(&rest)) {
            const char *begin = cells[RK_ROLE_USER].at;
            cells[RK_ROLE_ITEM] = item;
            rk_lane_add(lane, cells, (rk_slice){begin, (size_t)(item.at + item.n - begin)}, lane->piece->n_lines, 0);
        }
    }
}
