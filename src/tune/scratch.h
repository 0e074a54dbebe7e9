/* scratch.h - a folder beside a file to be made, for what is needed on the way; gone afterwards.
 *
 * It is called PATH.tuning and locked while it is open, so that two runs do not share it. A killed run leaves it, and
 * the next one takes it over. Only files that reckon writes there (*.rk, their temporary forms) are ever removed.
 */
#ifndef RECKON_TUNE_SCRATCH_H
#define RECKON_TUNE_SCRATCH_H

#include "base/error.h"

typedef struct {
    char path[4096];
    int lock; /* descriptor of the folder */
} rk_scratch;

/* RK_IO when another run has it. */
RK_MUST_CHECK rk_status rk_scratch_open(const char *beside, rk_scratch *out, rk_error *err);
/* Empties and removes the folder; accepts a zeroed one. */
void rk_scratch_close(rk_scratch *scratch);

#endif
