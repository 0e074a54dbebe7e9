/* dataset.h - cleaned behaviour: who took which item, when, how much of it, at what price.
 *
 * An artefact of kind "dataset". Users and items have dense ids 0 .. n - 1 in order of first sight in the input.
 * Events are stored by user; inside a user by time, then by input order. A pair (user, item) may occur many times.
 *
 *   section        type  shape              meaning
 *   user.start     u64   [n_users + 1]      events of user u: user.start[u] .. user.start[u + 1] - 1
 *   event.item     u32   [n_events]
 *   event.time     i64   [n_events]         seconds since 1970 UTC; absent when the log has no time
 *   event.value    f32   [n_events]         rating, quantity or weight; absent = 1 each
 *   event.price    f32   [n_events]         of one unit; absent when unknown
 *   event.type     u8    [n_events]         row of the table types.*; absent = all alike
 *   item.start     u64   [n_items + 1]      the other direction: events of item i, ascending event number
 *   item.event     u32   [n_events]         event number
 *   users.* items.*                         names, with order
 *   title.* category.* brand.* text.*       one name per item, no order; absent when unknown ("" = unknown)
 *   item.price     f32   [n_items]          last price seen, or the catalogue's; NaN = unknown
 *   attribute.start u64  [n_items + 1]      further things that a catalogue says of items; absent = none
 *   attribute.name, attribute.value  u32    rows of the tables attributes.* and values.*, both with order
 * Meta: counts, the mapping used, the cleaning report.
 */
#ifndef RECKON_DATA_DATASET_H
#define RECKON_DATA_DATASET_H

#include <stdint.h>

#include "math/csr.h"
#include "store/artefact.h"

typedef struct {
    rk_artefact *artefact; /* owned */
    uint32_t n_users, n_items;
    uint64_t n_events; /* at most UINT32_MAX */
    const uint64_t *user_start;
    const uint32_t *event_item;
    const int64_t *event_time; /* NULL when absent */
    const float *event_value;  /* NULL = 1 each */
    const float *event_price;  /* NULL when absent */
    const uint64_t *item_start;
    const uint32_t *item_event;
    rk_names users, items;                            /* looked up by name */
    rk_names title, category, brand, text;            /* n 0 when absent */
    const uint64_t *attribute_start;                  /* [n_items + 1]; NULL when absent */
    const uint32_t *attribute_name, *attribute_value; /* of attributes, values */
    rk_names attributes, values;                      /* looked up by name */
    const float *item_price;                          /* NULL when absent */
} rk_dataset;

/* Opens and validates: ids in range, starts ascending, both directions agreeing in size. */
RK_MUST_CHECK rk_status rk_dataset_open(const char *path, rk_dataset *out, rk_error *err);
/* The same, read into memory: nothing done to the file later reaches it. For servers. */
RK_MUST_CHECK rk_status rk_dataset_load(const char *path, rk_dataset *out, rk_error *err);
void rk_dataset_close(rk_dataset *dataset); /* accepts a zeroed one */

/* Prefixes of the sections that say what the items are, ended by NULL: for artefacts that take them over. */
extern const char *const rk_dataset_item_sections[];
/* The item tables of an artefact that has taken them over, and nothing else; out->artefact is borrowed. */
RK_MUST_CHECK rk_status rk_dataset_open_items(rk_artefact *artefact, rk_dataset *out, rk_error *err);

/* The time of the newest event, INT64_MIN without times: from which ages count, so that a log of last year is read
 * today as it was then. */
int64_t rk_dataset_newest(const rk_dataset *dataset);

/* How events of one (user, item) pair become one matrix entry. */
typedef enum {
    RK_PAIR_ONE,   /* 1 */
    RK_PAIR_COUNT, /* number of events */
    RK_PAIR_SUM,   /* sum of values */
    RK_PAIR_LAST,  /* last value in time: a rating overrides an older one */
} rk_pair_rule;

/* The user x item matrix, rows sorted by item, pairs merged. Owned result; end with rk_csr_release. */
RK_MUST_CHECK rk_status rk_dataset_matrix(const rk_dataset *dataset, rk_pair_rule rule, rk_csr *out, rk_error *err);

#endif
