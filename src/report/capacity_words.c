/* capacity_words.c - see capacity_words.h. */
#include "report/capacity_words.h"

void rk_report_capacity_lines(const rk_ledger *ledger, rk_text *out)
{
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(ledger, i);
        for (uint32_t c = 0; c < fleet->n_services * fleet->n_kinds; c++) {
            const rk_fleet_capacity *capacity = &fleet->capacity[c];
            rk_text_addf(out, "one %s answers ", capacity->machine);
            rk_text_add_real(out, capacity->rps);
            rk_text_addf(out, " requests/s of %s (%s: %s)\n", capacity->service, rk_origin_name(capacity->origin),
                         capacity->words);
        }
    }
}

/* ---- what is asked ---- */

static void add_demand(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"service", false}, {"fleet", false},     {"machine", false},
                                      {"one does", true}, {"peak asked", true}, {"machines at peak", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(ledger, i);
        for (uint32_t c = 0; c < fleet->n_services * fleet->n_kinds; c++) {
            const rk_fleet_capacity *capacity = &fleet->capacity[c];
            double peak = fleet->peak_rps[c / fleet->n_kinds];
            rk_table_add(&table, capacity->service);
            rk_table_add(&table, fleet->is_shared ? fleet->name : "its own");
            rk_table_add(&table, capacity->machine);
            rk_table_add_fixed(&table, capacity->rps, 1);
            rk_table_add_fixed(&table, peak, 1);
            rk_table_add_fixed(&table, peak / capacity->rps / fleet->utilisation, 2);
        }
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_text_add(out,
                "requests/s; machines at peak: of this kind alone, at the planned utilisation, before rounding up, "
                "min and spare\n");
    rk_table_release(&table);
}

/* ---- machines by month ---- */

static void add_share(rk_table *table, double part, double whole)
{
    if (whole > 0) {
        rk_table_addf(table, "%.1f %%", part / whole * 100);
    } else {
        rk_table_add(table, "");
    }
}

static void add_months(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"fleet", false}, {"month", false},     {"most", true},
                                      {"mean", true},   {"paid hours", true}, {"idle hours", true},
                                      {"used", true},   {"idle", true},       {"requests beyond max", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(ledger, i);
        for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
            const rk_fleet_month *month = &fleet->months[m];
            double paid = (double)month->paid_hours_micros, idle = (double)month->idle_hours_micros;
            rk_table_add(&table, fleet->name);
            rk_table_add(&table, rk_ledger_month(ledger, m));
            rk_table_addf(&table, "%lld", (long long)month->n_machines_max);
            rk_table_add_fixed(&table, paid / 1e6 / (double)rk_ledger_month_hours(ledger, m), 2);
            rk_table_add_money(&table, (rk_money){month->paid_hours_micros}, 0);
            rk_table_add_money(&table, (rk_money){month->idle_hours_micros}, 1);
            add_share(&table, paid - idle, paid);
            add_share(&table, idle, paid);
            rk_table_add_money(&table, (rk_money){month->shortfall_micros}, 0);
        }
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* ---- which machines ---- */

/* "5 small + 1 large", "none" */
static void add_reserved(const rk_cost_fleet *fleet, rk_table *table)
{
    rk_text text = {0};
    for (uint32_t k = 0; k < fleet->n_kinds; k++) {
        if (fleet->n_reserved[k] > 0) {
            rk_text_addf(&text, "%s%lld %s", text.n ? " + " : "", (long long)fleet->n_reserved[k], fleet->machine[k]);
        }
    }
    if (text.n == 0) {
        rk_text_add(&text, "none");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

/* "1,860 small + 240 large" */
static void add_on_demand(const rk_ledger *ledger, const rk_cost_fleet *fleet, rk_table *table)
{
    rk_text text = {0};
    for (uint32_t k = 0; k < fleet->n_kinds; k++) {
        int64_t micros = 0;
        for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
            const rk_fleet_month *month = &fleet->months[m];
            micros += month->by_kind ? month->by_kind[k].paid_micros : month->paid_hours_micros;
            micros -= fleet->n_reserved[k] * rk_ledger_month_hours(ledger, m) * 1000000;
        }
        if (micros > 0) {
            rk_text_add(&text, text.n ? " + " : "");
            rk_money_print((rk_money){micros}, 0, &text);
            rk_text_addf(&text, " %s", fleet->machine[k]);
        }
    }
    if (text.n == 0) {
        rk_text_add(&text, "none");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void add_mix_row(const rk_ledger *ledger, const rk_cost_fleet *fleet, rk_table *table)
{
    double cost = (double)fleet->cost.micros, all = (double)fleet->all_on_demand.micros;
    rk_table_add(table, fleet->name);
    add_reserved(fleet, table);
    add_on_demand(ledger, fleet, table);
    rk_table_add_money(table, fleet->cost, 2);
    if (fleet->has_all_on_demand) {
        rk_table_add_money(table, fleet->all_on_demand, 2);
        rk_table_add_money(table, (rk_money){fleet->all_on_demand.micros - fleet->cost.micros}, 2);
        add_share(table, all - cost, all);
    } else {
        rk_table_add(table, "not sold so");
        rk_table_add(table, "");
        rk_table_add(table, "");
    }
}

static void add_mixes(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"fleet", false}, {"reserved", false},     {"hours on demand", false},
                                      {"cost", true},   {"all on demand", true}, {"saved", true},
                                      {"saved", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        add_mix_row(ledger, rk_ledger_fleet(ledger, i), &table);
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(ledger, i);
        double cost = (double)fleet->cost.micros / 1e6;
        if (fleet->n_kinds > 1) {
            rk_text_addf(out, "the mix of %s is %s; by linear relaxation none costs less than %.2f %s, %.2f %% below\n",
                         fleet->name,
                         fleet->is_proven ? "the cheapest there is"
                                          : "the cheapest that the search found before it gave up",
                         fleet->bound, rk_ledger_currency(ledger), cost > 0 ? (cost - fleet->bound) / cost * 100 : 0);
        }
    }
}

void rk_report_capacity(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s: capacity, %s to %s, in %s\n", rk_ledger_name(ledger), rk_ledger_month(ledger, 0),
                 rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1), rk_ledger_currency(ledger));
    if (rk_ledger_n_fleets(ledger) == 0) {
        rk_text_add(out, "no service of the plan has a fleet\n");
        return;
    }
    add_demand(ledger, style, out);
    rk_report_capacity_lines(ledger, out);
    add_months(ledger, style, out);
    add_mixes(ledger, style, out);
}
