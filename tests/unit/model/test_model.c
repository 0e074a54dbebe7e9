/* test_model.c - model files: what is written is what is read, answers equal a full sort, a hostile file is an error.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "math/dot.h"
#include "math/random.h"
#include "model/answer.h"
#include "model/lookup.h"
#include "support/test.h"

enum { USERS = 80, ITEMS = 2500, EVENTS = 4000, DIM = 20 };

/* A folder with a dataset and a model of every kind, form and element type. */
typedef struct {
    char dir[64], als[256], popular[256], mf[256], f16[256], i8[256], near[256], both[256];
} shelf;

/* Neighbours: every fifth item or so has a row of about NEAR_EACH entries. */
enum { NEAR_EACH = 30 };
static float square[ITEMS][ITEMS]; /* the same, written out */

/* The model at `from` with item vectors of another type, or damaged: see below. */
typedef struct {
    const char *replace; /* section to write differently; NULL = none */
    rk_type type;
    uint64_t rows, cols;
    const void *data; /* NULL = leave the section out */
    const char *meta; /* key to set */
    json_t *value;
} change;

static void rewrite(const char *from, const char *to, const change *changes, size_t n_changes)
{
    rk_artefact *in;
    rk_artefact_writer *out;
    rk_error err;
    assert_int_equal(rk_artefact_open(from, "model", &in, &err), RK_OK);
    assert_int_equal(rk_artefact_create(to, "model", &out, &err), RK_OK);
    json_t *meta = json_deep_copy(rk_artefact_meta(in));
    json_object_update(rk_artefact_writer_meta(out), meta);
    json_decref(meta);
    for (size_t i = 0; i < rk_artefact_n_sections(in); i++) {
        const rk_section *section = rk_artefact_section_at(in, i);
        bool is_kept = true;
        for (size_t c = 0; c < n_changes; c++) {
            is_kept &= !changes[c].replace || strcmp(section->name, changes[c].replace) != 0;
        }
        if (is_kept) {
            assert_int_equal(rk_artefact_add_copy(out, section, &err), RK_OK);
        }
    }
    for (size_t c = 0; c < n_changes; c++) {
        const change *x = &changes[c];
        if (x->replace && x->data) {
            assert_int_equal(rk_artefact_add(out, x->replace, x->type, x->rows, x->cols, x->data, &err), RK_OK);
        }
        if (x->meta) {
            json_object_set_new(rk_artefact_writer_meta(out), x->meta, x->value);
        }
    }
    assert_int_equal(rk_artefact_commit(out, NULL, &err), RK_OK);
    rk_artefact_close(in);
}

static rk_model *open_model(const char *path)
{
    rk_model *model = NULL;
    rk_error err = {0};
    if (rk_model_open(path, &model, &err)) {
        print_error("%s\n", err.message);
    }
    assert_non_null(model);
    return model;
}

static void shrink(const shelf *s)
{
    rk_model *model = open_model(s->als);
    size_t wide = rk_model_stride(RK_F16, DIM), narrow = rk_model_stride(RK_I8, DIM);
    rk_half *halves = calloc(ITEMS * wide, sizeof *halves);
    int8_t *bytes = calloc(ITEMS * narrow, sizeof *bytes);
    float scale[ITEMS], row[DIM];
    for (uint32_t i = 0; i < ITEMS; i++) {
        rk_model_item_vector(model, i, row);
        rk_half_of_row(halves + i * wide, row, DIM);
        scale[i] = rk_int8_of_row(bytes + i * narrow, row, DIM);
    }
    const change to_f16[] = {{"item.vector", RK_F16, ITEMS, wide, halves, NULL, NULL}};
    const change to_i8[] = {{"item.vector", RK_I8, ITEMS, narrow, bytes, NULL, NULL},
                            {"item.scale", RK_F32, ITEMS, 1, scale, NULL, NULL}};
    rewrite(s->als, s->f16, to_f16, 1);
    rewrite(s->als, s->i8, to_i8, 2);
    free(halves);
    free(bytes);
    rk_model_close(model);
}

