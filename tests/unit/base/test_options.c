/* Claims about options.h: one table, three ways in, the same checks and words. */
#include <string.h>

#include "base/options.h"
#include "support/faults.h"
#include "support/test.h"

typedef struct {
    bool is_fast, skips;
    const char *output;
    uint64_t n;
    double lambda;
    int solver;
    rk_vec maps;
} settings;

static const rk_option rows[] = {
    {"fast", 'f', RK_OPT_FLAG, offsetof(settings, is_fast), NULL, NULL, "be quick"},
    {"skip", 's', RK_OPT_FLAG, offsetof(settings, skips), NULL, "yes", "skip what is known"},
    {"output", 'o', RK_OPT_TEXT, offsetof(settings, output), "FILE", NULL, "where to write"},
    {"count", 'n', RK_OPT_COUNT, offsetof(settings, n), "N", "10", "results", .min = 1, .max = 1000},
    {"lambda", 0, RK_OPT_REAL, offsetof(settings, lambda), "X", "0.05", "regularisation", .min = 0, .max = 2},
    {"solver", 0, RK_OPT_CHOICE, offsetof(settings, solver), "NAME", "cg", "how to solve", .choices = "cholesky|cg"},
    {"map", 'm', RK_OPT_LIST, offsetof(settings, maps), "KEY=COLUMN", NULL, "name a column; repeatable"},
};

static rk_option_table table_of(settings *at)
{
    rk_option_table table = {rows, RK_COUNT_OF(rows), at};
    rk_options_defaults(table);
    return table;
}

/* Parses a NULL-ended command line into *at and *words. */
static rk_status parse(const char *const *argv, settings *at, rk_vec *words, rk_error *err)
{
    char copies[16][64], *args[16];
    static char kept[16][64]; /* what settings borrow must outlive the call */
    int argc = 0;
    for (; argv[argc]; argc++) {
        strncpy(copies[argc], argv[argc], sizeof copies[0] - 1);
        copies[argc][sizeof copies[0] - 1] = '\0';
        memcpy(kept[argc], copies[argc], sizeof kept[0]);
        args[argc] = kept[argc];
    }
    rk_option_table table = table_of(at);
    *words = (rk_vec){.item_bytes = sizeof(const char *)};
    return rk_options_parse(&table, 1, argc, args, words, err);
}

static void end(settings *at, rk_vec *words)
{
    rk_options_release((rk_option_table){rows, RK_COUNT_OF(rows), at});
    rk_vec_release(words);
}

static void fallbacks_fill_every_field(void **state)
{
    (void)state;
    settings s;
    memset(&s, 0x55, sizeof s);
    table_of(&s);
    assert_false(s.is_fast);
    assert_true(s.skips);
    assert_null(s.output);
    assert_int_equal(s.n, 10);
    assert_true(s.lambda == 0.05);
    assert_int_equal(s.solver, 1);
    assert_int_equal(s.maps.n, 0);
}

static void every_spelling_is_understood(void **state)
{
    (void)state;
    static const char *const lines[][12] = {
        {"x", "--fast", "--no-skip", "--output", "f", "--count=5", "--lambda=1e-1", "--solver", "cholesky", "-m",
         "a=b"},
        {"x", "-f", "--skip=no", "-of", "-n5", "--lambda", "0.1", "--solver=cholesky", "--map=a=b"},
        {"x", "-fn", "5", "-o", "f", "--no-skip", "--lambda=.1", "--solver=cg", "--solver=cholesky", "-ma=b"},
        {"x", "--fast=true", "--skip=false", "-fof", "-n", "05", "--lambda=0.10", "--solver=cholesky", "--map", "a=b"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(lines); i++) {
        settings s;
        rk_vec words;
        rk_error err = {0};
        assert_int_equal(parse(lines[i], &s, &words, &err), RK_OK);
        assert_true(s.is_fast && !s.skips && s.n == 5 && s.lambda == 0.1 && s.solver == 0);
        assert_string_equal(s.output, "f");
        assert_int_equal(s.maps.n, 1);
        assert_string_equal(*(const char **)s.maps.data, "a=b");
        assert_int_equal(words.n, 0);
        end(&s, &words);
    }
}

static void words_and_options_mix_until_the_double_dash(void **state)
{
    (void)state;
    settings s;
    rk_vec words;
    assert_int_equal(
        parse((const char *const[]){"x", "a", "-n", "7", "-", "--", "--fast", "-n", NULL}, &s, &words, NULL), RK_OK);
    assert_int_equal(s.n, 7);
    assert_false(s.is_fast);
    static const char *const want[] = {"a", "-", "--fast", "-n"};
    assert_int_equal(words.n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(((const char **)words.data)[i], want[i]);
    }
    end(&s, &words);
}

static void misuse_is_told_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *words[3], *message;
    } cases[] = {
        {{"--ouptut", "f"}, "no option '--ouptut'; nearest is '--output'"},
        {{"--ouptut=f"}, "no option '--ouptut'; nearest is '--output'"},
        {{"--no-skpi"}, "no option '--no-skpi'; nearest is '--no-skip'"},
        {{"--no-output"}, "no option '--no-output'; nearest is '--output'"},
        {{"--zzzzzzz"}, "no option '--zzzzzzz'; see --help"},
        {{"-z"}, "no option '-z'; see --help"},
        {{"-fz"}, "no option '-z'; see --help"},
        {{"--output"}, "--output wants a value: --output FILE"},
        {{"-o"}, "-o wants a value: -o FILE"},
        {{"--output", "--fast"}, "--output wants a value, got the option '--fast'"},
        {{"--count", "0"}, "--count wants a whole number from 1 to 1000, got '0'"},
        {{"--count", "1001"}, "--count wants a whole number from 1 to 1000, got '1001'"},
        {{"-n", "-5"}, "--count wants a whole number from 1 to 1000, got '-5'"},
        {{"--count="}, "--count wants a whole number from 1 to 1000, got ''"},
        {{"--lambda=2.5"}, "--lambda wants a number from 0 to 2, got '2.5'"},
        {{"--lambda=nan"}, "--lambda wants a number from 0 to 2, got 'nan'"},
        {{"--fast=maybe"}, "--fast wants yes or no, got 'maybe'"},
        {{"--solver=lu"}, "--solver wants one of cholesky|cg, got 'lu'"},
        {{"--solver="}, "--solver wants one of cholesky|cg, got ''"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        const char *line[] = {"x", cases[i].words[0], cases[i].words[1], NULL};
        settings s;
        rk_vec words;
        rk_error err = {0};
        assert_int_equal(parse(line, &s, &words, &err), RK_BAD_USAGE);
        assert_string_equal(err.message, cases[i].message);
        end(&s, &words);
    }
}

