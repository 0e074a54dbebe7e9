/* focus_words.c - the verdict of check-focus for people. */
#include "report/bills.h"

static void add_verdict(const rk_focus_report *report, const char *name, rk_text *out)
{
    size_t n[2] = {0};
    for (size_t i = 0; i < rk_focus_report_n_broken(report); i++) {
        n[rk_focus_report_broken(report, i)->level]++;
    }
    rk_text_addf(out, "%s %s FOCUS 1.2: %llu rows, %zu columns, %zu checks", name,
                 rk_focus_report_conforms(report) ? "conforms to" : "does not conform to",
                 (unsigned long long)rk_focus_report_rows(report), rk_focus_report_n_columns(report),
                 rk_focus_report_n_rules(report));
    rk_text_addf(out, "; broken: %zu that must hold, %zu that should\n", n[RK_FOCUS_MUST], n[RK_FOCUS_SHOULD]);
}

static void add_sums(const rk_focus_report *report, rk_text *out)
{
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        const rk_focus_sum *sum = rk_focus_report_sum(report, i);
        if (*sum->sum) {
            rk_text_addf(out, "%s %s (exactly %s)", sum->column, sum->sum, sum->exact);
        }
        if (*sum->sum && sum->n_null > 0) {
            rk_text_addf(out, ", %llu rows without", (unsigned long long)sum->n_null);
        }
        rk_text_add(out, *sum->sum ? "\n" : "");
    }
}

static void add_counts(const rk_focus_report *report, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"rule", false}, {"column", false}, {"", false}, {"times", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < rk_focus_report_n_broken(report); i++) {
        const rk_focus_broken *broken = rk_focus_report_broken(report, i);
        rk_table_add(&table, broken->id);
        rk_table_add(&table, broken->column);
        rk_table_add(&table, broken->level == RK_FOCUS_MUST ? "must" : "should");
        rk_table_addf(&table, "%llu", (unsigned long long)broken->n);
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* A finding about the whole file has no row: its cells stay empty. */
static void add_position(rk_table *table, uint64_t row, uint64_t position)
{
    if (row > 0) {
        rk_table_addf(table, "%llu", (unsigned long long)position);
    } else {
        rk_table_add(table, "");
    }
}

static void add_places(const rk_focus_report *report, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"rule", false},   {"row", true},    {"line", true},
                                        {"column", false}, {"found", false}, {"expected", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < rk_focus_report_n_broken(report); i++) {
        const rk_focus_broken *broken = rk_focus_report_broken(report, i);
        for (size_t k = 0; k < broken->n_first; k++) {
            const rk_focus_finding *finding = &broken->first[k];
            rk_table_add(&table, broken->id);
            add_position(&table, finding->row, finding->row);
            add_position(&table, finding->row, finding->line);
            rk_table_add(&table, broken->column);
            rk_table_add(&table, finding->found);
            rk_table_add(&table, finding->expected);
        }
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

void rk_report_focus(const rk_focus_report *report, const char *name, rk_table_style style, rk_text *out)
{
    add_verdict(report, name, out);
    add_sums(report, out);
    if (rk_focus_report_n_broken(report) > 0) {
        add_counts(report, style, out);
        add_places(report, style, out);
    }
}
