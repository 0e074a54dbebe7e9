/* test_knn.c - neighbours by likeness agree with the definitions written out in double over dense matrices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "support/test.h"

enum { USERS = 40, ITEMS = 30, EVENTS = 400 };

/* What the slow reference is told; the words of the settings say the same. */
typedef struct {
    const char *const set[12];
    const char *similarity;
    double alpha, activity, shrink, power, half_life_days;
    const char *weigh;
    uint32_t longest;
} example;

static const example examples[] = {
    {{"activity=0", NULL}, "cosine", .5, 0, 0, 1, 0, "one", 0},
    {{"alpha=0.7", "activity=0.6", "power=1.3", "shrink=0.5", NULL}, "cosine", .7, .6, .5, 1.3, 0, "one", 0},
    {{"weigh=count", "activity=0", "alpha=0.4", NULL}, "cosine", .4, 0, 0, 1, 0, "count", 0},
    {{"weigh=log", "similarity=conditional", "alpha=0.3", NULL}, "conditional", .3, .5, 0, 1, 0, "log", 0},
    {{"weigh=sum", "similarity=jaccard", "activity=0.4", NULL}, "jaccard", .5, .4, 0, 1, 0, "sum", 0},
    {{"similarity=jaccard", "activity=0", "shrink=3", NULL}, "jaccard", .5, 0, 3, 1, 0, "one", 0},
    {{"similarity=tfidf", "activity=0", NULL}, "tfidf", .5, 0, 0, 1, 0, "one", 0},
    {{"similarity=bm25", "activity=0", "weigh=count", NULL}, "bm25", .5, 0, 0, 1, 0, "count", 0},
    {{"half-life=0.1", "activity=0", NULL}, "cosine", .5, 0, 0, 1, .1, "one", 0},
    {{"half-life=0.05", "weigh=count", "activity=0.5", NULL}, "cosine", .5, .5, 0, 1, .05, "count", 0},
    {{"longest=9", "activity=0", NULL}, "cosine", .5, 0, 0, 1, 0, "one", 9},
};

/* ---- the slow reference ---- */

/* value[u][i] as weigh and half-life say it. */
static void fill_values(const rk_dataset *d, const example *x, double value[USERS][ITEMS])
{
    int64_t now = 0;
    memset(value, 0, USERS * sizeof value[0]);
    for (uint64_t e = 0; e < d->n_events; e++) {
        now = d->event_time[e] > now ? d->event_time[e] : now;
    }
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint64_t e = d->user_start[u]; e < d->user_start[u + 1]; e++) {
            double days = (double)(now - d->event_time[e]) / 86400;
            double part = x->half_life_days > 0 ? pow(2, -days / x->half_life_days) : 1;
            double *at = &value[u][d->event_item[e]];
            part *= strcmp(x->weigh, "sum") == 0 ? (double)d->event_value[e] : 1;
            *at = strcmp(x->weigh, "one") == 0 ? part : *at + part; /* events of a user are in order of time */
        }
    }
    for (size_t cell = 0; cell < (size_t)USERS * ITEMS && strcmp(x->weigh, "log") == 0; cell++) {
        double *at = &value[cell / ITEMS][cell % ITEMS];
        *at = log2(1 + *at);
    }
}

/* thing[r][c]: rows that are compared x what they share. */
typedef struct {
    uint32_t n_rows, n_cols;
    double thing[USERS][USERS]; /* the larger of both ways */
} sides;

static uint32_t row_count(const sides *s, uint32_t r)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < s->n_cols; c++) {
        n += s->thing[r][c] > 0;
    }
    return n;
}

static uint32_t col_count(const sides *s, uint32_t c)
{
    uint32_t n = 0;
    for (uint32_t r = 0; r < s->n_rows; r++) {
        n += s->thing[r][c] > 0;
    }
    return n;
}

