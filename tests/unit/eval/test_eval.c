/* test_eval.c - figures against a case worked by hand and against a slow evaluator that sorts whole catalogues. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compress/compress.h"
#include "math/random.h"
#include "support/eval_shop.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

/* Three users, six items, k = 2. User vectors are unit vectors, so column u of item_vector is what u thinks of items.
 *
 *   user  scores of i0..i5   taken  test       ranking          hits to 2
 *   u0    6 5 4 3 2 1        i0     i1 i3      1 2 3 4 5        rank 1
 *   u1    1 1 1 1 1 1        -      i2         0 1 2 3 4 5      none (i2 is third: ties go to the smaller id)
 *   u2    1 2 3 4 5 6        i5     i0 i3 i4   4 3 2 1 0        ranks 1 and 2
 *
 *   recall     1/2, 0, 2/3          f1   2*1/(2+2), 0, 2*2/(2+3)
 *   precision  1/2, 0, 1            ndcg 1 / (1 + 1/log2 3), 0, 1
 *   map        (1/1)/2, 0, (1/1 + 2/2)/2          mrr 1, 0, 1
 *   auc        u0: i1 beats i2 i4 i5, i3 beats i4 i5: 5/6;  u1: five ties: 1/2;  u2: 2 + 2 + 0 of 6
 *   coverage   {1,2} {0,1} {4,3}: five of six
 */
static void figures_are_those_worked_by_hand(void **state)
{
    const eval_paths *p = *state;
    const float items[6 * 3] = {6, 1, 1, 5, 1, 2, 4, 1, 3, 3, 1, 4, 2, 1, 5, 1, 1, 6};
    const float users[3 * 3] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const bool seen[3 * 6] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const bool test[3 * 6] = {0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0};
    small_model_write(&(small_model){3, 6, 3, items, users, .seen = seen}, p->model);
    small_dataset_write(&(small_dataset){3, 6, test}, p->test);
    rk_evaluation e = eval_files(p->model, p->test, NULL, (rk_eval_plan){{2}, 1, false}, (rk_run){.seed = 1});
    eval_expect(&e, "recall@2", (0.5 + 0 + 2.0 / 3) / 3);
    eval_expect(&e, "precision@2", 1.5 / 3);
    eval_expect(&e, "f1@2", (0.5 + 0 + 0.8) / 3);
    eval_expect(&e, "hit_rate@2", 2.0 / 3);
    eval_expect(&e, "ndcg@2", (1 / (1 + 1 / log2(3)) + 0 + 1) / 3);
    eval_expect(&e, "map@2", 1.5 / 3);
    eval_expect(&e, "mrr@2", 2.0 / 3);
    eval_expect(&e, "auc", (5.0 / 6 + 0.5 + 4.0 / 6) / 3);
    eval_expect(&e, "coverage@2", 5.0 / 6);
    assert_int_equal(e.users, 3);
    assert_int_equal(e.test_pairs, 6);
    assert_null(rk_evaluation_find(&e, "rmse"));
    const rk_figure *recall = rk_evaluation_find(&e, "recall@2");
    assert_true(recall->has_interval && recall->low >= 0 && recall->low <= recall->value);
    assert_true(recall->high >= recall->value && recall->high <= 2.0 / 3);
    rk_evaluation_release(&e);
}

/* ---- the slow evaluator ---- */

enum { N_CUTS = 3 };

typedef struct {
    double recall, precision, f1, hit_rate, ndcg, map, mrr, coverage;
} slow_figures;

typedef struct {
    slow_figures at[N_CUTS];
    double auc;
    unsigned users;
} slow_result;

