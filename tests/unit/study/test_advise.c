/* The advice must follow from the figures: smaller variants that lose, win, tie, or cannot be trusted. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "study/advise.h"

static const rk_advice_rule rule = {.keep_share = 0.99, .cost_grain = 0.01};

/* kept with its interval in %, cost with its interval. */
static rk_candidate candidate(const char *name, double kept, double kept_half, double cost, double cost_half)
{
    return (rk_candidate){name,
                          {kept / 100, (kept - kept_half) / 100, (kept + kept_half) / 100},
                          {cost, cost - cost_half, cost + cost_half}};
}

static size_t advised(const rk_candidate *candidates, size_t n, rk_verdict *verdicts)
{
    return rk_advise(candidates, n, rule, verdicts);
}

static void expect_words(const rk_candidate *candidates, size_t n, const char *want)
{
    rk_text words = {0};
    rk_advise_words(candidates, n, rule, "ndcg@20", "USD per 1,000 recommendations", &words);
    assert_string_equal(words.at, want);
    rk_text_release(&words);
}

static void a_smaller_model_that_loses_quality_is_not_advised(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.1), candidate("int8", 97, 0.5, 5, 0.1)};
    rk_verdict v[2];
    assert_int_equal(advised(c, 2, v), 0);
    assert_int_equal(v[1], RK_VERDICT_LOSES_QUALITY);
    expect_words(c, 2, "Keep fp32: int8 keeps only 97.0 % (96.5 to 97.5) of the ndcg@20.");
}

static void a_cheaper_model_that_keeps_quality_wins(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.1), candidate("fp16", 100, 0.02, 9, 0.1),
                        candidate("int8", 99.6, 0.3, 5, 0.1)};
    rk_verdict v[3];
    assert_int_equal(advised(c, 3, v), 2);
    assert_int_equal(v[2], RK_VERDICT_ADVISED);
    assert_int_equal(v[1], RK_VERDICT_NOT_CHEAPER);
    expect_words(c, 3,
                 "Deploy int8: it keeps 99.6 % (99.3 to 99.9) of the ndcg@20 of fp32 and costs 5.0000 instead of "
                 "10.0000 USD per 1,000 recommendations, 50.0 % less; fp16 costs more.");
}

static void the_next_cheapest_wins_when_the_cheapest_loses_quality(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.1), candidate("fp16", 100, 0.02, 8, 0.1),
                        candidate("int8", 95, 0.3, 5, 0.1)};
    rk_verdict v[3];
    assert_int_equal(advised(c, 3, v), 1);
    assert_int_equal(v[2], RK_VERDICT_LOSES_QUALITY);
}

static void a_cost_tie_goes_to_the_simpler_variant(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.5), candidate("fp16", 100, 0.02, 9.8, 0.5),
                        candidate("int8", 99.7, 0.2, 9.2, 0.5)};
    rk_verdict v[3];
    assert_int_equal(advised(c, 3, v), 0);
    assert_int_equal(v[2], RK_VERDICT_NOT_CHEAPER);
    expect_words(c, 3,
                 "Keep fp32: fp16 and int8 cost the same within the timing noise, and a tie goes to the simpler "
                 "variant.");
}

static void exactly_equal_costs_are_called_the_same(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 2, 0), candidate("fp16", 100, 0, 2, 0)};
    expect_words(c, 2, "Keep fp32: fp16 costs the same, and a tie goes to the simpler variant.");
}

static void a_difference_below_the_grain_is_a_tie_however_exact(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 2.413501, 0), candidate("int8", 100, 0, 2.4135, 0)};
    rk_verdict v[2];
    assert_int_equal(advised(c, 2, v), 0);
    c[1].cost = (rk_estimate){2.38, 2.38, 2.38};
    assert_int_equal(advised(c, 2, v), 1);
}

