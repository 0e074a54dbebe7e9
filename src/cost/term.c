/* term.c - see term.h. */
#include "cost/term.h"

#include "cost/ledger_parts.h"
#include "math/rational.h"

static bool has_upfront(const rk_term *term) { return term->terms.upfront.value.units != 0; }
static int64_t length(const rk_term *term) { return term->terms.term_months.value.units; }

/* The start of the term that month m lies in; m >= first. */
static int64_t start_of(const rk_term *term, int64_t m) { return m - (m - term->first) % length(term); }

/* out = upfront of one machine, in the plan's currency */
static void upfront_of(const rk_plan *plan, const rk_term *term, mpq_t out)
{
    if (term->price) {
        rk_plan_exchange(plan, term->price->currency, out);
    } else {
        mpq_set_ui(out, 1, 1);
    }
    rk_rational_mul(out, term->terms.upfront.value);
}

/* value x n / months of a term */
static void times_part(mpq_t value, int64_t n, const rk_term *term)
{
    mpq_t part;
    mpq_init(part);
    mpq_set_si(part, n, (unsigned long)length(term));
    mpq_canonicalize(part);
    mpq_mul(value, value, part);
    mpq_clear(part);
}

static void upfront_inputs(rk_account *account, const rk_term *term, rk_vec *inputs)
{
    if (term->price) {
        rk_account_input_price(account, inputs, "upfront", &term->terms.upfront, "machine", term->price);
        rk_account_input_book(account, inputs, "term_months", &term->terms.term_months, "months", term->price);
        rk_account_input_exchange(account, inputs, term->price);
    } else {
        rk_account_input(account, inputs, "upfront", &term->terms.upfront, account->plan->currency);
        rk_account_input(account, inputs, "term_months", &term->terms.term_months, "months");
    }
}

/* What is paid for months beyond the plan. */
static rk_status note_beyond(rk_account *account, const rk_term *term, const rk_entry *base, rk_error *err)
{
    int64_t n_months = account->plan->n_months;
    int64_t beyond = start_of(term, n_months - 1) + length(term) - n_months;
    int64_t micros = 0;
    mpq_t value;
    if (beyond <= 0) {
        return RK_OK;
    }
    mpq_init(value);
    upfront_of(account->plan, term, value);
    times_part(value, beyond, term);
    mpq_mul(value, value, base->quantity);
    bool fits = rk_rational_micros(value, &micros);
    mpq_clear(value);
    if (!fits || micros == 0) {
        return RK_OK; /* the payment is refused, or there is none */
    }
    rk_text words = {0};
    rk_money_print((rk_money){micros}, 2, &words);
    rk_status status = rk_plan_note(
        account->ledger->plan, err, "%s:%zu: %s %s of the upfront of '%s' are for months beyond this plan",
        base->element->at.path, base->element->at.line, words.at ? words.at : "", account->plan->currency, term->name);
    rk_text_release(&words);
    return status;
}

/* The term that starts in month `start`: paid then, or what is left of it on the first day is carried. */
static rk_status settle_one(rk_account *account, const rk_term *term, const rk_entry *base, int64_t start,
                            rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t price;
    mpq_init(price);
    upfront_of(account->plan, term, price);
    if (start < 0) {
        times_part(price, start + length(term), term);
    }
    upfront_inputs(account, term, &inputs);
    rk_entry entry = *base;
    entry.name = rk_account_words(account, "%s upfront payment", term->name);
    entry.m = start < 0 ? 0 : (uint32_t)start;
    entry.unit_price = price;
    entry.unit = "machine";
    entry.behaviour = RK_FIXED;
    entry.inputs = &inputs;
    rk_status status = start < 0 ? rk_account_carry(account, &entry, err) : rk_account_pay(account, &entry, err);
    mpq_clear(price);
    rk_vec_release(&inputs);
    return status;
}

rk_status rk_term_settle(rk_account *account, const rk_term *term, const rk_entry *base, rk_error *err)
{
    int64_t n_months = account->plan->n_months;
    rk_status status = RK_OK;
    if (!has_upfront(term) || mpq_sgn(base->quantity) == 0 || term->first >= n_months) {
        return RK_OK;
    }
    for (int64_t start = term->first < 0 ? start_of(term, 0) : term->first; start < n_months && !status;
         start += length(term)) {
        status = settle_one(account, term, base, start, err);
    }
    return status ? status : note_beyond(account, term, base, err);
}

