/* test_mf_bayes.c - one row against dense algebra in double; what hints and variances add; folding in and reasons under
 * every solver. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "model/mf.h"
#include "support/test.h"

enum { USERS = 60, ITEMS = 50, EVENTS = 1500, DIM = 6, WIDTH = 16 };

/* Solves a x = b in place of b by elimination; a [n x n] positive definite. */
static void solve_dense(double *a, double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        for (size_t i = k + 1; i < n; i++) {
            double factor = a[i * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++) {
                a[i * n + j] -= factor * a[k * n + j];
            }
            b[i] -= factor * b[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++) {
            b[k] -= a[k * n + j] * b[j];
        }
        b[k] /= a[k * n + k];
    }
}

static float random_float(uint64_t *state) { return (float)(test_random(state) % 2001) / 1000 - 1; }

/* ---- one row ---- */

enum { FREE = DIM + 1, RATINGS_MAX = 400 };

/* A row of n ratings, and all that pulls at it. */
typedef struct {
    size_t n;
    _Alignas(64) float fixed[RATINGS_MAX * WIDTH], variance[RATINGS_MAX * WIDTH], base[WIDTH], expected[WIDTH];
    uint32_t id[RATINGS_MAX];
    float value[RATINGS_MAX];
    rk_mf_half half;
} problem;

static problem *make_problem(size_t n, uint64_t seed)
{
    problem *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);
    assert_non_null(p);
    memset(p, 0, sizeof *p);
    p->n = n;
    for (size_t j = 0; j < n; j++) {
        for (size_t d = 0; d < DIM; d++) {
            p->fixed[j * WIDTH + d] = random_float(&seed);
            p->variance[j * WIDTH + d] = fabsf(random_float(&seed));
        }
        p->fixed[j * WIDTH + DIM] = 1;
        p->fixed[j * WIDTH + DIM + 1] = random_float(&seed);
        p->id[j] = (uint32_t)j;
        p->value[j] = 3 + random_float(&seed);
    }
    for (size_t d = 0; d < FREE; d++) {
        p->base[d] = 0.5F + fabsf(random_float(&seed));
        p->expected[d] = random_float(&seed);
    }
    p->half = (rk_mf_half){.fixed = p->fixed,
                           .variance = p->variance,
                           .base = p->base,
                           .each = 0.25F,
                           .mu = 3,
                           .noise = 0.7,
                           .dim = DIM,
                           .width = WIDTH,
                           .bias = DIM,
                           .one = DIM + 1};
    return p;
}

/* The minimum of mf_row.h's objective and, in variance, noise over its curvature along each column. */
static void solve_problem(const problem *p, double x[FREE], double variance[FREE])
{
    double matrix[FREE * FREE] = {0};
    for (size_t d = 0; d < FREE; d++) {
        double pull = (double)p->base[d] + 0.25 * (double)p->n;
        matrix[d * FREE + d] = pull;
        x[d] = pull * (double)p->expected[d];
        for (size_t j = 0; j < p->n; j++) {
            const float *y = p->fixed + j * WIDTH;
            matrix[d * FREE + d] += (double)p->variance[j * WIDTH + d];
            x[d] += ((double)p->value[j] - 3 - (double)y[DIM + 1]) * (double)y[d];
            for (size_t e = 0; e < FREE; e++) {
                matrix[d * FREE + e] += (double)y[d] * (double)y[e];
            }
        }
        variance[d] = 0.7 / matrix[d * FREE + d];
    }
    solve_dense(matrix, x, FREE);
}

/* Short rows are solved through n x n, longer ones through width x width. */
static void a_row_is_at_its_minimum(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 5, 40, RATINGS_MAX};
    for (size_t i = 0; i < RK_COUNT_OF(lengths); i++) {
        problem *p = make_problem(lengths[i], 31 + i);
        rk_mf_room room;
        rk_error err;
        float x[WIDTH], variance[WIDTH];
        double wanted[FREE], unsure[FREE];
        assert_int_equal(rk_mf_room_init(&room, WIDTH, p->n, &err), RK_OK);
        rk_mf_load(&p->half, (rk_history){p->id, p->value, p->n}, p->expected, &room);
        assert_int_equal(rk_mf_solve(&p->half, &room, x, variance, &err), RK_OK);
        solve_problem(p, wanted, unsure);
        for (size_t d = 0; d < FREE; d++) {
            assert_true(fabs((double)x[d] - wanted[d]) < 1e-4);
            assert_true(fabs((double)variance[d] / unsure[d] - 1) < 1e-4);
        }
        assert_true(x[DIM + 1] == 1 && variance[DIM + 1] == 0);
        rk_mf_room_release(&room);
        free(p);
    }
}

