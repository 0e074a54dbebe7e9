/* fuzz_plan.c - plans and price books that mean harm: YAML, schema and the whole accountant behind them.
 *
 * A text that starts like a price book is read as one, anything else as a plan. The paths of a plan lead into a folder
 * that does not exist, so that nothing but the shipped book is ever opened. A ledger that comes out must add up, and
 * so must its footprint.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cost/estimator.h"
#include "cost/footprint.h"
#include "cost/ledger.h"
#include "math/tape.h"
#include "price/price.h"

static void check_view(const rk_ledger *ledger, rk_basis basis, rk_money total)
{
    rk_error err;
    rk_view view;
    int64_t sum = 0;
    if (rk_ledger_view(ledger, basis, RK_BY_CATEGORY, RK_BY_MONTH, &view, &err)) {
        return;
    }
    for (uint32_t r = 0; r < view.n_rows; r++) {
        sum += view.row_sum[r].micros;
    }
    if (sum != total.micros || view.total.micros != sum) {
        abort();
    }
    rk_view_release(&view);
}

/* What is used up and what is paid differ by what is on the books. */
static void check_books(const rk_ledger *ledger)
{
    rk_error err;
    rk_vec rows;
    if (rk_ledger_books(ledger, &rows, &err)) {
        return;
    }
    int64_t paid = rk_ledger_total(ledger).micros;
    for (size_t i = 0; i < rows.n; i++) {
        const rk_book_row *row = (const rk_book_row *)rows.data + i;
        paid += row->closing.micros - row->opening.micros;
    }
    if (paid != rk_ledger_cash(ledger).micros) {
        abort();
    }
    rk_vec_release(&rows);
}

static void try_footprint(rk_ledger *ledger)
{
    static const rk_run quiet;
    rk_footprint *footprint = NULL;
    rk_error err;
    rk_text out = {0};
    if (rk_footprint_make(ledger, &quiet, &footprint, &err)) {
        return;
    }
    rk_footprint_sum total = rk_footprint_sum_of(footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, NULL});
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        total.kwh_micros -= rk_footprint_sum_of(footprint, (rk_footprint_pick){s, RK_ALL_MONTHS, NULL}).kwh_micros;
    }
    if (total.kwh_micros != 0) {
        abort();
    }
    rk_footprint_json(footprint, &out);
    rk_text_release(&out);
    rk_footprint_free(footprint);
}

/* The block of draws in which every number is at its point. */
static void try_estimate(const rk_ledger *ledger)
{
    rk_estimator *estimator = NULL;
    rk_error err;
    if (rk_estimator_new(ledger, &estimator, &err)) {
        return;
    }
    size_t n_inputs = rk_estimator_n_inputs(estimator), n_columns = rk_estimator_n_columns(estimator);
    double *inputs = malloc((n_inputs + 1) * RK_TAPE_LANES * sizeof *inputs);
    double *outputs = malloc(n_columns * RK_TAPE_LANES * sizeof *outputs);
    double *room = malloc((rk_estimator_room(estimator) + 1) * sizeof *room);
    if (inputs && outputs && room) {
        for (size_t i = 0; i < n_inputs * RK_TAPE_LANES; i++) {
            inputs[i] = rk_estimator_input(estimator, i / RK_TAPE_LANES)->point;
        }
        rk_estimator_prepare(estimator, room);
        rk_estimator_run(estimator, inputs, outputs, room);
    }
    free(inputs);
    free(outputs);
    free(room);
    rk_estimator_free(estimator);
}

static void try_plan(rk_slice text)
{
    static const rk_run quiet;
    rk_ledger *ledger = NULL;
    rk_error err;
    if (rk_cost_run(&(rk_plan_source){.path = "/no/such/folder/plan.yaml", .text = text}, &quiet, &ledger, &err)) {
        return;
    }
    rk_text out = {0};
    check_view(ledger, RK_ACCRUAL, rk_ledger_total(ledger));
    check_view(ledger, RK_CASH, rk_ledger_cash(ledger));
    check_books(ledger);
    rk_ledger_json(ledger, &out);
    rk_ledger_unit_json(ledger, &out);
    rk_ledger_csv(ledger, &out);
    rk_ledger_capacity_json(ledger, &out);
    rk_text_release(&out);
    try_footprint(ledger);
    try_estimate(ledger);
    rk_ledger_free(ledger);
}

static void try_book(rk_slice text)
{
    rk_error err;
    rk_prices *prices = rk_prices_new();
    mpq_t value;
    mpq_init(value);
    if (prices && rk_prices_add_text(prices, text, "book.yaml", &err) == RK_OK) {
        for (uint32_t i = 0; i < rk_prices_count(prices); i++) {
            const rk_price *price = rk_prices_at(prices, i);
            for (int64_t k = 0; price->kind == RK_PRICE_ASSET && k < 4; k++) {
                rk_asset_depreciation(&price->as.asset, k * 7, value);
            }
        }
    }
    mpq_clear(value);
    rk_prices_free(prices);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "reckon: prices";
    rk_slice text = {(const char *)data, size};
    if (size >= sizeof mark - 1 && memcmp(data, mark, sizeof mark - 1) == 0) {
        try_book(text);
    } else {
        try_plan(text);
    }
    return 0;
}
