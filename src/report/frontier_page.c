/* frontier_page.c - the page of a frontier: the decision first, then the pictures it rests on, each beside its figures.
 *
 * A variant has the colour of the trained model that it comes of, and is named wherever there is room, so that colour
 * is never all that tells it. What is pointed at lights up everywhere (page_script.h).
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/frontier_report.h"
#include "report/page.h"
#include "report/page_script.h"
#include "report/scale.h"

enum { CLASS_BYTES = 32, WORDS_BYTES = 160, HINT_BYTES = 240 };

/* What the pictures share: for each row its colour, class and words. */
typedef struct {
    const rk_frontier_report *r;
    rk_page page;
    unsigned color[RK_PARETO_MAX];
    char class[RK_PARETO_MAX][CLASS_BYTES];
    char hint[RK_PARETO_MAX][HINT_BYTES];
    char words[RK_PARETO_MAX][WORDS_BYTES];
    size_t order[RK_PARETO_MAX]; /* rows, the more important first */
} sheet;

static unsigned root_of(const rk_frontier_report *r, size_t i)
{
    while (r->rows[i].of != i) {
        i = r->rows[i].of;
    }
    return (unsigned)i;
}

static bool is_important(const rk_frontier_report *r, size_t i)
{
    return i == r->chosen || i == r->runner_up || i == r->best || r->rows[i].by_cost.kind == RK_ON_FRONTIER;
}

/* Trained models in order have the colours 1 to 5; of more than five the others are grey. */
static void set_colors(sheet *s)
{
    unsigned next = 1;
    for (size_t i = 0; i < s->r->n; i++) {
        size_t root = root_of(s->r, i);
        if (root == i) {
            s->color[i] = next <= RK_CHART_COLORS ? next++ : 0;
        }
        snprintf(s->class[i], CLASS_BYTES, "v v%zu", i);
    }
    for (size_t i = 0; i < s->r->n; i++) {
        s->color[i] = s->color[root_of(s->r, i)];
    }
    size_t n = 0;
    for (int wanted = 1; wanted >= 0; wanted--) {
        for (size_t i = 0; i < s->r->n; i++) {
            if (is_important(s->r, i) == (wanted == 1)) {
                s->order[n++] = i;
            }
        }
    }
}

static void add_money(const rk_frontier_report *r, double amount, rk_text *out)
{
    rk_text_addf(out, "%s ", r->currency);
    rk_text_add_fixed(out, amount, fabs(amount) >= 100 ? 0 : 2);
}

/* ---- the first screen ---- */

static void add_tiles(sheet *s)
{
    const rk_frontier_report *r = s->r;
    const rk_frontier_row *row = &r->rows[r->chosen];
    char small[WORDS_BYTES];
    rk_text value = {0};
    rk_text_add(s->page.out, "<dl class=\"tiles\">\n");
    add_money(r, row->cost_per_year.value, &value);
    snprintf(small, sizeof small, "%s, everything in the plan", row->name);
    rk_page_tile(&s->page, "a year", &value, small);
    rk_text_add_fixed(&value, 100 * row->kept.value, 1);
    rk_text_add(&value, " %");
    snprintf(small, sizeof small, "%s %.4f; the best, %s: %.4f", r->metric, row->quality.value, r->rows[r->best].name,
             r->rows[r->best].quality.value);
    rk_page_tile(&s->page, "of the best quality", &value, small);
    rk_text_add_fixed(&value, row->p99_ms.value, 1);
    rk_text_add(&value, " ms");
    snprintf(small, sizeof small, "in the busiest hour, on each of %" PRId64 " machines", row->n_machines);
    rk_page_tile(&s->page, "99 of 100 answers within", &value, small);
    rk_text_add_fixed(&value, row->capacity_rps.value, 0);
    rk_text_add(&value, "/s");
    snprintf(small, sizeof small, "of one machine, at which p99 reaches %g ms", r->p99_max_ms);
    rk_page_tile(&s->page, "capacity", &value, small);
    rk_text_add(s->page.out, "</dl>\n");
    rk_text_release(&value);
}

