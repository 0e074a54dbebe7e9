/* eval_shop.c - see eval_shop.h. */
#include "support/eval_shop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "math/random.h"
#include "support/small_shop.h"
#include "support/test.h"

int eval_make_folder(void **state)
{
    eval_paths *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/reckon-eval-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->model, sizeof p->model, "%s/model.rk", p->folder);
    snprintf(p->test, sizeof p->test, "%s/test.rk", p->folder);
    snprintf(p->train, sizeof p->train, "%s/train.rk", p->folder);
    snprintf(p->small, sizeof p->small, "%s/small.rk", p->folder);
    *state = p;
    return 0;
}

int eval_remove_folder(void **state)
{
    eval_paths *p = *state;
    unlink(p->model);
    unlink(p->test);
    unlink(p->train);
    unlink(p->small);
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

rk_evaluation eval_files(const char *model, const char *test, const char *train, rk_eval_plan plan, rk_run run)
{
    rk_error err = {0};
    rk_evaluation evaluation;
    if (rk_evaluate_files(model, test, train, &plan, &run, &evaluation, &err) != RK_OK) {
        fail_msg("%s", err.message);
    }
    return evaluation;
}

double eval_value(const rk_evaluation *evaluation, const char *key)
{
    const rk_figure *figure = rk_evaluation_find(evaluation, key);
    if (!figure) {
        fail_msg("no figure '%s'", key);
    }
    return figure->value;
}

void eval_expect(const rk_evaluation *evaluation, const char *key, double wanted)
{
    double value = eval_value(evaluation, key);
    if (!(fabs(value - wanted) < 1e-12 * fmax(1, fabs(wanted)))) { /* sums of a few doubles in another order */
        fail_msg("%s is %.17g, expected %.17g", key, value, wanted);
    }
}

/* ---- a random shop ---- */

/* Every tenth item is taken by a third of the users, the rest by one in 50; every 25th user has taken nothing. */
static bool is_taken(rk_random *random, size_t user, size_t item)
{
    uint32_t one_in = item % 10 == 4 ? 3 : 50;
    bool is_drawn = rk_random_below(random, one_in) == 0;
    return is_drawn && user % 25 != 11;
}

shop *shop_random(uint64_t seed, bool may_repeat)
{
    shop *s = calloc(1, sizeof *s);
    rk_random random = rk_random_of(seed, 0);
    for (size_t i = 0; i < SHOP_ITEMS * SHOP_DIM; i++) {
        s->items[i] = (float)rk_random_below(&random, 3) - 1;
    }
    for (size_t i = 0; i < SHOP_USERS * SHOP_DIM; i++) {
        s->users[i] = (float)rk_random_below(&random, 5) - 2;
    }
    for (size_t i = 0; i < SHOP_ITEMS; i++) {
        s->bias[i] = (float)rk_random_below(&random, 3);
    }
    for (size_t u = 0, i = 0; u < SHOP_USERS; u++) {
        for (size_t item = 0; item < SHOP_ITEMS; item++, i++) {
            bool is_cold = item % 17 == 0; /* nobody took it */
            s->seen[i] = is_taken(&random, u, item) && !is_cold;
            s->train[i] = rk_random_below(&random, 50) == 0 && !is_cold && u % 25 != 11;
            s->test[i] = rk_random_below(&random, 100) == 0 && (may_repeat || !s->seen[i]) && u % 7 != 3;
        }
    }
    return s;
}

void shop_write(const shop *s, bool with_bias, const eval_paths *p)
{
    small_model_write(&(small_model){SHOP_USERS, SHOP_ITEMS, SHOP_DIM, s->items, s->users, with_bias ? s->bias : NULL,
                                     .seen = s->seen},
                      p->model);
    small_dataset_write(&(small_dataset){SHOP_USERS, SHOP_ITEMS, s->test}, p->test);
    small_dataset_write(&(small_dataset){SHOP_USERS, SHOP_ITEMS, s->train}, p->train);
}

static const double *sorted_scores; /* what the comparison below looks at: qsort hands no context on */

static int by_score_then_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (sorted_scores[x] != sorted_scores[y]) {
        return sorted_scores[x] > sorted_scores[y] ? -1 : 1;
    }
    return x < y ? -1 : 1;
}

void shop_rank(const shop *s, size_t user, shop_how how, shop_ranking *out)
{
    out->n = out->n_test = 0;
    for (uint32_t i = 0; i < SHOP_ITEMS; i++) {
        size_t at = user * SHOP_ITEMS + i;
        out->score[i] = how.with_bias ? (double)s->bias[i] : 0;
        for (size_t d = 0; d < SHOP_DIM && !how.without_vectors; d++) {
            out->score[i] += (double)s->users[user * SHOP_DIM + d] * (double)s->items[i * SHOP_DIM + d];
        }
        for (size_t row = 0; row < SHOP_ITEMS && how.near; row++) {
            out->score[i] += s->seen[user * SHOP_ITEMS + row] ? (double)how.near[row * SHOP_ITEMS + i] : 0;
        }
        bool is_shown = !how.is_shown || how.is_shown[i];
        out->score[i] = is_shown ? out->score[i] : -INFINITY;
        out->is_masked[i] = s->seen[at] || (how.with_train && s->train[at]);
        out->is_test[i] = s->test[at] && !(how.drop_repeats && out->is_masked[i]);
        out->n_test += out->is_test[i];
        if (is_shown && !out->is_masked[i]) {
            out->ranking[out->n++] = i;
        }
    }
    sorted_scores = out->score;
    qsort(out->ranking, out->n, sizeof *out->ranking, by_score_then_id);
}
