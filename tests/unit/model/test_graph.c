/* test_graph.c - the filter against the same function of the dense matrix, folded users, reasons, threads, refusals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "math/eigen.h"
#include "support/test.h"

enum { USERS = 60, ITEMS = 40, EVENTS = 900, VECTORS = 6 };
static const double ALPHA = 0.7, ACTIVITY = 0.6, LOW_PASS = 0.1, SHARPEN = 0.8;

static double degree[ITEMS], filter[ITEMS][ITEMS]; /* f(P) with the weights of items before and after */

/* R of ones, A = D_u^(-activity / 2) R D_i^(-1/2), P = A'A by its largest eigenvalue, f of it. */
static void make_filter(const rk_csr *seen)
{
    static double a[USERS][ITEMS], p[ITEMS * ITEMS], value[ITEMS];
    memset(a, 0, sizeof a);
    memset(p, 0, sizeof p);
    memset(degree, 0, sizeof degree);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint64_t e = seen->start[u]; e < seen->start[u + 1]; e++) {
            degree[seen->col[e]] += 1;
        }
    }
    for (uint32_t u = 0; u < USERS; u++) {
        double n = (double)(seen->start[u + 1] - seen->start[u]);
        for (uint64_t e = seen->start[u]; e < seen->start[u + 1]; e++) {
            a[u][seen->col[e]] = pow(n, -ACTIVITY / 2) * pow(degree[seen->col[e]], -0.5);
        }
    }
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < ITEMS; j++) {
            for (size_t u = 0; u < USERS; u++) {
                p[i * ITEMS + j] += a[u][i] * a[u][j];
            }
            filter[i][j] = p[i * ITEMS + j];
        }
    }
    assert_true(rk_eigen_symmetric(p, ITEMS, value)); /* rows of p are the vectors; values in either order */
    double top = 0, last = 0;
    for (size_t k = 0; k < ITEMS; k++) {
        top = fmax(top, value[k]);
    }
    for (size_t k = 0; k < ITEMS; k++) { /* the VECTORS largest */
        size_t before = 0;
        for (size_t o = 0; o < ITEMS; o++) {
            before += value[o] > value[k];
        }
        last = before == VECTORS - 1 ? value[k] / top : last;
    }
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < ITEMS; j++) {
            filter[i][j] /= top;
        }
    }
    for (size_t k = 0; k < ITEMS; k++) {
        double e = value[k] / top, f = (e + LOW_PASS) * exp(-SHARPEN * (e - last)) - e;
        for (size_t i = 0; e >= last - 1e-12 && i < ITEMS; i++) {
            for (size_t j = 0; j < ITEMS; j++) {
                filter[i][j] += f * p[k * ITEMS + i] * p[k * ITEMS + j];
            }
        }
    }
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < ITEMS; j++) {
            filter[i][j] *= pow(degree[i], 0.5 - ALPHA) * pow(degree[j], ALPHA - 0.5);
        }
    }
}

static const char *const set[] = {"vectors=6",    "neighbours=1000", "alpha=0.7", "activity=0.6",
                                  "low-pass=0.1", "sharpen=0.8",     NULL};

static rk_model *open_graph(const fixture *f, char dir[64])
{
    char path[256];
    rk_model *model = NULL;
    rk_error err = {0};
    fixture_folder(dir);
    fixture_train_file(f, dir, "graph", fixture_path(path, dir, "graph.rk"), set);
    if (rk_model_open(path, &model, &err)) {
        print_error("%s\n", err.message);
    }
    assert_non_null(model);
    return model;
}

static void scores_are_the_filter_of_the_dense_matrix(void **state)
{
    (void)state;
    char dir[64];
    rk_csr seen = {0};
    rk_error err;
    rk_arena arena = {0};
    fixture f = fixture_random(51, USERS, ITEMS, EVENTS);
    rk_model *model = open_graph(&f, dir);
    assert_int_equal(rk_dataset_matrix(&f.dataset, RK_PAIR_ONE, &seen, &err), RK_OK);
    make_filter(&seen);
    for (uint32_t u = 0; u < USERS; u++) {
        rk_query query;
        float scores[ITEMS];
        rk_history history = rk_model_seen(model, u);
        assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
        rk_model_scores(model, &query, 0, ITEMS, scores);
        for (uint32_t i = 0, h = 0; i < ITEMS; i++) {
            double wanted = 0;
            h += h < history.n && history.item[h] < i;
            if (h < history.n && history.item[h] == i) {
                continue; /* an item is no neighbour of itself, and what was taken is masked */
            }
            for (size_t k = 0; k < history.n; k++) {
                wanted += filter[history.item[k]][i];
            }
            assert_true(fabs((double)scores[i] - wanted) < 0.01 * (0.1 + fabs(wanted))); /* the vectors' tolerance */
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    rk_csr_release(&seen);
    rk_model_close(model);
    fixture_remove(dir);
    fixture_release(&f);
}

static void reasons_add_up_to_the_score(void **state)
{
    (void)state;
    char dir[64];
    rk_error err;
    rk_arena arena = {0};
    fixture f = fixture_random(52, USERS, ITEMS, EVENTS);
    rk_model *model = open_graph(&f, dir);
    for (uint32_t u = 0; u < 10; u++) {
        rk_history seen = rk_model_seen(model, u);
        for (uint32_t i = 0; i < ITEMS; i++) {
            rk_query query;
            float share[ITEMS], score;
            double sum = 0;
            assert_int_equal(rk_model_encode(model, seen, &arena, &query, &err), RK_OK);
            rk_model_scores(model, &query, i, 1, &score);
            assert_int_equal(rk_model_kind_of(model)->explain(model, seen, &i, 1, &arena, share, &err), RK_OK);
            for (size_t h = 0; h < seen.n; h++) {
                sum += (double)share[h];
            }
            assert_true(fabs(sum - (double)score) < 1e-4);
            rk_arena_clear(&arena);
        }
    }
    rk_arena_release(&arena);
    rk_model_close(model);
    fixture_remove(dir);
    fixture_release(&f);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    fixture f = fixture_random(53, 400, 200, 9000);
    rk_model_draft one = fixture_train(&f, "graph", 1, set);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        rk_model_draft more = fixture_train(&f, "graph", threads, set);
        assert_memory_equal(one.item_vector, more.item_vector, 200 * VECTORS * sizeof(float));
        assert_memory_equal(one.encode, more.encode, one.n_encode * sizeof(float));
        assert_memory_equal(one.near.value, more.near.value, one.near.start[200] * sizeof(float));
        rk_model_draft_release(&more);
    }
    rk_model_draft_release(&one);
    fixture_release(&f);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    fixture f = fixture_random(54, 10, 8, 60);
    const rk_model_kind *kind = rk_model_kind_find("graph");
    static const char *const foolish[] = {"vectors=100", "vectors=0"};
    for (size_t c = 0; c < RK_COUNT_OF(foolish); c++) {
        rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
        rk_model_draft draft = {0};
        rk_run run = {.seed = 1};
        rk_error err = {0};
        rk_options_defaults(table);
        assert_int_equal(rk_options_set(table, foolish[c], &err), RK_OK);
        assert_int_equal(rk_options_set(table, "neighbours=0", &err), RK_OK);
        assert_int_not_equal(kind->train(&f.dataset, table.settings, &run, &draft, &err), RK_OK);
        assert_non_null(strstr(err.message, "graph: vectors"));
        rk_model_draft_release(&draft);
        rk_options_release(table);
        free(table.settings);
    }
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_the_filter_of_the_dense_matrix),
        cmocka_unit_test(reasons_add_up_to_the_score),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
