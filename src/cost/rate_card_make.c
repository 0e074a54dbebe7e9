/* rate_card_make.c - a rate card out of a plan.
 *
 *   cpu second            = hour price / (capacity x utilisation x 3600) / cpu seconds of a request
 *                         = hour price / (vcpu x 3600 x share of the processors that is busy at the planned load)
 *   cpu second with idle  = what the fleet costs / (requests served x cpu seconds of a request)
 *   GB                    = variable lines counted in GB / GB answered
 *   request               = other variable lines / requests
 *   request share         = all lines that are neither / requests
 *
 * So all requests of the plan, at their processor time, come to the ledger's marginal cost, and in full to all lines of
 * the service, but for the rounding of the rates. Without a processor time a machine is taken to be busy on every vcpu
 * at its capacity.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/account.h"
#include "cost/ledger_parts.h"
#include "cost/rate_card.h"
#include "math/rational.h"

typedef struct {
    const rk_plan_source *source;
    const rk_run *run;
    rk_rate_card *card;
    rk_error *err;
} maker;

/* What a service uses and costs over the whole plan. */
typedef struct {
    const rk_ledger *ledger;
    const rk_service *service;
    uint32_t s;
    mpq_t cpu_s;                                 /* of a request */
    mpq_t requests, served, gb;                  /* served: what max machines leave unanswered is not */
    mpq_t machines, by_gb, by_request, the_rest; /* money: together all lines of the service */
    mpq_t marginal;                              /* money of all requests at the ledger's marginal cost */
    mpq_t part[RK_RATE_PARTS][RK_N_CATEGORIES];  /* money of by_gb, by_request and the_rest */
} totals;

#define NUMBERS(t)                                                                                                     \
    (t).cpu_s, (t).requests, (t).served, (t).gb, (t).machines, (t).by_gb, (t).by_request, (t).the_rest, (t).marginal

static const char *keep(maker *m, const char *words) { return rk_arena_copy(&m->card->arena, words, strlen(words)); }

/* What the card does not say; the same words once. */
RK_PRINTF(2, 3) static rk_status note(maker *m, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *kept = rk_arena_words(&m->card->arena, fmt, args);
    va_end(args);
    for (size_t i = 0; kept && i < m->card->notes.n; i++) {
        if (strcmp(((const char *const *)m->card->notes.data)[i], kept) == 0) {
            return RK_OK;
        }
    }
    return kept && rk_vec_push(&m->card->notes, &kept) ? RK_OK : rk_fail_memory(m->err, "a rate card");
}

/* ---- totals ---- */

static void add_micros(mpq_t sum, int64_t micros)
{
    mpq_t part;
    mpq_init(part);
    rk_rational_set_micros(part, micros);
    mpq_add(sum, sum, part);
    mpq_clear(part);
}

/* "search machine on demand" of the service search or of the fleet it shares, on one of its machines */
static bool is_of_fleet(const rk_service *service, const rk_cost_line *line)
{
    static const char word[] = " machine ";
    const char *name = service->fleet.name ? service->fleet.name : service->name;
    size_t n = strlen(name);
    bool is_its_machine = false;
    for (uint32_t k = 0; k <= service->fleet.n_others; k++) {
        is_its_machine = is_its_machine || strcmp(line->driver, rk_fleet_kind_at(&service->fleet, k).machine) == 0;
    }
    return is_its_machine && strcmp(line->unit, "machine-hour") == 0 && strncmp(line->element, name, n) == 0 &&
           strncmp(line->element + n, word, sizeof word - 1) == 0;
}

static void add_lines(totals *t)
{
    for (size_t i = 0; i < t->ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(t->ledger, i);
        bool is_variable = line->behaviour == RK_VARIABLE;
        if (line->service == t->s) {
            if (is_of_fleet(t->service, line)) {
                add_micros(t->machines, line->amount.micros);
                continue;
            }
            rk_rate_part part = !is_variable                    ? RK_RATE_SHARE
                                : strcmp(line->unit, "GB") == 0 ? RK_RATE_GB
                                                                : RK_RATE_REQUEST;
            mpq_ptr sums[RK_RATE_PARTS] = {t->by_gb, t->by_request, t->the_rest};
            add_micros(sums[part], line->amount.micros);
            add_micros(t->part[part][line->category], line->amount.micros);
        }
    }
}

