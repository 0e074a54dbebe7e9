/* study_file.h - study.json: the figures of a finished run, written and read; inside study/ only. */
#ifndef RECKON_STUDY_STUDY_FILE_H
#define RECKON_STUDY_STUDY_FILE_H

#include <jansson.h>

#include "base/arena.h"
#include "cost/ledger.h"
#include "report/report.h"

typedef struct {
    rk_report_variant figures; /* points are in the profile file */
    rk_estimate cost;          /* full cost of 1,000 over the repeated measurements */
    double category_per_1000[RK_N_CATEGORIES];
    const char *profile, *evaluation; /* file names beside study.json */
} rk_study_variant;

typedef struct {
    const char *title, *subtitle, *made_at, *machine, *build, *advice, *currency;
    const char *plan; /* file name beside study.json */
    double slo_ms;
    rk_report_quality baseline;
    uint64_t n_test_users;
    rk_study_variant *variants;
    size_t n_variants;
    rk_report_volume *volumes;
    size_t n_volumes;
    rk_report_step *steps;
    size_t n_steps;
} rk_study;

void rk_study_json(const rk_study *study, rk_text *out); /* one line, no newline */
/* Texts and arrays go to the arena. */
RK_MUST_CHECK rk_status rk_study_read(const char *path, rk_arena *arena, rk_study *out, rk_error *err);

/* A JSON object of a file; owned by the caller. RK_BAD_INPUT names file, line and column. */
RK_MUST_CHECK rk_status rk_json_read(const char *path, json_t **out, rk_error *err);
/* The figure under key, with the interval under KEY_ci where there is one. false, *out untouched, when absent. */
bool rk_json_estimate(const json_t *object, const char *key, rk_estimate *out);
/* NULL when memory is short. */
const char *rk_keep_words(rk_arena *arena, const char *words);

#endif
