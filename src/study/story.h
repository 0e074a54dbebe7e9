/* story.h - from the files of a folder, or single files, to the struct that the page is made of.
 *
 * A variant is known by its name: profile.int8.json and evaluation.int8.json speak of one. Every part may be absent
 * and leaves its section out.
 */
#ifndef RECKON_STUDY_STORY_H
#define RECKON_STUDY_STORY_H

#include "base/run.h"
#include "report/report.h"

typedef struct {
    const char *folder;                  /* of a demo: study.json and what it names; NULL = the single files below */
    const char *plan, *cleaning, *title; /* NULL = none */
    const char *const *profiles;         /* [n_profiles] written by reckon measure */
    size_t n_profiles;
    const char *const *evaluations; /* [n_evaluations] written by reckon evaluate --json */
    size_t n_evaluations;
} rk_story_sources;

typedef struct rk_story rk_story;

RK_MUST_CHECK rk_status rk_story_open(const rk_story_sources *sources, const rk_run *run, rk_story **out,
                                      rk_error *err);
void rk_story_close(rk_story *story);                    /* accepts NULL */
const rk_report *rk_story_report(const rk_story *story); /* borrowed */

/* Opens, makes the page, writes it. */
RK_MUST_CHECK rk_status rk_story_write(const rk_story_sources *sources, const char *out_path, const rk_run *run,
                                       rk_error *err);

/* recall@20 and ndcg@20 with their intervals, and the share of the reference's ndcg that is kept (1 when the file does
 * not say). n_users may be NULL. */
RK_MUST_CHECK rk_status rk_story_quality(const char *path, rk_report_quality *quality, rk_estimate *kept,
                                         uint64_t *n_users, rk_error *err);

#endif
