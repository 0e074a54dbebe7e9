/* element_network.c - GB that are moved: answers, behaviour events, or a file so many times a month.
 *
 *   GB x copies x cross_share
 *
 * A copy is one more machine that gets them, and cross_share the part of these in another zone: of machines spread
 * evenly over three zones 2/3. So answers from three replicas cost nothing inside a zone, and a model that is pushed to
 * six machines crosses four times.
 */
#include <stdio.h>
#include <string.h>

#include "cost/driver.h"
#include "cost/element.h"
#include "cost/estimating.h"
#include "cost/volume.h"
#include "math/rational.h"

typedef struct {
    const char *network, *per;
    rk_volume volume;
    rk_number times_per_month, copies, cross_share;
    const rk_price *price;
    const rk_driver *driver; /* NULL = a file, times_per_month */
} settings;

static const rk_key rows[] = {
    {"network", RK_KEY_TEXT, offsetof(settings, network), .required = true, .help = "a rate of a price book in GB"},
    {"per", RK_KEY_TEXT, offsetof(settings, per), .help = "response_gb: what is moved are the answers"},
    {"bytes_per_event", RK_KEY_NODE, offsetof(settings, volume.bytes_per_event),
     .help = "what is moved are behaviour events; 'measured': of the dataset that 'of' names"},
    {"bytes", RK_KEY_NUMBER, offsetof(settings, volume.bytes), .help = "what is moved is so big"},
    {"of", RK_KEY_TEXT, offsetof(settings, volume.of), .help = "what is moved is an artefact: its measured bytes"},
    {"times_per_month", RK_KEY_NUMBER, offsetof(settings, times_per_month),
     .help = "with bytes or of: how often (default 1)"},
    {"copies", RK_KEY_NUMBER, offsetof(settings, copies), .help = "to how many machines (default 1)"},
    {"cross_share", RK_KEY_NUMBER, offsetof(settings, cross_share), .max = 1,
     .help = "share of the copies that cross into another zone (default 1)"},
};

/* What is moved: answers, events or a file. */
static rk_status check_source(rk_plan *plan, const rk_element *element, settings *s, rk_error *err)
{
    rk_place at = rk_element_place(element, "per");
    if (s->per && strcmp(s->per, "response_gb") != 0) {
        return rk_fail_at(err, at, "'per' of what a network moves must be response_gb, got '%.60s'", s->per);
    }
    if (s->per && (s->volume.bytes.is_set || s->volume.of || s->volume.bytes_per_event)) {
        return rk_fail_at(err, at, "element '%.60s' moves answers ('per') or something else, not both", element->name);
    }
    rk_status status = s->per ? RK_OK : rk_volume_check(plan, element, &s->volume, err);
    if (!status && s->times_per_month.is_set && (s->per || s->volume.is_of_events)) {
        return rk_fail_at(err, s->times_per_month.at, "'times_per_month' goes with 'bytes' or 'of' alone");
    }
    bool is_driven = s->per || s->volume.is_of_events;
    return status || !is_driven ? status : rk_driver_find_per(s->per ? s->per : "event", at, &s->driver, err);
}

static void set_one(rk_number *number) { number->value.units = number->is_set ? number->value.units : 1; }

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    rk_place at = rk_element_place(element, "network");
    set_one(&s->times_per_month);
    set_one(&s->copies);
    set_one(&s->cross_share);
    rk_status status = rk_plan_price(plan, s->network, RK_PRICE_RATE, at, &s->price, err);
    status = status ? status : check_source(plan, element, s, err);
    return status || strcmp(s->price->as.rate.unit, "GB") == 0
               ? status
               : rk_fail_at(err, at, "what is moved is counted in GB, but '%.60s' is priced per %.40s (%s:%zu)",
                            s->network, s->price->as.rate.unit, s->price->at.path, s->price->at.line);
}

static rk_status link(const rk_plan *plan, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    const char *key = s->per ? "per" : "bytes_per_event";
    return s->driver ? rk_driver_check(s->driver, plan, element, rk_element_place(element, key),
                                       s->per ? "is per response_gb" : "moves events", err)
                     : RK_OK;
}

static void times(rk_account *account, const rk_filling *filling, const char *name, const rk_number *number,
                  const char *unit, rk_text *words)
{
    if (number->is_set) {
        rk_text_add(words, " x ");
        rk_decimal_print(number->value, false, words);
        rk_account_input(account, filling->inputs, name, number, unit);
    }
    rk_rational_mul(filling->quantity, number->value);
}

/* quantity = GB of service i, or of all. */
static void measure(rk_account *account, const rk_filling *filling, uint32_t i, rk_entry *entry)
{
    const settings *s = filling->settings;
    rk_text words = {0};
    mpq_t driver;
    mpq_init(driver);
    mpq_set_ui(filling->quantity, 1, 1);
    if (s->driver) {
        rk_driver_amount(s->driver, account, i, entry->m, driver);
        mpq_mul(filling->quantity, filling->quantity, driver);
        rk_driver_tell(s->driver, account, i, entry->m, &words, filling->inputs);
        entry->behaviour = rk_driver_behaviour(s->driver, account->plan, i);
        entry->origin = rk_driver_origin(s->driver, account->plan, i);
    } else if (s->volume.made.path) {
        entry->origin = RK_MEASURED;
    }
    if (!s->per) {
        rk_volume_unit(&s->volume, driver);
        mpq_mul(filling->quantity, filling->quantity, driver);
        rk_text_add(&words, s->driver ? " x " : "");
        rk_volume_tell(&s->volume, account, &words, filling->inputs);
        rk_rational_mul(filling->quantity, (rk_decimal){.units = 1, .places = 9});
        rk_text_add(&words, " / 10^9");
    }
    times(account, filling, "times_per_month", &s->times_per_month, "times", &words);
    times(account, filling, "copies", &s->copies, "machines", &words);
    times(account, filling, "cross_share", &s->cross_share, "of the copies", &words);
    entry->quantity_words = rk_account_keep(account, &words);
    mpq_clear(driver);
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    return rk_volume_book(account, element, m, &(rk_gigabytes){s->price, s->network, measure, s, s->driver != NULL}, err);
}

static rk_figure estimate_for(rk_estimating *e, const rk_element *element, uint32_t i, uint32_t m)
{
    const settings *s = element->settings;
    const rk_number *factors[] = {&s->times_per_month, &s->copies, &s->cross_share};
    rk_figure cost = rk_estimate_price(e, &s->price->as.rate.price, s->price);
    cost = s->driver ? rk_tape_mul(e->tape, cost, rk_driver_figure(s->driver, e, i, m)) : cost;
    if (!s->per) {
        cost = rk_tape_mul(e->tape, cost, rk_tape_scale(e->tape, rk_volume_figure(&s->volume, e), 1e-9));
    }
    for (size_t k = 0; k < RK_COUNT_OF(factors); k++) {
        cost = rk_tape_mul(e->tape, cost, rk_estimate_number(e, factors[k]));
    }
    return cost;
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    rk_estimate_book_filled(e, element, m, estimate_for);
}

const rk_element_kind rk_element_network = {.name = "network",
                                            .marks = "network|cross_share",
                                            .keys = rows,
                                            .n_keys = RK_COUNT_OF(rows),
                                            .settings_bytes = sizeof(settings),
                                            .check = check,
                                            .link = link,
                                            .book = book,
                                            .estimate = estimate};
