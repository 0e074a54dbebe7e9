/* frontier_report.h - the frontier of a shop's variants, as a plain struct: a table, JSON, CSV and the page of it.
 *
 * Rows come simplest first. Texts and arrays are borrowed.
 */
#ifndef RECKON_REPORT_FRONTIER_REPORT_H
#define RECKON_REPORT_FRONTIER_REPORT_H

#include <stdint.h>

#include "cost/ledger.h"
#include "decide/compare.h"
#include "decide/pareto.h"
#include "report/chart.h"
#include "report/table.h"

typedef enum {
    RK_FRONTIER_CHOSEN,    /* meets the constraints; none that does is cheaper, or as cheap and simpler */
    RK_FRONTIER_RUNNER_UP, /* the same, were the chosen one not there */
    RK_FRONTIER_DEARER,    /* meets the constraints */
    RK_FRONTIER_TOO_BAD,   /* keeps too little of the best one's quality, or may */
    RK_FRONTIER_TOO_SLOW,  /* p99 at the planned load was above the limit in every measurement */
} rk_frontier_verdict;
const char *rk_frontier_verdict_name(rk_frontier_verdict verdict); /* "too_slow" */

typedef struct {
    const char *name, *made;                         /* "als+int8"; "als, factors=128", "als to int8" */
    size_t of;                                       /* row that it is made of; its own number: trained */
    rk_estimate quality, kept;                       /* kept: share of the best one's, paired by user */
    uint64_t file_bytes, form_bytes, resident_bytes; /* form: what answering reads; resident: of the server measured */
    double making_s;                /* wall time of training, compressing and indexing, all the way from the data */
    rk_estimate capacity_rps;       /* of one machine inside the limit; range of the repeated measurements, as below */
    rk_estimate p99_ms, cpu_ms;     /* at the rate of the plan's busiest hour, on each of its machines */
    const rk_latency_point *points; /* of the repetition with the middle capacity */
    size_t n_points;
    double planned_rps;                        /* that rate */
    int64_t n_machines;                        /* at the busiest time */
    rk_estimate cost_per_year, cost_per_1000;  /* in the currency */
    double category_per_year[RK_N_CATEGORIES]; /* parts of cost_per_year.value */
    double marginal_per_1000;                  /* of cost_per_1000.value: what follows the traffic */
    double cpu_cost_per_1000;  /* processor time at the planned load at the price of the machine; NAN = no fleet */
    double wh_per_1000;        /* energy; NAN = the plan has no factors for it */
    const char *plan;          /* file name of its plan, beside the report: "plans/als.yaml" */
    const char *model, *index; /* the same of what is served; index: NULL = none */
    rk_standing by_cost, by_latency; /* on the frontier of quality and cost, and of latency and cost */
    rk_frontier_verdict verdict;
} rk_frontier_row;

/* A variant that is in no comparison, and why. */
typedef struct {
    const char *name, *why;
} rk_frontier_omitted;

typedef struct {
    const char *title, *made_at, *machine, *build;
    const char *dataset, *data_words; /* "retail.rk"; "4,074 users, 3,145 items" */
    const char *metric;               /* "ndcg@20" */
    const char *grid;                 /* "quick" */
    const char *plan_words;           /* what is planned for, in a sentence */
    const char *currency, *service;
    uint64_t n_test_users, seed;
    size_t n_steps, n_reused;             /* of this run: how many had been done before */
    double requests_per_day, utilisation; /* requests: mean over the months */
    double requests_as_written;           /* a day, in a plan that was made; 0 = of the user's own */
    unsigned n_months, repeats;
    double quality_min, p99_max_ms; /* the constraints */
    const rk_frontier_row *rows;    /* [n] */
    size_t n;
    size_t best, knee;        /* rows; knee RK_PARETO_NONE = none */
    size_t chosen, runner_up; /* rows; RK_PARETO_NONE = none */
    const rk_frontier_omitted *omitted;
    size_t n_omitted;
    const char *advice;         /* one sentence or two */
    const char *const *changes; /* what would change the choice, a sentence each */
    size_t n_changes;
    rk_break_even below, above; /* of chosen and runner-up */
} rk_frontier_report;

/* Everything, one line without a newline; times and the machine included. */
void rk_frontier_json(const rk_frontier_report *report, rk_text *out);
/* A row a variant, every figure. */
void rk_frontier_csv(const rk_frontier_report *report, rk_text *out);
/* Quality and money; bytes, speed and energy. */
void rk_frontier_quality_table(const rk_frontier_report *report, rk_table *out);
void rk_frontier_speed_table(const rk_frontier_report *report, rk_table *out);
/* The tables and sentences for a terminal. */
void rk_frontier_words(const rk_frontier_report *report, rk_table_style style, rk_text *out);
/* The page. */
void rk_frontier_html(const rk_frontier_report *report, rk_text *out);

/* What the figures of the tables are, in sentences. */
void rk_frontier_how_words(const rk_frontier_report *report, rk_text *out);
/* "chosen; the knee of the frontier", "tied with als", "too slow; beaten by itemknn". */
void rk_frontier_standing_words(const rk_frontier_report *report, size_t row, rk_text *out);

#endif
