/* risk_words.c - see risk_words.h: a sentence, the whole with its intervals, the parts, what drives them, how sure it is.
 */
#include "report/risk_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BINS = 16, BAR_WIDTH = 32 };

/* Figures below a hundredth of the whole are noise; money of millions needs no cents. */
static int digits_of(const rk_risk *risk) { return risk->rows[0].p99.value < 1e5 ? 2 : 0; }

static void add_money(const rk_risk *risk, double value, rk_text *out)
{
    rk_text_add_fixed(out, value, digits_of(risk));
    rk_text_addf(out, " %s", rk_ledger_currency(risk->ledger));
}

static void add_share(double share, rk_text *out) { rk_text_addf(out, "%.1f %%", 100 * share); }

static void add_chance(double chance, rk_text *out)
{
    if (chance > 0 && chance < 0.0005) {
        rk_text_add(out, "less than 0.1 %");
    } else if (chance < 1 && chance > 0.9995) {
        rk_text_add(out, "more than 99.9 %");
    } else {
        add_share(chance, out);
    }
}

/* ---- the answer in words ---- */

static const rk_risk_input *most_telling(const rk_risk *risk)
{
    const rk_risk_input *most = &risk->inputs[0];
    for (size_t i = 1; i < risk->n_inputs; i++) {
        most = risk->inputs[i].index.total.value > most->index.total.value ? &risk->inputs[i] : most;
    }
    return most;
}

static void add_sentence(const rk_risk *risk, rk_text *out)
{
    const rk_risk_row *whole = &risk->rows[0];
    const rk_risk_input *most = most_telling(risk);
    rk_text_add(out, "9 of 10 draws cost at most ");
    add_money(risk, whole->p90.value, out);
    rk_text_add(out, "; as written the plan costs ");
    add_money(risk, whole->point, out);
    rk_text_add(out, ".\n");
    if (whole->budget > 0) {
        rk_text_add(out, "The budget of ");
        add_money(risk, whole->budget, out);
        rk_text_add(out, " is passed in ");
        add_chance(whole->above.value, out);
        rk_text_add(out, " of them.\n");
    }
    if (whole->sd > 0) {
        rk_text_addf(out, "%s of the spread comes from %s (", most->index.total.value > 0.5 ? "Most" : "The largest part",
                     most->input->path);
        add_share(most->index.total.value, out);
        rk_text_add(out, " of the variance).\n");
    }
}

/* ---- the whole ---- */

static void add_estimate(const rk_risk *risk, const char *name, rk_estimate estimate, rk_table *table)
{
    int digits = digits_of(risk);
    rk_table_add(table, name);
    rk_table_add_fixed(table, estimate.value, digits);
    rk_table_add_fixed(table, isfinite(estimate.low) ? estimate.low : NAN, digits);
    rk_table_add_fixed(table, isfinite(estimate.high) ? estimate.high : NAN, digits);
}

static void print(rk_table *table, rk_table_style style, rk_text *out)
{
    rk_table_print(table, style, out);
    out->failed = out->failed || table->failed;
    rk_table_release(table);
}

static void add_whole(const rk_risk *risk, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"the whole", false}, {"", true}, {"from", true}, {"to", true}};
    const rk_risk_row *row = &risk->rows[0];
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    add_estimate(risk, "mean", row->mean, &table);
    add_estimate(risk, "P10: 1 of 10 draws costs at most", row->p10, &table);
    add_estimate(risk, "P50: every other", row->p50, &table);
    add_estimate(risk, "P90: 9 of 10", row->p90, &table);
    add_estimate(risk, "P99: 99 of 100", row->p99, &table);
    for (size_t t = 0; t < RK_RISK_TAILS; t++) {
        char name[64];
        snprintf(name, sizeof name, "mean of the dearest %.0f %%", 100 * (1 - rk_risk_tails[t]));
        add_estimate(risk, name, row->tail_mean[t], &table);
    }
    print(&table, style, out);
    rk_text_add(out, "standard deviation ");
    add_money(risk, row->sd, out);
    rk_text_add(out, "; from and to hold the true figure in 19 of 20 such runs\n");
}

