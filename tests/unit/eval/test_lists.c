/* test_lists.c - what is said of the lists themselves and of strata: a case worked by hand, and a slow, obvious count.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/taken.h"
#include "support/eval_shop.h"
#include "support/small_shop.h"
#include "support/test.h"

static const rk_eval_stratum *find_stratum(const rk_evaluation *e, const char *by, const char *name)
{
    size_t i = 0;
    while (i < e->n_strata && !(strcmp(e->stratum[i].by, by) == 0 && strcmp(e->stratum[i].name, name) == 0)) {
        i++;
    }
    if (i == e->n_strata) {
        fail_msg("no stratum '%s' by %s", name, by);
    }
    return &e->stratum[i];
}

static const rk_figure *find_in(const rk_eval_stratum *s, const char *key)
{
    rk_evaluation part = {.figure = s->figure, .n_figures = s->n_figures};
    return rk_evaluation_find(&part, key);
}

static void expect_in(const rk_eval_stratum *s, const char *key, double wanted)
{
    rk_evaluation part = {.figure = s->figure, .n_figures = s->n_figures};
    eval_expect(&part, key, wanted);
}

/* Four users, four items; all like i1 best, then i2, i3, i0.
 *
 *   user  took      test    list of 2   takers: i0 3, i1 2, i2 1, i3 0, of three takers; six pairs, so that
 *   u0    i0        i1      i1 i2       i0 is the head, i1 the middle, i2 the tail, i3 cold
 *   u1    i0 i1     i3      i2 i3       cosine(i1, i2) = 1 / root 2 (u2 took both), of pairs with i3: 0
 *   u2    i0 i1 i2  -       -
 *   u3    -         i2 i3   i1 i2
 */
static const float hand_items[4] = {1, 4, 3, 2}, hand_users[4] = {1, 1, 1, 1};
static const bool hand_seen[16] = {1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0};
static const bool hand_test[16] = {0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1};

static rk_evaluation evaluate_hand_case(const eval_paths *p, uint32_t k)
{
    small_model_write(&(small_model){4, 4, 1, hand_items, hand_users, .seen = hand_seen}, p->model);
    small_dataset_write(&(small_dataset){4, 4, hand_test}, p->test);
    rk_eval_plan plan = {{k}, 1, .by = {true, true}};
    return eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
}

static void lists_are_described_as_worked_by_hand(void **state)
{
    const eval_paths *p = *state;
    rk_evaluation e = evaluate_hand_case(p, 2);
    double alike = 1 / sqrt(2);
    eval_expect(&e, "novelty@2", (2 * (log2(1.5) + log2(3)) / 2 + log2(3)) / 3);
    eval_expect(&e, "diversity@2", (2 * (1 - alike) + 1) / 3);
    eval_expect(&e, "tail_share@2", (0.5 + 0.5 + 1) / 3);
    eval_expect(&e, "popularity_lift@2", (0.5 + 1.0 / 6) / (1 + 5.0 / 6) - 1); /* u3 took nothing to compare with */
    eval_expect(&e, "coverage@2", 0.75);
    eval_expect(&e, "gini@2", (-3.0 * 0 - 1 * 1 + 1 * 2 + 3 * 3) / (4 * 6));
    assert_int_equal(e.alike_users, 3);
    rk_evaluation_release(&e);

    e = evaluate_hand_case(p, 3); /* u1 has two items left */
    eval_expect(&e, "diversity@3", (2 * (1 - alike / 3) + 1) / 3);
    eval_expect(&e, "novelty@3", (2 * (log2(1.5) + 2 * log2(3)) / 3 + log2(3)) / 3);
    rk_evaluation_release(&e);
}

static void one_item_is_not_diverse(void **state)
{
    rk_evaluation e = evaluate_hand_case(*state, 1);
    assert_null(rk_evaluation_find(&e, "diversity@1"));
    eval_expect(&e, "novelty@1", (2 * log2(1.5) + log2(3)) / 3);
    rk_evaluation_release(&e);
}

