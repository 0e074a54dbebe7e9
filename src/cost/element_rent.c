/* element_rent.c - rented machines that answer no requests: by the hour, reserved for terms, or spot.
 *
 *   hours      count x hours_per_month, or x share x hours of the month; less fallback_share of them
 *   restarts   hours x interruption_rate x restart_hours
 *   on demand  fallback_share of the hours, when there is no spot machine
 *   upfront    count x upfront / term_months
 *
 * Terms and interruptions are those of the price book's option, unless the element has its own. See term.h.
 */
#include "cost/element.h"
#include "cost/estimating.h"
#include "cost/hire.h"
#include "cost/term.h"
#include "math/rational.h"

typedef struct {
    rk_hire hire;
    rk_number count, hours_per_month, share, fallback_share;
    rk_terms own; /* as the element says */
    rk_when from;
    rk_term term;
    const rk_hour_price *on_demand; /* with fallback_share */
} settings;

static const rk_key rows[] = {
    {"rent", RK_KEY_TEXT, offsetof(settings, hire.machine), .required = true, .help = "a machine of a price book"},
    {"option", RK_KEY_TEXT, offsetof(settings, hire.option),
     .help = "a key of the machine's 'hour' (default on_demand)"},
    {"count", RK_KEY_NUMBER, offsetof(settings, count), .help = "how many (default 1)"},
    {"hours_per_month", RK_KEY_NUMBER, offsetof(settings, hours_per_month),
     .help = "that each is rented (default: all of the month)"},
    {"share", RK_KEY_NUMBER, offsetof(settings, share), .max = 1, .help = "of the month's hours, instead"},
    {"from", RK_KEY_MONTH, offsetof(settings, from),
     .help = "first month; with it the first term (default: the plan's)"},
    {"term_months", RK_KEY_COUNT, offsetof(settings, own.term_months), .min = 1, .max = 600,
     .help = "of a reservation; the next follows (default: the price book's)"},
    {"upfront", RK_KEY_NUMBER, offsetof(settings, own.upfront),
     .help = "paid for each machine at the start of a term, in the plan's currency (default: the price book's)"},
    {"interruption_rate", RK_KEY_NUMBER, offsetof(settings, own.interruption_rate),
     .help = "interruptions in a machine-hour (default: the price book's)"},
    {"restart_hours", RK_KEY_NUMBER, offsetof(settings, own.restart_hours),
     .help = "of work that an interruption costs (default: the price book's)"},
    {"fallback_share", RK_KEY_NUMBER, offsetof(settings, fallback_share), .max = 1,
     .help = "of the hours, rented on demand because the option has no machine (default 0)"},
};

static rk_status check_terms(const rk_element *element, settings *s, rk_error *err)
{
    const rk_terms *own = &s->own;
    if (own->upfront.is_set != own->term_months.is_set) {
        return rk_fail_at(err, element->at, "element '%.60s' needs upfront and term_months together", element->name);
    }
    if (own->interruption_rate.is_set != own->restart_hours.is_set) {
        return rk_fail_at(err, element->at, "element '%.60s' needs interruption_rate and restart_hours together",
                          element->name);
    }
    s->term.terms = s->hire.hour->terms;
    s->term.terms.is_of_book = !own->interruption_rate.is_set;
    s->term.price = s->hire.price;
    if (own->upfront.is_set) {
        s->term.terms.upfront = own->upfront;
        s->term.terms.term_months = own->term_months;
        s->term.price = NULL;
    }
    if (own->interruption_rate.is_set) {
        s->term.terms.interruption_rate = own->interruption_rate;
        s->term.terms.restart_hours = own->restart_hours;
    }
    return element->when && s->term.terms.upfront.value.units != 0
               ? rk_fail_at(err, rk_element_place(element, "when"),
                            "element '%.60s' is paid upfront for its terms: 'when' does not go with it", element->name)
               : RK_OK;
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    if (s->hours_per_month.is_set && s->share.is_set) {
        return rk_fail_at(err, s->share.at, "element '%.60s' has hours_per_month and share, which exclude each other",
                          element->name);
    }
    s->count.value.units = s->count.is_set ? s->count.value.units : 1;
    s->share.value.units = s->share.is_set ? s->share.value.units : 1;
    rk_status status = rk_hire_check(plan, element, "rent", &s->hire, err);
    status = status ? status : check_terms(element, s, err);
    if (!status && s->fallback_share.is_set) {
        status = rk_price_option(s->hire.price, "on_demand", s->fallback_share.at, &s->on_demand, err);
    }
    s->term.first = s->from.is_set ? (int64_t)s->from.value - plan->start.value : 0;
    s->term.name = element->name;
    return status;
}

/* ---- hours ---- */

