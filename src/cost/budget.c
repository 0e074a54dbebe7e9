/* budget.c - see budget.h: reading, and the plan held against it. */
#include "cost/budget.h"

#include <stdio.h>
#include <string.h>

#include "cost/ledger_parts.h"
#include "math/rational.h"

typedef struct {
    rk_number total, per_month;
    const rk_yaml_node *months, *category, *product_line;
    int basis;
} budget_keys;

static const rk_key whole_keys[] = {
    {"total", RK_KEY_NUMBER, offsetof(budget_keys, total), .certain = true,
     .help = "of the whole plan, in equal parts but for the months named in 'months'"},
    {"per_month", RK_KEY_NUMBER, offsetof(budget_keys, per_month), .certain = true, .help = "of every month, instead"},
    {"months", RK_KEY_MAP, offsetof(budget_keys, months), .help = "of single months, by month"},
    {"category", RK_KEY_MAP, offsetof(budget_keys, category), .help = "of single categories, by name"},
    {"product_line", RK_KEY_MAP, offsetof(budget_keys, product_line), .help = "of single product lines, by name"},
    {"basis", RK_KEY_CHOICE, offsetof(budget_keys, basis), .choices = "accrual|cash",
     .help = "held against what is used up in a month, or what is paid in it (default accrual)"},
};

enum { N_PART_KEYS = 3 }; /* a part has the first three */

const rk_key_table rk_budget_tables[] = {{"budget", whole_keys, RK_COUNT_OF(whole_keys)},
                                         {"part of a budget", whole_keys, N_PART_KEYS}};
const size_t rk_n_budget_tables = RK_COUNT_OF(rk_budget_tables);

/* ---- reading ---- */

static bool set_micros(const rk_number *number, int64_t *out)
{
    mpq_t value;
    mpq_init(value);
    rk_rational_set(value, number->value);
    bool fits = rk_rational_micros(value, out);
    mpq_clear(value);
    return fits;
}

static rk_status too_large(const char *what, rk_place at, rk_error *err)
{
    return rk_fail_at(err, at, "%s is absurdly large: it does not fit 64-bit millionths", what);
}

/* What the named months leave of the total, in equal parts on the others. */
static rk_status spread_total(const rk_plan *plan, const char *what, const rk_number *total, const rk_number *named,
                              rk_money *months, rk_error *err)
{
    int64_t rest = 0, parts[RK_MONTHS_MAX];
    unsigned n = 0, part = 0;
    if (!set_micros(total, &rest)) {
        return too_large(what, total->at, err);
    }
    for (uint32_t m = 0; m < plan->n_months; m++) {
        n += !named[m].is_set;
        if (__builtin_sub_overflow(rest, named[m].is_set ? months[m].micros : 0, &rest)) {
            return too_large(what, total->at, err);
        }
    }
    if (rest < 0 || (n == 0 && rest != 0)) {
        return rk_fail_at(err, total->at, "the months of %s add up to %s than its total", what,
                          rest < 0 ? "more" : "less");
    }
    if (n > 0 && !rk_rational_share(rest, NULL, n, parts)) {
        return rk_fail_memory(err, "a budget");
    }
    for (uint32_t m = 0; m < plan->n_months; m++) {
        if (!named[m].is_set) {
            months[m].micros = parts[part++];
        }
    }
    return RK_OK;
}

static rk_status fill_months(rk_plan *plan, const char *what, const budget_keys *k, rk_place at, rk_money *months,
                             rk_error *err)
{
    static const rk_key figure = {.name = "a month's budget", .kind = RK_KEY_NUMBER, .certain = true};
    rk_number named[RK_MONTHS_MAX] = {0};
    char name[8];
    if (k->total.is_set && k->per_month.is_set) {
        return rk_fail_at(err, k->per_month.at, "'total' and 'per_month' of %s exclude each other", what);
    }
    rk_status status = k->months ? rk_months_read(plan, k->months, &figure, named, err) : RK_OK;
    for (uint32_t m = 0; m < plan->n_months && !status; m++) {
        const rk_number *from = named[m].is_set ? &named[m] : &k->per_month;
        if (from->is_set && !set_micros(from, &months[m].micros)) {
            return too_large(what, from->at, err);
        }
        if (!from->is_set && !k->total.is_set) {
            rk_plan_month(plan, m, name);
            return rk_fail_at(err, at, "%s says nothing of %s: it needs 'total', 'per_month' or that month", what,
                              name);
        }
    }
    return status || !k->total.is_set ? status : spread_total(plan, what, &k->total, named, months, err);
}