static void strata_are_those_worked_by_hand(void **state)
{
    rk_evaluation e = evaluate_hand_case(*state, 2);
    const rk_eval_stratum *head = find_stratum(&e, "popularity", "head");
    assert_int_equal(head->least, 3);
    assert_int_equal(head->most, 3);
    assert_int_equal(head->items, 1);
    assert_int_equal(head->test_pairs, 0);
    assert_null(find_in(head, "recall@2"));
    expect_in(head, "list_share@2", 0);
    expect_in(find_stratum(&e, "popularity", "middle"), "recall@2", 1);
    expect_in(find_stratum(&e, "popularity", "middle"), "list_share@2", 1.0 / 3);
    expect_in(find_stratum(&e, "popularity", "tail"), "recall@2", 1);
    const rk_eval_stratum *cold = find_stratum(&e, "popularity", "cold");
    assert_int_equal(cold->most, 0);
    assert_int_equal(cold->users, 2);
    assert_int_equal(cold->test_pairs, 2);
    expect_in(cold, "recall@2", 0.5); /* u1 finds it, u3 does not */
    expect_in(cold, "list_share@2", 1.0 / 6);

    const rk_eval_stratum *nothing = find_stratum(&e, "history", "0"), *some = find_stratum(&e, "history", "1-5");
    assert_int_equal(nothing->users, 1);
    assert_int_equal(nothing->test_pairs, 2);
    expect_in(nothing, "recall@2", 0.5);
    assert_null(find_in(nothing, "popularity_lift@2"));
    assert_int_equal(some->users, 2);
    expect_in(some, "recall@2", 1);
    assert_null(find_in(some, "coverage@2")); /* no mean over users */
    assert_int_equal(e.n_strata, 6);
    rk_evaluation_release(&e);
}

/* With --train, what it says was taken counts like what the model has seen; each pair once. */
static void training_sets_are_added_up(void **state)
{
    const eval_paths *p = *state;
    const bool more[16] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}; /* u0 i0 again, u3 i3 */
    rk_evaluation e = evaluate_hand_case(p, 2);
    rk_evaluation_release(&e);
    small_dataset_write(&(small_dataset){4, 4, more}, p->train);
    e = eval_files(p->model, p->test, p->train, (rk_eval_plan){{2}, 1, false}, (rk_run){.seed = 1});
    /* i0 3, i1 2, i2 1, i3 1 of four; lists: i1 i2, i2 i3, i1 i2 */
    eval_expect(&e, "novelty@2", (2 * (1 + 2) / 2.0 + 2) / 3);
    rk_evaluation_release(&e);
}

/* ---- the slow evaluator ---- */

enum { N_CUTS = 3, STRATA = 4, GROUPS = 5 };

typedef struct {
    const shop *shop;
    shop_how how;
    double taker[SHOP_ITEMS], n_takers, n_pairs;
    int stratum[SHOP_ITEMS];
} knowledge;

typedef struct {
    double novelty, diversity, tail_share, list_popularity, profile_popularity, gini, n_lists;
    double recall[STRATA], n_recall[STRATA], list_share[STRATA];
    double group_recall[GROUPS], n_group[GROUPS];
} slow_lists;

static bool took(const knowledge *k, size_t user, size_t item)
{
    size_t at = user * SHOP_ITEMS + item;
    return k->shop->seen[at] || (k->how.with_train && k->shop->train[at]);
}

static void learn(knowledge *k)
{
    for (size_t u = 0; u < SHOP_USERS; u++) {
        double n = 0;
        for (size_t i = 0; i < SHOP_ITEMS; i++) {
            k->taker[i] += took(k, u, i);
            n += took(k, u, i);
        }
        k->n_pairs += n;
        k->n_takers += n > 0;
    }
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        double above = 0; /* pairs of items more popular */
        for (size_t j = 0; j < SHOP_ITEMS; j++) {
            above += k->taker[j] > k->taker[i] ? k->taker[j] : 0;
        }
        k->stratum[i] = k->taker[i] == 0 ? 3 : 3 * above < k->n_pairs ? 0 : 3 * above < 2 * k->n_pairs ? 1 : 2;
    }
}

static double cosine(const knowledge *k, size_t i, size_t j)
{
    double both = 0;
    for (size_t u = 0; u < SHOP_USERS; u++) {
        both += took(k, u, i) && took(k, u, j);
    }
    return both > 0 ? both / sqrt(k->taker[i] * k->taker[j]) : 0;
}

