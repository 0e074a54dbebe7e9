/* plan_fleet.c - the fleets of a plan: of one service, shared by several, of one kind of machine or of several. */
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "cost/capacity.h"

/* ---- the schema ---- */

typedef struct {
    const char *machine;
    const rk_yaml_node *machines, *reserved;
    rk_number utilisation, min, spare, max;
} fleet_keys;

static const rk_key fleet_rows[] = {
    {"machine", RK_KEY_TEXT, offsetof(fleet_keys, machine), .help = "a machine of a price book"},
    {"machines", RK_KEY_LIST, offsetof(fleet_keys, machines),
     .help = "instead: several, of which the cheapest mix is chosen hour by hour"},
    {"utilisation", RK_KEY_NUMBER, offsetof(fleet_keys, utilisation), .above = true, .max = 1,
     .help = "share of the capacity that is planned with (default 1)"},
    {"min", RK_KEY_COUNT, offsetof(fleet_keys, min), .max = RK_MACHINES_MAX,
     .help = "fewest machines, spare ones aside (default 0)"},
    {"spare", RK_KEY_COUNT, offsetof(fleet_keys, spare), .max = RK_MACHINES_MAX,
     .help = "machines on top at all times (default 0)"},
    {"max", RK_KEY_COUNT, offsetof(fleet_keys, max), .min = 1, .max = RK_MACHINES_MAX,
     .help = "most machines; what they cannot answer is reported (default: no limit)"},
    {"reserved", RK_KEY_MAP, offsetof(fleet_keys, reserved), .help = "machines paid for every hour"},
};

typedef struct {
    const char *option;
    const rk_yaml_node *count;
} reserved_keys;

static const rk_key reserved_rows[] = {
    {"option", RK_KEY_TEXT, offsetof(reserved_keys, option), .required = true, .help = "a key of the machine's 'hour'"},
    {"count", RK_KEY_NODE, offsetof(reserved_keys, count), .required = true,
     .help = "how many (of several machines a map of them), or 'best': the number that costs least over the plan"},
};

const rk_key_table rk_fleet_tables[] = {
    {"fleet", fleet_rows, RK_COUNT_OF(fleet_rows)},
    {"reserved", reserved_rows, RK_COUNT_OF(reserved_rows)},
};
const size_t rk_n_fleet_tables = RK_COUNT_OF(rk_fleet_tables);

/* ---- kinds of machines ---- */

rk_fleet_kind rk_fleet_kind_at(const rk_fleet *fleet, uint32_t k)
{
    return k > 0 ? fleet->others[k - 1] : (rk_fleet_kind){fleet->machine,   fleet->at,       fleet->price,
                                                          fleet->on_demand, fleet->reserved, fleet->n_reserved};
}

static const rk_hour_price *find_option(const rk_price *price, const char *option)
{
    const rk_machine_price *machine = &price->as.machine;
    for (uint32_t i = 0; i < machine->n_prices; i++) {
        if (strcmp(machine->prices[i].option, option) == 0) {
            return &machine->prices[i];
        }
    }
    return NULL;
}

static rk_status read_kind(rk_plan *plan, const rk_yaml_node *node, rk_fleet_kind *out, rk_error *err)
{
    rk_status status = rk_yaml_text(node, "a machine", &out->machine, err);
    out->at = node->at;
    status = status ? status : rk_plan_price(plan, out->machine, RK_PRICE_MACHINE, out->at, &out->price, err);
    if (!status) {
        out->on_demand = find_option(out->price, "on_demand");
    }
    return status;
}

static rk_status read_kinds(rk_plan *plan, const rk_yaml_node *list, rk_fleet *fleet, rk_error *err)
{
    rk_fleet_kind first = {0};
    if (list->n == 0 || list->n > RK_KINDS_MAX) {
        return rk_fail_at(err, list->at, "'machines' must name 1 to %d, got %u", RK_KINDS_MAX, list->n);
    }
    rk_fleet_kind *others = RK_TAKE(&plan->arena, rk_fleet_kind, list->n);
    if (!others) {
        return rk_fail_memory(err, "a fleet");
    }
    fleet->others = others;
    rk_status status = read_kind(plan, list->first, &first, err);
    fleet->machine = first.machine;
    fleet->at = first.at;
    fleet->price = first.price;
    fleet->on_demand = first.on_demand;
    for (const rk_yaml_node *c = list->first->next; c && !status; c = c->next) {
        status = read_kind(plan, c, &others[fleet->n_others++], err);
        for (uint32_t k = 0; k < fleet->n_others && !status; k++) {
            if (strcmp(rk_fleet_kind_at(fleet, k).machine, c->text) == 0) {
                status = rk_fail_at(err, c->at, "'machines' names '%.60s' twice", c->text);
            }
        }
    }
    return status;
}

/* ---- reserved machines ---- */

