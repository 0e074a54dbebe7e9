/* test_ease.c - EASE against its closed form, SLIM against the conditions of its minimum, in double and written
 * plainly. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "support/test.h"

enum { USERS = 90, ITEMS = 40, EVENTS = 1500 }; /* every two items share a user, but for a few */

/* What the settings of a test mean. */
typedef struct {
    double lambda, dropout, activity;
} penalties;

/* G [n x n] of a draft's seen: users of k items count k^-activity, scaled so that events count 1 on average. */
static double *gram_of(const rk_model_draft *draft, double activity)
{
    size_t n = draft->n_items;
    const rk_csr *seen = &draft->seen;
    double *g = calloc(n * n, sizeof *g), events = 0, sum = 0;
    assert_non_null(g);
    for (uint32_t u = 0; u < seen->n_rows; u++) {
        double k = (double)(seen->start[u + 1] - seen->start[u]);
        events += k;
        sum += k > 0 ? k * pow(k, -activity) : 0;
    }
    for (uint32_t u = 0; u < seen->n_rows; u++) {
        double weight = pow((double)(seen->start[u + 1] - seen->start[u]), -activity) * events / sum;
        for (uint64_t a = seen->start[u]; a < seen->start[u + 1]; a++) {
            for (uint64_t b = seen->start[u]; b < seen->start[u + 1]; b++) {
                double both = seen->value ? (double)seen->value[a] * (double)seen->value[b] : 1;
                g[seen->col[a] * n + seen->col[b]] += weight * both;
            }
        }
    }
    return g;
}

/* Gauss and Jordan, in place. */
static void invert(double *a, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        double pivot = a[p * n + p];
        a[p * n + p] = 1;
        for (size_t j = 0; j < n; j++) {
            a[p * n + j] /= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = a[i * n + p];
            for (size_t j = 0; i != p && j < n; j++) {
                a[i * n + j] = (j == p ? 0 : a[i * n + j]) - factor * a[p * n + j];
            }
        }
    }
}

/* B [n x n] of the closed form. */
static double *closed_form(const rk_model_draft *draft, penalties of)
{
    size_t n = draft->n_items;
    double *p = gram_of(draft, of.activity);
    for (size_t i = 0; i < n; i++) {
        p[i * n + i] += of.lambda + of.dropout / (1 - of.dropout) * p[i * n + i];
    }
    invert(p, n);
    double *b = calloc(n * n, sizeof *b);
    assert_non_null(b);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            b[i * n + j] = i == j ? 0 : -p[i * n + j] / p[j * n + j];
        }
    }
    free(p);
    return b;
}

static double near_at(const rk_csr *near, size_t row, size_t col)
{
    for (uint64_t e = near->start[row]; e < near->start[row + 1]; e++) {
        if (near->col[e] == col) {
            return (double)near->value[e];
        }
    }
    return 0;
}