static void add_months(totals *t)
{
    uint32_t n_months = t->ledger->plan->n_months;
    for (uint32_t m = 0; m < n_months; m++) {
        const rk_fleet_month *month = &t->ledger->services[t->s].months[m];
        add_micros(t->requests, month->requests_micros);
        add_micros(t->served, month->requests_micros - month->shortfall_micros);
        add_micros(t->gb, month->response_gb_micros);
        mpq_add(t->marginal, t->marginal, t->ledger->units[(size_t)t->s * n_months + m].marginal);
    }
}

/* Processor seconds of a request; without a figure those of machines that are all busy at their capacity. */
static rk_status find_cpu(maker *m, totals *t)
{
    const rk_decimal milli = {.units = 1, .places = 3};
    const rk_service *service = t->service;
    const rk_price *machine = service->fleet.price;
    if (service->cpu_ms_per_request.value.units > 0) {
        rk_rational_set(t->cpu_s, service->cpu_ms_per_request.value);
        rk_rational_mul(t->cpu_s, milli);
        return RK_OK;
    }
    if (!machine->as.machine.vcpu.is_set) {
        return rk_fail_at(m->err, service->fleet.at,
                          "the rates of '%.60s' need its cpu_ms_per_request, or the vcpu of '%.60s' (%s:%zu)",
                          service->name, machine->key, machine->at.path, machine->at.line);
    }
    rk_rational_set(t->cpu_s, machine->as.machine.vcpu.value);
    mpq_div(t->cpu_s, t->cpu_s, service->capacity.rps);
    return note(
        m, "nobody measured the processor time of '%s': its machines are taken to be busy on every vcpu at capacity",
        service->name);
}

/* ---- rates ---- */

/* out = 10^9 x money / units, half-even; 0 without units. */
static bool nanos_of(const mpq_t money, const mpq_t units, int64_t *out)
{
    mpq_t value, kilo;
    if (mpq_sgn(units) == 0) {
        *out = 0;
        return true;
    }
    mpq_inits(value, kilo, NULL);
    mpq_set_ui(kilo, 1000, 1);
    mpq_div(value, money, units);
    mpq_mul(value, value, kilo);
    bool fits = rk_rational_micros(value, out) && *out <= RK_RATE_NANOS_MAX;
    mpq_clears(value, kilo, NULL);
    return fits;
}

/* An hour of the machine, and 730 of them by its memory. */
static bool machine_rates(const totals *t, rk_rates *out)
{
    const rk_fleet *fleet = &t->service->fleet;
    const rk_hour_price *option = fleet->on_demand ? fleet->on_demand : fleet->reserved;
    mpq_t money, units;
    mpq_inits(money, units, NULL);
    rk_plan_exchange(t->ledger->plan, fleet->price->currency, money);
    rk_rational_mul(money, option->hour.value);
    mpq_set_ui(units, 1, 1);
    bool fits = nanos_of(money, units, &out->machine_hour_nanos);
    mpq_set_ui(units, 730, 1);
    mpq_mul(money, money, units);
    rk_rational_set(units, fleet->price->as.machine.memory_gib.value);
    fits = fits && nanos_of(money, units, &out->memory_gib_month_nanos);
    mpq_clears(money, units, NULL);
    return fits;
}

/* The rates beside machine time, each split by the money of its categories. A refund is no part of a rate. */
static rk_status split_rates(maker *m, totals *t, rk_rates *out)
{
    const int64_t whole[RK_RATE_PARTS] = {out->gb_nanos, out->request_nanos, out->request_share_nanos};
    bool kept = true;
    for (int p = 0; p < RK_RATE_PARTS && kept; p++) {
        for (int c = 0; c < RK_N_CATEGORIES; c++) {
            if (mpq_sgn(t->part[p][c]) < 0) {
                mpq_set_ui(t->part[p][c], 0, 1);
            }
        }
        kept = whole[p] <= 0 || rk_rational_share(whole[p], t->part[p][0], RK_N_CATEGORIES, out->by_category[p]);
    }
    return kept ? RK_OK : rk_fail_memory(m->err, "a rate card");
}

