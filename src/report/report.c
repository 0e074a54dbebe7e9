/* report.c - the page from top to bottom: advice first, then what it rests on, then how it was made.
 *
 * A reader who stops after the first screen has the decision and its four figures; one who reads on finds every
 * picture beside its numbers, and under each the way it was made.
 */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/page.h"
#include "report/report_parts.h"

/* ---- words ---- */

void rk_report_money(const char *currency, rk_money amount, rk_text *out)
{
    int64_t size = amount.micros < 0 ? -amount.micros : amount.micros;
    unsigned n_digits = size >= 1000000 || size == 0 ? 2 : size >= 10000 ? 4 : 6;
    rk_text_addf(out, "%s ", currency);
    rk_money_print(amount, n_digits, out);
}

void rk_add_estimate(rk_text *out, rk_estimate estimate, int n_digits, double scale)
{
    rk_text_add_fixed(out, estimate.value * scale, n_digits);
    if (estimate.high > estimate.low) {
        rk_text_add(out, " (");
        rk_text_add_fixed(out, estimate.low * scale, n_digits);
        rk_text_add(out, " to ");
        rk_text_add_fixed(out, estimate.high * scale, n_digits);
        rk_text_add(out, ")");
    }
}

const rk_report_variant *rk_report_chosen(const rk_report *report)
{
    for (size_t i = 0; i < report->n_variants; i++)
        if (report->variants[i].is_chosen)
            return &report->variants[i];
    return NULL;
}

bool rk_report_has_quality(const rk_report *report)
{
    for (size_t i = 0; i < report->n_variants; i++)
        if (report->variants[i].quality.ndcg.value > 0)
            return true;
    return false;
}

bool rk_report_has_speed(const rk_report *report)
{
    for (size_t i = 0; i < report->n_variants; i++)
        if (report->variants[i].n_points > 0)
            return true;
    return false;
}

bool rk_report_has_all(const rk_report *report)
{
    bool has_costs = report->n_variants > 0;
    for (size_t i = 0; i < report->n_variants; i++)
        has_costs &= report->variants[i].full_per_1000.micros > 0;
    return has_costs && rk_report_has_quality(report) && rk_report_has_speed(report);
}

/* ---- the variants, once for terminal and page ---- */

static void add_variant_row(const rk_report *report, const rk_report_variant *variant, rk_table *table, rk_text *cell)
{
    rk_table_add(table, variant->name);
    rk_add_estimate(cell, variant->quality.recall, 4, 1);
    rk_table_take(table, cell);
    rk_text_add_fixed(cell, variant->quality.ndcg.value, 4);
    rk_table_take(table, cell);
    rk_text_add_fixed(cell, 100 * variant->kept.value, 1);
    rk_text_add(cell, " %");
    rk_table_take(table, cell);
    rk_text_add_bytes(cell, (double)variant->vector_bytes);
    rk_table_take(table, cell);
    rk_add_estimate(cell, variant->capacity_rps, 0, 1);
    rk_table_take(table, cell);
    rk_report_money(report->currency, variant->full_per_1000, cell);
    rk_table_take(table, cell);
}

void rk_report_variants_table(const rk_report *report, rk_table *out)
{
    char recall[24], ndcg[24];
    snprintf(recall, sizeof recall, "recall@%s", report->quality_words);
    snprintf(ndcg, sizeof ndcg, "ndcg@%s", report->quality_words);
    const char *titles[] = {"variant", recall, ndcg, "ndcg kept", "vectors", "capacity, requests/s", "cost per 1,000"};
    rk_column *columns = RK_TAKE(&out->arena, rk_column, RK_COUNT_OF(titles));
    for (size_t i = 0; columns && i < RK_COUNT_OF(titles); i++) {
        char *title = rk_arena_copy(&out->arena, titles[i], rk_slice_of(titles[i]).n);
        out->failed |= !title;
        columns[i] = (rk_column){title ? title : "", i > 0};
    }
    out->failed |= !columns;
    out->columns = columns;
    out->n_columns = columns ? RK_COUNT_OF(titles) : 0;
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_variants; i++) {
        add_variant_row(report, &report->variants[i], out, &cell);
        if (report->variants[i].is_chosen)
            out->strong_row = i + 1;
    }
    rk_text_release(&cell);
}

void rk_report_capacity_words(const rk_report *report, rk_text *out)
{
    rk_text_addf(out,
                 "Capacity: requests/s of one machine where p99 reaches %g ms, on the line between measured rates.",
                 report->slo_ms);
}

