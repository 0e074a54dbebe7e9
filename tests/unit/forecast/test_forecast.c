/* test_forecast.c - what is chosen and why, intervals by formula against simulated ones, sums, gaps, threads, faults.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/forecast.h"
#include "math/beta.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/test.h"

enum { DAYS = 200, AHEAD = 28 };
static const rk_run quiet = {.seed = 4};
static const rk_forecast_options weekly = {.period = {7}, .n_periods = 1};
static const double levels[] = {0.8, 0.95};

/* Requests a day: busy from Monday to Friday, a tenth of noise. */
static void fill(double *value, size_t n, bool multiplies)
{
    static const double of_day[] = {1.2, 1.3, 1.25, 1.2, 1.05, 0.5, 0.5};
    rk_random random = rk_random_of(21, multiplies);
    for (size_t t = 0; t < n; t++) {
        double size = multiplies ? 1000 * exp(0.01 * (double)t) : 1000;
        value[t] = size * of_day[t % 7] * (1 + 0.03 * rk_random_normal(&random));
    }
}

static rk_forecast_model *fit(const double *value, size_t n, const rk_forecast_options *options)
{
    rk_forecast_model *model = NULL;
    rk_error err;
    assert_int_equal(rk_forecast_fit(&(rk_series){value, n}, options, &quiet, &model, &err), RK_OK);
    return model;
}

static rk_forecast make(const rk_forecast_model *model, rk_forecast_ask ask, const rk_run *run)
{
    rk_forecast f = {0};
    rk_error err;
    ask.level = levels;
    ask.n_levels = 2;
    assert_int_equal(rk_forecast_make(model, &ask, run, &f, &err), RK_OK);
    return f;
}

static void assert_name(const rk_forecast_model *model, const char *name, const char *why)
{
    rk_text text = {0};
    rk_forecast_model_name(model, &text);
    assert_string_equal(text.at, name);
    assert_string_equal(model->why, why);
    rk_text_release(&text);
}

static void a_week_is_seen_and_foretold(void **state)
{
    (void)state;
    double value[DAYS + AHEAD];
    fill(value, DAYS + AHEAD, false);
    rk_forecast_model *model = fit(value, DAYS, &weekly);
    assert_int_equal(model->kind, RK_FORECAST_ETS);
    assert_int_not_equal(model->form.season, RK_SEASON_NONE);
    assert_int_equal(model->form.period, 7);
    rk_forecast f = make(model, (rk_forecast_ask){.n_steps = AHEAD}, &quiet);
    for (size_t h = 0; h < AHEAD; h++) {
        assert_true(fabs(f.step.value[h] / value[DAYS + h] - 1) < 0.12); /* four deviations of the noise */
        assert_true(f.step.low[AHEAD + h] < f.step.low[h] && f.step.low[h] < f.step.value[h]);
        assert_true(f.step.high[AHEAD + h] > f.step.high[h] && f.step.high[h] > f.step.value[h]);
    }
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
}

static void growth_with_growing_swings_is_multiplicative(void **state)
{
    (void)state;
    double value[DAYS];
    fill(value, DAYS, true);
    rk_forecast_options options = weekly;
    options.trends = 1u << RK_TREND_ADDITIVE;
    rk_forecast_model *model = fit(value, DAYS, &options);
    assert_int_equal(model->form.error, RK_ERROR_MULTIPLICATIVE);
    assert_int_equal(model->form.season, RK_SEASON_MULTIPLICATIVE);
    assert_int_equal(model->form.trend, RK_TREND_ADDITIVE);
    rk_forecast_model_free(model);
}

static void the_interval_of_a_level_goes_as_by_hand(void **state)
{
    (void)state;
    double value[DAYS];
    const rk_ets_form level = {.period = 1};
    const size_t end[] = {2, 5};
    fill(value, DAYS, false);
    rk_forecast_model *model = fit(value, DAYS, &(rk_forecast_options){.form = &level});
    rk_forecast f = make(model, (rk_forecast_ask){.n_steps = 5, .block_end = end, .n_blocks = 2}, &quiet);
    double a = model->state.alpha, unit = model->deviation * rk_student_quantile(DAYS - 2, 0.975);
    assert_string_equal(model->why, "as asked");
    assert_true(f.step.value[0] == f.step.value[4] && f.step.value[0] == model->state.level);
    assert_true(fabs(f.step.high[5 + 3] - f.step.value[3] - unit * sqrt(1 + 3 * a * a)) < 1e-9);
    assert_true(fabs(f.block.value[1] - 3 * model->state.level) < 1e-9);
    /* Three steps behind two: each of the two errors before moves all three by a; then 1 + 2a, 1 + a, 1. */
    double of_sum = sqrt(2 * 9 * a * a + (1 + 2 * a) * (1 + 2 * a) + (1 + a) * (1 + a) + 1);
    assert_true(fabs(f.block.value[1] - f.block.low[2 + 1] - unit * of_sum) < 1e-6);
    assert_false(f.step.is_simulated || f.block.is_simulated);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
}

