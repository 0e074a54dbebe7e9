/* roles.c - see roles.h. A name is compared without case, blanks, '_', '-' and '.', and up to a ':' (RecBole's
 * "user_id:token"), so that "CustomerID", "customer_id" and "Customer ID" are one alias.
 */
#include "data/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIASES_MAX = 16, ALIAS_BYTES = 32 };

/* Within a row the better name first: a log with both "product_id" and "product" means the former by its item. */
static const struct {
    const char *name, *aliases[ALIASES_MAX];
} roles[RK_N_ROLES] = {
    [RK_ROLE_USER] = {"user",
                      {"userid", "user", "customerid", "customer", "memberid", "clientid", "shopperid", "visitorid",
                       "reviewerid", "accountid", "uid", "sessionid"}},
    [RK_ROLE_ITEM] = {"item",
                      {"itemid", "item", "stockcode", "productid", "sku", "articleid", "movieid", "asin", "parentasin",
                       "product", "productcode", "iid", "contentid"}},
    [RK_ROLE_TITLE] = {"title", {"title", "productname", "itemname", "name", "description", "producttitle"}},
    [RK_ROLE_CATEGORY] = {"category",
                          {"category", "categorycode", "categoryid", "categories", "department", "genre", "genres"}},
    [RK_ROLE_BRAND] = {"brand", {"brand", "brandname", "supplier", "manufacturer", "vendor"}},
    [RK_ROLE_TEXT] = {"text", {"text", "longdescription", "shortdescription", "body", "details"}},
    [RK_ROLE_EVENT] = {"event",
                       {"event", "eventtype", "action", "actiontype", "behavior", "behaviour", "behaviortype"}},
    [RK_ROLE_DOCUMENT] = {"document",
                          {"document", "invoiceno", "invoice", "invoiceid", "orderid", "orderno", "transactionid",
                           "receiptid"}},
    [RK_ROLE_TIME] = {"time",
                      {"timestamp", "time", "eventtime", "datetime", "invoicedate", "orderdate", "purchasedate", "date",
                       "createdat", "unixreviewtime", "tdat", "ts"}},
    [RK_ROLE_VALUE] = {"value", {"rating", "ratings", "value", "score", "stars", "overall", "weight"}},
    [RK_ROLE_QUANTITY] = {"quantity", {"quantity", "qty", "units", "count"}},
    [RK_ROLE_PRICE] = {"price", {"unitprice", "price", "saleprice", "amount"}},
};

const char *rk_role_name(rk_role role) { return roles[role].name; }

bool rk_casting_has(const rk_casting *casting, rk_role role) { return casting->column[role] != RK_COLUMN_NONE; }

static rk_casting no_casting(void)
{
    rk_casting casting;
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        casting.column[r] = RK_COLUMN_NONE;
    }
    return casting;
}

static bool is_alias(rk_slice name, const char *alias)
{
    size_t n = strlen(alias), k = 0;
    for (size_t i = 0; i < name.n && name.at[i] != ':'; i++) {
        char c = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + ('a' - 'A')) : name.at[i];
        if (c == '_' || c == '-' || c == '.' || c == ' ') {
            continue;
        }
        if (k == n || c != alias[k++]) {
            return false;
        }
    }
    return k == n;
}

rk_casting rk_casting_guess(const rk_slice *names, size_t n_names)
{
    rk_casting casting = no_casting();
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        for (size_t a = 0; a < ALIASES_MAX && roles[r].aliases[a] && casting.column[r] == RK_COLUMN_NONE; a++) {
            for (size_t c = 0; c < n_names && casting.column[r] == RK_COLUMN_NONE; c++) {
                casting.column[r] = is_alias(names[c], roles[r].aliases[a]) ? (uint16_t)c : RK_COLUMN_NONE;
            }
        }
    }
    return casting;
}

void rk_names_list(const rk_slice *names, size_t n_names, size_t max_names, char *out, size_t out_bytes)
{
    size_t n = 0, n_shown = n_names < max_names ? n_names : max_names;
    out[0] = '\0';
    for (size_t i = 0; i < n_shown && n < out_bytes; i++) {
        n += (size_t)snprintf(out + n, out_bytes - n, "%s'%.*s'", i ? ", " : "",
                              (int)(names[i].n < 40 ? names[i].n : 40), names[i].at);
    }
    if (n_names > n_shown && n < out_bytes) {
        snprintf(out + n, out_bytes - n, " and %zu more", n_names - n_shown);
    }
}

