/* Searches find the bottom of functions whose bottom is known, and are functions of what they may know. */
#include "support/test.h"

#include <math.h>
#include <string.h>

#include "tune/search.h"

enum { AXES_MOST = 8, TRIALS_MOST = 128 };

/* A function over a space, and its trials. */
typedef struct {
    rk_space space;
    double (*loss)(const double *x, double share);
    double x[TRIALS_MOST][AXES_MOST];
    rk_tried tried[TRIALS_MOST];
    size_t n_tried, batch;
    unsigned n_rungs;
} game;

static void add(game *g, const rk_option *option, const char *values)
{
    rk_error err = {0};
    if (rk_space_add(&g->space, option, values, &err)) {
        fail_msg("%s", err.message);
    }
}

static rk_search search_of(const game *g, uint64_t seed)
{
    return (rk_search){&g->space, seed, g->batch ? g->batch : 1, g->n_rungs ? g->n_rungs : 1, g->tried, g->n_tried};
}

static void play(game *g, const rk_search_kind *kind, uint64_t seed, size_t n)
{
    for (g->n_tried = 0; g->n_tried < n; g->n_tried++) {
        rk_search search = search_of(g, seed);
        rk_search_step step = kind->step(&search, g->n_tried);
        double *x = g->x[g->n_tried];
        assert_int_equal(kind->next(&search, x, NULL), RK_OK);
        g->tried[g->n_tried] = (rk_tried){x, step.share, g->loss(x, step.share)};
    }
}

static double least(const game *g)
{
    double best = INFINITY;
    for (size_t t = 0; t < g->n_tried; t++) {
        best = fmin(best, g->tried[t].share < 1 ? INFINITY : g->tried[t].loss);
    }
    return best;
}

/* ---- functions ---- */

static const rk_option plain = {.name = "x", .kind = RK_OPT_REAL, .fallback = "0", .min = -100, .max = 100};
static const rk_option scaled = {
    .name = "lambda", .kind = RK_OPT_REAL, .fallback = "0.5", .min = 1e-9, .max = 1e9, .is_log_scale = true};
static const rk_option counted = {
    .name = "factors", .kind = RK_OPT_COUNT, .fallback = "8", .min = 1, .max = 4096, .is_log_scale = true};
static const rk_option chosen = {.name = "solver", .kind = RK_OPT_CHOICE, .fallback = "a", .choices = "a|b|c|d"};
static const rk_option flagged = {.name = "bias", .kind = RK_OPT_FLAG};

/* Branin's, whose least is .397887 at three places. */
static double branin(const double *x, double share)
{
    (void)share;
    double bend = x[1] - 5.1 / (4 * M_PI * M_PI) * x[0] * x[0] + 5 / M_PI * x[0] - 6;
    return bend * bend + 10 * (1 - 1 / (8 * M_PI)) * cos(x[0]) + 10;
}

/* Least 0 at lambda .00316, factors 128, solver b, bias: as the settings of a model behave. */
static double mixed(const double *x, double share)
{
    (void)share;
    double l = log10(x[0]) + 2.5, f = log2(x[1] / 128);
    return l * l + 0.1 * f * f + (x[2] > 0.5 && x[2] < 1.5 ? 0 : 0.5 + 0.3 * l) + (x[3] > 0.5 ? 0 : 0.2) +
           fabs(l * f) * 0.1;
}

static double bowl(const double *x, double share)
{
    double sum = 0;
    for (size_t a = 0; a < 4; a++) {
        double d = x[a] - 0.2 - 0.2 * (double)a;
        sum += d * d;
    }
    return sum + (1 - share) * 0.3; /* what is cut short does worse, all alike */
}

static void set_branin(game *g)
{
    g->loss = branin;
    add(g, &plain, "-5..10");
    add(g, &plain, "0..15");
}

static void set_mixed(game *g)
{
    g->loss = mixed;
    add(g, &scaled, "1e-5..1");
    add(g, &counted, "8..1024");
    add(g, &chosen, "a,b,c,d");
    add(g, &flagged, "no,yes");
}

