/* chunk.h - a piece of the log parsed into columns, with names of its own: what one thread makes, alone. */
#ifndef RECKON_DATA_CHUNK_H
#define RECKON_DATA_CHUNK_H

#include "base/arena.h"
#include "base/map.h"
#include "data/clean.h"
#include "data/record.h"

/* Sum of quantity x price in 10^-12 of the currency: exact for any log that fits a disk. */
__extension__ typedef __int128 rk_exact_sum;

typedef enum { RK_ITEM_TITLE, RK_ITEM_CATEGORY, RK_ITEM_BRAND, RK_N_ITEM_TEXTS } rk_item_text;

/* What every chunk is told. */
typedef struct {
    const rk_layout *layout;
    bool has[RK_N_ROLES];  /* the log has a column of that role */
    bool wants_duplicates; /* hash the rows */
    uint16_t on_mask;      /* bit r: rule r is on */
    int64_t from_time, to_time;
} rk_chunk_task;

/* Columns are parallel, [n] rows; ids are the chunk's own, by first sight. Absent columns stay empty. */
typedef struct {
    const char *path;
    rk_slice piece;
    uint64_t line; /* of its first byte */
    uint64_t n_lines;
    rk_interner *users, *items, *types, *documents;
    rk_vec user, item;                       /* of uint32_t; RK_NO_ID = missing */
    rk_vec time;                             /* of int64_t */
    rk_vec value, price;                     /* of float */
    rk_vec type;                             /* of uint8_t */
    rk_vec flags;                            /* of uint16_t: bit r = rule r meets the row */
    rk_vec hash;                             /* of uint64_t: of the raw row */
    rk_vec item_price;                       /* of float, by item: last positive price of a good row; NaN = none */
    rk_vec item_text[RK_N_ITEM_TEXTS];       /* of rk_slice, by item: the last one of a good row */
    rk_clean_count counts[RK_N_CLEAN_RULES]; /* examples only; counting comes after the whole log is known */
    rk_exact_sum total;
    uint64_t n_mended;
    rk_arena arena;   /* undone texts, mended bytes */
    rk_status status; /* of the parse, with its error */
    rk_error err;
} rk_chunk;

void rk_chunk_parse(rk_chunk *chunk, const rk_chunk_task *task);
size_t rk_chunk_rows(const rk_chunk *chunk);
void rk_chunk_release(rk_chunk *chunk);

/* Keeps an example of a rule while there is room. text: cut to fit, made printable. */
void rk_clean_example_add(rk_clean_count *count, const char *path, uint64_t line, rk_slice text);

#endif
