/* action_fleet.c - cheaper machines, and fewer of them: what can be done about the fleet of one service. */
#include <string.h>

#include "cost/plan.h"
#include "decide/action.h"
#include "math/rational.h"

static const double dearer_core = 1.25; /* machines whose core costs more than so much of today's are not tried */

/* "services.NAME.fleet.KEY=" and the value behind it; of a shared fleet "fleets.NAME.KEY=". */
static const char *set_fleet(rk_proposer *p, const rk_service *service, const char *key, const char *value)
{
    const char *name = service->fleet.name;
    return name ? rk_propose_words(p, "fleets.%s.%s=%s", name, key, value)
                : rk_propose_words(p, "services.%s.fleet.%s=%s", service->name, key, value);
}

/* What a proposal is about: the service, or the fleet that it shares. */
static const char *name_of(const rk_service *service)
{
    return service->fleet.name ? service->fleet.name : service->name;
}

/* Has a fleet of one kind of machine, and is the first service on it. */
static bool leads_fleet(const rk_proposer *p, const rk_service *service)
{
    const rk_fleet *fleet = &service->fleet;
    bool leads = fleet->price != NULL && fleet->n_others == 0;
    for (const rk_service *other = p->plan->services; leads && fleet->name && other < service; other++) {
        leads = !other->fleet.name || strcmp(other->fleet.name, fleet->name) != 0;
    }
    return leads;
}

/* Its machine can be changed without asking what it does for another service. */
static bool has_own_fleet(const rk_proposer *p, const rk_service *service)
{
    return leads_fleet(p, service) && !service->fleet.name;
}

/* ---- another machine ---- */

static double hour_price(const rk_proposer *p, const rk_price *price)
{
    const rk_machine_price *machine = &price->as.machine;
    double rate = 0;
    for (uint32_t i = 0; i < machine->n_prices; i++) {
        if (strcmp(machine->prices[i].option, "on_demand") == 0) {
            const rk_exchange *row = rk_plan_exchange_row(p->plan, price->currency);
            rate = rk_decimal_real(machine->prices[i].hour.value) * (row ? rk_decimal_real(row->rate.value) : 1);
        }
    }
    return rate;
}

static bool has_option(const rk_machine_price *machine, const char *option)
{
    for (uint32_t i = 0; i < machine->n_prices; i++) {
        if (strcmp(machine->prices[i].option, option) == 0) {
            return true;
        }
    }
    return false;
}

/* In reach: another one, of known size, sold on demand in a currency with a rate, where the fleet already is, and not
 * dearer by the core. */
static bool is_candidate(const rk_proposer *p, const rk_price *now, const rk_price *other)
{
    const rk_machine_price *a = &now->as.machine, *b = &other->as.machine;
    if (other->kind != RK_PRICE_MACHINE || strcmp(now->key, other->key) == 0 || b->vcpu.value.units <= 0 ||
        !has_option(b, "on_demand")) {
        return false;
    }
    bool has_rate = strcmp(other->currency, p->plan->currency) == 0 || rk_plan_exchange_row(p->plan, other->currency);
    bool is_near = !now->region || (other->region && strcmp(now->region, other->region) == 0);
    return has_rate && is_near &&
           hour_price(p, other) / rk_decimal_real(b->vcpu.value) <=
               dearer_core * hour_price(p, now) / rk_decimal_real(a->vcpu.value);
}

/* The written capacity, by the number of cores, a millionth of a request down. */
static const char *scaled_capacity(rk_proposer *p, const rk_service *service, const rk_price *other)
{
    int64_t micros = 0;
    rk_text text = {0};
    mpq_t rps, cores;
    mpq_inits(rps, cores, NULL);
    rk_rational_set(cores, service->fleet.price->as.machine.vcpu.value);
    mpq_div(rps, service->capacity.rps, cores);
    rk_rational_mul(rps, other->as.machine.vcpu.value);
    (void)rk_rational_micros(rps, &micros);
    rk_rational_print_micros(micros, &text);
    const char *change =
        rk_propose_words(p, "services.%s.capacity={rps: %s, origin: assumed}", service->name, text.at ? text.at : "1");
    rk_text_release(&text);
    mpq_clears(rps, cores, NULL);
    return change;
}

static void propose_machine(rk_proposer *p, const char *kind, const rk_service *service, const rk_price *other)
{
    const rk_price *now = service->fleet.price;
    const rk_machine_price *machine = &other->as.machine;
    double cores = rk_decimal_real(machine->vcpu.value);
    bool is_same_size = cores == rk_decimal_real(now->as.machine.vcpu.value);
    bool is_measured = service->capacity.origin == RK_MEASURED || service->n_variants > 0;
    if (is_measured && !is_same_size) {
        return; /* a measurement says nothing about another number of cores */
    }
    const char *changes[3] = {set_fleet(p, service, "machine", other->key)};
    size_t n = 1;
    if (!is_same_size) {
        changes[n++] = scaled_capacity(p, service, other);
    }
    bool loses_option = service->fleet.reserved && !has_option(machine, service->fleet.reserved->option);
    if (loses_option) {
        changes[n++] = set_fleet(p, service, "reserved", "");
    }
    rk_action action = {
        .kind = kind,
        .about = rk_propose_words(p, "%s", service->name),
        .what = rk_propose_words(p, "run %s on %s (%.4g vCPU, %.4g GiB) instead of %s%s", service->name, other->key,
                                 cores, rk_decimal_real(machine->memory_gib.value), now->key,
                                 loses_option ? ", all on demand" : ""),
        .gives_up = rk_propose_words(p, "certainty: a core of %s is taken to do as much as one of %s%s%s%s%s",
                                     other->key, now->key, is_same_size ? "" : ", and two cores twice as much",
                                     !now->region && other->region ? "; it stands in " : "",
                                     !now->region && other->region ? other->region : "", "; measure it first")};
    rk_propose(p, action, changes, n);
}

