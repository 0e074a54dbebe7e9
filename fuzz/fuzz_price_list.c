/* fuzz_price_list.c - price lists that mean harm: refused with a message, or a book that reads back.
 *
 * Every row has one fate. A book that is written has the machines that were counted.
 */
#include <stdint.h>
#include <stdlib.h>

#include "price/price.h"
#include "price/price_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_book(rk_import *import, const rk_import_options *options)
{
    rk_error err = {0};
    rk_text book = {0};
    rk_import_sizes sizes;
    if (rk_import_write(import, options, &book, &sizes, &err)) {
        rk_text_release(&book);
        return;
    }
    rk_prices *prices = rk_prices_new();
    if (!prices || rk_prices_add_text(prices, (rk_slice){book.at, book.n}, "book", &err) ||
        rk_prices_count(prices) != sizes.n_machines) {
        abort();
    }
    rk_prices_free(prices);
    rk_text_release(&book);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_error err = {0};
    rk_import_report report;
    rk_import_options options = {.day = "2026-01-01"};
    rk_import *import = rk_import_new();
    if (!import) {
        return 0;
    }
    rk_slice text = {(const char *)data, size};
    rk_status status = rk_import_add_text(import, text, "list.csv", &options, &report, &err);
    uint64_t n_rows = 0;
    for (unsigned fate = 0; fate < RK_N_ROW_FATES; fate++) {
        n_rows += report.n[fate];
    }
    if ((status && err.message[0] == '\0') || (!status && n_rows != report.n_rows)) {
        abort();
    }
    if (!status) {
        check_book(import, &options);
    }
    rk_import_free(import);
    return 0;
}