static void add_list(const knowledge *k, const uint32_t *list, size_t n, slow_lists *sum)
{
    double surprise = 0, alike = 0, popularity = 0;
    for (size_t r = 0; r < n; r++) {
        surprise += log2(k->n_takers / fmax(1, k->taker[list[r]]));
        popularity += k->taker[list[r]] / k->n_takers;
        sum->tail_share += (k->stratum[list[r]] >= 2) / (double)n;
        sum->list_share[k->stratum[list[r]]] += 1 / (double)n;
        for (size_t before = 0; before < r; before++) {
            alike += cosine(k, list[before], list[r]);
        }
    }
    sum->novelty += surprise / (double)n;
    sum->diversity += 1 - alike / ((double)(n * (n - 1)) / 2);
    sum->n_lists++;
    sum->list_popularity += popularity / (double)n; /* of users with a profile: see below */
}

static void add_profile(const knowledge *k, size_t user, const uint32_t *list, size_t n, slow_lists *sum)
{
    double popularity = 0, n_taken = 0, of_list = 0;
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        popularity += took(k, user, i) ? k->taker[i] / k->n_takers : 0;
        n_taken += took(k, user, i);
    }
    for (size_t r = 0; r < n; r++) {
        of_list += k->taker[list[r]] / k->n_takers / (double)n;
    }
    if (n_taken > 0) {
        sum->profile_popularity += popularity / n_taken;
    } else {
        sum->list_popularity -= of_list;
    }
}

static int group_of(const knowledge *k, size_t user)
{
    size_t n = 0;
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        n += took(k, user, i);
    }
    return n == 0 ? 0 : n <= 5 ? 1 : n <= 20 ? 2 : n <= 100 ? 3 : 4;
}

static void add_recall(const knowledge *k, size_t user, const shop_ranking *r, size_t n, slow_lists *sum)
{
    double n_test[STRATA] = {0}, hits[STRATA] = {0}, all = 0;
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        n_test[k->stratum[i]] += r->is_test[i];
    }
    for (size_t at = 0; at < n; at++) {
        hits[k->stratum[r->ranking[at]]] += r->is_test[r->ranking[at]];
        all += r->is_test[r->ranking[at]];
    }
    for (size_t s = 0; s < STRATA; s++) {
        sum->recall[s] += n_test[s] > 0 ? hits[s] / n_test[s] : 0;
        sum->n_recall[s] += n_test[s] > 0;
    }
    sum->group_recall[group_of(k, user)] += all / (double)r->n_test;
    sum->n_group[group_of(k, user)]++;
}

/* Half the mean absolute difference over all pairs of items, over the mean. */
static double slow_gini(const double *shown)
{
    double sum = 0, differences = 0;
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        sum += shown[i];
        for (size_t j = 0; j < SHOP_ITEMS; j++) {
            differences += fabs(shown[i] - shown[j]);
        }
    }
    return differences / 2 / SHOP_ITEMS / sum;
}

static slow_lists slow_describe(const knowledge *k, uint32_t cut)
{
    static shop_ranking ranked;
    slow_lists sum = {0};
    double shown[SHOP_ITEMS] = {0};
    for (size_t u = 0; u < SHOP_USERS; u++) {
        shop_rank(k->shop, u, k->how, &ranked);
        size_t n = ranked.n < cut ? ranked.n : cut;
        if (ranked.n_test == 0) {
            continue;
        }
        add_list(k, ranked.ranking, n, &sum);
        add_profile(k, u, ranked.ranking, n, &sum);
        add_recall(k, u, &ranked, n, &sum);
        for (size_t r = 0; r < n; r++) {
            shown[ranked.ranking[r]]++;
        }
    }
    sum.gini = slow_gini(shown);
    return sum;
}

static void expect_at(const rk_evaluation *e, const char *name, uint32_t k, double wanted)
{
    char key[32];
    snprintf(key, sizeof key, "%s@%u", name, k);
    eval_expect(e, key, wanted);
}

