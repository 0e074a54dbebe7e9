/* plan_service.c - the services of a plan: traffic, variants of the model, answers. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cost/capacity.h"
#include "cost/demand.h"
#include "math/rational.h"

/* ---- the schema ---- */

typedef struct {
    const char *product_line, *profile, *grid;
    const rk_yaml_node *traffic, *capacity, *slo, *response_bytes, *cpu_ms_per_request, *fleet, *variants;
    const char *variant;
    rk_number events_per_request, events_per_day;
    const rk_yaml_node *measures[RK_N_MEASURES];
} service_keys;

#define MEASURE(kind) offsetof(service_keys, measures) + (kind) * sizeof(const rk_yaml_node *)

static const rk_key service_rows[] = {
    {"product_line", RK_KEY_TEXT, offsetof(service_keys, product_line), .required = true,
     .help = "search, recommendation, ads, supply or any name"},
    {"traffic", RK_KEY_MAP, offsetof(service_keys, traffic), .required = true, .help = "how much is asked, and when"},
    {"capacity", RK_KEY_MAP, offsetof(service_keys, capacity), .help = "of one machine inside the objective"},
    {"profile", RK_KEY_TEXT, offsetof(service_keys, profile), .help = "the same as capacity: {profile: FILE}"},
    {"slo", RK_KEY_MAP, offsetof(service_keys, slo), .help = "the same as capacity: {slo: ...}"},
    {"response_bytes", RK_KEY_NODE, offsetof(service_keys, response_bytes),
     .help = "mean bytes of an answer, or 'measured': from the profile"},
    {"cpu_ms_per_request", RK_KEY_NODE, offsetof(service_keys, cpu_ms_per_request),
     .help = "mean processor time of an answer in milliseconds, or 'measured': from the profile"},
    {"events_per_request", RK_KEY_NUMBER, offsetof(service_keys, events_per_request),
     .help = "behaviour events (views, clicks, orders) that come with a request"},
    {"events_per_day", RK_KEY_NUMBER, offsetof(service_keys, events_per_day), .help = "the same, so many every day"},
    {"fleet", RK_KEY_NODE, offsetof(service_keys, fleet),
     .help = "rented machines that answer: a map, or the name of one under 'fleets' that services share"},
    {"grid", RK_KEY_TEXT, offsetof(service_keys, grid),
     .help = "for the footprint: the grid that feeds its machines, an entry of a book (default: the footprint's)"},
    {"variants", RK_KEY_MAP, offsetof(service_keys, variants),
     .help = "by name: models that could answer, each with what differs"},
    {"variant", RK_KEY_TEXT, offsetof(service_keys, variant), .help = "the one that answers (default: the first)"},
    {"active_users", RK_KEY_NODE, MEASURE(RK_ACTIVE_USERS), .help = "of this service, as in the plan"},
    {"orders", RK_KEY_NODE, MEASURE(RK_ORDERS), .help = "that this service brings, as in the plan"},
    {"revenue", RK_KEY_NODE, MEASURE(RK_REVENUE), .help = "that this service brings, as in the plan"},
    {"heads", RK_KEY_NODE, MEASURE(RK_HEADS), .help = "people who work on this service, as in the plan"},
};
#undef MEASURE

typedef struct {
    rk_number quality;
    const char *profile;
    const rk_yaml_node *capacity, *slo, *response_bytes, *cpu_ms_per_request;
} variant_keys;

static const rk_key variant_rows[] = {
    {"quality", RK_KEY_NUMBER, offsetof(variant_keys, quality),
     .help = "in a metric of which more is better, the same for all variants: ndcg@20, revenue per visit"},
    {"capacity", RK_KEY_MAP, offsetof(variant_keys, capacity), .help = "instead of the service's"},
    {"profile", RK_KEY_TEXT, offsetof(variant_keys, profile), .help = "instead of the service's"},
    {"slo", RK_KEY_MAP, offsetof(variant_keys, slo), .help = "instead of the service's"},
    {"response_bytes", RK_KEY_NODE, offsetof(variant_keys, response_bytes), .help = "instead of the service's"},
    {"cpu_ms_per_request", RK_KEY_NODE, offsetof(variant_keys, cpu_ms_per_request), .help = "instead of the service's"},
};

typedef struct {
    rk_number requests_per_day, growth_per_month;
    const rk_yaml_node *months, *hours, *weekdays, *events;
} traffic_keys;

