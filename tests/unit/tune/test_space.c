/* Axes say what they mean, values come back as they went, and bad ranges are refused by name. */
#include "support/test.h"

#include <math.h>
#include <string.h>

#include "model/model.h"
#include "tune/space.h"

static const rk_option lambda = {.name = "lambda",
                                 .kind = RK_OPT_REAL,
                                 .fallback = "0.003",
                                 .min = 1e-6,
                                 .max = 1e6,
                                 .is_log_scale = true,
                                 .tune = "0.001..0.1"};
static const rk_option factors = {.name = "factors",
                                  .kind = RK_OPT_COUNT,
                                  .fallback = "64",
                                  .min = 1,
                                  .max = 4096,
                                  .is_log_scale = true,
                                  .tune = "16..256"};
static const rk_option shift = {.name = "shift", .kind = RK_OPT_REAL, .fallback = "0", .min = -10, .max = 10};
static const rk_option weigh = {
    .name = "weigh", .kind = RK_OPT_CHOICE, .fallback = "count", .choices = "one|count|sum", .tune = "one,sum"};
static const rk_option loss = {.name = "loss", .kind = RK_OPT_FLAG};
static const rk_option half_life = {
    .name = "half-life", .kind = RK_OPT_REAL, .fallback = "0", .max = 36500, .is_log_scale = true, .tune = "1..365"};
static const rk_option names = {.name = "names", .kind = RK_OPT_LIST};

static rk_axis axis_of(rk_space *space, const rk_option *option, const char *values)
{
    rk_error err = {0};
    if (rk_space_add(space, option, values, &err)) {
        fail_msg("%s", err.message);
    }
    return space->axis[space->n - 1];
}

static bool is_close(double a, double b) { return fabs(a - b) < 1e-12; }

static void places_and_values_are_each_others_inverse(void **state)
{
    (void)state;
    rk_space space = {0};
    const rk_axis axes[] = {axis_of(&space, &lambda, NULL), axis_of(&space, &factors, NULL),
                            axis_of(&space, &shift, "-2..6")};
    for (size_t i = 0; i < RK_COUNT_OF(axes); i++) {
        for (int p = 0; p <= 1000; p++) {
            double value = rk_axis_value(&axes[i], p / 1000.0), again;
            assert_true(value >= axes[i].low && value <= axes[i].high);
            again = rk_axis_value(&axes[i], rk_axis_place(&axes[i], value));
            assert_true(!(again < value) && !(again > value));
        }
    }
    assert_true(is_close(rk_axis_value(&axes[0], 0.5), 0.01)); /* the middle of a logarithmic range */
    assert_true(is_close(rk_axis_value(&axes[2], 0.5), 2));
    assert_true(is_close(rk_axis_place(&axes[2], -1000), 0) && is_close(rk_axis_place(&axes[2], 1000), 1));
    rk_space_release(&space);
}

static void every_count_of_a_linear_range_is_equally_likely(void **state)
{
    (void)state;
    rk_space space = {0};
    const rk_option steps = {.name = "steps", .kind = RK_OPT_COUNT, .min = 1, .max = 9};
    rk_axis axis = axis_of(&space, &steps, "2..6");
    unsigned n[5] = {0};
    for (unsigned p = 0; p < 1000; p++) {
        n[(unsigned)rk_axis_value(&axis, (p + 0.5) / 1000) - 2]++;
    }
    for (size_t i = 0; i < RK_COUNT_OF(n); i++) {
        assert_int_equal(n[i], 200);
    }
    rk_space_release(&space);
}

static void reals_have_three_digits(void **state)
{
    (void)state;
    rk_space space = {0};
    rk_axis axis = axis_of(&space, &lambda, NULL);
    for (int p = 1; p < 100; p++) {
        rk_text text = {0};
        rk_axis_format(&axis, rk_axis_value(&axis, p / 100.0), &text);
        size_t n_digits = 0;
        for (const char *c = text.at + strspn(text.at, "0."); *c; c++) {
            n_digits += *c != '.';
        }
        assert_true(n_digits <= 3);
        rk_text_release(&text);
    }
    rk_space_release(&space);
}

