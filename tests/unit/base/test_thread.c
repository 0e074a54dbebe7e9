/* test_thread.c - every chunk once, boundaries that no thread count changes, loops that end. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/thread.h"
#include "support/faults.h"

enum { N_MAX = 1000 };

typedef struct {
    atomic_uint visits[N_MAX];
    atomic_uint n_busy[64]; /* loops running under one worker number: never more than one */
    double sums[N_MAX];     /* by chunk */
    size_t n_items, chunk_items;
    unsigned n_threads;
    atomic_bool is_wrong;
} record;

static void visit(void *context, rk_span span)
{
    record *r = context;
    size_t begin = span.chunk * r->chunk_items, end = begin + r->chunk_items;
    bool is_right = span.begin == begin && span.end == (end < r->n_items ? end : r->n_items) && span.begin < span.end &&
                    span.worker < r->n_threads && atomic_fetch_add(&r->n_busy[span.worker], 1) == 0;
    if (!is_right) {
        atomic_store(&r->is_wrong, true);
    }
    for (size_t i = span.begin; i < span.end; i++) {
        atomic_fetch_add(&r->visits[i], 1);
        r->sums[span.chunk] += 1.0 / (double)(i + 1);
    }
    atomic_fetch_sub(&r->n_busy[span.worker], 1);
}

static double run(rk_pool *pool, size_t n_items, size_t chunk_items)
{
    static record r;
    memset(&r, 0, sizeof r);
    r.n_items = n_items;
    r.chunk_items = chunk_items;
    r.n_threads = rk_pool_threads(pool);
    rk_parallel_for(pool, n_items, chunk_items, visit, &r);
    assert_false(atomic_load(&r.is_wrong));
    for (size_t i = 0; i < N_MAX; i++) {
        assert_int_equal(atomic_load(&r.visits[i]), i < n_items);
    }
    double sum = 0.0;
    for (size_t c = 0; c < rk_chunk_count(n_items, chunk_items); c++) {
        sum += r.sums[c];
    }
    return sum;
}

static void every_item_is_visited_once_and_sums_keep_their_bits(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{0, 1},   {1, 1},    {1, 100},  {7, 3},    {64, 64},
                                      {65, 64}, {1000, 1}, {1000, 7}, {999, 333}};
    for (unsigned n_threads = 1; n_threads <= 9; n_threads += 2) {
        rk_pool *pool = rk_pool_new(n_threads);
        assert_non_null(pool);
        assert_int_equal(rk_pool_threads(pool), n_threads);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            assert_true(run(pool, sizes[i][0], sizes[i][1]) == run(NULL, sizes[i][0], sizes[i][1]));
        }
        rk_pool_free(pool);
    }
}

static void huge_item_counts_do_not_overflow(void **state)
{
    (void)state;
    assert_int_equal(rk_chunk_count(SIZE_MAX, SIZE_MAX), 1);
    assert_int_equal(rk_chunk_count(SIZE_MAX, SIZE_MAX - 1), 2);
    assert_int_equal(rk_chunk_count(0, 5), 0);
    assert_int_equal(rk_chunk_count(10, 5), 2);
}

static void count(void *context, rk_span span) { atomic_fetch_add((atomic_ulong *)context, span.end - span.begin); }

/* Short loops end before sleepers wake: late ones must find the door closed. */
static void thousands_of_short_loops_lose_nothing(void **state)
{
    (void)state;
    enum { LOOPS = 20000 };
    rk_pool *pool = rk_pool_new(4);
    assert_non_null(pool);
    atomic_ulong n = 0;
    unsigned long expected = 0;
    for (size_t i = 0; i < LOOPS; i++) {
        rk_parallel_for(pool, i % 13, 1 + i % 3, count, &n);
        expected += i % 13;
    }
    rk_pool_free(pool);
    assert_int_equal(atomic_load(&n), expected);
}

static void meet(void *context, rk_span span)
{
    (void)span;
    pthread_barrier_wait(context);
}

/* Four chunks that wait for each other can only end when four threads hold them at once. */
static void all_threads_of_the_pool_take_part(void **state)
{
    (void)state;
    pthread_barrier_t barrier;
    rk_pool *pool = rk_pool_new(4);
    assert_non_null(pool);
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 100; i++) {
        rk_parallel_for(pool, 4, 1, meet, &barrier);
    }
    pthread_barrier_destroy(&barrier);
    rk_pool_free(pool);
}

static void without_a_number_the_affinity_mask_decides(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_in_range(rk_cores_usable(), 1, CPU_COUNT(&before));
    size_t first = 0;
    while (!CPU_ISSET(first, &before)) {
        first++;
    }
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    rk_pool *pool = rk_pool_new(0);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_non_null(pool);
    assert_int_equal(rk_pool_threads(pool), 1);
    rk_pool_free(pool);
    assert_int_equal(rk_pool_threads(NULL), 1);
    rk_pool_free(NULL);
}

static void nest(void *context, rk_span span)
{
    atomic_ulong n = 0;
    (void)span;
    rk_parallel_for(context, 4, 1, count, &n);
}

static void a_nested_loop_is_an_assertion(void **state)
{
    (void)state;
    for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            (void)!freopen("/dev/null", "w", stderr);
            rk_pool *pool = rk_pool_new(n_threads);
            rk_parallel_for(pool, 4, 1, nest, pool);
            _exit(0);
        }
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
    }
}

static bool make_pool(void *context)
{
    (void)context;
    rk_pool *pool = rk_pool_new(3);
    rk_pool_free(pool);
    return pool != NULL;
}

static void a_pool_without_memory_is_null(void **state)
{
    (void)state;
    assert_int_equal(fault_each(make_pool, NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_visited_once_and_sums_keep_their_bits),
        cmocka_unit_test(huge_item_counts_do_not_overflow),
        cmocka_unit_test(thousands_of_short_loops_lose_nothing),
        cmocka_unit_test(all_threads_of_the_pool_take_part),
        cmocka_unit_test(without_a_number_the_affinity_mask_decides),
        cmocka_unit_test(a_nested_loop_is_an_assertion),
        cmocka_unit_test(a_pool_without_memory_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
