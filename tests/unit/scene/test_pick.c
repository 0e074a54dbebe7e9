/* test_pick.c - places against a slow reference that says what pick.h says, word for word. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "scene/pick.h"
#include "support/test.h"

enum { CANDIDATES = 40, DIM = 3 };

typedef struct {
    rk_candidate candidate[CANDIDATES];
    float vector[CANDIDATES * DIM];
    size_t n, n_places;
    rk_pick_rule rule;
} problem;

static double likeness(const problem *p, size_t a, size_t b)
{
    const rk_candidate *x = &p->candidate[a], *y = &p->candidate[b];
    if (!p->rule.vector) {
        return x->category != RK_NO_ID && x->category == y->category;
    }
    double sum = 0;
    for (size_t d = 0; d < DIM; d++) {
        sum += (double)(p->vector[a * DIM + d] * p->vector[b * DIM + d]);
    }
    return sum;
}

static size_t count(const problem *p, const uint32_t *order, size_t n, size_t c, bool is_brand)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        const rk_candidate *a = &p->candidate[order[i]], *b = &p->candidate[c];
        found += is_brand ? b->brand != RK_NO_ID && a->brand == b->brand
                          : b->category != RK_NO_ID && a->category == b->category;
    }
    return found;
}

static int tier(const problem *p, const uint32_t *order, size_t n, size_t c)
{
    const rk_candidate *x = &p->candidate[c];
    bool is_capped = (p->rule.per_category && count(p, order, n, c, false) >= p->rule.per_category) ||
                     (p->rule.per_brand && count(p, order, n, c, true) >= p->rule.per_brand);
    return x->is_buried ? 3 : x->is_fill ? 2 : is_capped;
}

static double merit(const problem *p, const uint32_t *order, size_t n, size_t c)
{
    double most = 0, like = n ? -2 : 0;
    for (size_t i = 0; i < p->n; i++) {
        most = fmax(most, p->candidate[i].value);
    }
    for (size_t i = 0; i < n; i++) {
        like = fmax(like, likeness(p, order[i], c));
    }
    double value = most > 0 ? p->candidate[c].value / most : 0;
    return p->rule.mmr < 1 ? p->rule.mmr * value - (1 - p->rule.mmr) * like : value;
}

static bool is_in(const uint32_t *order, size_t n, size_t c)
{
    for (size_t i = 0; i < n; i++) {
        if (order[i] == c) {
            return true;
        }
    }
    return false;
}

/* The candidate that stands at the place behind order [n]; CANDIDATES: none. */
static size_t next(const problem *p, const uint32_t *order, size_t n)
{
    size_t best = CANDIDATES, last_pin = CANDIDATES;
    for (size_t c = 0; c < p->n; c++) {
        if (is_in(order, n, c)) {
            continue;
        }
        if (p->candidate[c].pin == n + 1) {
            return c;
        }
        if (p->candidate[c].pin) {
            bool is_first = last_pin == CANDIDATES || p->candidate[c].pin < p->candidate[last_pin].pin;
            last_pin = is_first ? c : last_pin;
            continue;
        }
        if (best == CANDIDATES) {
            best = c;
            continue;
        }
        int a = tier(p, order, n, c), b = tier(p, order, n, best);
        double x = merit(p, order, n, c), y = merit(p, order, n, best);
        const rk_candidate *left = &p->candidate[c], *right = &p->candidate[best];
        bool is_better = a != b                        ? a < b
                         : fabs(x - y) > 1e-6          ? x > y
                         : left->value != right->value ? left->value > right->value
                                                       : c < best;
        best = is_better ? c : best;
    }
    return best < CANDIDATES ? best : last_pin;
}

/* Values, vectors and groups of few kinds, so that there are many ties. */
static void make(problem *p, uint64_t *state)
{
    static const float axes[][DIM] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, 0, 0}, {0, 0, 0}};
    *p = (problem){.n = test_random(state) % CANDIDATES, .n_places = 1 + test_random(state) % (CANDIDATES + 5)};
    p->rule.mmr = (double[]){1, 0.5, 0, 0.25}[test_random(state) % 4];
    p->rule.per_category = test_random(state) % 4;
    p->rule.per_brand = test_random(state) % 3;
    if (test_random(state) % 2) {
        p->rule.vector = p->vector;
        p->rule.dim = DIM;
    }
    uint32_t pin = 1;
    for (size_t c = 0; c < p->n; c++) {
        uint32_t group = test_random(state) % 5, brand = test_random(state) % 4;
        const float *axis = axes[test_random(state) % 5];
        p->candidate[c] = (rk_candidate){.item = (uint32_t)((c * 17) % CANDIDATES),
                                         .value = (test_random(state) % 8) / 8.0,
                                         .category = group ? group : RK_NO_ID,
                                         .brand = brand ? brand : RK_NO_ID,
                                         .is_fill = test_random(state) % 8 == 0,
                                         .is_buried = test_random(state) % 8 == 0};
        if (test_random(state) % 8 == 0) {
            pin += 1 + test_random(state) % 5;
            p->candidate[c].pin = pin;
        }
        for (size_t d = 0; d < DIM; d++) {
            p->vector[c * DIM + d] = axis[d];
        }
    }
}

static void places_are_those_of_the_reference(void **unused)
{
    (void)unused;
    uint64_t state = 7;
    rk_arena arena = {0};
    for (int round = 0; round < 3000; round++) {
        problem p;
        uint32_t order[2 * CANDIDATES], wanted[2 * CANDIDATES];
        size_t n = 0, n_wanted = 0;
        make(&p, &state);
        assert_true(rk_pick(p.candidate, p.n, &p.rule, p.n_places, &arena, order, &n));
        while (n_wanted < p.n_places && n_wanted < p.n) {
            wanted[n_wanted] = (uint32_t)next(&p, wanted, n_wanted);
            n_wanted++;
        }
        assert_int_equal(n, n_wanted);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(order[i], wanted[i]);
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_those_of_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
