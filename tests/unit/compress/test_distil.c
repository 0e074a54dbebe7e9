/* test_distil.c - the exam that says when a student has learnt enough, and what he is measured against. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/baseline.h"
#include "compress/compress.h"
#include "compress/exam.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 200, ITEMS = 90, TASTES = 3, EACH = 12, LIST = 20 };

typedef struct {
    small_folder at;
    bool pairs[USERS * ITEMS];
    rk_model *teacher;
} shop;

/* Users of three tastes, each with items of its own; some with next to nothing. */
static int make_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    rk_error err = {0};
    small_folder_make(&s->at);
    rk_random random = rk_random_of(9, 0);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t e = 0; e < (u % 7 == 0 ? 2 : EACH); e++) {
            uint32_t taste = rk_random_below(&random, 10) == 0 ? rk_random_below(&random, TASTES) : u % TASTES;
            s->pairs[u * ITEMS + rk_random_below(&random, ITEMS / TASTES) * TASTES + taste] = true;
        }
    }
    small_dataset_write(&(small_dataset){.n_users = USERS, .n_items = ITEMS, .is_pair = s->pairs}, s->at.data);
    assert_int_equal(rk_model_train(s->at.data, "itemknn", NULL, 0, s->at.model, &(rk_run){0}, &err), RK_OK);
    s->teacher = small_model_open(s->at.model);
    *state = s;
    return 0;
}

static int remove_shop(void **state)
{
    shop *s = *state;
    rk_model_close(s->teacher);
    small_folder_remove(&s->at);
    free(s);
    return 0;
}

static rk_exam exam_of(const shop *s, uint64_t seed, uint64_t patience)
{
    static rk_run run;
    rk_error err = {0};
    rk_exam exam;
    run = (rk_run){.seed = seed};
    assert_int_equal(rk_exam_set(s->teacher, 15, patience, &run, &exam, &err), RK_OK);
    return exam;
}

static bool has(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i] == item) {
            return true;
        }
    }
    return false;
}

static void a_fifth_is_hidden_and_by_the_seed(void **state)
{
    const shop *s = *state;
    rk_exam one = exam_of(s, 1, 0), same = exam_of(s, 1, 0), other = exam_of(s, 2, 0);
    assert_int_equal(one.n, 15);
    for (uint32_t i = 0; i < one.n; i++) {
        rk_history seen = rk_model_seen(s->teacher, one.user[i]), known = rk_exam_known(&one, one.user[i]);
        const uint32_t *hidden = one.hidden + one.start[i];
        size_t n_hidden = one.start[i + 1] - one.start[i] - one.n_known[i];
        assert_true(i == 0 || one.user[i] > one.user[i - 1]);
        assert_int_equal(n_hidden, seen.n / 5);
        assert_int_equal(n_hidden + known.n, seen.n);
        for (size_t h = 0; h < seen.n; h++) {
            assert_true(has(hidden, n_hidden, seen.item[h]) != has(known.item, known.n, seen.item[h]));
        }
    }
    assert_memory_equal(one.user, same.user, one.n * sizeof *one.user);
    assert_memory_equal(one.hidden, same.hidden, one.n_known[0]);
    assert_memory_not_equal(one.user, other.user, one.n * sizeof *one.user);
    for (uint32_t u = 0; u < USERS; u++) { /* of the others all is known */
        bool is_examined = has(one.user, one.n, u);
        assert_true(is_examined || rk_exam_known(&one, u).n == rk_model_seen(s->teacher, u).n);
    }
    rk_exam_release(&one);
    rk_exam_release(&same);
    rk_exam_release(&other);
}