static void two_items_are_as_by_hand(void **state)
{
    (void)state;
    const float taken[] = {1, 1, 1, 0}; /* G + I = 3 1 / 1 2, its inverse a fifth of 2 -1 / -1 3 */
    const char *const set[] = {"lambda=1", "neighbours=0", NULL};
    fixture f = fixture_ratings(taken, 2, 2);
    rk_model_draft draft = fixture_train(&f, "ease", 1, set);
    assert_int_equal(draft.near.start[2], 2);
    assert_true(fabs(near_at(&draft.near, 0, 1) - 1.0 / 3) < 1e-7);
    assert_true(fabs(near_at(&draft.near, 1, 0) - 1.0 / 2) < 1e-7);
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

static void check_closed_form(const fixture *f, const char *const *set, penalties of)
{
    rk_model_draft draft = fixture_train(f, "ease", 2, set);
    double *b = closed_form(&draft, of);
    for (size_t i = 0; i < draft.n_items; i++) {
        for (size_t j = 0; j < draft.n_items; j++) {
            double got = near_at(&draft.near, i, j);
            assert_true(fabs(got - b[i * draft.n_items + j]) < 1e-5); /* condition number up to 100 */
        }
    }
    free(b);
    rk_model_draft_release(&draft);
}

static void weights_are_those_of_the_closed_form(void **state)
{
    (void)state;
    const char *const plain[] = {"lambda=20", "neighbours=0", NULL};
    const char *const most[] = {"lambda=20", "neighbours=39", NULL};
    const char *const all_set[] = {"lambda=7", "dropout=0.4", "activity=0.6", "weigh=log", "neighbours=0", NULL};
    fixture f = fixture_random(21, USERS, ITEMS, EVENTS);
    check_closed_form(&f, plain, (penalties){20, 0, 0});
    check_closed_form(&f, most, (penalties){20, 0, 0});
    check_closed_form(&f, all_set, (penalties){7, 0.4, 0.6});
    fixture_release(&f);
}

/* Each item's regression on all others is its column of the closed form. */
static void regressing_on_all_others_is_the_closed_form(void **state)
{
    (void)state;
    const char *const plain[] = {"lambda=20", "approximate=39", NULL};
    const char *const all_set[] = {"lambda=7", "dropout=0.4", "activity=0.6", "weigh=sum", "approximate=100", NULL};
    float taken[60 * 25];
    for (size_t cell = 0; cell < 60 * 25; cell++) { /* every two items share users */
        taken[cell] = (float)((cell * 7 + cell / 25 * 5) % 11 < 6);
    }
    fixture f = fixture_ratings(taken, 60, 25);
    check_closed_form(&f, plain, (penalties){20, 0, 0});
    check_closed_form(&f, all_set, (penalties){7, 0.4, 0.6});
    fixture_release(&f);
}

static int by_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x < y) - (x > y);
}

static void the_largest_weights_of_an_item_are_kept(void **state)
{
    (void)state;
    enum { KEPT = 5 };
    const char *const all[] = {"lambda=20", "neighbours=0", NULL}, *const few[] = {"lambda=20", "neighbours=5", NULL};
    const char *const large[] = {"lambda=20", "neighbours=0", "threshold=0.05", NULL};
    fixture f = fixture_random(22, USERS, ITEMS, EVENTS);
    rk_model_draft a = fixture_train(&f, "ease", 1, all), b = fixture_train(&f, "ease", 1, few);
    rk_model_draft c = fixture_train(&f, "ease", 1, large);
    for (size_t j = 0; j < ITEMS; j++) {
        double column[ITEMS];
        size_t n = 0;
        for (size_t i = 0; i < ITEMS; i++) {
            column[i] = near_at(&a.near, i, j);
        }
        qsort(column, ITEMS, sizeof *column, by_size);
        for (size_t i = 0; i < ITEMS; i++) {
            double whole = near_at(&a.near, i, j), kept = near_at(&b.near, i, j), above = near_at(&c.near, i, j);
            assert_true(fabs(kept) > 0 ? kept == whole && fabs(kept) >= fabs(column[KEPT - 1])
                                       : fabs(whole) <= fabs(column[KEPT - 1]));
            assert_true(above == (fabs((float)whole) > 0.05F ? whole : 0));
            n += fabs(kept) > 0;
        }
        assert_int_equal(n, KEPT);
    }
    rk_model_draft_release(&a);
    rk_model_draft_release(&b);
    rk_model_draft_release(&c);
    fixture_release(&f);
}

static void assert_same_near(const rk_csr *a, const rk_csr *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_memory_equal(a->start, b->start, (a->n_rows + 1) * sizeof *a->start);
    assert_memory_equal(a->col, b->col, a->start[a->n_rows] * sizeof *a->col);
    assert_memory_equal(a->value, b->value, a->start[a->n_rows] * sizeof *a->value);
}

static void the_thread_count_changes_no_bit(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        const char *set[4];
    } cases[] = {
        {"ease", {"lambda=10", "neighbours=50", "activity=0.5"}},
        {"ease", {"lambda=10", "neighbours=0"}},
        {"ease", {"lambda=10", "approximate=60", "neighbours=20", "dropout=0.3"}},
        {"slim", {"l1=0.3", "l2=10", "candidates=80"}},
    };
    fixture f = fixture_random(23, 800, 350, 12000);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const char *set[5] = {NULL};
        memcpy(set, cases[c].set, sizeof cases[c].set);
        rk_model_draft one = fixture_train(&f, cases[c].model, 1, set);
        for (unsigned n_threads = 2; n_threads <= 4; n_threads += 2) {
            rk_model_draft many = fixture_train(&f, cases[c].model, n_threads, set);
            assert_same_near(&one.near, &many.near);
            assert_true(json_equal(one.figures, many.figures));
            rk_model_draft_release(&many);
        }
        rk_model_draft_release(&one);
    }
    fixture_release(&f);
}

