/* lane.c - see lane.h. What the cells of a row mean, and which rules it meets, is decided here, once for all formats.
 *
 * Blanks around a cell are dropped. Text that is not UTF-8 is read as Windows-1252, a superset of Latin-1, row by row,
 * so that one stray byte does not change the meaning of the rest of the file.
 */
#include "data/lane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL /* rows are short: the call would cost as much as the hash */
#include <xxhash.h>

#include "data/cell.h"

enum { CAPACITY_MIN = 4096, BYTES_OF_CP1252 = 3 };

static const char empty[RK_KEYS_SLACK];
const rk_slice rk_empty_cell = {empty, 0};

/* ---- columns ---- */

/* *column: NULL = not there and not wanted. */
static bool grow(void *column, bool is_wanted, size_t capacity, size_t width)
{
    void *old;
    memcpy(&old, column, sizeof old);
    void *grown = is_wanted ? realloc(old, capacity * width) : NULL;
    if (is_wanted && grown) {
        memcpy(column, &grown, sizeof grown);
    }
    return !is_wanted || grown;
}

bool rk_columns_reserve(rk_columns *c, size_t n)
{
    if (n <= c->capacity) {
        return true;
    }
    size_t capacity = c->capacity * 2 > CAPACITY_MIN ? c->capacity * 2 : CAPACITY_MIN;
    capacity = capacity > n ? capacity : n;
    bool is_done = grow(&c->time, c->has_time, capacity, sizeof *c->time) &&
                   grow(&c->value, c->has_value, capacity, sizeof *c->value) &&
                   grow(&c->price, c->has_price, capacity, sizeof *c->price) &&
                   grow(&c->hash, c->has_hash, capacity, sizeof *c->hash) &&
                   grow(&c->flags, true, capacity, sizeof *c->flags);
    for (size_t k = 0; k < RK_N_KEYS && is_done; k++) {
        is_done = grow(&c->key[k], c->has_key[k], capacity, sizeof **c->key);
    }
    c->capacity = is_done ? capacity : c->capacity;
    return is_done;
}

void rk_columns_release(rk_columns *c)
{
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        free(c->key[k]);
    }
    free(c->time);
    free(c->value);
    free(c->price);
    free(c->hash);
    free(c->flags);
    *c = (rk_columns){0};
}

/* ---- the exact total ---- */

static void total_put(rk_total *total, const rk_amount *a, const rk_amount *b)
{
    unsigned places = (unsigned)a->places + b->places;
    rk_wide *sum = &total->sum[places <= RK_TOTAL_PLACES ? places : 0];
    if (!a->is_exact || !b->is_exact || places > RK_TOTAL_PLACES ||
        __builtin_add_overflow(*sum, (rk_wide)a->units * b->units, sum)) {
        total->is_inexact = true;
    }
}

void rk_total_add(rk_total *into, const rk_total *from)
{
    into->is_inexact |= from->is_inexact;
    for (size_t p = 0; p <= RK_TOTAL_PLACES; p++) {
        into->is_inexact |= __builtin_add_overflow(into->sum[p], from->sum[p], &into->sum[p]);
    }
}

void rk_total_print(const rk_total *total, char *out, size_t out_bytes)
{
    char digits[64];
    rk_wide all = 0, value;
    bool is_lost = total->is_inexact;
    for (size_t p = 0; p <= RK_TOTAL_PLACES; p++) { /* Horner's rule: each step adds a place */
        is_lost = is_lost || __builtin_mul_overflow(all, (rk_wide)(p ? 10 : 1), &all) ||
                  __builtin_add_overflow(all, total->sum[p], &all);
    }
    if (is_lost) {
        out[0] = '\0';
        return;
    }
    size_t places = RK_TOTAL_PLACES, n = sizeof digits;
    for (; places > 0 && all % 10 == 0; places--) {
        all /= 10;
    }
    value = all < 0 ? -all : all;
    digits[--n] = '\0';
    for (size_t i = 0; value > 0 || i <= places; i++, value /= 10) {
        if (i == places && places > 0) {
            digits[--n] = '.';
        }
        digits[--n] = (char)('0' + (int)(value % 10));
    }
    snprintf(out, out_bytes, "%s%s", all < 0 ? "-" : "", digits + n);
}

/* ---- text that is not UTF-8 ---- */

