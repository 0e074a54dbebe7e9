/* synth.h - a shop that never was, of any size: for trying what a larger one would take.
 *
 * Items stand in categories; how often an item is taken follows a power law (Zipf), in the whole shop and in each
 * category; how much a user takes is log-normal; a user has a few favourite categories and takes most from them, now
 * and then something popular. Takings rise over the year, with a week, a day and a season before its end. Items have
 * titles, brands, categories and log-normal prices. Every user draws from a stream of his own, so that the shop is the
 * same for any number of threads, and the first users of a larger shop are not those of a smaller one.
 */
#ifndef RECKON_DATA_SYNTH_H
#define RECKON_DATA_SYNTH_H

#include "base/run.h"

typedef struct {
    uint32_t n_users, n_items;
    uint64_t n_events;     /* about so many: every user has one at least */
    uint32_t n_categories; /* 0: about the root of the items */
    double power;          /* of popularity, 0..2: item of rank r is taken r^-power times as often as the first */
    double loyalty;        /* share of takings from the favourite categories */
    uint32_t n_days;       /* that the log spans, ending at 2026-01-01 */
} rk_synth_options;
rk_synth_options rk_synth_defaults(void);

typedef struct {
    uint64_t n_events;
    double wall_s, cpu_s;
} rk_synth_report;

/* A dataset, or with csv_path the log as a CSV (user,item,time,quantity,price,title,category,brand); either path may be
 * NULL, not both. */
RK_MUST_CHECK rk_status rk_synth(const rk_synth_options *options, const char *out_path, const char *csv_path,
                                 const rk_run *run, rk_synth_report *report, rk_error *err);

#endif
