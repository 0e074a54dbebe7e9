/* lesson.h - judged questions made up: features of chance, and ratings by a rule. */
#ifndef RECKON_TESTS_LESSON_H
#define RECKON_TESTS_LESSON_H

#include "rank/lesson.h"

enum { LESSON_QUERIES = 30, LESSON_CANDIDATES = 20 };

/* How good an item is, 0..1, by its features, 0..1 each; from 0.8 on it is rated 3. */
typedef double lesson_rule(const float *feature, double luck);

rk_lesson lesson_make(lesson_rule *rule, uint64_t seed);
void lesson_all(uint32_t query[LESSON_QUERIES]); /* every query */

#endif
