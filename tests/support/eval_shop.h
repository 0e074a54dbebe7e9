/* eval_shop.h - a folder of files to be evaluated, and a random shop small enough to rank the slow, obvious way. */
#ifndef RECKON_TESTS_SUPPORT_EVAL_SHOP_H
#define RECKON_TESTS_SUPPORT_EVAL_SHOP_H

#include "eval/eval.h"

typedef struct {
    char folder[64], model[96], test[96], train[96], small[96];
} eval_paths;

/* Setup and teardown of a test: *state is an eval_paths. */
int eval_make_folder(void **state);
int eval_remove_folder(void **state);

/* rk_evaluate_files, which must succeed; train may be NULL. */
rk_evaluation eval_files(const char *model, const char *test, const char *train, rk_eval_plan plan, rk_run run);
/* The value under key, which must be there. */
double eval_value(const rk_evaluation *evaluation, const char *key);
/* It must be wanted, but for the order of some additions. */
void eval_expect(const rk_evaluation *evaluation, const char *key, double wanted);

enum { SHOP_USERS = 150, SHOP_ITEMS = 1100, SHOP_DIM = 4 }; /* several blocks of users, two of items */

typedef struct {
    float items[SHOP_ITEMS * SHOP_DIM], users[SHOP_USERS * SHOP_DIM], bias[SHOP_ITEMS];
    bool seen[SHOP_USERS * SHOP_ITEMS], train[SHOP_USERS * SHOP_ITEMS], test[SHOP_USERS * SHOP_ITEMS];
} shop;

/* Small whole numbers: every sum is exact, and most scores are tied. Some items are popular, some users took nothing.
 * Owned by the caller; free() it. */
shop *shop_random(uint64_t seed, bool may_repeat);
void shop_write(const shop *s, bool with_bias, const eval_paths *p);

/* Some user's whole ranking. */
typedef struct {
    double score[SHOP_ITEMS];
    bool is_masked[SHOP_ITEMS], is_test[SHOP_ITEMS];
    uint32_t ranking[SHOP_ITEMS];
    size_t n, n_test; /* items ranked; test items, 0: he is not judged, and not ranked */
} shop_ranking;
typedef struct {
    bool with_bias, with_train, drop_repeats, without_vectors;
    const float *near;    /* [SHOP_ITEMS x SHOP_ITEMS] what each item seen adds to the scores; NULL = nothing */
    const bool *is_shown; /* [SHOP_ITEMS] the others score below all and stand in no ranking; NULL = all */
} shop_how;
void shop_rank(const shop *s, size_t user, shop_how how, shop_ranking *out);

#endif
