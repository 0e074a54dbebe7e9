/* test_eval_index.c - lists that an index of the model finds are judged as they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/near.h"
#include "support/eval_shop.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { N_CUTS = 3 };

typedef struct {
    rk_evaluation whole, found;
} judged;

/* A shop without ties, and an index of its model at p->small. */
static shop *make_shop(const eval_paths *p, const char *kind, const char *setting, double recall)
{
    rk_error err = {0};
    rk_near_report report;
    rk_random random = rk_random_of(5, 1);
    shop *s = shop_random(9, true);
    for (size_t i = 0; i < SHOP_ITEMS * SHOP_DIM; i++) {
        s->items[i] = (float)rk_random_normal(&random);
    }
    for (size_t i = 0; i < SHOP_USERS * SHOP_DIM; i++) {
        s->users[i] = (float)rk_random_normal(&random);
    }
    shop_write(s, true, p);
    rk_near_options options = {kind, recall, &setting, setting ? 1 : 0};
    if (rk_near_build(p->model, &options, p->small, &(rk_run){.seed = 1}, &report, &err)) {
        fail_msg("%s", err.message);
    }
    return s;
}

static judged judge(const eval_paths *p, rk_eval_plan plan, rk_run run)
{
    judged j = {.whole = eval_files(p->model, p->test, p->train, plan, run)};
    plan.index_path = p->small;
    j.found = eval_files(p->model, p->test, p->train, plan, run);
    return j;
}

static void release(judged *j)
{
    rk_evaluation_release(&j->whole);
    rk_evaluation_release(&j->found);
}

/* With masked items, repeats, and lists longer than the catalogue. */
static void an_exact_index_gives_the_same_figures(void **state)
{
    const eval_paths *p = *state;
    rk_eval_plan plan = {{1, 20, SHOP_ITEMS + 500}, N_CUTS, false, {true, true}};
    free(make_shop(p, "flat", "numbers=f32", 1));
    judged j = judge(p, plan, (rk_run){.seed = 1});
    assert_non_null(rk_evaluation_find(&j.whole, "auc"));
    assert_null(rk_evaluation_find(&j.found, "auc"));
    assert_int_equal(j.found.n_figures, j.whole.n_figures - 1);
    for (size_t i = 0; i < j.found.n_figures; i++) {
        const rk_figure *figure = &j.found.figure[i];
        eval_expect(&j.whole, figure->key, figure->value);
    }
    assert_int_equal(j.found.repeats, j.whole.repeats);
    assert_int_equal(j.found.n_strata, j.whole.n_strata);
    release(&j);
}

/* What an index misses is missed: user by user the recall of its lists, asked one at a time. */
static void a_poor_index_is_judged_by_what_it_finds(void **state)
{
    const eval_paths *p = *state;
    rk_eval_plan plan = {{20}, 1, false};
    shop *s = make_shop(p, "ivf", "lists=40", 0.5);
    judged j = judge(p, plan, (rk_run){.seed = 1});
    rk_error err = {0};
    rk_model *model;
    rk_near *near;
    assert_int_equal(rk_model_open(p->model, &model, &err), RK_OK);
    assert_int_equal(rk_near_open(p->small, model, &near, &err), RK_OK);
    static shop_ranking ranked;
    double sum = 0;
    unsigned n = 0;
    for (uint32_t u = 0; u < SHOP_USERS; u++) {
        rk_arena arena = {0};
        rk_query query;
        uint32_t skip[SHOP_ITEMS], list[20];
        size_t n_skip = 0;
        shop_rank(s, u, (shop_how){.with_bias = true, .with_train = true}, &ranked);
        for (uint32_t i = 0; i < SHOP_ITEMS; i++) {
            if (ranked.is_masked[i]) {
                skip[n_skip++] = i;
            }
        }
        if (ranked.n_test == 0) {
            continue;
        }
        rk_topk *topk = rk_topk_new(20);
        assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
        rk_filter filter = {.skip = skip, .n_skip = n_skip};
        assert_int_equal(rk_near_offer(near, &query, &filter, 20, topk, &err), RK_OK);
        size_t n_list = rk_topk_take(topk, list, NULL), n_hits = 0;
        for (size_t r = 0; r < n_list; r++) {
            assert_false(ranked.is_masked[list[r]]);
            n_hits += ranked.is_test[list[r]];
        }
        sum += (double)n_hits / (double)ranked.n_test;
        n++;
        rk_topk_free(topk);
        rk_arena_release(&arena);
    }
    eval_expect(&j.found, "recall@20", sum / n);
    assert_true(eval_value(&j.found, "recall@20") != eval_value(&j.whole, "recall@20"));
    rk_near_close(near);
    rk_model_close(model);
    release(&j);
    free(s);
}

