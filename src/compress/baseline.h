/* baseline.h - what a student is measured against: how many of the teacher's items another model's lists hold, or,
 * without one, the list of what most users took. Private to compress/.
 */
#ifndef RECKON_COMPRESS_BASELINE_H
#define RECKON_COMPRESS_BASELINE_H

#include "compress/lists.h"

/* Of each of user[n] the first items of the teacher's list, up to `first` of them, as a share of all that are in the
 * other's first ones. path: a model of the same users and items, or NULL for what is popular. */
RK_MUST_CHECK rk_status rk_baseline_agreement(const rk_model *teacher, const rk_lists *lists, const uint32_t *user,
                                              size_t n, uint32_t first, const char *path, double *out, rk_error *err);

#endif
