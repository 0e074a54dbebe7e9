/* The page as a whole: well-formed, self-contained, every figure with a footnote, the figures on it, escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/report.h"
#include "xml_check.h"

static const rk_report_rule rules[] = {{"missing customer", "", 135080}, {"not taken", "", 0}};
static const rk_latency_point points[] = {{100, 0.1, 0.4}, {1000, 0.2, 0.9}, {2000, 3, 400}};
static const rk_report_quality baseline = {"popular", {0.07, 0.06, 0.08}, {0.04, 0.03, 0.05}};
static const rk_report_variant variants[] = {
    {.name = "fp32",
     .quality = {"fp32", {0.1714, 0.1689, 0.1739}, {0.143, 0.1411, 0.1449}},
     .kept = {1, 1, 1},
     .model_bytes = 938240,
     .vector_bytes = 938240,
     .capacity_rps = {9300, 9100, 9420},
     .points = points,
     .n_points = 3,
     .cpu_ms_per_request = 0.081,
     .memory_bytes = 31000000,
     .full_per_1000 = {2413500},
     .marginal_per_1000 = {214},
     .category_per_1000 = {1, 1.4135}},
    {.name = "int<8>",
     .quality = {"int8", {0.17, 0.168, 0.173}, {0.1425, 0.14, 0.144}},
     .kept = {0.9965, 0.99, 1},
     .model_bytes = 249220,
     .capacity_rps = {9800, 9500, 9990},
     .points = points,
     .n_points = 3,
     .full_per_1000 = {1900000},
     .marginal_per_1000 = {211},
     .category_per_1000 = {0.5, 1.4},
     .is_chosen = true},
};
static const char *const rows[] = {"hardware", "labour"}, *const columns[] = {"model", "service"};
static const rk_money cells[] = {{0}, {2505600250}, {3600000000}, {8100000000}};
static const rk_money row_sums[] = {{2505600250}, {11700000000}}, column_sums[] = {{3600000000}, {10605600250}};
static const rk_report_grid grid = {2, 2, rows, columns, cells, row_sums, column_sums, {14205600250}};
static const rk_report_origin origins[] = {{"measured", "2 lines", {2505600000}},
                                           {"assumed", "2 lines", {11700000000}}};
static const rk_report_step steps[] = {{"1 ingest", "541,909 rows", 0.62, false}, {"2 split", "by time", 0, true}};
static const char *const notes[] = {"traffic is assumed & yours to replace"};

static const rk_report_volume volumes[] = {{20810, {{2413500}, {1900000}}, "int8"},
                                           {2081000, {{13930}, {9000}}, "int8"}};

static rk_report whole_report(void)
{
    return (rk_report){.title = "A <shop>",
                       .subtitle = "a log",
                       .made_at = "2026-11-24",
                       .machine = "cpu, 2 cores",
                       .build = "reckon",
                       .advice = "Deploy int8: it's cheaper.",
                       .quality_words = "20",
                       .slo_ms = 10,
                       .n_rows_read = 541909,
                       .n_events_kept = 406829,
                       .row_words = "rows read",
                       .rules = rules,
                       .n_rules = 2,
                       .baseline = &baseline,
                       .n_test_users = 3102,
                       .variants = variants,
                       .n_variants = 2,
                       .volumes = volumes,
                       .n_volumes = 2,
                       .currency = "USD",
                       .plan_words = "12 months",
                       .statement = &grid,
                       .origins = origins,
                       .n_origins = 2,
                       .plan_notes = notes,
                       .n_plan_notes = 1,
                       .steps = steps,
                       .n_steps = 2};
}

static void expect_well_formed(const rk_text *page)
{
    assert_false(page->failed);
    const char *why = xml_complaint(page->at);
    if (why)
        fail_msg("%s", why);
}

static void the_page_is_well_formed_and_needs_nothing_from_outside(void **state)
{
    (void)state;
    rk_report report = whole_report();
    rk_text page = {0};
    rk_report_html(&report, &page);
    expect_well_formed(&page);
    const char *const outside[] = {"<script", "<link", "<img", "src=", "url(", "@import", "http://w", "https://"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_int_equal(count_of(page.at, outside[i]), strcmp(outside[i], "http://w") ? 0 : 7); /* SVG's namespace */
    rk_text_release(&page);
}

