/* tune_parts.h - what the files of a tuning share; for this room only. */
#ifndef RECKON_TUNE_TUNE_PARTS_H
#define RECKON_TUNE_TUNE_PARTS_H

#include "tune/scratch.h"
#include "tune/tune.h"

/* tune_plan.c: models, spaces and the fixed words, out of the options. */
RK_MUST_CHECK rk_status rk_tune_plan(const rk_tune_options *options, rk_tuning *tuning, rk_error *err);

/* What a trial learns from and what it is judged by. */
typedef struct {
    char train_path[4128], valid_path[4128];
    rk_dataset train, valid;
} rk_side;

/* What trials are made with. */
typedef struct {
    const rk_tune_options *options;
    rk_tuning *tuning;
    const rk_run *run;
    rk_split_options split;
    char scratch[4096];         /* a folder */
    rk_side side[RK_RUNGS_MAX]; /* [0] all users; [r] a share of 1 / 3^r, where a halving needs it */
    rk_trial_file *file;        /* NULL: none */
} rk_bench;

/* tune_sides.c: what the trials will be judged by, before anything is split, so that a study of something else is told
 * at once; then the sides; then let go. */
RK_MUST_CHECK rk_status rk_tune_choose_validation(rk_bench *bench, const rk_dataset *dataset, rk_error *err);
RK_MUST_CHECK rk_status rk_tune_open_sides(rk_bench *bench, rk_error *err);
void rk_tune_close_sides(rk_bench *bench);
/* The side of a trial with this share of a whole training. */
const rk_side *rk_tune_side(const rk_bench *bench, const rk_tuned *tuned, double share);

/* tune_try.c: trains and judges. A model that cannot be trained or judged is told in *why, whose status is RK_OK else;
 * a status is a failure of the machine. slot: a number of its own for each that runs at once. */
RK_MUST_CHECK rk_status rk_tune_try(const rk_bench *bench, const rk_tuned *tuned, unsigned slot, const rk_run *run,
                                    rk_trial *trial, rk_error *why, rk_error *err);
/* Most memory that the training of the trial takes. */
uint64_t rk_tune_bytes(const rk_bench *bench, const rk_tuned *tuned, const rk_trial *trial, unsigned n_threads);

/* tune_rounds.c: makes the trials that the budget holds, in rounds, model by turn. */
RK_MUST_CHECK rk_status rk_tune_rounds(rk_bench *bench, rk_error *err);

/* tune_leaders.c: the models by their best trials; RK_BAD_INPUT when all trials failed. Then by how much the winner
 * leads, user by user; where that cannot be told, a warning says so. */
RK_MUST_CHECK rk_status rk_tune_rank(rk_tuning *tuning, rk_error *err);
void rk_tune_compare(rk_bench *bench);

#endif