static void weigh_terms(sides *s, const example *x)
{
    double total = 0;
    bool is_bm25 = strcmp(x->similarity, "bm25") == 0;
    if (!is_bm25 && strcmp(x->similarity, "tfidf") != 0) {
        return;
    }
    static sides before;
    before = *s;
    for (uint32_t r = 0; r < s->n_rows; r++) {
        total += row_count(&before, r);
    }
    for (uint32_t r = 0; r < s->n_rows; r++) {
        for (uint32_t c = 0; c < s->n_cols; c++) {
            double v = before.thing[r][c], length = row_count(&before, r) / (total / s->n_rows);
            double rare = log(1 + (double)s->n_rows / col_count(&before, c));
            double term = is_bm25 ? v * 2.2 / (v + 1.2 * (0.25 + 0.75 * length)) : v;
            s->thing[r][c] = v > 0 ? rare * term : 0;
        }
    }
}

static double overlap(const sides *s, const example *x, uint32_t a, uint32_t b)
{
    double sum = 0;
    for (uint32_t c = 0; c < s->n_cols; c++) {
        if (s->thing[a][c] > 0 && s->thing[b][c] > 0) {
            sum += s->thing[a][c] * s->thing[b][c] * pow(col_count(s, c), -x->activity);
        }
    }
    return sum;
}

static double alike(const sides *s, const example *x, uint32_t a, uint32_t b)
{
    example plain = *x;
    plain.activity = 0;
    double o = overlap(s, x, a, b), na = overlap(s, &plain, a, a), nb = overlap(s, &plain, b, b);
    double by = pow(na, x->alpha) * pow(nb, 1 - x->alpha);
    if (strcmp(x->similarity, "jaccard") == 0) {
        by = overlap(s, x, a, a) + overlap(s, x, b, b) - o;
    } else if (strcmp(x->similarity, "conditional") == 0) {
        by = na * pow(nb, x->alpha);
    } else if (strcmp(x->similarity, "bm25") == 0) {
        by = 1;
    }
    return o > 0 ? pow(o / (by + x->shrink), x->power) : 0;
}

/* Items by users. */
static void fill_items(const fixture *f, const example *x, sides *out)
{
    static double value[USERS][ITEMS];
    fill_values(&f->dataset, x, value);
    memset(out, 0, sizeof *out);
    out->n_rows = ITEMS;
    out->n_cols = USERS;
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < ITEMS; i++) {
            n += value[u][i] > 0;
        }
        for (uint32_t i = 0; i < ITEMS; i++) {
            out->thing[i][u] = x->longest == 0 || n <= x->longest ? value[u][i] : 0;
        }
    }
    weigh_terms(out, x);
}

static double near_at(const rk_csr *near, uint32_t r, uint32_t c)
{
    for (uint64_t e = near->start[r]; e < near->start[r + 1]; e++) {
        if (near->col[e] == c) {
            return (double)near->value[e];
        }
    }
    return 0;
}

/* ---- itemknn ---- */

static void every_likeness_is_its_definition(void **state)
{
    (void)state;
    fixture f = fixture_random(11, USERS, ITEMS, EVENTS);
    for (size_t t = 0; t < RK_COUNT_OF(examples); t++) {
        const example *x = &examples[t];
        static sides s;
        const char *set[14] = {"neighbours=1000"};
        char similarity[40] = "similarity=";
        size_t n = 1;
        set[n++] = strcat(similarity, x->similarity);
        for (size_t i = 0; x->set[i]; i++) {
            set[n++] = x->set[i];
        }
        rk_model_draft draft = fixture_train(&f, "itemknn", 2, set);
        fill_items(&f, x, &s);
        uint64_t n_alike = 0;
        for (uint32_t a = 0; a < ITEMS; a++) {
            for (uint32_t b = 0; b < ITEMS; b++) {
                double expected = a == b ? 0 : alike(&s, x, a, b), got = near_at(&draft.near, a, b);
                n_alike += expected > 0;
                assert_true(fabs(got - expected) <= 1e-5 * fabs(expected)); /* sums of a few dozen floats */
            }
        }
        assert_int_equal(draft.near.start[ITEMS], n_alike);
        rk_model_draft_release(&draft);
    }
    fixture_release(&f);
}

