/* demo_parts.h - the demo's steps and what they share; inside study/ only. */
#ifndef RECKON_STUDY_DEMO_PARTS_H
#define RECKON_STUDY_DEMO_PARTS_H

#include "base/arena.h"
#include "base/vec.h"
#include "report/report.h"
#include "study/demo.h"
#include "study/journal.h"
#include "study/study_file.h"

enum { RK_DEMO_K = 20, RK_DEMO_VARIANTS = 3, RK_DEMO_REPEATS_MAX = 3 };

typedef struct {
    const rk_demo_options *options; /* borrowed */
    const rk_run *run;              /* borrowed */
    const char *log_path;           /* found */
    rk_arena arena;                 /* owns paths and words */
    rk_journal *journal;
    rk_vec steps;   /* of rk_report_step: what has been done, words in the arena */
    rk_study study; /* filled by the last steps */
} rk_demo_state;

/* The variants, simplest first. */
typedef struct {
    const char *name, *to;                    /* "int8"; to NULL: as trained */
    const char *model, *evaluation, *profile; /* files in the folder */
} rk_demo_variant;
extern const rk_demo_variant rk_demo_variants[RK_DEMO_VARIANTS];

/* FOLDER/name, in the arena; never NULL (an empty text when memory is short, which then fails to open). */
const char *rk_demo_path(rk_demo_state *demo, const char *name);
/* profile.int8.2.json */
const char *rk_demo_profile_path(rk_demo_state *demo, const rk_demo_variant *variant, unsigned repeat);
unsigned rk_demo_repeats(const rk_demo_state *demo);

/* One step: which files, how, and what came out, read from the files so that it is the same when reused. */
typedef struct {
    const char *name;
    void (*files)(rk_demo_state *demo, rk_step *step); /* options, inputs, outputs */
    rk_status (*make)(rk_demo_state *demo, rk_error *err);
    rk_status (*describe)(rk_demo_state *demo, rk_text *out, rk_error *err);
} rk_demo_step;
extern const rk_demo_step rk_demo_steps[];
extern const size_t rk_demo_n_steps;

/* Accounts for every variant, advises, and writes plan.yaml, prices.yaml and statement.json of the advised one. */
RK_MUST_CHECK rk_status rk_demo_account(rk_demo_state *demo, rk_text *words, rk_error *err);
/* study.json, with the steps so far. */
RK_MUST_CHECK rk_status rk_demo_write_study(rk_demo_state *demo, rk_error *err);

#endif
