/* test_als.c - implicit ALS against the normal equations of the paper, dense, in double, by elimination. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "support/test.h"

enum { USERS = 60, ITEMS = 45, EVENTS = 900, DIM = 13 };

static const double LAMBDA = 0.02, EXPONENT = 0.7, UNOBSERVED = 0.3, ALPHA = 1.5;
#define WEIGHTS "lambda=0.02", "exponent=0.7", "unobserved=0.3", "alpha=1.5", "weigh=sum", "factors=13"

/* Gaussian elimination with pivots: A x = b, in place of b. */
static void eliminate(double *a, double *b, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        size_t pivot = c;
        for (size_t r = c + 1; r < n; r++) {
            pivot = fabs(a[r * n + c]) > fabs(a[pivot * n + c]) ? r : pivot;
        }
        for (size_t k = 0; k < n; k++) {
            double swapped = a[c * n + k];
            a[c * n + k] = a[pivot * n + k];
            a[pivot * n + k] = swapped;
        }
        double swapped = b[c];
        b[c] = b[pivot];
        b[pivot] = swapped;
        for (size_t r = 0; r < n; r++) {
            double factor = r == c ? 0 : a[r * n + c] / a[c * n + c];
            for (size_t k = c; k < n; k++) {
                a[r * n + k] -= factor * a[c * n + k];
            }
            b[r] -= factor * b[c];
        }
    }
    for (size_t c = 0; c < n; c++) {
        b[c] /= a[c * n + c];
    }
}

static double confidence(float value) { return ALPHA * log2(1 + (double)value); }

/* The best vector of one user when the items are `y` [ITEMS x DIM]: Hu, Koren, Volinsky, equation 4. */
static void reference_user(const float *y, rk_history row, double *x)
{
    double a[DIM * DIM] = {0};
    memset(x, 0, DIM * sizeof *x);
    for (size_t i = 0; i < DIM; i++) {
        for (size_t j = 0; j < DIM; j++) {
            for (size_t t = 0; t < ITEMS; t++) {
                a[i * DIM + j] += UNOBSERVED * (double)y[t * DIM + i] * (double)y[t * DIM + j];
            }
            for (size_t e = 0; e < row.n; e++) {
                const float *v = y + row.item[e] * DIM;
                a[i * DIM + j] += confidence(row.value[e]) * (double)v[i] * (double)v[j];
            }
        }
        a[i * DIM + i] += LAMBDA * pow((double)row.n + UNOBSERVED * ITEMS, EXPONENT);
        for (size_t e = 0; e < row.n; e++) {
            x[i] += (UNOBSERVED + confidence(row.value[e])) * (double)y[row.item[e] * DIM + i];
        }
    }
    eliminate(a, x, DIM);
}

static rk_history row_of(const rk_csr *csr, uint32_t u)
{
    return (rk_history){csr->col + csr->start[u], csr->value + csr->start[u], csr->start[u + 1] - csr->start[u]};
}

static void assert_same_vector(const float *got, const double *wanted, double tolerance)
{
    for (size_t d = 0; d < DIM; d++) {
        assert_true(fabs((double)got[d] - wanted[d]) < tolerance);
    }
}

static void users_solve_the_normal_equations_of_the_paper(void **state)
{
    (void)state;
    const char *const set[] = {WEIGHTS, "iterations=3", "solver=cholesky", NULL};
    fixture f = fixture_random(7, USERS, ITEMS, EVENTS);
    rk_model_draft draft = fixture_train(&f, "als", 1, set);
    for (uint32_t u = 0; u < USERS; u++) {
        double x[DIM];
        reference_user(draft.item_vector, row_of(&draft.seen, u), x);
        assert_same_vector(draft.user_vector + u * DIM, x, 2e-5); /* single against double precision */
    }
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

static double loss_at(const rk_model_draft *draft, size_t i)
{
    return json_real_value(json_array_get(json_object_get(draft->figures, "loss"), i));
}

/* The objective, term by term. */
static double reference_loss(const rk_model_draft *d)
{
    size_t n_by_item[ITEMS] = {0};
    double loss = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        rk_history row = row_of(&d->seen, u);
        double square = 0;
        for (uint32_t i = 0, e = 0; i < ITEMS; i++) {
            double score = 0;
            for (size_t k = 0; k < DIM; k++) {
                score += (double)d->user_vector[u * DIM + k] * (double)d->item_vector[i * DIM + k];
            }
            bool is_taken = e < row.n && row.item[e] == i;
            double c = is_taken ? UNOBSERVED + confidence(row.value[e]) : UNOBSERVED;
            loss += c * ((is_taken ? 1 : 0) - score) * ((is_taken ? 1 : 0) - score);
            n_by_item[i] += is_taken;
            e += is_taken;
        }
        for (size_t k = 0; k < DIM; k++) {
            square += (double)d->user_vector[u * DIM + k] * (double)d->user_vector[u * DIM + k];
        }
        loss += LAMBDA * pow((double)row.n + UNOBSERVED * ITEMS, EXPONENT) * square;
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        double square = 0;
        for (size_t k = 0; k < DIM; k++) {
            square += (double)d->item_vector[i * DIM + k] * (double)d->item_vector[i * DIM + k];
        }
        loss += LAMBDA * pow((double)n_by_item[i] + UNOBSERVED * USERS, EXPONENT) * square;
    }
    return loss;
}

