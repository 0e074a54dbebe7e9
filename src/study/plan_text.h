/* plan_text.h - a plan and a price book for a small shop, as text that `reckon cost` reads: pure functions of figures.
 *
 * What was measured comes from the struct; what nobody can measure from a log (pay, hours of work, requests shown for
 * each line bought) is assumed, says so in the plan, and is meant to be edited.
 */
#ifndef RECKON_STUDY_PLAN_TEXT_H
#define RECKON_STUDY_PLAN_TEXT_H

#include <stdint.h>

#include "base/text.h"

typedef struct {
    const char *made_by;                         /* "reckon demo": who wrote the plan */
    const char *name;                            /* of the plan */
    int start_year;                              /* */
    unsigned start_month;                        /* 1 .. 12 */
    unsigned n_months;                           /* */
    double requests_per_day;                     /* */
    const char *traffic_from;                    /* one line: how that came about */
    uint64_t hour_weight[24], weekday_weight[7]; /* events of the log by hour (UTC) and weekday, Monday first */
    const char *profile;                         /* file of the serving profile, beside the plan */
    double slo_ms;
    unsigned cores;       /* of the machine that was measured: picks the machine that is planned with */
    uint64_t model_bytes; /* of the model file */
    double log_bytes;     /* of the stored events */
    double log_bytes_per_month;
    double training_hours;           /* machine-hours of one retraining, cleaning to compression */
    double cleaning_hours_per_month; /* machine-hours to clean a month's events */
} rk_plan_figures;

void rk_plan_text(const rk_plan_figures *figures, rk_text *out);
/* cores: as above. */
void rk_prices_text(unsigned cores, rk_text *out);

#endif
