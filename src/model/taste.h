/* taste.h - what one user of a dataset likes, in figures and in words: categories, brands, words, price, rhythm.
 *
 * Tastes are shares of what was taken, an event counting 2^(-age / half-life), beside the share that all users have:
 * lift 3 means three times as often as everybody. A share rests on little when the history is short, so that tastes are
 * ranked by the lower end of their lift: (own + 2 * common) / (all + 2) / common, as if two events had gone the common
 * way.
 */
#ifndef RECKON_MODEL_TASTE_H
#define RECKON_MODEL_TASTE_H

#include "base/text.h"
#include "data/dataset.h"

enum { RK_TASTES_MAX = 5 };

typedef struct {
    rk_slice name; /* borrowed from the base */
    double share;  /* of the user's events that have one at all */
    double lift;   /* share by the share of all events */
} rk_taste;

typedef struct {
    uint32_t user;
    uint64_t n_events;
    uint32_t n_items;                           /* different ones */
    int64_t first, last;                        /* INT64_MAX and INT64_MIN without times */
    double days_between;                        /* median of the days between days with events; NaN: fewer than two */
    double price_low, price_median, price_high; /* quartiles of what was paid; NaN without prices */
    double price_rank; /* share of all events that were cheaper than the median; NaN without prices */
    rk_taste category[RK_TASTES_MAX], brand[RK_TASTES_MAX], word[RK_TASTES_MAX];
    size_t n_categories, n_brands, n_words;
    rk_slice item[RK_TASTES_MAX]; /* titles, or names, of the items taken most often, at least twice */
    uint32_t item_times[RK_TASTES_MAX];
    size_t n_favourites;
} rk_profile_of;

/* What all users do, counted once: to compare one with. Borrows the dataset. */
typedef struct rk_taste_base rk_taste_base;
RK_MUST_CHECK rk_status rk_taste_base_new(const rk_dataset *dataset, double half_life_days, rk_taste_base **out,
                                          rk_error *err);
void rk_taste_base_free(rk_taste_base *base); /* accepts NULL */

/* Texts are borrowed from base and dataset. */
RK_MUST_CHECK rk_status rk_profile_make(const rk_taste_base *base, uint32_t user, rk_profile_of *out, rk_error *err);

/* "takes from kitchen (62 %, 3.0 times as often as others), ...": one thing a line. */
void rk_profile_words(const rk_profile_of *profile, rk_text *out);
void rk_profile_json(const rk_profile_of *profile, rk_slice name, rk_json *json);

#endif