/* "2 x 0.5 x 696 h" or "2 x 100 h" */
static void hours_of(rk_account *account, const settings *s, uint32_t m, mpq_t out, rk_text *words, rk_vec *inputs)
{
    mpq_t part;
    mpq_init(part);
    rk_rational_set(out, s->count.value);
    rk_decimal_print(s->count.value, false, words);
    rk_account_input(account, inputs, "count", &s->count, "machines");
    rk_text_add(words, " x ");
    if (s->hours_per_month.is_set) {
        rk_rational_mul(out, s->hours_per_month.value);
        rk_account_input(account, inputs, "hours_per_month", &s->hours_per_month, "h");
        rk_decimal_print(s->hours_per_month.value, false, words);
        rk_text_add(words, " h");
    } else {
        unsigned hours = 24 * rk_plan_days(account->plan, m);
        if (s->share.is_set) {
            rk_account_input(account, inputs, "share", &s->share, "of the hours");
            rk_decimal_print(s->share.value, false, words);
            rk_text_add(words, " x ");
        }
        rk_rational_mul(out, s->share.value);
        mpq_set_ui(part, hours, 1);
        mpq_mul(out, out, part);
        rk_text_addf(words, "%u h", hours);
    }
    mpq_clear(part);
}

static void add_fallback(const settings *s, bool is_fallback, mpq_t hours, rk_text *words)
{
    mpq_t part, one;
    if (!s->fallback_share.is_set) {
        return;
    }
    mpq_inits(part, one, NULL);
    rk_rational_set(part, s->fallback_share.value);
    mpq_set_ui(one, 1, 1);
    mpq_sub(one, one, part);
    mpq_mul(hours, hours, is_fallback ? part : one);
    rk_text_add(words, is_fallback ? " x " : " x (1 - ");
    rk_decimal_print(s->fallback_share.value, false, words);
    rk_text_add(words, is_fallback ? "" : ")");
    mpq_clears(part, one, NULL);
}

/* ---- lines ---- */

static rk_entry base_entry(const rk_element *element, const settings *s, uint32_t m)
{
    return (rk_entry){.element = element,
                      .category = element->category,
                      .m = m,
                      .unit = "machine-hour",
                      .driver = s->hire.machine,
                      .behaviour = RK_FIXED,
                      .origin = RK_ASSUMED};
}

/* The hours of the option with their restarts, or those on demand instead. */
static rk_status book_hours(rk_account *account, const rk_element *element, uint32_t m, bool is_fallback, rk_error *err)
{
    const settings *s = element->settings;
    rk_hire hire = s->hire;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    mpq_t quantity, price;
    mpq_inits(quantity, price, NULL);
    hire.hour = is_fallback ? s->on_demand : s->hire.hour;
    hours_of(account, s, m, quantity, &words, &inputs);
    add_fallback(s, is_fallback, quantity, &words);
    rk_account_input(account, &inputs, "fallback_share", &s->fallback_share, "of the hours");
    rk_hire_price(&hire, account, &inputs, price);
    rk_entry entry = base_entry(element, s, m);
    entry.name = is_fallback ? rk_account_words(account, "%s on demand", element->name) : NULL;
    entry.quantity = quantity;
    entry.unit_price = price;
    entry.quantity_words = rk_account_keep(account, &words);
    entry.inputs = &inputs;
    rk_status status = rk_account_book(account, &entry, err);
    status = status || is_fallback ? status : rk_term_book_restarts(account, &s->term, &entry, err);
    mpq_clears(quantity, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    if (m < s->term.first) {
        return RK_OK;
    }
    rk_status status = book_hours(account, element, m, false, err);
    status = status || !s->on_demand ? status : book_hours(account, element, m, true, err);
    mpq_t count;
    mpq_init(count);
    rk_rational_set(count, s->count.value);
    rk_entry entry = base_entry(element, s, m);
    entry.quantity = count;
    status = status ? status : rk_term_book(account, &s->term, &entry, err);
    mpq_clear(count);
    return status;
}

static rk_status settle(rk_account *account, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    mpq_t count;
    mpq_init(count);
    rk_rational_set(count, s->count.value);
    rk_entry entry = base_entry(element, s, 0);
    entry.quantity = count;
    rk_status status = rk_term_settle(account, &s->term, &entry, err);
    mpq_clear(count);
    return status;
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    const settings *s = element->settings;
    rk_tape *tape = e->tape;
    if (m < s->term.first) {
        return;
    }
    rk_figure count = rk_estimate_number(e, &s->count);
    rk_figure each = s->hours_per_month.is_set
                         ? rk_estimate_number(e, &s->hours_per_month)
                         : rk_tape_scale(tape, rk_estimate_number(e, &s->share), 24.0 * rk_plan_days(e->plan, m));
    rk_figure hours = rk_tape_mul(tape, count, each);
    rk_figure fallback = rk_tape_mul(tape, hours, rk_estimate_number(e, &s->fallback_share));
    rk_figure cost = rk_term_figure(e, &s->term, m, count, rk_tape_sub(tape, hours, fallback),
                                    rk_estimate_price(e, &s->hire.hour->hour, s->hire.price));
    if (s->on_demand) {
        rk_figure price = rk_estimate_price(e, &s->on_demand->hour, s->hire.price);
        cost = rk_tape_add(tape, cost, rk_tape_mul(tape, fallback, price));
    }
    rk_estimate_book(e, element, element->category, m, cost);
}

const rk_element_kind rk_element_rent = {.name = "rent",
                                         .marks = "rent|hours_per_month",
                                         .keys = rows,
                                         .n_keys = RK_COUNT_OF(rows),
                                         .settings_bytes = sizeof(settings),
                                         .check = check,
                                         .book = book,
                                         .settle = settle,
                                         .estimate = estimate,
                                         .hires_machines = true};
