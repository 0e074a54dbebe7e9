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

static void compare_loops(rk_ivf_kernel *kernel, size_t n_parts, rk_random *random)
{
    enum { BLOCKS = 5 };
    static uint8_t code[BLOCKS * RK_IVF_PARTS_MAX * 16], table[RK_IVF_PARTS_MAX * RK_IVF_WORDS];
    uint16_t sum[2][BLOCKS * RK_IVF_BLOCK];
    uint32_t may[2][BLOCKS];
    for (size_t i = 0; i < sizeof code; i++) {
        code[i] = (uint8_t)rk_random_u32(random);
    }
    for (size_t i = 0; i < sizeof table; i++) {
        table[i] = rk_random_below(random, 3) ? UINT8_MAX : (uint8_t)rk_random_u32(random); /* near the largest sums */
    }
    const uint32_t least[] = {0, (uint32_t)(n_parts * 200), (uint32_t)(n_parts * 212), 65535};
    for (size_t i = 0; i < RK_COUNT_OF(least); i++) {
        rk_ivf_scan scan = {code, table, n_parts, BLOCKS, least[i]};
        rk_ivf_kernel_portable(&scan, sum[0], may[0]);
        kernel(&scan, sum[1], may[1]);
        assert_memory_equal(sum[0], sum[1], sizeof sum[0]);
        assert_memory_equal(may[0], may[1], sizeof may[0]);
        assert_true(i > 0 || may[0][0] == UINT32_MAX);
    }
}

static void every_loop_adds_up_the_same(void **state)
{
    (void)state;
    rk_random random = rk_random_of(1, 0);
    const rk_kernels *all[4];
    size_t n = rk_kernels_all(all, 4);
    for (size_t i = 0; i < n; i++) {
        for (size_t n_parts = RK_IVF_PARTS_STEP; n_parts <= RK_IVF_PARTS_MAX; n_parts *= 2) {
#if defined(__x86_64__)
            if (strcmp(all[i]->name, "avx512") == 0) {
                compare_loops(rk_ivf_kernel_avx512, n_parts, &random);
            } else if (strcmp(all[i]->name, "avx2") == 0) {
                compare_loops(rk_ivf_kernel_avx2, n_parts, &random);
            }
#endif
        }
    }
    assert_non_null(rk_ivf_kernel_best());
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
    assert_int_equal(rk_ivf_parts(variance, DIM, 4, part, &err), RK_OK);
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
        cmocka_unit_test(every_loop_adds_up_the_same),     cmocka_unit_test(no_other_parts_lose_less),
        cmocka_unit_test(a_turned_product_is_the_product), cmocka_unit_test(centres_find_the_groups_that_are_there),
        cmocka_unit_test(the_nearest_centre_is_nearest),   cmocka_unit_test(a_few_lists_find_nearly_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
