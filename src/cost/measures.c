/* measures.c - see measures.h. */
#include "cost/measures.h"

#include "cost/plan.h"
#include "math/rational.h"

const rk_measure_row rk_measure_rows[RK_N_MEASURES] = {
    [RK_ACTIVE_USERS] = {"active_users", "active user", false},
    [RK_ORDERS] = {"orders", "order", true},
    [RK_REVENUE] = {"revenue", "", true},
    [RK_HEADS] = {"heads", "head", true},
};

typedef struct {
    rk_number first, growth_per_month;
    const rk_yaml_node *months;
    int origin;
} measure_keys;

static const rk_key keys[] = {
    {"first", RK_KEY_NUMBER, offsetof(measure_keys, first), .help = "in the first month"},
    {"growth_per_month", RK_KEY_NUMBER, offsetof(measure_keys, growth_per_month), .min = -1, .max = 100,
     .help = "0.03 = three per cent more every month (default 0)"},
    {"months", RK_KEY_MAP, offsetof(measure_keys, months),
     .help = "figures of single months, by month; without 'first' of all"},
    {"origin", RK_KEY_CHOICE, offsetof(measure_keys, origin), .choices = "measured|priced|assumed|billed",
     .help = "of the figures (default assumed)"},
};
const rk_key_table rk_measure_table = {"measure", keys, RK_COUNT_OF(keys)};

/* ---- reading ---- */

rk_status rk_months_read(rk_plan *plan, const rk_yaml_node *map, const rk_key *key, rk_number *out, rk_error *err)
{
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        rk_when month = {0};
        rk_number number = {0};
        rk_status status = rk_yaml_month(c->key, &month, err);
        status = status ? status : rk_yaml_number(c, key, &number, err);
        if (status) {
            return status;
        }
        int64_t m = (int64_t)month.value - plan->start.value;
        if (m >= 0 && m < plan->n_months) {
            out[m] = number;
        } else {
            status =
                rk_plan_note(plan, err, "%s:%zu: %s is not a month of this plan", c->at.path, c->at.line, c->key->text);
        }
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

/* Every month must have a figure, from `first` or of its own. */
static rk_status check_months(const rk_plan *plan, const char *what, const rk_measure *measure, rk_error *err)
{
    char month[8];
    if (!measure->first.is_set && measure->growth_per_month.is_set) {
        return rk_fail_at(err, measure->growth_per_month.at, "%s needs the key 'first' to grow from", what);
    }
    for (uint32_t m = 0; m < plan->n_months && !measure->first.is_set; m++) {
        if (!measure->months || !measure->months[m].is_set) {
            rk_plan_month(plan, m, month);
            return rk_fail_at(err, measure->at, "%s says nothing of %s: it needs the key 'first' or that month", what,
                              month);
        }
    }
    return RK_OK;
}

rk_status rk_measure_read(rk_plan *plan, const rk_yaml_node *node, const char *what, rk_measure *out, rk_error *err)
{
    static const rk_key figure = {.name = "a month's figure", .kind = RK_KEY_NUMBER};
    measure_keys k = {.origin = -1};
    if (!node) {
        return RK_OK;
    }
    rk_measure measure = {.is_set = true, .at = node->at};
    rk_key whole = figure;
    whole.name = node->key->text;
    bool is_map = node->kind == RK_YAML_MAP && !node->uncertain;
    rk_status status = is_map ? rk_yaml_fill(node, what, keys, RK_COUNT_OF(keys), &k, err)
                              : rk_yaml_number(node, &whole, &k.first, err);
    if (!status && k.months) {
        rk_number *months = RK_TAKE(&plan->arena, rk_number, plan->n_months);
        status = months ? rk_months_read(plan, k.months, &figure, months, err) : rk_fail_memory(err, "months");
        measure.months = months;
    }
    measure.first = k.first;
    measure.growth_per_month = k.growth_per_month;
    measure.origin = k.origin < 0 ? RK_ASSUMED : (rk_origin)k.origin;
    status = status ? status : check_months(plan, what, &measure, err);
    if (!status) {
        *out = measure;
    }
    return status;
}

/* ---- asking ---- */

static void figure_of(const rk_measure *measure, uint32_t m, mpq_t out)
{
    mpq_t one;
    if (measure->months && measure->months[m].is_set) {
        rk_rational_set(out, measure->months[m].value);
        return;
    }
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    rk_rational_set(out, measure->growth_per_month.value);
    mpq_add(out, out, one);
    rk_rational_power(out, out, m);
    rk_rational_mul(out, measure->first.value);
    mpq_clear(one);
}

/* The one place where a single figure stands for what was asked; NULL = nowhere. */
static const rk_measure *written(const rk_plan *plan, rk_measure_kind kind, uint32_t s)
{
    const rk_measure *whole = &plan->measures[kind];
    const rk_measure *own = s == RK_ALL_SERVICES ? whole : &plan->services[s].measures[kind];
    if (!own->is_set && plan->n_services == 1) {
        own = s == RK_ALL_SERVICES ? &plan->services[0].measures[kind] : whole;
    }
    return own->is_set ? own : NULL;
}

static bool is_sum(const rk_plan *plan, rk_measure_kind kind, uint32_t s)
{
    bool ok = s == RK_ALL_SERVICES && rk_measure_rows[kind].adds_up;
    for (uint32_t i = 0; ok && i < plan->n_services; i++) {
        ok = plan->services[i].measures[kind].is_set;
    }
    return ok;
}

const rk_measure *rk_plan_measure_source(const rk_plan *plan, rk_measure_kind kind, uint32_t s)
{
    const rk_measure *own = written(plan, kind, s);
    return own ? own : is_sum(plan, kind, s) ? &plan->services[0].measures[kind] : NULL;
}

bool rk_plan_has_measure(const rk_plan *plan, rk_measure_kind kind, uint32_t s)
{
    return rk_plan_measure_source(plan, kind, s) != NULL;
}

bool rk_plan_measure(const rk_plan *plan, rk_measure_kind kind, uint32_t s, uint32_t m, mpq_t out)
{
    const rk_measure *own = written(plan, kind, s);
    if (own) {
        figure_of(own, m, out);
    }
    if (own || !is_sum(plan, kind, s)) {
        return own != NULL;
    }
    mpq_t part;
    mpq_init(part);
    mpq_set_ui(out, 0, 1);
    for (uint32_t i = 0; i < plan->n_services; i++) {
        figure_of(&plan->services[i].measures[kind], m, part);
        mpq_add(out, out, part);
    }
    mpq_clear(part);
    return true;
}
