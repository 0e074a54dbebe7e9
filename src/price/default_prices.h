/* default_prices.h - the price books that reckon ships, those of data/prices, built into the program. */
#ifndef RECKON_PRICE_DEFAULT_PRICES_H
#define RECKON_PRICE_DEFAULT_PRICES_H

#include <stddef.h>

extern const char rk_default_prices[];
extern const size_t rk_default_prices_bytes;
extern const char rk_footprint_prices[];
extern const size_t rk_footprint_prices_bytes;

#endif