static void each_item_keeps_its_nearest(void **state)
{
    const char *const all[] = {"neighbours=1000", NULL}, *const few[] = {"neighbours=4", NULL};
    (void)state;
    fixture f = fixture_random(12, USERS, ITEMS, EVENTS);
    rk_model_draft whole = fixture_train(&f, "itemknn", 1, all), kept = fixture_train(&f, "itemknn", 1, few);
    for (uint32_t a = 0; a < ITEMS; a++) {
        uint64_t n = whole.near.start[a + 1] - whole.near.start[a],
                 n_kept = kept.near.start[a + 1] - kept.near.start[a];
        assert_int_equal(n_kept, n < 4 ? n : 4);
        for (uint64_t e = whole.near.start[a]; e < whole.near.start[a + 1]; e++) {
            size_t n_before = 0; /* how many are nearer, or as near and smaller */
            for (uint64_t o = whole.near.start[a]; o < whole.near.start[a + 1]; o++) {
                n_before +=
                    whole.near.value[o] > whole.near.value[e] || (whole.near.value[o] >= whole.near.value[e] && o < e);
            }
            double got = near_at(&kept.near, a, whole.near.col[e]);
            assert_true(n_before < 4 ? got == (double)whole.near.value[e] : got <= 0);
        }
    }
    rk_model_draft_release(&whole);
    rk_model_draft_release(&kept);
    fixture_release(&f);
}

