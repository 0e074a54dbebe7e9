/* test_ivf.c - the steps of an inverted file, each against the slow way. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ann/ann.h"
#include "ann/ivf.h"
#include "ann/kmeans.h"
#include "math/dot.h"
#include "math/random.h"

static float *draw(size_t n, uint64_t stream)
{
    float *out = malloc(n * sizeof *out);
    rk_random random = rk_random_of(31, stream);
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)rk_random_normal(&random);
    }
    return out;
}

/* ---- codes ---- */

typedef struct {
    const char *name;
    size_t n_words;
    rk_ivf_kernel *kernel;
} loop;

/* Entry by entry, as ivf.h tells where they are. */
static void slow_sums(const rk_ivf_scan *scan, size_t n_words, uint16_t *sum, uint32_t *may)
{
    size_t line = n_words == 16 ? 16 : 32;
    for (size_t b = 0; b < scan->n_blocks; b++) {
        may[b] = 0;
        for (size_t i = 0; i < RK_IVF_BLOCK; i++) {
            uint32_t all = 0;
            for (size_t p = 0; p < scan->n_parts; p++) {
                uint8_t code = scan->code[(b * scan->n_parts + p) * line + i % line];
                code = n_words > 16 ? code : i < 16 ? code & 15 : code >> 4;
                all += scan->table[p * n_words + code];
            }
            sum[b * RK_IVF_BLOCK + i] = (uint16_t)all;
            may[b] |= all >= scan->least ? UINT32_C(1) << i : 0;
        }
    }
}

static void compare(const loop *l, size_t n_parts, size_t n_blocks, rk_random *random)
{
    enum { BLOCKS = 9 };
    size_t code_bytes = n_blocks * n_parts * rk_ivf_line(l->n_words), table_bytes = n_parts * l->n_words;
    uint8_t *code = malloc(code_bytes), *table = malloc(table_bytes); /* their ends are watched */
    uint16_t sum[2][BLOCKS * RK_IVF_BLOCK] = {{0}};
    uint32_t may[2][BLOCKS] = {{0}};
    for (size_t i = 0; i < code_bytes; i++) {
        code[i] = (uint8_t)rk_random_u32(random);
    }
    for (size_t i = 0; i < table_bytes; i++) {
        table[i] = rk_random_below(random, 3) ? UINT8_MAX : (uint8_t)rk_random_u32(random); /* near the largest sums */
    }
    const uint32_t least[] = {0, (uint32_t)(n_parts * 200), (uint32_t)(n_parts * 212), 65535};
    for (size_t i = 0; i < RK_COUNT_OF(least); i++) {
        rk_ivf_scan scan = {code, table, n_parts, n_blocks, least[i]};
        slow_sums(&scan, l->n_words, sum[0], may[0]);
        l->kernel(&scan, sum[1], may[1]);
        if (memcmp(sum[0], sum[1], sizeof sum[0]) != 0 || memcmp(may[0], may[1], sizeof may[0]) != 0) {
            fail_msg("%s: %zu parts, %zu blocks, least %u", l->name, n_parts, n_blocks, least[i]);
        }
    }
    free(code);
    free(table);
}

static bool runs(const char *name)
{
    const rk_kernels *all[8];
    size_t n = rk_kernels_all(all, 8);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static size_t loops_here(loop *out)
{
    size_t n = 0;
    out[n++] = (loop){"half bytes, portable", 16, rk_ivf_kernel_portable};
    out[n++] = (loop){"bytes, portable", 256, rk_ivf_bytes_portable};
#if defined(__x86_64__)
    if (runs("avx2")) {
        out[n++] = (loop){"half bytes, avx2", 16, rk_ivf_kernel_avx2};
        out[n++] = (loop){"bytes, avx2", 256, rk_ivf_bytes_avx2};
    }
    if (runs("avx512")) {
        out[n++] = (loop){"half bytes, avx512", 16, rk_ivf_kernel_avx512};
    }
    if (runs("avx512") && rk_ivf_has_vbmi()) {
        out[n++] = (loop){"bytes, vbmi", 256, rk_ivf_bytes_vbmi};
    }
#endif
    return n;
}

static void every_loop_adds_up_the_same(void **state)
{
    (void)state;
    rk_random random = rk_random_of(1, 0);
    loop all[6];
    size_t n = loops_here(all);
    for (size_t i = 0; i < n; i++) {
        for (size_t n_parts = RK_IVF_PARTS_STEP; n_parts <= RK_IVF_PARTS_MAX; n_parts *= 2) {
            for (size_t n_blocks = 1; n_blocks <= 9; n_blocks++) {
                compare(&all[i], n_parts, n_blocks, &random);
            }
        }
    }
    assert_non_null(rk_ivf_kernel_best(RK_IVF_WORDS));
    assert_non_null(rk_ivf_kernel_best(RK_IVF_WORDS_MAX));
}

/* ---- words ---- */

static double squared(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    }
    return sum;
}

