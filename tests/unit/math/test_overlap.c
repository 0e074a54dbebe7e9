/* test_overlap.c - the best of each row agree with making the whole square and sorting it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/overlap.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/test.h"

/* ---- a pile ---- */

typedef struct {
    float score;
    uint32_t col;
} entry;

static int better_first(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score ? 1 : (x->col > y->col) - (x->col < y->col);
}

static int by_col(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return (x->col > y->col) - (x->col < y->col);
}

/* The k best of sum, by ascending column, by sorting everything. */
static size_t sort_everything(const float *sum, uint32_t n, size_t k, entry *out)
{
    size_t n_out = 0;
    for (uint32_t c = 0; c < n; c++) {
        if (sum[c] > 0) {
            out[n_out++] = (entry){sum[c], c};
        }
    }
    qsort(out, n_out, sizeof *out, better_first);
    n_out = n_out < k ? n_out : k;
    qsort(out, n_out, sizeof *out, by_col);
    return n_out;
}

/* kind 0: few values, so mostly ties; 1: all differ; 2: from the least to the greatest float */
static float any_weight(rk_random *random, int kind)
{
    static const float odd[] = {1e-45f, 1e-38f, 1.0f, 3e38f, INFINITY};
    switch (kind) {
    case 0:
        return (float)(1 + rk_random_below(random, 4));
    case 1:
        return (float)rk_random_uniform(random) + 1e-6f;
    default:
        return odd[rk_random_below(random, RK_COUNT_OF(odd))];
    }
}

static void a_pile_picks_the_head_of_a_full_sort(void **state)
{
    enum { COLS = 9000 };
    static float sum[COLS], score[COLS];
    static uint32_t col[COLS];
    static entry sorted[COLS];
    static const size_t ks[] = {0, 1, 2, 7, 64, 500, COLS};
    rk_pile pile;
    (void)state;
    assert_true(rk_pile_init(&pile, COLS));
    rk_random random = rk_random_of(3, 0);
    for (int round = 0; round < 300; round++) {
        uint32_t n_add = rk_random_below(&random, round % 3 == 0 ? 20 : 3000);
        memset(sum, 0, sizeof sum);
        for (uint32_t i = 0; i < n_add; i++) {
            uint32_t c = rk_random_below(&random, round % 2 ? COLS : 300);
            float weight = any_weight(&random, round % 3);
            sum[c] += weight;
            rk_pile_add(&pile, weight, &c, NULL, 1);
        }
        rk_pile_settle(&pile);
        size_t k = ks[rk_random_below(&random, RK_COUNT_OF(ks))];
        size_t n_sorted = sort_everything(sum, COLS, k, sorted);
        assert_int_equal(rk_pile_pick(&pile, k, col, score), n_sorted);
        for (size_t i = 0; i < n_sorted; i++) {
            assert_int_equal(col[i], sorted[i].col);
            assert_true(score[i] == sorted[i].score);
        }
    }
    rk_pile_release(&pile);
}

static void adding_nothing_touches_no_column(void **state)
{
    rk_pile pile;
    uint32_t col[4] = {3, 3, 1, 3};
    float value[4] = {0, 0, 0, 1}, score[4];
    (void)state;
    assert_true(rk_pile_init(&pile, 4));
    for (int i = 0; i < 100; i++) {
        rk_pile_add(&pile, 1, col, value, 3);
    }
    assert_int_equal(pile.n, 0);
    rk_pile_add(&pile, 2, col, value, 4);
    rk_pile_settle(&pile);
    assert_int_equal(rk_pile_pick(&pile, 4, col, score), 1);
    assert_int_equal(col[0], 3);
    assert_true(score[0] >= 2 && score[0] <= 2);
    rk_pile_release(&pile);
}

/* ---- overlaps ---- */

typedef struct {
    rk_csr left, right;
    float *row, *col;
} sides;

