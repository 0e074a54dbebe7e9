/* test_distribution.c - quantiles and moments against another program's, order, ends, and what is refused. */
#include "support/test.h"

#include <math.h>
#include <string.h>

#include "math/distribution.h"
#include "math/sobol.h"
#include "support/faults.h"

typedef struct {
    const char *name, *params[RK_DISTRIBUTION_PARAMS_MAX];
    size_t n;
    double param[8];
    double quantile[8]; /* at shares[] */
    double mean, sd;
} expectation;

static const double shares[8] = {0x1p-33, 0.001, 0.1, 0.3, 0.5, 0.75, 0.99, 1 - 0x1p-33};

/* scipy 1.17.1: ppf, mean and std of uniform, triang, beta (pert: shapes 1 + 4 (mode - low) / (high - low) and
 * 1 + 4 (high - mode) / (high - low)), norm and lognorm, with p10 and p90 through norm.ppf(0.9) and mean and sd through
 * sigma^2 = log(1 + (sd / mean)^2). */
static const expectation expected[] = {
    {"uniform",
     {"low", "high"},
     2,
     {-3, 7},
     {-2.999999998835847, -2.99, -2.0, 0.0, 2.0, 4.5, 6.9, 6.999999998835847},
     2.0,
     2.8867513459481287},
    {"triangular",
     {"low", "mode", "high"},
     3,
     {80, 100, 150},
     {80.00040370961167, 81.18321595661992, 91.83215956619924, 100.50252531694167, 108.16699867329622,
      120.41960108450192, 144.08392021690037, 149.9993616790569},
     110.0,
     14.719601443879746},
    {"triangular",
     {"low", "mode", "high"},
     3,
     {2, 2, 5},
     {2.000000000174623, 2.001500375187617, 2.153950105848459, 2.4900199203977733, 2.878679656440357, 3.5,
      4.699999999999999, 4.999967631220343},
     3.0,
     0.7071067811865476},
    {"triangular",
     {"low", "mode", "high"},
     3,
     {2, 5, 5},
     {2.000032368779656, 2.094868329805051, 2.948683298050514, 3.6431676725154984, 4.121320343559643, 4.598076211353316,
      4.98496231131986, 4.999999999825377},
     4.0,
     0.7071067811865476},
    {"pert",
     {"low", "mode", "high"},
     3,
     {80, 100, 150},
     {80.0005423985242, 80.94520931194178, 89.04353459302796, 96.90329101856138, 103.82588601420245, 113.74872305685709,
      135.82713270834807, 149.88193297926844},
     105.0,
     12.677313820927749},
    {"pert",
     {"low", "mode", "high"},
     3,
     {0, 0, 1},
     {2.3283064366471165e-11, 0.00020008004803362555, 0.020851637639023212, 0.0688500849051623, 0.12944943670387585,
      0.24214171674480095, 0.6018928294465027, 0.9896913444470867},
     0.16666666666666666,
     0.14085904245475275},
    {"pert",
     {"low", "mode", "high"},
     3,
     {-1, 4, 4},
     {-0.9484567222354339, 0.25594321575479007, 2.1547867224009662, 2.930015427983114, 3.3527528164806206,
      3.7204375564745096, 3.989959758307129, 3.9999999998835847},
     3.166666666666667,
     0.7042952122737638},
    {"normal",
     {"mean", "sd"},
     2,
     {100, 15},
     {4.930633681693152, 53.6465154074828, 80.77672651683099, 92.13399230937938, 100.0, 110.11734625294122,
      134.8952181106126, 195.06936631830683},
     100.0,
     15.0},
    {"normal",
     {"p10", "p90"},
     2,
     {50, 90},
     {-28.910694270198164, 21.773578383408918, 50.0, 61.81616211462869, 70.0, 80.52614297122652, 106.30517782641465,
      168.91069427019818},
     70.0,
     15.606082921447582},
    {"lognormal",
     {"median", "sigma"},
     2,
     {100, 0.4},
     {7.92472076281518, 29.051707615666007, 59.89239645609346, 81.0778643258805, 100.0, 130.96971143741897,
      253.58760257032688, 1261.8741151010092},
     108.32870676749586,
     45.12392861267145},
    {"lognormal",
     {"p10", "p90"},
     2,
     {50, 200},
     {3.2452316779102146, 18.79836273324576, 50.0, 75.30450633999483, 100.0, 144.02379113173583, 351.92277717108544,
      3081.444097833889},
     115.75061368932344,
     67.47580306333128},
    {"lognormal",
     {"mean", "sd"},
     2,
     {100, 50},
     {4.480207301662086, 20.776701250549863, 48.8238122608321, 69.81729195683621, 89.44271909999158, 123.00369172358492,
      268.41124764715437, 1785.6316597297018},
     100.0,
     50.0},
    /* By hand: shares at or below -10, 0, 5 are 0.3, 0.6, 1; mean -3 + 2 = -1, square 30 + 10 - 1 = 39. */
    {"discrete",
     {"value", "weight"},
     8,
     {5, 4, -10, 3, 99, 0, 0, 3},
     {-10, -10, -10, -10, 0, 5, 5, 5},
     -1.0,
     6.244997998398398},
};
enum { N_EXPECTED = sizeof expected / sizeof *expected };

