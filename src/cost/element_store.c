/* element_store.c - GB that are kept: a dataset or model so many times, or a log of behaviour events.
 *
 *   bytes x replicas / 10^9                                                      GB-months of a file
 *   mean over the evenings of the month of the events held x bytes_per_event x replicas / 10^9     of a log
 *
 * See event_log.h for what a log holds.
 */
#include <string.h>

#include "base/clock.h"
#include "cost/driver.h"
#include "cost/element.h"
#include "cost/event_log.h"
#include "cost/volume.h"
#include "math/rational.h"

typedef struct {
    const char *store;
    rk_volume volume;
    rk_number replicas, retention_days;
    rk_when since;
    const rk_price *price;
    const rk_driver *events; /* of a log; NULL otherwise */
    rk_event_log log;
} settings;

static const rk_key rows[] = {
    {"store", RK_KEY_TEXT, offsetof(settings, store), .required = true, .help = "a rate of a price book in GB-month"},
    {"bytes", RK_KEY_NUMBER, offsetof(settings, volume.bytes), .help = "kept all the time"},
    {"of", RK_KEY_TEXT, offsetof(settings, volume.of), .help = "an artefact that is kept: its measured bytes"},
    {"replicas", RK_KEY_NUMBER, offsetof(settings, replicas), .help = "how many times it is kept (default 1)"},
    {"bytes_per_event", RK_KEY_NODE, offsetof(settings, volume.bytes_per_event),
     .help = "of a log of behaviour events; 'measured': of the dataset that 'of' names"},
    {"retention_days", RK_KEY_COUNT, offsetof(settings, retention_days), .min = 1, .max = RK_RETENTION_DAYS_MAX,
     .help = "days after which the log forgets an event (default: never)"},
    {"since", RK_KEY_MONTH, offsetof(settings, since), .help = "month in which the log was begun (default: the first)"},
};

static rk_status check_log(rk_plan *plan, const rk_element *element, settings *s, rk_error *err)
{
    if (!s->volume.is_of_events) {
        return s->retention_days.is_set || s->since.is_set
                   ? rk_fail_at(err, rk_element_place(element, s->since.is_set ? "since" : "retention_days"),
                                "element '%.60s' keeps no events: this needs the key 'bytes_per_event'", element->name)
                   : RK_OK;
    }
    int32_t begun = s->since.is_set ? s->since.value : plan->start.value;
    s->log.retention_days = s->retention_days.value.units;
    s->log.first_day = rk_days_of_date(begun / 12, (unsigned)(begun % 12) + 1, 1);
    if (rk_plan_first_day(plan, 0) - s->log.first_day > RK_RETENTION_DAYS_MAX) {
        return rk_fail_at(err, s->since.at, "a log must begin within %d days before the plan", RK_RETENTION_DAYS_MAX);
    }
    return rk_driver_find_per("event", element->at, &s->events, err);
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    rk_place at = rk_element_place(element, "store");
    if (!s->replicas.is_set) {
        s->replicas.value.units = 1;
    }
    rk_status status = rk_plan_price(plan, s->store, RK_PRICE_RATE, at, &s->price, err);
    status = status ? status : rk_volume_check(plan, element, &s->volume, err);
    status = status ? status : check_log(plan, element, s, err);
    return status || strcmp(s->price->as.rate.unit, "GB-month") == 0
               ? status
               : rk_fail_at(err, at, "what is stored is counted in GB-month, but '%.60s' is priced per %.40s (%s:%zu)",
                            s->store, s->price->as.rate.unit, s->price->at.path, s->price->at.line);
}

static rk_status link(const rk_plan *plan, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    return s->events ? rk_driver_check(s->events, plan, element, rk_element_place(element, "bytes_per_event"),
                                       "keeps events", err)
                     : RK_OK;
}

/* quantity = GB-months of service i, or of all; with its words, inputs, behaviour and origin. */
static void measure(rk_account *account, const rk_filling *filling, uint32_t i, rk_entry *entry)
{
    const settings *s = filling->settings;
    rk_vec *inputs = filling->inputs;
    mpq_ptr quantity = filling->quantity;
    rk_text words = {0};
    mpq_t part;
    mpq_init(part);
    rk_volume_unit(&s->volume, quantity);
    if (s->events) {
        unsigned days = rk_plan_days(account->plan, entry->m);
        int64_t micros = 0;
        rk_event_log_evenings(account, &s->log, i, entry->m, part);
        mpq_mul(quantity, quantity, part);
        (void)rk_rational_micros(part, &micros);
        rk_rational_print_micros(micros, &words);
        rk_text_addf(&words, " events held, evening by evening / %u days x ", days);
        mpq_set_ui(part, days, 1);
        mpq_div(quantity, quantity, part);
        entry->behaviour = rk_driver_behaviour(s->events, account->plan, i);
        rk_driver_tell(s->events, account, i, entry->m, NULL, inputs);
        rk_account_input(account, inputs, "retention_days", &s->retention_days, "days");
    }
    rk_volume_tell(&s->volume, account, &words, inputs);
    rk_rational_mul(quantity, s->replicas.value);
    rk_rational_mul(quantity, (rk_decimal){.units = 1, .places = 9});
    if (s->replicas.is_set) {
        rk_text_add(&words, " x ");
        rk_decimal_print(s->replicas.value, false, &words);
        rk_account_input(account, inputs, "replicas", &s->replicas, "times");
    }
    rk_text_add(&words, " / 10^9");
    entry->quantity_words = rk_account_keep(account, &words);
    entry->origin = s->volume.made.path && !s->events ? RK_MEASURED : RK_ASSUMED;
    mpq_clear(part);
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    return rk_volume_book(account, element, m, &(rk_gigabytes){s->price, s->store, measure, s, s->events != NULL}, err);
}

static rk_figure estimate_for(rk_estimating *e, const rk_element *element, uint32_t i, uint32_t m)
{
    const settings *s = element->settings;
    rk_tape *tape = e->tape;
    rk_figure gb = rk_tape_scale(tape, rk_volume_figure(&s->volume, e), 1e-9);
    if (s->events) {
        rk_figure held = rk_event_log_figure(e, &s->log, i, m);
        gb = rk_tape_mul(tape, gb, rk_tape_scale(tape, held, 1.0 / rk_plan_days(e->plan, m)));
    }
    gb = rk_tape_mul(tape, gb, rk_estimate_number(e, &s->replicas));
    return rk_tape_mul(tape, gb, rk_estimate_price(e, &s->price->as.rate.price, s->price));
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    rk_estimate_book_filled(e, element, m, estimate_for);
}

const rk_element_kind rk_element_store = {.name = "store",
                                          .marks = "store|retention_days",
                                          .keys = rows,
                                          .n_keys = RK_COUNT_OF(rows),
                                          .settings_bytes = sizeof(settings),
                                          .check = check,
                                          .link = link,
                                          .book = book,
                                          .estimate = estimate};
