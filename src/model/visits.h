/* visits.h - a user's events cut where he was away: sessions of clicks, baskets of purchases. */
#ifndef RECKON_MODEL_VISITS_H
#define RECKON_MODEL_VISITS_H

#include "data/dataset.h"

/* Visits are numbered in order of events, so they ascend over all events. */
typedef struct {
    uint32_t *of_event; /* [n_events]; owned */
    uint64_t *start;    /* [n + 1] first event of each; owned */
    uint32_t n;
} rk_visits;

/* A new visit begins with each user, and where more than gap_hours passed since his event before; gap_hours < 0: never
 * inside a user. Datasets without times have a visit for each user, whatever the gap. End with release. */
RK_MUST_CHECK rk_status rk_visits_cut(const rk_dataset *dataset, double gap_hours, rk_visits *out, rk_error *err);
void rk_visits_release(rk_visits *visits); /* accepts a zeroed one */

#endif
