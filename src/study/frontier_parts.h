/* frontier_parts.h - the parts of a frontier run and what they share; inside study/ only. */
#ifndef RECKON_STUDY_FRONTIER_PARTS_H
#define RECKON_STUDY_FRONTIER_PARTS_H

#include "base/arena.h"
#include "base/vec.h"
#include "data/split.h"
#include "eval/eval.h"
#include "study/frontier.h"
#include "study/frontier_grid.h"
#include "study/journal.h"
#include "study/plan_text.h"

typedef struct {
    const rk_grid_variant *row;
    const char *left_out; /* why it is in no comparison; NULL: it is */
    /* once it is priced: */
    double load_rps;        /* rate at which its machines are busiest */
    double core_hour_price; /* of a core of a machine like the measured one; NAN = no fleet */
} rk_frontier_variant;

struct rk_frontier {
    const rk_frontier_options *options; /* borrowed during the run */
    const rk_run *run;                  /* borrowed during the run */
    rk_arena arena;                     /* owns paths and words */
    bool is_short;                      /* memory was short for a path or words: the next check says so */
    rk_grid grid;
    rk_split_options split;
    rk_eval_target target;
    const char *service;           /* of the plan: that the variants answer */
    double slo_ms;                 /* p99 that capacity is planned by */
    rk_frontier_variant *variants; /* [grid.n] */
    rk_journal *journal;
    rk_frontier_row *rows; /* [report.n], which the report borrows */
    size_t *variant_of;    /* [report.n] */
    rk_frontier_report report;
};

/* Formatted words, as long as the frontier lives; never NULL (an empty text when memory is short, and is_short). */
const char *rk_frontier_text(rk_frontier *f, const char *fmt, ...) RK_PRINTF(2, 3);
/* A variant's model: of one with an index, that which the index is of. Its index; NULL = none. */
const char *rk_frontier_model(rk_frontier *f, size_t variant);
const char *rk_frontier_index(rk_frontier *f, size_t variant);
/* FOLDER/KIND/VARIANT.ENDING: "models", "rk"; of measurement `repeat`, from 1: profiles/VARIANT.REPEAT.json. */
const char *rk_frontier_path(rk_frontier *f, const char *name);
const char *rk_frontier_file(rk_frontier *f, const char *kind, size_t variant, const char *ending);
const char *rk_frontier_profile(rk_frontier *f, size_t variant, unsigned repeat);
const char *rk_frontier_load_profile(rk_frontier *f, size_t variant, unsigned repeat); /* profiles/NAME.load.N.json */
/* Why a variant is not there, in words that the frontier keeps. */
void rk_frontier_leave_out(rk_frontier *f, size_t variant, const char *why);

/* frontier_steps.c: split to measure. */
RK_MUST_CHECK rk_status rk_frontier_steps(rk_frontier *f, rk_error *err);
/* Measures every row at the rate that its machines are planned for, and fills p99_ms, cpu_ms and their cost. */
RK_MUST_CHECK rk_status rk_frontier_load(rk_frontier *f, rk_error *err);
/* ", factors=64 weigh=one": what a trained variant was trained with, beyond the defaults. */
const char *rk_frontier_settings_words(rk_frontier *f, size_t variant);
/* frontier_price.c: fills the report's rows from what the steps left, and writes the plans. */
RK_MUST_CHECK rk_status rk_frontier_price(rk_frontier *f, rk_error *err);
/* frontier_choice.c: standings, the choice, and what would change it. */
RK_MUST_CHECK rk_status rk_frontier_choose(rk_frontier *f, rk_error *err);

#endif