static void the_inverse_multiplied_back_is_nearly_one(void **state)
{
    (void)state;
    const char *const set[] = {"lambda=20", NULL};
    fixture f = fixture_random(24, 300, 120, 4000);
    rk_model_draft draft = fixture_train(&f, "ease", 1, set);
    double residual = json_real_value(json_object_get(draft.figures, "residual"));
    assert_true(residual > 0 && residual < 1e-5);
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

/* Everybody takes everything: all items are one, and only the penalty tells them apart. */
static void too_little_penalty_is_refused(void **state)
{
    (void)state;
    enum { CROWD = 400, SHELF = 120 };
    char dir[64], path[256], out[256];
    const char *const set[] = {"lambda=0.001"}, *const none[] = {"lambda=0"};
    rk_error err = {0};
    rk_run run = {.seed = 1};
    float *taken = malloc(CROWD * SHELF * sizeof *taken);
    assert_non_null(taken);
    for (size_t cell = 0; cell < CROWD * SHELF; cell++) {
        taken[cell] = 1;
    }
    fixture f = fixture_ratings(taken, CROWD, SHELF);
    fixture_folder(dir);
    fixture_write(&f, fixture_path(path, dir, "dataset.rk"));
    fixture_path(out, dir, "model.rk");
    assert_int_equal(rk_model_train(path, "ease", set, 1, out, &run, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "ease: "));
    assert_non_null(strstr(err.message, "single precision"));
    assert_non_null(strstr(err.message, "lambda"));
    assert_int_equal(rk_model_train(path, "ease", none, 1, out, &run, &err), RK_BAD_USAGE);
    fixture_remove(dir);
    fixture_release(&f);
    free(taken);
}

static void a_catalogue_that_does_not_fit_is_refused_with_its_figures(void **state)
{
    (void)state;
    const uint32_t n_items = 1000000; /* an inverse of 2 TB */
    char dir[64], path[256], out[256];
    rk_error err = {0};
    rk_run run = {.seed = 1};
    fixture f = fixture_random(25, 10, n_items, 50);
    fixture_folder(dir);
    fixture_write(&f, fixture_path(path, dir, "dataset.rk"));
    fixture_path(out, dir, "model.rk");
    assert_int_equal(rk_model_train(path, "ease", NULL, 0, out, &run, &err), RK_NO_MEMORY);
    assert_non_null(strstr(err.message, "training 'ease' would need about 2.0"));
    assert_non_null(strstr(err.message, "TB of memory, this machine has "));
    assert_non_null(strstr(err.message, "approximate=200 needs less"));
    fixture_remove(dir);
    fixture_release(&f);
}

/* ---- slim ---- */

/* How far weight w, whose gradient of everything but the l1 term is `slope` (downhill), is from its minimum. */
static double violation(double w, double slope, double l1, bool may_be_negative)
{
    if (fabs(w) > 0) {
        return fabs(slope - copysign(l1, w));
    }
    return fmax(0, (may_be_negative ? fabs(slope) : slope) - l1);
}

static void check_minimum(const fixture *f, const char *const *set, double l1, double l2, double activity)
{
    rk_model_draft draft = fixture_train(f, "slim", 2, set);
    size_t n = draft.n_items;
    double *g = gram_of(&draft, activity), *b = calloc(n * n, sizeof *b);
    bool may_be_negative = strcmp(set[0], "negative") == 0, has_negative = false;
    assert_non_null(b);
    for (size_t cell = 0; cell < n * n; cell++) {
        b[cell] = near_at(&draft.near, cell / n, cell % n);
        has_negative |= b[cell] < 0;
    }
    for (size_t j = 0; j < n; j++) {
        assert_true(fabs(b[j * n + j]) <= 0);
        for (size_t i = 0; i < n; i++) {
            double slope = g[i * n + j] - l2 * b[i * n + j];
            for (size_t k = 0; k < n; k++) {
                slope -= g[i * n + k] * b[k * n + j];
            }
            bool is_candidate = i != j && g[i * n + j] > 0;
            assert_true(!is_candidate || violation(b[i * n + j], slope, l1, may_be_negative) < 0.02); /* of 100 users */
        }
    }
    assert_int_equal(has_negative, may_be_negative);
    free(g);
    free(b);
    rk_model_draft_release(&draft);
}

static void weights_of_slim_meet_the_conditions_of_a_minimum(void **state)
{
    (void)state;
    const char *const plain[] = {"l1=2", "l2=5", "candidates=40", "tolerance=1e-6", NULL};
    const char *const ridge[] = {"negative", "l1=0", "l2=5", "candidates=40", "tolerance=1e-6", NULL};
    const char *const both[] = {"negative",        "l1=1.5",         "l2=10", "activity=0.5",
                                "candidates=1000", "tolerance=1e-6", NULL};
    fixture f = fixture_random(26, USERS, ITEMS, EVENTS);
    check_minimum(&f, plain, 2, 5, 0);
    check_minimum(&f, ridge, 0, 5, 0);
    check_minimum(&f, both, 1.5, 10, 0.5);
    fixture_release(&f);
}

static double weights_per_item(const fixture *f, const char *l1)
{
    const char *const set[] = {l1, "l2=5", NULL};
    rk_model_draft draft = fixture_train(f, "slim", 1, set);
    double n = json_real_value(json_object_get(draft.figures, "weights_per_item"));
    rk_model_draft_release(&draft);
    return n;
}

static void more_l1_leaves_fewer_weights(void **state)
{
    (void)state;
    fixture f = fixture_random(27, 200, 80, 3000);
    double little = weights_per_item(&f, "l1=0.5"), more = weights_per_item(&f, "l1=4");
    assert_true(more > 0 && more < little);
    assert_true(weights_per_item(&f, "l1=10000") <= 0);
    fixture_release(&f);
}

static void a_trained_file_answers_and_gives_exact_reasons(void **state)
{
    (void)state;
    static const char *const models[] = {"ease", "slim"};
    const char *const none[] = {NULL};
    fixture f = fixture_random(28, USERS, ITEMS, EVENTS);
    for (size_t m = 0; m < 2; m++) {
        char dir[64], path[256];
        rk_model *model = NULL;
        rk_error err = {0};
        rk_arena arena = {0};
        rk_query query;
        uint32_t items[5], n = 0, reasons[5];
        float scores[5];
        fixture_folder(dir);
        fixture_train_file(&f, dir, models[m], fixture_path(path, dir, "model.rk"), none);
        assert_int_equal(rk_model_open(path, &model, &err), RK_OK);
        rk_history seen = rk_model_seen(model, 3);
        assert_int_equal(rk_model_user_query(model, 3, &arena, &query, &err), RK_OK);
        assert_int_equal(rk_model_best(model, &query, seen.item, seen.n, 5, items, scores, &n, &err), RK_OK);
        assert_int_equal(n, 5);
        assert_int_equal(rk_model_reasons(model, seen, items, 5, 1, &arena, reasons, &err), RK_OK);
        assert_int_not_equal(reasons[0], RK_NO_ID);
        rk_arena_release(&arena);
        rk_model_close(model);
        fixture_remove(dir);
    }
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_items_are_as_by_hand),
        cmocka_unit_test(weights_are_those_of_the_closed_form),
        cmocka_unit_test(regressing_on_all_others_is_the_closed_form),
        cmocka_unit_test(the_largest_weights_of_an_item_are_kept),
        cmocka_unit_test(the_thread_count_changes_no_bit),
        cmocka_unit_test(the_inverse_multiplied_back_is_nearly_one),
        cmocka_unit_test(too_little_penalty_is_refused),
        cmocka_unit_test(a_catalogue_that_does_not_fit_is_refused_with_its_figures),
        cmocka_unit_test(weights_of_slim_meet_the_conditions_of_a_minimum),
        cmocka_unit_test(more_l1_leaves_fewer_weights),
        cmocka_unit_test(a_trained_file_answers_and_gives_exact_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
