/* Claims about rational.h. */
#include <stdlib.h>
#include <string.h>

#include "math/rational.h"
#include "support/test.h"

static void assert_micros(long numerator, unsigned long denominator, int64_t expected)
{
    mpq_t value;
    int64_t micros = -7;
    mpq_init(value);
    mpq_set_si(value, numerator, denominator);
    mpq_canonicalize(value);
    assert_true(rk_rational_micros(value, &micros));
    assert_int_equal(micros, expected);
    mpq_clear(value);
}

static void ties_go_to_the_even_millionth(void **state)
{
    (void)state;
    assert_micros(1, 3, 333333);
    assert_micros(2, 3, 666667);
    assert_micros(1, 2000000, 0); /* half a millionth: to 0 */
    assert_micros(3, 2000000, 2); /* one and a half: to 2 */
    assert_micros(5, 2000000, 2); /* two and a half: to 2 */
    assert_micros(-1, 2000000, 0);
    assert_micros(-3, 2000000, -2);
    assert_micros(-5, 2000000, -2);
    assert_micros(12500, 12, 1041666667);
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    mpq_t value;
    int64_t out = 5;
    mpq_init(value);
    mpq_set_si(value, INT64_MAX, 1);
    assert_false(rk_rational_micros(value, &out));
    mpq_mul(value, value, value);
    assert_false(rk_rational_ceil(value, &out));
    assert_int_equal(out, 5);
    mpq_set_si(value, INT64_MAX, 1000000);
    mpq_canonicalize(value);
    assert_true(rk_rational_micros(value, &out));
    assert_true(out == INT64_MAX);
    mpq_clear(value);
}

static void assert_ceiling(const char *fraction, int64_t expected)
{
    mpq_t value;
    int64_t out = -1;
    mpq_init(value);
    mpq_set_str(value, fraction, 10);
    mpq_canonicalize(value);
    assert_true(rk_rational_ceil(value, &out));
    assert_int_equal(out, expected);
    mpq_clear(value);
}

static void the_ceiling_forgives_a_billionth(void **state)
{
    (void)state;
    assert_ceiling("0", 0);
    assert_ceiling("3", 3);
    assert_ceiling("3000000001/1000000000", 3);   /* 3 + 10^-9 */
    assert_ceiling("30000000011/10000000000", 4); /* a little more */
    assert_ceiling("1/1000000000", 0);
    assert_ceiling("7/2", 4);
}

/* The definition, with whole numbers: floors, then the largest remainders, the smaller index first. */
static void share_slowly(int64_t total, const unsigned *weights, unsigned n, int64_t *parts)
{
    int64_t sum = 0;
    int64_t left = total;
    bool taken[16] = {0};
    for (unsigned i = 0; i < n; i++) {
        sum += weights[i];
    }
    for (unsigned i = 0; i < n; i++) {
        parts[i] = (int64_t)(sum ? (int64_t)total * weights[i] / sum : total / n);
        left -= parts[i];
    }
    for (; left > 0; left--) {
        int best = -1;
        int64_t most = -1;
        for (unsigned i = 0; i < n; i++) {
            int64_t rest = sum ? (int64_t)total * weights[i] % sum : total % n;
            if (!taken[i] && rest > most) {
                most = rest;
                best = (int)i;
            }
        }
        taken[best] = true;
        parts[best]++;
    }
}

static void parts_add_up_and_follow_the_largest_remainder(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int round = 0; round < 3000; round++) {
        unsigned n = 1 + test_random(&seed) % 9, weights[16];
        int64_t total = test_random(&seed) % (round % 2 ? 50 : 2000000000), parts[16], slow[16], sum = 0;
        __mpq_struct exact[16];
        for (unsigned i = 0; i < n; i++) {
            weights[i] = test_random(&seed) % 4; /* many ties, some all zero */
            mpq_init(&exact[i]);
            mpq_set_ui(&exact[i], weights[i], 7);
            mpq_canonicalize(&exact[i]);
        }
        assert_true(rk_rational_share(total, exact, n, parts));
        share_slowly(total, weights, n, slow);
        for (unsigned i = 0; i < n; i++) {
            assert_int_equal(parts[i], slow[i]);
            sum += parts[i];
            mpq_clear(&exact[i]);
        }
        assert_int_equal(sum, total);
    }
}

static void without_weights_parts_are_even(void **state)
{
    (void)state;
    int64_t parts[3];
    assert_true(rk_rational_share(100, NULL, 3, parts));
    assert_int_equal(parts[0], 34);
    assert_int_equal(parts[1], 33);
    assert_int_equal(parts[2], 33);
}

static void assert_prints(const char *fraction, const char *expected)
{
    mpq_t value;
    rk_text text = {0};
    mpq_init(value);
    mpq_set_str(value, fraction, 10);
    mpq_canonicalize(value);
    rk_rational_print(value, &text);
    assert_string_equal(text.at, expected);
    rk_text_release(&text);
    mpq_clear(value);
}

static void fractions_print_as_decimals_where_they_are_some(void **state)
{
    (void)state;
    assert_prints("0", "0");
    assert_prints("9144", "9144");
    assert_prints("1785/10000", "0.1785");
    assert_prints("-1/8", "-0.125");
    assert_prints("1/1000", "0.001");
    assert_prints("12500/12", "3125/3");
    assert_prints("1/1000000000000000000", "0.000000000000000001");
    assert_prints("1000000000000000000000000000000000000000000/7",
                  "142857142857142857142857142857142857142857.142857142857142857...");
}

static void millionths_print_with_at_least_one_place(void **state)
{
    (void)state;
    static const struct {
        int64_t micros;
        const char *text;
    } cases[] = {{0, "0.0"},       {15500000000000, "15500000.0"},      {1832181818, "1832.181818"}, {-1, "-0.000001"},
                 {750000, "0.75"}, {INT64_MIN, "-9223372036854.775808"}};
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_text text = {0};
        rk_rational_print_micros(cases[i].micros, &text);
        assert_string_equal(text.at, cases[i].text);
        rk_text_release(&text);
    }
}

static void doubles_are_the_nearest(void **state)
{
    (void)state;
    mpq_t value;
    mpq_init(value);
    for (unsigned i = 1; i < 5000; i++) {
        mpq_set_ui(value, i, 10007);
        assert_true(rk_rational_real(value) == (double)i / 10007.0); /* division is correctly rounded */
        mpq_neg(value, value);
        assert_true(rk_rational_real(value) == -(double)i / 10007.0);
    }
    mpq_set_ui(value, 0, 1);
    assert_true(rk_rational_real(value) == 0);
    mpq_clear(value);
}

static void powers_are_exact(void **state)
{
    (void)state;
    mpq_t base, slow;
    mpq_inits(base, slow, NULL);
    rk_rational_set(base, (rk_decimal){103, 2});
    mpq_set_ui(slow, 1, 1);
    for (unsigned i = 0; i < 40; i++) {
        mpq_t power;
        mpq_init(power);
        rk_rational_power(power, base, i);
        assert_true(mpq_equal(power, slow));
        mpq_mul(slow, slow, base);
        mpq_clear(power);
    }
    mpq_clears(base, slow, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_go_to_the_even_millionth),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(the_ceiling_forgives_a_billionth),
        cmocka_unit_test(parts_add_up_and_follow_the_largest_remainder),
        cmocka_unit_test(without_weights_parts_are_even),
        cmocka_unit_test(fractions_print_as_decimals_where_they_are_some),
        cmocka_unit_test(millionths_print_with_at_least_one_place),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(powers_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
