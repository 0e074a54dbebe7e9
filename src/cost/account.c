/* account.c - see account.h: booking, the one place where fractions become money.
 *
 * Order of rounding: the element's quantity to a millionth, then its amount = that quantity x the exact unit price to
 * a millionth, then both are split into whole millionths by largest remainder.
 */
#include "cost/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cost/demand.h"
#include "cost/driver.h"
#include "cost/element.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

/* ---- words and inputs ---- */

const char *rk_account_keep(rk_account *account, rk_text *text)
{
    const char *kept = text->failed ? NULL : rk_arena_copy(&account->ledger->arena, text->at, text->n);
    account->failed = account->failed || !kept;
    rk_text_release(text);
    return kept ? kept : "";
}

const char *rk_account_words(rk_account *account, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *kept = rk_arena_words(&account->ledger->arena, fmt, args);
    va_end(args);
    account->failed = account->failed || !kept;
    return kept ? kept : "";
}

void rk_account_input_text(rk_account *account, rk_vec *inputs, const char *name, const char *value, const char *unit,
                           const char *from)
{
    rk_cost_input input = {.name = name, .value = value, .unit = unit, .from = from};
    account->failed = !rk_vec_push(inputs, &input) || account->failed;
}

static const char *number_text(rk_account *account, const rk_number *number)
{
    rk_text text = {0};
    rk_decimal_print(number->value, true, &text);
    return rk_account_keep(account, &text);
}

void rk_account_input(rk_account *account, rk_vec *inputs, const char *name, const rk_number *number, const char *unit)
{
    if (number->is_set) {
        rk_account_input_text(account, inputs, name, number_text(account, number), unit,
                              rk_account_words(account, "%s:%zu", number->at.path, number->at.line));
    }
}

/* "prices.yaml:12, 'c7g.large', valid from 2026-07-20, source: ..." */
static const char *origin_words(rk_account *account, const rk_number *number, const char *key, rk_when valid_from,
                                const char *source)
{
    char day[24] = "";
    if (valid_from.is_set) {
        rk_format_time((int64_t)valid_from.value * 86400, day);
        day[10] = '\0';
    }
    return rk_account_words(account, "%s:%zu%s%s%s%s%s", number->at.path, number->at.line, key,
                            *day ? ", valid from " : "", day, source ? ", source: " : "", source ? source : "");
}

void rk_account_input_book(rk_account *account, rk_vec *inputs, const char *name, const rk_number *number,
                           const char *unit, const rk_price *price)
{
    if (number->is_set) {
        char key[144];
        int n = snprintf(key, sizeof key, ", '%.100s'", price->key);
        if (price->year.is_set) {
            snprintf(key + n, sizeof key - (size_t)n, ", year %lld", (long long)price->year.value.units);
        }
        const char *from = origin_words(account, number, key, price->valid_from, price->source);
        rk_account_input_text(account, inputs, name, number_text(account, number), unit, from);
    }
}

void rk_account_input_price(rk_account *account, rk_vec *inputs, const char *name, const rk_number *number,
                            const char *unit, const rk_price *price)
{
    if (number->is_set) {
        rk_account_input_book(account, inputs, name, number,
                              rk_account_words(account, "%s%s%s", price->currency, *unit ? " per " : "", unit), price);
    }
}

void rk_account_input_exchange(rk_account *account, rk_vec *inputs, const rk_price *price)
{
    const rk_exchange *row = rk_plan_exchange_row(account->plan, price->currency);
    if (row) {
        rk_account_input_text(account, inputs, "exchange", number_text(account, &row->rate),
                              rk_account_words(account, "%s per %s", account->plan->currency, row->currency),
                              origin_words(account, &row->rate, "", row->valid_from, row->source));
    }
}

void rk_account_convert(rk_account *account, rk_vec *inputs, const rk_price *price, mpq_t value)
{
    const rk_exchange *row = rk_plan_exchange_row(account->plan, price->currency);
    if (row) {
        rk_rational_mul(value, row->rate.value);
    }
    rk_account_input_exchange(account, inputs, price);
}

