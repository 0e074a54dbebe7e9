/* element_clean.c - behaviour events that are read and cleaned on rented machines.
 *
 *   machine-hours = events of the month / 10^6 x cpu seconds of a million / 3600 / vcpu
 *
 * The cpu seconds are written, or those that making a dataset used, over the events in it.
 */
#include "cost/driver.h"
#include "cost/element.h"
#include "cost/estimating.h"
#include "cost/hire.h"
#include "math/rational.h"

typedef struct {
    rk_hire hire;
    rk_number cpu_s_per_million;
    const char *measured;
    rk_made made;
    const rk_driver *events;
} settings;

static const rk_key rows[] = {
    {"clean", RK_KEY_TEXT, offsetof(settings, hire.machine), .required = true, .help = "a machine of a price book"},
    {"option", RK_KEY_TEXT, offsetof(settings, hire.option),
     .help = "a key of the machine's 'hour' (default on_demand)"},
    {"cpu_s_per_million", RK_KEY_NUMBER, offsetof(settings, cpu_s_per_million),
     .help = "processor seconds that a million events need"},
    {"measured", RK_KEY_TEXT, offsetof(settings, measured), .help = "instead: a dataset that was so made"},
};

static rk_status check_measured(rk_plan *plan, const rk_element *element, settings *s, rk_error *err)
{
    rk_place at = rk_element_place(element, "measured");
    rk_status status = rk_made_read(plan, s->measured, at, &s->made, err);
    if (status) {
        return status;
    }
    if (!s->made.events.is_set) {
        return rk_fail_at(err, at, "cleaning is measured by a dataset with events, '%.100s' is a %s", s->measured,
                          s->made.kind);
    }
    if (!s->made.cpu_s.is_set) {
        return rk_fail_at(err, at, "'%.100s' does not say what making it used", s->measured);
    }
    return rk_hire_check_made(plan, element, &s->hire, &s->made, err);
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    if (s->cpu_s_per_million.is_set == (s->measured != NULL)) {
        return rk_fail_at(err, element->at, "element '%.60s' needs one of the keys 'cpu_s_per_million' and 'measured'",
                          element->name);
    }
    rk_status status = rk_hire_check(plan, element, "clean", &s->hire, err);
    status = status ? status : rk_hire_need_vcpu(element, &s->hire, "processor time", err);
    status = status || !s->measured ? status : check_measured(plan, element, s, err);
    return status ? status : rk_driver_find_per("event", element->at, &s->events, err);
}

static rk_status link(const rk_plan *plan, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    return rk_driver_check(s->events, plan, element, rk_element_place(element, "clean"), "cleans events", err);
}

/* out = cpu seconds of one event; appends "12.5 s / 8000 events" or "40 s / 10^6" */
static void seconds_of_one(rk_account *account, const settings *s, mpq_t out, rk_text *words, rk_vec *inputs)
{
    if (!s->measured) {
        rk_account_input(account, inputs, "cpu_s_per_million", &s->cpu_s_per_million, "s");
        rk_decimal_print(s->cpu_s_per_million.value, false, words);
        rk_text_add(words, " s / 10^6");
        rk_rational_set(out, s->cpu_s_per_million.value);
        rk_rational_mul(out, (rk_decimal){.units = 1, .places = 6});
        return;
    }
    mpq_t events;
    mpq_init(events);
    rk_made_input(account, inputs, &s->made, "cpu_s", &s->made.cpu_s, "s");
    rk_made_input(account, inputs, &s->made, "events", &s->made.events, "events");
    rk_decimal_print(s->made.cpu_s.value, false, words);
    rk_text_add(words, " s / ");
    rk_decimal_print(s->made.events.value, false, words);
    rk_text_add(words, " events");
    rk_rational_set(out, s->made.cpu_s.value);
    rk_rational_set(events, s->made.events.value);
    mpq_div(out, out, events);
    mpq_clear(events);
}

/* quantity = machine-hours for the events of service i, or of all. */
static void measure(rk_account *account, const rk_filling *filling, uint32_t i, rk_entry *entry)
{
    const settings *s = filling->settings;
    const rk_number *vcpu = &s->hire.price->as.machine.vcpu;
    rk_text words = {0};
    mpq_t part;
    mpq_init(part);
    rk_driver_amount(s->events, account, i, entry->m, filling->quantity);
    rk_driver_tell(s->events, account, i, entry->m, &words, filling->inputs);
    rk_text_add(&words, " x ");
    seconds_of_one(account, s, part, &words, filling->inputs);
    mpq_mul(filling->quantity, filling->quantity, part);
    mpq_set_ui(part, 3600, 1);
    rk_rational_mul(part, vcpu->value);
    mpq_div(filling->quantity, filling->quantity, part);
    rk_text_add(&words, " / 3600 / ");
    rk_decimal_print(vcpu->value, false, &words);
    rk_text_add(&words, " vcpu");
    rk_account_input_book(account, filling->inputs, "vcpu", vcpu, "vcpu", s->hire.price);
    entry->quantity_words = rk_account_keep(account, &words);
    entry->behaviour = rk_driver_behaviour(s->events, account->plan, i);
    mpq_clear(part);
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t quantity, price;
    mpq_inits(quantity, price, NULL);
    rk_hire_price(&s->hire, account, &inputs, price);
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = "machine-hour",
                      .driver = s->hire.machine,
                      .origin = RK_ASSUMED,
                      .inputs = &inputs};
    rk_filling filling = {measure, s, &inputs, quantity};
    rk_status status = rk_account_book_filled(account, &filling, &entry, err);
    mpq_clears(quantity, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_figure estimate_for(rk_estimating *e, const rk_element *element, uint32_t i, uint32_t m)
{
    const settings *s = element->settings;
    rk_tape *tape = e->tape;
    rk_figure seconds = rk_tape_scale(tape, rk_estimate_number(e, &s->cpu_s_per_million), 1e-6);
    if (s->measured) {
        seconds = rk_tape_div(tape, rk_estimate_number(e, &s->made.cpu_s), rk_estimate_number(e, &s->made.events));
    }
    rk_figure hours = rk_tape_mul(tape, rk_driver_figure(s->events, e, i, m), seconds);
    rk_figure vcpu = rk_tape_scale(tape, rk_estimate_number(e, &s->hire.price->as.machine.vcpu), 3600);
    rk_figure price = rk_estimate_price(e, &s->hire.hour->hour, s->hire.price);
    return rk_tape_mul(tape, rk_tape_div(tape, hours, vcpu), price);
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    rk_estimate_book_filled(e, element, m, estimate_for);
}

const rk_element_kind rk_element_clean = {.name = "clean",
                                          .marks = "clean|cpu_s_per_million",
                                          .keys = rows,
                                          .n_keys = RK_COUNT_OF(rows),
                                          .settings_bytes = sizeof(settings),
                                          .check = check,
                                          .link = link,
                                          .book = book,
                                          .estimate = estimate,
                                          .hires_machines = true};
