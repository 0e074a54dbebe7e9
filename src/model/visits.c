/* visits.c - see visits.h. */
#include "model/visits.h"

#include <stdlib.h>

static bool is_new(const rk_dataset *dataset, uint64_t first, uint64_t e, double gap_s)
{
    if (e == first) {
        return true;
    }
    return gap_s >= 0 && dataset->event_time &&
           (double)dataset->event_time[e] - (double)dataset->event_time[e - 1] > gap_s;
}

rk_status rk_visits_cut(const rk_dataset *dataset, double gap_hours, rk_visits *out, rk_error *err)
{
    size_t n = (size_t)dataset->n_events + 1;
    rk_visits visits = {.of_event = malloc(n * sizeof *visits.of_event), .start = malloc(n * sizeof *visits.start)};
    if (!visits.of_event || !visits.start) {
        rk_visits_release(&visits);
        return rk_fail_memory(err, "visits");
    }
    for (uint32_t u = 0; u < dataset->n_users; u++) {
        uint64_t first = dataset->user_start[u];
        for (uint64_t e = first; e < dataset->user_start[u + 1]; e++) {
            if (is_new(dataset, first, e, gap_hours * 3600)) {
                visits.start[visits.n++] = e;
            }
            visits.of_event[e] = visits.n - 1;
        }
    }
    visits.start[visits.n] = dataset->n_events;
    *out = visits;
    return RK_OK;
}

void rk_visits_release(rk_visits *visits)
{
    free(visits->of_event);
    free(visits->start);
    *visits = (rk_visits){0};
}
