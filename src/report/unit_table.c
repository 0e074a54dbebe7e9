/* unit_table.c - unit costs for people: what one of everything costs over the whole plan, then month by month. */
#include "cost/unit.h"
#include "report/grid.h"
#include "report/statement.h"

enum { UNIT_PLACES = 6 };

/* A product line of one service, or a plan of one, says nothing that the service does not. */
static bool is_told_apart(const rk_ledger *ledger, const rk_scope *scope)
{
    return scope->kind == RK_SCOPE_SERVICE || scope->n_services > 1 || rk_ledger_n_services(ledger) == 0;
}

static void add_cost(const rk_unit *unit, const rk_unit_cost *cost, rk_money amount, rk_table *table)
{
    if (!cost->is_known) {
        rk_table_add(table, "-");
    } else if (rk_unit_is_share(unit)) {
        rk_table_add_share(table, amount.micros);
    } else {
        rk_table_add_money(table, amount, UNIT_PLACES);
    }
}

/* ---- the whole plan ---- */

static void add_rows(const rk_ledger *ledger, const rk_unit *unit, rk_table *table)
{
    bool is_first = true;
    for (size_t i = 0; i < rk_ledger_n_scopes(ledger); i++) {
        rk_scope scope = rk_ledger_scope(ledger, i);
        rk_unit_cost cost = rk_ledger_unit_cost(ledger, unit, &scope, RK_ALL_MONTHS);
        if (!cost.is_known || !is_told_apart(ledger, &scope)) {
            continue;
        }
        rk_text n = {0};
        rk_text_add_fixed(&n, cost.n_units, 0);
        rk_table_add(table, is_first ? rk_unit_words(unit) : "");
        rk_table_add(table, scope.name);
        rk_table_take(table, &n);
        rk_table_add_money(table, cost.cost, 2);
        add_cost(unit, &cost, cost.full, table);
        add_cost(unit, &cost, cost.marginal, table);
        rk_text_release(&n);
        is_first = false;
    }
}

static void add_whole(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {
        {"whole plan, per", false}, {"of", false}, {"how many", true}, {"costs", true}, {"full", true},
        {"marginal", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < rk_n_units(); i++) {
        add_rows(ledger, rk_unit_at(i), &table);
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* ---- month by month ---- */

enum { SCOPES_MAX = 32 }; /* in a table; the rest is in --json */

typedef struct {
    rk_scope scope[SCOPES_MAX];
    size_t n;
} columns;

static columns columns_of(const rk_ledger *ledger, const rk_unit *unit)
{
    columns found = {.n = 0};
    for (size_t i = 0; i < rk_ledger_n_scopes(ledger) && found.n < SCOPES_MAX; i++) {
        rk_scope scope = rk_ledger_scope(ledger, i);
        if (is_told_apart(ledger, &scope) && rk_ledger_unit_cost(ledger, unit, &scope, RK_ALL_MONTHS).is_known) {
            found.scope[found.n++] = scope;
        }
    }
    return found;
}

static void add_months(const rk_ledger *ledger, const rk_unit *unit, rk_table_style style, rk_text *out)
{
    columns c = columns_of(ledger, unit);
    rk_column heads[1 + 2 * SCOPES_MAX] = {{rk_unit_words(unit), false}};
    rk_table table = {.columns = heads, .n_columns = 1 + 2 * c.n};
    for (size_t i = 0; i < c.n; i++) {
        heads[1 + 2 * i] = (rk_column){c.scope[i].name, true};
        heads[2 + 2 * i] = (rk_column){"marginal", true};
    }
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger) && c.n > 0; m++) {
        rk_table_add(&table, rk_ledger_month(ledger, m));
        for (size_t i = 0; i < c.n; i++) {
            rk_unit_cost cost = rk_ledger_unit_cost(ledger, unit, &c.scope[i], m);
            add_cost(unit, &cost, cost.full, &table);
            add_cost(unit, &cost, cost.marginal, &table);
        }
    }
    if (c.n > 0) {
        rk_text_add(out, "\n");
        style.width = RK_GRID_WIDTH;
        rk_table_print(&table, style, out);
    }
    rk_table_release(&table);
}

void rk_report_units(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s: unit costs, %s to %s, in %s\n\n", rk_ledger_name(ledger), rk_ledger_month(ledger, 0),
                 rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1), rk_ledger_currency(ledger));
    add_whole(ledger, style, out);
    for (size_t i = 0; i < rk_n_units() && rk_ledger_n_months(ledger) > 1; i++) {
        add_months(ledger, rk_unit_at(i), style, out);
    }
    rk_text_add(out, "full: all costs; marginal: what one more adds with the requests it brings, their machine time "
                     "bought on demand\n");
}