static void a_code_is_the_nearest_word(void **state)
{
    (void)state;
    enum { DIM = 11, PARTS = 4, N = 200 };
    static const uint32_t part[PARTS + 1] = {0, 2, 3, 3, DIM}; /* one has no numbers */
    for (size_t n_words = 16; n_words <= 256; n_words += 240) {
        float *word = draw(DIM * n_words, n_words), *rows = draw(N * DIM, 3), told[DIM], other[DIM];
        rk_ivf_book book = {part, word, DIM, PARTS, n_words};
        for (size_t i = 0; i < DIM * n_words; i++) {
            word[i] = roundf(2 * word[i]) / 2; /* many ties */
        }
        for (size_t r = 0; r < N; r++) {
            uint8_t code[PARTS];
            const float *row = rows + r * DIM;
            rk_ivf_code(row, &book, code);
            assert_true(fabs(rk_ivf_decode(row, &book, code, told) - squared(row, told, DIM)) < 1e-9);
            for (size_t p = 0; p < PARTS; p++) {
                size_t width = part[p + 1] - part[p];
                for (size_t w = 0; w < n_words; w++) {
                    for (size_t d = 0; d < width; d++) {
                        other[d] = word[(part[p] + d) * n_words + w];
                    }
                    double here = squared(row + part[p], other, width);
                    double best = squared(row + part[p], told + part[p], width);
                    assert_true(best <= here + 1e-5); /* eight squares of floats */
                    assert_true(w >= code[p] || here > best - 1e-5);
                }
            }
        }
        free(word);
        free(rows);
    }
}

/* ---- rotation ---- */

static double lost_by(const rk_ann_rows *rows, const rk_ivf_book *book)
{
    double sum = 0;
    for (size_t r = 0; r < rows->n; r++) {
        uint8_t code[RK_IVF_PARTS_MAX];
        float told[64];
        rk_ivf_code(rk_ann_row(rows, r), book, code);
        sum += rk_ivf_decode(rk_ann_row(rows, r), book, code, told);
    }
    return sum;
}

/* Numbers of falling size in parts of equal width: what the first parts have too much of is spread over all. */
static void a_rotation_lets_words_lose_less(void **state)
{
    (void)state;
    enum { DIM = 16, PARTS = 8, N = 2000 };
    uint32_t part[PARTS + 1];
    rk_run run = {0};
    rk_error err;
    float *rows = draw(N * DIM, 12), *was = malloc(N * DIM * sizeof *was), *back = malloc(DIM * DIM * sizeof *back);
    for (size_t p = 0; p <= PARTS; p++) {
        part[p] = (uint32_t)(p * DIM / PARTS);
    }
    for (size_t i = 0; i < N * DIM; i++) {
        rows[i] = ldexpf(rows[i], -(int)(i % DIM) / 3);
    }
    memcpy(was, rows, N * DIM * sizeof *was);
    for (size_t n_words = 16; n_words <= 256; n_words += 240) {
        rk_ann_rows all = {rows, N, DIM, DIM};
        rk_ivf_book book = {part, malloc(DIM * n_words * sizeof(float)), DIM, PARTS, n_words};
        memcpy(rows, was, N * DIM * sizeof *was);
        assert_int_equal(rk_ivf_words(&all, &book, &run, &err), RK_OK);
        double before = lost_by(&all, &book);
        assert_int_equal(rk_ivf_rotate(&all, &book, n_words == 16 ? 100 : 5, &run, back, &err), RK_OK);
        assert_true(lost_by(&all, &book) < (n_words == 16 ? before / 2 : before));
        for (size_t i = 0; i < DIM; i++) { /* a rotation, and the rows are those that were, times it */
            for (size_t j = 0; j < DIM; j++) {
                double product = (double)rk_kernels_best()->dot_f32(back + i * DIM, back + j * DIM, DIM);
                assert_true(fabs(product - (i == j)) < 1e-5);
            }
        }
        for (size_t r = 0; r < N; r++) {
            float turned[DIM] = {0};
            for (size_t i = 0; i < DIM; i++) {
                for (size_t j = 0; j < DIM; j++) {
                    turned[j] += was[r * DIM + i] * back[i * DIM + j];
                }
            }
            assert_true(squared(turned, rows + r * DIM, DIM) < 1e-9);
        }
        free(book.word);
    }
    free(rows);
    free(was);
    free(back);
}

