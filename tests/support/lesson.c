/* lesson.c - see lesson.h. */
#include "support/lesson.h"

#include <math.h>
#include <string.h>

#include "math/random.h"
#include "support/test.h"

static double ideal_of(const double *rating, size_t n)
{
    double sorted[LESSON_CANDIDATES], sum = 0;
    memcpy(sorted, rating, n * sizeof *rating);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (sorted[j] > sorted[i]) {
                double other = sorted[i];
                sorted[i] = sorted[j];
                sorted[j] = other;
            }
        }
        sum += i < RK_LESSON_TOP ? sorted[i] / log2((double)i + 2) : 0;
    }
    return sum;
}

rk_lesson lesson_make(lesson_rule *rule, uint64_t seed)
{
    rk_lesson lesson = rk_lesson_of();
    rk_error err = {0};
    rk_random random = rk_random_of(seed, 0);
    for (size_t q = 0; q < LESSON_QUERIES; q++) {
        float feature[LESSON_CANDIDATES * RK_FEATURES_MAX];
        double rating[LESSON_CANDIDATES];
        uint32_t item[LESSON_CANDIDATES];
        for (size_t c = 0; c < LESSON_CANDIDATES; c++) {
            float *own = feature + c * rk_n_features;
            for (size_t f = 0; f < rk_n_features; f++) {
                own[f] = (float)rk_random_uniform(&random);
            }
            rating[c] = rule(own, rk_random_uniform(&random)) >= 0.8 ? 3 : 0;
            item[c] = (uint32_t)c;
        }
        rating[q % LESSON_CANDIDATES] = 1; /* no query without a good item */
        assert_int_equal(
            rk_lesson_add(&lesson, feature, rating, item, LESSON_CANDIDATES, ideal_of(rating, LESSON_CANDIDATES), &err),
            RK_OK);
    }
    return lesson;
}

void lesson_all(uint32_t query[LESSON_QUERIES])
{
    for (uint32_t q = 0; q < LESSON_QUERIES; q++) {
        query[q] = q;
    }
}
