/* trial_log.h - logs of an experiment whose truth is known: what a shop would have written, record by record. */
#ifndef RECKON_TESTS_SUPPORT_TRIAL_LOG_H
#define RECKON_TESTS_SUPPORT_TRIAL_LOG_H

#include <stdint.h>

#include "experiment/exposure.h"
#include "experiment/journal.h"

typedef struct trial_log trial_log;

/* In a folder of its own, which _close removes. */
trial_log *trial_log_new(void);
void trial_log_show(trial_log *log, const rk_exposure *exposure);
/* type NULL: none; price 0: none. */
void trial_log_do(trial_log *log, const char *user, const char *item, const char *type, int64_t time_s, double price);
const char *trial_log_folder(const trial_log *log); /* of the events; the exposures are in it */
/* What was written so far, read; free it. */
rk_journal *trial_log_read(trial_log *log);
void trial_log_free(trial_log *log);

#endif
