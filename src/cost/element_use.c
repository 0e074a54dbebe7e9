/* element_use.c - so many units of a rate: GB-months, licences, labels, GB out, fees of an order.
 *
 * quantity + grows_per_month x m, in month m of the plan (0 = first); with `per` that many units for each unit of the
 * driver of the month (cost/driver.h).
 */
#include <stdio.h>

#include "cost/driver.h"
#include "cost/element.h"
#include "cost/estimating.h"
#include "math/rational.h"

typedef struct {
    const char *use, *per;
    rk_number quantity, grows_per_month;
    int origin; /* rk_origin; -1 = not said */
    const rk_price *price;
    const rk_driver *driver; /* NULL = by the month */
} settings;

static const rk_key rows[] = {
    {"use", RK_KEY_TEXT, offsetof(settings, use), .required = true, .help = "a rate of a price book"},
    {"quantity", RK_KEY_NUMBER, offsetof(settings, quantity),
     .help = "units in the first month; with 'per', for each of it"},
    {"grows_per_month", RK_KEY_NUMBER, offsetof(settings, grows_per_month), .min = -1e15, .max = 1e15,
     .help = "units more every month (default 0)"},
    {"origin", RK_KEY_CHOICE, offsetof(settings, origin), .choices = "measured|priced|assumed|billed",
     .help = "of the quantity, when somebody measured what is written here (default assumed)"},
    {"per", RK_KEY_TEXT, offsetof(settings, per),
     .help = "what the quantity is for each of: hour, request, response_gb, event, order, head, ... (default month)"},
};

/* quantity + grows x m */
static void units_of(const settings *s, uint32_t m, mpq_t out)
{
    mpq_t first;
    mpq_init(first);
    mpq_set_ui(out, m, 1);
    rk_rational_mul(out, s->grows_per_month.value);
    rk_rational_set(first, s->quantity.value);
    mpq_add(out, out, first);
    mpq_clear(first);
}

/* They must not fall below 0 within the plan; they are linear, so the last month tells. */
static rk_status check_growth(const rk_plan *plan, const rk_element *element, const settings *s, rk_error *err)
{
    mpq_t last;
    mpq_init(last);
    units_of(s, plan->n_months - 1, last);
    int sign = mpq_sgn(last);
    mpq_clear(last);
    return sign >= 0 ? RK_OK
                     : rk_fail_at(err, s->grows_per_month.at, "the quantity of '%.60s' falls below 0 within the plan",
                                  element->name);
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    if (!s->per && !s->quantity.is_set) {
        return rk_fail_at(err, element->at, "element '%.60s' needs the key 'quantity'", element->name);
    }
    rk_status status = s->per ? rk_driver_find_per(s->per, rk_element_place(element, "per"), &s->driver, err) : RK_OK;
    if (!s->quantity.is_set) {
        s->quantity.value.units = 1;
    }
    status = status ? status : check_growth(plan, element, s, err);
    return status ? status
                  : rk_plan_price(plan, s->use, RK_PRICE_RATE, rk_element_place(element, "use"), &s->price, err);
}

static rk_status link(const rk_plan *plan, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    char rule[64];
    if (!s->driver) {
        return RK_OK;
    }
    snprintf(rule, sizeof rule, "is per %s", s->per);
    return rk_driver_check(s->driver, plan, element, rk_element_place(element, "per"), rule, err);
}

/* "400 + 35 x 2" */
static void add_factor(const settings *s, uint32_t m, rk_text *words)
{
    rk_decimal_print(s->quantity.value, false, words);
    if (s->grows_per_month.value.units != 0) {
        rk_text_add(words, " + ");
        rk_decimal_print(s->grows_per_month.value, false, words);
        rk_text_addf(words, " x %u", m);
    }
}

/* quantity = units for each of the driver x as much of it as service i, or all, have. Where nobody measured how many units
 * each takes, nobody measured the product. */
static void multiply(rk_account *account, const rk_filling *filling, uint32_t i, rk_entry *entry)
{
    const settings *s = filling->settings;
    rk_text words = {0};
    bool grows = s->grows_per_month.value.units != 0;
    mpq_t amount;
    mpq_init(amount);
    units_of(s, entry->m, filling->quantity);
    rk_driver_amount(s->driver, account, i, entry->m, amount);
    mpq_mul(filling->quantity, filling->quantity, amount);
    if (grows || s->quantity.is_set) {
        rk_text_add(&words, grows ? "(" : "");
        add_factor(s, entry->m, &words);
        rk_text_add(&words, grows ? ") x " : " x ");
    }
    rk_driver_tell(s->driver, account, i, entry->m, &words, filling->inputs);
    entry->quantity_words = rk_account_keep(account, &words);
    entry->behaviour = rk_driver_behaviour(s->driver, account->plan, i);
    if (!rk_driver_is_time(s->driver) && (entry->origin != RK_ASSUMED || !(grows || s->quantity.is_set))) {
        entry->origin = rk_driver_origin(s->driver, account->plan, i);
    }
    mpq_clear(amount);
}

static rk_status book_per(rk_account *account, const rk_filling *filling, rk_entry *entry, rk_error *err)
{
    const settings *s = filling->settings;
    if (!rk_driver_is_time(s->driver)) {
        return rk_account_book_filled(account, filling, entry, err);
    }
    multiply(account, filling, RK_ALL_SERVICES, entry);
    return rk_account_book(account, entry, err);
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    mpq_t quantity, price;
    mpq_inits(quantity, price, NULL);
    units_of(s, m, quantity);
    rk_rational_set(price, s->price->as.rate.price.value);

    rk_account_input(account, &inputs, "quantity", &s->quantity, s->price->as.rate.unit);
    rk_account_input(account, &inputs, "grows_per_month", &s->grows_per_month, s->price->as.rate.unit);
    rk_account_input_price(account, &inputs, "price", &s->price->as.rate.price, s->price->as.rate.unit, s->price);
    rk_account_convert(account, &inputs, s->price, price);
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = s->price->as.rate.unit,
                      .driver = s->use,
                      .behaviour = RK_FIXED,
                      .origin = s->origin < 0 ? RK_ASSUMED : (rk_origin)s->origin,
                      .inputs = &inputs};
    if (!s->driver && s->grows_per_month.value.units != 0) {
        add_factor(s, m, &words);
        entry.quantity_words = rk_account_keep(account, &words);
    }
    rk_filling filling = {multiply, s, &inputs, quantity};
    rk_status status = s->driver ? book_per(account, &filling, &entry, err) : rk_account_book(account, &entry, err);
    mpq_clears(quantity, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_figure estimate_for(rk_estimating *e, const rk_element *element, uint32_t i, uint32_t m)
{
    const settings *s = element->settings;
    rk_figure cost = rk_tape_mul(e->tape, rk_estimate_growing(e, &s->quantity, &s->grows_per_month, m),
                                 rk_estimate_price(e, &s->price->as.rate.price, s->price));
    return s->driver ? rk_tape_mul(e->tape, cost, rk_driver_figure(s->driver, e, i, m)) : cost;
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    rk_estimate_book_filled(e, element, m, estimate_for);
}

const rk_element_kind rk_element_use = {.name = "use",
                                        .marks = "use",
                                        .keys = rows,
                                        .n_keys = RK_COUNT_OF(rows),
                                        .settings_bytes = sizeof(settings),
                                        .check = check,
                                        .link = link,
                                        .book = book,
                                        .estimate = estimate};
