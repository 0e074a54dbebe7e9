/* Charts are checked as text: well-formed, nothing outside the picture, no words upon words, nothing unescaped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "report/chart.h"
#include "xml_check.h"

enum { WORDS_MAX = 128 };

/* One <text> as far as it matters for overlap. */
typedef struct {
    double left, right, y;
} placed;

static double attribute(const char *tag, const char *name)
{
    char key[16];
    snprintf(key, sizeof key, " %s=\"", name);
    const char *at = strstr(tag, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

static size_t read_words(const char *svg, placed *out)
{
    size_t n = 0;
    for (const char *at = svg; (at = strstr(at, "<text")) && n < WORDS_MAX; at++) {
        const char *begin = strchr(at, '>') + 1;
        const char *end = strstr(begin, "</text>");
        double width = 6.2 * (double)(end - begin), x = attribute(at, "x"); /* bytes: never too narrow */
        double shift = strstr(at, "anchor=\"middle\"") && strstr(at, "anchor=\"middle\"") < begin ? 0.5
                       : strstr(at, "anchor=\"end\"") && strstr(at, "anchor=\"end\"") < begin     ? 1
                                                                                                  : 0;
        out[n++] = (placed){x - shift * width, x + (1 - shift) * width, attribute(at, "y")};
    }
    return n;
}

static void expect_no_overlap(const char *svg)
{
    placed words[WORDS_MAX];
    size_t n = read_words(svg, words);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(fabs(words[i].y - words[j].y) >= 10 || words[i].left >= words[j].right - 1 ||
                        words[j].left >= words[i].right - 1);
}

static void expect_sound(rk_text *svg)
{
    assert_false(svg->failed);
    const char *why = xml_complaint(svg->at);
    if (why)
        fail_msg("%s: %s", why, svg->at);
    assert_null(strstr(svg->at, "nan"));
    assert_int_equal(count_of(svg->at, "<svg "), 1);
    assert_int_equal(count_of(svg->at, "aria-label=\""), 1);
    assert_null(strstr(svg->at, "width=\"-"));
    rk_text_release(svg);
}

static void a_funnel_draws_what_each_rule_took_and_what_is_left(void **state)
{
    (void)state;
    const rk_funnel_step steps[] = {{"missing customer", 135080}, {"nothing", 0}, {"duplicates", 1}};
    rk_text svg = {0};
    rk_chart_funnel(&(rk_funnel){"rows read", "events kept", 541909, steps, 3}, &svg);
    assert_non_null(strstr(svg.at, ">541,909<"));
    assert_non_null(strstr(svg.at, ">−135,080<"));
    assert_non_null(strstr(svg.at, ">−1<"));
    assert_non_null(strstr(svg.at, ">406,828<"));
    assert_null(strstr(svg.at, ">nothing<")); /* in the table, not in the picture */
    assert_int_equal(count_of(svg.at, "class=\"c5\""), 2);
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

static void a_funnel_never_goes_below_nothing(void **state)
{
    (void)state;
    const rk_funnel_step steps[] = {{"more than there are", 100}, {"and more", UINT64_MAX}};
    rk_text svg = {0};
    rk_chart_funnel(&(rk_funnel){"rows", "kept", 10, steps, 2}, &svg);
    expect_sound(&svg);
    rk_chart_funnel(&(rk_funnel){"rows", "kept", 0, NULL, 0}, &svg);
    expect_sound(&svg);
}

static void bars_have_whiskers_only_where_an_interval_is_known(void **state)
{
    (void)state;
    const rk_bar bars[] = {{"popular", "0.0712", {0.0712, 0.0688, 0.0735}, 0},
                           {"fp32", "0.1714", {0.1714, 0.1714, 0.1714}, 1}};
    rk_text svg = {0};
    rk_chart_bars(&(rk_bars){"recall@20", bars, 2, 0.16, "99 % of fp32"}, &svg);
    assert_int_equal(count_of(svg.at, "class=\"whisker\""), 3);
    assert_non_null(strstr(svg.at, ">0.0712<"));
    assert_non_null(strstr(svg.at, "class=\"mark\""));
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

static void bars_of_hopeless_values_are_still_a_picture(void **state)
{
    (void)state;
    const rk_bar bars[] = {{"not a number", "n/a", {NAN, NAN, NAN}, 1},
                           {"inf", "inf", {INFINITY, 0, INFINITY}, 2},
                           {"negative", "-1", {-1, -2, 0}, 9},
                           {"zero", "0", {0, 0, 0}, 3}};
    for (size_t n = 0; n <= RK_COUNT_OF(bars); n++) {
        rk_text svg = {0};
        rk_chart_bars(&(rk_bars){"t", bars, n, 0, NULL}, &svg);
        expect_sound(&svg);
    }
}

static void labels_from_data_are_escaped_and_cut(void **state)
{
    (void)state;
    const rk_bar bars[] = {
        {"<script>alert(1)</script>", "1 & 2", {1, 1, 1}, 1},
        {"a very long label that cannot possibly fit into the room a chart has for it", "1", {1, 1, 1}, 1},
        {"成本成本成本成本成本成本成本成本成本成本成本成本成本成本成本成本成本成本", "1", {1, 1, 1}, 1}};
    rk_text svg = {0};
    rk_chart_bars(&(rk_bars){"a \"title\" & <more>", bars, 3, 0, NULL}, &svg);
    assert_null(strstr(svg.at, "<script"));
    assert_non_null(strstr(svg.at, "…"));
    assert_int_equal(rk_utf8_valid_prefix((rk_slice){svg.at, svg.n}), svg.n);
    expect_sound(&svg);
}

static void stacks_have_a_legend_and_their_totals(void **state)
{
    (void)state;
    const char *const names[] = {"hardware", "software", "data", "labour", "operations"};
    const double a[] = {1, 2, 0, 4, 0.5}, b[] = {0, 0, 0, 0, 0};
    const rk_stack stacks[] = {{"fp32", "USD 7.50", a}, {"int8", "USD 0.00", b}};
    rk_text svg = {0};
    rk_chart_stacks(&(rk_stacks){"cost", names, 5, stacks, 2}, &svg);
    assert_int_equal(count_of(svg.at, "class=\"legend\""), 5);
    assert_int_equal(count_of(svg.at, "<title>"), 4); /* a part of nothing is not drawn */
    assert_non_null(strstr(svg.at, ">USD 7.50<"));
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

static void latency_shows_the_limit_the_knee_and_both_percentiles(void **state)
{
    (void)state;
    const rk_latency_point points[] = {{100, 0.1, 0.4}, {1000, 0.2, 0.9}, {2000, 3, 400}};
    rk_text svg = {0};
    rk_chart_latency(
        &(rk_latency_panel){
            .title = "fp32", .points = points, .n_points = 3, .slo_ms = 10, .knee_rate = 1000, .color = 1},
        &svg);
    assert_non_null(strstr(svg.at, ">limit 10 ms<"));
    assert_non_null(strstr(svg.at, ">1,000/s within the limit<"));
    assert_int_equal(count_of(svg.at, "<polyline"), 2);
    assert_int_equal(count_of(svg.at, "<circle"), 6);
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

static void names_of_curves_that_end_together_stand_apart(void **state)
{
    (void)state;
    const rk_latency_point points[] = {{100, 1, 1}, {200, 1, 1.01}};
    rk_text svg = {0};
    rk_chart_latency(&(rk_latency_panel){.title = "x", .points = points, .n_points = 2, .color = 1}, &svg);
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

static void latency_of_nothing_or_nonsense_is_still_a_picture(void **state)
{
    (void)state;
    const rk_latency_point points[] = {{NAN, NAN, NAN}, {0, 0, 0}, {INFINITY, 1, -1}};
    for (size_t n = 0; n <= RK_COUNT_OF(points); n++) {
        rk_text svg = {0};
        rk_chart_latency(&(rk_latency_panel){.title = "x", .points = points, .n_points = n, .slo_ms = 10}, &svg);
        expect_sound(&svg);
    }
}

static void compared_panels_share_their_axes(void **state)
{
    (void)state;
    const rk_latency_point a[] = {{100, 0.1, 0.4}}, b[] = {{7000, 5, 90}};
    rk_latency_panel panels[] = {{.title = "a", .points = a, .n_points = 1},
                                 {.title = "b", .points = b, .n_points = 1}};
    rk_latency_same_axes(panels, 2);
    assert_true(panels[0].rate_max == panels[1].rate_max && panels[0].rate_max >= 7000);
    assert_true(panels[0].ms_max == panels[1].ms_max && panels[0].ms_max >= 90);
    assert_true(panels[0].ms_min == panels[1].ms_min && panels[0].ms_min <= 0.1);
}

static void points_that_crowd_lose_labels_and_never_overlap(void **state)
{
    (void)state;
    enum { N = 30 };
    rk_scatter_point points[N];
    rk_text svg = {0};
    for (size_t i = 0; i < N; i++) {
        double x = 100 + 3 * (double)(i % 7), y = 0.07 + 0.001 * (double)(i % 5);
        points[i] = (rk_scatter_point){.label = i ? "als-256+int8" : "chosen & good",
                                       .hint = "hint",
                                       .class = "v",
                                       .x = {x, x - 1, x + 1},
                                       .y = {y, y, y},
                                       .color = (unsigned)(i % 7),
                                       .is_joined = i < 3,
                                       .is_ringed = i == 0};
    }
    rk_chart_scatter(&(rk_scatter){"Quality and cost", "USD a year", "ndcg@20", points, N}, &svg);
    assert_non_null(strstr(svg.at, ">chosen &amp; good<")); /* the first has its label */
    assert_int_equal(count_of(svg.at, "<circle "), N + 1);
    assert_int_equal(count_of(svg.at, "class=\"ring\""), 1);
    assert_int_equal(count_of(svg.at, "class=\"frontier\""), 1);
    assert_int_equal(count_of(svg.at, "class=\"range\""), N);
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

static void a_plane_of_one_point_or_of_nonsense_is_still_a_picture(void **state)
{
    (void)state;
    const rk_scatter_point points[] = {{.label = "one", .class = "", .x = {5, 5, 5}, .y = {1, 1, 1}, .is_joined = true},
                                       {.label = "none", .class = "", .x = {NAN, 0, 0}, .y = {INFINITY, 0, NAN}},
                                       {.label = "far", .class = "", .x = {5e9, 0, 6e9}, .y = {-4, -5, -3}}};
    rk_text svg = {0};
    for (size_t n = 0; n <= 3; n++) {
        rk_chart_scatter(&(rk_scatter){"plane", "x", "y", points, n}, &svg);
        expect_sound(&svg);
    }
}

static void a_tree_has_a_line_for_everything_under_what_it_is_made_of(void **state)
{
    (void)state;
    const rk_tree_row rows[] = {{"popular", "1 MB", "v v0", 0, 1},
                                {"als", "3 MB", "v v1", 1, 2},
                                {"bpr", "3 MB", "v v2", 2, 3},
                                {"als+int8", "1 MB", "v v3", 1, 2},
                                {"als+int8+x", "1 MB", "v v4", 3, 2}};
    rk_text svg = {0};
    rk_chart_tree(&(rk_tree){"Lineage", "shop.rk", rows, 5}, &svg);
    const char *order[] = {">shop.rk<", ">popular<", ">als<", ">bpr<", ">als+int8<", ">als+int8+x<"};
    for (size_t i = 0; i < RK_COUNT_OF(order); i++)
        assert_int_equal(count_of(svg.at, order[i]), 1);
    placed words[WORDS_MAX];
    size_t n = read_words(svg.at, words);
    assert_int_equal(n, 2 + 2 * 5);
    /* bpr is written behind als+int8+x: children stand under their parents */
    double y_bpr = words[6].y, y_deepest = words[10].y;
    assert_true(y_bpr > y_deepest);
    expect_no_overlap(svg.at);
    expect_sound(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_funnel_draws_what_each_rule_took_and_what_is_left),
        cmocka_unit_test(a_funnel_never_goes_below_nothing),
        cmocka_unit_test(bars_have_whiskers_only_where_an_interval_is_known),
        cmocka_unit_test(bars_of_hopeless_values_are_still_a_picture),
        cmocka_unit_test(labels_from_data_are_escaped_and_cut),
        cmocka_unit_test(stacks_have_a_legend_and_their_totals),
        cmocka_unit_test(latency_shows_the_limit_the_knee_and_both_percentiles),
        cmocka_unit_test(names_of_curves_that_end_together_stand_apart),
        cmocka_unit_test(latency_of_nothing_or_nonsense_is_still_a_picture),
        cmocka_unit_test(compared_panels_share_their_axes),
        cmocka_unit_test(points_that_crowd_lose_labels_and_never_overlap),
        cmocka_unit_test(a_plane_of_one_point_or_of_nonsense_is_still_a_picture),
        cmocka_unit_test(a_tree_has_a_line_for_everything_under_what_it_is_made_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