/* The models of `popular` and `als` with neighbours beside what they have. */
static void add_neighbours(const shelf *s)
{
    static uint64_t start[ITEMS + 1];
    static uint32_t item[ITEMS * 2 * NEAR_EACH];
    static float weight[ITEMS * 2 * NEAR_EACH];
    rk_random random = rk_random_of(5, 0);
    uint64_t n = 0;
    for (uint32_t r = 0; r < ITEMS; r++) {
        for (uint32_t i = 0; i < ITEMS && r % 5 < 4; i++) {
            if (rk_random_below(&random, ITEMS) < NEAR_EACH && n < RK_COUNT_OF(item)) {
                item[n] = i;
                weight[n] = (float)rk_random_normal(&random);
                square[r][i] = weight[n++];
            }
        }
        start[r + 1] = n;
    }
    const change changes[] = {{"near.start", RK_U64, ITEMS + 1, 1, start, NULL, NULL},
                              {"near.item", RK_U32, n, 1, item, NULL, NULL},
                              {"near.weight", RK_F32, n, 1, weight, NULL, NULL}};
    rewrite(s->popular, s->near, changes, RK_COUNT_OF(changes));
    rewrite(s->als, s->both, changes, RK_COUNT_OF(changes));
}

static int set_up(void **state)
{
    static shelf s;
    const char *const als[] = {"factors=20", "iterations=2", NULL};
    const char *const mf[] = {"factors=20", "iterations=3", NULL};
    const char *const none[] = {NULL};
    fixture f = fixture_random(31, USERS, ITEMS, EVENTS);
    fixture_folder(s.dir);
    fixture_train_file(&f, s.dir, "als", fixture_path(s.als, s.dir, "als.rk"), als);
    fixture_train_file(&f, s.dir, "mf", fixture_path(s.mf, s.dir, "mf.rk"), mf);
    fixture_train_file(&f, s.dir, "popular", fixture_path(s.popular, s.dir, "popular.rk"), none);
    fixture_path(s.f16, s.dir, "f16.rk");
    fixture_path(s.i8, s.dir, "i8.rk");
    fixture_path(s.near, s.dir, "near.rk");
    fixture_path(s.both, s.dir, "both.rk");
    shrink(&s);
    add_neighbours(&s);
    fixture_release(&f);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    fixture_remove(((shelf *)*state)->dir);
    return 0;
}

/* ---- answers ---- */

typedef struct {
    float score;
    uint32_t item;
} scored;

static int better_first(const void *a, const void *b)
{
    const scored *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score ? 1 : (x->item > y->item) - (x->item < y->item);
}

static void assert_best_is_sorted(const rk_model *model, rk_query *query, const uint32_t *skip, size_t n_skip)
{
    static float all[ITEMS];
    static scored sorted[ITEMS];
    size_t n = 0;
    rk_error err;
    rk_model_scores(model, query, 0, ITEMS, all);
    for (uint32_t i = 0, s = 0; i < ITEMS; i++) {
        if (s < n_skip && skip[s] == i) {
            s++;
        } else {
            sorted[n++] = (scored){all[i], i};
        }
    }
    qsort(sorted, n, sizeof *sorted, better_first);
    static const uint32_t wanted[] = {1, 10, 200, ITEMS + 5};
    for (size_t w = 0; w < 4; w++) {
        static uint32_t items[ITEMS + 5];
        static float scores[ITEMS + 5];
        uint32_t n_found;
        assert_int_equal(rk_model_best(model, query, skip, n_skip, wanted[w], items, scores, &n_found, &err), RK_OK);
        assert_int_equal(n_found, wanted[w] < n ? wanted[w] : n);
        for (uint32_t i = 0; i < n_found; i++) {
            assert_int_equal(items[i], sorted[i].item);
            assert_true(scores[i] == sorted[i].score);
        }
    }
}

static void the_best_are_the_head_of_a_full_sort(void **state)
{
    const shelf *s = *state;
    const char *const paths[] = {s->als, s->f16, s->i8, s->mf, s->popular, s->near, s->both};
    for (size_t p = 0; p < RK_COUNT_OF(paths); p++) {
        rk_model *model = open_model(paths[p]);
        rk_arena arena = {0};
        rk_error err;
        rk_query query;
        for (uint32_t u = 0; u < 5; u++) {
            rk_history seen = rk_model_seen(model, u);
            assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
            assert_best_is_sorted(model, &query, seen.item, seen.n);
            assert_best_is_sorted(model, &query, NULL, 0);
            memset(query.vector, 0, rk_model_dim(model) * sizeof *query.vector); /* all alike: smaller ids first */
            assert_best_is_sorted(model, &query, seen.item, seen.n);
        }
        rk_arena_release(&arena);
        rk_model_close(model);
    }
}

