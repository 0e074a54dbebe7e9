/* The cheapest mix of machines against trying all of them, and figures worked by hand. */
#include <string.h>

#include "cost/mix.h"
#include "support/test.h"

enum { TOP = 9 }; /* machines of a kind that trying goes up to */

/* The cheapest fill of one hour by trying; the first found is the one with the fewest of the last kinds. */
static bool try_fill(const rk_mix_problem *p, const int64_t *reserved, int64_t need, int64_t *best, rk_mix_cost *cost)
{
    int64_t n[RK_KINDS_MAX] = {0};
    bool found = false;
    for (n[2] = 0; n[2] <= (p->n_kinds > 2 ? TOP : 0); n[2]++) {
        for (n[1] = 0; n[1] <= (p->n_kinds > 1 ? TOP : 0); n[1]++) {
            for (n[0] = 0; n[0] <= 3 * TOP; n[0]++) {
                int64_t size = 0, count = 0;
                rk_mix_cost price = 0;
                bool is_sold = true;
                for (uint32_t k = 0; k < p->n_kinds; k++) {
                    size += (n[k] + reserved[k]) * p->kind[k].size;
                    count += n[k] + reserved[k];
                    price += (rk_mix_cost)n[k] * p->kind[k].on_demand;
                    is_sold = is_sold && (n[k] == 0 || p->kind[k].on_demand != RK_NOT_SOLD);
                }
                if (is_sold && size >= need && count >= p->min && count <= p->max && (!found || price < *cost)) {
                    found = true;
                    *cost = price;
                    memcpy(best, n, sizeof n);
                }
            }
        }
    }
    return found;
}

static bool try_reserved(const rk_mix_problem *p, const int64_t *reserved, rk_mix_cost *cost)
{
    *cost = 0;
    for (uint32_t k = 0; k < p->n_kinds; k++) {
        if (reserved[k] > 0 && p->kind[k].reserved == RK_NOT_SOLD) {
            return false;
        }
        *cost += (rk_mix_cost)reserved[k] * p->kind[k].reserved * p->plan_hours;
    }
    for (size_t i = 0; i < p->n_hours; i++) {
        int64_t on_demand[RK_KINDS_MAX];
        rk_mix_cost hour;
        if (!try_fill(p, reserved, p->hour[i].need, on_demand, &hour)) {
            return false;
        }
        *cost += hour * p->hour[i].hours;
    }
    return true;
}

static bool try_all(const rk_mix_problem *p, int64_t *best, rk_mix_cost *least)
{
    int64_t r[RK_KINDS_MAX] = {0};
    bool found = false;
    for (r[2] = 0; r[2] <= (p->n_kinds > 2 ? TOP : 0); r[2]++) {
        for (r[1] = 0; r[1] <= (p->n_kinds > 1 ? TOP : 0); r[1]++) {
            for (r[0] = 0; r[0] <= TOP; r[0]++) {
                rk_mix_cost cost;
                if (try_reserved(p, r, &cost) && (!found || cost < *least)) {
                    found = true;
                    *least = cost;
                    memcpy(best, r, sizeof r);
                }
            }
        }
    }
    return found;
}

static int64_t below(uint64_t *random, uint32_t n) { return test_random(random) % n; }

/* Many ties: small numbers. Sizes and needs are such that no more than TOP of a kind can help. */
static void make_problem(uint64_t *random, rk_mix_problem *p, rk_mix_hour *hours)
{
    *p = (rk_mix_problem){.n_kinds = 1 + (uint32_t)below(random, 3), .hour = hours, .max = INT64_MAX};
    for (uint32_t k = 0; k < p->n_kinds; k++) {
        p->kind[k].size = 2 + below(random, 5);
        p->kind[k].on_demand = below(random, 8) ? 1 + below(random, 6) : RK_NOT_SOLD;
        p->kind[k].reserved = below(random, 4) ? 1 + below(random, 5) : RK_NOT_SOLD;
    }
    p->n_hours = 1 + (size_t)below(random, 4);
    int64_t need = below(random, 17);
    for (size_t i = 0; i < p->n_hours; i++) {
        hours[i] = (rk_mix_hour){need, 1 + below(random, 5)};
        p->plan_hours += hours[i].hours;
        need -= below(random, (uint32_t)need + 1);
    }
    p->min = below(random, 2) ? below(random, 4) : 0;
    if (below(random, 3) == 0) {
        p->max = p->min + 1 + below(random, 5);
    }
}

