/* faults.c - see faults.h. The countdown is atomic, as worker threads allocate too. */
#include "support/faults.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define ALLOCATIONS_MAX 100000 /* a survey that is longer has not understood the fault */

static atomic_size_t countdown; /* 0 = not armed */
static atomic_bool has_struck;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
int __real_posix_memalign(void **out, size_t align, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);
int __wrap_posix_memalign(void **out, size_t align, size_t n);

static bool must_fail(void)
{
    size_t left = atomic_load(&countdown);
    while (left > 0 && !atomic_compare_exchange_weak(&countdown, &left, left - 1)) {
    }
    if (left == 1) {
        atomic_store(&has_struck, true);
        errno = ENOMEM;
    }
    return left == 1;
}

void *__wrap_malloc(size_t n) { return must_fail() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return must_fail() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *at, size_t n) { return must_fail() ? NULL : __real_realloc(at, n); }
void *__wrap_aligned_alloc(size_t align, size_t n) { return must_fail() ? NULL : __real_aligned_alloc(align, n); }

int __wrap_posix_memalign(void **out, size_t align, size_t n)
{
    return must_fail() ? ENOMEM : __real_posix_memalign(out, align, n);
}

void fault_arm(size_t nth)
{
    atomic_store(&has_struck, false);
    atomic_store(&countdown, nth);
}

bool fault_disarm(void)
{
    atomic_store(&countdown, 0);
    return atomic_load(&has_struck);
}

static size_t survey(bool (*attempt)(void *context), void *context, size_t grow_by)
{
    size_t n_failed = 0;
    for (size_t nth = 1; nth < ALLOCATIONS_MAX; nth += 1 + nth / grow_by) {
        fault_arm(nth);
        bool is_fine = attempt(context);
        if (!fault_disarm()) {
            return is_fine ? n_failed : 0;
        }
        n_failed += !is_fine;
    }
    return 0;
}

size_t fault_each(bool (*attempt)(void *context), void *context) { return survey(attempt, context, SIZE_MAX); }
size_t fault_some(bool (*attempt)(void *context), void *context) { return survey(attempt, context, 16); }