/* Random sets, popular columns first, some rows empty; values NULL on a side or random. */
static sides random_sides(uint32_t n_rows, uint32_t n_shared, uint32_t n, bool left_values, bool right_values)
{
    sides s = {0};
    rk_error err;
    rk_random random = rk_random_of(n_rows + n, 0);
    uint32_t *row = malloc(n * sizeof *row), *shared = malloc(n * sizeof *shared), n_pairs = 0;
    unsigned char *is_there = calloc(n_rows, n_shared);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = rk_random_below(&random, n_rows), a = rk_random_below(&random, n_shared),
                 b = rk_random_below(&random, n_shared);
        uint32_t c = a < b ? a : b;
        if (r % 7 != 3 && !is_there[(size_t)r * n_shared + c]++) {
            row[n_pairs] = r;
            shared[n_pairs++] = c;
        }
    }
    float *value = malloc(n * sizeof *value), *other = malloc(n * sizeof *other);
    for (uint32_t i = 0; i < n_pairs; i++) {
        value[i] = (float)(1 + rk_random_below(&random, 3)) / 2;
        other[i] = (float)(1 + rk_random_below(&random, 3));
    }
    assert_int_equal(
        rk_csr_of_triples(n_rows, n_shared, n_pairs, row, shared, left_values ? value : NULL, &s.left, &err), RK_OK);
    assert_int_equal(
        rk_csr_of_triples(n_shared, n_rows, n_pairs, shared, row, right_values ? other : NULL, &s.right, &err), RK_OK);
    s.row = malloc(n_rows * sizeof *s.row);
    s.col = malloc(n_rows * sizeof *s.col);
    for (uint32_t r = 0; r < n_rows; r++) {
        s.row[r] = (float)(1 + rk_random_below(&random, 5));
        s.col[r] = (float)(1 + rk_random_below(&random, 5));
    }
    free(is_there);
    free(row);
    free(shared);
    free(value);
    free(other);
    return s;
}

static void release(sides *s)
{
    rk_csr_release(&s->left);
    rk_csr_release(&s->right);
    free(s->row);
    free(s->col);
}

static float at(const rk_csr *csr, uint32_t r, uint32_t c)
{
    for (uint64_t e = csr->start[r]; e < csr->start[r + 1]; e++) {
        if (csr->col[e] == c) {
            return csr->value ? csr->value[e] : 1;
        }
    }
    return 0;
}

/* One row of the whole square, the obvious way. */
static void score_row(const sides *s, const rk_likeness *l, uint32_t r, float *out)
{
    for (uint32_t c = 0; c < s->left.n_rows; c++) {
        float o = 0;
        for (uint64_t e = s->left.start[r]; e < s->left.start[r + 1]; e++) {
            o += (s->left.value ? s->left.value[e] : 1) * at(&s->right, s->left.col[e], c);
        }
        float by = l->is_union ? l->row[r] + l->col[c] - o + l->shrink : l->row[r] * l->col[c] + l->shrink;
        out[c] = c == r || o < l->least || !(o / by > 0) ? 0 : o / by;
    }
}

static void assert_is_square(const sides *s, const rk_likeness *l, size_t n_best, const rk_csr *made)
{
    uint32_t n = s->left.n_rows;
    float *score = malloc(n * sizeof *score);
    entry *sorted = malloc(n * sizeof *sorted);
    for (uint32_t r = 0; r < n; r++) {
        score_row(s, l, r, score);
        size_t n_sorted = sort_everything(score, n, n_best, sorted);
        assert_int_equal(made->start[r + 1] - made->start[r], n_sorted);
        for (size_t i = 0; i < n_sorted; i++) {
            uint64_t e = made->start[r] + i;
            assert_int_equal(made->col[e], sorted[i].col);
            assert_true(made->value[e] == powf(sorted[i].score, l->power));
        }
    }
    free(score);
    free(sorted);
}

