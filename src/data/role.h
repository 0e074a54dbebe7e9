/* role.h - what a column of the log is for, and which column names say so. */
#ifndef RECKON_DATA_ROLE_H
#define RECKON_DATA_ROLE_H

#include "base/error.h"
#include "base/slice.h"

typedef enum {
    RK_ROLE_USER,
    RK_ROLE_ITEM,
    RK_ROLE_TIME,
    RK_ROLE_VALUE,    /* a rating or weight */
    RK_ROLE_QUANTITY, /* the value when there is no value column */
    RK_ROLE_PRICE,    /* of one unit */
    RK_ROLE_EVENT,    /* view, purchase, ... */
    RK_ROLE_DOCUMENT, /* invoice or order number */
    RK_ROLE_TITLE,    /* of the item; `text` is another name for it */
    RK_ROLE_CATEGORY,
    RK_ROLE_BRAND,
    RK_N_ROLES
} rk_role;

const char *rk_role_name(rk_role role);
/* The role a column name stands for ("CustomerID", "user_id", "sku"), or -1. Case and '_', '-', ' ' do not count. */
int rk_role_of_column(rk_slice name);

enum { RK_COLUMNS_MAX = 512 };

/* Which column plays each role; -1 = none. */
typedef struct {
    int column[RK_N_ROLES];
} rk_role_map;

/* map "user=COL,item=COL"; a COL may be a number, counted from 1. names: [n] of the columns. map NULL: recognise. The
 * first column of a role wins. at: names the file in messages. */
RK_MUST_CHECK rk_status rk_role_map_make(const char *map, const rk_slice *names, size_t n, rk_place at,
                                         rk_role_map *out, rk_error *err);
/* "user=CustomerID,item=StockCode": splits one entry off *rest. false at the end. */
bool rk_role_entry(rk_slice *rest, rk_slice *role, rk_slice *column);

#endif
