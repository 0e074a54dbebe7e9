/* users.c - see users.h. */
#include "serve/users.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "serve/erase.h"

struct rk_users {
    rk_line *line;
    rk_intake *intake;
    rk_exposures *exposures;
    rk_live_slot *live;
    rk_answers *answers;
    const rk_run *run;
};

/* ---- what is held ---- */

static void show_model(const rk_users *users, rk_slice user, bool is_barred, rk_json *json)
{
    rk_live *live = rk_live_acquire(users->live);
    const rk_model *model = live->model;
    uint32_t id = model ? rk_names_find(rk_model_users(model), user) : RK_NO_ID;
    rk_history history = id != RK_NO_ID ? rk_model_seen(model, id) : (rk_history){0};
    rk_json_object(json, "model");
    rk_json_cstring(json, "label", rk_live_label(live));
    rk_json_bool(json, "knows", id != RK_NO_ID);
    rk_json_bool(json, "barred", is_barred);
    rk_json_array(json, "items");
    for (size_t i = 0; i < history.n; i++) {
        rk_json_string(json, NULL, rk_names_get(rk_model_items(model), history.item[i]));
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
    rk_live_release(live);
}

static void show_recent(const rk_users *users, rk_slice user, rk_json *json)
{
    size_t n = 0;
    rk_arena arena = {0};
    const rk_slice *items = rk_recent_items(rk_intake_recent(users->intake), user, &arena, &n);
    rk_json_array(json, "recent");
    for (size_t i = 0; i < n; i++) {
        rk_json_string(json, NULL, items[i]);
    }
    rk_json_end_array(json);
    rk_arena_release(&arena);
}

/* Records of the user as they stand in a log: each a line of JSON. next_key: what says where the rest begins. */
static rk_status show_log(const char *folder, uint64_t from, rk_slice user, const char *key, const char *next_key,
                          rk_json *json, rk_error *err)
{
    rk_wal_reader *log = NULL;
    rk_record_reader *reader = rk_record_reader_new();
    rk_slice record = {"", 0};
    rk_text line = {0};
    uint64_t number = from, n = 0, next = 0;
    rk_status status = reader ? rk_wal_reader_open(folder, from, &log, err) : rk_fail_memory(err, "a reader of events");
    rk_json_array(json, key);
    while (!status && record.at && next == 0) {
        status = rk_wal_next(log, &number, &record, err);
        if (status || !record.at || !rk_record_is_of(reader, record, user)) {
            continue;
        }
        if (n++ == RK_USER_EVENTS_MAX) {
            next = number;
            break;
        }
        rk_text_clear(&line);
        rk_text_add_slice(&line, record);
        rk_json_raw(json, NULL, line.failed ? "null" : line.at);
        json->text->failed |= line.failed;
    }
    rk_json_end_array(json);
    if (next > 0) {
        rk_json_u64(json, next_key, next);
    }
    rk_text_release(&line);
    rk_wal_reader_close(log);
    rk_record_reader_free(reader);
    return status;
}

static void write_time(rk_json *json, const char *key, int64_t time_s)
{
    char time[24];
    rk_format_time(time_s, time);
    rk_json_cstring(json, key, time);
}

static rk_status show(rk_users *users, rk_user_job *job, rk_error *err)
{
    rk_json json = {.text = job->out};
    rk_erasure erasure;
    bool was_asked = rk_erased_find(rk_intake_erased(users->intake), job->user, &erasure);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", job->request_id);
    rk_json_string(&json, "user", job->user);
    if (was_asked) { /* what failed, or goes on, is not called done */
        write_time(&json, erasure.is_done ? "erased" : "erasure_asked", erasure.time_s);
    }
    show_model(users, job->user, was_asked, &json);
    show_recent(users, job->user, &json);
    rk_status status = show_log(rk_intake_folder(users->intake), job->from, job->user, "events", "next", &json, err);
    if (!status && users->exposures) {
        status = show_log(rk_exposures_settle(users->exposures), job->exposures_from, job->user, "exposures",
                          "exposures_next", &json, err);
    }
    rk_json_end_object(&json);
    return status;
}

/* ---- erasing ---- */

static void write_proof(rk_json *json, const char *key, const char *what, const rk_erase_proof *proof)
{
    rk_json_object(json, key);
    rk_json_u64(json, what, proof->n_events);
    rk_json_u64(json, "files_rewritten", proof->n_files);
    rk_json_u64(json, "records_searched", proof->n_seen);
    rk_json_u64(json, "left", proof->n_left);
    rk_json_end_object(json);
}

typedef struct {
    int64_t time_s;
    size_t n_recent;
    rk_erase_proof log, exposures;
} erased;

/* Memory first, and at once barred from the model; then the logs, which may take their time. */
static rk_status erase_everywhere(rk_users *users, rk_slice user, erased *out, rk_error *err)
{
    rk_intake *intake = users->intake;
    *out = (erased){.time_s = rk_clock_unix_s()};
    /* Between two rounds of the clerk: what was acknowledged is in the log and in memory, the rest in neither. */
    rk_line_pause(rk_intake_line(intake));
    uint64_t before = rk_wal_end(rk_intake_log(intake));
    rk_status status = rk_erased_add(rk_intake_erased(intake), user, before, out->time_s, err);
    if (!status) {
        out->n_recent = rk_recent_erase(rk_intake_recent(intake), user);
        rk_answers_clear(users->answers); /* some may tell what he took */
    }
    rk_line_resume(rk_intake_line(intake));
    if (!status && users->exposures) {
        status = rk_exposures_erase(users->exposures, user, out->time_s, &out->exposures, err);
    }
    status = status ? status : rk_erase_noted(rk_intake_log(intake), rk_intake_erased(intake), user, &out->log, err);
    uint64_t n_left = out->log.n_left + out->exposures.n_left;
    return status || n_left == 0 ? status
                                 : rk_fail(err, RK_IO, "%" PRIu64 " records of the user are still in the logs", n_left);
}

static void write_model(const rk_users *users, rk_slice user, rk_json *json)
{
    rk_live *live = rk_live_acquire(users->live);
    bool is_known = live->model && rk_names_find(rk_model_users(live->model), user) != RK_NO_ID;
    rk_json_object(json, "model");
    rk_json_cstring(json, "label", rk_live_label(live));
    rk_json_cstring(json, "history", is_known ? "barred" : "none");
    rk_json_end_object(json);
    rk_live_release(live);
}

static rk_status erase(rk_users *users, rk_user_job *job, rk_error *err)
{
    erased done;
    rk_json json = {.text = job->out};
    rk_status status = erase_everywhere(users, job->user, &done, err);
    if (status) {
        return status;
    }
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", job->request_id);
    write_time(&json, "erased", done.time_s);
    rk_json_object(&json, "memory");
    rk_json_u64(&json, "items", done.n_recent);
    rk_json_end_object(&json);
    write_proof(&json, "log", "events", &done.log);
    if (users->exposures) {
        write_proof(&json, "exposures", "records", &done.exposures);
    }
    write_model(users, job->user, &json);
    rk_json_end_object(&json);
    return RK_OK;
}

/* ---- the thread ---- */

static void do_job(rk_users *users, rk_user_job *job)
{
    rk_error err;
    rk_status status = (job->task == RK_USER_ERASE ? erase : show)(users, job, &err);
    if (!status && job->out->failed) {
        status = rk_fail_memory(&err, "the answer");
    }
    if (status) {
        rk_problem_set(&job->problem, status == RK_NO_MEMORY || status == RK_IO ? 503 : 500, NULL,
                       "request %s failed; the server's log says why", job->request_id);
        rk_log(users->run, RK_LOG_WARNING, "request %s failed: %s", job->request_id, err.message);
    }
    job->done(job); /* which may free it */
}

static void work(void *context, rk_waiting *first)
{
    for (rk_waiting *next; first; first = next) {
        next = first->next; /* the job may be gone once it is done */
        do_job(context, (rk_user_job *)first);
    }
}

rk_status rk_users_start(rk_intake *intake, rk_exposures *exposures, rk_live_slot *live, rk_answers *answers,
                         const rk_run *run, rk_users **out, rk_error *err)
{
    rk_users *users = calloc(1, sizeof *users);
    *out = NULL;
    if (!users) {
        return rk_fail_memory(err, "the users' desk");
    }
    users->intake = intake;
    users->exposures = exposures;
    users->live = live;
    users->answers = answers;
    users->run = run;
    rk_status status = rk_line_start(work, users, &users->line, err);
    if (status) {
        rk_users_free(users);
        return status;
    }
    *out = users;
    return RK_OK;
}

bool rk_users_hand_in(rk_users *users, rk_user_job *job)
{
    job->problem = (rk_problem){0};
    return rk_line_hand_in(users->line, &job->waiting);
}

void rk_users_stop(rk_users *users)
{
    if (users) {
        rk_line_stop(users->line);
    }
}

void rk_users_free(rk_users *users)
{
    if (users) {
        rk_line_free(users->line);
        free(users);
    }
}
