/* intake_write.h - the kept rows of an intake as a dataset artefact. */
#ifndef RECKON_DATA_INTAKE_WRITE_H
#define RECKON_DATA_INTAKE_WRITE_H

#include "data/dataset.h"
#include "data/intake.h"

/* Moves the rows whose flags are 0 together and numbers their users and items anew in order of first sight; with like
 * (NULL = none) numbers stay those of like. Fills the report's kept counts and times. */
RK_MUST_CHECK rk_status rk_intake_compact(rk_intake *intake, const rk_dataset *like, rk_ingest_report *report,
                                          rk_error *err);
/* After rk_intake_compact. watch: started when ingest began. */
RK_MUST_CHECK rk_status rk_intake_write(const rk_intake *intake, const rk_dataset *like, const rk_ingest_report *report,
                                        const char *path, rk_stopwatch watch, const rk_run *run, rk_error *err);

#endif