/* E (r - mu - x.y)^2 = (r - mu - E x.y)^2 + sum of var x var y + x^2 var y + var x y^2. */
static void what_a_row_misses_counts_what_is_unsure(void **state)
{
    (void)state;
    problem *p = make_problem(20, 40);
    rk_mf_room room;
    rk_error err;
    rk_history row = {p->id, p->value, p->n};
    float x[WIDTH], variance[WIDTH];
    double sum = 0;
    assert_int_equal(rk_mf_room_init(&room, WIDTH, p->n, &err), RK_OK);
    rk_mf_load(&p->half, row, p->expected, &room);
    assert_int_equal(rk_mf_solve(&p->half, &room, x, variance, &err), RK_OK);
    for (size_t j = 0; j < p->n; j++) {
        double miss = (double)p->value[j] - 3;
        for (size_t d = 0; d < WIDTH; d++) {
            double y = (double)p->fixed[j * WIDTH + d], vy = (double)p->variance[j * WIDTH + d];
            double vx = (double)variance[d];
            miss -= (double)x[d] * y;
            sum += vx * vy + (double)x[d] * (double)x[d] * vy + vx * y * y;
        }
        sum += miss * miss;
    }
    assert_true(fabs(rk_mf_row_miss(&p->half, row, &room, x, variance) / sum - 1) < 1e-5);
    rk_mf_room_release(&room);
    free(p);
}

/* ---- hints ---- */

/* The hints of one column by dense algebra: (W' A W + lambda) h = W' A x. */
static void hints_dense(const rk_mf_side *side, size_t n_hints, size_t d, double *h)
{
    double *matrix = calloc(n_hints * n_hints, sizeof *matrix);
    assert_non_null(matrix);
    memset(h, 0, n_hints * sizeof *h);
    double mean = (double)side->events.start[side->n] / side->n;
    for (size_t r = 0; r < side->n; r++) {
        uint64_t begin = side->events.start[r], end = side->events.start[r + 1];
        double n = (double)(end - begin), trust = n / mean;
        for (uint64_t a = begin; a < end; a++) {
            h[side->events.col[a]] += trust * (double)side->vector[r * WIDTH + d] / sqrt(n);
            for (uint64_t b = begin; b < end; b++) {
                matrix[side->events.col[a] * n_hints + side->events.col[b]] += trust / n;
            }
        }
    }
    for (size_t j = 0; j < n_hints; j++) {
        matrix[j * n_hints + j] += 2; /* the lambda below */
    }
    solve_dense(matrix, h, n_hints);
    free(matrix);
}

static void hints_become_the_regression_of_the_vectors(void **state)
{
    (void)state;
    fixture f = fixture_random(32, USERS, ITEMS, EVENTS);
    rk_mf_settings settings = {.solver = RK_MF_ALS, .implicit = RK_MF_USERS, .implicit_lambda = 2};
    rk_run run = {.seed = 1};
    rk_mf mf = {.s = &settings, .run = &run, .dim = DIM, .width = WIDTH};
    rk_error err = {0};
    uint64_t random = 5;
    double h[ITEMS];
    assert_int_equal(rk_dataset_matrix(&f.dataset, RK_PAIR_LAST, &mf.users.events, &err), RK_OK);
    assert_int_equal(rk_csr_transpose(&mf.users.events, &mf.items.events, &err), RK_OK);
    mf.users.n = USERS;
    mf.items.n = ITEMS;
    mf.users.bias = DIM;
    mf.users.one = DIM + 1;
    mf.users.vector = rk_mf_new_vectors(USERS, WIDTH);
    for (size_t i = 0; i < USERS * WIDTH; i++) {
        mf.users.vector[i] = i % WIDTH <= DIM + 1 ? random_float(&random) : 0;
    }
    assert_int_equal(rk_mf_hints_start(&mf, &err), RK_OK);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(rk_mf_hints_learn(&mf, &err), RK_OK);
    }
    for (size_t d = 0; d < WIDTH; d++) {
        hints_dense(&mf.users, ITEMS, d, h);
        for (size_t j = 0; j < ITEMS; j++) {
            assert_true(fabs((double)mf.users.hint[j * WIDTH + d] - (d <= DIM ? h[j] : 0)) < 1e-4);
        }
    }
    free(mf.users.vector);
    free(mf.users.hint);
    free(mf.users.expected);
    rk_csr_release(&mf.users.events);
    rk_csr_release(&mf.items.events);
    fixture_release(&f);
}

/* ---- what comes of it ---- */