/* ---- its parts ---- */

static void add_row(const rk_risk *risk, const rk_risk_row *row, bool has_budgets, rk_table *table)
{
    int digits = digits_of(risk);
    rk_text chance = {0};
    rk_table_add(table, row->name ? row->name : "total");
    rk_table_add_fixed(table, row->point, digits);
    rk_table_add_fixed(table, row->mean.value, digits);
    rk_table_add_fixed(table, row->p10.value, digits);
    rk_table_add_fixed(table, row->p50.value, digits);
    rk_table_add_fixed(table, row->p90.value, digits);
    rk_table_add_fixed(table, row->p99.value, digits);
    rk_table_add_fixed(table, row->tail_mean[1].value, digits);
    if (has_budgets && row->budget > 0) {
        rk_table_add_fixed(table, row->budget, digits);
        add_chance(row->above.value, &chance);
        rk_table_take(table, &chance);
    } else if (has_budgets) {
        rk_table_add(table, NULL);
        rk_table_add(table, NULL);
    }
    rk_text_release(&chance);
}

static void add_parts(const rk_risk *risk, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"", false},    {"as written", true}, {"mean", true},        {"P10", true},
                                      {"P50", true},  {"P90", true},        {"P99", true},         {"dearest 5 %", true},
                                      {"budget", true}, {"passed in", true}};
    bool has_budgets = false;
    for (size_t i = 0; i < risk->n_rows; i++) {
        has_budgets = has_budgets || risk->rows[i].budget > 0;
    }
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads) - (has_budgets ? 0 : 2), .strong_row = 1};
    for (size_t i = 0; i < risk->n_rows; i++) {
        add_row(risk, &risk->rows[i], has_budgets, &table);
    }
    print(&table, style, out);
}

/* ---- how the whole is spread ---- */

static void add_bar(double share, rk_text *out)
{
    for (int i = 0; i < (int)lround(share * BAR_WIDTH); i++) {
        rk_text_add(out, "#");
    }
}

/* Bins of equal width from the 1st to the 99th per cent; what lies outside is in the first and the last. */
static void add_histogram(const rk_risk *risk, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"costs up to", true}, {"draws", true}, {"so far", true}, {"", false}};
    size_t n = risk->n_draws, count[BINS] = {0}, most = 1, so_far = 0;
    double low = risk->totals[n / 100], high = risk->totals[n - 1 - n / 100], width = (high - low) / BINS;
    if (!(width > 0)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double bin = (risk->totals[i] - low) / width;
        size_t k = bin < 0 ? 0 : bin >= BINS ? BINS - 1 : (size_t)bin;
        count[k]++;
        most = count[k] > most ? count[k] : most;
    }
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t k = 0; k < BINS; k++) {
        rk_text bar = {0};
        so_far += count[k];
        rk_table_add_fixed(&table, k + 1 < BINS ? low + width * (double)(k + 1) : risk->totals[n - 1], digits_of(risk));
        rk_table_addf(&table, "%.1f %%", 100.0 * (double)count[k] / (double)n);
        rk_table_addf(&table, "%.1f %%", 100.0 * (double)so_far / (double)n);
        add_bar((double)count[k] / (double)most, &bar);
        rk_table_take(&table, &bar);
        rk_text_release(&bar);
    }
    rk_text_add(out, "\n");
    print(&table, style, out);
}

/* ---- what drives it ---- */

static void add_index(rk_estimate index, rk_table *table)
{
    double half = (index.high - index.low) / 2;
    rk_table_addf(table, "%.1f %% +- %.1f", 100 * fmax(index.value, 0), 100 * half);
}

/* Four figures of a number that may be a share or millions. */
static void add_value(double value, rk_table *table)
{
    if (fabs(value) >= 1000) {
        rk_table_add_fixed(table, value, 0);
    } else {
        rk_table_addf(table, "%.4g", value);
    }
}