static void the_page_holds_the_figures_it_was_given(void **state)
{
    (void)state;
    rk_report report = whole_report();
    rk_text page = {0};
    rk_report_html(&report, &page);
    const char *const figures[] = {"541,909",
                                   "406,829",
                                   "135,080",
                                   "24.93 %",
                                   "0.1714 (0.1689 to 0.1739)",
                                   "938 kB",
                                   "9,300 (9,100 to 9,420)",
                                   "USD 2.41",
                                   "USD 1.90",
                                   "USD 0.000214",
                                   "2,505.60<small>025</small>",
                                   "14,205.60<small>025</small>",
                                   "reused",
                                   "99.65 (99.00 to 100.00) %",
                                   "17.6 %"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (!strstr(page.at, figures[i]))
            fail_msg("'%s' is not on the page", figures[i]);
    rk_text_release(&page);
}

static void every_figure_has_a_footnote_and_a_table(void **state)
{
    (void)state;
    rk_report report = whole_report();
    rk_text page = {0};
    rk_report_html(&report, &page);
    size_t n_figures = count_of(page.at, "<figure>");
    assert_int_equal(n_figures, 7);
    assert_int_equal(count_of(page.at, "id=\"from-"), n_figures);
    assert_int_equal(count_of(page.at, "<li id=\"how-"), n_figures);
    assert_true(count_of(page.at, "<table") >= n_figures);
    assert_int_equal(count_of(page.at, "role=\"img\""), count_of(page.at, "<svg "));
    rk_text_release(&page);
}

static void everything_shown_is_escaped(void **state)
{
    (void)state;
    rk_report report = whole_report();
    rk_text page = {0};
    rk_report_html(&report, &page);
    assert_non_null(strstr(page.at, "A &lt;shop&gt;"));
    assert_non_null(strstr(page.at, "int&lt;8&gt;"));
    assert_null(strstr(page.at, "<shop>"));
    assert_null(strstr(page.at, "int<8>"));
    rk_text_release(&page);
}

static void a_part_that_is_absent_leaves_its_section_out(void **state)
{
    (void)state;
    rk_report report = {.title = "only a title", .subtitle = "", .made_at = "", .machine = "", .build = ""};
    rk_text page = {0};
    rk_report_html(&report, &page);
    expect_well_formed(&page);
    assert_int_equal(count_of(page.at, "<section"), 0);
    rk_text_release(&page);
}

static void the_chosen_variant_stands_out_in_the_table(void **state)
{
    (void)state;
    rk_report report = whole_report();
    rk_table table = {0};
    rk_report_variants_table(&report, &table);
    assert_int_equal(rk_table_n_rows(&table), 2);
    assert_int_equal(table.strong_row, 2);
    assert_string_equal(table.columns[5].title, "capacity, requests/s");
    assert_string_equal(rk_table_cell(&table, 0, 6), "USD 2.41");
    rk_table_release(&table);
}

static void small_amounts_show_more_places(void **state)
{
    (void)state;
    static const struct {
        int64_t micros;
        const char *words;
    } amounts[] = {{0, "USD 0.00"},
                   {1234567890, "USD 1,234.57"},
                   {12345, "USD 0.0123"},
                   {214, "USD 0.000214"},
                   {-2500000, "USD -2.50"}};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        rk_text words = {0};
        rk_report_money("USD", (rk_money){amounts[i].micros}, &words);
        assert_string_equal(words.at, amounts[i].words);
        rk_text_release(&words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_well_formed_and_needs_nothing_from_outside),
        cmocka_unit_test(the_page_holds_the_figures_it_was_given),
        cmocka_unit_test(every_figure_has_a_footnote_and_a_table),
        cmocka_unit_test(everything_shown_is_escaped),
        cmocka_unit_test(a_part_that_is_absent_leaves_its_section_out),
        cmocka_unit_test(the_chosen_variant_stands_out_in_the_table),
        cmocka_unit_test(small_amounts_show_more_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
