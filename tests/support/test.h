/* test.h - the includes that cmocka wants in front of it, and the few words most tests need. */
#ifndef RECKON_TESTS_TEST_H
#define RECKON_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Ends a test that this machine cannot run. Not cmocka's skip(): its TAP for a skip is "not ok N # SKIP", which the
 * runner counts as a failure. */
#define TEST_SKIP(reason)                                                                                              \
    do {                                                                                                               \
        print_message("# skipped: %s\n", (reason));                                                                    \
        return;                                                                                                        \
    } while (0)

/* A small generator for test input: the same on every machine. */
static inline uint32_t test_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

#endif