void rk_account_person(rk_account *account, rk_vec *inputs, const rk_price *person, mpq_t out, const char **words)
{
    const rk_person_price *p = &person->as.person;
    rk_text text = {0};
    mpq_t other;
    mpq_init(other);
    mpq_set_ui(out, 1, 1);
    rk_rational_set(other, p->overhead.value);
    mpq_add(out, out, other);
    rk_decimal_print(p->month.value, false, &text);
    rk_text_add(&text, " x (1 + ");
    rk_decimal_print(p->overhead.value, false, &text);
    rk_text_add(&text, ") + ");
    rk_decimal_print(p->training_per_month.value, false, &text);
    rk_rational_mul(out, p->month.value);
    rk_rational_set(other, p->training_per_month.value);
    mpq_add(out, out, other);
    rk_account_input_price(account, inputs, "month", &p->month, "month", person);
    rk_account_input_book(account, inputs, "overhead", &p->overhead, "of the pay", person);
    rk_account_input_price(account, inputs, "training_per_month", &p->training_per_month, "month", person);
    rk_account_convert(account, inputs, person, out);
    if (rk_plan_exchange_row(account->plan, person->currency)) {
        rk_text_addf(&text, " %s", person->currency);
    }
    *words = rk_account_keep(account, &text);
    mpq_clear(other);
}

/* ---- booking ---- */

typedef struct {
    int64_t quantity, amount, runs; /* millionths */
    const char *unit_price, *formula;
    const rk_cost_input *inputs;
    uint32_t n_inputs;
} booked;

static rk_status too_large(const rk_entry *entry, rk_error *err)
{
    return rk_fail_at(err, entry->element->at, "element '%.60s' is absurdly large: it does not fit 64-bit millionths",
                      entry->name ? entry->name : entry->element->name);
}

/* "400 + 35 x 2 = 470.0 GB-month x 0.08 USD = 37.6 USD" */
static const char *formula_of(rk_account *account, const rk_entry *entry, const booked *b)
{
    rk_text text = {0};
    const char *currency = account->plan->currency;
    if (entry->quantity_words) {
        rk_text_addf(&text, "%s%s", entry->quantity_words, entry->amount ? "" : " = ");
    }
    if (!entry->amount || !entry->quantity_words) {
        rk_rational_print_micros(b->quantity, &text);
        rk_text_addf(&text, " %s", entry->unit);
    }
    if (!entry->amount) {
        rk_text_addf(&text, " x %s%s%s%s %s", entry->price_words ? "(" : "",
                     entry->price_words ? entry->price_words : "", entry->price_words ? ") = " : "", b->unit_price,
                     currency);
    }
    rk_text_add(&text, " = ");
    rk_money_print_exact((rk_money){b->amount}, &text);
    rk_text_addf(&text, " %s", currency);
    return rk_account_keep(account, &text);
}

static rk_status round_once(rk_account *account, const rk_entry *entry, booked *out, rk_error *err)
{
    rk_text price = {0};
    mpq_t product;
    mpq_init(product);
    bool fits = rk_rational_micros(entry->quantity, &out->quantity) &&
                (!entry->runs || rk_rational_micros(entry->runs, &out->runs));
    if (fits && entry->amount) {
        out->amount = entry->amount->micros;
        rk_money_print_exact(*entry->amount, &price);
    } else if (fits) {
        rk_rational_set_micros(product, out->quantity);
        mpq_mul(product, product, entry->unit_price);
        fits = rk_rational_micros(product, &out->amount);
        rk_rational_print(entry->unit_price, &price);
    }
    mpq_clear(product);
    size_t n = entry->inputs ? entry->inputs->n : 0;
    rk_cost_input *inputs = RK_TAKE(&account->ledger->arena, rk_cost_input, n);
    if (inputs && n) {
        memcpy(inputs, entry->inputs->data, n * sizeof *inputs);
    }
    out->unit_price = rk_account_keep(account, &price);
    out->inputs = inputs;
    out->n_inputs = inputs ? (uint32_t)n : 0;
    if (!fits) {
        return too_large(entry, err);
    }
    out->formula = formula_of(account, entry, out);
    return inputs && !account->failed ? RK_OK : rk_fail_memory(err, "a ledger");
}

