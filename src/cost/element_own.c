/* element_own.c - machines that were bought: depreciation, maintenance and energy, a line each.
 *
 * Months count from the purchase: depreciation runs from the month after it to the end of the life, maintenance and
 * energy from the month of purchase on, also beyond the life. The purchase is paid in its month, when that is one of
 * the plan's; what was bought before stands on the books at what is left of its price.
 */
#include <string.h>

#include "cost/element.h"
#include "cost/estimating.h"
#include "math/rational.h"

typedef rk_owned settings;

static const rk_key rows[] = {
    {"own", RK_KEY_TEXT, offsetof(settings, own), .required = true, .help = "an asset of a price book"},
    {"count", RK_KEY_NUMBER, offsetof(settings, count), .help = "how many (default 1)"},
    {"bought", RK_KEY_MONTH, offsetof(settings, bought), .required = true, .help = "month of purchase"},
    {"energy", RK_KEY_TEXT, offsetof(settings, energy), .help = "the rate of a kWh; without it no energy is counted"},
    {"utilisation", RK_KEY_NUMBER, offsetof(settings, utilisation), .max = 1,
     .help = "share of power_kw drawn on average (default 1)"},
    {"pue", RK_KEY_NUMBER, offsetof(settings, pue), .min = 1, .max = 10,
     .help = "power of the whole room per power of the machines (default 1)"},
    {"grid", RK_KEY_TEXT, offsetof(settings, grid),
     .help = "for its footprint: the grid that feeds it, an entry of a book (default: the footprint's)"},
};

static void set_default(rk_number *number)
{
    if (!number->is_set) {
        number->value = (rk_decimal){.units = 1};
    }
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    set_default(&s->count);
    set_default(&s->utilisation);
    set_default(&s->pue);
    rk_status status = rk_plan_price(plan, s->own, RK_PRICE_ASSET, rk_element_place(element, "own"), &s->asset, err);
    if (status) {
        return status;
    }
    if (s->grid) {
        status =
            rk_prices_need(plan->prices, s->grid, RK_FACTOR_GRID, rk_element_place(element, "grid"), &s->feeder, err);
    }
    if (status) {
        return status;
    }
    const rk_asset_price *asset = &s->asset->as.asset;
    if (!s->energy) {
        return asset->power_kw.value.units == 0
                   ? RK_OK
                   : rk_plan_note(
                         plan, err,
                         "%s:%zu: '%s' draws power, but the element names no energy rate: its energy is not in "
                         "this plan",
                         element->at.path, element->at.line, element->name);
    }
    status = rk_plan_price(plan, s->energy, RK_PRICE_RATE, rk_element_place(element, "energy"), &s->tariff, err);
    if (status) {
        return status;
    }
    if (strcmp(s->tariff->as.rate.unit, "kWh") != 0) {
        return rk_fail_at(err, rk_element_place(element, "energy"),
                          "energy is counted in kWh, but '%.60s' is priced per %.40s (%s:%zu)", s->energy,
                          s->tariff->as.rate.unit, s->tariff->at.path, s->tariff->at.line);
    }
    return asset->power_kw.is_set ? RK_OK
                                  : rk_fail_at(err, rk_element_place(element, "energy"),
                                               "energy of '%.60s' needs the key 'power_kw' of '%.60s' (%s:%zu)",
                                               element->name, s->own, s->asset->at.path, s->asset->at.line);
}

/* ---- the three lines ---- */

static void asset_inputs(rk_account *account, rk_vec *inputs, const settings *s)
{
    const rk_asset_price *a = &s->asset->as.asset;
    rk_account_input(account, inputs, "count", &s->count, "machines");
    rk_account_input_price(account, inputs, "price", &a->price, "machine", s->asset);
}

static rk_status book_depreciation(rk_account *account, rk_entry *entry, const settings *s, int64_t k, rk_error *err)
{
    static const char *const methods[] = {"straight line", "declining balance", "sum of years' digits"};
    const rk_asset_price *a = &s->asset->as.asset;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t price;
    mpq_init(price);
    rk_asset_depreciation(a, k, price);
    asset_inputs(account, &inputs, s);
    rk_account_input_price(account, &inputs, "salvage", &a->salvage, "machine", s->asset);
    rk_account_input_book(account, &inputs, "life_months", &a->life_months, "months", s->asset);
    rk_account_input_book(account, &inputs, "rate", &a->rate, "a year", s->asset);
    rk_account_convert(account, &inputs, s->asset, price);
    entry->name = rk_account_words(account, "%s depreciation", entry->element->name);
    entry->unit_price = price;
    entry->price_words = rk_account_words(account, "%s, month %lld of %lld", methods[a->method], (long long)k,
                                          (long long)a->life_months.value.units);
    entry->spend = RK_CAPEX;
    entry->is_prepaid = true;
    entry->inputs = &inputs;
    rk_status status = rk_account_book(account, entry, err);
    mpq_clear(price);
    rk_vec_release(&inputs);
    return status;
}

