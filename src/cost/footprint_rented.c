/* footprint_rented.c - energy of the machines of a fleet, and what they embody.
 *
 *   kWh = (paid hours x idle W + hours at work x (full W - idle W)) / 1000 x PUE
 *   kg  = embodied kg of the server x paid hours / (life_months x 730 h) x vcpu / vcpu of the server
 *
 * Hours at work are those that the served requests fill at the capacity inside the objective: paid hours less idle
 * ones, as the ledger has them. A machine at that capacity is taken to draw its full power, which is on the high side.
 * Idle and full watts are vcpu x those of the kind of processor, and on both the memory beyond what these include; or
 * power_kw of the entry.
 */
#include "cost/footprint_parts.h"
#include "math/rational.h"

enum { HOURS_A_MONTH = 730 }; /* 8,760 / 12 */

typedef struct {
    rk_footprint_maker *maker;
    const rk_service *service;
    uint32_t s, k;      /* kind k of its fleet */
    rk_fleet_kind kind;
    const rk_price *grid, *processor, *server; /* the last two may be NULL */
    mpq_t idle, rise;                          /* watts of one machine, and how many more at full load */
} fleet;

static const rk_machine_price *machine_of(const fleet *f) { return &f->kind.price->as.machine; }

/* ---- watts ---- */

static rk_status need_vcpu(const fleet *f, const char *what, rk_error *err)
{
    const rk_price *price = f->kind.price;
    return machine_of(f)->vcpu.is_set ? RK_OK
                                      : rk_fail_at(err, f->kind.at,
                                                   "%s of '%.60s' is counted by 'vcpu', which '%.60s' lacks (%s:%zu)",
                                                   what, f->service->name, price->key, price->at.path, price->at.line);
}

/* idle += max(0, memory - memory that the processor's watts include) x watts_per_gib */
static rk_status add_memory(fleet *f, rk_error *err)
{
    const rk_machine_price *machine = machine_of(f);
    const rk_processor_factor *processor = &f->processor->as.processor;
    if (!machine->memory_gib.is_set || !processor->watts_per_gib.is_set) {
        return rk_footprint_omit(f->maker, err, "energy of the memory of %s beyond its processor's: no %s",
                                 f->kind.machine,
                                 machine->memory_gib.is_set ? "watts_per_gib" : "memory_gib");
    }
    mpq_t beyond, included;
    mpq_inits(beyond, included, NULL);
    rk_rational_set(beyond, machine->memory_gib.value);
    rk_rational_set(included, processor->memory_gib_per_vcpu.value);
    rk_rational_mul(included, machine->vcpu.value);
    mpq_sub(beyond, beyond, included);
    rk_rational_mul(beyond, processor->watts_per_gib.value);
    if (mpq_sgn(beyond) > 0) {
        mpq_add(f->idle, f->idle, beyond);
    }
    mpq_clears(beyond, included, NULL);
    return RK_OK;
}

static rk_status watts_of_processor(fleet *f, rk_error *err)
{
    const rk_machine_price *machine = machine_of(f);
    const rk_processor_factor *processor = &f->processor->as.processor;
    rk_status status = need_vcpu(f, "the energy", err);
    if (status) {
        return status;
    }
    rk_rational_set(f->idle, processor->idle_watts.value);
    rk_rational_set(f->rise, processor->full_watts.value);
    mpq_sub(f->rise, f->rise, f->idle);
    rk_rational_mul(f->idle, machine->vcpu.value);
    rk_rational_mul(f->rise, machine->vcpu.value);
    return add_memory(f, err);
}

static void watts_of_machine(fleet *f)
{
    const rk_machine_price *machine = machine_of(f);
    const rk_number *idle = machine->idle_kw.is_set ? &machine->idle_kw : &machine->power_kw;
    mpq_t kilo;
    mpq_init(kilo);
    mpq_set_ui(kilo, 1000, 1);
    rk_rational_set(f->idle, idle->value);
    rk_rational_set(f->rise, machine->power_kw.value);
    mpq_sub(f->rise, f->rise, f->idle);
    mpq_mul(f->idle, f->idle, kilo);
    mpq_mul(f->rise, f->rise, kilo);
    mpq_clear(kilo);
}