/* Far from 0, counts are simulated only because they could be nearer. */
static void compare_paths_with_formula(const double *value, size_t n)
{
    const rk_ets_form form = {RK_ERROR_ADDITIVE, RK_TREND_DAMPED, RK_SEASON_ADDITIVE, 7};
    const size_t end[] = {10, AHEAD};
    rk_forecast_model *model = fit(value, n, &(rk_forecast_options){.form = &form});
    rk_forecast_ask ask = {.n_steps = AHEAD, .block_end = end, .n_blocks = 2, .n_paths = 40000};
    rk_forecast exact = make(model, ask, &quiet);
    ask.never_negative = true;
    rk_forecast drawn = make(model, ask, &quiet);
    assert_true(drawn.block.is_simulated && !exact.block.is_simulated);
    for (size_t i = 0; i < 4; i++) { /* two levels of two blocks */
        double half = exact.block.high[i] - exact.block.value[i % 2];
        /* The 2.5 % point of 40,000 paths has a standard error of 0.008 half widths of the interval. */
        assert_true(fabs(drawn.block.high[i] - exact.block.high[i]) < 0.035 * half);
        assert_true(fabs(drawn.block.low[i] - exact.block.low[i]) < 0.035 * half);
    }
    rk_forecast_release(&exact);
    rk_forecast_release(&drawn);
    rk_forecast_model_free(model);
}

static void paths_agree_with_the_formula(void **state)
{
    (void)state;
    double value[DAYS];
    fill(value, DAYS, false);
    compare_paths_with_formula(value, DAYS);
    compare_paths_with_formula(value, 20); /* 8 and 9 degrees of freedom: Student's tails are far from normal */
    compare_paths_with_formula(value, 21);
}

static void a_block_is_the_sum_of_its_steps_and_surer_than_they(void **state)
{
    (void)state;
    double value[DAYS], sum = 0, half_widths = 0;
    const size_t end[] = {AHEAD};
    const rk_ets_form form = {RK_ERROR_MULTIPLICATIVE, RK_TREND_NONE, RK_SEASON_MULTIPLICATIVE, 7};
    fill(value, DAYS, false);
    rk_forecast_model *model = fit(value, DAYS, &(rk_forecast_options){.form = &form});
    rk_forecast f = make(model, (rk_forecast_ask){.n_steps = AHEAD, .block_end = end, .n_blocks = 1}, &quiet);
    for (size_t h = 0; h < AHEAD; h++) {
        sum += f.step.value[h];
        half_widths += (f.step.high[h] - f.step.low[h]) / 2;
    }
    assert_true(fabs(f.block.value[0] - sum) < 1e-9 * sum);
    assert_true(f.block.low[0] < sum && sum < f.block.high[0]);
    assert_true((f.block.high[0] - f.block.low[0]) / 2 < half_widths);
    assert_true(f.step.is_simulated && f.block.is_simulated);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
}

static void counts_never_fall_below_zero(void **state)
{
    (void)state;
    double value[60];
    const size_t end[] = {30, 60};
    const rk_ets_form form = {RK_ERROR_ADDITIVE, RK_TREND_ADDITIVE, RK_SEASON_NONE, 1};
    rk_random random = rk_random_of(8, 0);
    for (size_t t = 0; t < 60; t++) {
        value[t] = 130 - 2 * (double)t + 5 * rk_random_normal(&random);
    }
    rk_forecast_model *model = fit(value, 60, &(rk_forecast_options){.form = &form});
    rk_forecast_ask ask = {.n_steps = 60, .block_end = end, .n_blocks = 2, .never_negative = true};
    rk_forecast f = make(model, ask, &quiet);
    assert_true(f.step.value[59] == 0 && f.step.high[59] >= 0 && f.step.low[9] == 0);
    assert_true(f.block.low[0] >= 0 && f.block.low[1] == 0 && f.block.high[0] > f.block.value[0]);
    rk_forecast_release(&f);
    ask.never_negative = false;
    f = make(model, ask, &quiet);
    assert_true(f.step.value[59] < -50 && f.block.value[1] < -1000);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
}

