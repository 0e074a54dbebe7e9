/* test_mf.c - explicit ratings: the objective, flat where learning ends, in double, and the 4 x 4 matrix of the
 * article. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "support/test.h"

enum { USERS = 50, ITEMS = 40, EVENTS = 1200, DIM = 6 };

static double predict(const rk_model_draft *d, uint32_t u, uint32_t i)
{
    double sum = d->mu + (double)d->user_bias[u] + (double)d->item_bias[i];
    for (size_t k = 0; k < d->dim; k++) {
        sum += (double)d->user_vector[u * d->dim + k] * (double)d->item_vector[i * d->dim + k];
    }
    return sum;
}

static double mse_of(const rk_model_draft *d)
{
    double sum = 0;
    for (uint32_t u = 0; u < d->n_users; u++) {
        for (uint64_t e = d->seen.start[u]; e < d->seen.start[u + 1]; e++) {
            double miss = (double)d->seen.value[e] - predict(d, u, d->seen.col[e]);
            sum += miss * miss;
        }
    }
    return sum / (double)d->seen.start[d->n_users];
}

static double figure(const rk_model_draft *d, const char *name)
{
    return json_number_value(json_object_get(d->figures, name));
}

/* Where the objective is flat in a user's vector and bias, lambda n x = sum of miss T'T q and lambda n b = sum of miss,
 * T being the way back to the coordinates of the penalty. Returns the largest difference, per rating. */
static double user_slope(const rk_model_draft *d, uint32_t u, double lambda)
{
    double pull[DIM] = {0}, turned[DIM] = {0}, misses = 0, largest;
    uint64_t begin = d->seen.start[u], end = d->seen.start[u + 1];
    double n = (double)(end - begin);
    const float *t = d->encode + 3 + DIM + 1; /* behind three words and the base penalties */
    for (uint64_t e = begin; e < end; e++) {
        double miss = (double)d->seen.value[e] - predict(d, u, d->seen.col[e]);
        misses += miss;
        for (size_t k = 0; k < DIM * DIM; k++) {
            pull[k / DIM] += miss * (double)t[k] * (double)d->item_vector[d->seen.col[e] * DIM + k % DIM];
        }
    }
    largest = fabs(lambda * (double)d->user_bias[u] - misses / n);
    for (size_t k = 0; k < DIM * DIM; k++) {
        turned[k % DIM] += (double)t[k] * pull[k / DIM];
    }
    for (size_t k = 0; k < DIM; k++) {
        largest = fmax(largest, fabs(lambda * (double)d->user_vector[u * DIM + k] - turned[k] / n));
    }
    return largest;
}

static void users_end_where_the_objective_is_flat(void **state)
{
    (void)state;
    const char *const set[] = {"factors=6", "iterations=20", "lambda=0.05", NULL};
    fixture f = fixture_random(21, USERS, ITEMS, EVENTS);
    rk_model_draft d = fixture_train(&f, "mf", 1, set);
    for (uint32_t u = 0; u < USERS; u++) {
        assert_true(user_slope(&d, u, 0.05) < 1e-4);
    }
    rk_model_draft_release(&d);
    fixture_release(&f);
}

static void the_reported_error_is_that_of_the_stored_model(void **state)
{
    (void)state;
    static const char *const solvers[] = {"solver=als", "solver=sgd", "solver=gd"};
    fixture f = fixture_random(22, USERS, ITEMS, EVENTS);
    for (size_t s = 0; s < 3; s++) {
        const char *const set[] = {"factors=6", "iterations=30", solvers[s], NULL};
        rk_model_draft d = fixture_train(&f, "mf", 1, set);
        assert_true(fabs(mse_of(&d) - figure(&d, "train_mse")) < 1e-4);
        rk_model_draft_release(&d);
    }
    fixture_release(&f);
}

static void every_solver_lowers_the_error(void **state)
{
    (void)state;
    static const char *const solvers[] = {"solver=als", "solver=sgd", "solver=gd"};
    fixture f = fixture_random(23, USERS, ITEMS, EVENTS);
    for (size_t s = 0; s < 3; s++) {
        const char *const set[] = {"factors=6", "iterations=40", "lambda=0.01", "loss", solvers[s], NULL};
        rk_model_draft d = fixture_train(&f, "mf", 1, set);
        const json_t *loss = json_object_get(d.figures, "loss");
        for (size_t i = 1; i < 40; i++) {
            assert_true(json_number_value(json_array_get(loss, i)) <
                        json_number_value(json_array_get(loss, i - 1)) * 1.02);
        }
        assert_true(json_number_value(json_array_get(loss, 39)) < 0.9 * json_number_value(json_array_get(loss, 0)));
        rk_model_draft_release(&d);
    }
    fixture_release(&f);
}

/* <column a, column b> of [n x dim]. */
static double column_product(const float *m, size_t n, size_t dim, size_t a, size_t b)
{
    double sum = 0;
    for (size_t r = 0; r < n; r++) {
        sum += (double)m[r * dim + a] * (double)m[r * dim + b];
    }
    return sum;
}