/* Lists made in the knowledge of what is hidden would tell of it. */
static void lists_are_of_what_is_known(void **state)
{
    const shop *s = *state;
    rk_error err = {0};
    rk_run run = {0};
    rk_lists lists = {0}, before = {0};
    rk_exam exam = exam_of(s, 1, 0);
    assert_int_equal(rk_lists_make(s->teacher, 10, &run, &lists, &err), RK_OK);
    assert_int_equal(rk_lists_make(s->teacher, 10, &run, &before, &err), RK_OK);
    assert_int_equal(rk_exam_forget(&exam, &lists, &err), RK_OK);
    for (uint32_t u = 0; u < USERS; u++) {
        rk_arena arena = {0};
        rk_query query;
        uint32_t items[10], n = 0;
        float scores[10];
        rk_history known = rk_exam_known(&exam, u);
        assert_int_equal(rk_model_encode(s->teacher, known, &arena, &query, &err), RK_OK);
        assert_int_equal(rk_model_best(s->teacher, &query, known.item, known.n, 10, items, scores, &n, &err), RK_OK);
        assert_memory_equal(lists.item + u * 10, has(exam.user, exam.n, u) ? items : before.item + u * 10,
                            n * sizeof *items);
        rk_arena_release(&arena);
    }
    rk_lists_release(&lists);
    rk_lists_release(&before);
    rk_exam_release(&exam);
}

/* NDCG@20 of the hidden, by sorting all items; each: of every user. */
static double slow_ndcg(const rk_exam *e, const float *users, const float *items, size_t width, size_t dim,
                        double *each)
{
    double sum = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        const uint32_t *hidden = e->hidden + e->start[i];
        size_t n_hidden = e->start[i + 1] - e->start[i] - e->n_known[i];
        double gain = 0, most = 0;
        bool is_out[ITEMS] = {0};
        for (size_t k = 0; k < e->n_known[i]; k++) {
            is_out[e->known[e->start[i] + k]] = true;
        }
        for (size_t rank = 1; rank <= LIST; rank++) {
            uint32_t best = RK_NO_ID;
            double most_like = 0;
            for (uint32_t item = 0; item < ITEMS; item++) {
                double like = 0;
                for (size_t d = 0; d < dim; d++) {
                    like += (double)users[e->user[i] * width + d] * (double)items[item * width + d];
                }
                if (!is_out[item] && (best == RK_NO_ID || like > most_like)) {
                    best = item;
                    most_like = like;
                }
            }
            is_out[best] = true;
            gain += has(hidden, n_hidden, best) ? 1 / log2((double)rank + 1) : 0;
            most += rank <= n_hidden ? 1 / log2((double)rank + 1) : 0;
        }
        each[i] = gain / most;
        sum += each[i];
    }
    return sum / e->n;
}

static void the_best_epoch_is_known_and_patience_ends(void **state)
{
    enum { DIM = 5, WIDTH = 16, EPOCHS = 40 };
    const shop *s = *state;
    static float users[USERS * WIDTH], items[ITEMS * WIDTH];
    rk_error err = {0};
    rk_exam exam = exam_of(s, 3, 4);
    rk_contrast c = {.dots = rk_kernels_best(), .dim = DIM, .width = WIDTH};
    c.users = (rk_contrast_side){USERS, users, NULL};
    c.items = (rk_contrast_side){ITEMS, items, NULL};
    double best = -1, each[15], most[15] = {0};
    uint64_t best_epoch = 0, epoch = 1;
    for (bool is_over = false; epoch < EPOCHS && !is_over; epoch++) {
        rk_random random = rk_random_of(epoch, 5);
        for (size_t r = 0; r < USERS + ITEMS; r++) {
            for (size_t d = 0; d < DIM; d++) {
                (r < USERS ? users + r * WIDTH : items + (r - USERS) * WIDTH)[d] = (float)rk_random_normal(&random);
            }
            if (epoch == 4) { /* as it should be: by taste */
                (r < USERS ? users + r * WIDTH : items + (r - USERS) * WIDTH)[(r < USERS ? r : r - USERS) % TASTES] +=
                    9;
            }
        }
        double now = slow_ndcg(&exam, users, items, WIDTH, DIM, each), mean = best - now, variance = 0;
        for (size_t i = 0; i < 15; i++) {
            variance += pow(most[i] - each[i] - mean, 2) / (15 - 1);
        }
        bool is_good = now > best || mean <= sqrt(variance / 15);
        bool is_best = false;
        assert_int_equal(rk_exam_look(&exam, &c, epoch, &is_best, &is_over, &err), RK_OK);
        assert_int_equal(is_best, is_good);
        best_epoch = is_good ? epoch : best_epoch;
        if (now > best) {
            memcpy(most, each, sizeof most);
        }
        best = now > best ? now : best;
        assert_true(fabs(exam.best - best) < 1e-12);
        assert_int_equal(exam.best_epoch, best_epoch);
        assert_int_equal(is_over, epoch == best_epoch + 4);
    }
    assert_true(epoch < EPOCHS);
    rk_exam_release(&exam);
}

