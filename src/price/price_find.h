/* price_find.h - rented machines of the price books by size, region and purchase option, cheapest first. */
#ifndef RECKON_PRICE_PRICE_FIND_H
#define RECKON_PRICE_PRICE_FIND_H

#include "price/price.h"

typedef enum {
    RK_FIND_BY_PRICE,
    RK_FIND_BY_VCPU,
    RK_FIND_BY_GIB
} rk_find_order; /* price of the whole, of one vcpu... */

typedef struct {
    double vcpu, memory_gib; /* at least; 0 = any, also machines of unknown size */
    const rk_vec *regions;   /* const char *; NULL or empty = all */
    const char *option;      /* "on_demand" */
    const char *currency;    /* to compare in; NULL = that of the first book */
    const rk_vec *exchange;  /* rk_exchange that go before those of the books; NULL = none */
    rk_find_order order;
} rk_find_query;

/* Prices are exact, in the currency of the search. */
typedef struct {
    const rk_price *price;
    const rk_hour_price *hour;
    mpq_t per_hour, per_vcpu, per_gib; /* the last two 0 when the size is unknown */
} rk_found_machine;

typedef struct {
    const char *currency;
    rk_found_machine *machines; /* [n], best first, ties by key */
    size_t n;
    size_t n_small, n_without_size, n_without_option, n_without_rate,
        n_other_region; /* left out, the first that holds */
    char rateless[4];   /* the currency of one that has no rate */
} rk_found;

/* prices: borrowed as long as out is. An option or region that no machine has is an error naming the nearest. */
RK_MUST_CHECK rk_status rk_prices_find(const rk_prices *prices, const rk_find_query *query, rk_found *out,
                                       rk_error *err);
/* The first n of the machines, and what was left out, as JSON on one line. */
void rk_found_json(const rk_found *found, size_t n, rk_text *out);
/* "0.384", or to a millionth where it does not end by then. */
void rk_found_print_price(const mpq_t price, rk_text *out);
void rk_found_release(rk_found *found);

#endif
