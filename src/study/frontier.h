/* frontier.h - which model is the cheapest that is good enough? Every variant of a grid trained, compressed, judged,
 * measured and priced on a shop's own data, and the choice among them.
 *
 * Everything lands in one folder. Each step writes its files whole or not at all and is known by the content of its
 * inputs, its options and the version of the program (study/journal.h): a run that was killed goes on where it was, and
 * a second run does only what has changed. A variant that cannot be made or measured is left out, and the report says
 * why; the others go on.
 *
 *   train.rk test.rk  tuned/NAME.json  models/NAME.rk indexes/NAME.rk  evaluations/NAME.json evaluations/NAME.rk
 *   profiles/NAME.N.json profiles/NAME.json profiles/NAME.load.N.json  plans/NAME.yaml plans/prices.yaml
 *   frontier.json frontier.csv report.html steps.json
 */
#ifndef RECKON_STUDY_FRONTIER_H
#define RECKON_STUDY_FRONTIER_H

#include "base/run.h"
#include "report/frontier_report.h"

typedef struct {
    const char *dataset_path;
    const char *folder;      /* made when absent; its parent must be there */
    const char *program;     /* the reckon that serves; NULL = this program */
    const char *grid;        /* name of one that comes with reckon */
    const char *grid_path;   /* instead: of a file; NULL = none */
    const char *grid_text;   /* instead: as a file would be; NULL = none */
    const char *plan_path;   /* NULL: a plan is made of the data */
    const char *service;     /* of that plan, which the variants answer; NULL = its only one */
    double requests_per_day; /* of the made plan; 0 = from the log's own volume */
    const char *metric;      /* a mean over users of which more is better */
    double quality_min;      /* 0.99: at least that share of the best one's quality, surely */
    double p99_max_ms; /* objective that machines are planned by, and most at the planned load; 0 = the plan's, or 10 */
    double test_share; /* of the events, the newest where they have times */
} rk_frontier_options;

rk_frontier_options rk_frontier_defaults(void);

typedef struct rk_frontier rk_frontier;

RK_MUST_CHECK rk_status rk_frontier_run(const rk_frontier_options *options, const rk_run *run, rk_frontier **out,
                                        rk_error *err);
void rk_frontier_free(rk_frontier *frontier);                                 /* accepts NULL */
const rk_frontier_report *rk_frontier_report_of(const rk_frontier *frontier); /* borrowed */

#endif
