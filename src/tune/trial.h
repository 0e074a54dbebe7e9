/* trial.h - one setting of one model, tried; and the file that keeps all trials of a study.
 *
 * The file is an SQLite database (write-ahead log, full synchronisation): every trial is on disk when it has ended, so
 * that a run killed at any moment loses what was running and no more. Others may read it meanwhile; a second run that
 * would write to it is refused.
 *
 *   table     column                                          meaning
 *   marks     key, value                                      what the study is of; another study is refused by it
 *   trials    model, number                                   the trial
 *             share                                           of the work of a whole training
 *             value, low, high                                of the metric, with its interval; NULL: failed
 *             seconds, train_s                                wall time of all, and of the training
 *             error                                           NULL: done
 *   settings  model, number, name, value                      what of the searched options it was
 */
#ifndef RECKON_TUNE_TRIAL_H
#define RECKON_TUNE_TRIAL_H

#include <stdbool.h>

#include "tune/space.h"

typedef struct {
    size_t number; /* from 0 */
    double share;
    const double *x;   /* [axes of the model's space] */
    bool is_done;      /* well or not */
    const char *error; /* why it failed; NULL: value is good */
    double value, low, high;
    double seconds, train_s;
} rk_trial;

typedef struct rk_trial_file rk_trial_file;

typedef struct {
    const char *key, *value;
    bool may_join; /* a study that has not this key takes it in: one more model */
} rk_trial_mark;

/* Opens or makes. RK_BAD_INPUT when it is no study, damaged, or one of other marks, saying which. */
RK_MUST_CHECK rk_status rk_trial_file_open(const char *path, const rk_trial_mark *marks, size_t n_marks,
                                           rk_trial_file **out, rk_error *err);
void rk_trial_file_close(rk_trial_file *file); /* accepts NULL */

/* The trial is on disk when this returns. */
RK_MUST_CHECK rk_status rk_trial_file_add(rk_trial_file *file, const char *model, const rk_space *space,
                                          const rk_trial *trial, rk_error *err);
/* Whether the file has the trial; then fills it, texts and numbers in the arena. RK_BAD_INPUT when its settings are
 * none of the space. */
RK_MUST_CHECK rk_status rk_trial_file_find(rk_trial_file *file, const char *model, const rk_space *space, size_t number,
                                           rk_arena *arena, rk_trial *out, bool *is_there, rk_error *err);

#endif