static void shorter_numbers_score_nearly_alike(void **state)
{
    const shelf *s = *state;
    const char *const paths[] = {s->f16, s->i8};
    static float exact[ITEMS], rough[ITEMS];
    rk_model *whole = open_model(s->als);
    rk_arena arena = {0};
    rk_error err;
    rk_query query;
    assert_int_equal(rk_model_user_query(whole, 3, &arena, &query, &err), RK_OK);
    rk_model_scores(whole, &query, 0, ITEMS, exact);
    for (size_t p = 0; p < 2; p++) {
        rk_model *model = open_model(paths[p]);
        rk_model_scores(model, &query, 0, ITEMS, rough);
        for (size_t i = 0; i < ITEMS; i++) {
            assert_true(fabsf(rough[i] - exact[i]) < 0.02F);
        }
        assert_true(rk_model_form_bytes(model) < rk_model_form_bytes(whole));
        rk_model_close(model);
    }
    rk_arena_release(&arena);
    rk_model_close(whole);
}

/* Whole runs, short ones, single items, forwards and backwards: the same scores. */
static void neighbours_score_as_the_sum_over_the_history(void **state)
{
    const shelf *s = *state;
    rk_model *near = open_model(s->near), *both = open_model(s->both), *popular = open_model(s->popular),
             *als = open_model(s->als);
    rk_arena arena = {0};
    rk_error err;
    for (uint32_t u = 0; u < 6; u++) {
        static float all[ITEMS], runs[ITEMS], base[ITEMS];
        rk_query query, plain;
        rk_model *const pairs[][2] = {{near, popular}, {both, als}};
        for (size_t p = 0; p < 2; p++) {
            rk_history seen = rk_model_seen(pairs[p][0], u);
            assert_int_equal(rk_model_encode(pairs[p][0], seen, &arena, &query, &err), RK_OK);
            assert_int_equal(rk_model_encode(pairs[p][1], seen, &arena, &plain, &err), RK_OK);
            rk_model_scores(pairs[p][0], &query, 0, ITEMS, all);
            rk_model_scores(pairs[p][1], &plain, 0, ITEMS, base);
            for (uint32_t first = 0; first < ITEMS; first += 77) {
                rk_model_scores(pairs[p][0], &query, first, ITEMS - first < 77 ? ITEMS - first : 77, runs + first);
            }
            for (uint32_t i = ITEMS; i-- > 0;) {
                double sum = (double)base[i];
                float one;
                rk_model_scores(pairs[p][0], &query, i, 1, &one);
                for (size_t h = 0; h < seen.n; h++) {
                    sum += (double)(seen.value ? seen.value[h] : 1) * (double)square[seen.item[h]][i];
                }
                assert_true(fabs((double)all[i] - sum) < 1e-4);
                assert_true(all[i] == runs[i] && all[i] == one);
            }
            rk_arena_clear(&arena);
        }
    }
    rk_arena_release(&arena);
    rk_model *const models[] = {near, both, popular, als};
    for (size_t m = 0; m < 4; m++) {
        rk_model_close(models[m]);
    }
}

static void similar_items_of_neighbours_are_the_row(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->near);
    uint32_t items[ITEMS], n_found, n_wanted = 0;
    float scores[ITEMS];
    rk_error err;
    for (uint32_t i = 0; i < ITEMS; i++) {
        n_wanted += i != 7 && (square[7][i] > 0 || square[7][i] < 0);
    }
    assert_int_equal(rk_model_similar(model, 7, ITEMS, items, scores, &n_found, &err), RK_OK);
    assert_int_equal(n_found, n_wanted);
    for (uint32_t i = 0; i < n_found; i++) {
        assert_true(scores[i] == square[7][items[i]] && items[i] != 7);
        assert_true(i == 0 || scores[i] <= scores[i - 1]);
    }
    assert_int_equal(rk_model_similar(model, 4, 5, items, scores, &n_found, &err), RK_OK); /* a row without entries */
    assert_int_equal(n_found, 0);
    rk_model_close(model);
}

static void reasons_of_neighbours_are_the_largest_terms(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->near);
    rk_arena arena = {0};
    rk_error err;
    for (uint32_t u = 0; u < 6; u++) {
        rk_history seen = rk_model_seen(model, u);
        for (uint32_t i = 0; i < ITEMS; i += 3) {
            uint32_t reason, best = RK_NO_ID;
            float most = 0;
            for (size_t h = 0; h < seen.n; h++) {
                float term = (seen.value ? seen.value[h] : 1) * square[seen.item[h]][i];
                if (term > most && seen.item[h] != i) {
                    most = term;
                    best = seen.item[h];
                }
            }
            assert_int_equal(rk_model_reasons(model, seen, &i, 1, 1, &arena, &reason, &err), RK_OK);
            assert_int_equal(reason, best);
            rk_arena_clear(&arena);
        }
    }
    rk_arena_release(&arena);
    rk_model_close(model);
}

