/* footprint.c - see footprint.h: booking, owned machines, energy by the unit. Rented machines: footprint_rented.c.
 *
 * Order of rounding: energy to a millionth of a kWh, then emissions = that energy x the grid's grams to a milligram,
 * and what is embodied to a milligram; then all three are shared out by largest remainder, as the ledger does. So the
 * energy of an owned machine is the quantity of its energy line, service by service.
 */
#include "cost/footprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/element.h"
#include "cost/footprint_parts.h"
#include "math/rational.h"

const char *rk_footprint_part_name(rk_footprint_part part)
{
    static const char *const names[] = {"rented machines", "owned machines", "by the unit"};
    return names[part];
}

/* ---- booking ---- */

void rk_footprint_draft_init(rk_footprint_draft *draft, rk_footprint_part part, const char *name, uint32_t m,
                             rk_place at)
{
    *draft = (rk_footprint_draft){
        .part = part, .name = name, .m = m, .at = at, .inputs = {.item_bytes = sizeof(rk_cost_input)}};
    mpq_inits(draft->kwh, draft->embodied_kg, NULL);
}

void rk_footprint_draft_release(rk_footprint_draft *draft)
{
    mpq_clears(draft->kwh, draft->embodied_kg, NULL);
    rk_vec_release(&draft->inputs);
}

typedef struct {
    int64_t kwh_micros, operational_mg, embodied_mg;
} figures;

static bool round_once(const rk_footprint_draft *draft, figures *out)
{
    const rk_decimal kilo = {.units = 1, .places = 3};
    mpq_t kg;
    mpq_init(kg);
    *out = (figures){0};
    bool fits =
        rk_rational_micros(draft->kwh, &out->kwh_micros) && rk_rational_micros(draft->embodied_kg, &out->embodied_mg);
    if (fits && draft->grid) {
        rk_rational_set_micros(kg, out->kwh_micros);
        rk_rational_mul(kg, draft->grid->as.grid.gco2e_per_kwh.value);
        rk_rational_mul(kg, kilo);
        fits = rk_rational_micros(kg, &out->operational_mg);
    }
    mpq_clear(kg);
    return fits;
}

/* "WORDS = 1.5 kWh", and "; this part 0.5 kWh" where it is one. */
static const char *formula(rk_account *account, const char *words, int64_t whole, int64_t part, const char *unit)
{
    rk_text text = {0};
    rk_text_addf(&text, "%s = ", words);
    rk_money_print_exact((rk_money){whole}, &text);
    rk_text_addf(&text, " %s", unit);
    if (part != whole) {
        rk_text_add(&text, "; this part ");
        rk_money_print_exact((rk_money){part}, &text);
        rk_text_addf(&text, " %s", unit);
    }
    return rk_account_keep(account, &text);
}

static const char *operational_words(rk_account *account, const rk_footprint_draft *draft, int64_t kwh_micros)
{
    rk_text text = {0};
    rk_money_print_exact((rk_money){kwh_micros}, &text);
    rk_text_add(&text, " kWh x ");
    rk_decimal_print(draft->grid->as.grid.gco2e_per_kwh.value, false, &text);
    rk_text_addf(&text, " g (%s, %lld) / 1000", draft->grid->key, (long long)draft->grid->year.value.units);
    return rk_account_keep(account, &text);
}

static bool fits_in(rk_footprint_sum *total, const figures *part)
{
    return !__builtin_add_overflow(total->kwh_micros, part->kwh_micros, &total->kwh_micros) &&
           !__builtin_add_overflow(total->operational_mg, part->operational_mg, &total->operational_mg) &&
           !__builtin_add_overflow(total->embodied_mg, part->embodied_mg, &total->embodied_mg) &&
           total->operational_mg <= INT64_MAX - total->embodied_mg;
}

static rk_status too_large(const rk_footprint_draft *draft, rk_error *err)
{
    return rk_fail_at(err, draft->at, "the footprint of '%.60s' is absurdly large: it does not fit 64-bit millionths",
                      draft->name);
}

