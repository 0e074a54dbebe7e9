/* raw.h - a whole log in columns: what the chunks become, in the order of the input. Private to ingest. */
#ifndef RECKON_DATA_RAW_H
#define RECKON_DATA_RAW_H

#include "base/run.h"
#include "data/chunk.h"

/* Where rows of one chunk stand in the input, for pointing at them later. */
typedef struct {
    uint64_t first_row, n_rows, line;
    const char *path;
    bool is_row_a_line; /* row i of the chunk is line + i */
} rk_raw_stretch;

/* Columns are parallel, [n_rows]; ids of users and items count every one seen, kept or not. */
typedef struct {
    uint64_t n_rows, n_mended;
    rk_interner *users, *items, *types, *documents;
    rk_vec user, item;                 /* of uint32_t; RK_NO_ID = missing */
    rk_vec time;                       /* of int64_t; empty = no such column, here and below */
    rk_vec value, price;               /* of float */
    rk_vec type;                       /* of uint8_t */
    rk_vec flags;                      /* of uint16_t: bit r = rule r meets the row */
    rk_vec hash;                       /* of uint64_t */
    rk_vec item_price;                 /* of float, by item */
    rk_interner *texts;                /* every title, category and brand; id 0 is "" */
    rk_vec item_text[RK_N_ITEM_TEXTS]; /* of uint32_t into texts, by item */
    rk_vec stretches;                  /* of rk_raw_stretch */
    rk_clean_count counts[RK_N_CLEAN_RULES];
    rk_exact_sum total;
} rk_raw;

RK_MUST_CHECK rk_status rk_raw_init(rk_raw *log, rk_error *err);
void rk_raw_release(rk_raw *log);

/* Adds chunks in order; their ids become the log's. The first failed chunk's error is returned. */
RK_MUST_CHECK rk_status rk_raw_append(rk_raw *log, rk_chunk *chunks, size_t n_chunks, const rk_run *run, rk_error *err);

/* Flags what only the whole log shows (duplicates, robots, unknown names, the core), then counts every rule. Rows to be
 * kept have no flag of `on_mask` afterwards. like_user, like_item: ids in another dataset by our ids, RK_NO_ID =
 * unknown to it; NULL = none. */
RK_MUST_CHECK rk_status rk_raw_sweep(rk_raw *log, const rk_clean_options *options, uint16_t on_mask,
                                     const uint32_t *like_user, const uint32_t *like_item, const rk_run *run,
                                     rk_error *err);

#endif