static void similar_items_are_ranked_by_cosine(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->als);
    uint32_t items[50], n_found;
    float scores[50], a[DIM], b[DIM];
    rk_error err;
    assert_int_equal(rk_model_similar(model, 7, 50, items, scores, &n_found, &err), RK_OK);
    assert_int_equal(n_found, 50);
    rk_model_item_vector(model, 7, a);
    for (uint32_t i = 0; i < n_found; i++) {
        double ab = 0, aa = 0, bb = 0;
        rk_model_item_vector(model, items[i], b);
        for (size_t d = 0; d < DIM; d++) {
            ab += (double)a[d] * (double)b[d];
            aa += (double)a[d] * (double)a[d];
            bb += (double)b[d] * (double)b[d];
        }
        assert_true(fabs((double)scores[i] - ab / sqrt(aa * bb)) < 1e-5);
        assert_true(i == 0 || scores[i] <= scores[i - 1]);
        assert_int_not_equal(items[i], 7);
    }
    rk_model_close(model);
    model = open_model(s->popular);
    assert_int_equal(rk_model_similar(model, 7, 5, items, scores, &n_found, &err), RK_UNSUPPORTED);
    rk_model_close(model);
}

static void popular_counts_the_takers(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->popular);
    size_t takers[ITEMS] = {0};
    for (uint32_t u = 0; u < USERS; u++) {
        rk_history seen = rk_model_seen(model, u);
        for (size_t e = 0; e < seen.n; e++) {
            takers[seen.item[e]]++;
        }
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        float score;
        rk_model_scores(model, &(rk_query){0}, i, 1, &score);
        assert_true(score == (float)takers[i]);
    }
    rk_model_close(model);
}

static void popular_forgets_by_half_lives(void **state)
{
    (void)state;
    const char *const set[] = {"half-life=1", NULL}, *const windowed[] = {"window=1", NULL};
    fixture f = fixture_random(33, 4, 3, 5000); /* three and a half days */
    rk_model_draft half = fixture_train(&f, "popular", 1, set), late = fixture_train(&f, "popular", 1, windowed);
    double decayed[3] = {0}, counted[3] = {0};
    for (size_t e = 0; e < 5000; e++) {
        double days = (double)(f.event_time[4999] - f.event_time[e]) / 86400;
        decayed[f.event_item[e]] += pow(0.5, days);
        counted[f.event_item[e]] += days <= 1;
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs((double)half.item_bias[i] - decayed[i]) < 1e-2);
        assert_true((double)late.item_bias[i] == counted[i]);
    }
    rk_model_draft_release(&half);
    rk_model_draft_release(&late);
    fixture_release(&f);
}

static void reasons_are_taken_items_and_never_the_item_itself(void **state)
{
    const shelf *s = *state;
    const char *const paths[] = {s->als, s->mf, s->popular};
    for (size_t p = 0; p < RK_COUNT_OF(paths); p++) {
        rk_model *model = open_model(paths[p]);
        rk_arena arena = {0};
        rk_error err;
        rk_history seen = rk_model_seen(model, 2);
        uint32_t items[3] = {seen.item[0], 11, 1999}, reasons[9];
        size_t n_given = 0;
        assert_int_equal(rk_model_reasons(model, seen, items, 3, 3, &arena, reasons, &err), RK_OK);
        for (size_t i = 0; i < 9; i++) {
            bool is_taken = false;
            for (size_t h = 0; h < seen.n; h++) {
                is_taken |= reasons[i] == seen.item[h];
            }
            assert_true(is_taken || reasons[i] == RK_NO_ID);
            assert_int_not_equal(reasons[i], items[i / 3]);
            n_given += is_taken;
        }
        assert_true(n_given > 0 || rk_model_dim(model) == 0);
        rk_arena_release(&arena);
        rk_model_close(model);
    }
}

/* The best of what is left, again and again; equal ones by position. */
static void pick_slowly(rk_history history, uint32_t self, float *weight, uint32_t n, uint32_t *out)
{
    for (uint32_t r = 0; r < n; r++) {
        size_t best = history.n;
        for (size_t h = 0; h < history.n; h++) {
            bool is_better =
                weight[h] > 0 && history.item[h] != self && (best == history.n || weight[h] > weight[best]);
            best = is_better ? h : best;
        }
        out[r] = best < history.n ? history.item[best] : RK_NO_ID;
        if (best < history.n) {
            weight[best] = 0;
        }
    }
}