/* Adds one user's figures for the first k of a whole ranking, straight from the definitions. */
static void add_slow_figures(const uint32_t *ranking, size_t n, const bool *is_test, size_t n_test, uint32_t k,
                             slow_figures *sum, bool *covered)
{
    double hits = 0, gain = 0, ideal = 0, precisions = 0, first = 0;
    for (size_t r = 1; r <= k; r++) {
        if (r <= n) {
            covered[ranking[r - 1]] = true;
        }
        if (r <= n && is_test[ranking[r - 1]]) {
            hits++;
            gain += 1 / log2((double)r + 1);
            precisions += hits / (double)r;
            first = first > 0 ? first : 1 / (double)r;
        }
        ideal += r <= n_test ? 1 / log2((double)r + 1) : 0;
    }
    double precision = hits / k, recall = hits / (double)n_test;
    sum->recall += recall;
    sum->precision += precision;
    sum->f1 += hits > 0 ? 2 * precision * recall / (precision + recall) : 0;
    sum->hit_rate += hits > 0;
    sum->ndcg += gain / ideal;
    sum->map += precisions / (double)(n_test < k ? n_test : k);
    sum->mrr += first;
}

static double slow_auc(const shop_ranking *r, bool *is_defined)
{
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        for (size_t j = 0; j < SHOP_ITEMS && r->is_test[i] && !r->is_masked[i]; j++) {
            if (!r->is_test[j] && !r->is_masked[j]) {
                wins += r->score[i] > r->score[j] ? 1 : r->score[i] == r->score[j] ? 0.5 : 0;
                pairs++;
            }
        }
    }
    *is_defined = pairs > 0;
    return pairs > 0 ? wins / pairs : 0;
}

static slow_result slow_evaluate(const shop *s, shop_how how, rk_eval_plan plan)
{
    static bool covered[N_CUTS][SHOP_ITEMS];
    static shop_ranking ranked;
    slow_result result = {0};
    unsigned auc_users = 0;
    memset(covered, 0, sizeof covered);
    for (size_t u = 0; u < SHOP_USERS; u++) {
        bool is_defined;
        shop_rank(s, u, how, &ranked);
        if (ranked.n_test == 0) {
            continue;
        }
        for (size_t c = 0; c < plan.n_cuts; c++) {
            add_slow_figures(ranked.ranking, ranked.n, ranked.is_test, ranked.n_test, plan.cut[c], &result.at[c],
                             covered[c]);
        }
        result.auc += slow_auc(&ranked, &is_defined);
        auc_users += is_defined;
        result.users++;
    }
    for (size_t c = 0; c < plan.n_cuts; c++) {
        for (size_t i = 0; i < SHOP_ITEMS; i++) {
            result.at[c].coverage += covered[c][i];
        }
        result.at[c].coverage /= SHOP_ITEMS;
    }
    result.auc /= auc_users;
    return result;
}

static void expect_slow(const rk_evaluation *e, const slow_result *slow, rk_eval_plan plan)
{
    char key[32];
    double n = slow->users;
    assert_int_equal(e->users, slow->users);
    eval_expect(e, "auc", slow->auc);
    for (size_t c = 0; c < plan.n_cuts; c++) {
        const slow_figures *f = &slow->at[c];
        const struct {
            const char *name;
            double value;
        } rows[] = {{"recall", f->recall / n},     {"precision", f->precision / n}, {"f1", f->f1 / n},
                    {"hit_rate", f->hit_rate / n}, {"ndcg", f->ndcg / n},           {"map", f->map / n},
                    {"mrr", f->mrr / n},           {"coverage", f->coverage}};
        for (size_t r = 0; r < RK_COUNT_OF(rows); r++) {
            snprintf(key, sizeof key, "%s@%u", rows[r].name, plan.cut[c]);
            eval_expect(e, key, rows[r].value);
        }
    }
}

static void figures_are_those_of_sorting_every_catalogue(void **state)
{
    const eval_paths *p = *state;
    for (unsigned variant = 0; variant < 8; variant++) {
        bool with_bias = variant & 1, with_train = variant & 2, drop_repeats = variant & 4;
        rk_eval_plan plan = {{1, 5, 20}, N_CUTS, drop_repeats};
        shop *s = shop_random(variant, true);
        shop_write(s, with_bias, p);
        rk_evaluation e = eval_files(p->model, p->test, with_train ? p->train : NULL, plan, (rk_run){.seed = 1});
        slow_result slow = slow_evaluate(s, (shop_how){with_bias, with_train, drop_repeats}, plan);
        expect_slow(&e, &slow, plan);
        assert_true(e.repeats > 0);
        rk_evaluation_release(&e);
        free(s);
    }
}

