/* compress.c - the frame that all compressors share: open, check, copy, convert, remember. */
#include "compress/compressors.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static const rk_compressor *const compressors[] = {&rk_compressor_fp16, &rk_compressor_int8};

const rk_compressor *rk_compressor_at(size_t i) { return i < RK_COUNT_OF(compressors) ? compressors[i] : NULL; }

rk_status rk_compressor_need(const char *name, const rk_compressor **out, rk_error *err)
{
    const char *names[RK_COUNT_OF(compressors)];
    for (size_t i = 0; i < RK_COUNT_OF(compressors); i++) {
        names[i] = compressors[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *out = compressors[i];
            return RK_OK;
        }
    }
    const char *nearest = rk_nearest_name(name, names, RK_COUNT_OF(names));
    return rk_fail(err, RK_BAD_USAGE,
                   nearest ? "no compressor '%.40s'; nearest is '%s'" : "no compressor '%.40s'; see %s", name,
                   nearest ? nearest : "'reckon compress --list'");
}

/* ---- what can be compressed ---- */

static rk_status check_model(const rk_model *model, rk_error *err)
{
    const char *path = rk_artefact_path(rk_model_artefact(model));
    const json_t *meta = rk_artefact_meta(rk_model_artefact(model));
    const char *to = json_string_value(json_object_get(json_object_get(meta, "compression"), "to"));
    if (to || rk_model_type(model) != RK_F32) {
        return rk_fail(err, RK_BAD_INPUT, "%s is compressed already (%s): compress the original instead", path,
                       to ? to : rk_type_name(rk_model_type(model)));
    }
    if (rk_model_dim(model) == 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s is a '%s' model without vectors: there is nothing to compress", path,
                       rk_model_kind_of(model)->name);
    }
    return RK_OK;
}

/* ---- the new model ---- */

static bool is_replaced(const rk_compressor *compressor, const char *name)
{
    for (const char *const *at = compressor->replaces; *at; at++) {
        if (strcmp(*at, name) == 0) {
            return true;
        }
    }
    return false;
}

static rk_status copy_sections(const rk_compress_job *job, const rk_compressor *compressor, rk_error *err)
{
    const rk_artefact *source = rk_model_artefact(job->model);
    rk_status status = RK_OK;
    for (size_t i = 0; i < rk_artefact_n_sections(source) && status == RK_OK; i++) {
        const rk_section *section = rk_artefact_section_at(source, i);
        if (!is_replaced(compressor, section->name)) {
            status = rk_artefact_verify_section(source, section, err); /* a damaged byte must not get a new checksum */
            if (status == RK_OK) {
                status = rk_artefact_add_copy(job->writer, section, err);
            }
        }
    }
    return status;
}

/* The options as a JSON object, NULL when memory is short. */
static json_t *options_json(rk_option_table table)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_options_json(table, &json, NULL);
    json_t *options = text.failed ? NULL : json_loads(text.at, JSON_REJECT_DUPLICATES, NULL);
    rk_text_release(&text);
    return options;
}

static rk_status write_meta(const rk_compress_job *job, const rk_compressor *compressor, rk_option_table table,
                            rk_error *err)
{
    const rk_compression *report = job->report;
    json_t *meta = rk_artefact_writer_meta(job->writer);
    json_t *original = json_deep_copy(rk_artefact_meta(rk_model_artefact(job->model)));
    json_t *mine =
        json_pack("{s:s,s:o,s:f,s:f,s:f,s:I,s:I}", "to", compressor->name, "options", options_json(table), "max_error",
                  report->max_error, "rms_error", report->rms_error, "rms_value", report->rms_value, "bytes_before",
                  (json_int_t)report->bytes_before, "bytes_after", (json_int_t)report->bytes_after);
    int failed = !original || json_object_update(meta, original) != 0;
    failed |= json_object_set_new(meta, "compression", mine) != 0;
    json_decref(original);
    return failed ? rk_fail_memory(err, "the meta of a model") : RK_OK;
}

static rk_status write_model(rk_compress_job *job, const rk_compressor *compressor, rk_option_table table,
                             const char *path, rk_error *err)
{
    const rk_artefact *source = rk_model_artefact(job->model);
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = rk_artefact_create(path, "model", &job->writer, err);
    if (status != RK_OK) {
        return status;
    }
    status = rk_artefact_add_parent(job->writer, source, err);
    if (status == RK_OK) {
        status = compressor->run(job, table.settings, err);
    }
    if (status == RK_OK) {
        status = copy_sections(job, compressor, err);
    }
    if (status == RK_OK) {
        status = write_meta(job, compressor, table, err);
    }
    if (status != RK_OK) {
        rk_artefact_abort(job->writer);
        return status;
    }
    rk_usage usage = rk_stopwatch_stop(watch);
    usage.bytes_in = rk_artefact_bytes(source);
    return rk_artefact_commit(job->writer, &usage, err);
}

rk_status rk_compress(const char *model_path, const char *to, const char *const *set, size_t n_set,
                      const char *out_path, const rk_run *run, rk_compression *report, rk_error *err)
{
    const rk_compressor *compressor = NULL;
    rk_status status = rk_compressor_need(to, &compressor, err);
    if (status != RK_OK) {
        return status;
    }
    rk_model *model = NULL;
    rk_option_table table = {compressor->options, compressor->n_options, calloc(1, compressor->settings_bytes + 1)};
    if (!table.settings) {
        return rk_fail_memory(err, "the settings");
    }
    rk_options_defaults(table);
    for (size_t i = 0; i < n_set && status == RK_OK; i++) {
        status = rk_options_set(table, set[i], err);
    }
    if (status == RK_OK) {
        status = rk_path_keep_apart(out_path, model_path, err);
    }
    if (status == RK_OK) {
        status = rk_model_open(model_path, &model, err);
    }
    if (status == RK_OK) {
        status = check_model(model, err);
    }
    if (status == RK_OK) {
        *report = (rk_compression){0};
        rk_compress_job job = {.model = model, .run = run, .report = report};
        status = write_model(&job, compressor, table, out_path, err);
    }
    rk_model_close(model);
    rk_options_release(table);
    free(table.settings);
    return status;
}