/* {c7i.xlarge: 2}: kinds that it does not name have none. */
static rk_status read_counts(const rk_yaml_node *map, rk_fleet *fleet, rk_error *err)
{
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        const rk_key row = {.name = c->key->text, .kind = RK_KEY_COUNT, .max = RK_MACHINES_MAX};
        uint32_t k = 0;
        while (k <= fleet->n_others && strcmp(rk_fleet_kind_at(fleet, k).machine, c->key->text) != 0) {
            k++;
        }
        if (k > fleet->n_others) {
            return rk_fail_at(err, c->key->at, "the fleet has no machine '%.60s'", c->key->text);
        }
        rk_number *count = k > 0 ? &fleet->others[k - 1].n_reserved : &fleet->n_reserved;
        rk_status status = rk_yaml_number(c, &row, count, err);
        if (!status && count->value.units > 0 && !rk_fleet_kind_at(fleet, k).reserved) {
            const rk_hour_price *found;
            status = rk_price_option(rk_fleet_kind_at(fleet, k).price, fleet->option, c->at, &found, err);
        }
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

static rk_status read_reserved(const rk_yaml_node *map, rk_fleet *fleet, rk_error *err)
{
    static const rk_key count = {.name = "count", .kind = RK_KEY_COUNT, .max = RK_MACHINES_MAX};
    reserved_keys keys = {0};
    rk_status status = rk_yaml_fill(map, "reserved", reserved_rows, RK_COUNT_OF(reserved_rows), &keys, err);
    if (status) {
        return status;
    }
    const rk_hour_price *any = fleet->reserved = find_option(fleet->price, keys.option);
    fleet->option = keys.option;
    for (uint32_t k = 0; k < fleet->n_others; k++) {
        fleet->others[k].reserved = find_option(fleet->others[k].price, keys.option);
        any = any ? any : fleet->others[k].reserved;
    }
    if (!any) {
        return rk_price_option(fleet->price, keys.option, rk_yaml_find(map, "option")->at, &any, err);
    }
    fleet->reserve_best = keys.count->kind == RK_YAML_SCALAR && strcmp(keys.count->text, "best") == 0;
    if (fleet->reserve_best) {
        return RK_OK;
    }
    if (fleet->n_others == 0) {
        return rk_yaml_number(keys.count, &count, &fleet->n_reserved, err);
    }
    return keys.count->kind == RK_YAML_MAP
               ? read_counts(keys.count, fleet, err)
               : rk_fail_at(err, keys.count->at,
                            "'count' of a fleet of several machines must be 'best' or a map: {%.60s: 2}",
                            fleet->machine);
}

/* ---- a fleet ---- */

static rk_status read_map(rk_plan *plan, const rk_yaml_node *map, const char *what, rk_fleet *fleet, rk_error *err)
{
    fleet_keys keys = {0};
    rk_status status = rk_yaml_fill(map, what, fleet_rows, RK_COUNT_OF(fleet_rows), &keys, err);
    if (status) {
        return status;
    }
    if (!keys.machine == !keys.machines) {
        return keys.machine ? rk_fail_at(err, map->at, "'machine' and 'machines' exclude each other")
                            : rk_fail_at(err, map->at, "%s needs the key 'machine' (or 'machines')", what);
    }
    fleet->utilisation = keys.utilisation;
    fleet->min = keys.min;
    fleet->spare = keys.spare;
    fleet->max = keys.max;
    if (!fleet->utilisation.is_set) {
        fleet->utilisation.value.units = 1;
    }
    if (keys.max.is_set && keys.max.value.units < keys.min.value.units) {
        return rk_fail_at(err, keys.max.at, "'max' must not be below 'min'");
    }
    rk_yaml_node one = *(keys.machine ? rk_yaml_find(map, "machine") : keys.machines);
    one.next = NULL;
    const rk_yaml_node list = {.kind = RK_YAML_LIST, .n = 1, .first = &one, .at = one.at};
    status = read_kinds(plan, keys.machine ? &list : keys.machines, fleet, err);
    return status || !keys.reserved ? status : read_reserved(keys.reserved, fleet, err);
}

rk_status rk_plan_read_fleets(rk_plan *plan, const rk_yaml_node *map, rk_error *err)
{
    plan->fleets = RK_TAKE(&plan->arena, rk_fleet, map->n);
    if (!plan->fleets) {
        return rk_fail_memory(err, "fleets");
    }
    rk_status status = RK_OK;
    for (const rk_yaml_node *c = map->first; c && !status; c = c->next) {
        char what[96];
        rk_fleet *fleet = &plan->fleets[plan->n_fleets++];
        fleet->name = c->key->text;
        snprintf(what, sizeof what, "fleet '%.60s'", fleet->name);
        status = read_map(plan, c, what, fleet, err);
        if (!status && !*fleet->name) {
            status = rk_fail_at(err, c->key->at, "a fleet must have a name");
        }
    }
    return status;
}

static rk_status find_fleet(const rk_plan *plan, const rk_yaml_node *node, rk_fleet *out, rk_error *err)
{
    const char *names[RK_SERVICES_MAX], *near = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_fleets; i++) {
        if (strcmp(plan->fleets[i].name, node->text) == 0) {
            *out = plan->fleets[i];
            return RK_OK;
        }
        if (n < RK_SERVICES_MAX) {
            names[n++] = plan->fleets[i].name;
        }
    }
    near = rk_nearest_name(node->text, names, n);
    return rk_fail_at(err, node->at, "'fleets' has no '%.60s'%s%s%s", node->text, near ? "; did you mean '" : "",
                      near ? near : "", near ? "'?" : "");
}