static bool fill_rates(const totals *t, rk_rates *out)
{
    mpq_t money, seconds;
    mpq_inits(money, seconds, NULL);
    rk_account_machine_time(t->ledger->plan, t->service, money);
    bool fits = nanos_of(money, t->cpu_s, &out->cpu_second_nanos);
    mpq_mul(seconds, t->served, t->cpu_s);
    fits = fits && nanos_of(t->machines, seconds, &out->cpu_second_with_idle_nanos);
    fits = fits && nanos_of(t->by_gb, t->gb, &out->gb_nanos);
    fits = fits && nanos_of(t->by_request, t->requests, &out->request_nanos);
    fits = fits && nanos_of(t->the_rest, t->requests, &out->request_share_nanos);
    fits = fits && machine_rates(t, out);
    mpq_clears(money, seconds, NULL);
    out->cpu_ms_per_request = 1000 * rk_rational_real(t->cpu_s);
    out->response_bytes = t->service->response_bytes.is_set ? rk_decimal_real(t->service->response_bytes.value) : 0;
    return fits;
}

/* sum += units x nanos, in money */
static void add_priced(mpq_t sum, const mpq_t units, int64_t nanos)
{
    const rk_decimal nano = {.units = 1, .places = 9};
    mpq_t part;
    mpq_init(part);
    mpq_set_si(part, nanos, 1);
    rk_rational_mul(part, nano);
    mpq_mul(part, part, units);
    mpq_add(sum, sum, part);
    mpq_clear(part);
}

static bool fill_check(const totals *t, const rk_rates *rates, rk_rate_check *out)
{
    mpq_t sum, seconds;
    mpq_inits(sum, seconds, NULL);
    mpq_mul(seconds, t->requests, t->cpu_s);
    add_priced(sum, seconds, rates->cpu_second_nanos);
    add_priced(sum, t->gb, rates->gb_nanos);
    add_priced(sum, t->requests, rates->request_nanos);
    bool fits =
        rk_rational_micros(sum, &out->marginal_by_card) && rk_rational_micros(t->marginal, &out->marginal_by_ledger);
    mpq_set_ui(sum, 0, 1);
    mpq_mul(seconds, t->served, t->cpu_s);
    add_priced(sum, seconds, rates->cpu_second_with_idle_nanos);
    add_priced(sum, t->gb, rates->gb_nanos);
    add_priced(sum, t->requests, rates->request_nanos);
    add_priced(sum, t->requests, rates->request_share_nanos);
    fits = fits && rk_rational_micros(sum, &out->full_by_card);
    mpq_add(sum, t->machines, t->by_gb);
    mpq_add(sum, sum, t->by_request);
    mpq_add(sum, sum, t->the_rest);
    fits = fits && rk_rational_micros(sum, &out->full_by_ledger);
    mpq_clears(sum, seconds, NULL);
    return fits;
}

/* More processor time than the machines have: a figure of another machine. */
static rk_status note_busy(maker *m, const totals *t)
{
    const rk_number *vcpu = &t->service->fleet.price->as.machine.vcpu;
    mpq_t busy, have;
    mpq_inits(busy, have, NULL);
    mpq_mul(busy, t->cpu_s, t->service->capacity.rps);
    rk_rational_set(have, vcpu->value);
    bool is_more = vcpu->is_set && mpq_cmp(busy, have) > 0;
    mpq_clears(busy, have, NULL);
    return is_more
               ? note(m,
                      "at its capacity '%s' would use more processors than its machine has: cpu_ms_per_request or the "
                      "capacity is of another machine",
                      t->service->name)
               : RK_OK;
}

static rk_status price(maker *m, totals *t)
{
    const rk_service *service = t->service;
    rk_rates rates = {.service = keep(m, service->name), .machine = keep(m, service->fleet.machine)};
    rk_rate_check check = {0};
    rk_status status = find_cpu(m, t);
    status = status ? status : note_busy(m, t);
    if (status) {
        return status;
    }
    add_lines(t);
    add_months(t);
    if (!fill_rates(t, &rates) || !fill_check(t, &rates, &check)) {
        return rk_fail_at(m->err, service->at, "the rates of '%.60s' are absurdly large: they do not fit",
                          service->name);
    }
    status = split_rates(m, t, &rates);
    if (status) {
        return status;
    }
    rates.variant = service->variant ? keep(m, service->variant->name) : NULL;
    bool kept = rates.service && rates.machine && (rates.variant || !service->variant);
    return kept && rk_vec_push(&m->card->rates, &rates) && rk_vec_push(&m->card->checks, &check)
               ? RK_OK
               : rk_fail_memory(m->err, "a rate card");
}