static void expect_slow(const rk_evaluation *e, const slow_lists *slow, uint32_t k)
{
    static const char *const parts[STRATA] = {"head", "middle", "tail", "cold"};
    static const char *const groups[GROUPS] = {"0", "1-5", "6-20", "21-100", "101+"};
    double n = slow->n_lists;
    expect_at(e, "novelty", k, slow->novelty / n);
    expect_at(e, "diversity", k, slow->diversity / n);
    expect_at(e, "tail_share", k, slow->tail_share / n);
    expect_at(e, "popularity_lift", k, slow->list_popularity / slow->profile_popularity - 1);
    expect_at(e, "gini", k, slow->gini);
    for (size_t s = 0; s < STRATA; s++) {
        const rk_eval_stratum *stratum = find_stratum(e, "popularity", parts[s]);
        rk_evaluation part = {.figure = stratum->figure, .n_figures = stratum->n_figures};
        expect_at(&part, "recall", k, slow->recall[s] / slow->n_recall[s]);
        expect_at(&part, "list_share", k, slow->list_share[s] / n);
        assert_int_equal(stratum->users, slow->n_recall[s]);
    }
    for (size_t g = 0; g < GROUPS; g++) {
        if (slow->n_group[g] > 0) {
            const rk_eval_stratum *stratum = find_stratum(e, "history", groups[g]);
            rk_evaluation part = {.figure = stratum->figure, .n_figures = stratum->n_figures};
            expect_at(&part, "recall", k, slow->group_recall[g] / slow->n_group[g]);
            assert_int_equal(stratum->users, slow->n_group[g]);
        }
    }
}

static void lists_and_strata_are_those_of_counting_everything(void **state)
{
    const eval_paths *p = *state;
    for (unsigned variant = 0; variant < 4; variant++) {
        rk_eval_plan plan = {{3, 20}, 2, variant & 2, {true, true}};
        shop *s = shop_random(40 + variant, true);
        knowledge *k = calloc(1, sizeof *k);
        *k = (knowledge){.shop = s, .how = {true, variant & 1, plan.drop_repeats}};
        learn(k);
        shop_write(s, true, p);
        rk_evaluation e = eval_files(p->model, p->test, variant & 1 ? p->train : NULL, plan, (rk_run){.seed = 1});
        for (size_t c = 0; c < plan.n_cuts; c++) {
            slow_lists slow = slow_describe(k, plan.cut[c]);
            assert_true(slow.n_group[0] > 0 && slow.n_recall[3] > 0); /* cold users and cold items are there */
            expect_slow(&e, &slow, plan.cut[c]);
        }
        assert_int_equal(e.alike_users, e.n_rows);
        rk_evaluation_release(&e);
        free(k);
        free(s);
    }
}

static void intervals_hold_their_figures(void **state)
{
    const eval_paths *p = *state;
    shop *s = shop_random(8, true);
    shop_write(s, true, p);
    rk_evaluation e =
        eval_files(p->model, p->test, NULL, (rk_eval_plan){{20}, 1, .by = {true, true}}, (rk_run){.seed = 1});
    for (size_t i = 0; i < e.n_strata; i++) {
        for (size_t f = 0; f < e.stratum[i].n_figures; f++) {
            const rk_figure *figure = &e.stratum[i].figure[f];
            assert_true(figure->has_interval && figure->low <= figure->value && figure->value <= figure->high);
        }
    }
    rk_evaluation_release(&e);
    free(s);
}

/* ---- how many lists are compared ---- */

static void costly_lists_are_compared_for_some_users_only(void **state)
{
    (void)state;
    assert_int_equal(rk_taken_alike_users(&(rk_taken){.list_steps = 1000}, 138000), 138000);
    assert_int_equal(rk_taken_alike_users(&(rk_taken){.list_steps = 1000000}, 138000), 2000);
    assert_int_equal(rk_taken_alike_users(&(rk_taken){.list_steps = 1000000000}, 138000), 1000);
    assert_int_equal(rk_taken_alike_users(&(rk_taken){.list_steps = 1000000000}, 300), 300);
    assert_int_equal(rk_taken_alike_users(&(rk_taken){0}, 7), 7);
    size_t n = 0, last = 0, widest = 0;
    for (size_t i = 0; i < 1000; i++) {
        if (rk_taken_is_chosen(i, 300, 1000)) {
            n++;
            widest = i - last > widest ? i - last : widest;
            last = i;
        }
    }
    assert_int_equal(n, 300);
    assert_int_equal(widest, 4);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, eval_make_folder, eval_remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(lists_are_described_as_worked_by_hand),
        CASE(one_item_is_not_diverse),
        CASE(strata_are_those_worked_by_hand),
        CASE(training_sets_are_added_up),
        CASE(lists_and_strata_are_those_of_counting_everything),
        CASE(intervals_hold_their_figures),
        cmocka_unit_test(costly_lists_are_compared_for_some_users_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