static void columns_are_orthogonal_and_carry_the_root_of_s(void **state)
{
    (void)state;
    const char *const set[] = {"factors=6", "iterations=20", "lambda=0.01", NULL};
    fixture f = fixture_random(24, USERS, ITEMS, EVENTS);
    rk_model_draft d = fixture_train(&f, "mf", 1, set);
    const json_t *s = json_object_get(d.figures, "singular_values");
    for (size_t a = 0; a < DIM; a++) {
        double value = json_number_value(json_array_get(s, a));
        assert_true(a == 0 || value <= json_number_value(json_array_get(s, a - 1)));
        for (size_t b = 0; b < DIM; b++) {
            double wanted = a == b ? value : 0, tolerance = 1e-4 * json_number_value(json_array_get(s, 0));
            assert_true(fabs(column_product(d.user_vector, USERS, DIM, a, b) - wanted) < tolerance);
            assert_true(fabs(column_product(d.item_vector, ITEMS, DIM, a, b) - wanted) < tolerance);
        }
    }
    rk_model_draft_release(&d);
    fixture_release(&f);
}

static void the_thread_count_changes_no_bit(void **state)
{
    (void)state;
    enum { CROWD = 2500, GOODS = 900, LOG = 140000 }; /* enough for blocks */
    static const char *const solvers[][2] = {{"solver=als", "rates=one"},
                                             {"solver=sgd", "rates=one"},
                                             {"solver=sgd", "rates=own"},
                                             {"solver=gd", "rates=one"}};
    fixture f = fixture_random(25, CROWD, GOODS, LOG);
    for (size_t s = 0; s < RK_COUNT_OF(solvers); s++) {
        const char *const set[] = {"factors=10",  "iterations=3", "loss", "step=0.001",
                                   solvers[s][0], solvers[s][1],  NULL};
        rk_model_draft one = fixture_train(&f, "mf", 1, set);
        for (unsigned n_threads = 2; n_threads <= 4; n_threads += 2) {
            rk_model_draft many = fixture_train(&f, "mf", n_threads, set);
            assert_memory_equal(one.user_vector, many.user_vector, CROWD * 10 * sizeof(float));
            assert_memory_equal(one.item_vector, many.item_vector, GOODS * 10 * sizeof(float));
            assert_memory_equal(one.item_bias, many.item_bias, GOODS * sizeof(float));
            assert_true(json_equal(one.figures, many.figures));
            rk_model_draft_release(&many);
        }
        rk_model_draft_release(&one);
    }
    fixture_release(&f);
}

static void rates_of_ones_own_reach_the_same_error_in_half_the_rounds(void **state)
{
    (void)state;
    enum { CROWD = 800, GOODS = 300, LOG = 30000 };
    const char *const even[] = {"factors=8", "solver=sgd", "iterations=40", "lambda=0.05", "step=0.01", NULL};
    const char *const own[] = {"factors=8", "solver=sgd", "iterations=20", "lambda=0.05", "rates=own",
                               "step=0.2",  NULL};
    fixture f = fixture_random(26, CROWD, GOODS, LOG);
    rk_model_draft slow = fixture_train(&f, "mf", 1, even), fast = fixture_train(&f, "mf", 1, own);
    print_message("# train mse %.4f and %.4f\n", figure(&slow, "train_mse"), figure(&fast, "train_mse"));
    assert_true(figure(&fast, "train_mse") < figure(&slow, "train_mse"));
    assert_true(fabs(mse_of(&fast) - figure(&fast, "train_mse")) < 1e-4);
    rk_model_draft_release(&slow);
    rk_model_draft_release(&fast);
    fixture_release(&f);
}

/* The article's matrix without its second row, which is held out. */
static const float article[] = {5, 3, 0, 1, 0, 0, 0, 0, 1, 0, 4, 0, 0, 2, 0, 0};

static void the_article_is_met_without_its_slips(void **state)
{
    (void)state;
    static const char *const solvers[] = {"solver=sgd", "solver=gd", "solver=als"};
    fixture f = fixture_ratings(article, 4, 4);
    for (size_t s = 0; s < 3; s++) {
        const char *const set[] = {"factors=2", "iterations=1000", "step=0.01", "lambda=0.01", solvers[s], NULL};
        rk_model_draft d = fixture_train(&f, "mf", 1, set);
        print_message("# %s: train mse %.5f\n", solvers[s], figure(&d, "train_mse"));
        assert_true(figure(&d, "train_mse") <= 0.03125);
        rk_model_draft_release(&d);
    }
    fixture_release(&f);
}

static void steps_that_lead_away_are_told(void **state)
{
    (void)state;
    fixture f = fixture_ratings(article, 4, 4);
    const rk_model_kind *kind = rk_model_kind_find("mf");
    rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
    rk_error err = {0};
    rk_model_draft draft = {0};
    rk_run run = {.seed = 1};
    rk_options_defaults(table);
    assert_int_equal(rk_options_set(table, "solver=sgd", &err), RK_OK);
    assert_int_equal(rk_options_set(table, "step=9", &err), RK_OK);
    assert_int_equal(kind->train(&f.dataset, table.settings, &run, &draft, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "smaller step"));
    rk_model_draft_release(&draft);
    free(table.settings);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_end_where_the_objective_is_flat),
        cmocka_unit_test(the_reported_error_is_that_of_the_stored_model),
        cmocka_unit_test(every_solver_lowers_the_error),
        cmocka_unit_test(columns_are_orthogonal_and_carry_the_root_of_s),
        cmocka_unit_test(the_thread_count_changes_no_bit),
        cmocka_unit_test(rates_of_ones_own_reach_the_same_error_in_half_the_rounds),
        cmocka_unit_test(the_article_is_met_without_its_slips),
        cmocka_unit_test(steps_that_lead_away_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
