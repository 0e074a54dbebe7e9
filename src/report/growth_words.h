/* growth_words.h - how a service grows with its shop: what was measured, the exponents, and larger shops on paper. */
#ifndef RECKON_REPORT_GROWTH_WORDS_H
#define RECKON_REPORT_GROWTH_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "math/estimate.h"
#include "report/table.h"

enum { RK_SCALE_SIZES = 4, RK_SCALE_RATES = 4 }; /* 10^5 .. 10^8 items, 10^3 .. 10^6 requests a second */

typedef enum {
    RK_SCALE_TRAINING_S,
    RK_SCALE_TRAINING_BYTES,
    RK_SCALE_MODEL_BYTES,
    RK_SCALE_RESIDENT_BYTES,
    RK_SCALE_CPU_MS,
    RK_SCALE_FIGURES
} rk_scale_figure;
const char *rk_scale_figure_key(rk_scale_figure figure);   /* "cpu_ms_per_request" */
const char *rk_scale_figure_words(rk_scale_figure figure); /* "processor time of an answer" */

/* The shops between which only one thing differs. */
typedef enum {
    RK_SWEEP_EMPTY, /* as good as none: what everything takes at least */
    RK_SWEEP_BOTH,  /* users and items grow together */
    RK_SWEEP_USERS,
    RK_SWEEP_ITEMS,
    RK_SWEEP_ALL, /* the middle shop, which is in all of them */
} rk_scale_sweep;

/* A shop that was made, trained on and served. */
typedef struct {
    rk_scale_sweep sweep;
    uint32_t users, items;
    uint64_t events;
    double figure[RK_SCALE_FIGURES];
    double capacity_rps; /* inside the limit; 0 = at no rate */
} rk_scale_shop;

/* How a figure grows beyond the floor: an exponent for each sweep, NAN where it could not be fitted. */
typedef struct {
    bool is_fitted;
    double floor;                   /* of an empty shop */
    rk_estimate both, users, items; /* 95 % */
    double foretold, measured; /* the largest shop, by a fit without it, and as it was; NAN: too few shops for that */
} rk_scale_fit;

/* A machine fleet on paper. */
typedef struct {
    const char *machine; /* NULL: none will do, more than a million of them, or a training of more than a month */
    int64_t n_machines;
    rk_estimate cost_per_year;
    double cost_per_1000;
} rk_scale_cell;

typedef struct {
    double items, users;
    rk_estimate figure[RK_SCALE_FIGURES];
    rk_scale_cell cell[RK_SCALE_RATES];
} rk_scale_size;

/* Where something ends, whatever is paid. */
typedef struct {
    const char *words; /* "the memory of a server" */
    const char *limit; /* "24,576 GiB, u-24tb1.112xlarge" */
    rk_estimate items; /* low: it may be here already; HUGE_VAL: beyond all reason */
} rk_scale_limit;

typedef struct {
    const char *model, *machine, *made_at, *build, *currency;
    uint64_t seed;
    double p99_max_ms, users_per_item, utilisation;
    double load_share;      /* of a machine's processor time that it reaches inside the limit: median of the shops */
    bool has_traffic;       /* processor time against rate was fitted */
    rk_estimate by_traffic; /* its exponent, on the largest shop */
    const rk_scale_shop *shops; /* [n_shops] the first is the empty one */
    size_t n_shops;
    rk_scale_fit fit[RK_SCALE_FIGURES];
    double rate[RK_SCALE_RATES];
    rk_scale_size size[RK_SCALE_SIZES];
    const rk_scale_limit *limits; /* [n_limits] the nearest first */
    size_t n_limits;
} rk_scale_report;

void rk_scale_json(const rk_scale_report *report, rk_text *out); /* one line, no newline */
void rk_scale_words(const rk_scale_report *report, rk_table_style style, rk_text *out);

#endif