/* A planted matrix: two factors and biases, and noise of standard deviation 0.5; about a third of it is rated. */
static fixture planted(float *whole)
{
    enum { N = 120, M = 90 };
    static float rating[N * M];
    uint64_t random = 77;
    float p[N][3], q[M][3];
    for (size_t u = 0; u < N; u++) {
        for (size_t d = 0; d < 3; d++) {
            p[u][d] = random_float(&random);
        }
    }
    for (size_t i = 0; i < M; i++) {
        for (size_t d = 0; d < 3; d++) {
            q[i][d] = random_float(&random);
        }
    }
    for (size_t u = 0; u < N; u++) {
        for (size_t i = 0; i < M; i++) {
            float noise = 0; /* the sum of 12 uniform numbers: standard deviation 2 */
            for (size_t k = 0; k < 12; k++) {
                noise += random_float(&random);
            }
            whole[u * M + i] = 10 + p[u][2] + q[i][2] + 2 * p[u][0] * q[i][0] + 2 * p[u][1] * q[i][1];
            rating[u * M + i] = test_random(&random) % 3 == 0 ? whole[u * M + i] + noise / 4 : 0;
        }
    }
    return fixture_ratings(rating, N, M);
}

static double rmse_of(const rk_model_draft *d, const float *whole)
{
    double sum = 0;
    for (size_t u = 0; u < d->n_users; u++) {
        for (size_t i = 0; i < d->n_items; i++) {
            double miss = d->mu + (double)d->user_bias[u] + (double)d->item_bias[i] - (double)whole[u * d->n_items + i];
            for (size_t k = 0; k < d->dim; k++) {
                miss += (double)d->user_vector[u * d->dim + k] * (double)d->item_vector[i * d->dim + k];
            }
            sum += miss * miss;
        }
    }
    return sqrt(sum / (double)d->n_users / (double)d->n_items);
}

static void bayes_finds_noise_and_factors_and_beats_every_lambda(void **state)
{
    (void)state;
    static float whole[120 * 90];
    static const char *const lambdas[] = {"lambda=0.01", "lambda=0.03", "lambda=0.1", "lambda=0.3", "lambda=1"};
    static const char *const bayes[] = {"factors=8", "iterations=60", "solver=bayes", NULL};
    fixture f = planted(whole);
    rk_model_draft d = fixture_train(&f, "mf", 1, bayes);
    double reached = rmse_of(&d, whole), noise = json_number_value(json_object_get(d.figures, "noise"));
    const json_t *s = json_object_get(d.figures, "singular_values");
    print_message("# noise %.3f, rmse about the planted matrix %.3f\n", noise, reached);
    assert_true(fabs(noise - 0.5) < 0.05);
    /* Two factors were planted: the third is next to nothing beside the second. */
    assert_true(json_number_value(json_array_get(s, 2)) < 0.05 * json_number_value(json_array_get(s, 1)));
    rk_model_draft_release(&d);
    for (size_t i = 0; i < RK_COUNT_OF(lambdas); i++) {
        const char *const als[] = {"factors=8", "iterations=60", "solver=als", lambdas[i], NULL};
        d = fixture_train(&f, "mf", 1, als);
        assert_true(reached < rmse_of(&d, whole));
        rk_model_draft_release(&d);
    }
    fixture_release(&f);
}

static void hints_and_variances_change_no_bit_with_threads(void **state)
{
    (void)state;
    enum { CROWD = 2500, GOODS = 900, LOG = 140000 };
    static const char *const solvers[] = {"solver=als", "solver=bayes", "solver=sgd", "solver=gd"};
    fixture f = fixture_random(25, CROWD, GOODS, LOG);
    for (size_t s = 0; s < RK_COUNT_OF(solvers); s++) {
        const char *const set[] = {"factors=10",    "iterations=3", "loss", "step=0.001",
                                   "implicit=both", solvers[s],     NULL};
        rk_model_draft one = fixture_train(&f, "mf", 1, set);
        for (unsigned n_threads = 2; n_threads <= 4; n_threads += 2) {
            rk_model_draft many = fixture_train(&f, "mf", n_threads, set);
            assert_memory_equal(one.user_vector, many.user_vector, CROWD * 10 * sizeof(float));
            assert_memory_equal(one.item_vector, many.item_vector, GOODS * 10 * sizeof(float));
            assert_int_equal(one.n_encode, many.n_encode);
            assert_memory_equal(one.encode, many.encode, one.n_encode * sizeof(float));
            assert_true(json_equal(one.figures, many.figures));
            rk_model_draft_release(&many);
        }
        rk_model_draft_release(&one);
    }
    fixture_release(&f);
}

