/* reconcile_days.h - costs by day, and the days unlike the others.
 *
 * The modified z-score of Iglewicz and Hoaglin: 0.6745 (x - median) / MAD, MAD the median of |x - median|; above 3.5 in
 * size a day is flagged. Where more than half of the days are equal (MAD 0), (x - median) / (1.2533 mean |x - median|).
 * At least 7 days; days without a line do not count.
 */
#ifndef RECKON_COST_RECONCILE_DAYS_H
#define RECKON_COST_RECONCILE_DAYS_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "cost/reconcile.h"

typedef struct {
    rk_interner *names;
    rk_intmap *index; /* name and day -> place in costs, 1 = the first */
    rk_vec costs;
} rk_days;

RK_MUST_CHECK bool rk_days_init(rk_days *days);
void rk_days_release(rk_days *days);
/* false when memory is short. */
RK_MUST_CHECK bool rk_days_add(rk_days *days, rk_slice name, int64_t day, double cost);
/* rk_anomaly into out, by name and day; names are copied into arena. */
RK_MUST_CHECK bool rk_days_flag(const rk_days *days, rk_arena *arena, rk_vec *out);

#endif
