/* tune_parts.h - what the files of a tuning share; for this room only. */
#ifndef RECKON_TUNE_TUNE_PARTS_H
#define RECKON_TUNE_TUNE_PARTS_H

#include "tune/scratch.h"
#include "tune/tune.h"

/* tune_plan.c: models, spaces and the fixed words, out of the options. */
RK_MUST_CHECK rk_status rk_tune_plan(const rk_tune_options *options, rk_tuning *tuning, rk_error *err);

/* What trials are made with. */
typedef struct {
    const rk_tune_options *options;
    rk_tuning *tuning;
    const rk_run *run;
    rk_split_options split;
    char scratch[4096], train_path[4112]; /* a folder, and one side of the split in it */
    rk_dataset train, valid;              /* the sides */
    rk_trial_file *file;                  /* NULL: none */
} rk_bench;

/* tune_try.c: trains and judges. A model that cannot be trained or judged is told in *why, whose status is RK_OK else;
 * a status is a failure of the machine. slot: a number of its own for each that runs at once. evaluation: NULL, or
 * takes what the figure was read from. */
RK_MUST_CHECK rk_status rk_tune_try(const rk_bench *bench, const rk_contest *contest, unsigned slot, const rk_run *run,
                                    rk_trial *trial, rk_error *why, rk_evaluation *evaluation, rk_error *err);
/* Most memory that the training of the trial takes. */
uint64_t rk_tune_bytes(const rk_bench *bench, const rk_contest *contest, const rk_trial *trial, unsigned n_threads);

/* tune_rounds.c: makes the trials that the budget holds, in rounds, model by turn. */
RK_MUST_CHECK rk_status rk_tune_rounds(rk_bench *bench, rk_error *err);

#endif