static void set_bowl(game *g)
{
    g->loss = bowl;
    for (size_t a = 0; a < 4; a++) {
        add(g, &plain, "0..1");
    }
}

/* ---- claims ---- */

/* Mean of log10 of the distance from the bottom over many seeds, and how often the first came nearer. */
typedef struct {
    double mean[2];
    unsigned n_wins, n;
} match;

static match play_match(void (*set)(game *), double bottom, const rk_search_kind *const kinds[2], const size_t n[2])
{
    match m = {.n = 40};
    for (uint64_t seed = 1; seed <= m.n; seed++) {
        double distance[2];
        for (size_t k = 0; k < 2; k++) {
            game g = {.n_rungs = 3};
            set(&g);
            play(&g, kinds[k], seed, n[k]);
            distance[k] = fmax(least(&g) - bottom, 1e-9);
            m.mean[k] += log10(distance[k]) / m.n;
            rk_space_release(&g.space);
        }
        m.n_wins += distance[0] < distance[1];
    }
    return m;
}

static void tpe_comes_nearer_the_bottom_than_random(void **state)
{
    (void)state;
    static void (*const sets[])(game *) = {set_branin, set_mixed, set_bowl};
    static const double bottom[] = {0.397887, 0, 0};
    const rk_search_kind *const kinds[] = {&rk_search_tpe, &rk_search_random};
    for (size_t f = 0; f < RK_COUNT_OF(sets); f++) {
        for (size_t n = 20; n <= 40; n += 20) {
            match m = play_match(sets[f], bottom[f], kinds, (size_t[]){n, n});
            assert_true(m.mean[0] < m.mean[1] - 0.15); /* a third nearer */
            assert_true(m.n_wins * 10 > m.n * 6);
        }
    }
}

static void halving_comes_nearer_than_random_for_the_same_work(void **state)
{
    (void)state;
    const rk_search_kind *const kinds[] = {&rk_search_halving, &rk_search_random};
    game g = {.n_rungs = 3};
    set_bowl(&g);
    double work = 0;
    size_t n = 0;
    rk_search search = search_of(&g, 1);
    for (; n < 49; n++) { /* the defaults and two cycles and more */
        work += rk_search_halving.step(&search, n).share;
    }
    rk_space_release(&g.space);
    match m = play_match(set_bowl, 0, kinds, (size_t[]){n, (size_t)ceil(work)});
    assert_true(m.mean[0] < m.mean[1] - 0.1);
}

static void the_first_trial_is_the_default(void **state)
{
    (void)state;
    const rk_search_kind *kind;
    for (size_t k = 0; (kind = rk_search_kind_at(k)); k++) {
        game g = {.n_rungs = 3};
        set_mixed(&g);
        play(&g, kind, 7, 1);
        for (size_t a = 0; a < g.space.n; a++) {
            assert_memory_equal(&g.x[0][a], &g.space.axis[a].start, sizeof(double));
        }
        assert_true(g.tried[0].share >= 1);
        rk_space_release(&g.space);
    }
}

static void the_choices_of_the_command_line_are_the_table(void **state)
{
    (void)state;
    char names[64] = "";
    const rk_search_kind *kind;
    for (size_t k = 0; (kind = rk_search_kind_at(k)); k++) {
        strncat(names, k ? "|" : "", sizeof names - strlen(names) - 1);
        strncat(names, kind->name, sizeof names - strlen(names) - 1);
    }
    assert_string_equal(names, RK_SEARCH_CHOICES);
}

/* Spoils every result that a trial may not know, and expects the same proposal. */
static void a_proposal_knows_no_more_than_it_may(void **state)
{
    (void)state;
    const rk_search_kind *kind;
    for (size_t k = 0; (kind = rk_search_kind_at(k)); k++) {
        game g = {.n_rungs = 3, .batch = 4};
        set_mixed(&g);
        play(&g, kind, 3, 60);
        for (size_t t = 0; t < 60; t++) {
            rk_tried known[TRIALS_MOST];
            double x[AXES_MOST];
            rk_search search = search_of(&g, 3);
            size_t sight = kind->step(&search, t).sight;
            memcpy(known, g.tried, sizeof known);
            for (size_t later = sight; later < t; later++) {
                known[later].loss = NAN;
            }
            search.tried = known;
            search.n_tried = t;
            assert_true(sight <= t);
            assert_int_equal(kind->next(&search, x, NULL), RK_OK);
            assert_memory_equal(x, g.x[t], g.space.n * sizeof *x);
        }
        rk_space_release(&g.space);
    }
}