/* Few whole weights, so that sums are exact and ties are many. */
static float *random_near(uint64_t seed)
{
    float *near = calloc(SHOP_ITEMS * SHOP_ITEMS, sizeof *near);
    rk_random random = rk_random_of(seed, 0);
    for (size_t i = 0; i < SHOP_ITEMS * SHOP_ITEMS; i++) {
        near[i] = rk_random_below(&random, 60) == 0 ? (float)rk_random_below(&random, 4) - 1 : 0;
    }
    return near;
}

static void write_near(const shop *s, const float *near, const eval_paths *p)
{
    small_model_write(&(small_model){SHOP_USERS, SHOP_ITEMS, .item_bias = s->bias, .seen = s->seen, .near = near},
                      p->model);
}

static void neighbours_are_ranked_as_sorting_every_catalogue(void **state)
{
    const eval_paths *p = *state;
    float *near = random_near(50);
    rk_eval_plan plan = {{1, 5, 20}, N_CUTS, false};
    shop *s = shop_random(50, true);
    shop_write(s, false, p);
    write_near(s, near, p);
    rk_evaluation e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    slow_result slow = slow_evaluate(s, (shop_how){.with_bias = true, .without_vectors = true, .near = near}, plan);
    expect_slow(&e, &slow, plan);
    rk_evaluation_release(&e);
    free(s);
    free(near);
}

static void lists_longer_than_the_catalogue_are_fine(void **state)
{
    const eval_paths *p = *state;
    rk_eval_plan plan = {{5, SHOP_ITEMS, SHOP_ITEMS + 500}, N_CUTS, false};
    shop *s = shop_random(77, false);
    shop_write(s, false, p);
    rk_evaluation e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    slow_result slow = slow_evaluate(s, (shop_how){0}, plan);
    expect_slow(&e, &slow, plan);
    assert_true(eval_value(&e, "recall@1100") == 1);
    rk_evaluation_release(&e);
    free(s);
}

/* Vectors of -1, 0 and 1 are exact as fp16, and as int8 with the scale 1/127 that all but zero vectors get. */
static void compressed_models_rank_alike_where_nothing_is_lost(void **state)
{
    const eval_paths *p = *state;
    rk_error err = {0};
    rk_compression report;
    rk_eval_plan plan = {{1, 5, 20}, N_CUTS, false};
    shop *s = shop_random(9, false);
    shop_write(s, true, p);
    slow_result slow = slow_evaluate(s, (shop_how){.with_bias = true}, plan);
    static const char *const forms[] = {"fp16", "int8"};
    for (size_t i = 0; i < RK_COUNT_OF(forms); i++) {
        assert_int_equal(rk_compress(p->model, forms[i], NULL, 0, p->small, &(rk_run){0}, &report, &err), RK_OK);
        assert_true(report.max_error < 1e-7);
        rk_evaluation e = eval_files(p->small, p->test, NULL, plan, (rk_run){.seed = 1});
        if (i == 0) {
            expect_slow(&e, &slow, plan);
        } else { /* -2 .. 2 in steps of 2/127 is rounded: nearly alike */
            assert_true(fabs(eval_value(&e, "auc") - slow.auc) < 0.01);
        }
        rk_evaluation_release(&e);
    }
    free(s);
}

/* Returns how many are shown. */
static size_t prune(const eval_paths *p, bool is_shown[SHOP_ITEMS])
{
    rk_error err = {0};
    rk_compression report;
    size_t n_shown = 0;
    if (rk_compress(p->model, "catalogue(3)", NULL, 0, p->small, &(rk_run){0}, &report, &err)) {
        fail_msg("%s", err.message);
    }
    rk_model *model = small_model_open(p->small);
    for (uint32_t i = 0; i < SHOP_ITEMS; i++) {
        is_shown[i] = rk_model_shows(model, i);
        n_shown += is_shown[i];
    }
    rk_model_close(model);
    return n_shown;
}