static void what_no_neighbour_speaks_for_comes_by_popularity(void **state)
{
    const char *const few[] = {"neighbours=2", NULL};
    (void)state;
    fixture f = fixture_random(13, USERS, ITEMS, EVENTS);
    rk_model_draft draft = fixture_train(&f, "itemknn", 1, few);
    float least = 1, most = 0;
    uint32_t taken[ITEMS] = {0};
    for (uint64_t e = 0; e < draft.seen.start[USERS]; e++) {
        taken[draft.seen.col[e]]++;
    }
    for (uint64_t e = 0; e < draft.near.start[ITEMS]; e++) {
        least = fminf(least, draft.near.value[e]);
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        most = fmaxf(most, draft.item_bias[i]);
        for (uint32_t j = 0; j < ITEMS; j++) {
            assert_true((draft.item_bias[i] > draft.item_bias[j]) == (taken[i] > taken[j]));
        }
    }
    assert_true(most < least / 1000);
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

/* ---- userknn ---- */

/* Users by items. */
static void fill_users(const fixture *f, const example *x, sides *out)
{
    static double value[USERS][ITEMS];
    fill_values(&f->dataset, x, value);
    memset(out, 0, sizeof *out);
    out->n_rows = USERS;
    out->n_cols = ITEMS;
    for (uint32_t u = 0; u < USERS; u++) {
        memcpy(out->thing[u], value[u], sizeof value[u]);
    }
    weigh_terms(out, x);
}

static rk_model *train_model(const fixture *f, const char *dir, const char *name, const char *const *set)
{
    char path[256];
    rk_model *model = NULL;
    rk_error err;
    fixture_train_file(f, dir, name, fixture_path(path, dir, "model.rk"), set);
    assert_int_equal(rk_model_open(path, &model, &err), RK_OK);
    return model;
}

static double row_weight(const rk_query *query, uint32_t row)
{
    for (size_t r = 0; r < query->rows.n; r++) {
        if (query->rows.item[r] == row) {
            return (double)query->rows.value[r];
        }
    }
    return 0;
}

/* The n best are there with what the definition says; none that is left out would be better. */
static void assert_nearest(const rk_query *query, const double *expected, size_t n_best)
{
    size_t n_alike = 0;
    double least = INFINITY;
    for (uint32_t v = 0; v < USERS; v++) {
        n_alike += expected[v] > 0;
    }
    assert_int_equal(query->rows.n, n_alike < n_best ? n_alike : n_best);
    for (size_t r = 0; r < query->rows.n; r++) {
        double got = (double)query->rows.value[r], real = expected[query->rows.item[r]];
        assert_true(fabs(got - real) <= 1e-5 * real);
        least = fmin(least, got);
    }
    for (uint32_t v = 0; v < USERS; v++) {
        assert_true(row_weight(query, v) > 0 || expected[v] <= least * (1 + 1e-5));
    }
}

static void a_user_is_asked_about_the_users_most_alike(void **state)
{
    char dir[64];
    (void)state;
    fixture_folder(dir);
    fixture f = fixture_random(21, USERS, ITEMS, EVENTS);
    for (size_t t = 0; t < RK_COUNT_OF(examples); t++) {
        const example *x = &examples[t];
        static sides s;
        const char *set[16] = {"neighbours=6", "power=1"};
        char similarity[40] = "similarity=";
        size_t n = 2;
        if (x->longest > 0) {
            continue; /* not an option of userknn */
        }
        set[n++] = strcat(similarity, x->similarity);
        for (size_t i = 0; x->set[i]; i++) {
            set[n++] = x->set[i];
        }
        rk_model *model = train_model(&f, dir, "userknn", set);
        fill_users(&f, x, &s);
        for (uint32_t u = 0; u < USERS; u++) {
            double expected[USERS];
            rk_arena arena = {0};
            rk_query query;
            rk_error err;
            for (uint32_t v = 0; v < USERS; v++) {
                expected[v] = u == v ? 0 : alike(&s, x, u, v);
            }
            assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
            assert_nearest(&query, expected, 6);
            rk_arena_release(&arena);
        }
        rk_model_close(model);
    }
    fixture_release(&f);
    fixture_remove(dir);
}

static void a_told_history_is_answered_like_a_user(void **state)
{
    const char *const set[] = {"neighbours=5", "popularity=0.3", NULL};
    char dir[64];
    (void)state;
    fixture_folder(dir);
    fixture f = fixture_random(22, USERS, ITEMS, EVENTS);
    rk_model *model = train_model(&f, dir, "userknn", set);
    for (uint32_t u = 0; u < USERS; u++) {
        rk_history seen = rk_model_seen(model, u);
        rk_arena arena = {0};
        rk_query told;
        rk_error err;
        uint32_t items[ITEMS];
        float scores[ITEMS];
        for (uint32_t i = 0; i < ITEMS; i++) {
            items[i] = i;
        }
        assert_int_equal(rk_model_encode(model, seen, &arena, &told, &err), RK_OK);
        assert_true(seen.n == 0 || row_weight(&told, u) > 0); /* nobody said that it is the same user */
        rk_model_scores(model, &told, 0, ITEMS, scores);
        float *weight = RK_TAKE(&arena, float, ITEMS *seen.n);
        assert_int_equal(rk_model_kind_of(model)->explain(model, seen, items, ITEMS, &arena, weight, &err), RK_OK);
        for (uint32_t i = 0; i < ITEMS; i++) {
            double sum = (double)rk_model_item_bias(model)[i];
            for (size_t h = 0; h < seen.n; h++) {
                sum += (double)weight[i * seen.n + h];
            }
            assert_true(fabs(sum - (double)scores[i]) <= 1e-5 * fabs(sum));
        }
        rk_arena_release(&arena);
    }
    rk_model_close(model);
    fixture_release(&f);
    fixture_remove(dir);
}

static void nobody_is_like_somebody_without_a_history(void **state)
{
    const char *const none[] = {NULL};
    char dir[64];
    (void)state;
    fixture_folder(dir);
    fixture f = fixture_random(23, USERS, ITEMS, EVENTS);
    rk_model *model = train_model(&f, dir, "userknn", none);
    rk_arena arena = {0};
    rk_query query;
    rk_error err;
    uint32_t item;
    float score;
    assert_int_equal(rk_model_encode(model, (rk_history){0}, &arena, &query, &err), RK_OK);
    assert_int_equal(query.rows.n, 0);
    rk_model_scores(model, &query, 0, 1, &score);
    assert_true(score == rk_model_item_bias(model)[0]);
    item = 3;
    assert_int_equal(rk_model_encode(model, (rk_history){&item, &(float){-2}, 1}, &arena, &query, &err), RK_OK);
    assert_int_equal(query.rows.n, 0);
    rk_arena_release(&arena);
    rk_model_close(model);
    fixture_release(&f);
    fixture_remove(dir);
}

/* ---- both ---- */

static void assert_same_rows(const rk_csr *a, const rk_csr *b)
{
    uint64_t n = a->start[a->n_rows];
    assert_memory_equal(a->start, b->start, ((size_t)a->n_rows + 1) * sizeof *a->start);
    assert_memory_equal(a->col, b->col, n * sizeof *a->col);
    assert_memory_equal(a->value, b->value, n * sizeof *a->value);
}

static void any_number_of_threads_gives_the_same_neighbours(void **state)
{
    const char *const set[] = {"neighbours=20", "activity=0.6", "weigh=log", "power=1.2", NULL};
    (void)state;
    fixture f = fixture_random(14, 300, 700, 6000);
    rk_model_draft one = fixture_train(&f, "itemknn", 1, set);
    for (unsigned t = 2; t <= 4; t += 2) {
        rk_model_draft more = fixture_train(&f, "itemknn", t, set);
        assert_same_rows(&one.near, &more.near);
        assert_memory_equal(one.item_bias, more.item_bias, 700 * sizeof *one.item_bias);
        rk_model_draft_release(&more);
    }
    rk_model_draft_release(&one);
    fixture_release(&f);
}

static void half_lives_need_times(void **state)
{
    static const char *const kinds[] = {"itemknn", "userknn"};
    (void)state;
    float ratings[4] = {1, 1, 0, 1};
    fixture f = fixture_ratings(ratings, 2, 2);
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        const rk_model_kind *kind = rk_model_kind_find(kinds[k]);
        rk_error err = {0};
        rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
        rk_options_defaults(table);
        assert_int_equal(rk_options_set(table, "half-life=30", &err), RK_OK);
        rk_model_draft draft = {0};
        assert_int_equal(kind->train(&f.dataset, table.settings, &(rk_run){0}, &draft, &err), RK_BAD_INPUT);
        assert_string_equal(err.message, "half-life needs event times, which this dataset has not");
        rk_model_draft_release(&draft);
        rk_options_release(table);
        free(table.settings);
    }
    fixture_release(&f);
}

