/* scale.h - what would a larger shop take? Synthetic shops of growing users and items are trained on and served; how
 * time, memory and processor time grow is fitted (growth.h) and carried on to shops that nobody can measure here:
 * 10^5 to 10^8 items, 10^3 to 10^6 requests a second, with a band, priced by the accountant, and with what ends first.
 *
 * DIR/shops/USERSxITEMS.json is what each shop took; a run that was killed goes on behind the last one. The shops and
 * models themselves are not kept.
 */
#ifndef RECKON_STUDY_SCALE_H
#define RECKON_STUDY_SCALE_H

#include "base/run.h"
#include "report/growth_words.h"

typedef struct {
    const char *folder;
    const char *program; /* the reckon that serves; NULL = this program */
    const char *model;
    const char *const *set; /* [n_set] "factors=64" */
    size_t n_set;
    bool quick; /* small shops, measured shortly: for tests */
    double p99_max_ms, users_per_item, utilisation;
} rk_scale_options;
rk_scale_options rk_scale_defaults(void);

typedef struct rk_scaling rk_scaling;
RK_MUST_CHECK rk_status rk_scale_run(const rk_scale_options *options, const rk_run *run, rk_scaling **out,
                                     rk_error *err);
void rk_scaling_free(rk_scaling *scaling);                           /* accepts NULL */
const rk_scale_report *rk_scaling_report(const rk_scaling *scaling); /* borrowed */

#endif