/* Lines of nothing are left out. */
static rk_status add_line(rk_account *account, rk_ledger_list list, const rk_entry *entry, const booked *b, uint32_t s,
                          double share, rk_error *err)
{
    const rk_service *service = &account->plan->services[s];
    bool is_fleet = entry->element->kind == NULL;
    bool is_shared = entry->element->target == RK_TARGET_SHARED && !is_fleet; /* machines are split by their work */
    if (b->amount == 0) {
        return RK_OK;
    }
    rk_cost_line line = {.month = entry->m,
                         .service = s,
                         .element = entry->name ? entry->name : entry->element->name,
                         .ordinal = entry->element->ordinal,
                         .cause = entry->element->name,
                         .service_name = service->name,
                         .product_line = service->product_line,
                         .category = entry->category,
                         .layer = entry->element->layer,
                         .behaviour = entry->behaviour,
                         .spend = entry->spend,
                         .is_cash = list == RK_LIST_PAID || (list == RK_LIST_LINES && !entry->is_prepaid),
                         .is_training = entry->runs != NULL,
                         .runs_micros = b->runs,
                         .origin = entry->origin,
                         .driver = entry->driver,
                         .quantity_micros = b->quantity,
                         .unit = entry->unit,
                         .unit_price = b->unit_price,
                         .formula = b->formula,
                         .is_shared = is_shared,
                         .is_fleet = is_fleet,
                         .share = share,
                         .amount = {b->amount},
                         .inputs = b->inputs,
                         .n_inputs = b->n_inputs};
    rk_status status = rk_ledger_add(account->ledger, list, &line, err);
    if (!status && !is_shared && list == RK_LIST_LINES) {
        account->direct[(size_t)s * account->plan->n_months + entry->m] += b->amount; /* no more than the total */
    }
    return status;
}

static rk_status book_one(rk_account *account, rk_ledger_list list, const rk_entry *entry, uint32_t s, rk_error *err)
{
    booked b = {0};
    rk_status status = round_once(account, entry, &b, err);
    return status ? status : add_line(account, list, entry, &b, s, 1, err);
}

/* Weights of the services for a shared element in month m. */
typedef struct {
    uint32_t n;
    mpq_ptr room;    /* [n]; NULL = memory was short */
    mpq_ptr weights; /* NULL = even */
} sharing;

static sharing sharing_of(const rk_account *account, const rk_element *element, uint32_t m)
{
    uint32_t n = account->plan->n_services;
    sharing out = {.n = n, .room = calloc(n, sizeof *out.room)};
    for (uint32_t s = 0; out.room && s < n; s++) {
        mpq_init(out.room + s);
        if (element->share_by == RK_SHARE_DRIVER) {
            rk_driver_amount(element->share_driver, account, s, m, out.room + s);
        } else if (element->share_by == RK_SHARE_MAP) {
            rk_rational_set(out.room + s, element->weights[s].value);
        }
    }
    out.weights = element->share_by == RK_SHARE_EVEN ? NULL : out.room;
    return out;
}

static sharing sharing_by(const rk_account *account, const rk_entry *entry)
{
    sharing out = sharing_of(account, entry->element, entry->m);
    for (uint32_t s = 0; out.room && entry->weights && s < out.n; s++) {
        mpq_set(out.room + s, entry->weights + s);
        out.weights = out.room;
    }
    return out;
}

static void sharing_release(sharing *by)
{
    for (uint32_t s = 0; by->room && s < by->n; s++) {
        mpq_clear(by->room + s);
    }
    free(by->room);
}

rk_status rk_account_share(const rk_account *account, const rk_element *element, uint32_t m, int64_t total,
                           int64_t *parts, rk_error *err)
{
    uint32_t n = account->plan->n_services;
    if (element->target != RK_TARGET_SHARED) {
        for (uint32_t s = 0; s < n; s++) {
            parts[s] = element->target == RK_TARGET_EACH || element->service == s ? total : 0;
        }
        return RK_OK;
    }
    sharing by = sharing_of(account, element, m);
    bool ok = by.room && rk_rational_share(total, by.weights, n, parts);
    sharing_release(&by);
    return ok ? RK_OK : rk_fail_memory(err, "a shared element");
}

static double share_of(mpq_srcptr weights, uint32_t s, uint32_t n)
{
    double share = 1.0 / n;
    mpq_t sum;
    mpq_init(sum);
    for (uint32_t i = 0; weights && i < n; i++) {
        mpq_add(sum, sum, weights + i);
    }
    if (mpq_sgn(sum) != 0) {
        mpq_div(sum, weights + s, sum);
        share = rk_rational_real(sum);
    }
    mpq_clear(sum);
    return share;
}

static const char *share_words(rk_account *account, const rk_entry *entry, const booked *whole, const booked *part)
{
    const rk_element *element = entry->element;
    const char *by = element->share_by == RK_SHARE_EVEN ? "even parts" : "fixed weights";
    rk_text text = {0};
    rk_text_addf(&text, "%s; of this by %s ", whole->formula,
                 entry->weights          ? entry->weights_words
                 : element->share_driver ? rk_driver_share(element->share_driver)
                                         : by);
    rk_rational_print_micros(part->quantity, &text);
    rk_text_addf(&text, " %s = ", entry->unit);
    rk_money_print_exact((rk_money){part->amount}, &text);
    rk_text_addf(&text, " %s", account->plan->currency);
    return rk_account_keep(account, &text);
}