static void texts_come_back_as_values(void **state)
{
    (void)state;
    rk_space space = {0};
    const rk_axis axes[] = {axis_of(&space, &lambda, NULL), axis_of(&space, &factors, NULL),
                            axis_of(&space, &weigh, NULL), axis_of(&space, &loss, "yes,no"),
                            axis_of(&space, &factors, "8,512")};
    for (size_t i = 0; i < RK_COUNT_OF(axes); i++) {
        for (int p = 0; p <= 20; p++) {
            bool is_word = axes[i].kind == RK_AXIS_WORDS;
            double value = is_word ? (double)((size_t)p % axes[i].n_words) : rk_axis_value(&axes[i], p / 20.0),
                   back = -1;
            rk_text text = {0};
            rk_axis_format(&axes[i], value, &text);
            assert_true(rk_axis_parse(&axes[i], rk_slice_of(text.at), &back));
            assert_true(!(back < value) && !(back > value));
            rk_text_release(&text);
        }
        double none;
        assert_false(rk_axis_parse(&axes[i], rk_slice_of("maybe"), &none));
        assert_false(rk_axis_parse(&axes[i], rk_slice_of("7"), &none));
    }
    rk_space_release(&space);
}

static void the_first_trial_stands_at_the_default(void **state)
{
    (void)state;
    rk_space space = {0};
    assert_true(is_close(axis_of(&space, &lambda, NULL).start, 0.003));
    assert_true(is_close(axis_of(&space, &half_life, NULL).start, 0));      /* outside what is declared: "never" */
    assert_true(is_close(axis_of(&space, &half_life, "1..100").start, 10)); /* not where the user drew the range */
    assert_true(is_close(axis_of(&space, &factors, "16,64,128").start, 1)); /* which of the words */
    assert_true(is_close(axis_of(&space, &factors, "16,128").start, 0));
    assert_true(is_close(axis_of(&space, &weigh, NULL).start, 0));
    rk_space_release(&space);
}

static void points_are_counted(void **state)
{
    (void)state;
    rk_space space = {0};
    assert_true(is_close(rk_space_points(&space), 1));
    axis_of(&space, &factors, "1..10"); /* the default is not there */
    axis_of(&space, &loss, "yes,no");
    assert_true(rk_space_points(&space) >= 20 && rk_space_points(&space) <= 22);
    axis_of(&space, &lambda, NULL);
    assert_true(isinf(rk_space_points(&space)));
    rk_space_release(&space);
}

static void bad_values_are_refused_by_name(void **state)
{
    (void)state;
    const struct {
        const rk_option *option;
        const char *values, *message;
    } bad[] = {
        {&lambda, "0.1..0.01", "lambda: a range must ascend, got '0.1..0.01'"},
        {&lambda, "0.1..0.1", "lambda: a range must ascend, got '0.1..0.1'"},
        {&lambda, "0..1", "lambda wants a number from 1e-06 to 1000000, got '0'"},
        {&half_life, "0..10", "half-life is searched in its logarithm, so its range must begin above 0, got '0..10'"},
        {&factors, "8..9000", "factors wants a whole number from 1 to 4096, got '9000'"},
        {&factors, "8..", "factors wants a whole number from 1 to 4096, got ''"},
        {&factors, "", "factors wants a whole number from 1 to 4096, got ''"},
        {&factors, "8,16,", "factors wants a whole number from 1 to 4096, got ''"},
        {&factors, "8,16,8", "factors: '8' stands twice in '8,16,8'"},
        {&weigh, "one,two", "weigh wants one of one|count|sum, got 'two'"},
        {&weigh, "one..sum", "weigh is no number and has no range; list its values with commas, got 'one..sum'"},
        {&loss, "maybe", "loss wants yes or no, got 'maybe'"},
        {&names, "a,b", "names is a list and cannot be searched"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_space space = {0};
        rk_error err;
        assert_int_equal(rk_space_add(&space, bad[i].option, bad[i].values, &err), RK_BAD_USAGE);
        assert_string_equal(err.message, bad[i].message);
        assert_int_equal(space.n, 0);
        rk_space_release(&space);
    }
}

static void what_models_declare_can_be_searched(void **state)
{
    (void)state;
    const rk_model_kind *kind;
    for (size_t i = 0; (kind = rk_model_kind_at(i)); i++) {
        rk_space space = {0};
        size_t n_budgets = 0;
        for (size_t o = 0; o < kind->n_options; o++) {
            const rk_option *option = &kind->options[o];
            n_budgets += option->is_budget;
            assert_true(!option->is_budget || option->kind == RK_OPT_COUNT);
            if (option->tune) {
                axis_of(&space, option, NULL);
            }
        }
        assert_true(n_budgets <= 1);
        rk_space_release(&space);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_and_values_are_each_others_inverse),
        cmocka_unit_test(every_count_of_a_linear_range_is_equally_likely),
        cmocka_unit_test(reals_have_three_digits),
        cmocka_unit_test(texts_come_back_as_values),
        cmocka_unit_test(the_first_trial_stands_at_the_default),
        cmocka_unit_test(points_are_counted),
        cmocka_unit_test(bad_values_are_refused_by_name),
        cmocka_unit_test(what_models_declare_can_be_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