static rk_status book_maintenance(rk_account *account, rk_entry *entry, const settings *s, rk_error *err)
{
    const rk_asset_price *a = &s->asset->as.asset;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t price;
    mpq_init(price);
    mpq_set_ui(price, 1, 12);
    rk_rational_mul(price, a->price.value);
    rk_rational_mul(price, a->maintenance_per_year.value);
    asset_inputs(account, &inputs, s);
    rk_account_input_book(account, &inputs, "maintenance_per_year", &a->maintenance_per_year, "of the price", s->asset);
    rk_account_convert(account, &inputs, s->asset, price);
    rk_text words = {0};
    rk_decimal_print(a->price.value, false, &words);
    rk_text_add(&words, " x ");
    rk_decimal_print(a->maintenance_per_year.value, false, &words);
    rk_text_add(&words, " / 12");
    entry->name = rk_account_words(account, "%s maintenance", entry->element->name);
    entry->category = RK_OPERATIONS;
    entry->spend = RK_OPEX;
    entry->is_prepaid = false;
    entry->unit_price = price;
    entry->price_words = rk_account_keep(account, &words);
    entry->inputs = &inputs;
    rk_status status = rk_account_book(account, entry, err);
    mpq_clear(price);
    rk_vec_release(&inputs);
    return status;
}

static unsigned hours_of(const rk_plan *plan, uint32_t m) { return 24 * rk_plan_days(plan, m); }

static void kwh_factors(const rk_owned *owned, rk_decimal out[4])
{
    out[0] = owned->count.value;
    out[1] = owned->asset->as.asset.power_kw.value;
    out[2] = owned->pue.value;
    out[3] = owned->utilisation.value;
}

int64_t rk_owned_age(const rk_owned *owned, const rk_plan *plan, uint32_t m)
{
    return (int64_t)plan->start.value + m - owned->bought.value;
}

void rk_owned_kwh(const rk_owned *owned, const rk_plan *plan, uint32_t m, mpq_t out)
{
    rk_decimal factors[4];
    kwh_factors(owned, factors);
    mpq_set_ui(out, rk_owned_age(owned, plan, m) < 0 ? 0 : hours_of(plan, m), 1);
    for (size_t i = 0; i < RK_COUNT_OF(factors); i++) {
        rk_rational_mul(out, factors[i]);
    }
}

const char *rk_owned_kwh_words(rk_account *account, const rk_owned *owned, uint32_t m)
{
    rk_decimal factors[4];
    rk_text words = {0};
    kwh_factors(owned, factors);
    for (size_t i = 0; i < RK_COUNT_OF(factors); i++) {
        rk_decimal_print(factors[i], false, &words);
        rk_text_add(&words, i == 1 ? " kW x " : " x ");
    }
    rk_text_addf(&words, "%u h", hours_of(account->plan, m));
    return rk_account_keep(account, &words);
}

void rk_owned_kwh_inputs(rk_account *account, rk_vec *inputs, const rk_owned *owned)
{
    rk_account_input(account, inputs, "count", &owned->count, "machines");
    rk_account_input_book(account, inputs, "power_kw", &owned->asset->as.asset.power_kw, "kW", owned->asset);
    rk_account_input(account, inputs, "pue", &owned->pue, "");
    rk_account_input(account, inputs, "utilisation", &owned->utilisation, "");
}

