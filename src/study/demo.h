/* demo.h - the whole story on one log: ingest, a quick frontier of a few variants, account, report.
 *
 * Everything lands in one folder, every file whole or not at all; steps that are done already are not done again
 * (study/journal.h, study/frontier.h). The last file written is study.json, the figures of the run; study/story.h makes
 * a report of the folder. Each finished step is said as one line of the run's log.
 *
 *   retail.rk cleaning.json  frontier/ (frontier.h)  statement.json  steps.json study.json report.html
 */
#ifndef RECKON_STUDY_DEMO_H
#define RECKON_STUDY_DEMO_H

#include <stdbool.h>

#include "base/run.h"

typedef struct {
    const char *folder;      /* made when absent; its parent must be there */
    const char *log_path;    /* NULL = the Online Retail log that comes with the program */
    const char *program;     /* the reckon that serves; NULL = this program */
    double requests_per_day; /* to plan for; 0 = from the log's own volume */
    double slo_ms;           /* p99 of an answer */
    bool quick;              /* measures shortly: for tests, not for decisions */
} rk_demo_options;

rk_demo_options rk_demo_defaults(void);

RK_MUST_CHECK rk_status rk_demo(const rk_demo_options *options, const rk_run *run, rk_error *err);

#endif