static void a_set_value_passes_the_same_checks(void **state)
{
    (void)state;
    settings s;
    rk_option_table table = table_of(&s);
    rk_error err = {0};
    assert_int_equal(rk_options_set(table, "lambda=0.5", &err), RK_OK);
    assert_int_equal(rk_options_set(table, "fast", &err), RK_OK);
    assert_int_equal(rk_options_set(table, "skip=no", &err), RK_OK);
    assert_true(s.lambda == 0.5 && s.is_fast && !s.skips);
    static const char *const cases[][2] = {
        {"lambda=3", "lambda wants a number from 0 to 2, got '3'"},
        {"lamdba=1", "no option 'lamdba'; nearest is 'lambda'"},
        {"lambda", "lambda wants a value: lambda=X"},
        {"=1", "no option ''"},
        {"solver=x", "solver wants one of cholesky|cg, got 'x'"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        assert_int_equal(rk_options_set(table, cases[i][0], &err), RK_BAD_USAGE);
        assert_string_equal(err.message, cases[i][1]);
    }
    assert_true(s.lambda == 0.5);
}

static void open_ranges_say_which_end_is_closed(void **state)
{
    (void)state;
    static const rk_option open[] = {
        {"least", 0, RK_OPT_REAL, 0, "X", NULL, "x", .min = 1},
        {"most", 0, RK_OPT_REAL, 0, "X", NULL, "x", .min = -__builtin_inf(), .max = 3},
        {"any", 0, RK_OPT_REAL, 0, "X", NULL, "x"},
    };
    double value;
    rk_option_table table = {open, RK_COUNT_OF(open), &value};
    rk_error err;
    assert_int_equal(rk_options_set(table, "least=0.5", &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "least wants a number of at least 1, got '0.5'");
    assert_int_equal(rk_options_set(table, "least=1e9", &err), RK_OK);
    assert_int_equal(rk_options_set(table, "most=4", &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "most wants a number of at most 3, got '4'");
    assert_int_equal(rk_options_set(table, "most=-1e300", &err), RK_OK);
    assert_int_equal(rk_options_set(table, "any=-7", &err), RK_OK);
    assert_int_equal(rk_options_set(table, "any=x", &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "any wants a number, got 'x'");
}

static void help_is_aligned(void **state)
{
    (void)state;
    rk_text text = {0};
    rk_options_help((rk_option_table){rows, RK_COUNT_OF(rows), NULL}, &text);
    assert_string_equal(text.at, "  -f, --fast             be quick\n"
                                 "  -s, --[no-]skip        skip what is known (default yes)\n"
                                 "  -o, --output FILE      where to write\n"
                                 "  -n, --count N          results (default 10)\n"
                                 "      --lambda X         regularisation (default 0.05)\n"
                                 "      --solver NAME      how to solve: cholesky|cg (default cg)\n"
                                 "  -m, --map KEY=COLUMN   name a column; repeatable\n");
    rk_text_release(&text);
}

static void values_are_told_as_json(void **state)
{
    (void)state;
    settings s;
    rk_option_table table = table_of(&s);
    assert_int_equal(rk_options_set(table, "map=a", NULL), RK_OK);
    assert_int_equal(rk_options_set(table, "map=b", NULL), RK_OK);
    rk_text text = {0};
    rk_options_json(table, &(rk_json){.text = &text}, NULL);
    assert_string_equal(text.at, "{\"fast\":false,\"skip\":true,\"output\":null,\"count\":10,\"lambda\":0.05,"
                                 "\"solver\":\"cg\",\"map\":[\"a\",\"b\"]}");
    rk_text_release(&text);
    rk_options_release(table);
    assert_int_equal(s.maps.n, 0);
}

static bool parse_lists(void *context)
{
    (void)context;
    settings s;
    rk_vec words;
    rk_error err = {0};
    rk_status status = parse((const char *const[]){"x", "-ma", "-mb", "c", NULL}, &s, &words, &err);
    assert_true(status == RK_OK || (status == RK_NO_MEMORY && strstr(err.message, "not enough memory for")));
    end(&s, &words);
    return status == RK_OK;
}

static void short_memory_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(fault_each(parse_lists, NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fallbacks_fill_every_field),
        cmocka_unit_test(every_spelling_is_understood),
        cmocka_unit_test(words_and_options_mix_until_the_double_dash),
        cmocka_unit_test(misuse_is_told_in_one_line),
        cmocka_unit_test(a_set_value_passes_the_same_checks),
        cmocka_unit_test(open_ranges_say_which_end_is_closed),
        cmocka_unit_test(help_is_aligned),
        cmocka_unit_test(values_are_told_as_json),
        cmocka_unit_test(short_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
