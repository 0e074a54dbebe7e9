/* report.h - what a finished run has to say, as plain structs, and the page made of it.
 *
 * Nothing is computed here but sums of shares and words: every figure comes measured or accounted from below. A part
 * that is absent (n 0, NULL) leaves its section out. All texts and arrays are borrowed.
 */
#ifndef RECKON_REPORT_REPORT_H
#define RECKON_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "math/money.h"
#include "report/chart.h"
#include "report/table.h"

enum { RK_REPORT_CATEGORIES_MAX = RK_CHART_COLORS, RK_REPORT_VARIANTS_MAX = 16 };

/* One row of the cleaning report. */
typedef struct {
    const char *label, *why; /* "cancelled invoices", "the invoice number begins with C" */
    uint64_t n_taken;
} rk_report_rule;

/* Quality alone: of the baseline. */
typedef struct {
    const char *name;
    rk_estimate recall, ndcg;
} rk_report_quality;

typedef struct {
    const char *name; /* "fp32" */
    rk_report_quality quality;
    rk_estimate kept;               /* share of the reference's ndcg, paired by user; value 1 for the reference */
    uint64_t model_bytes;           /* the file */
    uint64_t vector_bytes;          /* of it, what answering reads */
    rk_estimate capacity_rps;       /* at the latency limit; the range of the repeated measurements */
    const rk_latency_point *points; /* of the representative repetition */
    size_t n_points;
    double cpu_ms_per_request;
    uint64_t memory_bytes;
    rk_money full_per_1000, marginal_per_1000;
    double category_per_1000[RK_REPORT_CATEGORIES_MAX]; /* parts of full_per_1000, in the order of grid rows */
    bool is_chosen;
} rk_report_variant;

/* The statement of the chosen variant: category x layer, and where quantities came from. */
typedef struct {
    uint32_t n_rows, n_columns;
    const char *const *row, *const *column;
    const rk_money *cell; /* [n_rows x n_columns] */
    const rk_money *row_sum, *column_sum;
    rk_money total;
} rk_report_grid;

/* The same plan with more requests: what 1,000 cost with each variant, and which one would be advised there. */
typedef struct {
    double requests_per_day;
    rk_money per_1000[RK_REPORT_VARIANTS_MAX]; /* [n_variants] */
    const char *advised;
} rk_report_volume;

typedef struct {
    const char *name, *words; /* "measured", "4 lines" */
    rk_money amount;
} rk_report_origin;

typedef struct {
    const char *name, *words; /* "train als", "64 factors, 15 sweeps" */
    double seconds;
    bool is_reused;
} rk_report_step;

typedef struct {
    const char *title, *subtitle;
    const char *made_at, *machine, *build; /* "2026-11-24 10:15 UTC", "AMD EPYC, 2 cores", "reckon 0.1.0" */
    const char *advice;                    /* one sentence */
    const char *quality_words;             /* "20": the k of recall@k and ndcg@k */
    double slo_ms;

    uint64_t n_rows_read, n_events_kept; /* */
    const char *row_words;               /* "rows read" */
    const rk_report_rule *rules;
    size_t n_rules;

    const rk_report_quality *baseline; /* NULL = none */
    uint64_t n_test_users;
    const rk_report_variant *variants; /* simplest first: the first is the reference */
    size_t n_variants;

    const rk_report_volume *volumes; /* ascending */
    size_t n_volumes;

    const char *currency;
    const char *plan_words; /* "12 months from 2026-10, 22,000 requests a day" */
    const rk_report_grid *statement;
    const rk_report_origin *origins;
    size_t n_origins;
    const char *const *plan_notes; /* what must be known before trusting the total: assumptions, warnings */
    size_t n_plan_notes;

    const rk_report_step *steps;
    size_t n_steps;
} rk_report;

/* The whole page. */
void rk_report_html(const rk_report *report, rk_text *out);

/* The variants with quality, size, speed and cost: the same rows on the terminal and on the page. */
void rk_report_variants_table(const rk_report *report, rk_table *out);
/* What the table's capacity is, in a sentence. */
void rk_report_capacity_words(const rk_report *report, rk_text *out);

/* "USD 1,234.56", with more places for small amounts: at least two figures, six places at most. */
void rk_report_money(const char *currency, rk_money amount, rk_text *out);

#endif
