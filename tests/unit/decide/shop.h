/* shop.h - a folder with a price book, for plans written in a test. */
#ifndef RECKON_TESTS_DECIDE_SHOP_H
#define RECKON_TESTS_DECIDE_SHOP_H

#include "cost/ledger.h"

int shop_open(void **state);  /* group set-up: writes the book */
int shop_close(void **state); /* group tear-down */

/* A plan of 12 months from 2026-01 in USD over the book; `rest` are its services and elements. Borrows rest's bytes into
 * a buffer of its own, valid until the next call. */
rk_plan_source shop_plan(const char *rest);
int64_t shop_total(rk_plan_source source, const char *const *changes, size_t n); /* micros; fails the test on error */

#endif
