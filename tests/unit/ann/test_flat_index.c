/* test_flat_index.c - the numbers of a flat index do not show, and its loops agree on every processor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ann/ann.h"
#include "ann/flat_bytes.h"
#include "math/dot.h"
#include "math/random.h"

enum { N = 5000, QUERIES = 40, K = 10 };

static float *draw(size_t n, uint64_t stream, float scale)
{
    float *out = malloc(n * sizeof *out);
    rk_random random = rk_random_of(21, stream);
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)rk_random_normal(&random) * scale;
    }
    return out;
}

static void answers(const char *numbers, const float *base, const float *query, size_t dim, uint32_t *items,
                    float *scores)
{
    const rk_ann_kind *flat;
    rk_ann *ann = NULL;
    rk_ann_desk *desk = NULL;
    rk_error err = {0};
    rk_run run = {0};
    rk_ann_rows rows = {base, N, dim, dim};
    assert_int_equal(rk_ann_kind_need("flat", &flat, &err), RK_OK);
    assert_int_equal(rk_ann_build(&rows, &(rk_ann_wish){.kind = flat, .set = &numbers, .n_set = 1}, &run, &ann, &err),
                     RK_OK);
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    for (size_t q = 0; q < QUERIES; q++) {
        size_t n = 0;
        rk_ann_ask ask = {.k = K, .effort = 1};
        assert_int_equal(rk_ann_search(desk, query + q * dim, ask, items + q * K, scores + q * K, &n, &err), RK_OK);
        assert_int_equal(n, K);
    }
    rk_ann_desk_free(desk);
    rk_ann_free(ann);
}

/* Scales from where halves overflow to where the inverse of a query's scale would. */
static void halves_and_bytes_answer_like_floats(void **state)
{
    (void)state;
    static const float scales[] = {1, 1e5F, 1e-7F, 1e-20F};
    static uint32_t items[2][QUERIES * K];
    static float scores[2][QUERIES * K];
    for (size_t dim = 1; dim < 80; dim = dim * 2 + 3) {
        for (size_t i = 0; i < RK_COUNT_OF(scales); i++) {
            float *base = draw(N * dim, dim, scales[i]), *query = draw(QUERIES * dim, 99 + dim, scales[i]);
            memset(query, 0, dim * sizeof *query); /* everything is a tie */
            answers("numbers=f32", base, query, dim, items[0], scores[0]);
            for (int b = 0; b < 2; b++) {
                answers(b ? "numbers=int8" : "numbers=f16", base, query, dim, items[1], scores[1]);
                assert_memory_equal(items[0], items[1], sizeof items[0]);
                assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
            }
            free(base);
            free(query);
        }
    }
}

static void compare_loops(size_t dim, rk_flat_kernel *kernel)
{
    uint16_t may[2][(N + RK_FLAT_GROUP - 1) / RK_FLAT_GROUP];
    int8_t query[128] = {0};
    float *base = draw(N * dim, dim, 1);
    rk_ann_rows rows = {base, N, dim, dim};
    rk_flat_bytes bytes = {0};
    rk_run run = {0};
    rk_error err = {0};
    rk_random random = rk_random_of(3, dim);
    assert_int_equal(rk_flat_bytes_build(&rows, &run, &bytes, &err), RK_OK);
    rk_flat_scan scan = {.bytes = &bytes, .query = query, .inverse_scale = 20, .told = 3, .doubt = .25F, .least = 3};
    for (size_t d = 0; d < dim; d++) {
        query[d] = (int8_t)((int)rk_random_below(&random, 255) - 127);
        scan.start -= 128 * query[d];
    }
    rk_flat_kernel_portable(&scan, 0, bytes.n_groups, may[0]);
    kernel(&scan, 0, bytes.n_groups, may[1]);
    assert_memory_equal(may[0], may[1], sizeof may[0]);
    kernel(&scan, 3, 6, may[1]); /* from the middle, and no whole team */
    assert_memory_equal(may[0] + 3, may[1], 6 * sizeof may[0][0]);
    rk_flat_bytes_release(&bytes);
    free(base);
}

static void every_loop_lets_the_same_items_pass(void **state)
{
    (void)state;
    const rk_kernels *all[4];
    size_t n = rk_kernels_all(all, 4);
    for (size_t i = 0; i < n; i++) {
        for (size_t dim = 1; dim <= 121; dim += 15) {
#if defined(__x86_64__)
            if (strcmp(all[i]->name, "avx512") == 0) {
                compare_loops(dim, rk_flat_kernel_avx512);
            } else if (strcmp(all[i]->name, "avx2") == 0) {
                compare_loops(dim, rk_flat_kernel_avx2);
            }
#endif
        }
    }
    assert_non_null(rk_flat_kernel_best());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_and_bytes_answer_like_floats),
        cmocka_unit_test(every_loop_lets_the_same_items_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