/* What the service can do on each kind. */
static rk_status set_capacities(rk_plan *plan, rk_service *service, rk_error *err)
{
    const rk_fleet *fleet = &service->fleet;
    rk_status status = rk_capacity_on(plan, service, fleet->price, fleet->at, &service->capacity, err);
    service->others = RK_TAKE(&plan->arena, rk_capacity, fleet->n_others);
    if (!service->others) {
        return rk_fail_memory(err, "a capacity");
    }
    for (uint32_t k = 0; k < fleet->n_others; k++) {
        mpq_init(service->others[k].rps);
    }
    for (uint32_t k = 0; k < fleet->n_others && !status; k++) {
        status = rk_capacity_on(plan, service, fleet->others[k].price, fleet->others[k].at, &service->others[k], err);
    }
    return status;
}

rk_status rk_plan_read_fleet(rk_plan *plan, const rk_yaml_node *node, rk_service *service, rk_error *err)
{
    char what[96];
    rk_fleet fleet = {0};
    rk_status status;
    snprintf(what, sizeof what, "fleet of '%.60s'", service->name);
    if (node->kind == RK_YAML_SCALAR) {
        status = find_fleet(plan, node, &fleet, err);
    } else {
        status = read_map(plan, node, what, &fleet, err);
    }
    if (!status && mpq_sgn(service->capacity.rps) == 0 && !service->source) {
        status = rk_fail_at(err, node->at, "the fleet of '%.60s' needs the service's 'capacity'", service->name);
    }
    if (status) {
        return status;
    }
    service->fleet = fleet;
    return set_capacities(plan, service, err);
}

/* ---- all of them ---- */

typedef struct {
    double bytes;      /* resident memory of all services on one machine of the fleet */
    uint32_t n, first; /* services on it */
    rk_text words;     /* "search 2.00, recommend 1.20" */
} residents;

/* A shared fleet's machine runs every service of it. */
static void gather(const rk_plan *plan, const rk_service *service, residents *r)
{
    for (uint32_t s = 0; s < plan->n_services; s++) {
        const rk_service *other = &plan->services[s];
        bool is_on = other == service ||
                     (service->fleet.name && other->fleet.name && strcmp(other->fleet.name, service->fleet.name) == 0);
        if (is_on) {
            r->first = r->n == 0 ? s : r->first;
            r->n++;
            r->bytes += other->capacity.memory_bytes;
            rk_text_addf(&r->words, "%s%s %.2f", r->n > 1 ? ", " : "", other->name,
                         other->capacity.memory_bytes / 1073741824.0);
        }
    }
}

/* What was measured must fit every kind of machine it is planned on. */
static rk_status check_memory(const rk_service *service, const residents *r, rk_error *err)
{
    for (uint32_t k = 0; k <= service->fleet.n_others; k++) {
        rk_fleet_kind kind = rk_fleet_kind_at(&service->fleet, k);
        const rk_number *memory = &kind.price->as.machine.memory_gib;
        double gib = rk_decimal_real(memory->value), needed = r->bytes / 1073741824.0;
        if (!memory->is_set || needed <= gib) {
            continue;
        }
        return r->n == 1
                   ? rk_fail_at(err, kind.at, "'%.60s' was measured to need %.2f GiB of memory, %.60s has %.2f GiB",
                                service->name, needed, kind.machine, gib)
                   : rk_fail_at(err, kind.at,
                                "the services on the fleet '%.60s' were measured to need %.2f GiB of memory together "
                                "(%.160s), %.60s has %.2f GiB",
                                service->fleet.name, needed, r->words.at ? r->words.at : "", kind.machine, gib);
    }
    return RK_OK;
}

static rk_status check_names(const rk_plan *plan, rk_error *err)
{
    for (uint32_t i = 0; i < plan->n_fleets; i++) {
        const rk_fleet *fleet = &plan->fleets[i];
        bool is_used = false;
        for (uint32_t s = 0; s < plan->n_services; s++) {
            const rk_service *service = &plan->services[s];
            is_used = is_used || (service->fleet.name && strcmp(service->fleet.name, fleet->name) == 0);
            if (strcmp(service->name, fleet->name) == 0) {
                return rk_fail_at(err, fleet->at, "a fleet cannot be called '%.60s': a service is", fleet->name);
            }
        }
        if (!is_used) {
            return rk_fail_at(err, fleet->at, "no service runs on the fleet '%.60s'", fleet->name);
        }
    }
    return RK_OK;
}

rk_status rk_plan_check_fleets(rk_plan *plan, rk_error *err)
{
    rk_status status = check_names(plan, err);
    for (uint32_t s = 0; s < plan->n_services && !status; s++) {
        const rk_service *service = &plan->services[s];
        residents r = {0};
        if (service->fleet.machine) {
            gather(plan, service, &r);
            if (r.first == s) {
                status = check_memory(service, &r, err);
            }
        }
        rk_text_release(&r.words);
    }
    return status;
}
