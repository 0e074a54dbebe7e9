/* test_sequence.c - transitions, baskets and lists by time agree with the obvious loops over all pairs of events. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "model/answer.h"
#include "model/lookup.h"
#include "model/visits.h"
#include "support/faults.h"
#include "support/test.h"

enum { USERS = 30, ITEMS = 25, EVENTS = 500 };

/* Each user's events minutes to days apart. */
static fixture with_pauses(uint64_t seed)
{
    fixture f = fixture_random(seed, USERS, ITEMS, EVENTS);
    for (uint32_t u = 0; u < USERS; u++) {
        int64_t time = 1000000 + (int64_t)u * 7000;
        for (uint64_t e = f.user_start[u]; e < f.user_start[u + 1]; e++) {
            static const int64_t pauses[] = {0, 60, 3600, 3601, 90000};
            time += pauses[test_random(&seed) % RK_COUNT_OF(pauses)];
            f.event_time[e] = time;
        }
    }
    return f;
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

static void assert_near(const rk_csr *near, double expected[ITEMS][ITEMS])
{
    for (uint32_t a = 0; a < ITEMS; a++) {
        for (uint32_t b = 0; b < ITEMS; b++) {
            double want = a == b ? 0 : expected[a][b];
            assert_true(fabs(near_at(near, a, b) - want) <= 1e-5 * want); /* sums of a few dozen floats */
        }
    }
}

static uint32_t user_of(const rk_dataset *d, uint64_t e)
{
    uint32_t u = 0;
    while (d->user_start[u + 1] <= e) {
        u++;
    }
    return u;
}

static int64_t newest(const rk_dataset *d)
{
    int64_t last = INT64_MIN;
    for (uint64_t e = 0; e < d->n_events; e++) {
        last = d->event_time[e] > last ? d->event_time[e] : last;
    }
    return last;
}

/* Whether somebody paused for longer than gap_h between two of his events; gap_h 0: nobody does. */
static bool is_one_visit(const rk_dataset *d, uint64_t a, uint64_t b, double gap_h)
{
    bool is_one = user_of(d, a) == user_of(d, b);
    for (uint64_t e = a; is_one && gap_h > 0 && e < b; e++) {
        is_one = (double)(d->event_time[e + 1] - d->event_time[e]) <= gap_h * 3600;
    }
    return is_one;
}

/* ---- visits ---- */

static void a_visit_ends_with_its_user_and_with_a_pause(void **state)
{
    (void)state;
    fixture f = with_pauses(3);
    static const double gaps[] = {-1, 0, 1, 24};
    for (size_t g = 0; g < RK_COUNT_OF(gaps); g++) {
        rk_visits visits;
        rk_error err;
        assert_int_equal(rk_visits_cut(&f.dataset, gaps[g], &visits, &err), RK_OK);
        assert_int_equal(visits.start[0], 0);
        assert_int_equal(visits.start[visits.n], EVENTS);
        for (uint64_t e = 1; e < EVENTS; e++) {
            bool is_same = user_of(&f.dataset, e) == user_of(&f.dataset, e - 1) &&
                           (gaps[g] < 0 || (double)(f.event_time[e] - f.event_time[e - 1]) <= gaps[g] * 3600);
            assert_int_equal(visits.of_event[e] - visits.of_event[e - 1], !is_same);
            assert_true(visits.start[visits.of_event[e]] <= e && e < visits.start[visits.of_event[e] + 1]);
        }
        rk_visits_release(&visits);
    }
    fixture_release(&f);
}

/* ---- session ---- */

typedef struct {
    const char *const set[10];
    uint32_t window;
    double decay, back, alpha, activity, shrink, power, half_life, gap;
} example;

static const example examples[] = {
    {{"window=1", "back=0", "alpha=0", "activity=0", NULL}, 1, .8, 0, 0, 0, 0, 1, 0, 0},
    {{"window=4", "decay=0.5", "back=0.3", "alpha=0.4", "activity=0.6", "shrink=2", NULL},
     4,
     .5,
     .3,
     .4,
     .6,
     2,
     1,
     0,
     0},
    {{"window=100", "gap=1", "half-life=3", "power=0.7", NULL}, 100, .8, .5, .3, .3, 0, .7, 3, 1},
    {{"gap=24", "back=1", "decay=1", NULL}, 10, 1, 1, .3, .3, 0, 1, 0, 24},
};

static double visit_length(const rk_dataset *d, uint64_t e, double gap)
{
    double n = 0;
    for (uint64_t o = 0; o < d->n_events; o++) {
        n += is_one_visit(d, o < e ? o : e, o < e ? e : o, gap);
    }
    return n;
}

static void count_transitions(const rk_dataset *d, const example *x, double sum[ITEMS][ITEMS])
{
    int64_t now = newest(d);
    memset(sum, 0, ITEMS * sizeof sum[0]);
    for (uint64_t a = 0; a < d->n_events; a++) {
        double length = visit_length(d, a, x->gap);
        for (uint64_t b = a + 1; b <= a + x->window && b < d->n_events; b++) {
            double days = (double)(now - d->event_time[b]) / 86400;
            double weight = pow(x->decay, (double)(b - a) - 1) * pow(length, -x->activity);
            weight *= x->half_life > 0 ? pow(2, -days / x->half_life) : 1;
            if (is_one_visit(d, a, b, x->gap)) {
                sum[d->event_item[a]][d->event_item[b]] += weight;
                sum[d->event_item[b]][d->event_item[a]] += weight * x->back;
            }
        }
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        for (uint32_t j = 0; j < ITEMS; j++) {
            double ni = (double)(d->item_start[i + 1] - d->item_start[i]);
            double nj = (double)(d->item_start[j + 1] - d->item_start[j]);
            sum[i][j] = sum[i][j] > 0 ? pow(sum[i][j] / (ni * pow(nj, x->alpha) + x->shrink), x->power) : 0;
        }
    }
}

static void transitions_are_the_sum_over_all_pairs_of_events(void **state)
{
    (void)state;
    fixture f = with_pauses(5);
    for (size_t t = 0; t < RK_COUNT_OF(examples); t++) {
        static double sum[ITEMS][ITEMS];
        rk_model_draft draft = fixture_train(&f, "session", 2, examples[t].set);
        count_transitions(&f.dataset, &examples[t], sum);
        assert_near(&draft.near, sum);
        rk_model_draft_release(&draft);
    }
    fixture_release(&f);
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

static void the_last_items_say_most(void **state)
{
    const char *const set[] = {"memory=0.5", NULL};
    char dir[64];
    (void)state;
    fixture_folder(dir);
    fixture f = with_pauses(7);
    rk_model *model = train_model(&f, dir, "session", set);
    const rk_dataset *d = &f.dataset;
    for (uint32_t u = 0; u < USERS; u++) {
        rk_arena arena = {0};
        rk_query query;
        rk_error err;
        assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
        for (size_t h = 0; h < query.rows.n; h++) {
            bool is_later[ITEMS] = {false};
            uint32_t n_later = 0;
            for (uint64_t e = d->user_start[u + 1]; e-- > d->user_start[u] && d->event_item[e] != query.rows.item[h];) {
                n_later += !is_later[d->event_item[e]];
                is_later[d->event_item[e]] = true;
            }
            assert_true(fabs((double)query.rows.value[h] - pow(.5, n_later)) < 1e-6);
        }
        rk_arena_release(&arena);
    }
    rk_model_close(model);
    fixture_release(&f);
    fixture_remove(dir);
}

static void a_told_list_is_in_order_unless_it_says_otherwise(void **state)
{
    const char *const set[] = {"memory=0.5", NULL};
    static const struct {
        const char *list;
        double of_i2, of_i5, of_i9; /* weights */
    } cases[] = {
        {"i9,i2,i5", .5, 1, .25},
        {"i5,i9,i2", 1, .25, .5},
        {"i5=1,i9=1,i2=1", 1, 1, 1},
        {"i9=8,i2=3,i5=5", .25, .5, 1},
    };
    char dir[64];
    (void)state;
    fixture_folder(dir);
    fixture f = with_pauses(8);
    rk_model *model = train_model(&f, dir, "session", set);
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        rk_arena arena = {0};
        rk_history history;
        rk_query query;
        rk_error err;
        assert_int_equal(rk_model_read_items(model, cases[c].list, true, &arena, &history, &err), RK_OK);
        assert_int_equal(rk_model_encode(model, history, &arena, &query, &err), RK_OK);
        assert_int_equal(query.rows.n, 3);
        const double expected[] = {cases[c].of_i2, cases[c].of_i5, cases[c].of_i9};
        for (size_t h = 0; h < 3; h++) {
            assert_true(fabs((double)query.rows.value[h] - expected[h]) < 1e-6);
        }
        rk_arena_release(&arena);
    }
    rk_model_close(model);
    fixture_release(&f);
    fixture_remove(dir);
}

/* ---- bought together ---- */

typedef struct {
    double baskets, of[ITEMS], both[ITEMS][ITEMS];
} counts;

/* Baskets by a pause of more than gap_h hours, those of more than `longest` items left out. */
static void count_baskets(const rk_dataset *d, double gap_h, uint32_t longest, counts *out)
{
    memset(out, 0, sizeof *out);
    for (uint64_t e = 0; e < d->n_events; e++) {
        bool is_in[ITEMS] = {false};
        uint32_t n = 0;
        if (e > 0 && is_one_visit(d, e - 1, e, gap_h)) {
            continue;
        }
        for (uint64_t o = e; o < d->n_events && is_one_visit(d, e, o, gap_h); o++) {
            n += !is_in[d->event_item[o]];
            is_in[d->event_item[o]] = true;
        }
        if (longest > 0 && n > longest) {
            continue;
        }
        out->baskets++;
        for (uint32_t i = 0; i < ITEMS; i++) {
            out->of[i] += is_in[i];
            for (uint32_t j = 0; j < ITEMS; j++) {
                out->both[i][j] += is_in[i] && is_in[j];
            }
        }
    }
}

static void rules_hold_what_all_baskets_say(void **state)
{
    static const struct {
        const char *const set[8];
        double gap, support, confidence, lift;
        uint32_t longest;
        char by;
    } cases[] = {
        {{"by=lift", "support=1", "lift=0", "gap=1", NULL}, 1, 1, 0, 0, 0, 'l'},
        {{"by=confidence", "support=2", "confidence=0.2", "gap=24", NULL}, 24, 2, .2, 1, 0, 'c'},
        {{"by=cosine", "support=1", "lift=1.3", "gap=2", "longest=4", NULL}, 2, 1, 0, 1.3, 4, 's'},
    };
    (void)state;
    fixture f = with_pauses(9);
    for (size_t t = 0; t < RK_COUNT_OF(cases); t++) {
        static counts n;
        static double expected[ITEMS][ITEMS];
        count_baskets(&f.dataset, cases[t].gap, cases[t].longest, &n);
        for (uint32_t i = 0; i < ITEMS; i++) {
            for (uint32_t j = 0; j < ITEMS; j++) {
                double both = n.both[i][j], lift = both * n.baskets / (n.of[i] * n.of[j]);
                bool is_rule =
                    both >= cases[t].support && both / n.of[i] >= cases[t].confidence && lift >= cases[t].lift;
                double by = cases[t].by == 'l'   ? lift
                            : cases[t].by == 'c' ? both / n.of[i]
                                                 : both / sqrt(n.of[i] * n.of[j]);
                expected[i][j] = is_rule ? by : 0;
            }
        }
        rk_model_draft draft = fixture_train(&f, "bought-together", 2, cases[t].set);
        assert_near(&draft.near, expected);
        assert_true(json_number_value(json_object_get(draft.figures, "baskets")) == n.baskets);
        rk_model_draft_release(&draft);
    }
    fixture_release(&f);
}

static void a_rule_says_what_it_rests_on(void **state)
{
    static const char *const bys[] = {"by=lift", "by=confidence", "by=cosine"};
    char dir[64];
    (void)state;
    fixture_folder(dir);
    fixture f = with_pauses(10);
    static counts n;
    count_baskets(&f.dataset, 1, 0, &n);
    for (size_t b = 0; b < RK_COUNT_OF(bys); b++) {
        const char *const set[] = {bys[b], "support=1", NULL};
        rk_model *model = train_model(&f, dir, "bought-together", set);
        rk_desk *desk = rk_desk_new();
        for (uint32_t i = 0; i < ITEMS; i++) {
            rk_answer answer;
            rk_error err;
            assert_int_equal(rk_answer_similar(desk, model, &(rk_like_wish){.item = i, .n = ITEMS}, &answer, &err),
                             RK_OK);
            for (uint32_t r = 0; r < answer.n; r++) {
                uint32_t j = answer.item[r];
                rk_fact facts[RK_FACTS_MAX];
                assert_int_equal(rk_answer_facts(model, &answer, r, facts), 3);
                assert_string_equal(facts[0].name, "support");
                assert_true(facts[0].value == n.both[i][j]);
                assert_true(fabs(facts[1].value - n.both[i][j] / n.of[i]) < 1e-12);
                assert_true(fabs(facts[2].value - n.both[i][j] * n.baskets / (n.of[i] * n.of[j])) < 1e-9);
            }
        }
        rk_desk_free(desk);
        rk_model_close(model);
    }
    fixture_release(&f);
    fixture_remove(dir);
}

static void without_times_a_user_is_a_basket(void **state)
{
    const char *const set[] = {"by=confidence", "support=1", "lift=0", NULL};
    float ratings[] = {1, 1, 0, 1, 1, 1, 1, 0, 0};
    (void)state;
    fixture f = fixture_ratings(ratings, 3, 3);
    rk_model_draft draft = fixture_train(&f, "bought-together", 1, set);
    assert_true(fabs(near_at(&draft.near, 0, 1) - 2.0 / 3) < 1e-6);
    assert_true(fabs(near_at(&draft.near, 2, 0) - 1) < 1e-6);
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

/* ---- lists by time ---- */

static void recent_is_by_the_last_event_of_each_item(void **state)
{
    const char *const none[] = {NULL};
    (void)state;
    fixture f = with_pauses(11);
    rk_model_draft draft = fixture_train(&f, "recent", 1, none);
    int64_t now = newest(&f.dataset);
    for (uint32_t i = 0; i < ITEMS; i++) {
        int64_t last = INT64_MIN;
        for (uint64_t e = 0; e < EVENTS; e++) {
            last = f.event_item[e] == i && f.event_time[e] > last ? f.event_time[e] : last;
        }
        double expected = last == INT64_MIN ? 0 : 1 / (1 + (double)(now - last) / 86400);
        assert_true(fabs((double)draft.item_bias[i] - expected) < 1e-6);
    }
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

static void trending_is_late_against_expected(void **state)
{
    const char *const set[] = {"window=1", "before=3", "smooth=2", NULL};
    (void)state;
    fixture f = with_pauses(12);
    rk_model_draft draft = fixture_train(&f, "trending", 1, set);
    int64_t now = newest(&f.dataset);
    for (uint32_t i = 0; i < ITEMS; i++) {
        double late = 0, earlier = 0;
        for (uint64_t e = 0; e < EVENTS; e++) {
            int64_t age = now - f.event_time[e];
            late += f.event_item[e] == i && age < 86400;
            earlier += f.event_item[e] == i && age >= 86400 && age <= 4 * 86400;
        }
        assert_true(fabs((double)draft.item_bias[i] - (late + 2) / (earlier / 3 + 2)) < 1e-6);
    }
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

/* ---- all ---- */

static void any_number_of_threads_gives_the_same_rows(void **state)
{
    static const char *const kinds[] = {"session", "bought-together"};
    const char *const set[] = {"neighbours=7", NULL};
    (void)state;
    fixture f = fixture_random(14, 200, 900, 5000);
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        rk_model_draft one = fixture_train(&f, kinds[k], 1, set);
        for (unsigned t = 2; t <= 4; t += 2) {
            rk_model_draft more = fixture_train(&f, kinds[k], t, set);
            uint64_t n = one.near.start[900];
            assert_memory_equal(one.near.start, more.near.start, 901 * sizeof *one.near.start);
            assert_memory_equal(one.near.col, more.near.col, n * sizeof *one.near.col);
            assert_memory_equal(one.near.value, more.near.value, n * sizeof *one.near.value);
            rk_model_draft_release(&more);
        }
        rk_model_draft_release(&one);
    }
    fixture_release(&f);
}

static void assert_refused(const fixture *f, const char *name, const char *set, const char *words)
{
    const rk_model_kind *kind = rk_model_kind_find(name);
    rk_error err = {0};
    rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes + 1)};
    rk_model_draft draft = {0};
    rk_options_defaults(table);
    assert_int_equal(set ? rk_options_set(table, set, &err) : RK_OK, RK_OK);
    assert_int_equal(kind->train(&f->dataset, table.settings, &(rk_run){0}, &draft, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, words);
    rk_model_draft_release(&draft);
    rk_options_release(table);
    free(table.settings);
}

static void what_needs_times_is_refused_without(void **state)
{
    float ratings[4] = {1, 1, 0, 1};
    (void)state;
    fixture f = fixture_ratings(ratings, 2, 2), day = fixture_random(15, 5, 5, 60);
    assert_refused(&f, "recent", NULL, "recent needs event times, which this dataset has not");
    assert_refused(&f, "trending", NULL, "trending needs event times, which this dataset has not");
    assert_refused(&f, "session", "gap=3", "half-life and gap need event times, which this dataset has not");
    assert_refused(&day, "trending", "window=2",
                   "trending compares the last 2 days with those before, and this log spans 0.041");
    fixture_release(&f);
    fixture_release(&day);
}

typedef struct {
    const fixture *f;
    const char *name, *set;
} training;

static bool attempt(void *context)
{
    const training *t = context;
    const rk_model_kind *kind = rk_model_kind_find(t->name);
    rk_error err = {0};
    rk_option_table table = {kind->options, kind->n_options, NULL};
    rk_model_draft draft = {0};
    _Alignas(max_align_t) char settings[1024] = {0}; /* not from the heap that fails */
    assert_true(kind->settings_bytes <= sizeof settings);
    table.settings = settings;
    rk_options_defaults(table);
    assert_int_equal(rk_options_set(table, t->set, &err), RK_OK);
    rk_status status = kind->train(&t->f->dataset, settings, &(rk_run){0}, &draft, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    rk_model_draft_release(&draft);
    return status == RK_OK;
}

static void memory_that_is_short_is_an_error_of_training(void **state)
{
    (void)state;
    fixture f = with_pauses(16);
    const training cases[] = {
        {&f, "itemknn", "longest=20"},  {&f, "itemknn", "similarity=bm25"}, {&f, "userknn", "half-life=2"},
        {&f, "session", "half-life=2"}, {&f, "bought-together", "gap=2"},   {&f, "trending", "window=1"},
    };
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        training t = cases[c];
        assert_true(fault_each(attempt, &t) > 0);
    }
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_ends_with_its_user_and_with_a_pause),
        cmocka_unit_test(transitions_are_the_sum_over_all_pairs_of_events),
        cmocka_unit_test(the_last_items_say_most),
        cmocka_unit_test(a_told_list_is_in_order_unless_it_says_otherwise),
        cmocka_unit_test(rules_hold_what_all_baskets_say),
        cmocka_unit_test(a_rule_says_what_it_rests_on),
        cmocka_unit_test(without_times_a_user_is_a_basket),
        cmocka_unit_test(recent_is_by_the_last_event_of_each_item),
        cmocka_unit_test(trending_is_late_against_expected),
        cmocka_unit_test(any_number_of_threads_gives_the_same_rows),
        cmocka_unit_test(memory_that_is_short_is_an_error_of_training),
        cmocka_unit_test(what_needs_times_is_refused_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