static void add_changes(sheet *s)
{
    const rk_frontier_report *r = s->r;
    if (r->n_changes == 0) {
        return;
    }
    rk_page_section(&s->page, "changes", "What would change the choice", NULL);
    rk_text_add(s->page.out, "<ul class=\"plain\">\n");
    for (size_t i = 0; i < r->n_changes; i++) {
        rk_text_add(s->page.out, "<li>");
        rk_text_add_html(s->page.out, rk_slice_of(r->changes[i]));
        rk_text_add(s->page.out, "</li>\n");
    }
    rk_text_add(s->page.out, "</ul>\n");
    rk_page_end_section(&s->page);
}

static void add_top(sheet *s)
{
    const rk_frontier_report *r = s->r;
    rk_text about = {0};
    rk_text_addf(&about, "%s: %s; %s. %zu variants of the grid %s, judged on %" PRIu64 " users.", r->dataset,
                 r->data_words, r->plan_words, r->n, r->grid, r->n_test_users);
    rk_page_top(&s->page, r->title, about.at ? about.at : "", r->advice);
    s->page.out->failed |= about.failed;
    rk_text_release(&about);
    if (r->chosen != RK_PARETO_NONE) {
        add_tiles(s);
    }
}

/* ---- the frontiers ---- */

static void set_hint(sheet *s, size_t i)
{
    const rk_frontier_row *row = &s->r->rows[i];
    rk_text words = {0};
    rk_text_addf(&words, "%s: %s %.4f, ", row->name, s->r->metric, row->quality.value);
    add_money(s->r, row->cost_per_year.value, &words);
    rk_text_add(&words, " a year, p99 ");
    rk_text_add_fixed(&words, row->p99_ms.value, 1);
    rk_text_add(&words, " ms; ");
    rk_frontier_standing_words(s->r, i, &words);
    snprintf(s->hint[i], HINT_BYTES, "%s", words.at ? words.at : "");
    s->page.out->failed |= words.failed;
    rk_text_release(&words);
}

static void fill_points(sheet *s, bool by_latency, rk_scatter_point *points)
{
    const rk_frontier_report *r = s->r;
    double best = r->rows[r->best].quality.value;
    for (size_t k = 0; k < r->n; k++) {
        size_t i = s->order[k];
        const rk_frontier_row *row = &r->rows[i];
        rk_estimate quality = {row->quality.value, row->kept.low * best, row->kept.high * best};
        rk_standing standing = by_latency ? row->by_latency : row->by_cost;
        points[k] = (rk_scatter_point){.label = row->name,
                                       .hint = s->hint[i],
                                       .class = s->class[i],
                                       .x = row->cost_per_year,
                                       .y = by_latency ? row->p99_ms : quality,
                                       .color = s->color[i],
                                       .is_joined = standing.kind == RK_ON_FRONTIER,
                                       .is_ringed = i == r->chosen};
    }
}

static void add_frontiers(sheet *s)
{
    const rk_frontier_report *r = s->r;
    rk_scatter_point points[RK_PARETO_MAX];
    char cost[WORDS_BYTES];
    rk_text lead = {0};
    snprintf(cost, sizeof cost, "%s a year", r->currency);
    rk_text_add(&lead, "The line joins the variants that nothing cheaper equals, differences inside the noise aside. ");
    if (r->knee != RK_PARETO_NONE) {
        rk_text_addf(&lead, "Its knee is %s. ", r->rows[r->knee].name);
    }
    rk_text_add(&lead, "The ring marks the choice. Point at a variant to see it everywhere.");
    rk_page_section(&s->page, "frontier", "The frontier", lead.at ? lead.at : "");
    s->page.out->failed |= lead.failed;
    rk_text_release(&lead);
    rk_page_figure(&s->page, "twins");
    fill_points(s, false, points);
    rk_chart_scatter(
        &(rk_scatter){
            .title = "Quality and cost", .x_words = cost, .y_words = r->metric, .points = points, .n_points = r->n},
        s->page.out);
    fill_points(s, true, points);
    rk_chart_scatter(&(rk_scatter){.title = "Latency and cost",
                                   .x_words = cost,
                                   .y_words = "p99 at the planned load, ms: lower is faster",
                                   .points = points,
                                   .n_points = r->n},
                     s->page.out);
    rk_page_end_figure(&s->page, NULL,
                       "Lines through a point: what repeated measurements make of cost and latency; what "
                       "drawing the users anew makes of the difference in quality to the best variant.",
                       "Quality is compared user by user: what makes a user hard for every model is no difference "
                       "between two. Cost is the whole plan's, a year, with the capacity that was measured.");
    rk_page_end_section(&s->page);
}