/* What 0x80 .. 0x9f are in Windows-1252; the five that it leaves out stay control characters. */
static const uint16_t windows_1252[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                          0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                          0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                          0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

/* The cell in UTF-8, in the lane's scratch. */
static rk_slice mend(rk_lane *lane, rk_slice cell)
{
    char *text = rk_arena_take(&lane->scratch, cell.n * BYTES_OF_CP1252 + RK_KEYS_SLACK, 1, 1);
    size_t n = 0;
    if (!text) {
        lane->piece->is_short = true;
        return rk_empty_cell;
    }
    for (size_t i = 0; i < cell.n; i++) {
        unsigned char c = (unsigned char)cell.at[i];
        unsigned code = c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c;
        if (code < 0x80) {
            text[n++] = (char)code;
        } else if (code < 0x800) {
            text[n++] = (char)(0xc0 | code >> 6);
            text[n++] = (char)(0x80 | (code & 0x3f));
        } else {
            text[n++] = (char)(0xe0 | code >> 12);
            text[n++] = (char)(0x80 | (code >> 6 & 0x3f));
            text[n++] = (char)(0x80 | (code & 0x3f));
        }
    }
    return (rk_slice){text, n};
}

/* Whether the row has to be mended. */
static bool is_foreign(const rk_plan *plan, rk_slice row)
{
    if (plan->encoding != RK_ENCODING_WINDOWS_1252) {
        return rk_utf8_valid_prefix(row) < row.n;
    }
    for (size_t i = 0; i < row.n; i++) {
        if ((unsigned char)row.at[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

rk_slice rk_lane_mend(rk_lane *lane, rk_slice row)
{
    if (!lane->checks_rows || !is_foreign(lane->plan, row)) {
        return row;
    }
    lane->piece->n_mended++;
    return mend(lane, row);
}

/* ---- one row ---- */

static inline rk_slice trim(rk_slice cell)
{
    bool is_tight = cell.n == 0 || ((unsigned char)cell.at[0] > ' ' && (unsigned char)cell.at[cell.n - 1] > ' ');
    return is_tight ? cell : rk_slice_trim(cell);
}

static unsigned read_time(rk_columns *c, const rk_plan *plan, rk_slice cell)
{
    int64_t time = 0;
    bool is_good = rk_moment_parse(cell, &time) && time >= plan->from_time && time <= plan->to_time;
    c->time[c->n] = time;
    return is_good ? 0 : 1u << RK_RULE_BAD_TIME;
}

/* An empty cell is no amount, and no fault either. */
static unsigned read_amount(rk_slice cell, rk_amount *out)
{
    return cell.n == 0 || rk_amount_parse(cell, out) ? 0 : 1u << RK_RULE_BAD_NUMBER;
}

static unsigned read_amounts(rk_lane *lane, const rk_casting *casting, const rk_slice *cells)
{
    rk_columns *c = &lane->piece->columns;
    rk_amount value = {.real = 1}, quantity = {.real = 1}, price = {.real = NAN};
    unsigned flags = 0;
    if (c->has_value) {
        flags |=
            read_amount(trim(cells[RK_ROLE_VALUE]), &value) | read_amount(trim(cells[RK_ROLE_QUANTITY]), &quantity);
        c->value[c->n] = (float)(rk_casting_has(casting, RK_ROLE_VALUE) ? value.real : quantity.real);
        flags |= quantity.real < 0 ? 1u << RK_RULE_NEGATIVE : 0;
    }
    if (c->has_price) {
        flags |= read_amount(trim(cells[RK_ROLE_PRICE]), &price);
        c->price[c->n] = (float)price.real;
        flags |= price.real <= 0 ? 1u << RK_RULE_NO_PRICE : 0;
        bool has_both = cells[RK_ROLE_QUANTITY].n && cells[RK_ROLE_PRICE].n && (flags & 1u << RK_RULE_BAD_NUMBER) == 0;
        if (has_both) {
            total_put(&lane->piece->total, &quantity, &price);
        }
    }
    return flags;
}

static unsigned read_keys(rk_lane *lane, const rk_slice *cells)
{
    rk_columns *c = &lane->piece->columns;
    unsigned flags = 0;
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        if (!c->has_key[k]) {
            continue;
        }
        rk_slice cell = trim(cells[k]);
        uint32_t id = cell.n || k <= RK_ROLE_ITEM ? rk_keys_add(&lane->keys[k], cell) : RK_NO_ID;
        c->key[k][c->n] = id;
        lane->piece->is_short = lane->piece->is_short || (id == RK_NO_ID && (cell.n || k <= RK_ROLE_ITEM));
        if (cell.n == 0) {
            flags |= k == RK_ROLE_USER    ? 1u << RK_RULE_NO_USER
                     : k == RK_ROLE_ITEM  ? 1u << RK_RULE_NO_ITEM
                     : k == RK_ROLE_TITLE ? 1u << RK_RULE_NO_TITLE
                                          : 0;
        } else if (k == RK_ROLE_DOCUMENT && cell.at[0] == 'C') {
            flags |= 1u << RK_RULE_CANCELLED;
        }
    }
    return flags;
}

/* Keeps the row's text for the first rule that it meets. */
static void offer_example(rk_lane *lane, rk_slice row, unsigned flags)
{
    rk_candidate candidate = {.row = lane->piece->columns.n, .rule = (rk_clean_rule)__builtin_ctz(flags)};
    if (lane->piece->n_candidates[candidate.rule] == RK_CANDIDATES) {
        return;
    }
    size_t n = row.n < sizeof candidate.text ? row.n : sizeof candidate.text - 1;
    for (size_t i = 0; i < n; i++) {
        candidate.text[i] = (unsigned char)row.at[i] < ' ' ? ' ' : row.at[i];
    }
    lane->piece->n_candidates[candidate.rule]++;
    lane->piece->is_short |= !rk_vec_push(&lane->piece->candidates, &candidate);
}

static void note_line(rk_lane *lane, uint64_t line)
{
    const rk_line_jump *last =
        lane->piece->jumps.n ? (const rk_line_jump *)lane->piece->jumps.data + lane->piece->jumps.n - 1 : NULL;
    uint64_t row = lane->piece->columns.n;
    uint64_t step = lane->plan->layout->format == RK_FORMAT_LISTS ? 0 : 1;
    if (!last || last->line + step * (row - last->row) != line) {
        lane->piece->is_short |= !rk_vec_push(&lane->piece->jumps, &(rk_line_jump){row, line, lane->plan->path});
    }
}

void rk_lane_add(rk_lane *lane, const rk_slice *cells, rk_slice row, uint64_t line, unsigned flags)
{
    const rk_plan *plan = lane->plan;
    rk_columns *c = &lane->piece->columns;
    rk_slice mended[RK_N_ROLES];
    if (c->n == c->capacity && !rk_columns_reserve(c, c->n + 1)) {
        lane->piece->is_short = true;
        return;
    }
    if (lane->checks_rows && plan->layout->format != RK_FORMAT_LISTS && is_foreign(plan, row)) {
        lane->piece->n_mended++;
        for (size_t r = 0; r < RK_N_ROLES; r++) {
            mended[r] = mend(lane, cells[r]);
        }
        cells = mended;
    }
    if (c->has_time) {
        flags |= read_time(c, plan, trim(cells[RK_ROLE_TIME]));
    }
    if (c->has_value || c->has_price) {
        flags |= read_amounts(lane, &plan->layout->casting, cells);
    }
    if (c->has_hash) {
        c->hash[c->n] = XXH3_64bits(row.at, row.n);
    }
    flags |= read_keys(lane, cells);
    c->flags[c->n] = (uint16_t)flags;
    if (flags) {
        offer_example(lane, row, flags);
    }
    note_line(lane, line);
    c->n++;
}

/* ---- a chunk ---- */

void rk_piece_init(rk_piece *piece)
{
    *piece =
        (rk_piece){.jumps = {.item_bytes = sizeof(rk_line_jump)}, .candidates = {.item_bytes = sizeof(rk_candidate)}};
}

void rk_piece_release(rk_piece *piece)
{
    for (size_t c = 0; c < piece->n_profile; c++) {
        rk_vec_release(&piece->profile[c]);
    }
    free(piece->profile);
    rk_columns_release(&piece->columns);
    rk_vec_release(&piece->jumps);
    rk_vec_release(&piece->candidates);
}

static void clear_piece(rk_piece *piece)
{
    piece->columns.n = 0;
    piece->total = (rk_total){0};
    piece->n_lines = piece->n_mended = 0;
    piece->fault = NULL;
    rk_vec_clear(&piece->jumps);
    rk_vec_clear(&piece->candidates);
    memset(piece->n_candidates, 0, sizeof piece->n_candidates);
    for (size_t p = 0; p < piece->n_profile; p++) {
        rk_vec_clear(&piece->profile[p]);
    }
}

void rk_lane_init(rk_lane *lane)
{
    *lane = (rk_lane){0};
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        rk_keys_init(&lane->keys[k]);
    }
}

void rk_lane_release(rk_lane *lane)
{
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        rk_keys_release(&lane->keys[k]);
    }
    rk_arena_release(&lane->scratch);
    free(lane->marks);
    free(lane->cells);
    free(lane->flat);
}

static void parse(rk_lane *lane, const char *text, size_t n)
{
    rk_slice all = {text, n};
    const rk_plan *plan = lane->plan;
    size_t n_valid = plan->encoding == RK_ENCODING_WINDOWS_1252 ? 0 : rk_utf8_valid_prefix(all);
    lane->checks_rows = n_valid < n;
    if (n_valid < n && plan->encoding == RK_ENCODING_UTF8 && plan->layout->format != RK_FORMAT_JSONL) {
        lane->piece->fault = "not UTF-8 (--encoding auto reads such rows as Windows-1252)";
        lane->piece->fault_at = n_valid;
        return;
    }
    switch (plan->layout->format) {
    case RK_FORMAT_JSONL:
        lane->checks_rows = false; /* its reader refuses them */
        rk_parse_jsonl(lane, text, n);
        break;
    case RK_FORMAT_LISTS:
        rk_parse_lists(lane, text, n);
        break;
    default:
        rk_parse_csv(lane, text, n);
    }
}

void rk_lane_parse(rk_lane *lane, const rk_plan *plan, const char *text, size_t n, rk_piece *piece)
{
    clear_piece(piece);
    rk_arena_clear(&lane->scratch);
    lane->plan = plan;
    lane->piece = piece;
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        piece->first_new[k] = lane->keys[k].n;
    }
    parse(lane, text, n);
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        piece->end_new[k] = lane->keys[k].n;
    }
}
