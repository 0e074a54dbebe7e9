/* test_sieve.c - the sieve never keeps back what reaches the limit, and keeps back most of the rest. */
#include <math.h>
#include <stdlib.h>

#include "math/dot.h"
#include "math/random.h"
#include "math/sieve.h"
#include "math/sieve_kernel.h"
#include "support/test.h"

enum { N = 96, DIM_MAX = 150 };

typedef struct {
    size_t n, dim;
    float items[N * DIM_MAX], extra[N], queries[RK_SIEVE_QUERIES * DIM_MAX];
    rk_sieve sieve;
    rk_sieve_queries asked;
    int8_t bytes[RK_SIEVE_QUERIES * (DIM_MAX + 4)];
} problem;

static float any(rk_random *random, int round)
{
    float value = (float)rk_random_normal(random);
    return round % 3 == 0 ? value * value * value * value : round % 3 == 1 ? value : ldexpf(value, -40);
}

static void make(problem *p, rk_random *random, int round)
{
    p->n = 1 + rk_random_below(random, N);
    p->dim = 1 + rk_random_below(random, DIM_MAX);
    for (size_t i = 0; i < p->n * p->dim; i++) {
        p->items[i] = i / p->dim % 7 == 3 ? 0 : any(random, round); /* some are zero throughout */
    }
    assert_true(rk_sieve_init(&p->sieve, p->n, p->dim));
    for (size_t i = 0; i < p->n; i++) {
        p->extra[i] = round % 2 ? any(random, round) : 0;
        rk_sieve_put(&p->sieve, i, p->items + i * p->dim, p->extra[i]);
    }
    assert_true(rk_sieve_query_bytes(&p->sieve) <= sizeof p->bytes);
    rk_sieve_queries_clear(&p->sieve, p->bytes, &p->asked);
    for (size_t q = 0; q + 1 < RK_SIEVE_QUERIES; q++) { /* the last one stays empty */
        for (size_t d = 0; d < p->dim; d++) {
            p->queries[q * p->dim + d] = any(random, round);
        }
        rk_sieve_ask(&p->sieve, &p->asked, q, p->queries + q * p->dim);
    }
}

static float score(const problem *p, size_t q, size_t i)
{
    return rk_kernels_best()->dot_f32(p->items + i * p->dim, p->queries + q * p->dim, p->dim) + p->extra[i];
}

/* The limit of each query is the very score of an item. */
static void check(problem *p, rk_random *random, rk_sieve_kernel *kernel)
{
    uint16_t may[N / 16 * RK_SIEVE_QUERIES];
    for (size_t q = 0; q + 1 < RK_SIEVE_QUERIES; q++) {
        p->asked.least[q] = score(p, q, rk_random_below(random, (uint32_t)p->n));
    }
    kernel(&p->sieve, &p->asked, 0, (p->n + RK_SIEVE_ITEMS - 1) / RK_SIEVE_ITEMS * RK_SIEVE_ITEMS, may);
    for (size_t i = 0; i < (p->n + RK_SIEVE_ITEMS - 1) / RK_SIEVE_ITEMS * RK_SIEVE_ITEMS; i++) {
        for (size_t q = 0; q < RK_SIEVE_QUERIES; q++) {
            bool passes = may[i / 16 * RK_SIEVE_QUERIES + q] >> i % 16 & 1;
            bool is_real = i < p->n && q + 1 < RK_SIEVE_QUERIES;
            assert_true(is_real || !passes);
            assert_true(!is_real || passes || score(p, q, i) < p->asked.least[q]);
        }
    }
}

static void nothing_that_reaches_the_limit_is_kept_back(void **state)
{
    (void)state;
    static problem p;
    rk_random random = rk_random_of(5, 0);
    for (int round = 0; round < 150; round++) {
        make(&p, &random, round);
        check(&p, &random, rk_sieve_pass);
        check(&p, &random, rk_sieve_kernel_portable);
        rk_sieve_release(&p.sieve);
    }
}

static void an_open_limit_lets_every_item_pass_and_no_padding(void **state)
{
    (void)state;
    rk_sieve sieve;
    rk_sieve_queries asked;
    int8_t bytes[RK_SIEVE_QUERIES * 4];
    uint16_t may[2 * RK_SIEVE_QUERIES];
    const float vector[3] = {1, 0, -2};
    assert_true(rk_sieve_init(&sieve, 19, 3));
    for (size_t i = 0; i < 19; i++) {
        rk_sieve_put(&sieve, i, vector, 0);
    }
    rk_sieve_queries_clear(&sieve, bytes, &asked);
    rk_sieve_ask(&sieve, &asked, 2, vector);
    asked.least[2] = -INFINITY;
    rk_sieve_pass(&sieve, &asked, 0, RK_SIEVE_ITEMS, may);
    assert_int_equal(may[2], 0xFFFF);
    assert_int_equal(may[RK_SIEVE_QUERIES + 2], 0x7);
    assert_int_equal(may[0], 0); /* a query that was not asked */
    rk_sieve_release(&sieve);
}

/* Directions at random: a score near the largest is rare, and the bound must see that. */
static void most_of_what_stays_below_is_kept_back(void **state)
{
    (void)state;
    enum { ITEMS = 4096, DIM = 64 };
    rk_sieve sieve;
    rk_sieve_queries asked;
    int8_t bytes[RK_SIEVE_QUERIES * DIM];
    static uint16_t may[ITEMS / 16 * RK_SIEVE_QUERIES];
    rk_random random = rk_random_of(6, 0);
    float vector[DIM];
    size_t n_passed = 0;
    assert_true(rk_sieve_init(&sieve, ITEMS, DIM));
    for (size_t i = 0; i <= ITEMS; i++) {
        for (size_t d = 0; d < DIM; d++) {
            vector[d] = (float)rk_random_normal(&random) / 8;
        }
        if (i < ITEMS) {
            rk_sieve_put(&sieve, i, vector, 0);
        }
    }
    rk_sieve_queries_clear(&sieve, bytes, &asked);
    rk_sieve_ask(&sieve, &asked, 0, vector);
    asked.least[0] = 0.34F; /* of a normal law with deviation 1/8: one in 300 is above */
    rk_sieve_pass(&sieve, &asked, 0, ITEMS, may);
    for (size_t g = 0; g < ITEMS / 16; g++) {
        n_passed += (size_t)__builtin_popcount(may[g * RK_SIEVE_QUERIES]);
    }
    assert_in_range(n_passed, 1, ITEMS / 100);
    rk_sieve_release(&sieve);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_reaches_the_limit_is_kept_back),
        cmocka_unit_test(an_open_limit_lets_every_item_pass_and_no_padding),
        cmocka_unit_test(most_of_what_stays_below_is_kept_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
