/* choose.h - which index for these vectors: those that may fit are made, asked the same, and the fastest stays. */
#ifndef RECKON_ANN_CHOOSE_H
#define RECKON_ANN_CHOOSE_H

#include "ann/ann.h"

enum { RK_ANN_TRIALS_MAX = 8, RK_ANN_FEW_ITEMS = 5000 };

typedef struct {
    const rk_ann_kind *kind;
    double build_s, query_s; /* cpu; of a query at the effort */
    double recall;           /* measured there */
    uint32_t effort;         /* the least that reaches the recall wanted */
    uint64_t bytes;
} rk_ann_trial;

typedef struct {
    rk_ann_trial trial[RK_ANN_TRIALS_MAX];
    size_t n, chosen;
    const char *why; /* half a sentence */
} rk_ann_choice;

/* kind in wish NULL: chosen; few items are compared all, and else every kind is tried. asked: what recall is measured
 * with, apart from wish's queries; n 0: items. The result has been measured. */
RK_MUST_CHECK rk_status rk_ann_choose(const rk_ann_rows *base, const rk_ann_wish *wish, const rk_ann_rows *asked,
                                      double recall, const rk_run *run, rk_ann **out, rk_ann_choice *choice,
                                      rk_error *err);

#endif
