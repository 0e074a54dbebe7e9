/* compare.h - plans and variants side by side: what each costs and can do, and at which traffic the choice turns.
 *
 * Every column is a full run of the accountant. Against the first column each other one has its saving, the net present
 * value of choosing it, when it has paid back, and the traffic at which both cost the same.
 */
#ifndef RECKON_DECIDE_COMPARE_H
#define RECKON_DECIDE_COMPARE_H

#include "base/run.h"
#include "decide/what_if.h"

enum { RK_COMPARE_MAX = 16 };

/* A service in one column. */
typedef struct {
    const char *name, *variant, *machine; /* NULL = none */
    double quality;                       /* NAN = the plan does not say */
    double capacity_rps, memory_bytes;    /* of one machine; memory resident when measured; 0 = unknown */
    int64_t n_machines_max;
    rk_money full_per_1000; /* over the horizon */
    bool has_per_1000;
} rk_compared_service;

/* Traffic times `factor` of the first column's: there both cost the same; cheaper below and above it. */
typedef struct {
    double factor, requests_per_day;
    bool first_is_cheaper_below;
} rk_break_even;

typedef struct {
    const char *name;
    rk_plan_source source;
    rk_money total, by_category[RK_N_CATEGORIES];
    rk_money paid, closing; /* cash out within the plan; value on the books when it ends */
    const rk_money *months; /* [n_months] paid in each */
    double requests;        /* over the horizon */
    int64_t shortfall_micros;
    const rk_compared_service *services; /* [n_services] */
    uint32_t n_services;
    /* against the first column */
    int64_t saving_micros; /* below 0: it costs more */
    double npv;            /* of what is paid less, month by month, in the currency; closing counts as nothing */
    int payback_month;     /* the first month from which on it has paid less in all; -1 = not in this plan */
    rk_break_even below, above; /* nearest to the traffic as planned; factor 0 = none */
} rk_compared;

typedef struct {
    rk_arena arena;
    const char *currency;
    uint32_t n_months;
    double discount_yearly;
    rk_compared *columns; /* [n] */
    size_t n;
} rk_comparison;

typedef struct {
    double discount_yearly; /* 0.08 */
} rk_compare_options;

/* sources: [n]. One source: it and every other variant that its services name. All must share currency, start and
 * months; an error names what differs. *out is released by the caller when RK_OK. */
RK_MUST_CHECK rk_status rk_compare(const rk_plan_source *sources, size_t n, const rk_compare_options *options,
                                   const rk_run *run, rk_comparison *out, rk_error *err);
void rk_comparison_release(rk_comparison *comparison);
void rk_comparison_json(const rk_comparison *comparison, rk_text *out);

#endif
