/* shop_index.h - an index of a few products, written in the test. */
#ifndef RECKON_TESTS_SHOP_INDEX_H
#define RECKON_TESTS_SHOP_INDEX_H

#include "text/index.h"

/* Builds and opens one, in the place of the one before. options NULL: the defaults, and no dictionary. Borrowed until release. */
rk_index *test_index_of(const char *products_csv, const rk_index_options *options);
rk_index *test_index(void); /* the one at hand */
const char *test_index_path(void);
/* Asserts that the index does not open when a value of one section has `change` added to it. */
void test_assert_index_refused(const char *section, size_t at, int change);
void test_index_release(void);

#endif
