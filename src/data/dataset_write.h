/* dataset_write.h - a dataset artefact from columns of events in any order. */
#ifndef RECKON_DATA_DATASET_WRITE_H
#define RECKON_DATA_DATASET_WRITE_H

#include "data/dataset.h"

/* One row per event, in input order; borrowed during the call. Optional columns may be NULL. */
typedef struct {
    uint32_t n_users, n_items;
    uint64_t n;                 /* events, at most UINT32_MAX */
    const uint32_t *user;       /* [n] below n_users */
    const uint32_t *item;       /* [n] below n_items */
    const int64_t *time;        /* [n] or NULL */
    const float *value, *price; /* [n] or NULL */
    const uint8_t *type;        /* [n] or NULL */
    void *scratch;              /* room for 8 bytes an event, lent and overwritten; NULL: it is taken and given back */
} rk_events;

/* Adds every event section to the writer: sorts by user, inside a user by time, then by input order, and writes both
 * directions. The names and item tables are the caller's to add. */
RK_MUST_CHECK rk_status rk_events_add(rk_artefact_writer *writer, const rk_events *events, const rk_run *run,
                                      rk_error *err);

#endif