static const rk_key traffic_rows[] = {
    {"requests_per_day", RK_KEY_NUMBER, offsetof(traffic_keys, requests_per_day),
     .help = "on a mean day of the first month; needed unless 'months' has every month"},
    {"months", RK_KEY_MAP, offsetof(traffic_keys, months),
     .help = "requests of single whole months, event days and all, by month"},
    {"hours", RK_KEY_LIST, offsetof(traffic_keys, hours), .help = "24 weights, 00-01 UTC first (default: flat)"},
    {"weekdays", RK_KEY_LIST, offsetof(traffic_keys, weekdays), .help = "7 weights, Monday first (default: flat)"},
    {"growth_per_month", RK_KEY_NUMBER, offsetof(traffic_keys, growth_per_month), .min = -1, .max = 100,
     .help = "0.03 = three per cent more every month (default 0)"},
    {"events", RK_KEY_LIST, offsetof(traffic_keys, events), .help = "days unlike others; overlapping ones multiply"},
};

static const rk_key event_rows[] = {
    {"name", RK_KEY_TEXT, offsetof(rk_event, name), .help = "of the event"},
    {"from", RK_KEY_DATE, offsetof(rk_event, from), .required = true, .help = "first day"},
    {"to", RK_KEY_DATE, offsetof(rk_event, to), .help = "last day (default: the first)"},
    {"factor", RK_KEY_NUMBER, offsetof(rk_event, factor), .required = true, .help = "times the requests"},
};

const rk_key_table rk_service_tables[] = {
    {"service", service_rows, RK_COUNT_OF(service_rows)},    {"variant", variant_rows, RK_COUNT_OF(variant_rows)},
    {"traffic", traffic_rows, RK_COUNT_OF(traffic_rows)},    {"event", event_rows, RK_COUNT_OF(event_rows)},
};
const size_t rk_n_service_tables = RK_COUNT_OF(rk_service_tables);

/* ---- traffic ---- */

/* n weights, not all zero; all 1 when there is no list. */
static rk_status read_weights(const rk_yaml_node *list, const char *name, uint32_t n, rk_number *out, rk_error *err)
{
    static const rk_key weight = {.name = "a weight", .kind = RK_KEY_NUMBER};
    bool any = !list;
    for (uint32_t i = 0; i < n; i++) {
        out[i].value = (rk_decimal){.units = 1};
    }
    if (list && list->n != n) {
        return rk_fail_at(err, list->at, "'%s' must have %u weights, got %u", name, n, list->n);
    }
    for (const rk_yaml_node *c = list ? list->first : NULL; c; c = c->next) {
        rk_status status = rk_yaml_number(c, &weight, out, err);
        if (status) {
            return status;
        }
        any = any || out->value.units != 0;
        out++;
    }
    return any ? RK_OK : rk_fail_at(err, list->at, "'%s' must have a weight above 0", name);
}

static rk_status read_events(rk_plan *plan, const rk_yaml_node *list, rk_traffic *traffic, rk_error *err)
{
    rk_event *events = RK_TAKE(&plan->arena, rk_event, list ? list->n : 0);
    if (!events) {
        return rk_fail_memory(err, "events");
    }
    traffic->events = events;
    for (const rk_yaml_node *c = list ? list->first : NULL; c; c = c->next) {
        rk_event *event = &events[traffic->n_events++];
        rk_status status = rk_yaml_fill(c, "the event", event_rows, RK_COUNT_OF(event_rows), event, err);
        if (status) {
            return status;
        }
        if (!event->to.is_set) {
            event->to = event->from;
        }
        if (event->to.value < event->from.value) {
            return rk_fail_at(err, event->to.at, "the event ends before it begins");
        }
    }
    return RK_OK;
}

/* Every month must have its requests from somewhere, and days to spread them on. */
static rk_status check_months(const rk_plan *plan, const rk_yaml_node *map, const char *what, const rk_traffic *traffic,
                              rk_error *err)
{
    char month[8];
    mpq_t sum;
    rk_status status = RK_OK;
    mpq_init(sum);
    for (uint32_t m = 0; m < plan->n_months && !status; m++) {
        const rk_number *written = rk_demand_written(traffic, m);
        rk_plan_month(plan, m, month);
        if (!written && !traffic->requests_per_day.is_set) {
            status = traffic->months ? rk_fail_at(err, map->at,
                                                  "%s says nothing of %s: it needs the key 'requests_per_day' or that "
                                                  "month in 'months'",
                                                  what, month)
                                     : rk_fail_at(err, map->at,
                                                  "%s needs the key 'requests_per_day' (on a mean day of the first "
                                                  "month)",
                                                  what);
        } else if (written && written->value.units != 0) {
            rk_demand_weights_sum(plan, traffic, m, sum);
            status = mpq_sgn(sum) != 0
                         ? RK_OK
                         : rk_fail_at(err, written->at, "%s has requests in %s, but every day of it has weight 0", what,
                                      month);
        }
    }
    mpq_clear(sum);
    return status;
}