static rk_status find_factors(fleet *f, rk_error *err)
{
    const rk_footprint_keys *keys = f->maker->keys;
    const rk_price *price = f->kind.price;
    const rk_machine_price *machine = machine_of(f);
    const rk_prices *prices = f->maker->account.plan->prices;
    rk_status status = rk_footprint_grid(f->maker, f->service, &f->grid, err);
    f->processor = keys->processor;
    f->server = keys->server;
    if (!status && machine->processor) {
        status = rk_prices_need(prices, machine->processor, RK_FACTOR_PROCESSOR, price->at, &f->processor, err);
    }
    if (!status && machine->server) {
        status = rk_prices_need(prices, machine->server, RK_FACTOR_SERVER, price->at, &f->server, err);
    }
    if (status) {
        return status;
    }
    if (machine->power_kw.is_set) {
        watts_of_machine(f);
        return RK_OK;
    }
    if (!f->processor) {
        return rk_fail_at(err, f->kind.at,
                          "the footprint of '%.60s' needs a 'processor' or 'power_kw' in its entry (%s:%zu), or a "
                          "'processor' under 'footprint'",
                          price->key, price->at.path, price->at.line);
    }
    return watts_of_processor(f, err);
}

/* ---- inputs and words ---- */

static void energy_inputs(const fleet *f, rk_vec *inputs)
{
    rk_account *account = &f->maker->account;
    const rk_price *price = f->kind.price;
    const rk_machine_price *machine = machine_of(f);
    if (machine->power_kw.is_set) {
        rk_account_input_book(account, inputs, "power_kw", &machine->power_kw, "kW", price);
        rk_account_input_book(account, inputs, "idle_kw", &machine->idle_kw, "kW", price);
    } else {
        const rk_processor_factor *processor = &f->processor->as.processor;
        rk_account_input_book(account, inputs, "vcpu", &machine->vcpu, "", price);
        rk_account_input_book(account, inputs, "memory_gib", &machine->memory_gib, "GiB", price);
        rk_account_input_book(account, inputs, "idle_watts", &processor->idle_watts, "W", f->processor);
        rk_account_input_book(account, inputs, "full_watts", &processor->full_watts, "W", f->processor);
        rk_account_input_book(account, inputs, "memory_gib_per_vcpu", &processor->memory_gib_per_vcpu, "GiB",
                              f->processor);
        rk_account_input_book(account, inputs, "watts_per_gib", &processor->watts_per_gib, "W", f->processor);
    }
    rk_account_input_book(account, inputs, "gco2e_per_kwh", &f->grid->as.grid.gco2e_per_kwh, "g per kWh", f->grid);
}

/* "(1440 h x 2.552 W + 372 h x 13.2936 W) / 1000 x 1.135" */
static const char *energy_words(const fleet *f, int64_t paid_micros, int64_t work_micros)
{
    rk_text text = {0};
    rk_text_add(&text, "(");
    rk_money_print_exact((rk_money){paid_micros}, &text);
    rk_text_add(&text, " h paid x ");
    rk_rational_print(f->idle, &text);
    rk_text_add(&text, " W + ");
    rk_money_print_exact((rk_money){work_micros}, &text);
    rk_text_add(&text, " h at work x ");
    rk_rational_print(f->rise, &text);
    rk_text_add(&text, " W) / 1000 x ");
    rk_decimal_print(f->maker->keys->pue.value, false, &text);
    return rk_account_keep(&f->maker->account, &text);
}

/* ---- one month ---- */

static rk_status month_energy(fleet *f, const rk_kind_hours *hours, rk_footprint_draft *draft, rk_error *err)
{
    const rk_decimal kilo = {.units = 1, .places = 3};
    int64_t work_micros = hours->paid_micros - hours->idle_micros;
    mpq_t part;
    mpq_init(part);
    rk_rational_set_micros(draft->kwh, hours->paid_micros);
    mpq_mul(draft->kwh, draft->kwh, f->idle);
    rk_rational_set_micros(part, work_micros);
    mpq_mul(part, part, f->rise);
    mpq_add(draft->kwh, draft->kwh, part);
    rk_rational_mul(draft->kwh, kilo);
    mpq_clear(part);
    draft->grid = f->grid;
    rk_status status = rk_footprint_pue(f->maker, draft, "rented machines", err);
    if (!status) {
        draft->energy_words = energy_words(f, hours->paid_micros, work_micros);
        energy_inputs(f, &draft->inputs);
    }
    return status;
}