/* ---- the first screen ---- */

static void add_variant_tiles(const rk_report *report, const rk_report_variant *chosen, rk_page *page, rk_text *value)
{
    char small[128], name[64];
    rk_report_money(report->currency, chosen->full_per_1000, value);
    snprintf(small, sizeof small, "%s, all categories", chosen->name);
    rk_page_tile(page, "cost per 1,000 recommendations", value, small);
    rk_text_add_fixed(value, chosen->capacity_rps.value, 0);
    rk_text_add(value, "/s");
    snprintf(small, sizeof small, "requests at which p99 reaches %g ms", report->slo_ms);
    rk_page_tile(page, "capacity of one machine", value, small);
    rk_text_add_fixed(value, chosen->quality.ndcg.value, 4);
    snprintf(name, sizeof name, "ndcg@%s", report->quality_words);
    if (report->baseline && report->baseline->ndcg.value > 0)
        snprintf(small, sizeof small, "%.1f times the %s baseline",
                 chosen->quality.ndcg.value / report->baseline->ndcg.value, report->baseline->name);
    else
        snprintf(small, sizeof small, "%" PRIu64 " test users", report->n_test_users);
    rk_page_tile(page, name, value, small);
}

static void add_top(const rk_report *report, rk_page *page)
{
    rk_page_top(page, report->title, report->subtitle, report->advice);
    rk_text value = {0};
    const rk_report_variant *chosen = rk_report_chosen(report);
    rk_text_add(page->out, "<dl class=\"tiles\">\n");
    if (chosen)
        add_variant_tiles(report, chosen, page, &value);
    if (report->n_rows_read) {
        char small[64];
        rk_text_add_fixed(&value, (double)report->n_events_kept, 0);
        snprintf(small, sizeof small, "%.1f %% of the rows read",
                 100 * (double)report->n_events_kept / (double)report->n_rows_read);
        rk_page_tile(page, "events kept after cleaning", &value, small);
    }
    rk_text_add(page->out, "</dl>\n");
    rk_text_release(&value);
}

static void add_variants(const rk_report *report, rk_page *page)
{
    rk_table table = {0};
    rk_text lead = {0};
    rk_text_add(&lead, "Intervals of quality are 95 % bootstrap intervals over users. ");
    rk_report_capacity_words(report, &lead);
    rk_text_add(&lead, " Its range is that of the repeated measurements. The chosen variant stands out.");
    page->out->failed |= lead.failed;
    rk_page_section(page, "variants", "The variants side by side", lead.failed ? "" : lead.at);
    rk_text_release(&lead);
    rk_report_variants_table(report, &table);
    rk_table_html(&table, page->out);
    rk_table_release(&table);
    rk_page_end_section(page);
}

static void add_steps(const rk_report *report, rk_page *page)
{
    static const rk_column columns[] = {{"step", false}, {"what came out", false}, {"time", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_steps; i++) {
        const rk_report_step *step = &report->steps[i];
        rk_table_add(&table, step->name);
        rk_table_add(&table, step->words);
        if (step->is_reused)
            rk_text_add(&cell, "reused");
        else
            rk_text_add_seconds(&cell, step->seconds);
        rk_table_take(&table, &cell);
    }
    rk_page_section(page, "steps", "How this run went",
                    "Each step reads artefacts and writes one. A step whose inputs and options have not changed since "
                    "an earlier run is reused.");
    rk_table_html(&table, page->out);
    rk_page_end_section(page);
    rk_text_release(&cell);
    rk_table_release(&table);
}

void rk_report_html(const rk_report *report, rk_text *out)
{
    rk_page page = {.out = out};
    char words[400];
    rk_page_open(&page, report->title);
    add_top(report, &page);
    if (rk_report_has_all(report))
        add_variants(report, &page);
    if (report->n_rows_read)
        rk_report_cleaning(report, &page);
    if (rk_report_has_quality(report))
        rk_report_quality_part(report, &page);
    if (rk_report_has_speed(report))
        rk_report_speed(report, &page);
    if (report->statement)
        rk_report_cost(report, &page);
    if (report->n_steps)
        add_steps(report, &page);
    snprintf(words, sizeof words, "Made by %s on %s, machine: %s. Every figure was measured or accounted in this run.",
             report->build, report->made_at, report->machine);
    rk_page_close(&page, words);
}