static void short_and_even_series_are_foretold_simply(void **state)
{
    (void)state;
    const double one[] = {NAN, 7}, three[] = {4, 8, 6}, even[] = {5, 5, NAN, 5, 5, 5, 5};
    double week[12];
    fill(week, 12, false);
    rk_forecast_model *model = fit(one, 2, &weekly);
    rk_forecast f = make(model, (rk_forecast_ask){.n_steps = 2}, &quiet);
    assert_name(model, "naive", "one value only");
    assert_true(f.step.value[1] == 7 && isnan(f.step.low[0]) && model->n_known == 1 && model->n_missing == 0);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);

    model = fit(three, 3, &weekly);
    f = make(model, (rk_forecast_ask){.n_steps = 2}, &quiet);
    assert_name(model, "mean", "too few values for a model");
    double half = 2 * sqrt(1 + 1 / 3.0) * rk_student_quantile(2, 0.9); /* 2: the deviation of 4, 8, 6 */
    assert_true(f.step.value[1] == 6 && fabs(f.step.high[1] - 6 - half) < 1e-9);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);

    model = fit(even, 7, &weekly);
    f = make(model, (rk_forecast_ask){.n_steps = 2}, &quiet);
    assert_name(model, "naive", "all values are equal");
    assert_true(f.step.value[1] == 5 && f.step.low[1] == 5 && f.step.high[1] == 5 && model->n_missing == 1);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);

    model = fit(week, 12, &weekly);
    f = make(model, (rk_forecast_ask){.n_steps = 14}, &quiet);
    assert_name(model, "seasonal naive [7]", "less than two seasons of 7, and the last season repeats");
    assert_true(f.step.value[0] == week[5] && f.step.value[6] == week[11] && f.step.value[7] == week[5]);
    double day = f.step.high[0] - f.step.value[0], next_week = f.step.high[7] - f.step.value[7];
    assert_true(fabs(next_week / day - sqrt(2)) < 1e-9);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
}

static void noise_of_ten_days_has_no_week(void **state)
{
    (void)state;
    double value[10];
    rk_random random = rk_random_of(2, 0);
    for (size_t t = 0; t < 10; t++) {
        value[t] = 100 + rk_random_normal(&random);
    }
    rk_forecast_model *model = fit(value, 10, &weekly);
    assert_int_equal(model->kind, RK_FORECAST_ETS);
    assert_int_equal(model->form.season, RK_SEASON_NONE);
    rk_forecast_model_free(model);
}

