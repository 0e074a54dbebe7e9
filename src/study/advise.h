/* advise.h - which variant to deploy, and one sentence that says why: a pure function of figures.
 *
 * The rule. Candidates come simplest first (least processed); the first is the reference.
 *   1. A candidate keeps the quality when the whole interval of the share it keeps is at least keep_share. An interval
 *      that reaches below is a tie at best, and a tie does not replace a simpler variant.
 *   2. Among those that keep it, the simplest is advised that none of them undercuts: whose cost interval lies wholly
 *      below, by more than the grain. A difference inside the noise of timing or the grain is a tie, and a tie goes
 *      to the simpler variant. The reference always keeps its own quality, so there is always an answer.
 * A figure that is not finite, or an interval that does not hold its value, never speaks for a candidate.
 */
#ifndef RECKON_STUDY_ADVISE_H
#define RECKON_STUDY_ADVISE_H

#include <stddef.h>

#include "base/text.h"
#include "report/chart.h"

typedef struct {
    const char *name; /* "int8" */
    rk_estimate kept; /* share of the reference's quality, paired by user; of the reference itself: ignored */
    rk_estimate cost; /* per 1,000 answers, in any currency; the interval is what repeated timing gives */
} rk_candidate;

typedef enum {
    RK_VERDICT_ADVISED,
    RK_VERDICT_LOSES_QUALITY, /* the whole interval is below keep_share */
    RK_VERDICT_MAY_LOSE,      /* the interval reaches below keep_share */
    RK_VERDICT_NOT_CHEAPER,   /* keeps the quality; costs the same within the noise, or more */
} rk_verdict;

typedef struct {
    double keep_share; /* 0.99: at least so much of the reference's quality */
    double cost_grain; /* 0.01: a cost difference up to this share is no difference */
} rk_advice_rule;

/* verdicts: [n], filled. Returns the advised one. n >= 1. */
size_t rk_advise(const rk_candidate *candidates, size_t n, rk_advice_rule rule, rk_verdict *verdicts);

/* The sentence, appended to out. metric: "ndcg@20"; unit: "USD per 1,000 recommendations". */
void rk_advise_words(const rk_candidate *candidates, size_t n, rk_advice_rule rule, const char *metric,
                     const char *unit, rk_text *out);

#endif