static rk_status price_service(maker *m, const rk_ledger *ledger, uint32_t s)
{
    const rk_service *service = &ledger->plan->services[s];
    totals t = {.ledger = ledger, .service = service, .s = s};
    if (!service->fleet.machine) {
        return note(m, "'%s' has no fleet: its requests are not priced", service->name);
    }
    if (!service->fleet.on_demand && !service->fleet.reserved) {
        return note(m, "'%s' has no price of a machine-hour: its requests are not priced", service->name);
    }
    mpq_inits(NUMBERS(t), NULL);
    for (int i = 0; i < RK_RATE_PARTS * RK_N_CATEGORIES; i++) {
        mpq_init(t.part[i / RK_N_CATEGORIES][i % RK_N_CATEGORIES]);
    }
    rk_status status = price(m, &t);
    for (int i = 0; i < RK_RATE_PARTS * RK_N_CATEGORIES; i++) {
        mpq_clear(t.part[i / RK_N_CATEGORIES][i % RK_N_CATEGORIES]);
    }
    mpq_clears(NUMBERS(t), NULL);
    return status;
}

/* ---- variants ---- */

/* The plan with another variant of one of its services. */
static rk_status price_variant(maker *m, const rk_service *service, uint32_t s, const char *variant)
{
    size_t n = m->source->n_changes;
    const char **changes = malloc((n + 1) * sizeof *changes);
    rk_text change = {0};
    rk_ledger *ledger = NULL;
    rk_text_addf(&change, "services.%s.variant=", service->name);
    rk_text_add_json(&change, rk_slice_of(variant));
    if (!changes || change.failed) {
        free(changes);
        rk_text_release(&change);
        return rk_fail_memory(m->err, "a rate card");
    }
    for (size_t i = 0; i < n; i++) {
        changes[i] = m->source->changes[i];
    }
    changes[n] = change.at;
    rk_plan_source source = *m->source;
    source.changes = changes;
    source.n_changes = n + 1;
    rk_status status = rk_cost_run(&source, m->run, &ledger, m->err);
    status = status ? status : price_service(m, ledger, s);
    rk_ledger_free(ledger);
    free(changes);
    rk_text_release(&change);
    return status;
}

static rk_status price_all(maker *m, const rk_ledger *ledger)
{
    const rk_plan *plan = ledger->plan;
    rk_status status = RK_OK;
    for (uint32_t s = 0; s < plan->n_services && !status; s++) {
        const rk_service *service = &plan->services[s];
        status = price_service(m, ledger, s);
        for (uint32_t v = 0; v < service->n_variants && service->fleet.machine && !status; v++) {
            if (&service->variants[v] != service->variant) {
                status = price_variant(m, service, s, service->variants[v].name);
            }
        }
    }
    if (!status && m->card->rates.n == 0) {
        status = rk_fail(m->err, RK_BAD_INPUT, "%s: no service has a fleet whose hours could be priced", plan->path);
    }
    return status;
}

rk_status rk_rate_card_make(const rk_plan_source *source, const rk_run *run, rk_rate_card *out, rk_error *err)
{
    rk_ledger *ledger = NULL;
    maker m = {source, run, out, err};
    rk_status status = rk_cost_run(source, run, &ledger, err);
    if (status) {
        return status;
    }
    rk_rate_card_init(out);
    out->plan = keep(&m, rk_ledger_name(ledger));
    out->currency = keep(&m, rk_ledger_currency(ledger));
    out->first_month = keep(&m, rk_ledger_month(ledger, 0));
    out->last_month = keep(&m, rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1));
    bool kept = out->plan && out->currency && out->first_month && out->last_month;
    status = kept ? price_all(&m, ledger) : rk_fail_memory(err, "a rate card");
    if (status) {
        rk_rate_card_release(out);
    }
    rk_ledger_free(ledger);
    return status;
}