static rk_distribution *distribution_of(const expectation *e)
{
    size_t n_params = e->params[2] ? 3 : 2;
    const rk_distribution_kind *kind = rk_distribution_kind_find(e->name, e->params, n_params);
    rk_distribution *distribution = NULL;
    assert_non_null(kind);
    assert_int_equal(rk_distribution_new(kind, e->param, e->n, &distribution, NULL), RK_OK);
    assert_ptr_equal(rk_distribution_kind_of(distribution), kind);
    return distribution;
}

static void assert_near(double got, double wanted, double tolerance, const char *name)
{
    if (!(fabs(got - wanted) <= tolerance)) {
        fail_msg("%s: %.17g is further than %g from %.17g", name, got, tolerance, wanted);
    }
}

static void quantiles_and_moments_are_those_of_another_program(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EXPECTED; i++) {
        const expectation *e = &expected[i];
        rk_distribution *distribution = distribution_of(e);
        double width = e->param[e->n - 1] - e->param[0];
        for (size_t k = 0; k < 8; k++) {
            double tolerance = strcmp(e->name, "pert") == 0 ? 2e-10 * width : 1e-13 * fmax(1, fabs(e->quantile[k]));
            assert_near(rk_distribution_quantile(distribution, shares[k]), e->quantile[k], tolerance, e->name);
        }
        rk_spread spread = rk_distribution_spread(distribution);
        assert_near(spread.mean, e->mean, 1e-13 * fabs(e->mean), e->name);
        assert_near(spread.sd, e->sd, 1e-13 * e->sd, e->name);
        rk_distribution_free(distribution);
    }
}

/* The mean and the deviation of 2^16 even points are the spread's, so both sides describe the same distribution. */
static void draws_have_the_moments_that_the_spread_says(void **state)
{
    (void)state;
    enum { N = 1 << 16 };
    static double u[N], value[N];
    rk_sobol *sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = 1, .points = RK_POINTS_PLAIN});
    assert_non_null(sobol);
    rk_sobol_fill(sobol, 0, 0, N, u);
    for (size_t i = 0; i < N_EXPECTED; i++) {
        rk_distribution *distribution = distribution_of(&expected[i]);
        rk_spread spread = rk_distribution_spread(distribution);
        double sum = 0, square = 0;
        rk_distribution_fill(distribution, u, N, value);
        for (size_t k = 0; k < N; k++) {
            assert_true(value[k] >= spread.low && value[k] <= spread.high);
            sum += value[k] - spread.mean;
            square += (value[k] - spread.mean) * (value[k] - spread.mean);
        }
        assert_near(sum / N, 0, 1e-3 * spread.sd, expected[i].name);
        assert_near(sqrt(square / N), spread.sd, 3e-3 * spread.sd, expected[i].name); /* tails end at 2^-17 */
        rk_distribution_free(distribution);
    }
    rk_sobol_free(sobol);
}

static void values_never_fall_and_in_bulk_are_those_of_one(void **state)
{
    (void)state;
    enum { N = 1 << 14 };
    static double u[N], value[N];
    for (size_t i = 0; i < N_EXPECTED; i++) {
        rk_distribution *distribution = distribution_of(&expected[i]);
        for (size_t k = 0; k < N; k++) {
            u[k] = k < N / 4 ? ((double)k + 0.5) * 0x1p-32 : ((double)(k - N / 4) + 0.5) / (N - N / 4);
            value[k] = rk_distribution_quantile(distribution, u[k]);
            bool falls = k > 0 && k != N / 4 && value[k] < value[k - 1];
            assert_false(falls);
        }
        rk_distribution_fill(distribution, u, N, u); /* in place */
        assert_memory_equal(u, value, sizeof u);
        rk_distribution_free(distribution);
    }
}