static rk_status add_row(rk_plan *plan, const char *what, const budget_keys *k, rk_place at, rk_budget_row row,
                         rk_error *err)
{
    rk_money *months = RK_TAKE(&plan->arena, rk_money, plan->n_months);
    rk_status status = months ? fill_months(plan, what, k, at, months, err) : rk_fail_memory(err, "a budget");
    for (uint32_t m = 0; m < plan->n_months && !status; m++) {
        if (!rk_money_add(row.total, months[m], &row.total)) {
            status = too_large(what, at, err);
        }
    }
    row.months = months;
    if (!status && !rk_vec_push(&plan->budget->rows, &row)) {
        status = rk_fail_memory(err, "a budget");
    }
    return status;
}

static rk_status need_name(const rk_plan *plan, rk_dimension dimension, const rk_yaml_node *key, rk_error *err)
{
    const char *names[RK_SERVICES_MAX];
    size_t n = 0;
    if (dimension == RK_BY_CATEGORY) {
        for (; n < RK_N_CATEGORIES; n++) {
            names[n] = rk_category_name((rk_category)n);
        }
    } else {
        for (; n < plan->n_services; n++) {
            names[n] = plan->services[n].product_line;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], key->text) == 0) {
            return RK_OK;
        }
    }
    const char *near = rk_nearest_name(key->text, names, n);
    return rk_fail_at(err, key->at, "the budget names the %s '%.60s', which the plan does not have%s%s%s",
                      rk_dimension_words(dimension), key->text, near ? "; did you mean '" : "", near ? near : "",
                      near ? "'?" : "");
}

static rk_status read_parts(rk_plan *plan, const rk_yaml_node *map, rk_dimension dimension, rk_error *err)
{
    for (const rk_yaml_node *c = map ? map->first : NULL; c; c = c->next) {
        char what[96];
        budget_keys k = {0};
        snprintf(what, sizeof what, "the budget of '%.60s'", c->key->text);
        rk_status status = need_name(plan, dimension, c->key, err);
        status = status ? status : rk_yaml_fill(c, what, whole_keys, N_PART_KEYS, &k, err);
        status =
            status ? status
                   : add_row(plan, what, &k, c->at, (rk_budget_row){.dimension = dimension, .name = c->key->text}, err);
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

rk_status rk_budget_read(rk_plan *plan, const rk_yaml_node *map, rk_error *err)
{
    budget_keys k = {0};
    rk_status status = rk_yaml_fill(map, "the budget", whole_keys, RK_COUNT_OF(whole_keys), &k, err);
    if (status) {
        return status;
    }
    plan->budget = RK_TAKE(&plan->arena, struct rk_budget, 1);
    if (!plan->budget) {
        return rk_fail_memory(err, "a budget");
    }
    *plan->budget = (struct rk_budget){.basis = k.basis < 0 ? RK_ACCRUAL : (rk_basis)k.basis,
                                       .rows = {.item_bytes = sizeof(rk_budget_row)}};
    bool has_parts = k.category || k.product_line;
    if (k.total.is_set || k.per_month.is_set || k.months || !has_parts) {
        status = add_row(plan, "the budget", &k, map->at, (rk_budget_row){.name = NULL}, err);
    }
    status = status ? status : read_parts(plan, k.category, RK_BY_CATEGORY, err);
    return status ? status : read_parts(plan, k.product_line, RK_BY_PRODUCT_LINE, err);
}

/* ---- the plan held against it ---- */

size_t rk_ledger_n_budgets(const rk_ledger *ledger) { return ledger->plan->budget ? ledger->plan->budget->rows.n : 0; }

/* Month by month what the basis says of the row's lines. */
static rk_status plan_of(const rk_ledger *ledger, const rk_budget_row *row, rk_basis basis, rk_money *planned,
                         rk_error *err)
{
    rk_view view;
    rk_dimension dimension = row->name ? row->dimension : RK_BY_CATEGORY;
    rk_status status = rk_ledger_view(ledger, basis, dimension, RK_BY_MONTH, &view, err);
    if (status) {
        return status;
    }
    for (uint32_t r = 0; r < view.n_rows; r++) {
        for (uint32_t m = 0; m < view.n_columns && (!row->name || strcmp(view.row[r], row->name) == 0); m++) {
            planned[m].micros += view.cell[(size_t)r * view.n_columns + m].micros;
        }
    }
    rk_view_release(&view);
    return RK_OK;
}

rk_status rk_ledger_budget(const rk_ledger *ledger, size_t i, rk_budget_view *out, rk_error *err)
{
    const struct rk_budget *budget = ledger->plan->budget;
    const rk_budget_row *row = (const rk_budget_row *)budget->rows.data + i;
    rk_money planned[RK_MONTHS_MAX] = {0};
    rk_status status = plan_of(ledger, row, budget->basis, planned, err);
    if (status) {
        return status;
    }
    *out = (rk_budget_view){.basis = budget->basis,
                            .dimension = row->dimension,
                            .name = row->name,
                            .budget = row->months,
                            .budget_total = row->total};
    for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
        out->planned[m] = planned[m];
        out->planned_total.micros += planned[m].micros;
    }
    return RK_OK;
}