static rk_status read_months(rk_plan *plan, const rk_yaml_node *map, rk_traffic *out, rk_error *err)
{
    static const rk_key row = {.name = "a month's requests", .kind = RK_KEY_NUMBER};
    rk_number *months = map ? RK_TAKE(&plan->arena, rk_number, plan->n_months) : NULL;
    out->months = months;
    return !map ? RK_OK : months ? rk_months_read(plan, map, &row, months, err) : rk_fail_memory(err, "months");
}

static rk_status read_traffic(rk_plan *plan, const rk_yaml_node *map, const char *name, rk_traffic *out, rk_error *err)
{
    char what[96];
    traffic_keys t = {0};
    snprintf(what, sizeof what, "traffic of '%.60s'", name);
    rk_status status = rk_yaml_fill(map, what, traffic_rows, RK_COUNT_OF(traffic_rows), &t, err);
    out->requests_per_day = t.requests_per_day;
    out->growth_per_month = t.growth_per_month;
    status = status ? status : read_weights(t.hours, "hours", 24, out->hours, err);
    status = status ? status : read_weights(t.weekdays, "weekdays", 7, out->weekdays, err);
    status = status ? status : read_events(plan, t.events, out, err);
    status = status ? status : read_months(plan, t.months, out, err);
    return status ? status : check_months(plan, map, what, out, err);
}

/* ---- answers ---- */

/* What a profile may have measured and a plan may write: a number, 'measured', or nothing: measured if it was. */
static rk_status read_measured(const rk_yaml_node *node, const char *name, rk_number *value, rk_origin *origin,
                               rk_error *err)
{
    const rk_key row = {.name = name, .kind = RK_KEY_NUMBER};
    bool from_profile = value->is_set;
    *origin = from_profile ? RK_MEASURED : RK_ASSUMED;
    if (!node) {
        return RK_OK;
    }
    if (node->kind == RK_YAML_SCALAR && strcmp(node->text, "measured") == 0) {
        value->at = node->at;
        return from_profile ? RK_OK
                            : rk_fail_at(err, node->at, "'%s: measured' needs a profile that measured it", name);
    }
    *origin = RK_ASSUMED;
    return rk_yaml_number(node, &row, value, err);
}

/* ---- measures ---- */

static rk_status read_measures(rk_plan *plan, const service_keys *s, rk_service *out, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_N_MEASURES && !status; i++) {
        char what[96];
        snprintf(what, sizeof what, "'%s' of '%.60s'", rk_measure_rows[i].name, out->name);
        status = rk_measure_read(plan, s->measures[i], what, &out->measures[i], err);
    }
    return status;
}

/* ---- behaviour events ---- */

static rk_status read_behaviour(const service_keys *s, rk_service *out, rk_error *err)
{
    out->events_per_request = s->events_per_request;
    out->events_per_day = s->events_per_day;
    return !s->events_per_request.is_set || !s->events_per_day.is_set
               ? RK_OK
               : rk_fail_at(err, s->events_per_day.at,
                            "service '%.60s' has events_per_request and events_per_day, which exclude each other",
                            out->name);
}

/* ---- variants ---- */

/* What the chosen variant says goes before what the service says. */
static void prefer(service_keys *service, const variant_keys *variant)
{
    if (variant->capacity || variant->profile) {
        service->capacity = variant->capacity;
        service->profile = variant->profile;
    }
    service->slo = variant->slo ? variant->slo : service->slo;
    service->response_bytes = variant->response_bytes ? variant->response_bytes : service->response_bytes;
    service->cpu_ms_per_request =
        variant->cpu_ms_per_request ? variant->cpu_ms_per_request : service->cpu_ms_per_request;
}