static void what_is_symmetric_gives_mirrored_values(void **state)
{
    (void)state;
    static const expectation symmetric[] = {{"uniform", {"low", "high"}, 2, {-8, 8}},
                                            {"triangular", {"low", "mode", "high"}, 3, {-8, 0, 8}},
                                            {"pert", {"low", "mode", "high"}, 3, {-8, 0, 8}},
                                            {"normal", {"mean", "sd"}, 2, {0, 4}},
                                            {"discrete", {"value", "weight"}, 6, {-1, 1, 0, 2, 1, 1}}};
    for (size_t i = 0; i < sizeof symmetric / sizeof *symmetric; i++) {
        rk_distribution *distribution = distribution_of(&symmetric[i]);
        for (int k = 1; k < 1000; k++) {
            double u = (k + 0.5) * 0x1p-11;
            double low = rk_distribution_quantile(distribution, u),
                   high = rk_distribution_quantile(distribution, 1 - u);
            assert_near(low, -high, 1e-13, symmetric[i].name);
        }
        rk_distribution_free(distribution);
    }
}

/* Every share of many values, the search through the guide against a walk over all. */
static void discrete_values_come_up_by_their_weights(void **state)
{
    (void)state;
    enum { N = 300 };
    double param[2 * N];
    uint64_t random = 9;
    double total = 0, sum = 0;
    for (size_t i = 0; i < N; i++) {
        param[2 * i] = (double)i; /* sorted already, for the walk */
        param[2 * i + 1] = test_random(&random) % 4 == 0 ? 0 : test_random(&random) % 1000;
        total += param[2 * i + 1];
    }
    rk_distribution *distribution = NULL;
    const rk_distribution_kind *kind = rk_distribution_kind_find("discrete", (const char *[]){"weight", "value"}, 2);
    assert_int_equal(rk_distribution_new(kind, param, sizeof param / sizeof *param, &distribution, NULL), RK_OK);
    for (size_t i = 0; i < N; i++) {
        double begin = sum / total, end = (sum + param[2 * i + 1]) / total;
        if (param[2 * i + 1] > 0) {
            assert_true(rk_distribution_quantile(distribution, begin + 1e-9) == param[2 * i]);
            assert_true(rk_distribution_quantile(distribution, end - 1e-9) == param[2 * i]);
        }
        sum += param[2 * i + 1];
    }
    rk_distribution_free(distribution);
}

static void rows_are_found_by_name_and_parameters_in_any_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < rk_n_distribution_kinds; i++) {
        const rk_distribution_kind *kind = &rk_distribution_kinds[i];
        const char *backwards[RK_DISTRIBUTION_PARAMS_MAX];
        for (size_t k = 0; k < kind->n_params; k++) {
            backwards[k] = kind->params[kind->n_params - 1 - k];
        }
        assert_ptr_equal(rk_distribution_kind_find(kind->name, kind->params, kind->n_params), kind);
        assert_ptr_equal(rk_distribution_kind_find(kind->name, backwards, kind->n_params), kind);
        assert_null(rk_distribution_kind_find(kind->name, kind->params, kind->n_params - 1));
    }
    assert_null(rk_distribution_kind_find("normal", (const char *[]){"mean", "mean"}, 2));
    assert_null(rk_distribution_kind_find("normal", (const char *[]){"median", "sigma"}, 2));
    assert_null(rk_distribution_kind_find("gaussian", (const char *[]){"mean", "sd"}, 2));
}