/* ---- the tables ---- */

static void add_table(sheet *s, void (*fill)(const rk_frontier_report *, rk_table *))
{
    rk_table table = {0};
    fill(s->r, &table);
    rk_table_html(&table, s->page.out);
    rk_table_release(&table);
}

static void add_variants(sheet *s)
{
    rk_text how = {0};
    rk_frontier_how_words(s->r, &how);
    rk_text_addf(&how, " Money in %s.", s->r->currency);
    rk_page_section(&s->page, "variants", "The variants side by side", how.at ? how.at : "");
    add_table(s, rk_frontier_quality_table);
    rk_text_add(s->page.out, "<p></p>\n");
    add_table(s, rk_frontier_speed_table);
    for (size_t i = 0; i < s->r->n_omitted; i++) {
        rk_text words = {0};
        rk_text_addf(&words, "Left out: %s: %s", s->r->omitted[i].name, s->r->omitted[i].why);
        rk_page_words(&s->page, "about", words.at ? words.at : "");
        rk_text_release(&words);
    }
    rk_page_end_section(&s->page);
    s->page.out->failed |= how.failed;
    rk_text_release(&how);
}

/* ---- latency ---- */

static void add_panels(sheet *s, const rk_latency_panel *panels, bool important)
{
    rk_text_add(s->page.out, "<div class=\"panels\">\n<div class=\"pictures\">\n");
    for (size_t i = 0; i < s->r->n; i++) {
        if (is_important(s->r, i) == important) {
            rk_text_addf(s->page.out, "<div class=\"panel %s\">\n", s->class[i]);
            rk_chart_latency(&panels[i], s->page.out);
            rk_text_add(s->page.out, "</div>\n");
        }
    }
    rk_text_add(s->page.out, "</div>\n</div>\n");
}

static void add_latency(sheet *s)
{
    const rk_frontier_report *r = s->r;
    rk_latency_panel panels[RK_PARETO_MAX];
    size_t n_others = 0;
    for (size_t i = 0; i < r->n; i++) {
        const rk_frontier_row *row = &r->rows[i];
        panels[i] = (rk_latency_panel){.title = row->name,
                                       .points = row->points,
                                       .n_points = row->n_points,
                                       .slo_ms = r->p99_max_ms,
                                       .knee_rate = row->capacity_rps.value,
                                       .color = s->color[i] ? s->color[i] : 1};
        n_others += !is_important(r, i);
    }
    rk_latency_same_axes(panels, r->n);
    for (size_t i = 0; i < r->n; i++) { /* points ascend */
        double last = panels[i].n_points ? panels[i].points[panels[i].n_points - 1].rate : 1;
        panels[i].rate_max = rk_nice_end(last, 4);
    }
    rk_page_section(
        &s->page, "latency", "How fast they answer",
        "The server under growing load, of the repetition with the middle capacity. The axis of latency is the same "
        "for all; that of the rate ends where the measurement did.");
    rk_text_add(s->page.out, "<figure>\n");
    add_panels(s, panels, true);
    if (n_others) {
        rk_text_addf(s->page.out, "<details><summary>The other %zu</summary>\n", n_others);
        add_panels(s, panels, false);
        rk_text_add(s->page.out, "</details>\n");
    }
    rk_page_caption(&s->page, "Latency counts from the moment that a request was meant to leave.",
                    "reckon measure starts the server as a process of its own and asks it by the clock (open loop), at "
                    "growing rates up to the one at which p99 leaves the limit.");
    rk_text_add(s->page.out, "</figure>\n");
    rk_page_end_section(&s->page);
}

/* ---- money, lineage ---- */

