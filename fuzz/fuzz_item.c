/* fuzz_item.c - any bytes as a product that is put: what is read has a title, and what it says is UTF-8; or the problem
 * says what is wrong.
 */
#include <math.h>
#include <stdlib.h>

#include "serve/item.h"

static void check_text(rk_slice text)
{
    if (rk_utf8_valid_prefix(text) < text.n) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_arena arena = {0};
    rk_problem problem = {0};
    rk_wares_product p;
    if (!rk_item_parse((rk_slice){(const char *)data, size}, RK_SLICE("p"), RK_SLICE("stock"), &arena, &p, &problem)) {
        if (problem.status == 0 || problem.detail[0] == '\0') {
            abort();
        }
        rk_arena_release(&arena);
        return 0;
    }
    if (p.title.n == 0 || (!isnan(p.price) && !(p.price >= 0 && isfinite(p.price)))) {
        abort();
    }
    const rk_slice texts[] = {p.id, p.title, p.text, p.brand, p.category};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        check_text(texts[t]);
    }
    for (size_t a = 0; a < p.n_attributes; a++) {
        check_text(p.attributes[a].name);
        check_text(p.attributes[a].value);
        if (p.attributes[a].name.n == 0 || p.attributes[a].value.n == 0) {
            abort();
        }
    }
    rk_arena_release(&arena);
    return 0;
}
