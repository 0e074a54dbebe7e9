/* test_pareto.c - frontier, knee and choice against their definitions, on random figures with many ties. */
#include <math.h>

#include "decide/pareto.h"
#include "math/random.h"
#include "support/test.h"

enum { N_MAX = 12, ROUNDS = 4000 };

typedef struct {
    size_t n;
    double good[N_MAX], cost[N_MAX];
    rk_estimate good_of[N_MAX], cost_of[N_MAX];
    bool better[N_MAX * N_MAX], cheaper[N_MAX * N_MAX];
    rk_standing standing[N_MAX];
} scene;

static rk_pareto_ask ask_of(const scene *s) { return (rk_pareto_ask){s->n, s->good, s->cost, s->better, s->cheaper}; }

/* Figures on a coarse grid, so that equals are frequent; half the width of an interval up to `noise`. */
static void draw(scene *s, uint64_t round, double noise)
{
    rk_random random = rk_random_of(7, round);
    bool less[N_MAX * N_MAX];
    s->n = 1 + rk_random_below(&random, N_MAX);
    for (size_t i = 0; i < s->n; i++) {
        double half_good = noise * rk_random_uniform(&random), half_cost = noise * rk_random_uniform(&random);
        s->good[i] = 1 + rk_random_below(&random, 6);
        s->cost[i] = 1 + rk_random_below(&random, 6);
        s->good_of[i] = (rk_estimate){s->good[i], s->good[i] - half_good, s->good[i] + half_good};
        s->cost_of[i] = (rk_estimate){s->cost[i], s->cost[i] - half_cost, s->cost[i] + half_cost};
    }
    rk_clearly_less(s->good_of, s->n, 0, less);
    rk_clearly_less(s->cost_of, s->n, 0, s->cheaper);
    for (size_t a = 0; a < s->n; a++) {
        for (size_t b = 0; b < s->n; b++) {
            s->better[a * s->n + b] = less[b * s->n + a];
        }
    }
}

static bool dominates(const scene *s, size_t a, size_t b)
{
    bool is_no_worse = s->good[a] >= s->good[b] && s->cost[a] <= s->cost[b];
    bool is_equal = s->good[a] == s->good[b] && s->cost[a] == s->cost[b];
    return is_equal ? a < b : is_no_worse;
}

static void without_noise_it_is_the_set_that_nothing_dominates(void **state)
{
    (void)state;
    scene s;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw(&s, round, 0);
        rk_pareto_ask ask = ask_of(&s);
        size_t n_members = rk_pareto_find(&ask, s.standing), n_wanted = 0;
        for (size_t v = 0; v < s.n; v++) {
            bool is_dominated = false;
            for (size_t other = 0; other < s.n; other++) {
                is_dominated |= other != v && dominates(&s, other, v);
            }
            n_wanted += !is_dominated;
            assert_int_equal(s.standing[v].kind == RK_ON_FRONTIER, !is_dominated);
        }
        assert_int_equal(n_members, n_wanted);
    }
}

static void every_step_up_the_frontier_buys_more_than_chance(void **state)
{
    (void)state;
    scene s;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw(&s, round, 2.5);
        rk_pareto_ask ask = ask_of(&s);
        assert_true(rk_pareto_find(&ask, s.standing) >= 1);
        for (size_t a = 0; a < s.n; a++) {
            for (size_t b = 0; b < s.n; b++) {
                bool are_members = s.standing[a].kind == RK_ON_FRONTIER && s.standing[b].kind == RK_ON_FRONTIER;
                if (are_members && s.cost[a] < s.cost[b]) {
                    assert_true(s.cheaper[a * s.n + b] && s.better[b * s.n + a]);
                }
            }
        }
    }
}

static void who_is_left_out_names_one_that_is_simpler_or_clearly_ahead(void **state)
{
    (void)state;
    scene s;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw(&s, round, 2.5);
        rk_pareto_ask ask = ask_of(&s);
        (void)rk_pareto_find(&ask, s.standing);
        for (size_t v = 0; v < s.n; v++) {
            size_t by = s.standing[v].by, at = by * s.n + v, back = v * s.n + by;
            if (s.standing[v].kind == RK_TIED) {
                assert_true(by < v && !s.better[at] && !s.better[back] && !s.cheaper[at] && !s.cheaper[back]);
            } else if (s.standing[v].kind == RK_BEATEN) {
                assert_true(!s.better[back] && !s.cheaper[back] && (s.better[at] || s.cheaper[at]));
            } else {
                assert_int_equal(by, v);
            }
        }
    }
}

