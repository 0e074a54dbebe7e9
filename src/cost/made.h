/* made.h - what an artefact says of itself: how big it is, and what making it used. */
#ifndef RECKON_COST_MADE_H
#define RECKON_COST_MADE_H

#include "cost/account.h"

typedef struct {
    const char *path; /* as the plan names it; NULL = none */
    const char *kind; /* "model" */
    rk_number bytes;  /* of the file */
    rk_number events; /* kept in a dataset; not set in others */
    rk_number wall_s, cpu_s, peak_bytes;
    double cores; /* of the machine that made it; 0 = unknown */
} rk_made;

/* path: relative to the plan; named at `at`. Figures that were not measured are not set. */
RK_MUST_CHECK rk_status rk_made_read(rk_plan *plan, const char *path, rk_place at, rk_made *out, rk_error *err);
/* A figure of it among the inputs of a line. */
void rk_made_input(rk_account *account, rk_vec *inputs, const rk_made *made, const char *name, const rk_number *number,
                   const char *unit);

#endif