static void reasons_are_the_largest_shares(void **state)
{
    enum { EACH = 4, ASKED = 5, MOST = 70 };
    const shelf *s = *state;
    rk_model *model = open_model(s->als);
    rk_arena arena = {0};
    rk_error err;
    uint64_t random = 3;
    for (size_t n = 1; n < MOST; n++) {
        uint32_t taken[MOST], asked[ASKED], reasons[ASKED * EACH], wanted[EACH];
        float share[ASKED * MOST];
        for (size_t h = 0; h < n; h++) {
            taken[h] = (uint32_t)h * 25 + test_random(&random) % 25;
        }
        for (size_t i = 0; i < ASKED; i++) {
            asked[i] = i == 0 ? taken[n / 2] : test_random(&random) % rk_model_n_items(model);
        }
        rk_history history = {taken, NULL, n};
        assert_int_equal(rk_model_shares(model, history, asked, ASKED, &arena, share, &err), RK_OK);
        assert_int_equal(rk_model_reasons(model, history, asked, ASKED, EACH, &arena, reasons, &err), RK_OK);
        for (size_t i = 0; i < ASKED; i++) {
            pick_slowly(history, asked[i], share + i * n, EACH, wanted);
            assert_memory_equal(reasons + i * EACH, wanted, sizeof wanted);
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    rk_model_close(model);
}

static void an_answer_leaves_out_what_was_taken_and_what_was_excluded(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->als);
    rk_desk *desk = rk_desk_new();
    rk_error err;
    rk_answer answer;
    rk_history seen = rk_model_seen(model, 4);
    const uint32_t skip[] = {0, 1, 2, seen.item[seen.n - 1], ITEMS - 1};
    rk_wish wish = {
        .user = 4, .skip = skip, .n_skip = seen.item[seen.n - 1] < ITEMS - 1 ? 5 : 4, .n = 30, .n_reasons = 2};
    for (size_t again = 0; again < 2; again++) {
        assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
        assert_int_equal(answer.n, 30);
        for (uint32_t i = 0; i < answer.n; i++) {
            for (size_t h = 0; h < seen.n; h++) {
                assert_int_not_equal(answer.item[i], seen.item[h]);
            }
            assert_true(answer.item[i] > 2);
        }
        assert_true(answer.total <= ITEMS - seen.n - 3 && answer.total >= ITEMS - seen.n - 4);
    }
    wish.n = 0;
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_BAD_USAGE);
    rk_desk_free(desk);
    rk_model_close(model);
}

/* Categories "c0" .. "c3", "c1 > x" and none, dealt round; neighbours, so that most scores tie. */
static void a_category_is_exact_and_full(void **state)
{
    const shelf *s = *state;
    static const uint64_t start[] = {0, 2, 4, 10, 12, 14};
    static const uint32_t order[] = {0, 1, 2, 3, 4};
    static uint32_t category[ITEMS];
    char path[256];
    for (uint32_t i = 0; i < ITEMS; i++) {
        category[i] = i % 6 < 5 ? i % 6 : RK_NO_ID;
    }
    const change changes[] = {{"item.category", RK_U32, ITEMS, 1, category, NULL, NULL},
                              {"categories.start", RK_U64, 6, 1, start, NULL, NULL},
                              {"categories.bytes", RK_U8, 14, 1, "c0c1c1 > xc2c3", NULL, NULL},
                              {"categories.order", RK_U32, 5, 1, order, NULL, NULL}};
    rewrite(s->near, fixture_path(path, s->dir, "category.rk"), changes, RK_COUNT_OF(changes));
    rk_model *model = open_model(path);
    rk_desk *desk = rk_desk_new();
    rk_arena arena = {0};
    rk_error err = {0};
    rk_answer answer;
    unsigned char *allowed;
    rk_history seen = rk_model_seen(model, 4);
    assert_int_equal(rk_model_find_categories(model, RK_SLICE("c1"), &arena, &allowed, &err), RK_OK);
    rk_wish wish = {.user = 4, .categories = allowed, .n = ITEMS};
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
    uint32_t n_wanted = 0;
    for (uint32_t i = 0, h = 0; i < ITEMS; i++) {
        h += h < seen.n && seen.item[h] < i;
        n_wanted += (i % 6 == 1 || i % 6 == 2) && !(h < seen.n && seen.item[h] == i);
    }
    assert_int_equal(answer.n, n_wanted);
    assert_int_equal(answer.total, n_wanted);
    for (uint32_t i = 0; i < answer.n; i++) {
        assert_true(answer.item[i] % 6 == 1 || answer.item[i] % 6 == 2);
        assert_true(i == 0 || answer.score[i] <= answer.score[i - 1]);
    }
    const uint32_t only[] = {6, 7, 8, 9};
    wish.only = only;
    wish.n_only = 4;
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
    assert_int_equal(answer.n, 2);
    assert_int_equal(rk_model_find_categories(model, RK_SLICE("c"), &arena, &allowed, &err), RK_NOT_FOUND);
    assert_int_equal(rk_model_find_categories(model, RK_SLICE(""), &arena, &allowed, &err), RK_NOT_FOUND);
    rk_arena_release(&arena);
    rk_desk_free(desk);
    rk_model_close(model);
    category[3] = 5;
    rewrite(s->near, path, changes, RK_COUNT_OF(changes));
    assert_int_equal(rk_model_open(path, &model, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "item.category"));
}

