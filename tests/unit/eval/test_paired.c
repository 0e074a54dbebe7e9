/* test_paired.c - models side by side: the intervals of the whole table agree with those of two at a time, and what
 * moves all models alike is no difference. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/metric.h"
#include "eval/paired.h"
#include "math/random.h"
#include "support/test.h"

enum { USERS = 3000, MODELS = 4 };

static char folder[] = "/tmp/paired.XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

/* An evaluation that says what the table says: column 0 the weight, column 1 the figure. */
static rk_evaluation evaluation_of(double *table, size_t n_rows, rk_figure *figure)
{
    static const rk_metric plain = {.name = "ndcg"};
    *figure = (rk_figure){.key = "ndcg@20", .metric = &plain, .has_interval = true, .column = 1, .over = 0};
    return (rk_evaluation){.figure = figure, .n_figures = 1, .table = table, .n_rows = n_rows, .n_columns = 2};
}

/* Users differ a lot; model m adds m / 200 and a little of its own. Models 1 and 2 are the same. */
static void draw(unsigned m, double *table)
{
    rk_random users = rk_random_of(1, 0), own = rk_random_of(2, m == 2 ? 1 : m);
    double gain = (m == 2 ? 1 : m) / 200.0;
    for (size_t r = 0; r < USERS; r++) {
        table[2 * r] = 1;
        table[2 * r + 1] = rk_random_uniform(&users) + gain + 0.01 * rk_random_uniform(&own);
    }
}

static double table_of[MODELS][2 * USERS];
static const char *const paths[MODELS] = {"0.rk", "1.rk", "2.rk", "3.rk"};

static void write_models(void)
{
    rk_error err;
    rk_figure figure;
    for (unsigned m = 0; m < MODELS; m++) {
        draw(m, table_of[m]);
        rk_evaluation e = evaluation_of(table_of[m], USERS, &figure);
        assert_int_equal(rk_user_figures_write(&e, "ndcg@20", paths[m], &err), RK_OK);
    }
}

static void a_small_gain_of_every_user_is_a_difference_and_a_copy_is_none(void **state)
{
    (void)state;
    rk_paired paired;
    rk_error err;
    write_models();
    assert_int_equal(rk_paired_files(paths, MODELS, &(rk_run){.seed = 1}, &paired, &err), RK_OK);
    assert_int_equal(paired.best, 3);
    for (size_t a = 0; a < MODELS; a++) {
        for (size_t b = 0; b < MODELS; b++) {
            size_t of_a = a == 2 ? 1 : a, of_b = b == 2 ? 1 : b; /* the copy stands where its original does */
            assert_int_equal(paired.better[a * MODELS + b], of_a > of_b);
        }
    }
    /* The intervals of the figures overlap: without pairing nothing could be said. */
    assert_true(paired.figure[0].high > paired.figure[3].low);
    rk_paired_release(&paired);
}

static void the_share_kept_is_that_of_two_models_alone(void **state)
{
    (void)state;
    rk_paired paired;
    rk_figure figures[2], kept;
    rk_error err;
    write_models();
    assert_int_equal(rk_paired_files(paths, MODELS, &(rk_run){.seed = 9}, &paired, &err), RK_OK);
    rk_evaluation best = evaluation_of(table_of[3], USERS, &figures[0]);
    for (unsigned m = 0; m < 3; m++) {
        rk_evaluation model = evaluation_of(table_of[m], USERS, &figures[1]);
        assert_int_equal(rk_evaluation_kept(&best, &model, "ndcg@20", &(rk_run){.seed = 9}, &kept, &err), RK_OK);
        assert_float_equal(paired.kept[m].value, kept.value, 1e-12);
        assert_float_equal(paired.kept[m].low, kept.low, 1e-12);
        assert_float_equal(paired.kept[m].high, kept.high, 1e-12);
    }
    assert_true(paired.kept[3].low == 1 && paired.kept[3].high == 1);
    rk_paired_release(&paired);
}

static void other_users_cannot_be_compared(void **state)
{
    (void)state;
    rk_paired paired;
    rk_figure figure;
    rk_error err;
    write_models();
    rk_evaluation fewer = evaluation_of(table_of[1], USERS - 1, &figure);
    assert_int_equal(rk_user_figures_write(&fewer, "ndcg@20", paths[1], &err), RK_OK);
    assert_int_equal(rk_paired_files(paths, 2, &(rk_run){0}, &paired, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "0.rk and 1.rk are of different users"));
    assert_int_equal(rk_user_figures_write(&fewer, "rmse", paths[1], &err), RK_BAD_INPUT);
    assert_int_equal(rk_paired_files((const char *const[]){"no.rk"}, 1, &(rk_run){0}, &paired, &err), RK_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_gain_of_every_user_is_a_difference_and_a_copy_is_none),
        cmocka_unit_test(the_share_kept_is_that_of_two_models_alone),
        cmocka_unit_test(other_users_cannot_be_compared),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