static void the_best_overlaps_are_those_of_the_whole_square(void **state)
{
    static const size_t bests[] = {1, 3, 20, 1000};
    (void)state;
    for (int round = 0; round < 16; round++) {
        sides s = random_sides(60 + 17 * (uint32_t)round, 50, 900, round & 1, round & 2);
        rk_likeness l = {.row = s.row,
                         .col = s.col,
                         .shrink = round & 4 ? 1.5f : 0,
                         .is_union = round % 5 == 4,
                         .least = round & 8 ? 2.0f : 0,
                         .power = round % 3 ? 1.0f : 1.3f};
        if (l.is_union) { /* so that no denominator is negative */
            for (uint32_t r = 0; r < s.left.n_rows; r++) {
                s.row[r] = s.col[r] = 1000;
            }
        }
        rk_csr made;
        rk_error err;
        assert_int_equal(rk_overlap_best(&s.left, &s.right, &l, bests[round % 4], NULL, &made, &err), RK_OK);
        assert_is_square(&s, &l, bests[round % 4], &made);
        rk_csr_release(&made);
        release(&s);
    }
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    sides s = random_sides(500, 80, 6000, true, true);
    rk_likeness l = {.row = s.row, .col = s.col, .power = 1.2f};
    rk_csr made[3];
    rk_error err;
    for (unsigned t = 0; t < 3; t++) {
        rk_pool *pool = rk_pool_new(1u << t);
        assert_int_equal(rk_overlap_best(&s.left, &s.right, &l, 30, pool, &made[t], &err), RK_OK);
        rk_pool_free(pool);
        uint64_t n = made[0].start[500];
        assert_memory_equal(made[t].start, made[0].start, 501 * sizeof *made[0].start);
        assert_memory_equal(made[t].col, made[0].col, n * sizeof *made[0].col);
        assert_memory_equal(made[t].value, made[0].value, n * sizeof *made[0].value);
    }
    for (unsigned t = 0; t < 3; t++) {
        rk_csr_release(&made[t]);
    }
    release(&s);
}

/* A catalogue wider than a block of columns: few items far apart, so that the square can still be made. */
static void a_catalogue_of_many_blocks_is_the_same_square(void **state)
{
    enum { WIDE = 400000, APART = 1600, N = WIDE / APART, SHARED = 40 };
    (void)state;
    sides small = random_sides(N, SHARED, 1500, true, false);
    sides wide = {.row = calloc(WIDE, sizeof(float)), .col = calloc(WIDE, sizeof(float))};
    uint32_t n = (uint32_t)small.left.start[N], at = 0;
    uint32_t *row = malloc(n * sizeof *row), *shared = malloc(n * sizeof *shared);
    for (uint32_t r = 0; r < N; r++) {
        wide.row[r * APART] = small.row[r];
        wide.col[r * APART] = small.col[r];
        for (uint64_t e = small.left.start[r]; e < small.left.start[r + 1]; e++) {
            row[at] = r * APART;
            shared[at++] = small.left.col[e];
        }
    }
    rk_error err;
    rk_csr narrow_made, made;
    assert_int_equal(rk_csr_of_triples(WIDE, SHARED, n, row, shared, small.left.value, &wide.left, &err), RK_OK);
    assert_int_equal(rk_csr_of_triples(SHARED, WIDE, n, shared, row, NULL, &wide.right, &err), RK_OK);
    rk_likeness l = {.row = small.row, .col = small.col, .power = 1},
                m = {.row = wide.row, .col = wide.col, .power = 1};
    assert_int_equal(rk_overlap_best(&small.left, &small.right, &l, 9, NULL, &narrow_made, &err), RK_OK);
    assert_int_equal(rk_overlap_best(&wide.left, &wide.right, &m, 9, NULL, &made, &err), RK_OK);
    assert_int_equal(made.start[WIDE], narrow_made.start[N]);
    for (uint32_t r = 0; r < N; r++) {
        assert_int_equal(made.start[r * APART], narrow_made.start[r]);
        for (uint64_t e = narrow_made.start[r]; e < narrow_made.start[r + 1]; e++) {
            assert_int_equal(made.col[e], narrow_made.col[e] * APART);
            assert_true(made.value[e] == narrow_made.value[e]);
        }
    }
    free(row);
    free(shared);
    rk_csr_release(&narrow_made);
    rk_csr_release(&made);
    release(&small);
    release(&wide);
}

static bool attempt(void *context)
{
    sides *s = context;
    rk_likeness l = {.row = s->row, .col = s->col, .power = 1};
    rk_csr made;
    rk_error err;
    bool is_made = rk_overlap_best(&s->left, &s->right, &l, 5, NULL, &made, &err) == RK_OK;
    if (is_made) {
        rk_csr_release(&made);
    }
    return is_made;
}

static void memory_that_is_short_is_an_error(void **state)
{
    (void)state;
    sides s = random_sides(50, 30, 400, false, false);
    assert_true(fault_each(attempt, &s) >= 10);
    release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pile_picks_the_head_of_a_full_sort),
        cmocka_unit_test(adding_nothing_touches_no_column),
        cmocka_unit_test(the_best_overlaps_are_those_of_the_whole_square),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(a_catalogue_of_many_blocks_is_the_same_square),
        cmocka_unit_test(memory_that_is_short_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