rk_status rk_term_book(rk_account *account, const rk_term *term, const rk_entry *base, rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    mpq_t price;
    if (!has_upfront(term) || base->m < term->first) {
        return RK_OK;
    }
    mpq_init(price);
    upfront_of(account->plan, term, price);
    times_part(price, 1, term);
    upfront_inputs(account, term, &inputs);
    rk_decimal_print(term->terms.upfront.value, false, &words);
    rk_text_addf(&words, "%s%s / %lld", term->price ? " " : "", term->price ? term->price->currency : "",
                 (long long)length(term));
    rk_entry entry = *base;
    entry.name = rk_account_words(account, "%s upfront", term->name);
    entry.unit_price = price;
    entry.unit = "machine-month";
    entry.quantity_words = NULL;
    entry.price_words = rk_account_keep(account, &words);
    entry.behaviour = RK_FIXED;
    entry.is_prepaid = true;
    entry.inputs = &inputs;
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clear(price);
    rk_vec_release(&inputs);
    return status;
}

/* ---- interruptions ---- */

static void restart_inputs(rk_account *account, const rk_term *term, rk_vec *inputs)
{
    const char *rate_unit = "interruptions a machine-hour";
    if (term->price && term->terms.is_of_book) {
        rk_account_input_book(account, inputs, "interruption_rate", &term->terms.interruption_rate, rate_unit,
                              term->price);
        rk_account_input_book(account, inputs, "restart_hours", &term->terms.restart_hours, "h", term->price);
    } else {
        rk_account_input(account, inputs, "interruption_rate", &term->terms.interruption_rate, rate_unit);
        rk_account_input(account, inputs, "restart_hours", &term->terms.restart_hours, "h");
    }
}

rk_status rk_term_book_restarts(rk_account *account, const rk_term *term, const rk_entry *base, rk_error *err)
{
    const rk_terms *terms = &term->terms;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    int64_t micros = 0;
    mpq_t quantity;
    if (terms->interruption_rate.value.units == 0 || terms->restart_hours.value.units == 0) {
        return RK_OK;
    }
    mpq_init(quantity);
    mpq_set(quantity, base->quantity);
    (void)rk_rational_micros(quantity, &micros);
    rk_rational_mul(quantity, terms->interruption_rate.value);
    rk_rational_mul(quantity, terms->restart_hours.value);
    account->failed = !rk_vec_extend(&inputs, base->inputs->data, base->inputs->n) || account->failed;
    restart_inputs(account, term, &inputs);
    rk_rational_print_micros(micros, &words);
    rk_text_add(&words, " machine-hours x ");
    rk_decimal_print(terms->interruption_rate.value, false, &words);
    rk_text_add(&words, " interruptions x ");
    rk_decimal_print(terms->restart_hours.value, false, &words);
    rk_text_add(&words, " h");
    rk_entry entry = *base;
    entry.name = rk_account_words(account, "%s restarts", term->name);
    entry.quantity = quantity;
    entry.quantity_words = rk_account_keep(account, &words);
    entry.inputs = &inputs;
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clear(quantity);
    rk_vec_release(&inputs);
    return status;
}

/* ---- altogether ---- */

void rk_term_cost(const rk_plan *plan, const rk_term *term, int64_t hours, int64_t months, const mpq_t hour, mpq_t out)
{
    mpq_t part, one;
    mpq_inits(part, one, NULL);
    rk_rational_set(part, term->terms.interruption_rate.value);
    rk_rational_mul(part, term->terms.restart_hours.value);
    mpq_set_ui(one, 1, 1);
    mpq_add(part, part, one);
    mpq_mul(part, part, hour);
    mpq_set_si(out, hours, 1);
    mpq_mul(out, out, part);
    if (has_upfront(term)) {
        upfront_of(plan, term, part);
        times_part(part, months, term);
        mpq_add(out, out, part);
    }
    mpq_clears(part, one, NULL);
}

rk_figure rk_term_figure(rk_estimating *e, const rk_term *term, uint32_t m, rk_figure machines, rk_figure hours,
                         rk_figure hour)
{
    const rk_terms *terms = &term->terms;
    rk_tape *tape = e->tape;
    rk_figure lost = rk_tape_mul(tape, rk_estimate_number(e, &terms->interruption_rate),
                                 rk_estimate_number(e, &terms->restart_hours));
    rk_figure cost =
        rk_tape_mul(tape, hour, rk_tape_mul(tape, hours, rk_tape_add(tape, lost, rk_tape_constant(tape, 1))));
    if (!has_upfront(term) || m < term->first) {
        return cost;
    }
    rk_figure upfront =
        term->price ? rk_estimate_price(e, &terms->upfront, term->price) : rk_estimate_number(e, &terms->upfront);
    rk_figure part = rk_tape_scale(tape, upfront, 1.0 / (double)length(term));
    return rk_tape_add(tape, cost, rk_tape_mul(tape, machines, part));
}