static void add_inputs(const rk_risk *risk, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"uncertain number", false}, {"point", true},      {"P10", true},
                                      {"P90", true},               {"total at P10", true}, {"at P90", true},
                                      {"swing", true},             {"alone", true},      {"with others", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < risk->n_inputs; i++) {
        const rk_risk_input *input = &risk->inputs[i];
        rk_table_add(&table, input->input->path);
        add_value(input->input->point, &table);
        add_value(input->p10, &table);
        add_value(input->p90, &table);
        rk_table_add_fixed(&table, input->low, digits_of(risk));
        rk_table_add_fixed(&table, input->high, digits_of(risk));
        rk_table_add_fixed(&table, input->swing, digits_of(risk));
        add_index(input->index.first, &table);
        add_index(input->index.total, &table);
    }
    rk_text_add(out, "\n");
    print(&table, style, out);
    rk_text_addf(out,
                 "total at P10, at P90: the others at their points; alone, with others: parts of the variance of the total "
                 "(Sobol's first-order and total index, %zu x %zu runs)\n",
                 risk->n_index_draws, risk->n_inputs + 2);
}

static void add_moved(const rk_risk *risk, rk_text *out)
{
    for (size_t i = 0; i < risk->n_inputs; i++) {
        const rk_risk_input *input = &risk->inputs[i];
        if (input->n_moved > 0) {
            rk_text_addf(out, "%.2f %% of the draws of %s lay outside its range and count at its end\n",
                         100.0 * (double)input->n_moved / (double)risk->n_draws, input->input->path);
        }
    }
    for (size_t i = 0; i < risk->n_idle; i++) {
        if (!risk->idle[i]->is_in_book) {
            rk_text_addf(out, "no cost depends on %s\n", risk->idle[i]->path);
        }
    }
}

/* ---- how sure it is ---- */

static void add_steps(const rk_risk *risk, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"draws", true}, {"mean", true}, {"+-", true}, {"P90", true}, {"+-", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < risk->n_steps; i++) {
        const rk_risk_step *step = &risk->steps[i];
        rk_text n = {0};
        rk_text_add_fixed(&n, (double)step->n, 0);
        rk_table_take(&table, &n);
        rk_text_release(&n);
        rk_table_add_fixed(&table, step->mean.value, 2);
        rk_table_add_fixed(&table, (step->mean.high - step->mean.low) / 2, 2);
        rk_table_add_fixed(&table, step->p90.value, 2);
        rk_table_add_fixed(&table, (step->p90.high - step->p90.low) / 2, 2);
    }
    rk_text_add(out, "\n");
    print(&table, style, out);
    rk_text_addf(out, "of the total, as more draws are taken; +- from how much %d independent sets of them differ\n",
                 (int)RK_RISK_REPLICATES);
}

void rk_report_risk(const rk_risk *risk, rk_table_style style, rk_text *out)
{
    rk_text n = {0};
    rk_text_add_fixed(&n, (double)risk->n_draws, 0);
    rk_text_addf(out, "%s: %u month%s, %s draws of %zu uncertain number%s (%s, seed %llu), in %s\n\n",
                 rk_ledger_name(risk->ledger), rk_ledger_n_months(risk->ledger),
                 rk_ledger_n_months(risk->ledger) == 1 ? "" : "s", n.at ? n.at : "", risk->n_inputs,
                 risk->n_inputs == 1 ? "" : "s", risk->points == RK_POINTS_RANDOM ? "Monte Carlo" : "Sobol",
                 (unsigned long long)risk->seed, rk_ledger_currency(risk->ledger));
    rk_text_release(&n);
    add_sentence(risk, out);
    rk_text_add(out, "\n");
    add_whole(risk, style, out);
    add_histogram(risk, style, out);
    rk_text_add(out, "\n");
    add_parts(risk, style, out);
    add_inputs(risk, style, out);
    add_moved(risk, out);
    add_steps(risk, style, out);
}
