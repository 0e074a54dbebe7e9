/* unit_table.c - unit costs for people: every service and month, then all months of the service. */
#include "report/statement.h"

static void add_money(rk_table *table, rk_money amount, unsigned n_digits, bool known)
{
    rk_text text = {0};
    if (known) {
        rk_money_print(amount, n_digits, &text);
    } else {
        rk_text_add(&text, "-");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static bool add_row(const rk_ledger *ledger, uint32_t s, uint32_t month, rk_table *table)
{
    rk_unit_cost unit;
    rk_text requests = {0};
    if (rk_ledger_unit_cost(ledger, s, month, &unit, NULL)) {
        return false;
    }
    rk_text_add_fixed(&requests, unit.requests, 0);
    rk_table_add(table, rk_ledger_service(ledger, s)->name);
    rk_table_add(table, month == RK_ALL_MONTHS ? "all" : rk_ledger_month(ledger, month));
    rk_table_take(table, &requests);
    add_money(table, unit.full_cost, 2, true);
    add_money(table, unit.full_per_1000, 6, unit.has_requests);
    add_money(table, unit.marginal_per_1000, 6, unit.has_requests);
    add_money(table, unit.full_per_gb, 6, unit.has_gb);
    rk_text_release(&requests);
    return true;
}

void rk_report_units(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"service", false},
                                      {"month", false},
                                      {"requests", true},
                                      {"all costs", true},
                                      {"full, per 1,000 requests", true},
                                      {"marginal, per 1,000 requests", true},
                                      {"full, per GB out", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    bool ok = true;
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
            ok = ok && add_row(ledger, s, m, &table);
        }
        ok = ok && add_row(ledger, s, RK_ALL_MONTHS, &table);
    }
    out->failed = out->failed || !ok;
    rk_text_addf(out, "%s: unit costs in %s\n\n", rk_ledger_name(ledger), rk_ledger_currency(ledger));
    rk_table_print(&table, style, out);
    rk_text_add(out,
                "full: every line of the service; marginal: what 1,000 more requests would add, their machine time "
                "bought on demand\n");
    rk_table_release(&table);
}
