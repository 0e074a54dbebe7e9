/* test_simplex.c - valleys with a known floor, boxes, and places that may not be. */
#include <math.h>
#include <string.h>

#include "math/simplex.h"
#include "support/test.h"

static double banana(void *context, const double *at)
{
    double off = at[1] - at[0] * at[0], left = 1 - at[0];
    ++*(size_t *)context;
    return 100 * off * off + left * left;
}

static void the_bent_valley_of_rosenbrock_is_walked_to_its_end(void **state)
{
    (void)state;
    const double step[] = {0.5, 0.5};
    double at[] = {-1.2, 1};
    size_t n_calls = 0;
    rk_simplex how = {.dim = 2, .step = step, .tolerance = 1e-14, .max_rounds = 500};
    /* Losses within 1e-14 of 0 leave the root of it, at a curvature of about 1 along the valley. */
    assert_true(rk_simplex_descend(&how, banana, &n_calls, at) < 1e-12);
    assert_true(fabs(at[0] - 1) < 1e-5 && fabs(at[1] - 1) < 1e-5);
    assert_true(n_calls > 20 && n_calls < 400);
}

/* A bowl with its floor at (1, 2, ..., dim). */
static double bowl(void *context, const double *at)
{
    double sum = 0;
    for (size_t i = 0; i < *(const size_t *)context; i++) {
        sum += (at[i] - (double)(i + 1)) * (at[i] - (double)(i + 1));
    }
    return sum;
}

static void a_floor_outside_the_box_is_met_on_its_face(void **state)
{
    (void)state;
    const double step[] = {1, 1, 1}, low[] = {-1, 2.5, -5}, high[] = {0.25, 9, 3.5};
    double at[] = {0, 3, 3}; /* the first edges of two would leave the box */
    size_t dim = 3;
    rk_simplex how = {dim, step, low, high, 1e-12, 1000};
    double loss = rk_simplex_descend(&how, bowl, &dim, at);
    assert_true(fabs(loss - (0.75 * 0.75 + 0.5 * 0.5)) < 1e-9);
    assert_true(at[0] >= low[0] && at[0] <= high[0] && at[1] >= low[1] && at[2] <= high[2]);
    assert_true(fabs(at[0] - 0.25) < 1e-5 && fabs(at[1] - 2.5) < 1e-5 && fabs(at[2] - 3) < 1e-4);
}

static double wall(void *context, const double *at)
{
    (void)context;
    return at[0] < 2 ? NAN : at[0];
}

static void what_is_no_number_is_nowhere_to_be(void **state)
{
    (void)state;
    const double step[] = {1};
    double at[] = {5};
    rk_simplex how = {.dim = 1, .step = step, .tolerance = 1e-9, .max_rounds = 200};
    assert_true(fabs(rk_simplex_descend(&how, wall, NULL, at) - 2) < 1e-6);
    assert_true(at[0] >= 2);
}

static void equal_starts_end_equal_to_the_bit(void **state)
{
    (void)state;
    const double step[] = {0.3, 0.3};
    double one[] = {3, -2}, two[] = {3, -2};
    size_t n_one = 0, n_two = 0;
    rk_simplex how = {.dim = 2, .step = step, .tolerance = 1e-8, .max_rounds = 300};
    (void)rk_simplex_descend(&how, banana, &n_one, one);
    (void)rk_simplex_descend(&how, banana, &n_two, two);
    assert_memory_equal(one, two, sizeof one);
    assert_int_equal(n_one, n_two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bent_valley_of_rosenbrock_is_walked_to_its_end),
        cmocka_unit_test(a_floor_outside_the_box_is_met_on_its_face),
        cmocka_unit_test(what_is_no_number_is_nowhere_to_be),
        cmocka_unit_test(equal_starts_end_equal_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
