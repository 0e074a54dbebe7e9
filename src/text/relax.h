/* relax.h - a question that finds nothing, asked for less until it finds something, and what it was asked less for.
 *
 * In this order, as little as is enough:
 *   1. words that no item has are left out, where conditions are left
 *   2. words with a plus and phrases are words like others
 *   3. conditions are dropped, first the one without which most is found; a field's alternatives go together
 * Where dropped conditions were enough, 2 is taken back. What must not be there stays.
 */
#ifndef RECKON_TEXT_RELAX_H
#define RECKON_TEXT_RELAX_H

#include "text/question.h"

typedef enum { RK_RELAXED_WORD, RK_RELAXED_REQUIRED, RK_RELAXED_PHRASE, RK_RELAXED_FILTER } rk_relaxed_kind;
extern const char *const rk_relaxed_names[]; /* "word", "required", "phrase", "filter" */

typedef struct {
    rk_relaxed_kind kind;
    rk_slice text; /* the part of the question, as it was typed; of a phrase, its words */
} rk_relaxed;

enum { RK_RELAXED_MAX = 4 * RK_QUESTION_PARTS_MAX };

/* question and found: as they were read and answered; changed only when something is found then. relaxed:
 * [RK_RELAXED_MAX]. */
RK_MUST_CHECK rk_status rk_question_relax(rk_asker *asker, rk_question *question, const rk_page *page, rk_arena *arena,
                                          rk_findings *found, rk_relaxed *relaxed, size_t *n_relaxed, rk_error *err);

#endif