static void nonsense_is_refused_with_its_numbers(void **state)
{
    (void)state;
    static const struct {
        expectation given;
        const char *message;
    } refused[] = {
        {{"uniform", {"low", "high"}, 2, {5, 5}}, "low must be below high, got low '5' and high '5'"},
        {{"uniform", {"low", "high"}, 2, {NAN, 5}}, "uniform: low must be a finite number, got 'nan'"},
        {{"uniform", {"low", "high"}, 3, {1, 2, 3}}, "uniform takes 2 numbers, got 3"},
        {{"uniform", {"low", "high"}, 2, {-1e308, 1e308}},
         "uniform: too wide to compute with: its mean is inf, its standard deviation inf"},
        {{"triangular", {"low", "mode", "high"}, 3, {1, 9, 5}},
         "mode must lie between low and high, got low '1', mode '9' and high '5'"},
        {{"triangular", {"low", "mode", "high"}, 3, {2, 2, 2}}, "low must be below high, got low '2' and high '2'"},
        {{"pert", {"low", "mode", "high"}, 3, {1, 0.5, 5}},
         "mode must lie between low and high, got low '1', mode '0.5' and high '5'"},
        {{"normal", {"mean", "sd"}, 2, {1, 0}}, "sd must be above 0, got '0'"},
        {{"normal", {"p10", "p90"}, 2, {3, 2}}, "p10 must be below p90, got p10 '3' and p90 '2'"},
        {{"lognormal", {"median", "sigma"}, 2, {0, 1}}, "median must be above 0, got '0'"},
        {{"lognormal", {"median", "sigma"}, 2, {1, -1}}, "sigma must be above 0, got '-1'"},
        {{"lognormal", {"median", "sigma"}, 2, {1, 40}},
         "lognormal: too wide to compute with: its mean is inf, its standard deviation inf"},
        {{"lognormal", {"p10", "p90"}, 2, {-1, 2}}, "p10 must be above 0, got '-1'"},
        {{"lognormal", {"p10", "p90"}, 2, {2, 2}}, "p10 must be below p90, got p10 '2' and p90 '2'"},
        {{"lognormal", {"mean", "sd"}, 2, {-1, 2}}, "mean must be above 0, got '-1'"},
        {{"lognormal", {"mean", "sd"}, 2, {1, -2}}, "sd must be above 0, got '-2'"},
        {{"discrete", {"value", "weight"}, 0, {0}}, "discrete takes a weight with each value, got 0 numbers"},
        {{"discrete", {"value", "weight"}, 3, {1, 1, 2}}, "discrete takes a weight with each value, got 3 numbers"},
        {{"discrete", {"value", "weight"}, 4, {1, 1, 2, -1}}, "weight must not be negative, got '-1' with value '2'"},
        {{"discrete", {"value", "weight"}, 4, {1, 0, 2, 0}}, "weights must have a finite sum above 0, got '0'"},
        {{"discrete", {"value", "weight"}, 4, {1, INFINITY, 2, 0}},
         "discrete: weight must be a finite number, got 'inf'"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const expectation *given = &refused[i].given;
        rk_distribution *distribution = NULL;
        rk_error err = {0};
        const rk_distribution_kind *kind =
            rk_distribution_kind_find(given->name, given->params, given->params[2] ? 3 : 2);
        assert_int_equal(rk_distribution_new(kind, given->param, given->n, &distribution, &err), RK_BAD_INPUT);
        assert_null(distribution);
        assert_string_equal(err.message, refused[i].message);
    }
}

static bool make_all(void *context)
{
    (void)context;
    bool all = true;
    for (size_t i = 0; i < N_EXPECTED; i++) {
        rk_distribution *distribution = NULL;
        const expectation *e = &expected[i];
        const rk_distribution_kind *kind = rk_distribution_kind_find(e->name, e->params, e->params[2] ? 3 : 2);
        rk_status status = rk_distribution_new(kind, e->param, e->n, &distribution, NULL);
        assert_true(status == RK_OK || (status == RK_NO_MEMORY && !distribution));
        all = all && status == RK_OK;
        rk_distribution_free(distribution);
    }
    return all;
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(make_all, NULL) >= N_EXPECTED + 3 + 3); /* and the tables of pert, the parts of discrete */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_and_moments_are_those_of_another_program),
        cmocka_unit_test(draws_have_the_moments_that_the_spread_says),
        cmocka_unit_test(values_never_fall_and_in_bulk_are_those_of_one),
        cmocka_unit_test(what_is_symmetric_gives_mirrored_values),
        cmocka_unit_test(discrete_values_come_up_by_their_weights),
        cmocka_unit_test(rows_are_found_by_name_and_parameters_in_any_order),
        cmocka_unit_test(nonsense_is_refused_with_its_numbers),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
