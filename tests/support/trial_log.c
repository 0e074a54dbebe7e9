/* trial_log.c - see trial_log.h. Records are gathered and appended at once: a flush for each would take minutes. */
#include "support/trial_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/wal.h"
#include "support/test.h"

typedef struct {
    rk_text lines;
    rk_vec ends; /* size_t */
} pile;

struct trial_log {
    char folder[64], exposures[96];
    pile events, shown;
};

trial_log *trial_log_new(void)
{
    trial_log *log = calloc(1, sizeof *log);
    assert_non_null(log);
    bool has_memory = access("/dev/shm", W_OK) == 0; /* hundreds of logs, and nobody needs them to last */
    strcpy(log->folder, has_memory ? "/dev/shm/reckon-trial-XXXXXX" : "/tmp/reckon-trial-XXXXXX");
    assert_non_null(mkdtemp(log->folder));
    snprintf(log->exposures, sizeof log->exposures, "%s/exposures", log->folder);
    log->events.ends.item_bytes = log->shown.ends.item_bytes = sizeof(size_t);
    return log;
}

void trial_log_show(trial_log *log, const rk_exposure *exposure)
{
    rk_exposure_write(exposure, &log->shown.lines);
    assert_true(rk_vec_push(&log->shown.ends, &log->shown.lines.n));
}

void trial_log_do(trial_log *log, const char *user, const char *item, const char *type, int64_t time_s, double price)
{
    rk_json json = {.text = &log->events.lines};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "user", user);
    rk_json_cstring(&json, "item", item);
    rk_json_i64(&json, "time", time_s);
    if (type) {
        rk_json_cstring(&json, "event", type);
    }
    if (price != 0) {
        rk_json_real(&json, "price", price);
    }
    rk_json_end_object(&json);
    assert_true(rk_vec_push(&log->events.ends, &log->events.lines.n));
}

const char *trial_log_folder(const trial_log *log) { return log->folder; }

static void append(const char *folder, pile *p)
{
    rk_wal *wal;
    rk_error err;
    rk_slice *records = malloc((p->ends.n + 1) * sizeof *records);
    size_t begin = 0;
    for (size_t i = 0; i < p->ends.n; i++) {
        size_t end = ((const size_t *)p->ends.data)[i];
        records[i] = (rk_slice){p->lines.at + begin, end - begin};
        begin = end;
    }
    assert_int_equal(rk_wal_open(folder, (rk_wal_options){0}, &wal, NULL, &err), RK_OK);
    if (p->ends.n > 0) {
        assert_int_equal(rk_wal_append(wal, records, p->ends.n, NULL, &err), RK_OK);
    }
    rk_wal_close(wal);
    rk_text_clear(&p->lines);
    rk_vec_clear(&p->ends);
    free(records);
}

rk_journal *trial_log_read(trial_log *log)
{
    rk_journal_options options = rk_journal_defaults();
    rk_journal *journal = NULL;
    rk_error err;
    append(log->folder, &log->events);
    append(log->exposures, &log->shown);
    options.events = log->folder;
    options.exposures = log->exposures;
    if (rk_journal_read(&options, &(rk_run){0}, &journal, &err)) {
        fail_msg("%s", err.message);
    }
    return journal;
}

void trial_log_free(trial_log *log)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", log->folder);
    assert_int_equal(system(command), 0);
    rk_text_release(&log->events.lines);
    rk_text_release(&log->shown.lines);
    rk_vec_release(&log->events.ends);
    rk_vec_release(&log->shown.ends);
    free(log);
}