static void nothing_is_tried_twice_while_something_is_left(void **state)
{
    (void)state;
    static const rk_search_kind *const kinds[] = {&rk_search_tpe, &rk_search_random};
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        game g = {.loss = mixed};
        add(&g, &scaled, "0.5,1,2");
        add(&g, &counted, "8..11");
        add(&g, &chosen, "a,b");
        add(&g, &flagged, "no,yes");
        assert_true(rk_space_points(&g.space) < 49 && rk_space_points(&g.space) > 47);
        play(&g, kinds[k], 5, 48);
        for (size_t t = 0; t < 48; t++) {
            for (size_t before = 0; before < t; before++) {
                assert_memory_not_equal(g.x[t], g.x[before], g.space.n * sizeof(double));
            }
        }
        rk_space_release(&g.space);
    }
}

static double never(const double *x, double share)
{
    (void)x, (void)share;
    return INFINITY;
}

static void failures_are_survived(void **state)
{
    (void)state;
    const rk_search_kind *kind;
    for (size_t k = 0; (kind = rk_search_kind_at(k)); k++) {
        game g = {.n_rungs = 3};
        set_mixed(&g);
        g.loss = never;
        play(&g, kind, 1, 60);
        rk_space_release(&g.space);
    }
}

static void halving_promotes_the_best_third(void **state)
{
    (void)state;
    game g = {.n_rungs = 3};
    set_bowl(&g);
    play(&g, &rk_search_halving, 2, 14);
    const double share[14] = {1,       1 / 9.0, 1 / 9.0, 1 / 9.0, 1 / 9.0, 1 / 9.0, 1 / 9.0,
                              1 / 9.0, 1 / 9.0, 1 / 9.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1};
    for (size_t t = 0; t < 14; t++) {
        assert_true(fabs(g.tried[t].share - share[t]) < 1e-12);
    }
    for (size_t up = 10; up < 13; up++) { /* as many are better as stand before it */
        size_t n_better = 0, n_same = 0;
        for (size_t low = 1; low < 10; low++) {
            double loss = g.loss(g.x[up], share[low]);
            n_better += g.tried[low].loss < loss;
            n_same += !memcmp(g.x[low], g.x[up], g.space.n * sizeof(double));
        }
        assert_int_equal(n_better, up - 10);
        assert_int_equal(n_same, 1);
    }
    assert_memory_equal(g.x[13], g.x[10], g.space.n * sizeof(double));
    rk_space_release(&g.space);
}

static void a_bracket_says_what_it_will_cost(void **state)
{
    (void)state;
    game g = {.n_rungs = 4};
    set_bowl(&g);
    rk_search search = search_of(&g, 1);
    double promised = 0, spent = 0;
    size_t n_brackets = 0;
    for (size_t t = 0; t < 200; t++) {
        rk_search_step step = rk_search_halving.step(&search, t);
        if (step.begins) {
            assert_true(fabs(promised - spent) < 1e-9);
            promised += step.to_end;
            n_brackets++;
        }
        assert_true(fabs(promised - spent - step.to_end) < 1e-9);
        spent += step.share;
    }
    assert_true(n_brackets > 8);
    rk_space_release(&g.space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tpe_comes_nearer_the_bottom_than_random),
        cmocka_unit_test(halving_comes_nearer_than_random_for_the_same_work),
        cmocka_unit_test(the_first_trial_is_the_default),
        cmocka_unit_test(the_choices_of_the_command_line_are_the_table),
        cmocka_unit_test(a_proposal_knows_no_more_than_it_may),
        cmocka_unit_test(nothing_is_tried_twice_while_something_is_left),
        cmocka_unit_test(failures_are_survived),
        cmocka_unit_test(halving_promotes_the_best_third),
        cmocka_unit_test(a_bracket_says_what_it_will_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