/* Lines of nothing are left out. */
static rk_status add_line(rk_footprint_maker *maker, const rk_footprint_draft *draft, const rk_cost_input *inputs,
                          const figures *whole, const figures *part, uint32_t s, rk_error *err)
{
    rk_account *account = &maker->account;
    if (part->kwh_micros == 0 && part->operational_mg == 0 && part->embodied_mg == 0) {
        return RK_OK;
    }
    rk_footprint_line line = {.month = draft->m,
                              .service = s,
                              .part = draft->part,
                              .name = draft->name,
                              .kwh_micros = part->kwh_micros,
                              .operational_mg = part->operational_mg,
                              .embodied_mg = part->embodied_mg,
                              .energy = "",
                              .operational = "",
                              .embodied = "",
                              .inputs = inputs,
                              .n_inputs = (uint32_t)draft->inputs.n};
    if (draft->grid) {
        line.energy = formula(account, draft->energy_words, whole->kwh_micros, part->kwh_micros, "kWh");
        line.operational = formula(account, operational_words(account, draft, whole->kwh_micros), whole->operational_mg,
                                   part->operational_mg, "kg");
    }
    if (draft->embodied_words) {
        line.embodied = formula(account, draft->embodied_words, whole->embodied_mg, part->embodied_mg, "kg");
    }
    if (!fits_in(&maker->total, part)) {
        return too_large(draft, err);
    }
    return !account->failed && rk_vec_push(&maker->out->lines, &line) ? RK_OK : rk_fail_memory(err, "a footprint");
}

/* parts[3 x n_services]: energy, operational, embodied. */
static rk_status share(const rk_footprint_maker *maker, const rk_footprint_draft *draft, const rk_element *element,
                       const figures *whole, int64_t *parts, rk_error *err)
{
    const rk_account *account = &maker->account;
    uint32_t n = account->plan->n_services;
    rk_status status = rk_account_share(account, element, draft->m, whole->kwh_micros, parts, err);
    status = status ? status : rk_account_share(account, element, draft->m, whole->operational_mg, parts + n, err);
    return status ? status
                  : rk_account_share(account, element, draft->m, whole->embodied_mg, parts + 2 * (size_t)n, err);
}

rk_status rk_footprint_book(rk_footprint_maker *maker, rk_footprint_draft *draft, const rk_element *element, uint32_t s,
                            rk_error *err)
{
    figures whole;
    if (!round_once(draft, &whole)) {
        return too_large(draft, err);
    }
    size_t n_inputs = draft->inputs.n;
    rk_cost_input *inputs = RK_TAKE(&maker->account.ledger->arena, rk_cost_input, n_inputs);
    if (!inputs) {
        return rk_fail_memory(err, "a footprint");
    }
    if (n_inputs) {
        memcpy(inputs, draft->inputs.data, n_inputs * sizeof *inputs);
    }
    if (!element) {
        return add_line(maker, draft, inputs, &whole, &whole, s, err);
    }
    uint32_t n = maker->account.plan->n_services;
    int64_t *parts = calloc(3 * (size_t)n, sizeof *parts);
    rk_status status = parts ? share(maker, draft, element, &whole, parts, err) : rk_fail_memory(err, "a footprint");
    for (uint32_t i = 0; i < n && !status; i++) {
        figures part = {parts[i], parts[n + i], parts[2 * (size_t)n + i]};
        status = add_line(maker, draft, inputs, &whole, &part, i, err);
    }
    free(parts);
    return status;
}

rk_status rk_footprint_omit(rk_footprint_maker *maker, rk_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *kept = rk_arena_words(&maker->account.ledger->arena, fmt, args);
    va_end(args);
    for (size_t i = 0; kept && i < maker->out->omitted.n; i++) {
        if (strcmp(rk_footprint_omitted(maker->out, i), kept) == 0) {
            return RK_OK;
        }
    }
    return kept && rk_vec_push(&maker->out->omitted, &kept) ? RK_OK : rk_fail_memory(err, "a footprint");
}

/* ---- what all parts need ---- */

rk_status rk_footprint_pue(rk_footprint_maker *maker, rk_footprint_draft *draft, const char *what, rk_error *err)
{
    const rk_number *pue = &maker->keys->pue;
    if (!pue->is_set) {
        return rk_fail_at(err, maker->keys->at, "the footprint of %.100s needs the key 'pue' under 'footprint'", what);
    }
    rk_rational_mul(draft->kwh, pue->value);
    rk_account_input(&maker->account, &draft->inputs, "pue", pue, "");
    return RK_OK;
}

rk_status rk_footprint_grid(const rk_footprint_maker *maker, const rk_service *service, const rk_price **out,
                            rk_error *err)
{
    const rk_price *machine = service->fleet.price;
    *out = service->grid ? service->grid : maker->keys->grid;
    if (*out) {
        return RK_OK;
    }
    if (machine && machine->region) {
        return rk_prices_need(maker->account.plan->prices, machine->region, RK_FACTOR_GRID, service->fleet.at, out,
                              err);
    }
    return rk_fail_at(err, service->at, "the footprint of '%.60s' needs a 'grid', of the service or under 'footprint'",
                      service->name);
}

static void grid_input(rk_footprint_maker *maker, rk_footprint_draft *draft)
{
    rk_account_input_book(&maker->account, &draft->inputs, "gco2e_per_kwh", &draft->grid->as.grid.gco2e_per_kwh,
                          "g per kWh", draft->grid);
}

