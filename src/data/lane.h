/* lane.h - the parallel readers: whole records into columns, with keys numbered by the reader itself.
 *
 * A lane is what one of several readers keeps for itself, from chunk to chunk: the keys it has seen, and scratch. A
 * piece is what it makes of one chunk. A lane reads chunks in ascending order, so a key's first sight in the whole
 * input is also its first sight by the lane that comes upon it: taking the lanes' new keys chunk by chunk gives the
 * same numbers for any number of lanes.
 */
#ifndef RECKON_DATA_LANE_H
#define RECKON_DATA_LANE_H

#include "data/flat.h"
#include "data/keys.h"
#include "data/layout.h"

/* Columns of rows; those that the log lacks are NULL. Rows of a piece hold its lane's key numbers. */
typedef struct {
    size_t n, capacity;
    bool has_key[RK_N_KEYS], has_time, has_value, has_price, has_hash;
    uint32_t *key[RK_N_KEYS]; /* RK_NO_ID: an empty cell; users and items always have a number */
    int64_t *time;            /* 0 when unreadable */
    float *value, *price;     /* 1 and NaN when empty or unreadable */
    uint64_t *hash;           /* of the row's bytes */
    uint16_t *flags;          /* 1 << rk_clean_rule for every rule that a row meets */
} rk_columns;

RK_MUST_CHECK bool rk_columns_reserve(rk_columns *columns, size_t n); /* false: memory is short */
void rk_columns_release(rk_columns *columns);

/* Row `row` and those after it stand on lines line, line + 1, ... (lists: all on that line). */
typedef struct {
    uint64_t row, line;
    const char *path; /* borrowed */
} rk_line_jump;

/* The text of a row that some rule may take, kept as an example of it. */
typedef struct {
    uint64_t row;
    rk_clean_rule rule;
    char text[RK_CLEAN_EXAMPLE_BYTES];
} rk_candidate;

enum { RK_CANDIDATES = 8, RK_TOTAL_PLACES = 18 }; /* a rule */

__extension__ typedef __int128 rk_wide;

/* An exact sum of products, by number of decimal places. */
typedef struct {
    rk_wide sum[RK_TOTAL_PLACES + 1];
    bool is_inexact; /* some product had too many digits */
} rk_total;
void rk_total_add(rk_total *into, const rk_total *from);
void rk_total_print(const rk_total *total, char *out, size_t out_bytes); /* "" when inexact */

/* What to read and how: the same for all lanes during a file. */
typedef struct {
    const rk_layout *layout;
    const char *path; /* borrowed */
    rk_encoding encoding;
    int64_t from_time, to_time;
    bool wants_profile;
} rk_plan;

typedef struct {
    rk_columns columns;
    rk_total total;
    uint64_t n_lines, n_mended;
    uint32_t first_new[RK_N_KEYS], end_new[RK_N_KEYS]; /* keys that the lane met here first */
    size_t lane;                                       /* which one read it */
    rk_vec jumps;                                      /* rk_line_jump, rows and lines counted from 0 */
    rk_vec candidates;                                 /* rk_candidate, ditto */
    unsigned n_candidates[RK_N_CLEAN_RULES];
    rk_vec *profile; /* [n_profile] uint64_t hashes of each cell of a column; 0 = empty */
    size_t n_profile;
    const char *fault; /* NULL = none; a message, borrowed for ever */
    size_t fault_at;   /* offset in the chunk's text */
    bool is_short;     /* of memory */
} rk_piece;

void rk_piece_init(rk_piece *piece);
void rk_piece_release(rk_piece *piece);

typedef struct {
    rk_keys keys[RK_N_KEYS];
    /* of the chunk being read */
    const rk_plan *plan;
    rk_piece *piece;
    bool checks_rows; /* some row of it is not UTF-8 */
    rk_arena scratch;
    uint32_t *marks;
    size_t marks_capacity;
    rk_slice *cells; /* [n_cells] */
    size_t n_cells;
    rk_flat *flat;
} rk_lane;

void rk_lane_init(rk_lane *lane);
void rk_lane_release(rk_lane *lane);

/* Reads text[n] into *piece, cleared first: whole records, the last one ended by '\n' too, readable for RK_MARKS_SLACK
 * bytes beyond. */
void rk_lane_parse(rk_lane *lane, const rk_plan *plan, const char *text, size_t n, rk_piece *piece);

/* For the readers of formats: one row. cells: [RK_N_ROLES], each readable for RK_KEYS_SLACK bytes beyond its end. line:
 * where it stands, from 0. flags: rules it meets already. */
void rk_lane_add(rk_lane *lane, const rk_slice *cells, rk_slice row, uint64_t line, unsigned flags);
extern const rk_slice rk_empty_cell;
/* The row, or its copy in UTF-8 when it was not; counts it. For lists, whose rows share a line; rk_lane_add does it for
 * the others. */
rk_slice rk_lane_mend(rk_lane *lane, rk_slice row);

void rk_parse_csv(rk_lane *lane, const char *text, size_t n);
void rk_parse_jsonl(rk_lane *lane, const char *text, size_t n);
void rk_parse_lists(rk_lane *lane, const char *text, size_t n);

#endif
