/* intake.h - all rows of all inputs as columns with global key numbers: what cleaning works on. */
#ifndef RECKON_DATA_INTAKE_H
#define RECKON_DATA_INTAKE_H

#include "data/feed.h"
#include "data/lane.h"

typedef struct {
    rk_columns columns;
    rk_interner *names[RK_N_KEYS]; /* NULL when the log has no such column; in order of first sight */
    rk_total total;
    bool has_total; /* both a quantity and a price */
    uint64_t n_mended, bytes_in;
    rk_format format;  /* of the first file */
    rk_vec jumps;      /* rk_line_jump */
    rk_vec candidates; /* rk_candidate, ascending rows */
    unsigned n_candidates[RK_N_CLEAN_RULES];
    rk_vec columns_seen; /* rk_ingest_column, of the first file */
} rk_intake;

/* names[user], names[item]: made by the caller, who may have put names in already; the others are made here as needed.
 * Release in any case. */
RK_MUST_CHECK rk_status rk_intake_read(rk_intake *intake, const rk_ingest_options *options, const rk_run *run,
                                       rk_error *err);
void rk_intake_init(rk_intake *intake);
void rk_intake_release(rk_intake *intake);
/* Where row stands. */
rk_place rk_intake_place(const rk_intake *intake, uint64_t row);

#endif
