/* roles.h - what a column can mean, the names by which it is recognised, and the user's own mapping. */
#ifndef RECKON_DATA_ROLES_H
#define RECKON_DATA_ROLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* Those before RK_N_KEYS are names: each distinct text gets a number. */
typedef enum {
    RK_ROLE_USER,
    RK_ROLE_ITEM,
    RK_ROLE_TITLE,
    RK_ROLE_CATEGORY,
    RK_ROLE_BRAND,
    RK_ROLE_TEXT,
    RK_ROLE_EVENT,
    RK_ROLE_DOCUMENT,
    RK_N_KEYS,
    RK_ROLE_TIME = RK_N_KEYS,
    RK_ROLE_VALUE,
    RK_ROLE_QUANTITY,
    RK_ROLE_PRICE,
    RK_N_ROLES
} rk_role;

enum { RK_COLUMNS_MAX = 4096, RK_COLUMN_NONE = UINT16_MAX };

const char *rk_role_name(rk_role role); /* "user" */

/* Which column plays which role; RK_COLUMN_NONE = none. */
typedef struct {
    uint16_t column[RK_N_ROLES];
} rk_casting;

/* The columns by their usual names ("CustomerID", "customer_id", "stock code"), the best known name first. */
rk_casting rk_casting_guess(const rk_slice *names, size_t n_names);
/* By "user=COLUMN,item=COLUMN,...", a COLUMN being a name or, where no column has it, a number counted from 1. An
 * unknown role is RK_BAD_USAGE; a column that the file has not is RK_BAD_INPUT, naming path and the nearest columns. */
RK_MUST_CHECK rk_status rk_casting_parse(const char *map, const char *path, const rk_slice *names, size_t n_names,
                                         rk_casting *out, rk_error *err);
/* By position: "user,item,value,time"; an empty word or "-" passes over a column. *n_columns: how many there are. */
RK_MUST_CHECK rk_status rk_casting_of_columns(const char *columns, rk_casting *out, unsigned *n_columns, rk_error *err);
/* Whether the map gives some role to a column of this name. */
bool rk_casting_names(const char *map, rk_slice column);
bool rk_casting_has(const rk_casting *casting, rk_role role);

/* "'a', 'b', 'c' and 5 more", for messages. */
void rk_names_list(const rk_slice *names, size_t n_names, size_t max_names, char *out, size_t out_bytes);

#endif
