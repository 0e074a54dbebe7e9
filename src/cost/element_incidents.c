/* element_incidents.c - what goes wrong: hours of people (160 to a person-month) and money lost while down. */
#include "cost/element.h"
#include "cost/estimating.h"
#include "math/rational.h"

typedef struct {
    rk_number incidents_per_month, hours_each, loss_per_minute, availability;
    const char *person;
    const rk_price *price;
} settings;

static const rk_key rows[] = {
    {"incidents_per_month", RK_KEY_NUMBER, offsetof(settings, incidents_per_month), .help = "how many"},
    {"hours_each", RK_KEY_NUMBER, offsetof(settings, hours_each), .help = "of work"},
    {"person", RK_KEY_TEXT, offsetof(settings, person), .help = "who does it: a person of a price book"},
    {"loss_per_minute", RK_KEY_NUMBER, offsetof(settings, loss_per_minute), .help = "plan currency a minute down"},
    {"availability", RK_KEY_NUMBER, offsetof(settings, availability), .max = 1, .help = "share of time up, 0.9995"},
};

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    bool any_work = s->incidents_per_month.is_set || s->hours_each.is_set || s->person;
    bool all_work = s->incidents_per_month.is_set && s->hours_each.is_set && s->person;
    if (any_work && !all_work) {
        return rk_fail_at(err, element->at, "element '%.60s' needs incidents_per_month, hours_each and person together",
                          element->name);
    }
    if (s->loss_per_minute.is_set != s->availability.is_set) {
        return rk_fail_at(err, element->at, "element '%.60s' needs loss_per_minute and availability together",
                          element->name);
    }
    return s->person
               ? rk_plan_price(plan, s->person, RK_PRICE_PERSON, rk_element_place(element, "person"), &s->price, err)
               : RK_OK;
}

static rk_status book_labour(rk_account *account, const rk_element *element, const settings *s, uint32_t m,
                             rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    mpq_t quantity, price;
    mpq_inits(quantity, price, NULL);
    mpq_set_ui(quantity, 1, 160);
    rk_rational_mul(quantity, s->incidents_per_month.value);
    rk_rational_mul(quantity, s->hours_each.value);
    rk_decimal_print(s->incidents_per_month.value, false, &words);
    rk_text_add(&words, " x ");
    rk_decimal_print(s->hours_each.value, false, &words);
    rk_text_add(&words, " h / 160 h");
    rk_account_input(account, &inputs, "incidents_per_month", &s->incidents_per_month, "incidents");
    rk_account_input(account, &inputs, "hours_each", &s->hours_each, "h");
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = "person-month",
                      .driver = s->person,
                      .behaviour = RK_FIXED,
                      .origin = RK_ASSUMED,
                      .inputs = &inputs};
    entry.name = rk_account_words(account, "%s labour", element->name);
    entry.quantity_words = rk_account_keep(account, &words);
    rk_account_person(account, &inputs, s->price, price, &entry.price_words);
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clears(quantity, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_status book_downtime(rk_account *account, const rk_element *element, const settings *s, uint32_t m,
                               rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    unsigned minutes = 1440 * rk_plan_days(account->plan, m);
    mpq_t quantity, price, up;
    mpq_inits(quantity, price, up, NULL);
    rk_rational_set(up, s->availability.value);
    mpq_set_ui(quantity, 1, 1);
    mpq_sub(quantity, quantity, up);
    mpq_set_ui(up, minutes, 1);
    mpq_mul(quantity, quantity, up);
    rk_rational_set(price, s->loss_per_minute.value);
    rk_text_add(&words, "(1 - ");
    rk_decimal_print(s->availability.value, false, &words);
    rk_text_addf(&words, ") x %u min", minutes);
    rk_account_input(account, &inputs, "availability", &s->availability, "of the time");
    rk_account_input(account, &inputs, "loss_per_minute", &s->loss_per_minute, account->plan->currency);
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = "minute",
                      .driver = "downtime",
                      .behaviour = RK_FIXED,
                      .origin = RK_ASSUMED,
                      .inputs = &inputs};
    entry.name = rk_account_words(account, "%s downtime", element->name);
    entry.quantity_words = rk_account_keep(account, &words);
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clears(quantity, price, up, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    rk_status status = s->person ? book_labour(account, element, s, m, err) : RK_OK;
    return status || !s->availability.is_set ? status : book_downtime(account, element, s, m, err);
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    const settings *s = element->settings;
    rk_tape *tape = e->tape;
    if (s->person) {
        rk_figure hours = rk_tape_mul(tape, rk_estimate_number(e, &s->incidents_per_month),
                                      rk_estimate_number(e, &s->hours_each));
        rk_figure months = rk_tape_scale(tape, hours, 1.0 / 160);
        rk_estimate_book(e, element, element->category, m, rk_tape_mul(tape, months, rk_estimate_person(e, s->price)));
    }
    if (s->availability.is_set) {
        rk_figure down = rk_tape_sub(tape, rk_tape_constant(tape, 1), rk_estimate_number(e, &s->availability));
        rk_figure minutes = rk_tape_scale(tape, down, 1440 * rk_plan_days(e->plan, m));
        rk_estimate_book(e, element, element->category, m,
                         rk_tape_mul(tape, minutes, rk_estimate_number(e, &s->loss_per_minute)));
    }
}

const rk_element_kind rk_element_incidents = {.name = "incidents",
                                              .marks = "incidents_per_month|hours_each|loss_per_minute|availability",
                                              .keys = rows,
                                              .n_keys = RK_COUNT_OF(rows),
                                              .settings_bytes = sizeof(settings),
                                              .check = check,
                                              .book = book,
                                              .estimate = estimate};