static void what_cannot_be_foretold_is_told(void **state)
{
    (void)state;
    const double nothing[] = {NAN, NAN}, endless[] = {1, INFINITY}, below[] = {3, -1, 2, 5, 3, 4, 1, 2};
    const rk_ets_form relative = {RK_ERROR_MULTIPLICATIVE, RK_TREND_NONE, RK_SEASON_NONE, 1},
                      seasonal = {RK_ERROR_ADDITIVE, RK_TREND_NONE, RK_SEASON_ADDITIVE, 7};
    const struct {
        rk_series series;
        const rk_ets_form *form;
        const char *message;
    } rows[] = {
        {{nothing, 2}, NULL, "the series has no value"},
        {{endless, 2}, NULL, "value 2 of the series, inf, is too large"},
        {{below, 8}, &relative, "ETS(M,N,N) needs values above 0, the series has -1"},
        {{below, 8}, &seasonal, "ETS(A,N,A)[7] needs 14 values, the series has 8"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        rk_forecast_model *model = NULL;
        rk_error err = {0};
        rk_forecast_options options = {.form = rows[i].form};
        assert_int_equal(rk_forecast_fit(&rows[i].series, &options, &quiet, &model, &err), RK_BAD_INPUT);
        assert_string_equal(err.message, rows[i].message);
        assert_null(model);
    }
}

/* A model and its forecast of everything that is simulated, as one run of numbers. */
static size_t foretell(const rk_run *run, double *out, size_t n_max)
{
    double value[DAYS];
    const size_t end[] = {3, AHEAD};
    rk_forecast_model *model = NULL;
    rk_error err;
    rk_forecast_options options = {.period = {7, 14}, .n_periods = 2, .trends = 7};
    fill(value, DAYS, true);
    assert_int_equal(rk_forecast_fit(&(rk_series){value, DAYS}, &options, run, &model, &err), RK_OK);
    rk_forecast_ask ask = {.n_steps = AHEAD, .block_end = end, .n_blocks = 2, .never_negative = true};
    rk_forecast f = make(model, ask, run);
    size_t n = (AHEAD + 2) * 5;
    assert_true(n <= n_max && f.step.is_simulated);
    memcpy(out, f.memory, n * sizeof *out);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
    return n;
}

static void threads_do_not_matter_and_the_seed_does(void **state)
{
    (void)state;
    double one[256], four[256], other[256];
    rk_pool *pool = rk_pool_new(4);
    size_t n = foretell(&(rk_run){.seed = 1}, one, 256);
    (void)foretell(&(rk_run){.seed = 1, .pool = pool}, four, 256);
    (void)foretell(&(rk_run){.seed = 2, .pool = pool}, other, 256);
    assert_memory_equal(one, four, n * sizeof *one);
    assert_memory_not_equal(one, other, n * sizeof *one);
    assert_memory_equal(one, other, AHEAD * sizeof *one); /* the points draw nothing */
    rk_pool_free(pool);
}

/* The same paths: a step that counts three times makes three times the sum, one that does not count makes none. */
static void a_block_counts_its_steps_by_their_weights(void **state)
{
    (void)state;
    double value[DAYS], three[AHEAD], gap[AHEAD];
    const size_t end[] = {10, AHEAD};
    fill(value, DAYS, true);
    rk_forecast_model *model = fit(value, DAYS, &weekly);
    for (size_t t = 0; t < AHEAD; t++) {
        three[t] = 3;
        gap[t] = t < 10 ? 0 : 1;
    }
    rk_forecast_ask ask = {.n_steps = AHEAD, .block_end = end, .n_blocks = 2, .never_negative = true};
    rk_forecast once = make(model, ask, &quiet);
    ask.weight = three;
    rk_forecast thrice = make(model, ask, &quiet);
    ask.weight = gap;
    rk_forecast late = make(model, ask, &quiet);
    for (size_t b = 0; b < 4; b++) { /* two levels */
        assert_true(fabs(thrice.block.low[b] / once.block.low[b] - 3) < 1e-9);
        assert_true(fabs(thrice.block.high[b] / once.block.high[b] - 3) < 1e-9);
    }
    assert_true(late.block.value[0] <= 0 && late.block.high[0] <= 0);
    assert_true(late.block.value[1] >= once.block.value[1] && late.block.low[1] >= once.block.low[1]);
    assert_memory_equal(once.step.value, thrice.step.value, AHEAD * sizeof *once.step.value);
    rk_forecast_release(&once);
    rk_forecast_release(&thrice);
    rk_forecast_release(&late);
    rk_forecast_model_free(model);
}

static bool attempt(void *context)
{
    const double *value = context;
    const size_t end[] = {2};
    rk_forecast_model *model = NULL;
    rk_forecast f = {0};
    rk_error err;
    rk_forecast_ask ask = {.n_steps = 3,
                           .block_end = end,
                           .n_blocks = 1,
                           .level = levels,
                           .n_levels = 2,
                           .n_paths = 20,
                           .never_negative = true};
    bool ok = rk_forecast_fit(&(rk_series){value, 12}, &weekly, &quiet, &model, &err) == RK_OK &&
              rk_forecast_make(model, &ask, &quiet, &f, &err) == RK_OK;
    assert_true(ok || err.status == RK_NO_MEMORY);
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
    return ok;
}

static bool attempt_season(void *context)
{
    const rk_ets_form form = {RK_ERROR_ADDITIVE, RK_TREND_NONE, RK_SEASON_ADDITIVE, 7};
    rk_forecast_model *model = NULL;
    rk_error err;
    rk_series series = {context, 20};
    bool ok = rk_forecast_fit(&series, &(rk_forecast_options){.form = &form}, &quiet, &model, &err) == RK_OK;
    assert_true(ok || err.status == RK_NO_MEMORY);
    rk_forecast_model_free(model);
    return ok;
}

static void a_shortage_of_memory_is_told(void **state)
{
    (void)state;
    double value[20];
    fill(value, 20, false);
    assert_true(fault_each(attempt, value) >= 5);
    assert_true(fault_each(attempt_season, value) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_week_is_seen_and_foretold),
        cmocka_unit_test(growth_with_growing_swings_is_multiplicative),
        cmocka_unit_test(the_interval_of_a_level_goes_as_by_hand),
        cmocka_unit_test(paths_agree_with_the_formula),
        cmocka_unit_test(a_block_is_the_sum_of_its_steps_and_surer_than_they),
        cmocka_unit_test(counts_never_fall_below_zero),
        cmocka_unit_test(short_and_even_series_are_foretold_simply),
        cmocka_unit_test(noise_of_ten_days_has_no_week),
        cmocka_unit_test(what_cannot_be_foretold_is_told),
        cmocka_unit_test(a_block_counts_its_steps_by_their_weights),
        cmocka_unit_test(threads_do_not_matter_and_the_seed_does),
        cmocka_unit_test(a_shortage_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
