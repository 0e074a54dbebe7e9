/* frontier_words.c - the frontier for a terminal: the table, and what is to be known beside it. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/frontier_report.h"

const char *rk_frontier_verdict_name(rk_frontier_verdict verdict)
{
    static const char *const names[] = {"chosen", "runner_up", "dearer", "too_bad", "too_slow"};
    return names[verdict];
}

/* ---- cells ---- */

typedef void cell_writer(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out);

/* Three figures of a value that may be small: 1.93, 0.0421, 12,000. */
static int digits_of(double value)
{
    double size = fabs(value);
    return !(size > 0) || size >= 100 ? 0 : (int)fmin(6, 2 - floor(log10(size)));
}

/* "8,757 (3,353 to 17,526)" */
static void add_range(rk_estimate e, int n_digits, rk_text *out)
{
    rk_text low = {0}, high = {0};
    rk_text_add_fixed(out, e.value, n_digits);
    rk_text_add_fixed(&low, e.low, n_digits);
    rk_text_add_fixed(&high, e.high, n_digits);
    if (low.at && high.at && strcmp(low.at, high.at) != 0) {
        rk_text_addf(out, " (%s to %s)", low.at, high.at);
    }
    out->failed |= low.failed || high.failed;
    rk_text_release(&low);
    rk_text_release(&high);
}

static void write_name(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add(out, row->name);
}

static void write_quality(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_fixed(out, row->quality.value, 4);
}

static void write_kept(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    const rk_estimate percent = {100 * row->kept.value, 100 * row->kept.low, 100 * row->kept.high};
    add_range(percent, 1, out);
}

static void write_bytes(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_bytes(out, (double)row->file_bytes);
}

static void write_resident(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_bytes(out, (double)row->resident_bytes);
}

static void write_cpu(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_fixed(out, row->cpu_ms.value, 3);
}

static void write_p99(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    add_range(row->p99_ms, 1, out);
}

static void write_capacity(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    add_range(row->capacity_rps, 0, out);
}

static void write_machines(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_fixed(out, (double)row->n_machines, 0);
}

static void write_per_1000(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_fixed(out, row->cost_per_1000.value, digits_of(row->cost_per_1000.value));
}

static void write_per_year(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    add_range(row->cost_per_year, 0, out);
}

static void write_energy(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_fixed(out, row->wh_per_1000, digits_of(row->wh_per_1000));
}

static void write_making(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    (void)r;
    rk_text_add_seconds(out, row->making_s);
}

static void write_standing(const rk_frontier_report *r, const rk_frontier_row *row, rk_text *out)
{
    rk_frontier_standing_words(r, (size_t)(row - r->rows), out);
}

void rk_frontier_standing_words(const rk_frontier_report *r, size_t i, rk_text *out)
{
    static const char *const verdicts[] = {"chosen", "runner-up", "", "not good enough", "too slow"};
    const rk_frontier_row *row = &r->rows[i];
    bool is_in_doubt = row->verdict == RK_FRONTIER_TOO_BAD && row->kept.high >= r->quality_min;
    const char *verdict = is_in_doubt ? "not surely good enough" : verdicts[row->verdict];
    rk_text_add(out, verdict);
    rk_text_add(out, *verdict ? "; " : "");
    switch (row->by_cost.kind) {
    case RK_ON_FRONTIER:
        rk_text_add(out, i == r->knee ? "the knee of the frontier" : "on the frontier");
        return;
    case RK_TIED:
        rk_text_addf(out, "tied with %s", r->rows[row->by_cost.by].name);
        return;
    case RK_BEATEN:
        rk_text_addf(out, "beaten by %s", r->rows[row->by_cost.by].name);
        return;
    }
}

/* ---- the tables ---- */

typedef struct {
    rk_column column; /* title NULL: the metric's name */
    cell_writer *write;
} column_row;

static const column_row quality_columns[] = {
    {{"variant", false}, write_name},      {{NULL, true}, write_quality},         {{"% of the best", true}, write_kept},
    {{"per year", true}, write_per_year},  {{"per 1,000", true}, write_per_1000}, {{"machines", true}, write_machines},
    {{"standing", false}, write_standing},
};

static const column_row speed_columns[] = {
    {{"variant", false}, write_name},   {{"file", true}, write_bytes},     {{"resident", true}, write_resident},
    {{"cpu ms", true}, write_cpu},      {{"p99 ms", true}, write_p99},     {{"capacity/s", true}, write_capacity},
    {{"Wh/1,000", true}, write_energy}, {{"made in", true}, write_making},
};

static void add_rows(const rk_frontier_report *r, const column_row *columns, size_t n, rk_table *out)
{
    rk_column *own = RK_TAKE(&out->arena, rk_column, n);
    rk_text cell = {0};
    out->failed |= !own;
    for (size_t c = 0; own && c < n; c++) {
        own[c] = columns[c].column;
        own[c].title = own[c].title ? own[c].title : r->metric;
    }
    out->columns = own;
    out->n_columns = own ? n : 0;
    for (size_t i = 0; own && i < r->n; i++) {
        for (size_t c = 0; c < n; c++) {
            columns[c].write(r, &r->rows[i], &cell);
            rk_table_take(out, &cell);
        }
    }
    out->strong_row = r->chosen == RK_PARETO_NONE ? 0 : r->chosen + 1;
    rk_text_release(&cell);
}

void rk_frontier_quality_table(const rk_frontier_report *r, rk_table *out)
{
    add_rows(r, quality_columns, RK_COUNT_OF(quality_columns), out);
}

void rk_frontier_speed_table(const rk_frontier_report *r, rk_table *out)
{
    add_rows(r, speed_columns, RK_COUNT_OF(speed_columns), out);
}

void rk_frontier_words(const rk_frontier_report *r, rk_table_style style, rk_text *out)
{
    rk_table quality = {0}, speed = {0};
    rk_frontier_quality_table(r, &quality);
    rk_frontier_speed_table(r, &speed);
    rk_text_addf(out, "\nGrid %s on %s, %s; %s.\n\n", r->grid, r->dataset, r->data_words, r->plan_words);
    rk_table_print(&quality, style, out);
    rk_text_addf(out, "\n");
    rk_table_print(&speed, style, out);
    rk_text_addf(out, "\nMoney in %s. ", r->currency);
    rk_frontier_how_words(r, out);
    rk_text_add(out, "\n");
    for (size_t i = 0; i < r->n_omitted; i++) {
        rk_text_addf(out, "\nLeft out: %s: %s\n", r->omitted[i].name, r->omitted[i].why);
    }
    rk_text_addf(out, "\n%s\n", r->advice);
    for (size_t i = 0; i < r->n_changes; i++) {
        rk_text_addf(out, "  * %s\n", r->changes[i]);
    }
    rk_table_release(&quality);
    rk_table_release(&speed);
}

void rk_frontier_how_words(const rk_frontier_report *r, rk_text *out)
{
    rk_text_addf(out,
                 "Shares of the best are paired by user, with 95 %% intervals over %" PRIu64
                 " test users. Capacity is the rate at "
                 "which one machine's p99 reaches %g ms; cpu and p99 are those at the plan's busiest hour. Ranges are "
                 "those of %u measurements.",
                 r->n_test_users, r->p99_max_ms, r->repeats);
}
