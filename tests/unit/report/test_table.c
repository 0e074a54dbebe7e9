#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/table.h"

static const rk_column columns[] = {{"variant", false}, {"rate", true}};

static rk_table table_of(const char *const *cells, size_t n)
{
    rk_table table = {.columns = columns, .n_columns = 2};
    for (size_t i = 0; i < n; i++)
        rk_table_add(&table, cells[i]);
    return table;
}

static void expect_print(rk_table *table, rk_table_style style, const char *want)
{
    rk_text out = {0};
    rk_table_print(table, style, &out);
    assert_false(out.failed);
    assert_string_equal(out.at, want);
    rk_text_release(&out);
    rk_table_release(table);
}

static void numbers_stand_to_the_right_and_lines_have_no_trailing_blanks(void **state)
{
    (void)state;
    const char *cells[] = {"fp32", "9,300", "int8", "12"};
    rk_table table = table_of(cells, 4);
    expect_print(&table, (rk_table_style){.indent = 2},
                 "  variant   rate\n  ───────  ─────\n  fp32     9,300\n  int8        12\n");
}

static void a_total_has_a_rule_above_it(void **state)
{
    (void)state;
    const char *cells[] = {"a", "1", "sum", "1"};
    rk_table table = table_of(cells, 4);
    table.has_total = true;
    expect_print(&table, (rk_table_style){0},
                 "variant  rate\n───────  ────\na           1\n───────  ────\nsum         1\n");
}

static void a_wide_table_is_cut_into_blocks_that_repeat_the_first_column(void **state)
{
    (void)state;
    static const rk_column wide[] = {{"of", false}, {"01", true}, {"02", true}, {"03", true}};
    const char *cells[] = {"a", "1", "20", "3", "sum", "1", "20", "3"};
    rk_table table = {.columns = wide, .n_columns = 4, .has_total = true};
    for (size_t i = 0; i < RK_COUNT_OF(cells); i++)
        rk_table_add(&table, cells[i]);
    /* 3 + 4 + 4 = 11 columns fit, the fourth would be the 15th */
    expect_print(&table, (rk_table_style){.width = 14},
                 "of   01  02\n───  ──  ──\na     1  20\n───  ──  ──\nsum   1  20\n"
                 "\nof   03\n───  ──\na     3\n───  ──\nsum   3\n");
    table = table_of(cells, 2);
    expect_print(&table, (rk_table_style){.width = 3}, "variant  rate\n───────  ────\na           1\n");
}

static void colour_is_there_only_when_asked(void **state)
{
    (void)state;
    const char *cells[] = {"a", "1"};
    rk_table table = table_of(cells, 2);
    table.strong_row = 1;
    expect_print(&table, (rk_table_style){.color = true},
                 "\033[2mvariant  rate\033[0m\n───────  ────\n\033[1ma           1\033[0m\n");
    table = table_of(cells, 2);
    table.strong_row = 1;
    expect_print(&table, (rk_table_style){0}, "variant  rate\n───────  ────\na           1\n");
}

static void width_counts_what_a_terminal_shows(void **state)
{
    (void)state;
    assert_int_equal(rk_display_width(RK_SLICE("abc")), 3);
    assert_int_equal(rk_display_width(RK_SLICE("é")), 1);
    assert_int_equal(rk_display_width(RK_SLICE("e\xCC\x81")), 1); /* e with a combining acute */
    assert_int_equal(rk_display_width(RK_SLICE("成本")), 4);
    assert_int_equal(rk_display_width(RK_SLICE("한")), 2);
    assert_int_equal(rk_display_width(RK_SLICE("📦")), 2);
    assert_int_equal(rk_display_width(RK_SLICE("\xFF\xC3")), 2); /* broken bytes count one each */
    assert_int_equal(rk_display_width(RK_SLICE("")), 0);
}

static void wide_letters_keep_the_columns_aligned(void **state)
{
    (void)state;
    const char *cells[] = {"成本", "1", "é", "2"};
    rk_table table = table_of(cells, 4);
    expect_print(&table, (rk_table_style){0}, "variant  rate\n───────  ────\n成本        1\né           2\n");
}

static void data_cannot_drive_the_terminal(void **state)
{
    (void)state;
    const char *cells[] = {"\033[2Jx", "1\n2"};
    rk_table table = table_of(cells, 2);
    expect_print(&table, (rk_table_style){0}, "variant  rate\n───────  ────\n?[2Jx     1?2\n");
}

static void html_is_escaped_and_has_scopes(void **state)
{
    (void)state;
    const char *cells[] = {"<b>&\"", NULL};
    rk_table table = table_of(cells, 2);
    rk_text out = {0};
    table.caption = "a < b";
    rk_table_html(&table, &out);
    assert_non_null(strstr(out.at, "<caption>a &lt; b</caption>"));
    assert_non_null(strstr(out.at, "<th scope=\"row\">&lt;b&gt;&amp;"));
    assert_non_null(strstr(out.at, "<th scope=\"col\" class=\"n\">rate</th>"));
    assert_null(strstr(out.at, "<b>"));
    rk_text_release(&out);
    rk_table_release(&table);
}

static void an_empty_table_prints_its_head(void **state)
{
    (void)state;
    rk_table table = table_of(NULL, 0);
    assert_int_equal(rk_table_n_rows(&table), 0);
    expect_print(&table, (rk_table_style){0}, "variant  rate\n───────  ────\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_to_the_right_and_lines_have_no_trailing_blanks),
        cmocka_unit_test(a_total_has_a_rule_above_it),
        cmocka_unit_test(a_wide_table_is_cut_into_blocks_that_repeat_the_first_column),
        cmocka_unit_test(colour_is_there_only_when_asked),
        cmocka_unit_test(width_counts_what_a_terminal_shows),
        cmocka_unit_test(wide_letters_keep_the_columns_aligned),
        cmocka_unit_test(data_cannot_drive_the_terminal),
        cmocka_unit_test(html_is_escaped_and_has_scopes),
        cmocka_unit_test(an_empty_table_prints_its_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