/* What is not shown loses to all that is, and is even with its like; test items among it count as not found. */
static void a_pruned_catalogue_is_ranked_as_sorting_every_catalogue(void **state)
{
    const eval_paths *p = *state;
    float *near = random_near(51);
    for (unsigned variant = 0; variant < 4; variant++) {
        bool with_train = variant & 1, drop_repeats = variant & 2, is_shown[SHOP_ITEMS];
        shop_how how = {true, with_train, drop_repeats, .without_vectors = true, .near = near, .is_shown = is_shown};
        rk_eval_plan plan = {{1, 5, 20}, N_CUTS, drop_repeats};
        shop *s = shop_random(20 + variant, true);
        shop_write(s, false, p);
        write_near(s, near, p);
        size_t n_shown = prune(p, is_shown);
        assert_true(n_shown > 20 && n_shown < SHOP_ITEMS / 2);
        rk_evaluation e = eval_files(p->small, p->test, with_train ? p->train : NULL, plan, (rk_run){.seed = 1});
        slow_result slow = slow_evaluate(s, how, plan);
        expect_slow(&e, &slow, plan);
        rk_evaluation_release(&e);
        free(s);
    }
    free(near);
}

/* With product codes only a short list is ranked: what ranks all items is not told, the rest is. */
static void a_model_that_ranks_a_short_list_has_no_auc(void **state)
{
    const eval_paths *p = *state;
    rk_error err = {0};
    rk_compression report;
    rk_eval_plan plan = {{1, 5, 20}, N_CUTS, false};
    shop *s = shop_random(9, false);
    shop_write(s, true, p);
    if (rk_compress(p->model, "pq(4,rerank=1100)", NULL, 0, p->small, &(rk_run){0}, &report, &err)) {
        fail_msg("%s", err.message);
    }
    rk_evaluation whole = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    rk_evaluation e = eval_files(p->small, p->test, NULL, plan, (rk_run){.seed = 1});
    assert_non_null(rk_evaluation_find(&whole, "auc"));
    assert_null(rk_evaluation_find(&e, "auc"));
    eval_expect(&e, "ndcg@20", eval_value(&whole, "ndcg@20"));
    rk_evaluation_release(&whole);
    rk_evaluation_release(&e);
    free(s);
}

static void threads_do_not_change_a_bit(void **state)
{
    const eval_paths *p = *state;
    rk_eval_plan plan = {{5, 20}, 2, false};
    shop *s = shop_random(3, true);
    shop_write(s, true, p);
    rk_evaluation one = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 4});
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        rk_pool *pool = rk_pool_new(threads);
        rk_evaluation more = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 4, .pool = pool});
        rk_pool_free(pool);
        assert_int_equal(one.n_figures, more.n_figures);
        for (size_t i = 0; i < one.n_figures; i++) {
            assert_string_equal(one.figure[i].key, more.figure[i].key);
            assert_memory_equal(&one.figure[i].value, &more.figure[i].value, sizeof one.figure[i].value);
            assert_memory_equal(&one.figure[i].low, &more.figure[i].low, sizeof one.figure[i].low);
            assert_memory_equal(&one.figure[i].high, &more.figure[i].high, sizeof one.figure[i].high);
        }
        assert_true(one.repeats == more.repeats);
        rk_evaluation_release(&more);
    }
    rk_evaluation_release(&one);
    free(s);
}

/* The test set in another order, with a stranger and an unheard-of item: users and items are found by name. */
static void names_are_matched_and_strangers_counted(void **state)
{
    const eval_paths *p = *state;
    const float items[4] = {4, 3, 2, 1}, users[2] = {1, -1};
    const bool none[8] = {0};
    small_model_write(&(small_model){2, 4, 1, items, users, .seen = none}, p->model);
    const uint32_t user_name[4] = {1, 9, 0, 8}, item_name[3] = {3, 7, 1};
    const bool test[4 * 3] = {1, 1, 0,  /* u1: i3 (its first), i7 unknown */
                              1, 0, 0,  /* u9: unknown */
                              0, 0, 1,  /* u0: i1 (its second) */
                              0, 0, 0}; /* u8: unknown, but without events */
    small_dataset_write(&(small_dataset){4, 3, test, .user_name = user_name, .item_name = item_name}, p->test);
    rk_evaluation e = eval_files(p->model, p->test, NULL, (rk_eval_plan){{1, 2}, 2, false}, (rk_run){.seed = 1});
    eval_expect(&e, "recall@1", 0.5);
    eval_expect(&e, "recall@2", 1);
    eval_expect(&e, "mrr@2", 0.75);
    assert_int_equal(e.users, 2);
    assert_int_equal(e.test_pairs, 2);
    assert_int_equal(e.unknown_users, 1);
    assert_int_equal(e.unknown_items, 1);
    assert_int_equal(e.unknown_pairs, 2);
    rk_evaluation_release(&e);
}