static void a_tie_with_the_cheapest_stops_at_the_simplest_of_that_tie(void **state)
{
    (void)state;
    /* fp32 ties with fp16 and fp16 with int8, but int8 is clearly cheaper than fp32 */
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.4), candidate("fp16", 100, 0.02, 9.4, 0.4),
                        candidate("int8", 99.7, 0.2, 8.8, 0.4)};
    rk_verdict v[3];
    assert_int_equal(advised(c, 3, v), 1);
}

static void quality_that_only_may_be_kept_is_a_tie_and_does_not_replace(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.1), candidate("int8", 99.4, 0.9, 5, 0.1)};
    rk_verdict v[2];
    assert_int_equal(advised(c, 2, v), 0);
    assert_int_equal(v[1], RK_VERDICT_MAY_LOSE);
    expect_words(c, 2, "Keep fp32: int8 may keep less than 99 % of the ndcg@20, measured 99.4 % (98.5 to 100.3).");
}

static void exactly_the_share_asked_for_is_kept(void **state)
{
    (void)state;
    rk_candidate c[] = {{"fp32", {1, 1, 1}, {10, 10, 10}}, {"int8", {0.995, 0.99, 1}, {5, 5, 5}}};
    rk_verdict v[2];
    assert_int_equal(advised(c, 2, v), 1);
    c[1].kept.low = nextafter(0.99, 0);
    assert_int_equal(advised(c, 2, v), 0);
}

static void figures_that_are_not_numbers_never_win(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.1), candidate("nan kept", NAN, 0, 1, 0),
                        candidate("nan cost", 100, 0, NAN, 0), candidate("no cost", 100, 0, -INFINITY, 0),
                        candidate("upside down", 100, -1, 1, 0)};
    rk_verdict v[5];
    assert_int_equal(advised(c, 5, v), 0);
    c[0].cost.value = NAN; /* of the reference: nothing can be called cheaper than an unknown cost */
    c[1] = candidate("int8", 100, 0, 1, 0);
    assert_int_equal(advised(c, 2, v), 0);
}

static void one_candidate_is_its_own_answer(void **state)
{
    (void)state;
    rk_candidate c[] = {candidate("fp32", 100, 0, 10, 0.1)};
    rk_verdict v[1];
    assert_int_equal(advised(c, 1, v), 0);
    expect_words(c, 1, "Keep fp32.");
}

/* What must hold for any figures: checked over many, on a coarse grid so that ties and limits are hit. */
static void the_advised_variant_always_obeys_the_rule(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        rk_candidate c[4];
        rk_verdict v[4];
        for (int i = 0; i < 4; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            c[i] = candidate("v", 98 + 0.25 * (double)(x % 9), 0.25 * (double)(x / 16 % 5), 8 + (double)(x / 128 % 5),
                             0.5 * (double)(x / 1024 % 3));
        }
        size_t a = advised(c, 4, v);
        assert_int_equal(v[a], RK_VERDICT_ADVISED);
        assert_true(a == 0 || c[a].kept.low >= 0.99);
        for (size_t i = 1; i < 4; i++)
            if (c[i].kept.low >= 0.99) /* nobody who keeps the quality is clearly cheaper */
                assert_true(c[i].cost.high >= c[a].cost.low * 0.99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_smaller_model_that_loses_quality_is_not_advised),
        cmocka_unit_test(a_cheaper_model_that_keeps_quality_wins),
        cmocka_unit_test(the_next_cheapest_wins_when_the_cheapest_loses_quality),
        cmocka_unit_test(a_cost_tie_goes_to_the_simpler_variant),
        cmocka_unit_test(exactly_equal_costs_are_called_the_same),
        cmocka_unit_test(a_difference_below_the_grain_is_a_tie_however_exact),
        cmocka_unit_test(a_tie_with_the_cheapest_stops_at_the_simplest_of_that_tie),
        cmocka_unit_test(quality_that_only_may_be_kept_is_a_tie_and_does_not_replace),
        cmocka_unit_test(exactly_the_share_asked_for_is_kept),
        cmocka_unit_test(figures_that_are_not_numbers_never_win),
        cmocka_unit_test(one_candidate_is_its_own_answer),
        cmocka_unit_test(the_advised_variant_always_obeys_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
