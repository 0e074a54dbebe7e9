/* test_pace.c - estimates of time add up and are shared. */
#include <math.h>

#include "math/pace.h"
#include "support/faults.h"
#include "support/test.h"

static void a_machine_computes_and_reads_something(void **state)
{
    (void)state;
    rk_pace pace = {0};
    rk_error err = {0};
    assert_int_equal(rk_pace_measure(&pace, &err), RK_OK);
    assert_true(isfinite(pace.flops) && pace.flops > 1e6);
    assert_true(isfinite(pace.bytes) && pace.bytes > 1e6);
}

static void threads_share_the_work(void **state)
{
    (void)state;
    rk_pace pace = {.flops = 100, .bytes = 10};
    assert_true(fabs(rk_pace_seconds(pace, (rk_work){300, 20}, 1) - 5) < 1e-12);
    assert_true(fabs(rk_pace_seconds(pace, (rk_work){300, 20}, 2) - 2.5) < 1e-12);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    rk_pace pace;
    rk_error err = {0};
    fault_arm(1);
    rk_status status = rk_pace_measure(&pace, &err);
    assert_true(fault_disarm());
    assert_int_equal(status, RK_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_computes_and_reads_something),
        cmocka_unit_test(threads_share_the_work),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