static void only_scores_just_those_even_when_taken(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->mf);
    rk_desk *desk = rk_desk_new();
    rk_arena arena = {0};
    rk_error err;
    rk_answer answer;
    uint32_t only[] = {5, 600};
    rk_query query;
    rk_wish wish = {.user = 4, .only = only, .n_only = 2, .n = 10};
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
    assert_int_equal(answer.n, 2);
    assert_int_equal(answer.total, 2);
    assert_int_equal(rk_model_user_query(model, 4, &arena, &query, &err), RK_OK);
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(fabs((double)answer.score[i] - rk_model_predict(model, &query, answer.item[i])) < 1e-5);
    }
    rk_arena_release(&arena);
    rk_desk_free(desk);
    rk_model_close(model);
}

static void names_are_found_or_the_nearest_is_named(void **state)
{
    const shelf *s = *state;
    rk_model *model = open_model(s->als);
    rk_arena arena = {0};
    rk_error err;
    uint32_t id;
    rk_history history;
    assert_int_equal(rk_model_find_user(model, "u7", &id, &err), RK_OK);
    assert_int_equal(id, 7);
    assert_int_equal(rk_model_find_user(model, "u777", &id, &err), RK_NOT_FOUND);
    assert_non_null(strstr(err.message, "did you mean 'u77'?"));
    assert_int_equal(rk_model_read_items(model, "i9=2.5,i3", true, &arena, &history, &err), RK_OK);
    assert_int_equal(history.n, 2);
    assert_int_equal(history.item[0], 3);
    assert_true(history.value[0] == 1 && history.value[1] == 2.5F);
    assert_int_equal(rk_model_read_items(model, "i9,i3,i9", true, &arena, &history, &err), RK_BAD_USAGE);
    assert_int_equal(rk_model_read_items(model, "i9=much", true, &arena, &history, &err), RK_BAD_USAGE);
    assert_int_equal(rk_model_read_items(model, "i9,,i3", true, &arena, &history, &err), RK_NOT_FOUND);
    rk_arena_release(&arena);
    rk_model_close(model);
}

/* ---- hostile files ---- */

static void assert_refused(const shelf *s, const change *changes, size_t n, const char *words)
{
    char path[256];
    rk_model *model = NULL;
    rk_error err = {0};
    rewrite(s->i8, fixture_path(path, s->dir, "hostile.rk"), changes, n);
    rk_status status = rk_model_open(path, &model, &err);
    if (status != RK_BAD_INPUT || !strstr(err.message, words)) {
        print_error("status %d '%s', wanted '%s'\n", (int)status, err.message, words);
    }
    assert_int_equal(status, RK_BAD_INPUT);
    assert_non_null(strstr(err.message, words));
    assert_null(model);
}

