/* role.c - the table of roles and of the column names that stand for them. */
#include "data/role.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name;
    const char *aliases; /* lower case, blanks and separators left out, comma between and around */
} roles[RK_N_ROLES] = {
    [RK_ROLE_USER] = {"user", ",user,userid,customer,customerid,visitor,visitorid,client,clientid,member,memberid,uid,"
                              "reviewerid,"},
    [RK_ROLE_ITEM] = {"item", ",item,itemid,product,productid,stockcode,sku,article,articleid,movie,movieid,asin,iid,"
                              "venueid,"},
    [RK_ROLE_TIME] = {"time", ",time,timestamp,date,datetime,invoicedate,eventtime,orderdate,createdat,unixreviewtime,"
                              "ts,"},
    [RK_ROLE_VALUE] = {"value", ",value,rating,score,overall,weight,stars,"},
    [RK_ROLE_QUANTITY] = {"quantity", ",quantity,qty,amount,units,count,"},
    [RK_ROLE_PRICE] = {"price", ",price,unitprice,itemprice,"},
    [RK_ROLE_EVENT] = {"event", ",event,eventtype,type,action,behavior,behaviour,"},
    [RK_ROLE_DOCUMENT] = {"document", ",document,invoice,invoiceno,invoiceid,order,orderid,orderno,transactionid,"},
    [RK_ROLE_TITLE] = {"title", ",title,text,description,itemname,productname,producttitle,name,"},
    [RK_ROLE_CATEGORY] = {"category", ",category,categoryid,categorycode,department,genre,"},
    [RK_ROLE_BRAND] = {"brand", ",brand,manufacturer,supplier,"},
};

const char *rk_role_name(rk_role role) { return roles[role].name; }

int rk_role_of_column(rk_slice name)
{
    char word[34] = ",";
    size_t n = 1;
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] == '_' || name.at[i] == '-' || name.at[i] == ' ') {
            continue;
        }
        if (n >= sizeof word - 2) {
            return -1;
        }
        word[n++] = (char)tolower((unsigned char)name.at[i]);
    }
    word[n++] = ',';
    word[n] = '\0';
    for (int role = 0; n > 2 && role < RK_N_ROLES; role++) {
        if (strstr(roles[role].aliases, word)) {
            return role;
        }
    }
    return -1;
}

bool rk_role_entry(rk_slice *rest, rk_slice *role, rk_slice *column)
{
    if (rest->n == 0) {
        return false;
    }
    const char *comma = memchr(rest->at, ',', rest->n);
    rk_slice entry = {rest->at, comma ? (size_t)(comma - rest->at) : rest->n};
    size_t used = entry.n + (comma ? 1 : 0);
    *rest = (rk_slice){rest->at + used, rest->n - used};
    const char *equals = entry.n ? memchr(entry.at, '=', entry.n) : NULL;
    *role = (rk_slice){entry.at, equals ? (size_t)(equals - entry.at) : entry.n};
    *column = equals ? (rk_slice){equals + 1, entry.n - role->n - 1} : (rk_slice){entry.at + entry.n, 0};
    return true;
}

static int find_role(rk_slice name)
{
    for (int role = 0; role < RK_N_ROLES; role++) {
        if (rk_slice_is(name, roles[role].name)) {
            return role;
        }
    }
    return rk_slice_is(name, "text") ? RK_ROLE_TITLE : -1;
}

/* The names as "a, b, c", cut where they do not fit: what a person may have meant. */
static void list_names(const rk_slice *names, size_t n, char *out, size_t out_bytes)
{
    size_t used = 0;
    for (size_t i = 0; i < n && used + names[i].n + 3 < out_bytes; i++) {
        if (i > 0) {
            memcpy(out + used, ", ", 2);
            used += 2;
        }
        memcpy(out + used, names[i].at, names[i].n);
        used += names[i].n;
    }
    out[used] = '\0';
}

static rk_status find_column(rk_slice column, const rk_slice *names, size_t n, rk_place at, int *out, rk_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (rk_slice_equal(column, names[i])) {
            *out = (int)i;
            return RK_OK;
        }
    }
    uint64_t number;
    if (rk_parse_u64(column, &number) && number >= 1 && number <= n) {
        *out = (int)number - 1;
        return RK_OK;
    }
    char known[200];
    list_names(names, n, known, sizeof known);
    return rk_fail_at(err, at, "no column '%.*s'; the columns are %s", (int)(column.n < 60 ? column.n : 60), column.at,
                      known);
}

static rk_status map_as_told(const char *map, const rk_slice *names, size_t n, rk_place at, rk_role_map *out,
                             rk_error *err)
{
    rk_slice rest = rk_slice_of(map), word, column;
    while (rk_role_entry(&rest, &word, &column)) {
        int role = find_role(word);
        if (role < 0 || column.n == 0) {
            return rk_fail(err, RK_BAD_USAGE,
                           "--map wants ROLE=COLUMN, got '%.*s'; the roles are user, item, time, value, quantity, "
                           "price, event, document, title (text), category, brand",
                           (int)(word.n < 40 ? word.n : 40), word.at);
        }
        if (out->column[role] >= 0) {
            return rk_fail(err, RK_BAD_USAGE, "--map names %s twice", rk_role_name((rk_role)role));
        }
        rk_status status = find_column(column, names, n, at, &out->column[role], err);
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

rk_status rk_role_map_make(const char *map, const rk_slice *names, size_t n, rk_place at, rk_role_map *out,
                           rk_error *err)
{
    for (int role = 0; role < RK_N_ROLES; role++) {
        out->column[role] = -1;
    }
    if (map) {
        rk_status status = map_as_told(map, names, n, at, out, err);
        if (status) {
            return status;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            int role = rk_role_of_column(names[i]);
            if (role >= 0 && out->column[role] < 0) {
                out->column[role] = (int)i;
            }
        }
    }
    for (int role = RK_ROLE_USER; role <= RK_ROLE_ITEM; role++) {
        if (out->column[role] < 0) {
            char known[200];
            list_names(names, n, known, sizeof known);
            return rk_fail_at(err, at, "no %s column among %s; say which with --map %s=COLUMN",
                              rk_role_name((rk_role)role), known, rk_role_name((rk_role)role));
        }
    }
    return RK_OK;
}