/* Distance of a point from the line through two others, by the area of the triangle. */
static double distance(const scene *s, size_t from, size_t to, size_t v)
{
    double width = s->cost[to] - s->cost[from], height = s->good[to] - s->good[from];
    double x = (s->cost[v] - s->cost[from]) / width, y = (s->good[v] - s->good[from]) / height;
    return (y - x) / sqrt(2);
}

static void the_knee_is_the_member_farthest_above_the_line(void **state)
{
    (void)state;
    scene s;
    size_t n_knees = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw(&s, round, 0);
        rk_pareto_ask ask = ask_of(&s);
        (void)rk_pareto_find(&ask, s.standing);
        size_t knee = rk_pareto_knee(&ask, s.standing), from = RK_PARETO_NONE, to = RK_PARETO_NONE;
        for (size_t v = 0; v < s.n; v++) {
            if (s.standing[v].kind == RK_ON_FRONTIER) {
                from = from == RK_PARETO_NONE || s.cost[v] < s.cost[from] ? v : from;
                to = to == RK_PARETO_NONE || s.cost[v] > s.cost[to] ? v : to;
            }
        }
        double most = knee == RK_PARETO_NONE ? 0 : distance(&s, from, to, knee);
        n_knees += knee != RK_PARETO_NONE;
        assert_true(knee == RK_PARETO_NONE || most > 0);
        for (size_t v = 0; v < s.n && from != to; v++) {
            if (s.standing[v].kind == RK_ON_FRONTIER) {
                assert_true(distance(&s, from, to, v) <= most + 1e-12);
            }
        }
    }
    assert_true(n_knees > ROUNDS / 20);
}

static void the_choice_is_the_simplest_that_no_admitted_one_undercuts(void **state)
{
    (void)state;
    scene s;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw(&s, round, 2.5);
        rk_random random = rk_random_of(8, round);
        bool admitted[N_MAX];
        size_t n_admitted = 0;
        for (size_t v = 0; v < s.n; v++) {
            admitted[v] = rk_random_below(&random, 3) > 0;
            n_admitted += admitted[v];
        }
        rk_pareto_ask ask = ask_of(&s);
        size_t chosen = rk_pareto_choose(&ask, admitted, RK_PARETO_NONE), wanted = RK_PARETO_NONE;
        for (size_t v = s.n; v-- > 0;) { /* the last one found is the simplest */
            bool is_undercut = false;
            for (size_t other = 0; other < s.n; other++) {
                is_undercut |= admitted[other] && s.cost_of[other].high < s.cost_of[v].low;
            }
            wanted = admitted[v] && !is_undercut ? v : wanted;
        }
        assert_true(chosen == wanted);
        assert_int_equal(chosen == RK_PARETO_NONE, n_admitted == 0);
        size_t next = rk_pareto_choose(&ask, admitted, chosen);
        assert_int_equal(next == RK_PARETO_NONE, n_admitted <= 1);
        assert_true(next == RK_PARETO_NONE || (next != chosen && admitted[next]));
    }
}

static void figures_that_are_none_are_never_less(void **state)
{
    (void)state;
    const rk_estimate figures[] = {{1, 1, 1}, {NAN, 0, 0}, {5, 6, 7}, {3, 3, INFINITY}, {0.995, 0.995, 0.995}};
    bool less[25];
    rk_clearly_less(figures, 5, 0.01, less);
    for (size_t i = 0; i < 25; i++) {
        assert_false(less[i]); /* the last differs from the first by less than the grain */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_noise_it_is_the_set_that_nothing_dominates),
        cmocka_unit_test(every_step_up_the_frontier_buys_more_than_chance),
        cmocka_unit_test(who_is_left_out_names_one_that_is_simpler_or_clearly_ahead),
        cmocka_unit_test(the_knee_is_the_member_farthest_above_the_line),
        cmocka_unit_test(the_choice_is_the_simplest_that_no_admitted_one_undercuts),
        cmocka_unit_test(figures_that_are_none_are_never_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