/* ---- parts ---- */

static double loss_of(const double *variance, const uint32_t *part, size_t n_parts)
{
    double loss = 0;
    for (size_t p = 0; p < n_parts; p++) {
        double sum = 0, logs = 0, m = part[p + 1] - part[p];
        for (size_t d = part[p]; d < part[p + 1]; d++) {
            sum += variance[d];
            logs += log(variance[d]);
        }
        loss += m > 0 ? fmin(sum, m * exp((logs - 2 * log(16)) / m)) : 0;
    }
    return loss;
}

static void no_other_parts_lose_less(void **state)
{
    (void)state;
    const double variance[] = {9, 7, 3, 3, 1, .5, .2, .1, .01};
    enum { DIM = RK_COUNT_OF(variance) };
    uint32_t part[5], other[5] = {0, 0, 0, 0, DIM};
    rk_error err;
    assert_int_equal(rk_ivf_parts(variance, DIM, 4, 16, part, &err), RK_OK);
    assert_int_equal(part[0], 0);
    assert_int_equal(part[4], DIM);
    double loss = loss_of(variance, part, 4);
    for (other[1] = 0; other[1] <= DIM; other[1]++) {
        for (other[2] = other[1]; other[2] <= DIM; other[2]++) {
            for (other[3] = other[2]; other[3] <= DIM; other[3]++) {
                assert_true(loss <= loss_of(variance, other, 4) * (1 + 1e-12));
            }
        }
    }
    assert_true(part[1] - part[0] < part[4] - part[3]); /* narrow where much varies */
}

/* ---- space ---- */

static void a_turned_product_is_the_product(void **state)
{
    (void)state;
    enum { DIM = 13, N = 300 };
    float *items = draw(N * DIM, 1), *queries = draw(N * DIM, 2), turn[DIM * DIM], item_turn[DIM * DIM];
    for (size_t i = 0; i < N * DIM; i++) {
        queries[i] *= (float)(i % DIM + 1); /* some directions are asked more than others */
    }
    rk_ann_rows base = {items, N, DIM, DIM}, asked = {queries, N, DIM, DIM};
    rk_error err;
    assert_int_equal(rk_ivf_basis(&base, &asked, turn, item_turn, &err), RK_OK);
    const rk_kernels *k = rk_kernels_best();
    for (size_t i = 0; i < N; i++) {
        float q[DIM], y[DIM];
        k->rows_f32(q, turn, DIM, DIM, queries + i * DIM, DIM);
        k->rows_f32(y, item_turn, DIM, DIM, items + i * DIM, DIM);
        double was = (double)k->dot_f32(queries + i * DIM, items + i * DIM, DIM);
        assert_true(fabs((double)k->dot_f32(q, y, DIM) - was) < 1e-4 * (fabs(was) + 50)); /* 13 floats of about 10 */
    }
    free(items);
    free(queries);
}

/* ---- centres ---- */