static void nothing_in_common_is_an_error(void **state)
{
    const eval_paths *p = *state;
    const float one[1] = {1};
    const bool yes[1] = {1}, no[1] = {0};
    rk_error err;
    rk_evaluation e;
    rk_eval_plan plan = {{5}, 1, false};
    small_model_write(&(small_model){1, 1, 1, one, one, .seen = no}, p->model);
    small_dataset_write(&(small_dataset){1, 1, yes, .user_name = (uint32_t[]){5}}, p->test);
    assert_int_equal(rk_evaluate_files(p->model, p->test, NULL, &plan, &(rk_run){0}, &e, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "have no user and item in common"));
}

/* mu 3, user biases 0.5 and 0, item biases 0 and 1, vectors 0: foretold 3.5 4.5 / 3 4, rated 4 4 / 1 -. */
static void rating_errors_are_those_worked_by_hand(void **state)
{
    const eval_paths *p = *state;
    const float vectors[2] = {0, 0}, item_bias[2] = {0, 1}, user_bias[2] = {0.5f, 0};
    const float rated[4] = {4, 4, 1, 0};
    const bool is_pair[4] = {1, 1, 1, 0}, none[4] = {0};
    small_model_write(&(small_model){2, 2, 1, vectors, vectors, item_bias, user_bias, none, true, 3}, p->model);
    small_dataset_write(&(small_dataset){2, 2, is_pair, rated}, p->test);
    rk_evaluation e = eval_files(p->model, p->test, NULL, (rk_eval_plan){{1}, 1, false}, (rk_run){.seed = 1});
    eval_expect(&e, "mse", (0.25 + 0.25 + 4) / 3);
    eval_expect(&e, "rmse", sqrt(4.5 / 3));
    eval_expect(&e, "mae", 3.0 / 3);
    eval_expect(&e, "recall@1", 0.25); /* i1 leads: half of u0's test items, none of u1's */
    assert_null(rk_evaluation_find(&e, "log_loss"));
    rk_evaluation_release(&e);
}

/* Labels 1 0 / 1 with foretold chances 0.5 0.75 / 0.5; a user is ranked by what has label 1 only. */
static void labels_have_a_log_loss(void **state)
{
    const eval_paths *p = *state;
    const float vectors[2] = {0, 0}, item_bias[2] = {0, 0.25f};
    const float label[4] = {1, 0, 1, 0};
    const bool is_pair[4] = {1, 1, 1, 0}, none[4] = {0};
    small_model_write(&(small_model){2, 2, 1, vectors, vectors, item_bias, NULL, none, true, 0.5}, p->model);
    small_dataset_write(&(small_dataset){2, 2, is_pair, label}, p->test);
    rk_evaluation e = eval_files(p->model, p->test, NULL, (rk_eval_plan){{1, 2}, 2, false}, (rk_run){.seed = 1});
    eval_expect(&e, "log_loss", -(2 * log(0.5) + log(0.25)) / 3);
    eval_expect(&e, "recall@1", 0);
    eval_expect(&e, "mrr@2", 0.5);
    rk_evaluation_release(&e);
}

static bool try_evaluation(void *context)
{
    const eval_paths *p = context;
    rk_error err;
    rk_evaluation e;
    rk_eval_plan plan = {{2}, 1, false};
    if (rk_evaluate_files(p->model, p->test, p->train, &plan, &(rk_run){.seed = 1}, &e, &err) != RK_OK) {
        return false;
    }
    assert_non_null(rk_evaluation_find(&e, "recall@2"));
    rk_evaluation_release(&e);
    return true;
}