static rk_status no_variant(const rk_yaml_node *node, const rk_service *service, rk_error *err)
{
    const char *names[RK_VARIANTS_MAX];
    for (uint32_t i = 0; i < service->n_variants; i++) {
        names[i] = service->variants[i].name;
    }
    const rk_yaml_node *variant = rk_yaml_find(node, "variant");
    const char *near = rk_nearest_name(variant->text, names, service->n_variants);
    return rk_fail_at(err, variant->at, "service '%.60s' has no variant '%.60s'%s%s%s", service->name, variant->text,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static rk_status read_variants(rk_plan *plan, const rk_yaml_node *node, service_keys *keys, rk_service *out,
                               rk_error *err)
{
    const rk_yaml_node *map = keys->variants;
    if (!map) {
        return keys->variant ? rk_fail_at(err, rk_yaml_find(node, "variant")->at, "'variant' needs 'variants'") : RK_OK;
    }
    if (map->n == 0 || map->n > RK_VARIANTS_MAX) {
        return rk_fail_at(err, map->at, "'variants' must name 1 to %d, got %u", RK_VARIANTS_MAX, map->n);
    }
    rk_variant *variants = RK_TAKE(&plan->arena, rk_variant, map->n);
    if (!variants) {
        return rk_fail_memory(err, "variants");
    }
    variant_keys chosen = {0};
    out->variants = variants;
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        char what[96];
        variant_keys v = {0};
        snprintf(what, sizeof what, "variant '%.60s'", c->key->text);
        rk_status status = rk_yaml_fill(c, what, variant_rows, RK_COUNT_OF(variant_rows), &v, err);
        if (status) {
            return status;
        }
        bool is_chosen = keys->variant ? strcmp(keys->variant, c->key->text) == 0 : c == map->first;
        variants[out->n_variants++] = (rk_variant){c->key->text, v.quality};
        if (is_chosen) {
            chosen = v;
            out->variant = &variants[out->n_variants - 1];
        }
    }
    if (!out->variant) {
        return no_variant(node, out, err);
    }
    prefer(keys, &chosen);
    return RK_OK;
}

static rk_status read_service(rk_plan *plan, const rk_yaml_node *node, rk_service *out, rk_error *err)
{
    char what[96];
    service_keys s = {0};
    out->name = node->key->text;
    out->at = node->key->at;
    if (strcmp(out->name, "shared") == 0 || strcmp(out->name, "each") == 0 || !*out->name) {
        return rk_fail_at(err, out->at, "a service cannot be called '%s': the word has a meaning of its own",
                          out->name);
    }
    snprintf(what, sizeof what, "service '%.60s'", out->name);
    rk_status status = rk_yaml_fill(node, what, service_rows, RK_COUNT_OF(service_rows), &s, err);
    out->product_line = s.product_line;
    status = status ? status : read_variants(plan, node, &s, out, err);
    if (!status && s.grid) {
        status = rk_prices_need(plan->prices, s.grid, RK_FACTOR_GRID, rk_yaml_find(node, "grid")->at, &out->grid, err);
    }
    status = status ? status : read_traffic(plan, s.traffic, out->name, &out->traffic, err);
    status = status ? status : rk_capacity_read(plan, &(rk_capacity_keys){s.capacity, s.slo, s.profile}, out, err);
    status = status ? status
                    : read_measured(s.response_bytes, "response_bytes", &out->response_bytes, &out->bytes_origin, err);
    status = status ? status
                    : read_measured(s.cpu_ms_per_request, "cpu_ms_per_request", &out->cpu_ms_per_request,
                                    &out->cpu_origin, err);
    status = status ? status : read_behaviour(&s, out, err);
    status = status ? status : read_measures(plan, &s, out, err);
    return status || !s.fleet ? status : rk_plan_read_fleet(plan, s.fleet, out, err);
}

rk_status rk_plan_read_services(rk_plan *plan, const rk_yaml_node *map, rk_error *err)
{
    if (map->n == 0 || map->n > RK_SERVICES_MAX) {
        return rk_fail_at(err, map->at, "a plan must have 1 to %d services, got %u", RK_SERVICES_MAX, map->n);
    }
    plan->services = RK_TAKE(&plan->arena, rk_service, map->n);
    if (!plan->services) {
        return rk_fail_memory(err, "services");
    }
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        rk_service *service = &plan->services[plan->n_services++];
        mpq_init(service->capacity.rps);
        rk_status status = read_service(plan, c, service, err);
        if (status) {
            return status;
        }
    }
    return RK_OK;
}