static void figures_are_the_same_for_any_number_of_threads(void **state)
{
    const eval_paths *p = *state;
    rk_eval_plan plan = {{1, 5, 20}, N_CUTS, false, .index_path = p->small};
    free(make_shop(p, "hnsw", NULL, 0.7));
    rk_evaluation one = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 3});
    rk_pool *pool = rk_pool_new(3);
    rk_evaluation three = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 3, .pool = pool});
    assert_int_equal(one.n_rows * one.n_columns, three.n_rows * three.n_columns);
    assert_memory_equal(one.table, three.table, one.n_rows * one.n_columns * sizeof(double));
    rk_pool_free(pool);
    rk_evaluation_release(&one);
    rk_evaluation_release(&three);
}

static void an_index_of_another_model_is_refused(void **state)
{
    const eval_paths *p = *state;
    rk_error err = {0};
    rk_evaluation none;
    rk_eval_plan plan = {{20}, 1, false, .index_path = p->small};
    shop *s = make_shop(p, "flat", NULL, 0.9);
    s->items[0] += 1;
    shop_write(s, true, p);
    assert_int_equal(rk_evaluate_files(p->model, p->test, NULL, &plan, &(rk_run){.seed = 1}, &none, &err),
                     RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "is an index of another model"));
    plan.index_path = p->test;
    assert_int_not_equal(rk_evaluate_files(p->model, p->test, NULL, &plan, &(rk_run){.seed = 1}, &none, &err), RK_OK);
    plan.index_path = "/nowhere.rk";
    assert_int_not_equal(rk_evaluate_files(p->model, p->test, NULL, &plan, &(rk_run){.seed = 1}, &none, &err), RK_OK);
    assert_non_null(strstr(err.message, "/nowhere.rk"));
    free(s);
}

static bool evaluate_again(void *context)
{
    const eval_paths *p = context;
    rk_eval_plan plan = {{5}, 1, false, .index_path = p->small};
    rk_error err = {0};
    rk_evaluation e;
    rk_status status = rk_evaluate_files(p->model, p->test, NULL, &plan, &(rk_run){.seed = 1}, &e, &err);
    if (status == RK_OK) {
        rk_evaluation_release(&e);
        return true;
    }
    assert_int_equal(status, RK_NO_MEMORY);
    return false;
}

static void no_memory_is_told_and_leaks_nothing(void **state)
{
    eval_paths *p = *state;
    free(make_shop(p, "flat", NULL, 0.9));
    assert_true(fault_some(evaluate_again, p) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_exact_index_gives_the_same_figures, eval_make_folder, eval_remove_folder),
        cmocka_unit_test_setup_teardown(a_poor_index_is_judged_by_what_it_finds, eval_make_folder, eval_remove_folder),
        cmocka_unit_test_setup_teardown(figures_are_the_same_for_any_number_of_threads, eval_make_folder,
                                        eval_remove_folder),
        cmocka_unit_test_setup_teardown(an_index_of_another_model_is_refused, eval_make_folder, eval_remove_folder),
        cmocka_unit_test_setup_teardown(no_memory_is_told_and_leaks_nothing, eval_make_folder, eval_remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