static void add_money_part(sheet *s)
{
    const rk_frontier_report *r = s->r;
    const char *parts[RK_N_CATEGORIES];
    rk_stack stacks[RK_PARETO_MAX];
    rk_bar bars[RK_PARETO_MAX];
    char kept[RK_PARETO_MAX][WORDS_BYTES], mark[WORDS_BYTES];
    for (size_t c = 0; c < RK_N_CATEGORIES; c++) {
        parts[c] = rk_category_name((rk_category)c);
    }
    for (size_t i = 0; i < r->n; i++) {
        const rk_frontier_row *row = &r->rows[i];
        rk_text words = {0};
        add_money(r, row->cost_per_year.value, &words);
        snprintf(s->words[i], WORDS_BYTES, "%s", words.at ? words.at : "");
        rk_text_release(&words);
        snprintf(kept[i], WORDS_BYTES, "%.1f %%", 100 * row->kept.value);
        stacks[i] = (rk_stack){row->name, s->words[i], row->category_per_year};
        bars[i] = (rk_bar){
            row->name, kept[i], {100 * row->kept.value, 100 * row->kept.low, 100 * row->kept.high}, s->color[i]};
    }
    snprintf(mark, sizeof mark, "asked for: %g %%", 100 * r->quality_min);
    rk_page_section(
        &s->page, "money", "What is given, what is kept",
        "Where a year's money goes, by category, and how much of the best variant's quality is kept for it.");
    rk_page_figure(&s->page, "twins");
    rk_chart_stacks(&(rk_stacks){"A year's cost", parts, RK_N_CATEGORIES, stacks, r->n}, s->page.out);
    rk_chart_bars(&(rk_bars){"Share of the best quality, %", bars, r->n, 100 * r->quality_min, mark}, s->page.out);
    rk_page_end_figure(
        &s->page, NULL,
        "Whiskers: 95 % of the resamples of the users. A variant is admitted when its whole "
        "whisker is beyond the dashed line.",
        "The plan of each variant is a file in the folder plans; reckon cost explains every line of it.");
    rk_page_end_section(&s->page);
}

static void add_lineage(sheet *s)
{
    const rk_frontier_report *r = s->r;
    rk_tree_row rows[RK_PARETO_MAX];
    for (size_t i = 0; i < r->n; i++) {
        const rk_frontier_row *row = &r->rows[i];
        rk_text words = {0};
        rk_text_add_bytes(&words, (double)row->file_bytes);
        rk_text_add(&words, ", made in ");
        rk_text_add_seconds(&words, row->making_s);
        snprintf(s->words[i], WORDS_BYTES, "%s", words.at ? words.at : "");
        rk_text_release(&words);
        rows[i] = (rk_tree_row){row->name, s->words[i], s->class[i], row -> of, s -> color[i]};
    }
    static const rk_column columns[] = {{"variant", false}, {"made as", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < r->n; i++) {
        rk_table_add(&table, r->rows[i].name);
        rk_table_add(&table, r->rows[i].made);
    }
    rk_page_section(&s->page, "lineage", "What was made of what", NULL);
    rk_page_figure(&s->page, "pair");
    rk_chart_tree(&(rk_tree){"Lineage", r->dataset, rows, r->n}, s->page.out);
    rk_page_end_figure(&s->page, &table,
                       "Bytes are of the file; the time is that of the whole way from the training data.", NULL);
    rk_table_release(&table);
    rk_page_end_section(&s->page);
}

void rk_frontier_html(const rk_frontier_report *r, rk_text *out)
{
    sheet s = {.r = r, .page = {.out = out}};
    const char *names[RK_PARETO_MAX];
    char words[512];
    set_colors(&s);
    for (size_t i = 0; i < r->n; i++) {
        names[i] = r->rows[i].name;
        set_hint(&s, i);
    }
    rk_page_open(&s.page, r->title);
    add_top(&s);
    add_changes(&s);
    add_frontiers(&s);
    add_variants(&s);
    add_latency(&s);
    add_money_part(&s);
    add_lineage(&s);
    rk_page_script(names, r->n, out);
    snprintf(words, sizeof words, "Made by %s on %s, machine: %s. Every figure was measured or accounted in this run.",
             r->build, r->made_at, r->machine);
    rk_page_close(&s.page, words);
}