static void no_mix_is_cheaper_than_the_one_found(void **state)
{
    (void)state;
    uint64_t random = 11;
    int n_found = 0;
    for (int round = 0; round < 500; round++) {
        rk_mix_hour hours[4];
        rk_mix_problem p;
        rk_mix_answer answer;
        rk_error err;
        int64_t best[RK_KINDS_MAX];
        rk_mix_cost least = 0;
        make_problem(&random, &p, hours);
        bool possible = try_all(&p, best, &least);
        assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
        assert_int_equal(answer.has_one, possible);
        if (possible) {
            n_found++;
            assert_true(answer.is_proven && answer.cost == least);
            assert_memory_equal(answer.reserved, best, p.n_kinds * sizeof *best);
            assert_true(answer.bound <= (double)least * (1 + 1e-9));
        }
    }
    assert_true(n_found > 250);
}

static void an_hour_is_filled_as_cheaply_as_can_be(void **state)
{
    (void)state;
    uint64_t random = 5;
    for (int round = 0; round < 2000; round++) {
        rk_mix_hour hours[4];
        rk_mix_problem p;
        int64_t reserved[RK_KINDS_MAX] = {below(&random, 3), below(&random, 2), 0};
        int64_t best[RK_KINDS_MAX] = {0}, found[RK_KINDS_MAX] = {0};
        rk_mix_cost least = 0, cost = 0;
        make_problem(&random, &p, hours);
        reserved[1] = p.n_kinds > 1 ? reserved[1] : 0;
        bool possible = try_fill(&p, reserved, hours[0].need, best, &least);
        assert_int_equal(rk_mix_fill(&p, reserved, hours[0].need, found, &cost), possible);
        if (possible) {
            assert_true(cost == least);
            assert_memory_equal(found, best, p.n_kinds * sizeof *best);
        }
    }
}

static void small_and_large_machines_go_together(void **state)
{
    (void)state;
    /* Large: 4 for 7, small: 1 for 2. Of 24 hours 6 need 9, 18 need 3. Alone, large: 3 and 1: 6 x 21 + 18 x 7 = 252;
     * small: 9 and 3: 6 x 18 + 18 x 6 = 216. Mixed: 9 = 2 large + 1 small = 16, 3 = 3 small = 6: 6 x 16 + 18 x 6 = 204.
     * Linear: 9 x 7/4 x 6 + 3 x 7/4 x 18 = 189. */
    rk_mix_hour hours[] = {{9, 6}, {3, 18}};
    rk_mix_problem p = {.kind = {{1, 2, RK_NOT_SOLD, 0}, {4, 7, RK_NOT_SOLD, 0}},
                        .n_kinds = 2,
                        .hour = hours,
                        .n_hours = 2,
                        .plan_hours = 24,
                        .max = INT64_MAX};
    rk_mix_answer answer;
    rk_error err;
    int64_t n[RK_KINDS_MAX];
    rk_mix_cost cost;
    assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
    assert_true(answer.cost == 204 && answer.is_proven && answer.has_one);
    assert_float_equal(answer.bound, 189, 1e-9);
    assert_true(rk_mix_fill(&p, answer.reserved, 9, n, &cost) && n[0] == 1 && n[1] == 2 && cost == 16);
    /* A large one reserved for 4 an hour: 24 x 4 = 96, then 6 hours need 5 = 1 large + 1 small = 9: 54, 150 in all; a
     * second for another 96 would save no more than 6 x 7 */
    p.kind[1].reserved = 4;
    assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
    assert_true(answer.cost == 150 && answer.reserved[0] == 0 && answer.reserved[1] == 1);
}

static void what_is_fixed_is_kept(void **state)
{
    (void)state;
    /* 3 small reserved for 1 an hour cover the need of 3; 6 hours of 9 want 6 more: 1 large + 2 small = 11 */
    rk_mix_hour hours[] = {{9, 6}, {3, 18}};
    rk_mix_problem p = {.kind = {{1, 2, 1, 3}, {4, 7, RK_NOT_SOLD, 0}},
                        .n_kinds = 2,
                        .hour = hours,
                        .n_hours = 2,
                        .plan_hours = 24,
                        .max = INT64_MAX,
                        .is_fixed = true};
    rk_mix_answer answer;
    rk_error err;
    assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
    assert_true(answer.cost == 3 * 24 + 6 * 11 && answer.reserved[0] == 3);
}