static rk_status month_embodied(fleet *f, const rk_kind_hours *hours, rk_footprint_draft *draft, rk_error *err)
{
    rk_account *account = &f->maker->account;
    if (!f->server) {
        return rk_footprint_omit(
            f->maker, err, "what %s embodies: neither its entry (%s:%zu) nor the footprint names a 'server'",
            f->kind.machine, f->kind.price->at.path, f->kind.price->at.line);
    }
    const rk_server_factor *server = &f->server->as.server;
    rk_status status = need_vcpu(f, "what is embodied", err);
    if (status) {
        return status;
    }
    mpq_t part;
    rk_text words = {0};
    mpq_init(part);
    rk_rational_set_micros(draft->embodied_kg, hours->paid_micros);
    rk_rational_mul(draft->embodied_kg, server->embodied_kg.value);
    rk_rational_mul(draft->embodied_kg, machine_of(f)->vcpu.value);
    mpq_set_si(part, server->life_months.value.units * HOURS_A_MONTH, 1);
    rk_rational_mul(part, server->vcpu.value);
    mpq_div(draft->embodied_kg, draft->embodied_kg, part);
    mpq_clear(part);
    rk_decimal_print(server->embodied_kg.value, false, &words);
    rk_text_add(&words, " kg x ");
    rk_money_print_exact((rk_money){hours->paid_micros}, &words);
    rk_text_addf(&words, " h / (%lld x %d h) x ", (long long)server->life_months.value.units, HOURS_A_MONTH);
    rk_decimal_print(machine_of(f)->vcpu.value, false, &words);
    rk_text_add(&words, " / ");
    rk_decimal_print(server->vcpu.value, false, &words);
    rk_text_add(&words, " vcpu");
    draft->embodied_words = rk_account_keep(account, &words);
    rk_account_input_book(account, &draft->inputs, "embodied_kg", &server->embodied_kg, "kg", f->server);
    rk_account_input_book(account, &draft->inputs, "life_months", &server->life_months, "months", f->server);
    rk_account_input_book(account, &draft->inputs, "vcpu of the server", &server->vcpu, "", f->server);
    return RK_OK;
}

static rk_status add_month(fleet *f, uint32_t m, rk_error *err)
{
    const rk_fleet_month *month = &f->maker->account.ledger->services[f->s].months[m];
    const rk_kind_hours hours = month->by_kind
                                    ? month->by_kind[f->k]
                                    : (rk_kind_hours){month->paid_hours_micros, month->idle_hours_micros};
    const char *name = rk_account_words(&f->maker->account, "%s machine%s%s", f->service->name,
                                        month->by_kind ? " " : "", month->by_kind ? f->kind.machine : "");
    rk_footprint_draft draft;
    if (hours.paid_micros == 0) {
        return RK_OK;
    }
    rk_footprint_draft_init(&draft, RK_RENTED, name, m, f->kind.at);
    rk_status status = month_energy(f, &hours, &draft, err);
    status = status ? status : month_embodied(f, &hours, &draft, err);
    status = status ? status : rk_footprint_book(f->maker, &draft, NULL, f->s, err);
    rk_footprint_draft_release(&draft);
    return status;
}

static rk_status add_kind(rk_footprint_maker *maker, uint32_t s, uint32_t k, rk_error *err)
{
    const rk_service *service = &maker->account.plan->services[s];
    fleet f = {.maker = maker, .service = service, .s = s, .k = k, .kind = rk_fleet_kind_at(&service->fleet, k)};
    mpq_inits(f.idle, f.rise, NULL);
    rk_status status = find_factors(&f, err);
    for (uint32_t m = 0; m < maker->account.plan->n_months && !status; m++) {
        status = add_month(&f, m, err);
    }
    mpq_clears(f.idle, f.rise, NULL);
    return status;
}

static rk_status add_fleet(rk_footprint_maker *maker, uint32_t s, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t k = 0; k <= maker->account.plan->services[s].fleet.n_others && !status; k++) {
        status = add_kind(maker, s, k, err);
    }
    return status;
}

rk_status rk_footprint_rented(rk_footprint_maker *maker, rk_error *err)
{
    const rk_plan *plan = maker->account.plan;
    rk_status status = RK_OK;
    for (uint32_t s = 0; s < plan->n_services && !status; s++) {
        const rk_service *service = &plan->services[s];
        status = service->fleet.machine
                     ? add_fleet(maker, s, err)
                     : rk_footprint_omit(maker, err, "machines of '%s': the plan gives it no fleet", service->name);
    }
    return status;
}
