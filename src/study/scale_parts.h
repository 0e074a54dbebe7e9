/* scale_parts.h - the parts of a scaling study; inside study/ only. */
#ifndef RECKON_STUDY_SCALE_PARTS_H
#define RECKON_STUDY_SCALE_PARTS_H

#include "base/arena.h"
#include "study/growth.h"
#include "study/journal.h"
#include "study/scale.h"

enum { RK_SCALE_SHOPS_MAX = 20, RK_SCALE_LIMITS = 4 };

struct rk_scaling {
    const rk_scale_options *options; /* borrowed during the run */
    const rk_run *run;
    rk_arena arena;
    rk_journal *journal;
    unsigned n_cores; /* of the machine that was measured */
    rk_scale_shop shops[RK_SCALE_SHOPS_MAX];
    size_t largest;                     /* shop */
    rk_growth growth[RK_SCALE_FIGURES]; /* by items, with users in proportion */
    rk_scale_limit limits[RK_SCALE_LIMITS];
    rk_scale_report report;
};

/* Formatted words in the arena; "" when memory is short. */
const char *rk_scaling_text(rk_scaling *s, const char *fmt, ...) RK_PRINTF(2, 3);

/* scale_shops.c: makes or reads every shop's figures. */
RK_MUST_CHECK rk_status rk_scaling_shops(rk_scaling *s, rk_error *err);
/* scale_price.c: the cells of every size, and the limits; growth is fitted by now. */
RK_MUST_CHECK rk_status rk_scaling_price(rk_scaling *s, rk_error *err);

#endif