static void every_failed_allocation_is_survived(void **state)
{
    eval_paths *p = *state;
    const float items[4] = {4, 3, 2, 1}, users[2] = {1, -1};
    const bool seen[8] = {1, 0, 0, 0, 0, 0, 0, 1}, test[8] = {0, 1, 1, 0, 0, 1, 0, 0};
    small_model_write(&(small_model){2, 4, 1, items, users, .seen = seen}, p->model);
    small_dataset_write(&(small_dataset){2, 4, test}, p->test);
    small_dataset_write(&(small_dataset){2, 4, seen}, p->train);
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(try_evaluation, p) > 100);
}

static void cuts_are_sorted_and_checked(void **state)
{
    (void)state;
    rk_error err;
    rk_eval_plan plan = {0};
    assert_int_equal(rk_eval_parse_cuts("20,5, 10,5", &plan, &err), RK_OK);
    assert_int_equal(plan.n_cuts, 3);
    assert_int_equal(plan.cut[0], 5);
    assert_int_equal(plan.cut[1], 10);
    assert_int_equal(plan.cut[2], 20);
    static const char *const bad[] = {"", "0", "10,", "x", "-1", "10001", "5;6", "99999999999999999999"};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        assert_int_equal(rk_eval_parse_cuts(bad[i], &plan, &err), RK_BAD_USAGE);
        assert_non_null(strstr(err.message, "a length of list must be 1 to 10000, got '"));
    }
    assert_int_equal(rk_eval_parse_cuts("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", &plan, &err), RK_BAD_USAGE);
}

/* ndcg@2 by user: 1/(1+1/log2 3), 0, 1 of the model against 1, 0, 1 of one that ranks u0's test items first. */
static void what_a_model_keeps_is_the_ratio_over_the_same_users(void **state)
{
    const eval_paths *p = *state;
    const float items[6 * 3] = {6, 1, 1, 5, 1, 2, 4, 1, 3, 3, 1, 4, 2, 1, 5, 1, 1, 6};
    const float better[6 * 3] = {6, 1, 1, 5, 1, 2, 2, 1, 3, 4, 1, 4, 3, 1, 5, 1, 1, 6};
    const float users[3 * 3] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const bool seen[3 * 6] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const bool test[3 * 6] = {0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0};
    const rk_eval_plan plan = {{2}, 1, false};
    const rk_run run = {.seed = 1};
    rk_figure kept;
    rk_error err = {0};
    small_dataset_write(&(small_dataset){3, 6, test}, p->test);
    small_model_write(&(small_model){3, 6, 3, items, users, .seen = seen}, p->model);
    small_model_write(&(small_model){3, 6, 3, better, users, .seen = seen}, p->small);
    rk_evaluation worse = eval_files(p->model, p->test, NULL, plan, run);
    rk_evaluation reference = eval_files(p->small, p->test, NULL, plan, run);
    assert_int_equal(rk_evaluation_kept(&reference, &worse, "ndcg@2", &run, &kept, &err), RK_OK);
    double u0 = 1 / (1 + 1 / log2(3));
    assert_true(fabs(kept.value - (u0 + 1) / 2) < 1e-12);
    assert_true(kept.low >= u0 - 1e-12 && kept.low <= kept.value && kept.high >= kept.value && kept.high <= 1 + 1e-12);
    assert_int_equal(rk_evaluation_kept(&reference, &reference, "ndcg@2", &run, &kept, &err), RK_OK);
    assert_true(kept.value == 1 && kept.low == 1 && kept.high == 1); /* no noise between a model and itself */
    assert_int_equal(rk_evaluation_kept(&reference, &worse, "coverage@2", &run, &kept, &err), RK_BAD_INPUT);
    assert_int_equal(rk_evaluation_kept(&reference, &worse, "nonsense", &run, &kept, &err), RK_BAD_INPUT);
    worse.n_rows--;
    assert_int_equal(rk_evaluation_kept(&reference, &worse, "ndcg@2", &run, &kept, &err), RK_BAD_INPUT);
    rk_evaluation_release(&worse);
    rk_evaluation_release(&reference);
}

