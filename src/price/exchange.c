/* exchange.c - see exchange.h. A rate is a number, or a map with its day and source. */
#include "price/exchange.h"

#include <stdio.h>
#include <string.h>

static const rk_key keys[] = {
    {"rate", RK_KEY_NUMBER, offsetof(rk_exchange, rate), .required = true, .above = true,
     .help = "what one unit is worth in the currency of the plan or book"},
    {"valid_from", RK_KEY_DATE, offsetof(rk_exchange, valid_from), .help = "first day of the rate"},
    {"source", RK_KEY_TEXT, offsetof(rk_exchange, source), .help = "whose rate, seen where"},
};

const rk_key *rk_exchange_keys(size_t *n)
{
    *n = RK_COUNT_OF(keys);
    return keys;
}

rk_status rk_currency_check(const char *currency, rk_place at, rk_error *err)
{
    size_t n = strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n == 3 && currency[3] == '\0'
               ? RK_OK
               : rk_fail_at(err, at, "a currency must be three capital letters like USD, got '%.40s'", currency);
}

static rk_status read_rate(const rk_yaml_node *node, rk_exchange *row, rk_error *err)
{
    if (node->kind == RK_YAML_MAP && !node->uncertain) {
        char what[96];
        snprintf(what, sizeof what, "the rate of '%.40s'", node->key->text);
        return rk_yaml_fill(node, what, keys, RK_COUNT_OF(keys), row, err);
    }
    rk_key plain = {.name = node->key->text, .kind = RK_KEY_NUMBER, .above = true};
    return rk_yaml_number(node, &plain, &row->rate, err);
}

rk_status rk_exchange_read(const rk_yaml_node *map, const char *to, rk_vec *rows, rk_error *err)
{
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        rk_exchange row = {.currency = c->key->text, .to = to};
        rk_status status = rk_currency_check(row.currency, c->key->at, err);
        status = status ? status : read_rate(c, &row, err);
        if (!status && strcmp(row.currency, to) == 0) {
            status = rk_fail_at(err, c->key->at, "'%s' is the currency of this file and has no exchange rate", to);
        }
        if (!status && !rk_vec_push(rows, &row)) {
            status = rk_fail_memory(err, "exchange rates");
        }
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

const rk_exchange *rk_exchange_find(const rk_vec *rows, const char *currency, const char *to)
{
    const rk_exchange *row = rows->data;
    for (size_t i = rows->n; i > 0; i--) {
        if (strcmp(row[i - 1].currency, currency) == 0 && strcmp(row[i - 1].to, to) == 0) {
            return &row[i - 1];
        }
    }
    return NULL;
}