static void the_loss_is_the_objective_and_falls(void **state)
{
    (void)state;
    static const char *const solvers[] = {"solver=cholesky", "solver=cg"};
    fixture f = fixture_random(8, USERS, ITEMS, EVENTS);
    for (size_t s = 0; s < 2; s++) {
        const char *const set[] = {WEIGHTS, "iterations=12", "loss", solvers[s], NULL};
        rk_model_draft draft = fixture_train(&f, "als", 2, set);
        for (size_t i = 1; i < 12; i++) {
            assert_true(loss_at(&draft, i) <= loss_at(&draft, i - 1) * (1 + 1e-6));
        }
        double wanted = reference_loss(&draft);
        assert_true(fabs(loss_at(&draft, 11) - wanted) < 1e-4 * wanted);
        rk_model_draft_release(&draft);
    }
    fixture_release(&f);
}

static void enough_steps_of_conjugate_gradients_are_exact(void **state)
{
    (void)state;
    const char *const exact[] = {WEIGHTS, "iterations=2", "solver=cholesky", NULL};
    const char *const steps[] = {WEIGHTS, "iterations=2", "solver=cg", "steps=60", NULL};
    fixture f = fixture_random(9, USERS, ITEMS, EVENTS);
    rk_model_draft a = fixture_train(&f, "als", 1, exact), b = fixture_train(&f, "als", 1, steps);
    for (size_t i = 0; i < (size_t)USERS * DIM; i++) {
        assert_true(fabsf(a.user_vector[i] - b.user_vector[i]) < 1e-3F);
    }
    rk_model_draft_release(&a);
    rk_model_draft_release(&b);
    fixture_release(&f);
}

static void the_thread_count_changes_no_bit(void **state)
{
    (void)state;
    static const char *const solvers[] = {"solver=cholesky", "solver=cg"};
    fixture f = fixture_random(10, 700, 300, 9000);
    for (size_t s = 0; s < 2; s++) {
        const char *const set[] = {"factors=20", "iterations=3", "loss", solvers[s], NULL};
        rk_model_draft one = fixture_train(&f, "als", 1, set);
        for (unsigned n_threads = 2; n_threads <= 4; n_threads += 2) {
            rk_model_draft many = fixture_train(&f, "als", n_threads, set);
            assert_memory_equal(one.user_vector, many.user_vector, 700 * 20 * sizeof(float));
            assert_memory_equal(one.item_vector, many.item_vector, 300 * 20 * sizeof(float));
            assert_memory_equal(one.encode, many.encode, one.n_encode * sizeof(float));
            assert_true(json_equal(one.figures, many.figures));
            rk_model_draft_release(&many);
        }
        rk_model_draft_release(&one);
    }
    fixture_release(&f);
}

static void a_history_longer_than_the_room_is_folded_exactly(void **state)
{
    (void)state;
    enum { CROWD = 17000, WIDTH = 64 }; /* one item for everybody: longer than 4 MB of vectors */
    const char *const cg[] = {"factors=64", "iterations=2", "steps=40", NULL};
    const char *const exact[] = {"factors=64", "iterations=2", "solver=cholesky", NULL};
    float *rating = calloc((size_t)CROWD * 3, sizeof *rating);
    for (size_t u = 0; u < CROWD; u++) {
        rating[u * 3] = 1;
        rating[u * 3 + 1 + u % 2] = 1;
    }
    fixture f = fixture_ratings(rating, CROWD, 3);
    rk_model_draft a = fixture_train(&f, "als", 2, cg), b = fixture_train(&f, "als", 2, exact);
    for (size_t u = 0; u < CROWD; u++) {
        float score[2] = {0, 0};
        for (size_t d = 0; d < WIDTH; d++) {
            score[0] += a.user_vector[u * WIDTH + d] * a.item_vector[d];
            score[1] += b.user_vector[u * WIDTH + d] * b.item_vector[d];
        }
        assert_true(fabsf(score[0] - score[1]) < 1e-3F && score[0] > 0.5F);
    }
    rk_model_draft_release(&a);
    rk_model_draft_release(&b);
    fixture_release(&f);
    free(rating);
}

