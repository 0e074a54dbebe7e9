/* test_ets.c - steps by hand, echoes against the recursion itself, and fits of series whose weights are known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/ets_fit.h"
#include "math/random.h"
#include "support/test.h"

static const rk_ets_form none = {.period = 1};

static void names_are_those_of_the_taxonomy(void **state)
{
    (void)state;
    rk_text name = {0};
    rk_ets_name((rk_ets_form){RK_ERROR_MULTIPLICATIVE, RK_TREND_DAMPED, RK_SEASON_ADDITIVE, 7}, &name);
    rk_text_add(&name, " ");
    rk_ets_name(none, &name);
    assert_string_equal(name.at, "ETS(M,Ad,A)[7] ETS(A,N,N)");
    rk_text_release(&name);
}

static void a_step_goes_as_by_hand(void **state)
{
    (void)state;
    double season[] = {2, 0.5};
    const rk_ets_form form = {RK_ERROR_ADDITIVE, RK_TREND_DAMPED, RK_SEASON_MULTIPLICATIVE, 2};
    rk_ets_state s = {.alpha = 0.5, .beta = 0.25, .gamma = 0.1, .phi = 0.8, .level = 6, .trend = 5, .season = season};
    assert_true(fabs(rk_ets_foresee(&form, &s) - (6 + 0.8 * 5) * 2) < 1e-12);
    rk_ets_step(&form, &s, 4); /* the value was 24 */
    assert_true(fabs(s.level - (10 + 0.5 * 4 / 2)) < 1e-12);
    assert_true(fabs(s.trend - (4 + 0.25 * 4 / 2)) < 1e-12);
    assert_true(fabs(season[0] - (2 + 0.1 * 4 / 10)) < 1e-12);
    assert_int_equal(s.phase, 1);
    assert_true(fabs(rk_ets_foresee(&form, &s) - (11 + 0.8 * 4.5) * 0.5) < 1e-12);
    rk_ets_step(&form, &s, 0);
    assert_int_equal(s.phase, 0);
}

/* What an error of 1 does to the value j steps on, by stepping with and without it. */
static double stepped_echo(const rk_ets_form *form, rk_ets_state s, double error, size_t j)
{
    double season[3] = {1, -2, 1};
    s.season = season;
    rk_ets_step(form, &s, error);
    for (size_t i = 1; i < j; i++) {
        rk_ets_step(form, &s, 0);
    }
    return rk_ets_foresee(form, &s);
}

static void an_echo_is_what_the_recursion_makes_of_an_error(void **state)
{
    (void)state;
    for (int trend = RK_TREND_NONE; trend <= RK_TREND_DAMPED; trend++) {
        for (int season = RK_SEASON_NONE; season <= RK_SEASON_ADDITIVE; season++) {
            const rk_ets_form form = {RK_ERROR_ADDITIVE, (rk_ets_trend)trend, (rk_ets_season)season, season ? 3 : 1};
            rk_ets_state s = {.alpha = 0.4, .gamma = season ? 0.2 : 0, .phi = 1, .level = 9};
            s.beta = trend ? 0.1 : 0;
            s.trend = trend ? 1 : 0;
            s.phi = trend == RK_TREND_DAMPED ? 0.9 : 1;
            assert_true(rk_ets_is_linear(&form));
            for (size_t j = 1; j < 11; j++) {
                double slow = stepped_echo(&form, s, 1, j) - stepped_echo(&form, s, 0, j);
                assert_true(fabs(rk_ets_echo(&form, &s, j) - slow) < 1e-10);
            }
        }
    }
}

/* value: [n] drawn from the form with errors of that deviation. */
static void draw(const rk_ets_form *form, rk_ets_state s, double deviation, uint64_t stream, double *value, size_t n)
{
    rk_random random = rk_random_of(3, stream);
    for (size_t t = 0; t < n; t++) {
        double foreseen = rk_ets_foresee(form, &s), error = deviation * rk_random_normal(&random);
        value[t] = foreseen + (form->error == RK_ERROR_MULTIPLICATIVE ? foreseen * error : error);
        rk_ets_step(form, &s, value[t] - foreseen);
    }
}

static rk_ets_fit fit(const rk_ets_form *form, const double *value, size_t n, double **room)
{
    rk_ets_fit out;
    size_t n_known = 0;
    for (size_t t = 0; t < n; t++) {
        n_known += isnan(value[t]) ? 0 : 1;
    }
    *room = malloc(rk_ets_room(form, n) * sizeof **room);
    rk_ets_fit_form(form, &(rk_ets_history){value, n, n_known}, *room, &out);
    return out;
}

