/* shop_figures.c - see shop_figures.h. */
#include "study/shop_figures.h"

#include <math.h>

#include "base/clock.h"
#include "data/dataset.h"
#include "study/study_file.h"

/* Recommendation requests that a shop shows for each line that is bought: assumed. A line bought has some ten pages
 * behind it, each with one or two lists of recommendations. */
static const double requests_per_event = 20;
static const double days_per_month = 30.4;

static void count_times(const rk_dataset *dataset, rk_plan_figures *out)
{
    for (uint64_t i = 0; dataset->event_time && i < dataset->n_events; i++) {
        int64_t day = dataset->event_time[i] / 86400 - (dataset->event_time[i] % 86400 < 0);
        out->hour_weight[(dataset->event_time[i] - day * 86400) / 3600]++;
        out->weekday_weight[rk_weekday_of_days(day)]++;
    }
}

static double days_of(const rk_dataset *dataset)
{
    if (!dataset->event_time || dataset->n_events == 0)
        return 1;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (uint64_t i = 0; i < dataset->n_events; i++) {
        first = dataset->event_time[i] < first ? dataset->event_time[i] : first;
        last = dataset->event_time[i] > last ? dataset->event_time[i] : last;
    }
    return fmax(1, ceil((double)(last - first + 1) / 86400));
}

static rk_status set_traffic(double asked, double events_per_day, bool has_times, rk_arena *arena, rk_plan_figures *out,
                             rk_error *err)
{
    rk_text words = {0};
    out->requests_per_day = asked;
    if (asked > 0) {
        rk_text_add(&words, "as asked for on the command line");
    } else {
        out->requests_per_day = fmax(1, round(events_per_day * requests_per_event));
        rk_text_add(&words, has_times ? "measured: " : "assumed, for the log has no times: ");
        rk_text_add_fixed(&words, events_per_day, 1);
        rk_text_addf(&words, " lines bought a day; assumed: %g recommendation requests for each", requests_per_event);
    }
    out->traffic_from = words.failed ? NULL : rk_keep_words(arena, words.at);
    rk_text_release(&words);
    return out->traffic_from ? RK_OK : rk_fail_memory(err, "a plan");
}

rk_status rk_shop_figures_read(const char *dataset_path, double requests_per_day, rk_arena *arena, rk_plan_figures *out,
                               rk_error *err)
{
    enum { DAYS_ASSUMED = 365 }; /* that a log without times spans */
    rk_dataset dataset;
    rk_status status = rk_dataset_open(dataset_path, &dataset, err);
    if (status)
        return status;
    double n_events = fmax(1, (double)dataset.n_events);
    double events_per_day = n_events / (dataset.event_time ? days_of(&dataset) : DAYS_ASSUMED);
    double events_per_month = events_per_day * days_per_month;
    rk_usage making = rk_artefact_making(dataset.artefact);
    count_times(&dataset, out);
    out->log_bytes = (double)rk_artefact_bytes(dataset.artefact);
    out->log_bytes_per_month = out->log_bytes / n_events * events_per_month;
    out->cleaning_hours_per_month = making.cpu_s / 3600 / n_events * events_per_month;
    out->training_hours = making.wall_s / 3600;
    status = set_traffic(requests_per_day, events_per_day, dataset.event_time != NULL, arena, out, err);
    rk_dataset_close(&dataset);
    return status;
}

void rk_shop_figures_next_year(rk_plan_figures *out)
{
    unsigned day;
    rk_date_of_days(rk_clock_unix_s() / 86400, &out->start_year, &out->start_month, &day);
    out->start_year += out->start_month == 12;
    out->start_month = out->start_month % 12 + 1;
    out->n_months = 12;
}