static rk_status fail_role(rk_slice word, const char *option, rk_error *err)
{
    const char *names[RK_N_ROLES], *nearest;
    char text[ALIAS_BYTES];
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        names[r] = roles[r].name;
    }
    snprintf(text, sizeof text, "%.*s", (int)(word.n < sizeof text ? word.n : sizeof text - 1), word.at);
    nearest = rk_nearest_name(text, names, RK_N_ROLES);
    return rk_fail(err, RK_BAD_USAGE,
                   "%s: no such role '%s'%s%s%s; the roles are user, item, time, value, quantity, "
                   "price, title, category, brand, text, event, document",
                   option, text, nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool find_role(rk_slice word, rk_role *out)
{
    for (size_t r = 0; r < RK_N_ROLES; r++) {
        if (rk_slice_is(word, roles[r].name)) {
            *out = (rk_role)r;
            return true;
        }
    }
    return false;
}

static rk_status fail_column(rk_slice word, rk_role role, const char *path, const rk_slice *names, size_t n_names,
                             rk_error *err)
{
    char text[128], list[256], **copies = calloc(n_names + 1, sizeof *copies);
    snprintf(text, sizeof text, "%.*s", (int)(word.n < sizeof text ? word.n : sizeof text - 1), word.at);
    for (size_t i = 0; copies && i < n_names; i++) {
        copies[i] = strndup(names[i].at, names[i].n);
    }
    const char *nearest = copies ? rk_nearest_name(text, (const char *const *)copies, n_names) : NULL;
    rk_names_list(names, n_names, 8, list, sizeof list);
    rk_status status =
        rk_fail(err, RK_BAD_INPUT, "%s: no column '%s' for %s%s%s%s; the columns are %s", path, text, roles[role].name,
                nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", list);
    for (size_t i = 0; copies && i < n_names; i++) {
        free(copies[i]);
    }
    free(copies);
    return status;
}

/* The word up to the next comma; *rest moves behind it. false at the end of the list. */
static bool next_word(const char **rest, rk_slice *word)
{
    if (!*rest) {
        return false;
    }
    const char *comma = strchr(*rest, ',');
    *word = rk_slice_trim((rk_slice){*rest, comma ? (size_t)(comma - *rest) : strlen(*rest)});
    *rest = comma ? comma + 1 : NULL;
    return true;
}

bool rk_casting_names(const char *map, rk_slice column)
{
    rk_slice word;
    bool has = false;
    for (const char *rest = map; next_word(&rest, &word);) {
        const char *equals = memchr(word.at, '=', word.n);
        size_t n = equals ? word.n - (size_t)(equals + 1 - word.at) : 0;
        has = has || (equals && rk_slice_equal(rk_slice_trim((rk_slice){equals + 1, n}), rk_slice_trim(column)));
    }
    return has;
}

static rk_status cast_one(rk_slice word, const char *path, const rk_slice *names, size_t n_names, rk_casting *casting,
                          rk_error *err)
{
    const char *equals = memchr(word.at, '=', word.n);
    rk_role role;
    if (!equals) {
        return rk_fail(err, RK_BAD_USAGE, "--map: '%.*s' must look like user=COLUMN", (int)word.n, word.at);
    }
    rk_slice name = rk_slice_trim((rk_slice){word.at, (size_t)(equals - word.at)});
    rk_slice column = rk_slice_trim((rk_slice){equals + 1, word.n - (size_t)(equals + 1 - word.at)});
    if (rk_slice_is(name, "attributes")) {
        return rk_fail(err, RK_BAD_USAGE, "--map: attributes belong to a catalogue: reckon ingest --catalogue FILE");
    }
    if (!find_role(name, &role)) {
        return fail_role(name, "--map", err);
    }
    if (casting->column[role] != RK_COLUMN_NONE) {
        return rk_fail(err, RK_BAD_USAGE, "--map: %s is mapped twice", roles[role].name);
    }
    for (size_t c = 0; c < n_names; c++) {
        if (rk_slice_equal(names[c], column)) {
            casting->column[role] = (uint16_t)c;
            return RK_OK;
        }
    }
    uint64_t number;
    if (rk_parse_u64(column, &number) && number >= 1 && number <= n_names) {
        casting->column[role] = (uint16_t)(number - 1);
        return RK_OK;
    }
    return fail_column(column, role, path, names, n_names, err);
}

rk_status rk_casting_parse(const char *map, const char *path, const rk_slice *names, size_t n_names, rk_casting *out,
                           rk_error *err)
{
    rk_casting casting = no_casting();
    rk_slice word;
    for (const char *rest = map; next_word(&rest, &word);) {
        rk_status status = cast_one(word, path, names, n_names, &casting, err);
        if (status) {
            return status;
        }
    }
    *out = casting;
    return RK_OK;
}

rk_status rk_casting_of_columns(const char *columns, rk_casting *out, unsigned *n_columns, rk_error *err)
{
    rk_casting casting = no_casting();
    rk_slice word;
    unsigned n = 0;
    for (const char *rest = columns; next_word(&rest, &word); n++) {
        rk_role role;
        if (n == RK_COLUMNS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "--columns: more than %d columns", RK_COLUMNS_MAX);
        }
        if (word.n == 0 || rk_slice_is(word, "-")) {
            continue;
        }
        if (!find_role(word, &role)) {
            return fail_role(word, "--columns", err);
        }
        if (casting.column[role] != RK_COLUMN_NONE) {
            return rk_fail(err, RK_BAD_USAGE, "--columns: %s is named twice", roles[role].name);
        }
        casting.column[role] = (uint16_t)n;
    }
    *n_columns = n;
    *out = casting;
    return RK_OK;
}
