/* marks.h - where the delimiters and line ends of a text are: the one pass over every byte, 64 at a time. */
#ifndef RECKON_DATA_MARKS_H
#define RECKON_DATA_MARKS_H

#include <stddef.h>
#include <stdint.h>

enum { RK_MARKS_SLACK = 64 }; /* bytes that must be readable behind the text, and spare room behind the marks */

/* Offsets of every byte of text[n] that is a or b, ascending, into marks: [n + RK_MARKS_SLACK]. Returns how many.
 * text must be readable for RK_MARKS_SLACK bytes beyond its end; n is at most 2^31. */
size_t rk_marks_find(const char *text, size_t n, char a, char b, uint32_t *marks);

/* The variants behind it, for tests: NULL when this processor lacks it. */
typedef size_t rk_marks_kernel(const char *text, size_t n, char a, char b, uint32_t *marks);
rk_marks_kernel *rk_marks_kernel_named(const char *name); /* "generic", "sse2", "avx2", "avx512" */

#endif
