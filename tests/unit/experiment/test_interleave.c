/* test_interleave.c - team drafts keep their rules: nothing twice, nobody passed over, both sides alike. */
#include "experiment/interleave.h"

#include <math.h>
#include <stdbool.h>

#include "support/test.h"

enum { ITEMS = 30 };

static size_t place_in(const uint32_t *list, size_t n, uint32_t item)
{
    size_t at = 0;
    while (at < n && list[at] != item) {
        at++;
    }
    return at;
}

/* Each item that a team puts is its best that was not listed above; in each round both put one, while both have one. */
static void every_pick_is_the_best_that_is_left(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (uint64_t round = 0; round < 3000; round++) {
        uint32_t list[2][ITEMS];
        rk_random random = rk_random_of(round, 1);
        for (size_t t = 0; t < 2; t++) {
            for (uint32_t i = 0; i < ITEMS; i++) {
                list[t][i] = i;
            }
            rk_random_shuffle(&random, list[t], ITEMS);
        }
        size_t n_of[2] = {test_random(&seed) % (ITEMS + 1), test_random(&seed) % (ITEMS + 1)};
        size_t n_max = 1 + test_random(&seed) % (2 * ITEMS), n_both = 0;
        uint32_t place[2 * ITEMS];
        unsigned char team[2 * ITEMS];
        size_t n = rk_team_draft(list[0], n_of[0], list[1], n_of[1], n_max, &random, place, team);
        bool is_listed[ITEMS] = {false};
        for (size_t i = 0; i < n; i++) {
            const uint32_t *mine = list[team[i]];
            assert_true(place[i] < n_of[team[i]] && !is_listed[mine[place[i]]]);
            for (size_t p = 0; p < place[i]; p++) {
                assert_true(is_listed[mine[p]]);
            }
            is_listed[mine[place[i]]] = true;
        }
        for (uint32_t i = 0; i < ITEMS; i++) {
            n_both += place_in(list[0], n_of[0], i) < n_of[0] || place_in(list[1], n_of[1], i) < n_of[1];
        }
        assert_int_equal(n, n_both < n_max ? n_both : n_max);
    }
}

static void both_teams_are_first_as_often(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    static const uint32_t a[] = {1, 2, 3}, b[] = {4, 5, 6};
    size_t n_first = 0, n_a = 0;
    for (uint64_t d = 0; d < DRAWS; d++) {
        uint32_t place[3];
        unsigned char team[3];
        rk_random random = rk_random_of(d, 0);
        assert_int_equal(rk_team_draft(a, 3, b, 3, 3, &random, place, team), 3);
        assert_true(team[0] != team[1]); /* a round gives each one */
        n_first += team[0] == 0;
        n_a += (size_t)(team[0] == 0) + (team[1] == 0) + (team[2] == 0);
    }
    assert_true(fabs((double)n_first / DRAWS - 0.5) < 4 * sqrt(0.25 / DRAWS));
    assert_true(fabs((double)n_a / DRAWS - 1.5) < 4 * sqrt(0.25 / DRAWS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pick_is_the_best_that_is_left),
        cmocka_unit_test(both_teams_are_first_as_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
