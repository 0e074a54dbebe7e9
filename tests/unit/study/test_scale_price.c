/* test_scale_price.c - what a band of a hundred million items may hold: fleets where they are thinkable, none elsewhere. */
#include "support/test.h"

#include <math.h>
#include <stdlib.h>

#include "study/scale_parts.h"

static rk_estimate around(double value, double factor) { return (rk_estimate){value, value / factor, value * factor}; }

/* Every size alike: the figures as given, the same band around each. */
static rk_scaling *scaling_of(const rk_scale_options *options, const rk_run *run, double training_s, double factor)
{
    rk_scaling *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->options = options;
    s->run = run;
    s->n_cores = 2;
    s->report.load_share = 0.8;
    for (size_t k = 0; k < RK_SCALE_RATES; k++) {
        s->report.rate[k] = 1000;
    }
    for (size_t i = 0; i < RK_SCALE_SIZES; i++) {
        rk_estimate *figure = s->report.size[i].figure;
        s->report.size[i].items = 1e5;
        figure[RK_SCALE_CPU_MS] = around(0.2, 1.1);
        figure[RK_SCALE_RESIDENT_BYTES] = figure[RK_SCALE_TRAINING_BYTES] = around(1e9, 1.1);
        figure[RK_SCALE_TRAINING_S] = around(training_s, factor);
    }
    return s;
}

static const rk_scale_cell *priced(rk_scaling *s)
{
    rk_error err = {0};
    if (rk_scaling_price(s, &err)) {
        fail_msg("%s", err.message);
    }
    return &s->report.size[0].cell[0];
}

static void a_fleet_has_a_price_and_a_band(void **state)
{
    (void)state;
    rk_scale_options options = rk_scale_defaults();
    rk_run run = {.seed = 1};
    rk_scaling *s = scaling_of(&options, &run, 3600, 2);
    const rk_scale_cell *cell = priced(s);
    assert_non_null(cell->machine);
    assert_true(cell->n_machines >= 2);
    assert_true(cell->cost_per_year.low < cell->cost_per_year.value);
    assert_true(cell->cost_per_year.value < cell->cost_per_year.high && isfinite(cell->cost_per_year.high));
    rk_scaling_free(s);
}

/* A band that reaches to 10^11 hours says that nothing is known, not that the plan is wrong. */
static void a_training_without_end_has_no_price(void **state)
{
    (void)state;
    rk_scale_options options = rk_scale_defaults();
    rk_run run = {.seed = 1};
    rk_scaling *s = scaling_of(&options, &run, 3600, 1e12);
    const rk_scale_cell *cell = priced(s);
    assert_non_null(cell->machine);
    assert_true(isinf(cell->cost_per_year.high));
    rk_scaling_free(s);
    s = scaling_of(&options, &run, 1e15, 1.1);
    assert_null(priced(s)->machine);
    rk_scaling_free(s);
    s = scaling_of(&options, &run, NAN, 1);
    assert_null(priced(s)->machine);
    rk_scaling_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fleet_has_a_price_and_a_band),
        cmocka_unit_test(a_training_without_end_has_no_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
