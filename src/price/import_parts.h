/* import_parts.h - inside of price_import.h: the formats of lists, and what is kept of them until the book is written.
 *
 * import_formats.c has the table, price_import.c reads the lists, import_book.c writes the book.
 */
#ifndef RECKON_PRICE_IMPORT_PARTS_H
#define RECKON_PRICE_IMPORT_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "price/machine_size.h"
#include "price/price_import.h"

enum { RK_LIST_OPTIONS = 3 };

/* A column of prices by the hour; where `table` is named, only rows whose table cell says so. */
typedef struct {
    const char *column, *option, *table;
} rk_list_price;

/* Columns by their name in the head; NULL = the list has none. */
typedef struct {
    const char *name, *head;
    const char *source;                             /* NULL = a list of sizes, without prices */
    const char *machine, *region, *engine, *table;  /* columns */
    const char *vcpu, *memory, *currency_column;    /* columns */
    const char *currency, *only_region;             /* when no column says */
    rk_list_price prices[RK_LIST_OPTIONS];          /* */
    bool (*size)(rk_slice name, rk_machine_size *); /* by the maker's naming; NULL = no such rule */
} rk_list_format;

extern const rk_list_format rk_list_formats[];
extern const size_t rk_n_list_formats;

typedef struct {
    rk_decimal vcpu, memory_gib; /* vcpu 0 = unknown */
} rk_import_size;

typedef struct {
    const rk_list_format *format;
    const char *name, *key, *region, *currency, *source, *day;
    rk_import_size size;
    rk_decimal price[RK_LIST_OPTIONS]; /* by the format's columns */
    bool has_price[RK_LIST_OPTIONS];
} rk_import_entry;

struct rk_import {
    rk_arena arena;
    rk_interner *keys, *sized; /* of entries; of sizes, by machine */
    rk_interner *regions;      /* seen in the lists */
    rk_vec entries, sizes;     /* rk_import_entry, rk_import_size */
};

#endif
