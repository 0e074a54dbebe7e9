/* test_csr.c - sparse rows against a dense table that adds one triple at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "math/csr.h"
#include "math/random.h"
#include "support/faults.h"

enum { ROWS = 13, COLS = 9, N = 60 };

typedef struct {
    float sum[ROWS][COLS];
    bool is_there[ROWS][COLS];
} table;

static void assert_is(const rk_csr *csr, const table *t, bool is_turned)
{
    uint32_t n_rows = is_turned ? COLS : ROWS, n_cols = is_turned ? ROWS : COLS;
    uint64_t at = 0;
    assert_int_equal(csr->n_rows, n_rows);
    assert_int_equal(csr->n_cols, n_cols);
    assert_int_equal(csr->start[0], 0);
    for (uint32_t r = 0; r < n_rows; r++) {
        for (uint32_t c = 0; c < n_cols; c++) {
            uint32_t row = is_turned ? c : r, col = is_turned ? r : c;
            if (t->is_there[row][col]) {
                assert_int_equal(csr->col[at], c);
                assert_true((csr->value ? csr->value[at] : 1.0f) == t->sum[row][col]);
                at++;
            }
        }
        assert_int_equal(csr->start[r + 1], at);
    }
}

static void check(rk_random *random, uint64_t n, bool has_value)
{
    uint32_t row[N], col[N];
    float value[N];
    table t = {0};
    for (uint64_t i = 0; i < n; i++) {
        row[i] = rk_random_below(random, ROWS - 1); /* the last row stays empty */
        col[i] = rk_random_below(random, COLS);
        value[i] = has_value ? (float)rk_random_normal(random) : 1.0f;
        t.sum[row[i]][col[i]] += value[i];
        t.is_there[row[i]][col[i]] = true;
    }
    rk_csr csr, turned, back;
    assert_int_equal(rk_csr_of_triples(ROWS, COLS, n, row, col, has_value ? value : NULL, &csr, NULL), RK_OK);
    assert_is(&csr, &t, false);
    assert_int_equal(rk_csr_transpose(&csr, &turned, NULL), RK_OK);
    assert_is(&turned, &t, true);
    assert_int_equal(rk_csr_transpose(&turned, &back, NULL), RK_OK);
    assert_is(&back, &t, false);
    rk_csr_release(&csr);
    rk_csr_release(&turned);
    rk_csr_release(&back);
}

/* Sixty triples in 117 cells: duplicates nearly every time; two or three: mostly none. */
static void triples_in_any_order_become_sorted_sums(void **state)
{
    (void)state;
    rk_random random = rk_random_of(1, 0);
    for (uint64_t n = 0; n <= N; n += n < 8 ? 1 : 13) {
        for (int round = 0; round < 50; round++) {
            check(&random, n, true);
            check(&random, n, false);
        }
    }
}

static void entries_without_values_or_duplicates_stay_without(void **state)
{
    (void)state;
    const uint32_t row[] = {1, 0, 1, 1}, col[] = {1, 0, 0, 0};
    rk_csr csr;
    assert_int_equal(rk_csr_of_triples(2, 2, 3, row, col, NULL, &csr, NULL), RK_OK);
    assert_null(csr.value);
    rk_csr_release(&csr);
    assert_int_equal(rk_csr_of_triples(2, 2, 4, row, col, NULL, &csr, NULL), RK_OK);
    assert_non_null(csr.value);
    assert_int_equal(csr.start[2], 3);
    assert_true(csr.value[1] == 2.0f);
    rk_csr_release(&csr);
}

static void an_empty_matrix_is_a_matrix(void **state)
{
    (void)state;
    rk_csr csr, turned;
    assert_int_equal(rk_csr_of_triples(0, 0, 0, NULL, NULL, NULL, &csr, NULL), RK_OK);
    assert_int_equal(rk_csr_transpose(&csr, &turned, NULL), RK_OK);
    assert_int_equal(turned.start[0], 0);
    rk_csr_release(&csr);
    rk_csr_release(&turned);
    rk_csr_release(&turned);
}

static void an_entry_outside_is_named(void **state)
{
    (void)state;
    const uint32_t row[] = {0, 2}, col[] = {0, 1};
    rk_csr csr = {.n_rows = 99};
    rk_error err;
    assert_int_equal(rk_csr_of_triples(2, 2, 2, row, col, NULL, &csr, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "matrix entry 1 is (2, 1), outside of 2 x 2");
    assert_int_equal(csr.n_rows, 99);
}

static bool build_and_turn(void *context)
{
    (void)context;
    const uint32_t row[] = {1, 0, 1, 1},
                   col[] = {1, 0, 0, 0}; /* a duplicate without values: every allocation there is */
    rk_csr csr = {0}, turned = {0};
    rk_error err;
    rk_status status = rk_csr_of_triples(2, 2, 4, row, col, NULL, &csr, &err);
    status = status ? status : rk_csr_transpose(&csr, &turned, &err);
    assert_true(status == RK_OK || (status == RK_NO_MEMORY && turned.start == NULL));
    rk_csr_release(&csr);
    rk_csr_release(&turned);
    return status == RK_OK;
}

static void short_memory_is_survived_and_told(void **state)
{
    (void)state;
    assert_int_equal(fault_each(build_and_turn, NULL), 8); /* 2 to sort, 2 to turn, the values, 3 to turn again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triples_in_any_order_become_sorted_sums),
        cmocka_unit_test(entries_without_values_or_duplicates_stay_without),
        cmocka_unit_test(an_empty_matrix_is_a_matrix),
        cmocka_unit_test(an_entry_outside_is_named),
        cmocka_unit_test(short_memory_is_survived_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