/* ---- files ---- */

typedef struct {
    char dir[64], path[256];
    fixture f;
    rk_model *model;
    rk_arena arena;
} shelf;

static void open_shelf(shelf *s, const char *solver, const char *implicit)
{
    const char *const set[] = {"factors=6", "iterations=30", "lambda=0.05", solver, implicit, NULL};
    rk_error err = {0};
    *s = (shelf){.f = fixture_random(26, USERS, ITEMS, EVENTS)};
    fixture_folder(s->dir);
    fixture_train_file(&s->f, s->dir, "mf", fixture_path(s->path, s->dir, "model.rk"), set);
    assert_int_equal(rk_model_open(s->path, &s->model, &err), RK_OK);
}

static void close_shelf(shelf *s)
{
    rk_arena_release(&s->arena);
    rk_model_close(s->model);
    fixture_remove(s->dir);
    fixture_release(&s->f);
}

static const char *const exact[] = {"solver=als", "solver=bayes"};
static const char *const whom[] = {"implicit=none", "implicit=users", "implicit=items", "implicit=both"};

static void folding_in_a_known_history_gives_the_trained_user(void **state)
{
    (void)state;
    for (size_t c = 0; c < RK_COUNT_OF(exact) * RK_COUNT_OF(whom); c++) {
        shelf s;
        rk_error err = {0};
        open_shelf(&s, exact[c % 2], whom[c / 2]);
        for (uint32_t u = 0; u < USERS; u++) {
            rk_query trained, folded;
            assert_int_equal(rk_model_user_query(s.model, u, &s.arena, &trained, &err), RK_OK);
            assert_int_equal(rk_model_encode(s.model, rk_model_seen(s.model, u), &s.arena, &folded, &err), RK_OK);
            for (uint32_t i = 0; i < ITEMS; i++) {
                double a = rk_model_predict(s.model, &trained, i), b = rk_model_predict(s.model, &folded, i);
                assert_true(fabs(a - b) < 1e-4); /* floats in another order */
            }
            rk_arena_clear(&s.arena);
        }
        close_shelf(&s);
    }
}

static void reasons_add_up_to_the_score(void **state)
{
    (void)state;
    for (size_t c = 0; c < RK_COUNT_OF(exact) * RK_COUNT_OF(whom); c++) {
        shelf s;
        rk_error err = {0};
        uint32_t items[ITEMS];
        open_shelf(&s, exact[c % 2], whom[c / 2]);
        for (uint32_t i = 0; i < ITEMS; i++) {
            items[i] = i;
        }
        for (uint32_t u = 0; u < USERS; u++) {
            rk_query query;
            rk_history seen = rk_model_seen(s.model, u);
            float *share = RK_TAKE(&s.arena, float, ITEMS *seen.n);
            assert_int_equal(rk_model_encode(s.model, seen, &s.arena, &query, &err), RK_OK);
            assert_int_equal(rk_mf_explain(s.model, seen, items, ITEMS, &s.arena, share, &err), RK_OK);
            for (uint32_t i = 0; i < ITEMS; i++) {
                double wanted = rk_model_predict(s.model, &query, i) - rk_model_mu(s.model) - (double)query.bias -
                                (double)rk_model_item_bias(s.model)[i];
                double sum = 0;
                for (size_t j = 0; j < seen.n; j++) {
                    sum += (double)share[i * seen.n + j];
                }
                assert_true(fabs(sum - wanted) < 1e-4);
            }
            rk_arena_clear(&s.arena);
        }
        close_shelf(&s);
    }
}

static void a_history_of_nothing_is_nobody(void **state)
{
    (void)state;
    shelf s;
    rk_error err = {0};
    rk_query query;
    open_shelf(&s, "solver=bayes", "implicit=both");
    assert_int_equal(rk_model_encode(s.model, (rk_history){0}, &s.arena, &query, &err), RK_OK);
    for (size_t d = 0; d < DIM; d++) {
        assert_true(query.vector[d] == 0);
    }
    assert_true(query.bias == 0);
    close_shelf(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_at_its_minimum),
        cmocka_unit_test(what_a_row_misses_counts_what_is_unsure),
        cmocka_unit_test(hints_become_the_regression_of_the_vectors),
        cmocka_unit_test(bayes_finds_noise_and_factors_and_beats_every_lambda),
        cmocka_unit_test(hints_and_variances_change_no_bit_with_threads),
        cmocka_unit_test(folding_in_a_known_history_gives_the_trained_user),
        cmocka_unit_test(reasons_add_up_to_the_score),
        cmocka_unit_test(a_history_of_nothing_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
