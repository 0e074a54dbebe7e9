/* actuals_words.c - see actuals_words.h. */
#include "report/actuals_words.h"

/* "+12.3 %"; nothing where nothing was planned. */
static void add_share(rk_table *table, int64_t variance, int64_t planned)
{
    rk_text text = {0};
    if (planned > 0) {
        rk_text_add(&text, variance >= 0 ? "+" : "");
        rk_text_add_fixed(&text, 100.0 * (double)variance / (double)planned, 1);
        rk_text_add(&text, " %");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void add_sums(rk_table *table, int64_t planned, int64_t outlook)
{
    rk_table_add_money(table, (rk_money){planned}, 2);
    rk_table_add_money(table, (rk_money){outlook}, 2);
    rk_table_add_money(table, (rk_money){outlook - planned}, 2);
    add_share(table, outlook - planned, planned);
}

static void add_months(const rk_ledger *ledger, const rk_actuals *a, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"month", false},           {"", false},      {"planned", true},
                                      {"actual or outlook", true}, {"more", true},   {"", true},
                                      {"more so far", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
    int64_t so_far = 0;
    for (uint32_t m = 0; m < a->n_months; m++) {
        so_far += a->outlook[m].micros - a->planned[m].micros;
        rk_table_add(&table, rk_ledger_month(ledger, m));
        rk_table_add(&table, a->is_closed[m] ? "closed" : "open");
        add_sums(&table, a->planned[m].micros, a->outlook[m].micros);
        rk_table_add_money(&table, (rk_money){so_far}, 2);
    }
    rk_table_add(&table, "total");
    rk_table_add(&table, NULL);
    add_sums(&table, a->planned_total.micros, a->outlook_total.micros);
    rk_table_add_money(&table, (rk_money){so_far}, 2);
    rk_table_print(&table, style, out);
    out->failed = out->failed || table.failed;
    rk_table_release(&table);
}

static void add_elements(const rk_actuals *a, rk_table_style style, rk_text *out)
{
    static const char *const basis[] = {"billed", "as planned*", "unplanned"};
    static const rk_column heads[] = {{"element", false},      {"", false},         {"planned so far", true},
                                      {"actual so far", true}, {"more", true},      {"", true},
                                      {"planned in all", true}, {"outlook", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
    for (size_t i = 0; i < a->n_rows; i++) {
        const rk_actual_row *row = &a->rows[i];
        rk_table_add(&table, row->element ? row->element : "billed in no element");
        rk_table_add(&table, basis[row->basis]);
        add_sums(&table, row->planned_closed.micros, row->actual_closed.micros);
        rk_table_add_money(&table, row->planned_total, 2);
        rk_table_add_money(&table, row->outlook_total, 2);
    }
    rk_table_add(&table, "total");
    rk_table_add(&table, NULL);
    add_sums(&table, a->planned_closed.micros, a->actual_closed.micros);
    rk_table_add_money(&table, a->planned_total, 2);
    rk_table_add_money(&table, a->outlook_total, 2);
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_text_add(out, "* no rule of the plan's bill matches it: it stands as planned\n");
    out->failed = out->failed || table.failed;
    rk_table_release(&table);
}

static void add_difference(rk_text *out, int64_t micros, const char *currency)
{
    rk_money_print((rk_money){micros < 0 ? -micros : micros}, 2, out);
    rk_text_addf(out, " %s %s", currency, micros < 0 ? "less" : "more");
}

void rk_report_actuals(const rk_ledger *ledger, const rk_actuals *a, rk_table_style style, rk_text *out)
{
    const char *currency = rk_ledger_currency(ledger);
    rk_text_addf(out, "%s: %u of %u month%s closed, in %s\n\n", rk_ledger_name(ledger), a->n_closed, a->n_months,
                 a->n_months == 1 ? "" : "s", currency);
    add_months(ledger, a, style, out);
    add_elements(a, style, out);
    rk_text_add(out, "\nso far ");
    add_difference(out, a->actual_closed.micros - a->planned_closed.micros, currency);
    rk_text_add(out, " than planned; the whole plan is expected to come to ");
    rk_money_print(a->outlook_total, 2, out);
    rk_text_addf(out, " %s, ", currency);
    add_difference(out, a->outlook_total.micros - a->planned_total.micros, currency);
    rk_text_add(out, " than planned\n");
}
