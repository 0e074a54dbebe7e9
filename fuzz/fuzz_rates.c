/* fuzz_rates.c - rate cards that mean harm: what is read must be written and read back the same, and price without
 * trouble. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cost/rate_card.h"

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void price(const rk_rate_card *card)
{
    for (size_t i = 0; rk_rate_card_at(card, i); i++) {
        const rk_rates *rates = rk_rate_card_at(card, i);
        rk_rate_usage all = {UINT64_MAX, UINT64_MAX, UINT64_MAX}, one = {1, 1000000, 1000};
        insist(rk_rate_card_cost_of(rates, &all, RK_FULL) >= rk_rate_card_cost_of(rates, &one, RK_FULL));
        insist(rk_rate_card_cost(rates, one.cpu_ns, one.bytes) == rk_rate_card_cost_of(rates, &one, RK_MARGINAL));
        insist(rk_rate_card_find(card, rates->service, rates->variant) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_rate_card card, back;
    rk_error err;
    rk_text once = {0}, twice = {0};
    if (rk_rate_card_parse((rk_slice){(const char *)data, size}, "card.json", &card, &err)) {
        return 0;
    }
    price(&card);
    rk_rate_card_format(&card, &once);
    insist(rk_rate_card_parse((rk_slice){once.at, once.n}, "card.json", &back, &err) == RK_OK);
    rk_rate_card_format(&back, &twice);
    insist(once.n == twice.n && memcmp(once.at, twice.at, once.n) == 0);
    rk_text_release(&once);
    rk_text_release(&twice);
    rk_rate_card_release(&card);
    rk_rate_card_release(&back);
    return 0;
}