static void a_root_keeps_the_root_of_the_ratio(void **state)
{
    const eval_paths *p = *state;
    const bool test[4] = {true, true, true, true};
    const float ratings[4] = {4, 4, 4, 4};
    const float zeros[4] = {0};
    const rk_run run = {.seed = 1};
    const rk_eval_plan plan = {.cut = {1}, .n_cuts = 1};
    rk_figure kept;
    small_dataset_write(&(small_dataset){2, 2, test, ratings, NULL, NULL}, p->test);
    small_model_write(&(small_model){2, 2, 1, zeros, zeros, .is_rating = true, .mu = 3}, p->model);
    small_model_write(&(small_model){2, 2, 1, zeros, zeros, .is_rating = true, .mu = 2}, p->small);
    rk_evaluation by_one = eval_files(p->model, p->test, NULL, plan, run);
    rk_evaluation by_two = eval_files(p->small, p->test, NULL, plan, run);
    assert_int_equal(rk_evaluation_kept(&by_one, &by_two, "mse", &run, &kept, NULL), RK_OK);
    assert_true(fabs(kept.value - 4) < 1e-12 && fabs(kept.low - 4) < 1e-12 && fabs(kept.high - 4) < 1e-12);
    assert_int_equal(rk_evaluation_kept(&by_one, &by_two, "rmse", &run, &kept, NULL), RK_OK);
    assert_true(fabs(kept.value - 2) < 1e-12 && fabs(kept.low - 2) < 1e-12 && fabs(kept.high - 2) < 1e-12);
    rk_evaluation_release(&by_one);
    rk_evaluation_release(&by_two);
}

static void what_models_are_chosen_by_is_a_figure_with_its_cut(void **state)
{
    (void)state;
    const struct {
        const char *text, *key;
        uint32_t cut;
        bool is_lower_better;
    } good[] = {{"ndcg@10", "ndcg@10", 10, false},
                {"recall@020", "recall@20", 20, false},
                {"rmse", "rmse", 0, true},
                {"log_loss", "log_loss", 0, true},
                {"auc", "auc", 0, false}};
    const char *const bad[] = {"",       "@10",           "ndcg",    "ndcg@",   "ndcg@0",
                               "ndcg@x", "ndcg@10000000", "rmse@10", "ndgc@10", "coverage@10"};
    rk_eval_target target;
    rk_error err;
    for (size_t i = 0; i < RK_COUNT_OF(good); i++) {
        assert_int_equal(rk_eval_parse_target(good[i].text, &target, &err), RK_OK);
        assert_string_equal(target.key, good[i].key);
        assert_int_equal(target.cut, good[i].cut);
        assert_int_equal(target.is_lower_better, good[i].is_lower_better);
    }
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        assert_int_equal(rk_eval_parse_target(bad[i], &target, &err), RK_BAD_USAGE);
    }
    assert_int_equal(rk_eval_parse_target("ndgc@10", &target, &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "no figure is called 'ndgc@10', did you mean 'ndcg'?");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, eval_make_folder, eval_remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(figures_are_those_worked_by_hand),
        CASE(figures_are_those_of_sorting_every_catalogue),
        CASE(neighbours_are_ranked_as_sorting_every_catalogue),
        CASE(lists_longer_than_the_catalogue_are_fine),
        CASE(compressed_models_rank_alike_where_nothing_is_lost),
        CASE(a_pruned_catalogue_is_ranked_as_sorting_every_catalogue),
        CASE(a_model_that_ranks_a_short_list_has_no_auc),
        CASE(threads_do_not_change_a_bit),
        CASE(names_are_matched_and_strangers_counted),
        CASE(nothing_in_common_is_an_error),
        CASE(rating_errors_are_those_worked_by_hand),
        CASE(labels_have_a_log_loss),
        CASE(what_a_model_keeps_is_the_ratio_over_the_same_users),
        CASE(a_root_keeps_the_root_of_the_ratio),
        CASE(every_failed_allocation_is_survived),
        cmocka_unit_test(what_models_are_chosen_by_is_a_figure_with_its_cut),
        cmocka_unit_test(cuts_are_sorted_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