static void propose_machines(rk_proposer *p, const char *kind)
{
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *service = &p->plan->services[s];
        if (!has_own_fleet(p, service) || service->fleet.price->as.machine.vcpu.value.units <= 0) {
            continue;
        }
        for (uint32_t i = 0; i < rk_prices_count(p->plan->prices); i++) {
            const rk_price *other = rk_prices_at(p->plan->prices, i);
            if (is_candidate(p, service->fleet.price, other)) {
                propose_machine(p, kind, service, other);
            }
        }
    }
}

/* ---- reserving ---- */

static void propose_option(rk_proposer *p, const char *kind, const rk_service *service, const char *option)
{
    const char *value = rk_propose_words(p, "{option: %s, count: best}", option);
    const char *change = set_fleet(p, service, "reserved", value);
    rk_action action = {.kind = kind,
                        .about = rk_propose_words(p, "%s", name_of(service)),
                        .what = rk_propose_words(p, "reserve the best number of %s for %s at '%s'",
                                                 service->fleet.machine, name_of(service), option),
                        .gives_up = "freedom: the reserved machines are paid for in every hour of the plan, used or "
                                    "not"};
    rk_propose(p, action, &change, 1);
}

static void propose_reserving(rk_proposer *p, const char *kind)
{
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *service = &p->plan->services[s];
        const rk_fleet *fleet = &service->fleet;
        for (uint32_t i = 0; leads_fleet(p, service) && i < fleet->price->as.machine.n_prices; i++) {
            const char *option = fleet->price->as.machine.prices[i].option;
            bool is_taken = fleet->reserved && strcmp(fleet->reserved->option, option) == 0 && fleet->reserve_best;
            bool is_reservation = strcmp(option, "on_demand") != 0 && strncmp(option, "spot", 4) != 0;
            if (is_reservation && !is_taken && fleet->on_demand) {
                propose_option(p, kind, service, option);
            }
        }
    }
}

/* ---- fewer ---- */

static void propose_fewer(rk_proposer *p, const char *kind, const rk_service *service, const char *key, int64_t now,
                          int64_t then, const char *gives_up)
{
    const char *value = rk_propose_words(p, "%lld", (long long)then);
    const char *change = set_fleet(p, service, key, value);
    rk_action action = {.kind = kind,
                        .about = rk_propose_words(p, "%s", name_of(service)),
                        .what = rk_propose_words(p, "keep %s %lld machine%s for %s instead of %lld",
                                                 strcmp(key, "min") == 0 ? "at least" : "a spare of", (long long)then,
                                                 then == 1 ? "" : "s", name_of(service), (long long)now),
                        .gives_up = gives_up};
    rk_propose(p, action, &change, 1);
}

static void propose_minimum(rk_proposer *p, const char *kind)
{
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *service = &p->plan->services[s];
        int64_t now = service->fleet.min.value.units, spare = service->fleet.spare.value.units;
        if (!leads_fleet(p, service)) {
            continue;
        }
        if (now > 2) {
            propose_fewer(p, kind, service, "min", now, 2, "resilience: in quiet hours a failure takes half of what is left");
        }
        if (now > 1) {
            propose_fewer(p, kind, service, "min", now, 1,
                          spare > 0 ? "resilience: in quiet hours only the spare stands in for a machine that fails"
                                    : "resilience: in quiet hours nothing answers while one machine is replaced");
        }
    }
}

static void propose_spare(rk_proposer *p, const char *kind)
{
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *service = &p->plan->services[s];
        int64_t now = service->fleet.spare.value.units;
        if (leads_fleet(p, service) && now > 0) {
            propose_fewer(p, kind, service, "spare", now, now - 1,
                          "resilience: a machine that fails is missing until it is replaced");
        }
    }
}

/* ---- fuller ---- */

static void propose_utilisation(rk_proposer *p, const char *kind)
{
    static const char *const levels[] = {"0.6", "0.7", "0.8"};
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *service = &p->plan->services[s];
        for (size_t i = 0; leads_fleet(p, service) && i < RK_COUNT_OF(levels); i++) {
            rk_decimal level;
            if (rk_decimal_parse(rk_slice_of(levels[i]), &level) ||
                rk_decimal_real(level) <= rk_decimal_real(service->fleet.utilisation.value)) {
                continue;
            }
            const char *change = set_fleet(p, service, "utilisation", levels[i]);
            rk_action action = {
                .kind = kind,
                .about = rk_propose_words(p, "%s", name_of(service)),
                .what = rk_propose_words(p, "plan %s with %s of a machine's capacity instead of %.4g", name_of(service),
                                         levels[i], rk_decimal_real(service->fleet.utilisation.value)),
                .gives_up = "headroom: a surge finds less room, and waiting times come nearer to the objective"};
            rk_propose(p, action, &change, 1);
        }
    }
}

const rk_action_kind rk_action_machine = {"other machine", propose_machines};
const rk_action_kind rk_action_reserve = {"reserve", propose_reserving};
const rk_action_kind rk_action_minimum = {"fewer at night", propose_minimum};
const rk_action_kind rk_action_spare = {"fewer spare", propose_spare};
const rk_action_kind rk_action_utilisation = {"fuller machines", propose_utilisation};