/* Opens a model trained on f, WEIGHTS, and leaves it in *model. */
static void open_trained(const fixture *f, char dir[64], rk_model **model)
{
    const char *const set[] = {WEIGHTS, "iterations=4", "solver=cholesky", NULL};
    char path[256];
    rk_error err = {0};
    fixture_folder(dir);
    fixture_train_file(f, dir, "als", fixture_path(path, dir, "model.rk"), set);
    assert_int_equal(rk_model_open(path, model, &err), RK_OK);
}

static void folding_in_a_known_history_gives_the_trained_user(void **state)
{
    (void)state;
    char dir[64];
    rk_model *model = NULL;
    rk_error err = {0};
    rk_arena arena = {0};
    fixture f = fixture_random(11, USERS, ITEMS, EVENTS);
    open_trained(&f, dir, &model);
    for (uint32_t u = 0; u < USERS; u++) {
        rk_query trained, folded;
        assert_int_equal(rk_model_user_query(model, u, &arena, &trained, &err), RK_OK);
        assert_int_equal(rk_model_encode(model, rk_model_seen(model, u), &arena, &folded, &err), RK_OK);
        for (size_t d = 0; d < DIM; d++) {
            assert_true(fabsf(trained.vector[d] - folded.vector[d]) < 1e-5F);
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    rk_model_close(model);
    fixture_remove(dir);
    fixture_release(&f);
}

static void the_shares_of_a_history_add_up_to_the_score(void **state)
{
    (void)state;
    char dir[64];
    rk_model *model = NULL;
    rk_error err = {0};
    rk_arena arena = {0};
    const uint32_t items[] = {0, 17, 44};
    fixture f = fixture_random(12, USERS, ITEMS, EVENTS);
    open_trained(&f, dir, &model);
    for (uint32_t u = 0; u < USERS; u++) { /* histories shorter and longer than the vectors */
        rk_history seen = rk_model_seen(model, u);
        float share[3 * ITEMS], score;
        rk_query query;
        assert_int_equal(rk_model_encode(model, seen, &arena, &query, &err), RK_OK);
        assert_int_equal(rk_model_kind_of(model)->explain(model, seen, items, 3, &arena, share, &err), RK_OK);
        for (size_t i = 0; i < 3; i++) {
            double sum = 0;
            for (size_t h = 0; h < seen.n; h++) {
                sum += (double)share[i * seen.n + h];
            }
            rk_model_scores(model, &query, items[i], 1, &score);
            assert_true(fabs(sum - (double)score) < 1e-4);
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    rk_model_close(model);
    fixture_remove(dir);
    fixture_release(&f);
}

static void an_empty_history_asks_for_nothing(void **state)
{
    (void)state;
    char dir[64];
    rk_model *model = NULL;
    rk_error err = {0};
    rk_arena arena = {0};
    rk_query query;
    fixture f = fixture_random(13, USERS, ITEMS, EVENTS);
    open_trained(&f, dir, &model);
    assert_int_equal(rk_model_encode(model, (rk_history){0}, &arena, &query, &err), RK_OK);
    for (size_t d = 0; d < DIM; d++) {
        assert_true(query.vector[d] == 0 && query.bias == 0);
    }
    rk_arena_release(&arena);
    rk_model_close(model);
    fixture_remove(dir);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_solve_the_normal_equations_of_the_paper),
        cmocka_unit_test(the_loss_is_the_objective_and_falls),
        cmocka_unit_test(enough_steps_of_conjugate_gradients_are_exact),
        cmocka_unit_test(the_thread_count_changes_no_bit),
        cmocka_unit_test(a_history_longer_than_the_room_is_folded_exactly),
        cmocka_unit_test(folding_in_a_known_history_gives_the_trained_user),
        cmocka_unit_test(the_shares_of_a_history_add_up_to_the_score),
        cmocka_unit_test(an_empty_history_asks_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