static rk_status book_shared(rk_account *account, rk_ledger_list list, const rk_entry *entry, rk_error *err)
{
    uint32_t n = account->plan->n_services;
    booked whole = {0};
    rk_status status = round_once(account, entry, &whole, err);
    if (status) {
        return status;
    }
    int64_t *quantity = calloc(3 * (size_t)n, sizeof *quantity), *amount = quantity ? quantity + n : NULL;
    int64_t *runs = quantity ? amount + n : NULL;
    sharing by = sharing_by(account, entry);
    bool ok = quantity && by.room && rk_rational_share(whole.quantity, by.weights, n, quantity) &&
              rk_rational_share(whole.amount, by.weights, n, amount) &&
              rk_rational_share(whole.runs, by.weights, n, runs);
    status = ok ? RK_OK : rk_fail_memory(err, "a shared element");
    for (uint32_t s = 0; s < n && !status; s++) {
        booked part = whole;
        part.quantity = quantity[s];
        part.amount = amount[s];
        part.runs = runs[s];
        if (part.amount != 0) {
            part.formula = share_words(account, entry, &whole, &part);
            status = account->failed ? rk_fail_memory(err, "a ledger")
                                     : add_line(account, list, entry, &part, s, share_of(by.weights, s, n), err);
        }
    }
    sharing_release(&by);
    free(quantity);
    return status;
}

static rk_status book_in(rk_account *account, rk_ledger_list list, const rk_entry *entry, rk_error *err)
{
    const rk_element *element = entry->element;
    if (element->target == RK_TARGET_SHARED) {
        return book_shared(account, list, entry, err);
    }
    rk_status status = RK_OK;
    for (uint32_t s = 0; s < account->plan->n_services && !status; s++) {
        if (element->target == RK_TARGET_EACH || element->service == s) {
            status = book_one(account, list, entry, s, err);
        }
    }
    return status;
}

rk_status rk_account_book(rk_account *account, const rk_entry *entry, rk_error *err)
{
    return book_in(account, RK_LIST_LINES, entry, err);
}

rk_status rk_account_book_one(rk_account *account, const rk_entry *entry, uint32_t s, rk_error *err)
{
    return book_one(account, RK_LIST_LINES, entry, s, err);
}

rk_status rk_account_book_filled(rk_account *account, const rk_filling *filling, rk_entry *entry, rk_error *err)
{
    const rk_element *element = entry->element;
    size_t n_common = filling->inputs->n;
    rk_status status = RK_OK;
    if (element->target == RK_TARGET_SHARED) {
        filling->fill(account, filling, RK_ALL_SERVICES, entry);
        return rk_account_book(account, entry, err);
    }
    for (uint32_t s = 0; s < account->plan->n_services && !status; s++) {
        if (element->target == RK_TARGET_EACH || element->service == s) {
            filling->inputs->n = n_common;
            filling->fill(account, filling, s, entry);
            status = book_one(account, RK_LIST_LINES, entry, s, err);
        }
    }
    return status;
}

rk_status rk_account_pay(rk_account *account, const rk_entry *entry, rk_error *err)
{
    return book_in(account, RK_LIST_PAID, entry, err);
}

rk_status rk_account_pay_one(rk_account *account, const rk_entry *entry, uint32_t s, rk_error *err)
{
    return book_one(account, RK_LIST_PAID, entry, s, err);
}

rk_status rk_account_carry(rk_account *account, const rk_entry *entry, rk_error *err)
{
    return book_in(account, RK_LIST_CARRIED, entry, err);
}

/* ---- demand ---- */

mpq_srcptr rk_account_requests(const rk_account *account, uint32_t s, uint32_t m)
{
    return account->requests + (size_t)s * account->plan->n_months + m;
}

/* Requests and GB of one service and month as millionths. */
static bool round_demand(const rk_service *service, mpq_srcptr requests, rk_fleet_month *out)
{
    const rk_decimal giga = {.units = 1, .places = 9};
    mpq_t gb;
    mpq_init(gb);
    mpq_set(gb, requests);
    rk_rational_mul(gb, service->response_bytes.value);
    rk_rational_mul(gb, giga);
    bool fits = rk_rational_micros(requests, &out->requests_micros) && rk_rational_micros(gb, &out->response_gb_micros);
    mpq_clear(gb);
    return fits;
}

