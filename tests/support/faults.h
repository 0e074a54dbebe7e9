/* faults.h - makes the Nth allocation fail, to show that every failure is survived and told.
 *
 * A test program that lists `faults` in its meson row is linked with --wrap, so that malloc, calloc, realloc,
 * aligned_alloc and posix_memalign called by reckon's own objects (not inside libc or other libraries) pass through
 * here. Leaks on the way out are found by running the tests under AddressSanitizer.
 */
#ifndef RECKON_TESTS_FAULTS_H
#define RECKON_TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the nth allocation (1 = the next one) fails, once. */
void fault_arm(size_t nth);
/* Back to normal; true when the armed failure has struck. */
bool fault_disarm(void);

/* Calls attempt with the 1st, 2nd, 3rd, ... allocation failing until it makes no more of them. attempt returns whether
 * it succeeded; it may succeed in spite of a fault (a failed shrink is harmless), and must in the last, undisturbed
 * call. Returns how often it failed; 0 also when the last call failed or it never ended. */
size_t fault_each(bool (*attempt)(void *context), void *context);
/* The same in growing steps, for attempts that make many: the first 16, then always a sixteenth further on. */
size_t fault_some(bool (*attempt)(void *context), void *context);

#endif