static void a_hostile_file_is_an_error(void **state)
{
    const shelf *s = *state;
    static const uint64_t backwards[USERS + 1] = {0, 9, 3}, beyond[USERS + 1] = {[USERS] = UINT64_MAX};
    static const uint32_t strange[] = {0, ITEMS}, twice[] = {5, 5};
    static uint64_t two[USERS + 1];
    static const float few[3] = {1, 2, 3};
    for (size_t u = 1; u <= USERS; u++) {
        two[u] = 2;
    }
    const change cases[][2] = {
        {{.meta = "model", .value = json_string("oracle")}, {0}},
        {{.meta = "model", .value = json_integer(4)}, {0}},
        {{.meta = "form", .value = json_string("clouds")}, {0}},
        {{.meta = "dim", .value = json_integer(-1)}, {0}},
        {{.meta = "dim", .value = json_integer(100000)}, {0}},
        {{.meta = "dim", .value = json_integer(100)}, {0}},
        {{.meta = "dim", .value = json_string("20")}, {0}},
        {{.replace = "item.vector"}, {0}},
        {{.replace = "item.vector", .type = RK_F32, .rows = 3, .cols = 1, .data = few}, {0}},
        {{.replace = "item.vector", .type = RK_F64, .rows = 1, .cols = 1, .data = two}, {0}},
        {{.replace = "item.scale"}, {0}},
        {{.replace = "item.scale", .type = RK_F32, .rows = 3, .cols = 1, .data = few}, {0}},
        {{.replace = "item.bias", .type = RK_F32, .rows = 3, .cols = 1, .data = few}, {0}},
        {{.replace = "user.vector", .type = RK_F32, .rows = 3, .cols = 1, .data = few}, {0}},
        {{.replace = "user.bias", .type = RK_F32, .rows = 3, .cols = 1, .data = few}, {0}},
        {{.replace = "encode.state", .type = RK_U32, .rows = 2, .cols = 1, .data = strange}, {0}},
        {{.replace = "seen.start"}, {0}},
        {{.replace = "seen.start", .type = RK_U64, .rows = 3, .cols = 1, .data = backwards}, {0}},
        {{.replace = "seen.start", .type = RK_U64, .rows = USERS + 1, .cols = 1, .data = beyond}, {0}},
        {{.replace = "seen.item"}, {0}},
        {{.replace = "seen.value", .type = RK_F32, .rows = 3, .cols = 1, .data = few}, {0}},
        {{.replace = "seen.start", .type = RK_U64, .rows = USERS + 1, .cols = 1, .data = two},
         {.replace = "seen.item", .type = RK_U32, .rows = 2, .cols = 1, .data = strange}},
        {{.replace = "seen.start", .type = RK_U64, .rows = USERS + 1, .cols = 1, .data = two},
         {.replace = "seen.item", .type = RK_U32, .rows = 2, .cols = 1, .data = twice}},
        {{.replace = "users.start"}, {0}},
        {{.replace = "users.order"}, {0}},
        {{.replace = "items.order"}, {0}},
    };
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        assert_refused(s, cases[c], 2, "hostile.rk");
    }
}

/* Starts that fall in the middle of an otherwise fitting array. */
static void hostile_neighbours_are_an_error(void **state)
{
    const shelf *s = *state;
    static const uint64_t start[ITEMS + 1] = {[ITEMS] = 2}, short_of_one[ITEMS] = {0};
    static const uint32_t good[] = {3, 8}, strange[] = {3, ITEMS}, twice[] = {8, 8};
    static const float weight[] = {1, 2, 3};
    const struct {
        const uint64_t *start;
        uint64_t n_start;
        const uint32_t *item;
        uint64_t n_weights;
        const char *words;
    } cases[] = {
        {start, ITEMS + 1, strange, 2, "near.item holds"}, {start, ITEMS + 1, twice, 2, "near.item holds"},
        {short_of_one, ITEMS, good, 2, "near.start"},      {start, ITEMS + 1, good, 3, "near.weight"},
        {start, ITEMS + 1, good, 0, "near.weight"},        {start, ITEMS + 1, NULL, 2, "near.item"},
    };
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        const change changes[] = {
            {"near.start", RK_U64, cases[c].n_start, 1, cases[c].start, NULL, NULL},
            {"near.item", RK_U32, 2, 1, cases[c].item, NULL, NULL},
            {"near.weight", RK_F32, cases[c].n_weights, 1, cases[c].n_weights ? weight : NULL, NULL, NULL}};
        assert_refused(s, changes, 3, cases[c].words);
    }
}

static void hostile_owners_are_an_error(void **state)
{
    const shelf *s = *state;
    static const uint64_t start[ITEMS + 1] = {[ITEMS] = 2}, fewer[ITEMS + 1] = {[ITEMS] = 1},
                                        falls[ITEMS + 1] = {0, 9, [ITEMS] = 2};
    static const uint32_t good[] = {3, 8}, strange[] = {3, ITEMS}, twice[] = {8, 8};
    static const float weight[] = {1, 2};
    const struct {
        const uint64_t *start;
        const uint32_t *row;
        uint64_t n_values;
        const char *words;
    } cases[] = {
        {start, strange, 2, "owner.row holds"}, {start, twice, 2, "owner.row holds"}, {fewer, good, 2, "owner.start"},
        {falls, good, 2, "owner.start"},        {start, good, 1, "owner.value"},      {start, NULL, 2, "owner.row"},
    };
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        const change changes[] = {{"near.start", RK_U64, ITEMS + 1, 1, start, NULL, NULL},
                                  {"near.item", RK_U32, 2, 1, good, NULL, NULL},
                                  {"near.weight", RK_F32, 2, 1, weight, NULL, NULL},
                                  {"owner.start", RK_U64, ITEMS + 1, 1, cases[c].start, NULL, NULL},
                                  {"owner.row", RK_U32, 2, 1, cases[c].row, NULL, NULL},
                                  {"owner.value", RK_F32, cases[c].n_values, 1, weight, NULL, NULL}};
        assert_refused(s, changes, 6, cases[c].words);
    }
}

