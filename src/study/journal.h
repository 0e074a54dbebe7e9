/* journal.h - what has been done in a folder, so that it need not be done again.
 *
 * A step's stamp is a hash over its name, its options as text, the program's version and the content of its inputs
 * (an artefact's content hash leaves out the cost of its making, so a repeated training invalidates nothing). A step is
 * done when DIR/steps.json has its stamp and every output still has the bytes that were recorded.
 */
#ifndef RECKON_STUDY_JOURNAL_H
#define RECKON_STUDY_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { RK_STEP_FILES_MAX = 24 };

typedef struct {
    const char *name;    /* "train" */
    const char *options; /* all else that changes the outcome: "factors=64 seed=1" */
    const char *inputs[RK_STEP_FILES_MAX], *outputs[RK_STEP_FILES_MAX]; /* paths, ended by NULL */
} rk_step;

typedef struct rk_journal rk_journal;

/* Reads FOLDER/steps.json; an absent one is an empty journal. RK_BAD_INPUT when it is not one of ours. */
RK_MUST_CHECK rk_status rk_journal_open(const char *folder, rk_journal **out, rk_error *err);
void rk_journal_close(rk_journal *journal); /* accepts NULL */

/* *seconds: what it took when it was done. A missing or unreadable input is an error; such an output is "not done". */
RK_MUST_CHECK rk_status rk_journal_check(const rk_journal *journal, const rk_step *step, bool *is_done, double *seconds,
                                         rk_error *err);
/* What a step of this name took when it was last done, whatever of; 0 = it never was. */
double rk_journal_seconds(const rk_journal *journal, const char *name);
/* Records the step as done and writes the journal. */
RK_MUST_CHECK rk_status rk_journal_add(rk_journal *journal, const rk_step *step, double seconds, rk_error *err);

#endif