rk_status rk_account_init(rk_account *account, rk_ledger *ledger, const rk_run *run, rk_error *err)
{
    const rk_plan *plan = ledger->plan;
    size_t n = (size_t)plan->n_services * plan->n_months;
    *account = (rk_account){.plan = plan, .run = run, .ledger = ledger, .requests = calloc(n, sizeof(mpq_t))};
    for (size_t i = 0; account->requests && i < n; i++) {
        mpq_init(account->requests + i);
        rk_demand_month(plan, &plan->services[i / plan->n_months].traffic, (uint32_t)(i % plan->n_months),
                        account->requests + i);
    }
    account->direct = calloc(n, sizeof *account->direct);
    for (size_t i = 0; account->direct && i < ledger->lines.n; i++) { /* of a ledger that is made already */
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        account->direct[(size_t)line->service * plan->n_months + line->month] +=
            line->is_shared ? 0 : line->amount.micros;
    }
    return account->requests && account->direct ? RK_OK : rk_fail_memory(err, "a ledger");
}

void rk_account_release(rk_account *account)
{
    size_t n = (size_t)account->plan->n_services * account->plan->n_months;
    for (size_t i = 0; account->requests && i < n; i++) {
        mpq_clear(account->requests + i);
    }
    free(account->requests);
    free(account->direct);
}

static rk_status round_demands(rk_account *account, rk_error *err)
{
    const rk_plan *plan = account->plan;
    for (uint32_t s = 0; s < plan->n_services; s++) {
        for (uint32_t m = 0; m < plan->n_months; m++) {
            size_t i = (size_t)s * plan->n_months + m;
            if (!round_demand(&plan->services[s], account->requests + i, &account->ledger->months[i])) {
                return rk_fail_at(err, plan->services[s].at,
                                  "the traffic of '%.60s' grows absurdly large: it does not fit in %s",
                                  plan->services[s].name, account->ledger->month[m]);
            }
        }
    }
    return RK_OK;
}

/* ---- the run ---- */

bool rk_element_is_due(const rk_plan *plan, const rk_element *element, uint32_t m)
{
    bool any = !element->when || element->kind->is_dated;
    for (uint32_t i = 0; !any && i < element->n_when; i++) {
        any = element->when[i].value == plan->start.value + (int32_t)m;
    }
    return any;
}

static rk_status book_element(rk_account *account, const rk_element *element, rk_error *err)
{
    const rk_plan *plan = account->plan;
    rk_status status = element->kind->settle ? element->kind->settle(account, element, err) : RK_OK;
    for (uint32_t m = 0; m < plan->n_months && !status; m++) {
        if (rk_element_is_due(plan, element, m)) {
            status = element->kind->book(account, element, m, err);
        }
    }
    return status;
}

bool rk_element_comes_last(const rk_element *element)
{
    return element->share_driver && rk_driver_is_direct_cost(element->share_driver);
}

static rk_status book_elements(rk_account *account, rk_error *err)
{
    const rk_plan *plan = account->plan;
    rk_status status = RK_OK;
    uint32_t n_done = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t e = 0; e < plan->n_elements && !status; e++) {
            if (rk_element_comes_last(&plan->elements[e]) == (pass == 1)) {
                status = book_element(account, &plan->elements[e], err);
                rk_progress(account->run, "accounting", "elements", ++n_done, plan->n_elements);
            }
        }
    }
    return status;
}

static rk_status account_for(rk_plan *plan, const rk_run *run, rk_ledger **out, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_status status = rk_ledger_new(plan, &ledger, err);
    if (status) {
        return status;
    }
    rk_account account;
    status = rk_account_init(&account, ledger, run, err);
    status = status ? status : round_demands(&account, err);
    status = status ? status : rk_account_fleets(&account, err);
    status = status ? status : book_elements(&account, err);
    status = status ? status : rk_account_units(&account, err);
    rk_account_release(&account);
    if (status) {
        rk_ledger_free(ledger);
        return status;
    }
    *out = ledger;
    return RK_OK;
}

rk_status rk_cost_run(const rk_plan_source *source, const rk_run *run, rk_ledger **out, rk_error *err)
{
    rk_plan *plan = NULL;
    rk_status status = rk_plan_read(source, &plan, err);
    return status ? status : account_for(plan, run, out, err);
}