static void starts_that_fall_are_refused(void **state)
{
    const shelf *s = *state;
    static uint64_t starts[USERS + 1];
    static const uint32_t items[] = {1, 2, 3};
    for (size_t u = 0; u <= USERS; u++) {
        starts[u] = 3;
    }
    starts[0] = 0;
    starts[5] = 1;
    starts[6] = UINT64_MAX;
    const change cases[] = {{.replace = "seen.start", .type = RK_U64, .rows = USERS + 1, .cols = 1, .data = starts},
                            {.replace = "seen.item", .type = RK_U32, .rows = 3, .cols = 1, .data = items},
                            {.replace = "seen.value"}};
    assert_refused(s, cases, 3, "does not ascend");
}

static void a_foreign_encoder_state_is_an_error_when_asked(void **state)
{
    const shelf *s = *state;
    static const float few[3] = {1, 2, 3};
    const char *const paths[] = {s->als, s->mf};
    for (size_t p = 0; p < 2; p++) {
        for (size_t gone = 0; gone < 2; gone++) {
            char path[256];
            rk_arena arena = {0};
            rk_error err;
            rk_query query;
            const change changes[] = {{"encode.state", RK_F32, 3, 1, gone ? NULL : few, NULL, NULL}};
            rewrite(paths[p], fixture_path(path, s->dir, "strange.rk"), changes, 1);
            rk_model *model = open_model(path);
            assert_int_equal(rk_model_encode(model, rk_model_seen(model, 0), &arena, &query, &err), RK_BAD_INPUT);
            assert_non_null(strstr(err.message, "encode.state"));
            rk_arena_release(&arena);
            rk_model_close(model);
        }
    }
}

static void numbers_that_are_none_are_no_candidates(void **state)
{
    const shelf *s = *state;
    char path[256];
    static float scale[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        scale[i] = i % 2 ? NAN : 1;
    }
    const change changes[] = {{"item.scale", RK_F32, ITEMS, 1, scale, NULL, NULL}};
    rewrite(s->i8, fixture_path(path, s->dir, "nan.rk"), changes, 1);
    rk_model *model = open_model(path);
    uint32_t items[ITEMS], n_found;
    float scores[ITEMS], vector[DIM] = {1};
    rk_query query = {.vector = vector};
    rk_error err;
    assert_int_equal(rk_model_best(model, &query, NULL, 0, ITEMS, items, scores, &n_found, &err), RK_OK);
    assert_int_equal(n_found, ITEMS / 2);
    rk_model_close(model);
}

static void an_unknown_model_or_option_is_misuse(void **state)
{
    const shelf *s = *state;
    char dataset[256], out[256];
    const char *const set[] = {"factor=3"};
    rk_run run = {0};
    rk_error err;
    fixture_path(dataset, s->dir, "dataset.rk");
    fixture_path(out, s->dir, "never.rk");
    assert_int_equal(rk_model_train(dataset, "asl", NULL, 0, out, &run, &err), RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'als'?"));
    assert_int_equal(rk_model_train(dataset, "als", set, 1, out, &run, &err), RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "factors"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_are_the_head_of_a_full_sort),
        cmocka_unit_test(reasons_are_the_largest_shares),
        cmocka_unit_test(shorter_numbers_score_nearly_alike),
        cmocka_unit_test(neighbours_score_as_the_sum_over_the_history),
        cmocka_unit_test(similar_items_of_neighbours_are_the_row),
        cmocka_unit_test(reasons_of_neighbours_are_the_largest_terms),
        cmocka_unit_test(similar_items_are_ranked_by_cosine),
        cmocka_unit_test(popular_counts_the_takers),
        cmocka_unit_test(popular_forgets_by_half_lives),
        cmocka_unit_test(reasons_are_taken_items_and_never_the_item_itself),
        cmocka_unit_test(an_answer_leaves_out_what_was_taken_and_what_was_excluded),
        cmocka_unit_test(a_category_is_exact_and_full),
        cmocka_unit_test(only_scores_just_those_even_when_taken),
        cmocka_unit_test(names_are_found_or_the_nearest_is_named),
        cmocka_unit_test(a_hostile_file_is_an_error),
        cmocka_unit_test(hostile_neighbours_are_an_error),
        cmocka_unit_test(hostile_owners_are_an_error),
        cmocka_unit_test(starts_that_fall_are_refused),
        cmocka_unit_test(a_foreign_encoder_state_is_an_error_when_asked),
        cmocka_unit_test(numbers_that_are_none_are_no_candidates),
        cmocka_unit_test(an_unknown_model_or_option_is_misuse),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