static void centres_find_the_groups_that_are_there(void **state)
{
    (void)state;
    enum { GROUPS = 9, EACH = 50, DIM = 6 };
    float *rows = draw(GROUPS * EACH * DIM, 4), centre[GROUPS * DIM], room[RK_CENTRES_ROWS * RK_CENTRES_TILE];
    uint32_t nearest[RK_CENTRES_ROWS];
    rk_error err;
    rk_centres centres;
    size_t n_far = 0;
    for (size_t i = 0; i < GROUPS * EACH; i++) {
        for (size_t d = 0; d < DIM; d++) {
            rows[i * DIM + d] = rows[i * DIM + d] / 100 + (float)(i % GROUPS * (d + 1));
        }
    }
    rk_ann_rows all = {rows, GROUPS * EACH, DIM, DIM};
    assert_int_equal(rk_kmeans(&all, (rk_kmeans_wish){GROUPS, 20, 3, 0}, NULL, centre, &err), RK_OK);
    assert_int_equal(rk_centres_init(centre, GROUPS, DIM, &centres, &err), RK_OK);
    for (size_t i = 0; i < GROUPS * EACH; i += GROUPS) {
        rk_ann_rows some = {rows + i * DIM, GROUPS, DIM, DIM};
        rk_centres_nearest(&centres, &some, room, nearest);
        for (size_t r = 0; r < GROUPS; r++) {
            double square = 0;
            for (size_t d = 0; d < DIM; d++) {
                square += pow((double)some.at[r * DIM + d] - (double)centre[nearest[r] * DIM + d], 2);
            }
            n_far += square > 0.05; /* six numbers with a deviation of .01; groups are 9 apart */
        }
    }
    assert_true(n_far <= 4 * EACH); /* Lloyd may leave two groups with one centre */
    rk_centres_release(&centres);
    free(rows);
}

static void the_nearest_centre_is_nearest(void **state)
{
    (void)state;
    enum { K = 700, N = 60, DIM = 5 };
    static float room[RK_CENTRES_ROWS * RK_CENTRES_TILE];
    float *rows = draw(N * DIM, 5), *centre = draw(K * DIM, 6);
    uint32_t nearest[N];
    rk_centres centres;
    rk_error err;
    assert_int_equal(rk_centres_init(centre, K, DIM, &centres, &err), RK_OK);
    rk_centres_nearest(&centres, &(rk_ann_rows){rows, N, DIM, DIM}, room, nearest);
    for (size_t r = 0; r < N; r++) {
        double least = INFINITY, found = 0;
        for (size_t c = 0; c < K; c++) {
            double square = 0;
            for (size_t d = 0; d < DIM; d++) {
                square += pow((double)rows[r * DIM + d] - (double)centre[c * DIM + d], 2);
            }
            least = fmin(least, square);
            found = c == nearest[r] ? square : found;
        }
        assert_true(found <= least + 1e-5);
    }
    rk_centres_release(&centres);
    free(rows);
    free(centre);
}

/* ---- the whole ---- */

/* Clustered vectors: a small share of the items is looked at, and nearly all that is best is found. */
static void a_few_lists_find_nearly_all(void **state)
{
    (void)state;
    enum { N = 20000, DIM = 32, GROUPS = 100, QUERIES = 100 };
    float *rows = draw(N * DIM, 7), *queries = draw(QUERIES * DIM, 8), *centre = draw(GROUPS * DIM, 9);
    for (size_t i = 0; i < N * DIM; i++) {
        rows[i] = rows[i] / 3 + centre[i / DIM % GROUPS * DIM + i % DIM];
    }
    for (size_t i = 0; i < QUERIES * DIM; i++) {
        queries[i] = queries[i] / 3 + centre[i / DIM % GROUPS * DIM + i % DIM];
    }
    const rk_ann_kind *ivf;
    const rk_ann_step *steps;
    rk_ann *ann = NULL;
    rk_error err;
    rk_run run = {0};
    rk_ann_rows base = {rows, N, DIM, DIM}, asked = {queries, QUERIES, DIM, DIM};
    assert_int_equal(rk_ann_kind_need("ivf", &ivf, &err), RK_OK);
    assert_int_equal(rk_ann_build(&base, &(rk_ann_wish){.kind = ivf}, &run, &ann, &err), RK_OK);
    assert_int_equal(rk_ann_measure(ann, &asked, &run, &err), RK_OK);
    size_t n = rk_ann_steps(ann, &steps);
    assert_true(n >= 2 && steps[n - 1].recall >= .9995);
    assert_true(rk_ann_effort_for(ann, .95) < rk_ann_effort_for(ann, 2)); /* before the scan of everything */
    rk_ann_free(ann);
    free(rows);
    free(queries);
    free(centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_loop_adds_up_the_same),     cmocka_unit_test(a_code_is_the_nearest_word),
        cmocka_unit_test(a_rotation_lets_words_lose_less), cmocka_unit_test(no_other_parts_lose_less),
        cmocka_unit_test(a_turned_product_is_the_product), cmocka_unit_test(centres_find_the_groups_that_are_there),
        cmocka_unit_test(the_nearest_centre_is_nearest),   cmocka_unit_test(a_few_lists_find_nearly_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
