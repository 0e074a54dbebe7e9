/* Claims about backtest.h, worked by hand on histories that are even but for their end. */
#include <math.h>
#include <string.h>

#include "forecast/backtest.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/test.h"

enum { WEEKS = 4, BLOCK = 7 * WEEKS, DAYS = 3 * BLOCK };
static const rk_run quiet = {.seed = 4};
static const rk_forecast_options plain = {.trends = 1u << RK_TREND_NONE};

/* 100 a day, and 110 a day in the last of three blocks. */
static void fill(double *value)
{
    for (size_t t = 0; t < DAYS; t++) {
        value[t] = t < (size_t)2 * BLOCK ? 100 : 110;
    }
}

static rk_backtest run(const double *value, size_t n, rk_backtest_ask ask)
{
    rk_backtest result;
    rk_error err;
    if (rk_backtest_run(&(rk_series){value, n}, &plain, &ask, &quiet, &result, &err)) {
        fail_msg("%s", err.message);
    }
    return result;
}

/* An even history is foretold to go on, by an interval without width. From day 56: 2,800 for 3,080, off by 280 / 3,080
 * = 1/11. From day 28: 2,800 for 2,800, and again 2,800 for 3,080. The mean of 1/11, 0 and 1/11 is 2/33. */
static void each_start_is_fitted_anew_and_compared_block_by_block(void **state)
{
    (void)state;
    double value[DAYS];
    fill(value);
    rk_backtest r = run(
        value, DAYS, (rk_backtest_ask){.block = BLOCK, .n_ahead = 12, .n_fit_min = 28, .n_origins = 8, .level = 0.8});
    assert_int_equal(r.n_origins, 2);
    assert_int_equal(r.n_blocks, 3);
    assert_int_equal(r.n_inside, 1);
    assert_true(fabs(r.error - 2.0 / 33) < 1e-12);
    assert_true(isnan(r.widening)); /* the fourth of three scores */
    /* One in four of three: the first of them in order, the block that was met. */
    r = run(value, DAYS,
            (rk_backtest_ask){.block = BLOCK, .n_ahead = 12, .n_fit_min = 28, .n_origins = 8, .level = 0.25});
    assert_true(r.widening >= 0 && r.widening <= 0);
    /* Two in four: a block missed by an interval without width; no widening mends that. */
    r = run(value, DAYS,
            (rk_backtest_ask){.block = BLOCK, .n_ahead = 12, .n_fit_min = 28, .n_origins = 8, .level = 0.5});
    assert_true(isnan(r.widening));
}

static void what_is_asked_bounds_starts_and_blocks(void **state)
{
    (void)state;
    double value[DAYS];
    fill(value);
    rk_backtest r = run(value, DAYS, (rk_backtest_ask){.block = BLOCK, .n_ahead = 1, .n_fit_min = 28, .n_origins = 8});
    assert_int_equal(r.n_origins, 2);
    assert_int_equal(r.n_blocks, 2);
    assert_true(fabs(r.error - 1.0 / 22) < 1e-12);
    r = run(value, DAYS, (rk_backtest_ask){.block = BLOCK, .n_ahead = 12, .n_fit_min = 29, .n_origins = 8});
    assert_int_equal(r.n_origins, 1);
    r = run(value, DAYS, (rk_backtest_ask){.block = BLOCK, .n_ahead = 12, .n_fit_min = 28, .n_origins = 1});
    assert_int_equal(r.n_origins, 1);
    r = run(value, BLOCK, (rk_backtest_ask){.block = BLOCK, .n_ahead = 12, .n_fit_min = 28, .n_origins = 8});
    assert_int_equal(r.n_blocks, 0);
    assert_true(isnan(r.error) && isnan(r.widening));
}

