/* rational.h - exact fractions (GMP) between decimals as written and money as booked.
 *
 * Values are GMP's mpq_t, always canonical. GMP ends the process when memory is short, so what goes in is bounded:
 * decimals have at most 18 digits, powers at most RK_POWER_MAX.
 */
#ifndef RECKON_MATH_RATIONAL_H
#define RECKON_MATH_RATIONAL_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/text.h"

enum { RK_POWER_MAX = 1200 };

void rk_rational_set(mpq_t out, rk_decimal value);
void rk_rational_mul(mpq_t out, rk_decimal factor); /* out *= factor */
void rk_rational_power(mpq_t out, const mpq_t base, unsigned exponent);
/* The nearest whole number of millionths, ties to even. false, *out untouched, beyond 64 bits. */
bool rk_rational_micros(const mpq_t value, int64_t *out);
/* The smallest whole number >= value - 10^-9: rounding noise in a plan buys no machine. false beyond 64 bits. */
bool rk_rational_ceil(const mpq_t value, int64_t *out);
/* micros / 10^6 */
void rk_rational_set_micros(mpq_t out, int64_t micros);

/* Splits total into parts[n] that add up to it exactly, by weight >= 0: each gets the floor of its quota, the rest go
 * one by one to the largest remainders, ties to the smaller index. All weights zero, or weights NULL: evenly.
 * total >= 0, n >= 1. weights: [n]. false when memory is short. */
RK_MUST_CHECK bool rk_rational_share(int64_t total, mpq_srcptr weights, unsigned n, int64_t *parts);

/* The nearest double, ties to even; mpq_get_d only cuts off. */
double rk_rational_real(const mpq_t value);

/* "0.1785" when it is a decimal of at most 18 places, otherwise "3125/3", or, where that would be longer than 40
 * characters, the first 18 places: "210.217965238147281736...". */
void rk_rational_print(const mpq_t value, rk_text *out);
/* 6 places at most, half-even: "15500000.0", "1832.181818"; at least one place, as JSON numbers that are not counts. */
void rk_rational_print_micros(int64_t micros, rk_text *out);
/* The same as a number of JSON. */
void rk_rational_json_micros(rk_json *json, const char *key, int64_t micros);

#endif