static double figure(const rk_model *model, const char *name)
{
    const json_t *meta = rk_artefact_meta(rk_model_artefact(model));
    const json_t *step = json_array_get(json_object_get(json_object_get(meta, "compression"), "steps"), 0);
    return json_number_value(json_object_get(step, name));
}

static rk_model *compressed(const shop *s, const char *to, rk_pool *pool)
{
    rk_error err = {0};
    rk_compression report;
    if (rk_compress(s->at.model, to, NULL, 0, s->at.small, &(rk_run){.pool = pool}, &report, &err)) {
        fail_msg("%s", err.message);
    }
    return small_model_open(s->at.small);
}

/* To stop early is to have learnt as long as one with as many epochs would have, and to go back. */
static void the_vectors_of_the_best_epoch_are_kept(void **state)
{
    const shop *s = *state;
    rk_pool *pool = rk_pool_new(3);
    rk_model *all = compressed(s, "distil(8,epochs=40,exam=20,patience=0)", NULL);
    double epochs = figure(all, "epochs"), best = figure(all, "best_epoch"), ndcg = figure(all, "exam_ndcg@20");
    assert_true(epochs == 40 && best >= 1 && best <= 40 && ndcg > 0.1);
    rk_model_close(all);
    rk_model *early = compressed(s, "distil(8,epochs=40,exam=20,patience=2)", NULL);
    epochs = figure(early, "epochs");
    best = figure(early, "best_epoch");
    assert_true(epochs <= 40 && epochs == fmin(40, best + 2));
    assert_true(figure(early, "exam_ndcg@20") <= ndcg);
    uint64_t hash = rk_artefact_hash(rk_model_artefact(early));
    rk_model_close(early);
    rk_model *again = compressed(s, "distil(8,epochs=40,exam=20,patience=2)", pool);
    assert_true(rk_artefact_hash(rk_model_artefact(again)) == hash);
    rk_model_close(again);
    rk_pool_free(pool);
}

/* Few numbers for many users: vectors lie in each other's direction, and a step away leaves next to nothing of one.
 */
static void short_vectors_of_a_tiny_shop_are_learnt(void **state)
{
    static const char *const to[] = {
        "distil(4,epochs=1)",          "distil(4,epochs=2,fall=10)", "distil(1,epochs=3)",
        "distil(1,epochs=2,seen=100)", "distil(2,step=100)",         "distil(2,temperature=0.01,seen=1000)",
        "distil(3,exam=0,step=1000)",
    };
    const shop *s = *state;
    for (size_t i = 0; i < RK_COUNT_OF(to); i++) {
        rk_model *student = compressed(s, to[i], NULL);
        const rk_section *vectors = rk_model_section(student, "item.vector");
        const float *vector = vectors->data;
        for (size_t item = 0; item < ITEMS; item++) {
            double square = 0;
            for (size_t d = 0; d < rk_model_dim(student); d++) {
                square += pow((double)vector[item * vectors->cols + d], 2);
            }
            assert_true(fabs(square - 1) < 1e-5); /* of up to 4 rounded numbers */
        }
        rk_model_close(student);
    }
}

/* ---- the baseline ---- */

