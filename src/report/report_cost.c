/* report_cost.c - the statement as a heat table, where its figures come from, and the cost of 1,000 answers. */
#include <inttypes.h>
#include <stdio.h>

#include "report/report_parts.h"

enum { ROWS_MAX = 16 };

static double real_of(rk_money amount) { return (double)amount.micros / 1e6; }

/* ---- cost per 1,000 of each variant ---- */

static void draw_unit_costs(const rk_report *report, rk_text *out)
{
    rk_stack stacks[ROWS_MAX];
    rk_text words[ROWS_MAX] = {0};
    char title[96];
    const rk_report_grid *grid = report->statement;
    size_t n = report->n_variants < ROWS_MAX ? report->n_variants : ROWS_MAX;
    for (size_t i = 0; i < n; i++) {
        const rk_report_variant *variant = &report->variants[i];
        rk_report_money(report->currency, variant->full_per_1000, &words[i]);
        out->failed |= words[i].failed;
        stacks[i] = (rk_stack){variant->name, words[i].at ? words[i].at : "", variant->category_per_1000};
    }
    snprintf(title, sizeof title, "%s per 1,000 recommendations, by category", report->currency);
    rk_chart_stacks(&(rk_stacks){.title = title,
                                 .part_names = grid->row,
                                 .stacks = stacks,
                                 .n_stacks = n,
                                 .n_parts = grid->n_rows < RK_CHART_COLORS ? grid->n_rows : RK_CHART_COLORS},
                    out);
    for (size_t i = 0; i < n; i++)
        rk_text_release(&words[i]);
}

static void add_unit_rows(const rk_report *report, rk_table *table)
{
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_variants; i++) {
        rk_table_add(table, report->variants[i].name);
        rk_report_money(report->currency, report->variants[i].full_per_1000, &cell);
        rk_table_take(table, &cell);
        rk_report_money(report->currency, report->variants[i].marginal_per_1000, &cell);
        rk_table_take(table, &cell);
        if (report->variants[i].is_chosen)
            table->strong_row = i + 1;
    }
    rk_text_release(&cell);
}

