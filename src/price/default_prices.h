/* default_prices.h - the price book that reckon ships: data/prices/default.yaml, built into the program. */
#ifndef RECKON_PRICE_DEFAULT_PRICES_H
#define RECKON_PRICE_DEFAULT_PRICES_H

#include <stddef.h>

extern const char rk_default_prices[];
extern const size_t rk_default_prices_bytes;

#endif
