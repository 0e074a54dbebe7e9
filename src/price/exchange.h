/* exchange.h - what one unit of a currency is worth in another, from which day and on whose word.
 *
 * Written as  exchange: {EUR: 1.08, GBP: {rate: 1.27, valid_from: 2026-07-20, source: "..."}}  in a plan (worth in the
 * plan's currency) or in a price book (worth in the book's). Rates are never chained nor turned round.
 */
#ifndef RECKON_PRICE_EXCHANGE_H
#define RECKON_PRICE_EXCHANGE_H

#include "base/vec.h"
#include "base/yaml.h"

typedef struct {
    const char *currency, *to;
    rk_number rate; /* of `to` per one of `currency` */
    rk_when valid_from;
    const char *source; /* NULL = not said */
} rk_exchange;

/* Adds the rates of a map to rows (of rk_exchange). to: the currency of the document. Texts are borrowed. */
RK_MUST_CHECK rk_status rk_exchange_read(const rk_yaml_node *map, const char *to, rk_vec *rows, rk_error *err);
/* The last row that turns currency into `to`, or NULL. */
const rk_exchange *rk_exchange_find(const rk_vec *rows, const char *currency, const char *to);
/* The rows that read a dated rate, for the docs and their test; *n rows. */
const rk_key *rk_exchange_keys(size_t *n);

/* Currencies are three capital letters. */
RK_MUST_CHECK rk_status rk_currency_check(const char *currency, rk_place at, rk_error *err);

#endif
