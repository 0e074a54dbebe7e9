/* statement.c - see statement.h: the views of a ledger, one table each. */
#include "report/statement.h"

#include <stdio.h>

#include "base/map.h"
#include "report/capacity_words.h"
#include "report/grid.h"

/* ---- elements: sums over the months ---- */

typedef struct {
    const rk_cost_line *first;
    int64_t quantity, amount;
} sum;

/* Element, service, origin and unit make a row. */
static uint32_t row_of(rk_interner *keys, const rk_cost_line *line)
{
    rk_text key = {0};
    rk_text_addf(&key, "%s\n%s\n%d\n%s", line->element, line->service_name, (int)line->origin, line->unit);
    uint32_t id = key.failed ? RK_NO_ID : rk_interner_add(keys, (rk_slice){key.at, key.n});
    rk_text_release(&key);
    return id;
}

static bool sum_elements(const rk_ledger *ledger, rk_basis basis, rk_vec *sums)
{
    rk_interner *keys = rk_interner_new();
    bool ok = keys != NULL;
    for (size_t i = 0; ok && i < rk_ledger_n_entries(ledger, basis); i++) {
        const rk_cost_line *line = rk_ledger_entry(ledger, basis, i);
        if (!line) {
            continue;
        }
        uint32_t id = row_of(keys, line);
        ok = id != RK_NO_ID && (id < sums->n || rk_vec_push(sums, &(sum){.first = line}));
        if (ok) {
            sum *at = (sum *)sums->data + id;
            at->amount += line->amount.micros; /* their total fits */
            if (__builtin_add_overflow(at->quantity, line->quantity_micros, &at->quantity)) {
                at->quantity = INT64_MAX;
            }
        }
    }
    rk_interner_free(keys);
    return ok;
}

static void add_elements(const rk_ledger *ledger, rk_basis basis, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"element", false}, {"service", false}, {"from", false}, {"category", false},
                                      {"layer", false},   {"quantity", true}, {"unit", false}, {"amount", true}};
    rk_vec sums = {.item_bytes = sizeof(sum)};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    unsigned places = rk_grid_places(ledger);
    out->failed = !sum_elements(ledger, basis, &sums) || out->failed;
    for (size_t i = 0; i < sums.n; i++) {
        const sum *at = (const sum *)sums.data + i;
        rk_table_add(&table, at->first->element);
        rk_table_add(&table, at->first->service_name);
        rk_table_add(&table, at->first->origin == RK_ASSUMED ? "assumed*" : rk_origin_name(at->first->origin));
        rk_table_add(&table, rk_category_name(at->first->category));
        rk_table_add(&table, rk_layer_name(at->first->layer));
        rk_table_add_money(&table, (rk_money){at->quantity}, at->quantity % 1000000 == 0 ? 0 : 6);
        rk_table_add(&table, at->first->unit);
        rk_table_add_money(&table, (rk_money){at->amount}, places);
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_text_add(out, "* the quantity is written in the plan, nobody measured it\n");
    rk_table_release(&table);
    rk_vec_release(&sums);
}

/* ---- fleets ---- */

static void add_fleet_row(const rk_ledger *ledger, const rk_cost_service *service, uint32_t m, rk_table *table)
{
    const rk_fleet_month *month = &service->months[m];
    double paid = (double)month->paid_hours_micros, idle = (double)month->idle_hours_micros;
    rk_text share = {0};
    rk_text_add_fixed(&share, paid > 0 ? (1 - idle / paid) * 100 : 0, 1);
    rk_text_add(&share, " %");
    rk_table_add(table, service->name);
    rk_table_add(table, service->machine);
    rk_table_add(table, rk_ledger_month(ledger, m));
    rk_table_add_money(table, (rk_money){month->requests_micros}, 0);
    rk_table_addf(table, "%lld", (long long)service->n_reserved);
    rk_table_addf(table, "%lld", (long long)month->n_machines_max);
    rk_table_add_money(table, (rk_money){month->paid_hours_micros}, 0);
    rk_table_add_money(table, (rk_money){month->idle_hours_micros}, 1);
    rk_table_take(table, &share);
    rk_table_add_money(table, (rk_money){month->shortfall_micros}, 0);
    rk_text_release(&share);
}

static void add_fleets(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"fleet", false},     {"machine", false},
                                      {"month", false},     {"requests", true},
                                      {"reserved", true},   {"most", true},
                                      {"paid hours", true}, {"idle hours", true},
                                      {"used", true},       {"requests beyond max", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        const rk_cost_service *service = rk_ledger_service(ledger, s);
        for (uint32_t m = 0; service->machine && m < rk_ledger_n_months(ledger); m++) {
            add_fleet_row(ledger, service, m, &table);
        }
    }
    if (rk_table_n_rows(&table) > 0) {
        rk_text_add(out, "\n");
        rk_table_print(&table, style, out);
    }
    rk_table_release(&table);
    rk_report_capacity_lines(ledger, out);
}

/* ---- the whole ---- */

enum { MONTHS_READ = 24 }; /* more of them side by side nobody reads: years take their place */

static void add_view(const rk_ledger *ledger, rk_basis basis, rk_dimension rows, rk_dimension columns,
                     rk_table_style style, rk_text *out)
{
    char title[48];
    snprintf(title, sizeof title, "%s by %s", rk_dimension_words(rows), rk_dimension_words(columns));
    rk_grid_print(ledger, title, basis, rows, columns, style, out);
}

static void add_title(const rk_ledger *ledger, rk_basis basis, rk_text *out)
{
    rk_text_addf(out, "%s: %s, %s to %s, in %s\n", rk_ledger_name(ledger),
                 basis == RK_CASH ? "cash statement, what is paid" : "cost statement", rk_ledger_month(ledger, 0),
                 rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1), rk_ledger_currency(ledger));
}

void rk_report_statement(const rk_ledger *ledger, const rk_statement_options *options, rk_table_style style,
                         rk_text *out)
{
    rk_basis basis = options->basis;
    bool is_long = rk_ledger_n_months(ledger) > MONTHS_READ;
    add_title(ledger, basis, out);
    if (options->has_view) {
        add_view(ledger, basis, options->rows, options->columns, style, out);
        return;
    }
    if (options->is_showback) {
        rk_report_showback(ledger, style, out);
        return;
    }
    add_view(ledger, basis, RK_BY_CATEGORY, RK_BY_LAYER, style, out);
    add_view(ledger, basis, RK_BY_CATEGORY, RK_BY_PRODUCT_LINE, style, out);
    add_view(ledger, basis, RK_BY_MONTH, RK_BY_CATEGORY, style, out);
    if (is_long) {
        add_view(ledger, basis, RK_BY_YEAR, RK_BY_CATEGORY, style, out);
    }
    rk_report_budget(ledger, style, out);
    rk_report_books(ledger, style, out);
    rk_grid_print(ledger, "quantities by service", basis, RK_BY_ORIGIN, RK_BY_SERVICE, style, out);
    if (options->has_months) {
        add_view(ledger, basis, RK_BY_ELEMENT, is_long ? RK_BY_YEAR : RK_BY_MONTH, style, out);
    }
    add_elements(ledger, basis, style, out);
    add_fleets(ledger, style, out);
}
