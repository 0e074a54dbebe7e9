/* report_quality.c - what the log held, how good the answers are, how fast they come: picture beside table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/report_parts.h"

enum { BARS_MAX = 16 };

/* ---- cleaning ---- */

/* "Rows taken ... Looked for and not found: negative, robot." */
static void add_idle_rules(const rk_report *report, rk_text *out)
{
    size_t n = 0;
    rk_text_add(out, "Rows taken by each cleaning rule, and what was left.");
    for (size_t i = 0; i < report->n_rules; i++)
        if (report->rules[i].n_taken == 0)
            rk_text_addf(out, "%s%s",
                         n++ ? ", " : " Looked for, but nothing was left to take: ", report->rules[i].label);
    rk_text_add(out, n ? "." : "");
}

static void add_rule_rows(const rk_report *report, rk_table *table)
{
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_rules; i++) {
        const rk_report_rule *rule = &report->rules[i];
        if (rule->n_taken == 0)
            continue;
        rk_table_add(table, rule->label);
        rk_text_add_fixed(&cell, (double)rule->n_taken, 0);
        rk_table_take(table, &cell);
        rk_text_add_fixed(&cell, 100 * (double)rule->n_taken / (double)report->n_rows_read, 2);
        rk_text_add(&cell, " %");
        rk_table_take(table, &cell);
    }
    rk_table_add(table, "events kept");
    rk_text_add_fixed(&cell, (double)report->n_events_kept, 0);
    rk_table_take(table, &cell);
    rk_text_add_fixed(&cell, 100 * (double)report->n_events_kept / (double)report->n_rows_read, 2);
    rk_text_add(&cell, " %");
    rk_table_take(table, &cell);
    rk_text_release(&cell);
}

void rk_report_cleaning(const rk_report *report, rk_page *page)
{
    static const rk_column columns[] = {{"rule", false}, {"rows", true}, {"of all", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns), .has_total = true};
    rk_funnel_step *steps = calloc(report->n_rules + 1, sizeof *steps);
    if (!steps) {
        page->out->failed = true;
        return;
    }
    for (size_t i = 0; i < report->n_rules; i++)
        steps[i] = (rk_funnel_step){report->rules[i].label, report->rules[i].n_taken};
    rk_page_section(page, "cleaning", "What the log held",
                    "Raw shop logs are dirty. Each rule below took what it names, in this order; what is left is what "
                    "the models learned from.");
    rk_page_figure(page, "pair");
    rk_chart_funnel(&(rk_funnel){.start_label = report->row_words,
                                 .end_label = "events kept",
                                 .n_start = report->n_rows_read,
                                 .steps = steps,
                                 .n_steps = report->n_rules},
                    page->out);
    add_rule_rows(report, &table);
    rk_text caption = {0};
    add_idle_rules(report, &caption);
    rk_page_end_figure(page, &table, caption.at ? caption.at : "",
                       "Counted while the file was read, row by row; a row is counted under the first rule that took "
                       "it, so the rules and the events kept add up to the rows read. cleaning.json holds the same "
                       "counts with three examples of each.");
    rk_text_release(&caption);
    rk_page_end_section(page);
    rk_table_release(&table);
    free(steps);
}

/* ---- quality ---- */

typedef struct {
    rk_bar bars[BARS_MAX];
    char words[BARS_MAX][24];
    size_t n;
} bar_set;

static void add_bar(bar_set *set, const char *name, rk_estimate value, unsigned color)
{
    if (set->n == BARS_MAX)
        return;
    snprintf(set->words[set->n], sizeof set->words[0], "%.4f", value.value);
    set->bars[set->n] = (rk_bar){name, set->words[set->n], value, color};
    set->n++;
}

static bool is_judged(const rk_report_variant *variant) { return variant->quality.ndcg.value > 0; }

static void draw_quality(const rk_report *report, bool is_ndcg, rk_text *out)
{
    bar_set set = {.n = 0};
    char title[64], mark[64];
    const rk_report_variant *reference = &report->variants[0];
    if (report->baseline)
        add_bar(&set, report->baseline->name, is_ndcg ? report->baseline->ndcg : report->baseline->recall, 0);
    for (size_t i = 0; i < report->n_variants; i++) {
        const rk_report_quality *quality = &report->variants[i].quality;
        if (is_judged(&report->variants[i]))
            add_bar(&set, report->variants[i].name, is_ndcg ? quality->ndcg : quality->recall, 1);
    }
    snprintf(title, sizeof title, "%s@%s", is_ndcg ? "ndcg" : "recall", report->quality_words);
    snprintf(mark, sizeof mark, "99 %% of %s", reference->name);
    rk_chart_bars(&(rk_bars){.title = title,
                             .bars = set.bars,
                             .n_bars = set.n,
                             .mark = is_ndcg ? 0.99 * reference->quality.ndcg.value : 0,
                             .mark_words = mark},
                  out);
}

static void add_quality_row(rk_table *table, const char *name, const rk_report_quality *quality, rk_estimate kept)
{
    rk_text cell = {0};
    rk_table_add(table, name);
    rk_add_estimate(&cell, quality->recall, 4, 1);
    rk_table_take(table, &cell);
    rk_add_estimate(&cell, quality->ndcg, 4, 1);
    rk_table_take(table, &cell);
    rk_add_estimate(&cell, kept, 2, 100);
    rk_text_add(&cell, " %");
    rk_table_take(table, &cell);
    rk_text_release(&cell);
}