static rk_status book_energy(rk_account *account, rk_entry *entry, const settings *s, rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t price, kwh;
    mpq_inits(price, kwh, NULL);
    rk_owned_kwh(s, account->plan, entry->m, kwh);
    rk_rational_set(price, s->tariff->as.rate.price.value);
    rk_owned_kwh_inputs(account, &inputs, s);
    rk_account_input_price(account, &inputs, "energy", &s->tariff->as.rate.price, "kWh", s->tariff);
    rk_account_convert(account, &inputs, s->tariff, price);
    rk_entry energy = *entry;
    energy.spend = RK_OPEX;
    energy.is_prepaid = false;
    energy.name = rk_account_words(account, "%s energy", entry->element->name);
    energy.category = entry->element->category;
    energy.quantity = kwh;
    energy.unit_price = price;
    energy.unit = s->tariff->as.rate.unit;
    energy.driver = s->energy;
    energy.quantity_words = rk_owned_kwh_words(account, s, entry->m);
    energy.price_words = NULL;
    energy.origin = RK_ASSUMED;
    energy.inputs = &inputs;
    rk_status status = rk_account_book(account, &energy, err);
    mpq_clears(price, kwh, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    int64_t k = rk_owned_age(s, account->plan, m);
    if (k < 0) {
        return RK_OK;
    }
    mpq_t count;
    mpq_init(count);
    rk_rational_set(count, s->count.value);
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = count,
                      .unit = "asset-month",
                      .driver = s->own,
                      .behaviour = RK_FIXED,
                      .origin = RK_PRICED};
    rk_status status = k >= 1 && k <= s->asset->as.asset.life_months.value.units
                           ? book_depreciation(account, &entry, s, k, err)
                           : RK_OK;
    status = status ? status : book_maintenance(account, &entry, s, err);
    status = status || !s->energy ? status : book_energy(account, &entry, s, err);
    mpq_clear(count);
    return status;
}

/* ---- the purchase ---- */

static rk_status settle(rk_account *account, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    const rk_asset_price *a = &s->asset->as.asset;
    int64_t k = rk_owned_age(s, account->plan, 0); /* in the first month of the plan */
    if (-k >= account->plan->n_months) {
        return RK_OK;
    }
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t count, price;
    mpq_inits(count, price, NULL);
    rk_rational_set(count, s->count.value);
    rk_asset_book_value(a, k > 0 ? k - 1 : 0, price);
    asset_inputs(account, &inputs, s);
    rk_account_convert(account, &inputs, s->asset, price);
    rk_entry entry = {.element = element,
                      .name = rk_account_words(account, "%s purchase", element->name),
                      .category = element->category,
                      .m = k > 0 ? 0 : (uint32_t)-k,
                      .quantity = count,
                      .unit_price = price,
                      .unit = "asset",
                      .driver = s->own,
                      .behaviour = RK_FIXED,
                      .spend = RK_CAPEX,
                      .origin = RK_PRICED,
                      .inputs = &inputs};
    rk_status status = k > 0 ? rk_account_carry(account, &entry, err) : rk_account_pay(account, &entry, err);
    mpq_clears(count, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

const rk_owned *rk_element_owned(const rk_element *element)
{
    return element->kind == &rk_element_own ? element->settings : NULL;
}

/* ---- in draws ---- */

static rk_figure energy_of(rk_estimating *e, const settings *s, uint32_t m)
{
    const rk_number *factors[] = {&s->asset->as.asset.power_kw, &s->pue, &s->utilisation};
    rk_figure cost = rk_estimate_price(e, &s->tariff->as.rate.price, s->tariff);
    for (size_t i = 0; i < RK_COUNT_OF(factors); i++) {
        cost = rk_tape_mul(e->tape, cost, rk_estimate_number(e, factors[i]));
    }
    return rk_tape_scale(e->tape, cost, 24 * rk_plan_days(e->plan, m));
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    const settings *s = element->settings;
    const rk_asset_price *a = &s->asset->as.asset;
    rk_tape *tape = e->tape;
    int64_t k = (int64_t)e->plan->start.value + m - s->bought.value;
    if (k < 0) {
        return;
    }
    rk_figure count = rk_estimate_number(e, &s->count), price = rk_estimate_price(e, &a->price, s->asset);
    rk_figure yearly = rk_tape_mul(tape, price, rk_estimate_number(e, &a->maintenance_per_year));
    rk_estimate_book(e, element, element->category, m,
                     rk_tape_mul(tape, count, rk_estimate_depreciation(e, s->asset, k)));
    rk_estimate_book(e, element, RK_OPERATIONS, m, rk_tape_mul(tape, count, rk_tape_scale(tape, yearly, 1.0 / 12)));
    if (s->energy) {
        rk_estimate_book(e, element, element->category, m, rk_tape_mul(tape, count, energy_of(e, s, m)));
    }
}

const rk_element_kind rk_element_own = {.name = "own",
                                        .marks = "own",
                                        .keys = rows,
                                        .n_keys = RK_COUNT_OF(rows),
                                        .settings_bytes = sizeof(settings),
                                        .check = check,
                                        .book = book,
                                        .estimate = estimate,
                                        .settle = settle};