enum { N = 3000 };

static void weights_are_found_again(void **state)
{
    (void)state;
    static const rk_ets_form forms[] = {{RK_ERROR_ADDITIVE, RK_TREND_NONE, RK_SEASON_ADDITIVE, 4},
                                        {RK_ERROR_MULTIPLICATIVE, RK_TREND_NONE, RK_SEASON_MULTIPLICATIVE, 4},
                                        {RK_ERROR_MULTIPLICATIVE, RK_TREND_DAMPED, RK_SEASON_NONE, 1}};
    static double value[N];
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        double add[] = {0.3, -0.1, 0.1, -0.3}, multiply[] = {1.3, 0.9, 1.1, 0.7}, *room;
        rk_ets_state s = {.alpha = 0.3, .phi = 1, .level = 1};
        s.season = forms[i].season == RK_SEASON_ADDITIVE ? add : multiply;
        s.gamma = forms[i].season ? 0.15 : 0;
        s.phi = forms[i].trend ? 0.9 : 1;
        s.beta = forms[i].trend ? 0.1 : 0;
        draw(&forms[i], s, 0.01, i, value, N);
        rk_ets_fit found = fit(&forms[i], value, N, &room);
        /* The standard error of a weight is about 1 / root of N = 0.018. */
        assert_true(fabs(found.state.alpha - 0.3) < 0.06 && fabs(found.state.beta - s.beta) < 0.05);
        assert_true(fabs(found.state.gamma - s.gamma) < 0.06 && fabs(found.state.phi - s.phi) < 0.06);
        assert_true(fabs(sqrt(found.squares / N) / 0.01 - 1) < 0.05);
        free(room);
    }
}

static void the_likelihood_is_that_of_its_errors(void **state)
{
    (void)state;
    static double value[N];
    double *room;
    draw(&none, (rk_ets_state){.alpha = 0.5, .phi = 1, .level = 1}, 0.02, 9, value, N);
    rk_ets_fit found = fit(&none, value, 200, &room);
    assert_true(fabs(found.likelihood - 200 * log(found.squares / 200)) < 1e-9);
    assert_int_equal(found.n_parameters, 3);
    assert_true(fabs(found.aicc - (found.likelihood + 6 + 24.0 / 196)) < 1e-9);
    /* The states after the history foresee what one more pass does. */
    assert_true(fabs(rk_ets_foresee(&none, &found.state) - found.state.level) < 1e-15);
    free(room);
}

static void gaps_move_nothing_and_count_for_nothing(void **state)
{
    (void)state;
    static double value[N], gappy[N];
    const rk_ets_form form = {RK_ERROR_ADDITIVE, RK_TREND_NONE, RK_SEASON_ADDITIVE, 4};
    double season[] = {0.3, -0.1, 0.1, -0.3}, *room, *gappy_room;
    rk_ets_state s = {.alpha = 0.2, .gamma = 0.05, .phi = 1, .level = 1, .season = season};
    draw(&form, s, 0.01, 5, value, N);
    memcpy(gappy, value, sizeof gappy);
    for (size_t t = 10; t < N - 20; t += 5) { /* every place of the season in turn */
        gappy[t] = NAN;
    }
    rk_ets_fit whole = fit(&form, value, N, &room), holed = fit(&form, gappy, N, &gappy_room);
    assert_true(fabs(whole.state.alpha - holed.state.alpha) < 0.05);
    /* The last 20 values are known to both and outweigh what was missed before. */
    assert_true(fabs(rk_ets_foresee(&form, &whole.state) - rk_ets_foresee(&form, &holed.state)) < 0.01);
    assert_true(holed.squares < whole.squares);
    free(room);
    free(gappy_room);
}

static void a_season_that_is_not_there_cannot_be_fitted(void **state)
{
    (void)state;
    const rk_ets_form form = {RK_ERROR_ADDITIVE, RK_TREND_NONE, RK_SEASON_MULTIPLICATIVE, 2};
    double value[] = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1}, *room;
    rk_ets_fit found = fit(&form, value, 12, &room);
    assert_true(isinf(found.likelihood) && isinf(found.aicc));
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_taxonomy),
        cmocka_unit_test(a_step_goes_as_by_hand),
        cmocka_unit_test(an_echo_is_what_the_recursion_makes_of_an_error),
        cmocka_unit_test(weights_are_found_again),
        cmocka_unit_test(the_likelihood_is_that_of_its_errors),
        cmocka_unit_test(gaps_move_nothing_and_count_for_nothing),
        cmocka_unit_test(a_season_that_is_not_there_cannot_be_fitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
