/* demo_parts.h - the demo's steps and what they share; inside study/ only. */
#ifndef RECKON_STUDY_DEMO_PARTS_H
#define RECKON_STUDY_DEMO_PARTS_H

#include "base/arena.h"
#include "base/vec.h"
#include "report/report.h"
#include "study/demo.h"
#include "study/frontier.h"
#include "study/journal.h"
#include "study/study_file.h"

typedef struct {
    const rk_demo_options *options; /* borrowed */
    const rk_run *run;              /* borrowed */
    const char *log_path;           /* found */
    rk_arena arena;                 /* owns paths and words */
    rk_journal *journal;
    rk_vec steps;          /* of rk_report_step: what has been done, words in the arena */
    rk_frontier *frontier; /* once it has run */
    rk_study study;        /* filled by the last steps */
} rk_demo_state;

/* FOLDER/name, in the arena; never NULL (an empty text when memory is short, which then fails to open). */
const char *rk_demo_path(rk_demo_state *demo, const char *name);

/* From the raw log to retail.rk and cleaning.json, or what an earlier run made of it. */
rk_status rk_demo_ingest(rk_demo_state *demo, rk_error *err);
void rk_demo_ingest_files(rk_demo_state *demo, rk_step *step);
rk_status rk_demo_describe_ingest(rk_demo_state *demo, rk_text *out, rk_error *err);

/* Fills the study from the frontier and writes statement.json of the chosen variant. */
RK_MUST_CHECK rk_status rk_demo_account(rk_demo_state *demo, rk_text *words, rk_error *err);
/* study.json, with the steps so far. */
RK_MUST_CHECK rk_status rk_demo_write_study(rk_demo_state *demo, rk_error *err);

#endif
