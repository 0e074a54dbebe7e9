/* model_train.c - from a dataset file to a model file, whatever the algorithm. */
#include <stdlib.h>

#include "base/file.h"
#include "model/model_inside.h"

/* One training, from open to commit. */
typedef struct {
    const rk_model_kind *kind;
    rk_option_table table;
    rk_dataset dataset;
    rk_artefact_writer *writer;
    rk_model_draft draft;
    rk_text words;
} job;

static rk_status read_settings(job *j, const char *const *set, size_t n_set, rk_error *err)
{
    rk_status status = RK_OK;
    void *settings = calloc(1, j->kind->settings_bytes + 1);
    if (!settings) {
        return rk_fail_memory(err, "settings");
    }
    j->table = (rk_option_table){j->kind->options, j->kind->n_options, settings};
    rk_options_defaults(j->table);
    for (size_t i = 0; !status && i < n_set; i++) {
        status = rk_options_set(j->table, set[i], err);
    }
    return status;
}

/* Appends how long training will take, where the kind can tell. */
static rk_status add_time(job *j, const rk_run *run, rk_error *err)
{
    static const rk_work small = {1e8, 1e8}; /* less than a second anywhere: not worth a trial of the machine */
    if (!j->kind->predict_work) {
        return RK_OK;
    }
    rk_work work = j->kind->predict_work(&j->dataset, j->table.settings);
    double seconds = 0;
    if (work.flops > small.flops || work.bytes > small.bytes) {
        rk_pace pace;
        rk_status status = rk_pace_measure(&pace, err);
        if (status) {
            return status;
        }
        seconds = rk_pace_seconds(pace, work, rk_pool_threads(run->pool));
    }
    rk_text_add(&j->words, seconds < 1 ? " and less than a second" : " and ");
    if (seconds >= 1) {
        rk_text_add_seconds(&j->words, seconds);
    }
    return RK_OK;
}

/* Says what training will take, and refuses what the machine has not. */
static rk_status foretell(job *j, const rk_run *run, rk_error *err)
{
    uint64_t bytes = rk_artefact_bytes(j->dataset.artefact) +
                     j->kind->predict_bytes(&j->dataset, j->table.settings, rk_pool_threads(run->pool));
    rk_text_clear(&j->words);
    rk_text_add_bytes(&j->words, (double)bytes);
    double have = rk_machine_read().memory_gib * (1 << 30);
    if (have > 0 && (double)bytes > have) {
        rk_text_add(&j->words, " of memory, this machine has ");
        rk_text_add_bytes(&j->words, have);
        return j->words.failed ? rk_fail_memory(err, "a message")
                               : rk_fail(err, RK_NO_MEMORY, "training '%s' would need about %s%s%s%s", j->kind->name,
                                         j->words.at, j->kind->thrift ? "; " : "",
                                         j->kind->thrift ? j->kind->thrift : "", j->kind->thrift ? " needs less" : "");
    }
    rk_text_add(&j->words, " of memory");
    rk_status status = add_time(j, run, err);
    if (!status) {
        rk_log(run, RK_LOG_INFO, "%s: %u users, %u items, %llu events; training will take about %s", j->kind->name,
               j->dataset.n_users, j->dataset.n_items, (unsigned long long)j->dataset.n_events,
               j->words.failed ? "?" : j->words.at);
    }
    return status;
}

static rk_status need_events(const job *j, rk_error *err)
{
    return j->dataset.n_events > 0 || j->kind->needs_no_events
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "%s has no events, and a model '%s' learns from nothing else",
                         rk_artefact_path(j->dataset.artefact), j->kind->name);
}

static rk_status write(job *j, const json_t *study, rk_error *err)
{
    rk_json json = {.text = &j->words};
    json_t *meta = rk_artefact_writer_meta(j->writer);
    if (study && json_object_set_new(meta, "study", json_deep_copy(study))) {
        return rk_fail_memory(err, "how the settings were found");
    }
    rk_text_clear(&j->words);
    rk_options_json(j->table, &json, NULL);
    if (j->words.failed) {
        return rk_fail_memory(err, "the model's settings");
    }
    return rk_model_write(j->writer, &j->draft, j->kind, j->words.at, &j->dataset, err);
}

static rk_status commit(job *j, rk_stopwatch watch, rk_error *err)
{
    rk_artefact_writer *writer = j->writer;
    rk_usage usage = rk_stopwatch_stop(watch);
    usage.bytes_in = rk_artefact_bytes(j->dataset.artefact);
    j->writer = NULL; /* commit ends it, well or not */
    return rk_artefact_commit(writer, &usage, err);
}

static void release(job *j)
{
    rk_artefact_abort(j->writer);
    rk_model_draft_release(&j->draft);
    rk_dataset_close(&j->dataset);
    if (j->table.settings) {
        rk_options_release(j->table);
        free(j->table.settings);
    }
    rk_text_release(&j->words);
}

/* The output is opened before the work, so that a missing folder is told at once and not after an hour. */
rk_status rk_model_train_found(const char *dataset_path, const char *name, const char *const *set, size_t n_set,
                               const json_t *study, const char *out_path, const rk_run *run, rk_error *err)
{
    job j = {0};
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = rk_model_kind_need(name, &j.kind, err);
    status = status ? status : read_settings(&j, set, n_set, err);
    status = status ? status : rk_path_keep_apart(out_path, dataset_path, err);
    status = status ? status : rk_dataset_open(dataset_path, &j.dataset, err);
    status = status ? status : need_events(&j, err);
    status = status ? status : rk_artefact_create(out_path, "model", &j.writer, err);
    status = status ? status : foretell(&j, run, err);
    status = status ? status : j.kind->train(&j.dataset, j.table.settings, run, &j.draft, err);
    status = status ? status : write(&j, study, err);
    status = status ? status : commit(&j, watch, err);
    release(&j);
    return status;
}

rk_status rk_model_train(const char *dataset_path, const char *name, const char *const *set, size_t n_set,
                         const char *out_path, const rk_run *run, rk_error *err)
{
    return rk_model_train_found(dataset_path, name, set, n_set, NULL, out_path, run, err);
}
