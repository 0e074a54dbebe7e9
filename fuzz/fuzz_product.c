/* fuzz_product.c - catalogues that mean harm, as CSV, TSV and JSONL: every product is read or refused with its place.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/product.h"

static void read_all(rk_slice text, rk_format format)
{
    rk_product_reader *reader = NULL;
    const rk_product_field *fields = NULL;
    rk_place place = {0};
    rk_error err = {0};
    size_t n = 0;
    rk_status status = rk_product_reader_open_text(text, "products", format, 0, &reader, &err);
    for (bool more = !status; more;) {
        status = rk_product_next(reader, &fields, &n, &place, &err);
        more = !status && fields;
        for (size_t f = 0; more && f < n; f++) {
            if (fields[f].value.n == 0 || rk_utf8_valid_prefix(fields[f].value) != fields[f].value.n ||
                place.line == 0) {
                abort();
            }
        }
    }
    if (status && (err.status != status || err.message[0] == '\0')) {
        abort();
    }
    rk_product_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const rk_format formats[] = {RK_FORMAT_AUTO, RK_FORMAT_CSV, RK_FORMAT_TSV, RK_FORMAT_JSONL};
    for (size_t f = 0; f < RK_COUNT_OF(formats); f++) {
        read_all((rk_slice){(const char *)data, size}, formats[f]);
    }
    return 0;
}