static void add_unit_costs(const rk_report *report, rk_page *page)
{
    static const rk_column columns[] = {{"variant", false}, {"full cost of 1,000", true}, {"the next 1,000", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_page_figure(page, "pair");
    draw_unit_costs(report, page->out);
    add_unit_rows(report, &table);
    rk_page_end_figure(
        page, &table, "What 1,000 recommendations cost with each variant.",
        "Full: every line of the statement divided by the requests of the plan. The next 1,000: what "
        "1,000 more requests would add, machine time and what is paid by use. Each variant was accounted "
        "with the same plan and prices and its own measured profile.");
    rk_table_release(&table);
}

/* ---- other volumes ---- */

static void add_volume_rows(const rk_report *report, rk_table *table)
{
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_volumes; i++) {
        const rk_report_volume *volume = &report->volumes[i];
        rk_text_add_fixed(&cell, volume->requests_per_day, 0);
        rk_table_take(table, &cell);
        for (size_t v = 0; v < report->n_variants; v++) {
            rk_report_money(report->currency, volume->per_1000[v], &cell);
            rk_table_take(table, &cell);
        }
        rk_table_add(table, volume->advised);
    }
    rk_text_release(&cell);
}

static void add_volumes(const rk_report *report, rk_page *page)
{
    rk_column columns[RK_REPORT_VARIANTS_MAX + 2] = {{"requests a day", false}};
    rk_table table = {.columns = columns, .n_columns = report->n_variants + 2, .strong_row = 1};
    table.caption = "Full cost of 1,000 recommendations as the shop grows";
    for (size_t v = 0; v < report->n_variants; v++)
        columns[v + 1] = (rk_column){report->variants[v].name, true};
    columns[report->n_variants + 1] = (rk_column){"advised there", false};
    add_volume_rows(report, &table);
    rk_text_add(page->out, "<figure>\n");
    rk_table_html(&table, page->out);
    rk_page_caption(
        page, "Fixed costs spread over more answers, until machines are what costs: there the variant matters.",
        "The same plan, prices and measured profiles, with more requests and all else as it is; each cell is "
        "an account of its own, advised by the same rule.");
    rk_text_add(page->out, "</figure>\n");
    rk_table_release(&table);
}

/* ---- category x layer ---- */

static int64_t largest_cell(const rk_report_grid *grid)
{
    int64_t most = 1;
    for (size_t i = 0; i < (size_t)grid->n_rows * grid->n_columns; i++)
        most = grid->cell[i].micros > most ? grid->cell[i].micros : most;
    return most;
}

/* Places, 2 to 6, that make every amount exact, so that the table adds up as it is printed. */
static unsigned exact_places(const rk_report_grid *grid)
{
    unsigned n_places = 2;
    int64_t rest = 10000; /* micros in the last place shown */
    for (size_t i = 0; i < (size_t)grid->n_rows * grid->n_columns; i++)
        for (; grid->cell[i].micros % rest; rest /= 10)
            n_places++;
    return n_places;
}

/* The amount, what follows the cents in small; a dash for nothing. */
static void add_amount(rk_text *out, rk_money amount, unsigned n_places)
{
    rk_text words = {0};
    if (amount.micros == 0) {
        rk_text_add(out, "–");
        return;
    }
    rk_money_print(amount, n_places, &words);
    size_t n_small = words.n > n_places - 2 ? n_places - 2 : 0;
    rk_text_add_slice(out, (rk_slice){words.at, words.n - n_small});
    if (n_small > 0) {
        rk_text_add(out, "<small>");
        rk_text_add_slice(out, (rk_slice){words.at + words.n - n_small, n_small});
        rk_text_add(out, "</small>");
    }
    out->failed |= words.failed;
    rk_text_release(&words);
}

static void add_heat_row(const rk_report_grid *grid, uint32_t row, int64_t most, unsigned n_places, rk_text *out)
{
    rk_text_add(out, "<tr><th scope=\"row\">");
    rk_text_add_html(out, rk_slice_of(grid->row[row]));
    rk_text_add(out, "</th>");
    for (uint32_t column = 0; column < grid->n_columns; column++) {
        rk_money amount = grid->cell[(size_t)row * grid->n_columns + column];
        int64_t heat = amount.micros > 0 ? (int64_t)((double)amount.micros / (double)most * 1000) : 0;
        rk_text_addf(out, "<td style=\"--w:%" PRId64 ".%03" PRId64 "\">", heat / 1000, heat % 1000);
        add_amount(out, amount, n_places);
        rk_text_add(out, "</td>");
    }
    rk_text_add(out, "<td class=\"sum\">");
    add_amount(out, grid->row_sum[row], n_places);
    rk_text_add(out, "</td></tr>\n");
}

static void add_heat_table(const rk_report *report, rk_text *out)
{
    const rk_report_grid *grid = report->statement;
    int64_t most = largest_cell(grid);
    unsigned n_places = exact_places(grid);
    rk_text_add(out, "<div class=\"scroll\"><table class=\"heat\">\n<caption>Category × layer, ");
    rk_text_add_html(out, rk_slice_of(report->currency));
    rk_text_add(out, "</caption>\n<thead><tr><th scope=\"col\">category</th>");
    for (uint32_t column = 0; column < grid->n_columns; column++) {
        rk_text_add(out, "<th scope=\"col\" class=\"n\">");
        rk_text_add_html(out, rk_slice_of(grid->column[column]));
        rk_text_add(out, "</th>");
    }
    rk_text_add(out, "<th scope=\"col\" class=\"n\">sum</th></tr></thead>\n<tbody>\n");
    for (uint32_t row = 0; row < grid->n_rows; row++)
        add_heat_row(grid, row, most, n_places, out);
    rk_text_add(out, "<tr class=\"total\"><th scope=\"row\">sum</th>");
    for (uint32_t column = 0; column < grid->n_columns; column++) {
        rk_text_add(out, "<td class=\"sum\">");
        add_amount(out, grid->column_sum[column], n_places);
        rk_text_add(out, "</td>");
    }
    rk_text_add(out, "<td class=\"sum\">");
    add_amount(out, grid->total, n_places);
    rk_text_add(out, "</td></tr>\n</tbody></table></div>\n");
}

static void add_statement(const rk_report *report, rk_page *page)
{
    rk_page_figure(page, "whole");
    add_heat_table(report, page->out);
    rk_page_end_figure(page, NULL, "The statement of the chosen variant. Darker cells hold more of the money.",
                       "Sums of ledger lines, each rounded once to a millionth of the currency; the views only add, so "
                       "rows, columns and total agree exactly. statement.json holds every line with its formula; "
                       "'reckon cost explain' prints any one of them with its inputs and their sources.");
}

/* ---- where the quantities come from ---- */

static void draw_origins(const rk_report *report, rk_text *out)
{
    rk_bar bars[ROWS_MAX];
    char words[ROWS_MAX][24];
    size_t n = report->n_origins < ROWS_MAX ? report->n_origins : ROWS_MAX;
    double total = real_of(report->statement->total);
    for (size_t i = 0; i < n; i++) {
        double share = total > 0 ? 100 * real_of(report->origins[i].amount) / total : 0;
        snprintf(words[i], sizeof words[i], "%.1f %%", share);
        bars[i] = (rk_bar){report->origins[i].name, words[i], {share, share, share}, 2};
    }
    rk_chart_bars(
        &(rk_bars){.title = "Share of the total, %, by where the quantity came from", .bars = bars, .n_bars = n}, out);
}

static void add_origins(const rk_report *report, rk_page *page)
{
    static const rk_column columns[] = {{"origin", false}, {"lines", true}, {"amount", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_origins; i++) {
        rk_table_add(&table, report->origins[i].name);
        rk_table_add(&table, report->origins[i].words);
        rk_report_money(report->currency, report->origins[i].amount, &cell);
        rk_table_take(&table, &cell);
    }
    rk_page_figure(page, "pair");
    draw_origins(report, page->out);
    rk_page_end_figure(page, &table, "What the total rests on.",
                       "Measured: counted or timed in this run. Priced: follows from the plan and a price book. "
                       "Assumed: written in the plan by a person, and yours to replace.");
    rk_text_release(&cell);
    rk_table_release(&table);
}

static void add_plan_notes(const rk_report *report, rk_page *page)
{
    if (!report->n_plan_notes)
        return;
    rk_text_add(page->out, "<p><strong>Know before you trust the total</strong></p>\n<ul class=\"plain\">\n");
    for (size_t i = 0; i < report->n_plan_notes; i++) {
        rk_text_add(page->out, "<li>");
        rk_text_add_html(page->out, rk_slice_of(report->plan_notes[i]));
        rk_text_add(page->out, "</li>\n");
    }
    rk_text_add(page->out, "</ul>\n");
}

void rk_report_cost(const rk_report *report, rk_page *page)
{
    rk_page_section(page, "cost", "What it costs", report->plan_words);
    if (rk_report_has_all(report))
        add_unit_costs(report, page);
    add_statement(report, page);
    if (report->n_volumes && rk_report_has_all(report))
        add_volumes(report, page);
    if (report->n_origins)
        add_origins(report, page);
    add_plan_notes(report, page);
    rk_page_end_section(page);
}