/* Needs of a year with growth, machines like those of a price book. */
static size_t large_problem(rk_mix_problem *p, rk_mix_hour *hours, size_t n, int64_t peak)
{
    *p = (rk_mix_problem){.kind = {{INT64_C(100000000000000), 148000000, 94000000, 0},
                                   {INT64_C(187300000000000), 272000000, 181000000, 0},
                                   {INT64_C(391100000000000), 578000000, 362000000, 0},
                                   {INT64_C(730000000000000), 1040000000, 690000000, 0}},
                          .n_kinds = 4,
                          .hour = hours,
                          .n_hours = n,
                          .max = INT64_MAX,
                          .min = 2};
    for (size_t i = 0; i < n; i++) {
        hours[i] = (rk_mix_hour){peak - peak / (int64_t)(n + n / 9) * (int64_t)i, 1 + (int64_t)(i % 7)};
        p->plan_hours += hours[i].hours;
    }
    return n;
}

static void a_year_of_hours_is_solved_quickly_and_near_the_bound(void **state)
{
    (void)state;
    static rk_mix_hour hours[2600];
    rk_mix_problem p;
    rk_mix_answer answer;
    rk_error err;
    large_problem(&p, hours, 2600, INT64_C(4100000000000000));
    assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
    assert_true(answer.has_one && answer.is_proven);
    assert_true((double)answer.cost >= answer.bound && (double)answer.cost < answer.bound * 1.05);
}

static void a_search_that_gives_up_says_so_and_has_an_answer_all_the_same(void **state)
{
    (void)state;
    static rk_mix_hour hours[2600];
    rk_mix_problem p;
    rk_mix_answer answer, again;
    rk_error err;
    large_problem(&p, hours, 2600, INT64_C(410000000000000000));
    p.work_max = 100000;
    assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
    assert_true(answer.has_one && !answer.is_proven);
    assert_true((double)answer.cost >= answer.bound && (double)answer.cost < answer.bound * 1.01);
    assert_int_equal(rk_mix_solve(&p, &again, &err), RK_OK);
    assert_true(again.cost == answer.cost && again.work == answer.work);
    assert_memory_equal(again.reserved, answer.reserved, sizeof answer.reserved);
}

static void cbc_finds_nothing_cheaper(void **state)
{
    (void)state;
#ifdef RECKON_HAS_CBC
    uint64_t random = 17;
    int n_same = 0, n_rounds = 0;
    for (int round = 0; round < 40; round++) {
        rk_mix_hour hours[4];
        rk_mix_problem p;
        rk_mix_answer answer, theirs;
        rk_error err;
        int64_t reserved[RK_KINDS_MAX] = {0};
        make_problem(&random, &p, hours);
        assert_int_equal(rk_mix_solve(&p, &answer, &err), RK_OK);
        if (!answer.has_one || !rk_mix_cbc(&p, reserved)) {
            continue;
        }
        p.is_fixed = true;
        for (uint32_t k = 0; k < p.n_kinds; k++) {
            p.kind[k].fixed = reserved[k];
        }
        assert_int_equal(rk_mix_solve(&p, &theirs, &err), RK_OK);
        assert_true(!theirs.has_one || theirs.cost >= answer.cost);
        n_same += theirs.has_one && theirs.cost == answer.cost;
        n_rounds++;
    }
    assert_true(n_rounds > 15 && n_same * 10 >= n_rounds * 9); /* Cbc's tolerances may miss it by a little */
#else
    TEST_SKIP("built without Cbc");
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_mix_is_cheaper_than_the_one_found),
        cmocka_unit_test(an_hour_is_filled_as_cheaply_as_can_be),
        cmocka_unit_test(small_and_large_machines_go_together),
        cmocka_unit_test(what_is_fixed_is_kept),
        cmocka_unit_test(a_year_of_hours_is_solved_quickly_and_near_the_bound),
        cmocka_unit_test(cbc_finds_nothing_cheaper),
        cmocka_unit_test(a_search_that_gives_up_says_so_and_has_an_answer_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
