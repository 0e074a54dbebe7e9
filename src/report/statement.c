/* statement.c - see statement.h: the views of a ledger, one table each. */
#include "report/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

static void add_money(rk_table *table, int64_t micros, unsigned n_digits)
{
    rk_text text = {0};
    rk_money_print((rk_money){micros}, n_digits, &text);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static unsigned places_of(const rk_ledger *ledger)
{
    unsigned places = 2;
    int64_t unit = 10000;
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        while (places < 6 && rk_ledger_line(ledger, i)->amount.micros % unit != 0) {
            places++;
            unit /= 10;
        }
    }
    return places;
}

/* ---- grids ---- */

static void fill_grid(const rk_view *view, unsigned places, rk_table *table)
{
    for (uint32_t r = 0; r < view->n_rows; r++) {
        rk_table_add(table, view->row[r]);
        for (uint32_t c = 0; c < view->n_columns; c++) {
            add_money(table, view->cell[(size_t)r * view->n_columns + c].micros, places);
        }
        add_money(table, view->row_sum[r].micros, places);
    }
    rk_table_add(table, "total");
    for (uint32_t c = 0; c < view->n_columns; c++) {
        add_money(table, view->column_sum[c].micros, places);
    }
    add_money(table, view->total.micros, places);
}

static void add_grid(const rk_ledger *ledger, const char *title, rk_dimension rows, rk_dimension columns,
                     rk_table_style style, rk_text *out)
{
    rk_view view;
    if (rk_ledger_view(ledger, RK_ACCRUAL, rows, columns, &view, NULL)) {
        out->failed = true;
        return;
    }
    rk_column *heads = calloc((size_t)view.n_columns + 2, sizeof *heads);
    if (heads) {
        heads[0].title = title;
        for (uint32_t c = 0; c < view.n_columns; c++) {
            heads[c + 1] = (rk_column){view.column[c], true};
        }
        heads[view.n_columns + 1] = (rk_column){"total", true};
        rk_table table = {.columns = heads, .n_columns = (size_t)view.n_columns + 2, .has_total = true};
        fill_grid(&view, places_of(ledger), &table);
        rk_text_add(out, "\n");
        rk_table_print(&table, style, out);
        rk_table_release(&table);
    }
    out->failed = out->failed || !heads;
    free(heads);
    rk_view_release(&view);
}

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

static bool sum_elements(const rk_ledger *ledger, rk_vec *sums)
{
    rk_interner *keys = rk_interner_new();
    bool ok = keys != NULL;
    for (size_t i = 0; ok && i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
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

static void add_elements(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"element", false}, {"service", false}, {"from", false}, {"category", false},
                                      {"layer", false},   {"quantity", true}, {"unit", false}, {"amount", true}};
    rk_vec sums = {.item_bytes = sizeof(sum)};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    out->failed = !sum_elements(ledger, &sums) || out->failed;
    for (size_t i = 0; i < sums.n; i++) {
        const sum *at = (const sum *)sums.data + i;
        rk_table_add(&table, at->first->element);
        rk_table_add(&table, at->first->service_name);
        rk_table_add(&table, at->first->origin == RK_ASSUMED ? "assumed*" : rk_origin_name(at->first->origin));
        rk_table_add(&table, rk_category_name(at->first->category));
        rk_table_add(&table, rk_layer_name(at->first->layer));
        add_money(&table, at->quantity, at->quantity % 1000000 == 0 ? 0 : 6);
        rk_table_add(&table, at->first->unit);
        add_money(&table, at->amount, places_of(ledger));
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
    add_money(table, month->requests_micros, 0);
    rk_table_addf(table, "%lld", (long long)service->n_reserved);
    rk_table_addf(table, "%lld", (long long)month->n_machines_max);
    add_money(table, month->paid_hours_micros, 0);
    add_money(table, month->idle_hours_micros, 1);
    rk_table_take(table, &share);
    add_money(table, month->shortfall_micros, 0);
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
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        const rk_cost_service *service = rk_ledger_service(ledger, s);
        if (service->machine) {
            rk_text_addf(out, "one %s answers ", service->machine);
            rk_text_add_real(out, service->capacity_rps);
            rk_text_addf(out, " requests/s of %s (%s: %s)\n", service->name, rk_origin_name(service->capacity_origin),
                         service->capacity_words);
        }
    }
}

void rk_report_statement(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s: cost statement, %s to %s, in %s\n", rk_ledger_name(ledger), rk_ledger_month(ledger, 0),
                 rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1), rk_ledger_currency(ledger));
    add_grid(ledger, "category by layer", RK_BY_CATEGORY, RK_BY_LAYER, style, out);
    add_grid(ledger, "category by product line", RK_BY_CATEGORY, RK_BY_PRODUCT_LINE, style, out);
    add_grid(ledger, "month by category", RK_BY_MONTH, RK_BY_CATEGORY, style, out);
    add_grid(ledger, "quantities by service", RK_BY_ORIGIN, RK_BY_SERVICE, style, out);
    add_elements(ledger, style, out);
    add_fleets(ledger, style, out);
}