/* 7 of the last 28 days are missing: 21 x 100 foretold for 21 x 110, again 1/11. With 20 missing there is no block. */
static void missing_days_count_on_neither_side(void **state)
{
    (void)state;
    double value[DAYS];
    fill(value);
    for (size_t t = DAYS - 7; t < DAYS; t++) {
        value[t] = NAN;
    }
    rk_backtest_ask ask = {.block = BLOCK, .n_ahead = 1, .n_fit_min = 28, .n_origins = 1};
    rk_backtest r = run(value, DAYS, ask);
    assert_true(r.n_blocks == 1 && fabs(r.error - 1.0 / 11) < 1e-12);
    for (size_t t = DAYS - 20; t < DAYS; t++) {
        value[t] = NAN;
    }
    r = run(value, DAYS, ask);
    assert_int_equal(r.n_origins, 1);
    assert_int_equal(r.n_blocks, 0);
}

/* A level that wanders: the sums of 10 later blocks lie inside intervals multiplied by the widening in at least 8 of 10
 * cases, as they did on the past, or the intervals would not be worth their name. Sums of steps are far from
 * independent, so over 40 wanderings. */
static void widened_intervals_hold_their_level_on_what_comes_after(void **state)
{
    (void)state;
    enum { WALKS = 40, PAST = 280, AHEAD_STEPS = 28 };
    static const double level = 0.8;
    const size_t end[] = {AHEAD_STEPS};
    size_t n_raw = 0, n_inside = 0;
    for (uint64_t walk = 0; walk < WALKS; walk++) {
        double value[PAST + AHEAD_STEPS], at = 1000, comes = 0;
        rk_random random = rk_random_of(7, walk);
        rk_forecast_model *model = NULL;
        rk_forecast f = {0};
        rk_error err;
        for (size_t t = 0; t < PAST + AHEAD_STEPS; t++) {
            at += 4 * rk_random_normal(&random);
            value[t] = at + 20 * rk_random_normal(&random);
            comes += t < PAST ? 0 : value[t];
        }
        rk_backtest r = run(
            value, PAST,
            (rk_backtest_ask){
                .block = AHEAD_STEPS, .n_ahead = 1, .n_fit_min = 140, .n_origins = 5, .level = level, .n_paths = 400});
        assert_int_equal(r.n_blocks, 5);
        rk_forecast_ask ask = {.n_steps = AHEAD_STEPS,
                               .block_end = end,
                               .n_blocks = 1,
                               .level = &level,
                               .n_levels = 1,
                               .n_paths = 400,
                               .never_negative = true};
        assert_int_equal(rk_forecast_fit(&(rk_series){value, PAST}, &plain, &quiet, &model, &err), RK_OK);
        assert_int_equal(rk_forecast_make(model, &ask, &quiet, &f, &err), RK_OK);
        double reach =
            comes > f.block.value[0] ? f.block.high[0] - f.block.value[0] : f.block.value[0] - f.block.low[0];
        double score = fabs(comes - f.block.value[0]) / reach;
        n_raw += score <= 1;
        n_inside += score <= fmax(r.widening, 1);
        rk_forecast_release(&f);
        rk_forecast_model_free(model);
    }
    assert_true(5 * n_inside >= (size_t)4 * WALKS && n_inside >= n_raw);
}

static bool attempt(void *context)
{
    rk_backtest result;
    rk_error err;
    rk_backtest_ask ask = {.block = BLOCK, .n_ahead = 2, .n_fit_min = 28, .n_origins = 2, .level = 0.8, .n_paths = 20};
    rk_status status = rk_backtest_run(&(rk_series){context, DAYS}, &plain, &ask, &quiet, &result, &err);
    assert_true(status == RK_OK || err.status == RK_NO_MEMORY);
    return status == RK_OK;
}

static void every_short_allocation_is_told(void **state)
{
    (void)state;
    double value[DAYS];
    for (size_t t = 0; t < DAYS; t++) {
        value[t] = 100 + (double)(t * 7919 % 101);
    }
    assert_true(fault_each(attempt, value) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_start_is_fitted_anew_and_compared_block_by_block),
        cmocka_unit_test(what_is_asked_bounds_starts_and_blocks),
        cmocka_unit_test(missing_days_count_on_neither_side),
        cmocka_unit_test(widened_intervals_hold_their_level_on_what_comes_after),
        cmocka_unit_test(every_short_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