/* ---- owned machines ---- */

static rk_status owned_energy(rk_footprint_maker *maker, const rk_element *element, const rk_owned *owned,
                              rk_footprint_draft *draft, rk_error *err)
{
    if (!owned->asset->as.asset.power_kw.is_set) {
        return rk_footprint_omit(maker, err, "energy of '%s': '%s' has no power_kw (%s:%zu)", element->name, owned->own,
                                 owned->asset->at.path, owned->asset->at.line);
    }
    draft->grid = owned->feeder ? owned->feeder : maker->keys->grid;
    if (!draft->grid) {
        return rk_fail_at(err, element->at,
                          "the footprint of '%.60s' needs a 'grid', of the element or under 'footprint'",
                          element->name);
    }
    rk_owned_kwh(owned, maker->account.plan, draft->m, draft->kwh);
    draft->energy_words = rk_owned_kwh_words(&maker->account, owned, draft->m);
    rk_owned_kwh_inputs(&maker->account, &draft->inputs, owned);
    grid_input(maker, draft);
    return RK_OK;
}

/* An equal part of what it embodies in every month of its life, as it depreciates in a straight line. */
static rk_status owned_embodied(rk_footprint_maker *maker, const rk_element *element, const rk_owned *owned,
                                rk_footprint_draft *draft, rk_error *err)
{
    rk_account *account = &maker->account;
    const rk_asset_price *asset = &owned->asset->as.asset;
    int64_t k = rk_owned_age(owned, account->plan, draft->m), life = asset->life_months.value.units;
    if (!asset->embodied_kg.is_set) {
        return rk_footprint_omit(maker, err, "what '%s' embodies: '%s' has no embodied_kg (%s:%zu)", element->name,
                                 owned->own, owned->asset->at.path, owned->asset->at.line);
    }
    if (k < 1 || k > life) {
        return RK_OK;
    }
    mpq_set_si(draft->embodied_kg, 1, (unsigned long)life);
    rk_rational_mul(draft->embodied_kg, owned->count.value);
    rk_rational_mul(draft->embodied_kg, asset->embodied_kg.value);
    rk_text words = {0};
    rk_decimal_print(owned->count.value, false, &words);
    rk_text_add(&words, " x ");
    rk_decimal_print(asset->embodied_kg.value, false, &words);
    rk_text_addf(&words, " kg / %lld months, month %lld", (long long)life, (long long)k);
    draft->embodied_words = rk_account_keep(account, &words);
    rk_account_input_book(account, &draft->inputs, "embodied_kg", &asset->embodied_kg, "kg", owned->asset);
    rk_account_input_book(account, &draft->inputs, "life_months", &asset->life_months, "months", owned->asset);
    return RK_OK;
}

static rk_status owned_month(rk_footprint_maker *maker, const rk_element *element, uint32_t m, rk_error *err)
{
    const rk_owned *owned = rk_element_owned(element);
    rk_footprint_draft draft;
    rk_footprint_draft_init(&draft, RK_OWNED, element->name, m, element->at);
    rk_status status = owned_energy(maker, element, owned, &draft, err);
    status = status ? status : owned_embodied(maker, element, owned, &draft, err);
    status = status ? status : rk_footprint_book(maker, &draft, element, 0, err);
    rk_footprint_draft_release(&draft);
    return status;
}

static rk_status add_owned(rk_footprint_maker *maker, rk_error *err)
{
    const rk_plan *plan = maker->account.plan;
    rk_status status = RK_OK;
    for (uint32_t e = 0; e < plan->n_elements && !status; e++) {
        const rk_element *element = &plan->elements[e];
        for (uint32_t m = 0; m < plan->n_months && rk_element_owned(element) && !status; m++) {
            status = rk_element_is_due(plan, element, m) ? owned_month(maker, element, m, err) : RK_OK;
        }
    }
    return status;
}

/* Machines that elements rent by the hour: how busy they are nobody says. */
static rk_status omit_hired(rk_footprint_maker *maker, rk_error *err)
{
    const rk_plan *plan = maker->account.plan;
    rk_status status = RK_OK;
    for (uint32_t e = 0; e < plan->n_elements && !status; e++) {
        const rk_element *element = &plan->elements[e];
        if (element->kind->hires_machines) {
            status = rk_footprint_omit(maker, err, "the machines that '%s' rents by the hour", element->name);
        }
    }
    return status;
}

/* ---- energy by the unit ---- */