static double slow_popular(const shop *s, const rk_lists *lists, const uint32_t *user, size_t n)
{
    size_t common = 0, all = 0;
    for (size_t u = 0; u < n; u++) {
        bool is_out[ITEMS];
        memcpy(is_out, s->pairs + user[u] * ITEMS, sizeof is_out);
        for (size_t rank = 0; rank < 5; rank++) {
            uint32_t best = RK_NO_ID, most = 0;
            for (uint32_t i = 0; i < ITEMS; i++) {
                uint32_t taken = 0;
                for (uint32_t v = 0; v < USERS; v++) {
                    taken += s->pairs[v * ITEMS + i];
                }
                if (!is_out[i] && (best == RK_NO_ID || taken > most)) {
                    best = i;
                    most = taken;
                }
            }
            is_out[best] = true;
            common += has(lists->item + user[u] * lists->depth, 5, best);
            all += lists->item[user[u] * lists->depth + rank] != RK_NO_ID;
        }
    }
    return (double)common / (double)all;
}

static void the_gain_is_measured_from_the_baseline(void **state)
{
    const shop *s = *state;
    static const uint32_t user[] = {1, 8, 60, 61, 150, 199};
    rk_error err = {0};
    rk_lists lists = {0};
    double popular, own;
    assert_int_equal(rk_lists_make(s->teacher, 10, &(rk_run){0}, &lists, &err), RK_OK);
    assert_int_equal(rk_baseline_agreement(s->teacher, &lists, user, 6, 5, NULL, &popular, &err), RK_OK);
    assert_true(fabs(popular - slow_popular(s, &lists, user, 6)) < 1e-12);
    assert_int_equal(rk_baseline_agreement(s->teacher, &lists, user, 6, 5, s->at.model, &own, &err), RK_OK);
    assert_true(fabs(own - 1) < 1e-12);
    rk_lists_release(&lists);
    rk_model *student = compressed(s, "distil(8,epochs=30)", NULL);
    double before = figure(student, "agreement_baseline"), after = figure(student, "agreement");
    assert_true(before < after);
    assert_true(fabs(figure(student, "gain_kept") - (after - before) / (1 - before)) < 1e-12);
    rk_model_close(student);
}

static void a_baseline_of_another_shop_is_refused(void **state)
{
    const shop *s = *state;
    rk_error err = {0};
    rk_compression report;
    char to[160];
    static const float ones[ITEMS * 2] = {1};
    small_model_write(&(small_model){3, ITEMS, 2, ones, ones}, s->at.again);
    snprintf(to, sizeof to, "distil(4,epochs=1,baseline=%s)", s->at.again);
    assert_int_equal(rk_compress(s->at.model, to, NULL, 0, s->at.small, &(rk_run){0}, &report, &err), RK_BAD_INPUT);
    if (!strstr(err.message, "knows other users or items than")) {
        fail_msg("got '%s'", err.message);
    }
}

static bool try_all(void *context)
{
    const shop *s = context;
    rk_error err;
    rk_compression report;
    bool is_done =
        rk_compress(s->at.model, "distil(4,epochs=2)", NULL, 0, s->at.small, &(rk_run){0}, &report, &err) == 0;
    assert_int_equal(access(s->at.small, F_OK), is_done ? 0 : -1);
    unlink(s->at.small);
    return is_done;
}

static void every_failed_allocation_is_survived(void **state)
{
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(try_all, *state) > 60);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_shop, remove_shop)
    const struct CMUnitTest tests[] = {
        CASE(a_fifth_is_hidden_and_by_the_seed),         CASE(lists_are_of_what_is_known),
        CASE(the_best_epoch_is_known_and_patience_ends), CASE(the_vectors_of_the_best_epoch_are_kept),
        CASE(short_vectors_of_a_tiny_shop_are_learnt),   CASE(the_gain_is_measured_from_the_baseline),
        CASE(a_baseline_of_another_shop_is_refused),     CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