void rk_report_quality_part(const rk_report *report, rk_page *page)
{
    char recall[48], ndcg[48], lead[400];
    snprintf(recall, sizeof recall, "recall@%s (95 %% interval)", report->quality_words);
    snprintf(ndcg, sizeof ndcg, "ndcg@%s (95 %% interval)", report->quality_words);
    const rk_column columns[] = {{"variant", false}, {recall, true}, {ndcg, true}, {"ndcg kept, paired", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    if (report->baseline) {
        const rk_estimate *ndcg_of = &report->baseline->ndcg;
        double kept = ndcg_of->value / report->variants[0].quality.ndcg.value;
        add_quality_row(&table, report->baseline->name, report->baseline, (rk_estimate){kept, kept, kept});
    }
    for (size_t i = 0; i < report->n_variants; i++)
        if (is_judged(&report->variants[i]))
            add_quality_row(&table, report->variants[i].name, &report->variants[i].quality, report->variants[i].kept);
    rk_text users = {0};
    rk_text_add_fixed(&users, (double)report->n_test_users, 0);
    snprintf(
        lead, sizeof lead,
        "For each of the %s test users the whole catalogue was ranked, without the items already bought, and compared "
        "with what they bought later. recall@%s: the share of that which is among the first %s; ndcg@%s: the same, "
        "with higher places counting more.",
        users.at ? users.at : "", report->quality_words, report->quality_words, report->quality_words);
    rk_text_release(&users);
    rk_page_section(page, "quality", "How good the recommendations are", lead);
    rk_page_figure(page, "twins");
    draw_quality(report, false, page->out);
    draw_quality(report, true, page->out);
    rk_page_end_figure(page, &table, "Quality on the held-out last part of the log. Whiskers: 95 % intervals.",
                       "Full ranking, never sampled; the mean over test users, with a bootstrap over users. The share "
                       "kept compares a variant with the first one user by user, which is sharper than comparing two "
                       "intervals. Options of the model were chosen on a validation part of the training events, "
                       "never on the test part.");
    rk_page_end_section(page);
    rk_table_release(&table);
}

/* ---- speed ---- */

static void add_speed_rows(const rk_report *report, rk_table *table)
{
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_variants; i++) {
        const rk_report_variant *variant = &report->variants[i];
        if (variant->n_points == 0)
            continue;
        rk_table_add(table, variant->name);
        rk_add_estimate(&cell, variant->capacity_rps, 0, 1);
        rk_table_take(table, &cell);
        rk_text_add_fixed(&cell, variant->cpu_ms_per_request, 3);
        rk_text_add(&cell, " ms");
        rk_table_take(table, &cell);
        rk_text_add_bytes(&cell, (double)variant->vector_bytes);
        rk_table_take(table, &cell);
        rk_text_add_bytes(&cell, (double)variant->model_bytes);
        rk_table_take(table, &cell);
        rk_text_add_bytes(&cell, (double)variant->memory_bytes);
        rk_table_take(table, &cell);
    }
    rk_text_release(&cell);
}

static void add_point_table(const rk_report *report, rk_text *out)
{
    static const rk_column columns[] = {{"variant", false}, {"offered requests/s", true}, {"p50", true}, {"p99", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns), .caption = "Every measured point"};
    rk_text cell = {0};
    for (size_t i = 0; i < report->n_variants; i++)
        for (size_t j = 0; j < report->variants[i].n_points; j++) {
            const rk_latency_point *point = &report->variants[i].points[j];
            rk_table_add(&table, report->variants[i].name);
            rk_text_add_fixed(&cell, point->rate, 0);
            rk_table_take(&table, &cell);
            rk_text_add_seconds(&cell, point->p50_ms / 1000);
            rk_table_take(&table, &cell);
            rk_text_add_seconds(&cell, point->p99_ms / 1000);
            rk_table_take(&table, &cell);
        }
    rk_text_add(out, "<details><summary>Every measured point</summary>\n");
    rk_table_html(&table, out);
    rk_text_add(out, "</details>\n");
    rk_text_release(&cell);
    rk_table_release(&table);
}

void rk_report_speed(const rk_report *report, rk_page *page)
{
    static const rk_column columns[] = {{"variant", false},        {"capacity, requests/s", true},
                                        {"cpu per request", true}, {"item vectors", true},
                                        {"model file", true},      {"memory of the server", true}};
    char lead[256];
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_latency_panel panels[BARS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < report->n_variants && n < BARS_MAX; i++)
        if (report->variants[i].n_points > 0)
            panels[n++] = (rk_latency_panel){.title = report->variants[i].name,
                                             .points = report->variants[i].points,
                                             .n_points = report->variants[i].n_points,
                                             .slo_ms = report->slo_ms,
                                             .knee_rate = report->variants[i].capacity_rps.value,
                                             .color = 1};
    rk_latency_same_axes(panels, n);
    snprintf(lead, sizeof lead,
             "Requests were sent at a fixed rate, whether or not earlier answers had come, until the slowest hundredth "
             "took longer than %g ms.",
             report->slo_ms);
    rk_page_section(page, "speed", "How fast they come", lead);
    rk_page_figure(page, "panels");
    for (size_t i = 0; i < n; i++)
        rk_chart_latency(&panels[i], page->out);
    add_speed_rows(report, &table);
    rk_page_end_figure(page, &table,
                       "Latency against offered rate: half of the answers came within p50, 99 of 100 within p99.",
                       "Measured over HTTP on this machine, load generator and server sharing its processors. Latency "
                       "counts from the moment a request was due, not from the moment it was sent, so a stalled server "
                       "cannot hide its queue.");
    add_point_table(report, page->out);
    rk_page_end_section(page);
    rk_table_release(&table);
}