/* Returned goods make a sum negative; that speaks for nothing, and is no NaN. */
static void negative_sums_count_for_nothing(void **state)
{
    const char *const set[] = {"weigh=sum", "activity=0", NULL};
    (void)state;
    float ratings[9] = {2, 1, 3, 1, 1, 0, 1, 0, 1};
    fixture f = fixture_ratings(ratings, 3, 3);
    f.event_value[1] = -5;  /* user 0, item 1 */
    f.event_value[4] = NAN; /* user 1, item 1 */
    rk_model_draft draft = fixture_train(&f, "itemknn", 1, set);
    assert_int_equal(draft.near.start[2] - draft.near.start[1], 0);
    assert_true(near_at(&draft.near, 0, 2) > .9 && near_at(&draft.near, 0, 2) <= 1);
    for (uint64_t e = 0; e < draft.seen.start[3]; e++) {
        assert_true(draft.seen.value[e] >= 0);
    }
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_likeness_is_its_definition),
        cmocka_unit_test(each_item_keeps_its_nearest),
        cmocka_unit_test(what_no_neighbour_speaks_for_comes_by_popularity),
        cmocka_unit_test(a_user_is_asked_about_the_users_most_alike),
        cmocka_unit_test(a_told_history_is_answered_like_a_user),
        cmocka_unit_test(nobody_is_like_somebody_without_a_history),
        cmocka_unit_test(any_number_of_threads_gives_the_same_neighbours),
        cmocka_unit_test(half_lives_need_times),
        cmocka_unit_test(negative_sums_count_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