static const rk_unit_energy *find_unit(const rk_footprint_keys *keys, const rk_cost_line *line)
{
    for (uint32_t i = 0; i < keys->n_units; i++) {
        const rk_price *rate = keys->units[i].rate;
        if (strcmp(rate->key, line->driver) == 0 && strcmp(rate->as.rate.unit, line->unit) == 0) {
            return &keys->units[i];
        }
    }
    return NULL;
}

static rk_status add_unit_line(rk_footprint_maker *maker, const rk_cost_line *line, const rk_unit_energy *unit,
                               rk_error *err)
{
    rk_account *account = &maker->account;
    const rk_service *service = &account->plan->services[line->service];
    const rk_energy_factor *energy = &unit->energy->as.energy;
    rk_footprint_draft draft;
    rk_text words = {0};
    rk_footprint_draft_init(&draft, RK_BY_UNIT, line->element, line->month, unit->at);
    rk_rational_set_micros(draft.kwh, line->quantity_micros);
    rk_rational_mul(draft.kwh, energy->kwh.value);
    rk_money_print_exact((rk_money){line->quantity_micros}, &words);
    rk_text_addf(&words, " %s x ", line->unit);
    rk_decimal_print(energy->kwh.value, false, &words);
    rk_account_input_text(account, &draft.inputs, "quantity", line->id, line->unit, "this line of the ledger");
    rk_account_input_book(account, &draft.inputs, "kwh", &energy->kwh, "kWh", unit->energy);
    rk_status status = RK_OK;
    if (energy->pue) {
        status = rk_footprint_pue(maker, &draft, unit->energy->key, err);
        rk_text_add(&words, " x ");
        rk_decimal_print(maker->keys->pue.value, false, &words);
    }
    draft.energy_words = rk_account_keep(account, &words);
    status = status ? status : rk_footprint_grid(maker, service, &draft.grid, err);
    if (!status) {
        grid_input(maker, &draft);
        status = rk_footprint_book(maker, &draft, NULL, line->service, err);
    }
    rk_footprint_draft_release(&draft);
    return status;
}

/* Bytes stored and sent want energy; nobody said how much. */
static rk_status omit_bytes(rk_footprint_maker *maker, const rk_cost_line *line, rk_error *err)
{
    bool of_bytes = strcmp(line->unit, "GB") == 0 || strcmp(line->unit, "GB-month") == 0;
    return of_bytes ? rk_footprint_omit(maker, err, "energy of '%s' (%s): it is not named in 'energy_of'", line->driver,
                                        line->unit)
                    : RK_OK;
}

static rk_status add_units(rk_footprint_maker *maker, rk_error *err)
{
    const rk_ledger *ledger = maker->account.ledger;
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < maker->keys->n_units && !status; i++) {
        const rk_price *rate = maker->keys->units[i].rate;
        status = rate->as.rate.price.value.units == 0
                     ? rk_footprint_omit(maker, err,
                                         "energy of '%s': it costs nothing, and what costs nothing has no line "
                                         "in the ledger (%s:%zu)",
                                         rate->key, rate->at.path, rate->at.line)
                     : RK_OK;
    }
    for (size_t i = 0; i < ledger->lines.n && !status; i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        const rk_unit_energy *unit = find_unit(maker->keys, line);
        status = unit ? add_unit_line(maker, line, unit, err) : omit_bytes(maker, line, err);
    }
    return status;
}

/* ---- the whole ---- */

static rk_status make(rk_footprint_maker *maker, rk_error *err)
{
    rk_status status = rk_footprint_rented(maker, err);
    status = status ? status : add_owned(maker, err);
    status = status ? status : omit_hired(maker, err);
    return status ? status : add_units(maker, err);
}

rk_status rk_footprint_make(rk_ledger *ledger, const rk_run *run, rk_footprint **out, rk_error *err)
{
    const rk_footprint_keys nothing = {.at = {.path = ledger->plan->path}};
    rk_footprint_maker maker = {.keys = ledger->plan->footprint ? ledger->plan->footprint : &nothing,
                                .out = calloc(1, sizeof *maker.out)};
    if (!maker.out) {
        return rk_fail_memory(err, "a footprint");
    }
    maker.out->ledger = ledger;
    maker.out->lines.item_bytes = sizeof(rk_footprint_line);
    maker.out->omitted.item_bytes = sizeof(const char *);
    rk_status status = rk_account_init(&maker.account, ledger, run, err);
    status = status ? status : make(&maker, err);
    rk_account_release(&maker.account);
    if (status) {
        rk_footprint_free(maker.out);
        return status;
    }
    *out = maker.out;
    return RK_OK;
}

void rk_footprint_free(rk_footprint *footprint)
{
    if (footprint) {
        rk_vec_release(&footprint->lines);
        rk_vec_release(&footprint->omitted);
        free(footprint);
    }
}
