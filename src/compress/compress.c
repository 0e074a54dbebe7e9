/* compress.c - the frame that all compressors share: open, check, step by step, copy the rest, remember.
 *
 * Between two steps the model is an artefact in memory, opened like a file: a step knows nothing of the others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compress/compressors.h"
#include "compress/variant.h"

/* clang-format off: one row a line, so that two people can add one each */
static const rk_compressor *const compressors[] = {
    &rk_compressor_fp16,    &rk_compressor_bf16,   &rk_compressor_int8,      &rk_compressor_int4, &rk_compressor_prune,
    &rk_compressor_factors, &rk_compressor_distil, &rk_compressor_catalogue, &rk_compressor_pq,
};
/* clang-format on */

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

/* ---- what compressors call ---- */

const char *rk_compress_name(const rk_compress_leaf *leaf, const char *name, rk_section_name out)
{
    snprintf(out, sizeof(rk_section_name), "%s%s", rk_model_prefix(leaf->model), name);
    return out;
}

rk_status rk_compress_add(const rk_compress_job *job, const rk_compress_leaf *leaf, const char *name, rk_type type,
                          uint64_t rows, uint64_t cols, const void *data, rk_error *err)
{
    rk_section_name full;
    return rk_artefact_add(job->writer, rk_compress_name(leaf, name, full), type, rows, cols, data, err);
}

void rk_compress_drop(rk_compress_job *job, const rk_compress_leaf *leaf, const char *name)
{
    if (job->n_drops < RK_COMPRESS_DROPS_MAX) {
        rk_compress_name(leaf, name, job->drop[job->n_drops++]);
    }
}

rk_status rk_compress_read(const rk_compress_leaf *leaf, const char *name, const rk_section **out, rk_error *err)
{
    const rk_artefact *artefact = rk_model_artefact(leaf->model);
    const rk_section *section = rk_model_section(leaf->model, name);
    if (!section) {
        return rk_fail(err, RK_BAD_INPUT, "%s: there is no section '%s'", rk_artefact_path(artefact), name);
    }
    *out = section;
    return rk_artefact_verify_section(artefact, section, err);
}

rk_status rk_float_rows_read(const rk_compress_leaf *leaf, rk_float_rows *out, rk_error *err)
{
    const rk_section *start = NULL, *item = NULL, *weight = NULL;
    rk_status status = rk_compress_read(leaf, "near.start", &start, err);
    status = status ? status : rk_compress_read(leaf, "near.item", &item, err);
    status = status ? status : rk_compress_read(leaf, "near.weight", &weight, err);
    if (!status) {
        *out = (rk_float_rows){start->data, item->data, weight->data, start->rows - 1, weight->rows};
    }
    return status;
}

/* ---- one step ---- */

static rk_compress_leaf leaf_at(const rk_model *model, json_t *meta, size_t i)
{
    const rk_model *part = rk_model_part_at(model, i);
    return part ? (rk_compress_leaf){part, json_array_get(json_object_get(meta, "parts"), i)}
                : (rk_compress_leaf){i == 0 ? model : NULL, meta};
}

/* For a message: what the model answers with. */
static const char *form_of(const rk_model *model)
{
    bool has_rows = rk_model_section(model, "near.start") != NULL;
    return rk_model_part_at(model, 0) ? "parts"
           : rk_model_dim(model) == 0 ? "neighbours"
           : has_rows                 ? "vectors and neighbours"
                                      : "vectors";
}

static rk_status refuse(const rk_compressor *compressor, const rk_model *model, rk_error *err)
{
    const char *path = rk_artefact_path(rk_model_artefact(model));
    const json_t *done = json_object_get(rk_artefact_meta(rk_model_artefact(model)), "compression");
    if (!rk_model_is_personal(model)) {
        return rk_fail(err, RK_BAD_INPUT,
                       "%s is a '%s' model without vectors or neighbours: there is nothing to compress", path,
                       rk_model_kind_of(model)->name);
    }
    if (done) {
        return rk_fail(err, RK_BAD_INPUT,
                       "%s is compressed already (%s), and '%s' wants %s: compress the original instead", path,
                       json_string_value(json_object_get(done, "to")), compressor->name, compressor->wants);
    }
    return rk_fail(err, RK_BAD_INPUT, "%s has %s, and '%s' wants %s", path, form_of(model), compressor->name,
                   compressor->wants);
}

static rk_status do_step(rk_compress_job *job, const rk_variant_step *step, rk_error *err)
{
    const rk_compressor *compressor = step->compressor;
    json_t *meta = rk_artefact_writer_meta(job->writer);
    bool has_fit = false;
    rk_status status = RK_OK;
    for (size_t i = 0; !status; i++) {
        rk_compress_leaf leaf = leaf_at(job->model, meta, i);
        if (!leaf.model) {
            break;
        }
        if (compressor->fits(leaf.model)) {
            has_fit = true;
            status = compressor->each ? compressor->each(job, &leaf, step->settings, err) : RK_OK;
        }
    }
    if (!has_fit) {
        return refuse(compressor, job->model, err);
    }
    return status || !compressor->whole ? status : compressor->whole(job, step->settings, err);
}

static bool is_wanted(const rk_compress_job *job, const char *name)
{
    static const char *const names[] = {"users.", "items.", "title.", "categories.", "item.category", "seen."};
    bool is_name = false;
    for (size_t i = 0; i < job->n_drops; i++) {
        if (strcmp(job->drop[i], name) == 0) {
            return false;
        }
    }
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        is_name |= strncmp(name, names[i], strlen(names[i])) == 0;
    }
    return (is_name || !job->is_remade) && !rk_artefact_writer_has(job->writer, name, NULL);
}

static rk_status copy_sections(const rk_compress_job *job, rk_error *err)
{
    const rk_artefact *source = rk_model_artefact(job->model);
    rk_status status = RK_OK;
    for (size_t i = 0; i < rk_artefact_n_sections(source) && !status; i++) {
        const rk_section *section = rk_artefact_section_at(source, i);
        if (is_wanted(job, section->name)) {
            status = rk_artefact_verify_section(source, section, err); /* a damaged byte must not get a new checksum */
            status = status ? status : rk_artefact_add_copy(job->writer, section, err);
        }
    }
    return status;
}

/* ---- what is remembered ---- */

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

/* What answering reads of the new file. */
static uint64_t form_bytes(const rk_compress_job *job)
{
    json_t *meta = rk_artefact_writer_meta(job->writer);
    size_t n_parts = json_array_size(json_object_get(meta, "parts"));
    uint64_t sum = 0, shown_bytes = 0;
    uint32_t n_items = rk_model_n_items(job->model), n_shown = n_items;
    if (rk_artefact_writer_has(job->writer, "item.shown", &shown_bytes)) {
        n_shown = (uint32_t)(shown_bytes / sizeof n_shown);
    }
    bool is_coded = rk_artefact_writer_has(job->writer, "ivf.code", NULL);
    for (size_t p = 0; p < (n_parts > 0 ? n_parts : 1); p++) {
        for (const char *const *name = rk_model_form_sections(); *name; name++) {
            rk_section_name full;
            uint64_t bytes = 0;
            if (n_parts > 0) {
                snprintf(full, sizeof full, "part%zu.%s", p, *name);
            } else {
                snprintf(full, sizeof full, "%s", *name);
            }
            bool has = rk_artefact_writer_has(job->writer, full, &bytes);
            has = has && !(is_coded && rk_model_is_store(*name));
            sum += has ? rk_model_scanned(*name, bytes, n_items, n_shown) : 0;
        }
    }
    return sum;
}

/* The name and the bytes that the steps of a file began with go on counting. */
static rk_status remember(rk_compress_job *job, const rk_variant_step *step, const char *to, rk_error *err)
{
    json_t *meta = rk_artefact_writer_meta(job->writer), *mine = json_object_get(meta, "compression");
    const rk_compression *report = job->report;
    bool is_new = mine == NULL;
    if (is_new) {
        mine = json_pack("{s:s,s:I,s:I,s:[]}", "to", "", "bytes_before", (json_int_t)report->bytes_before,
                         "bytes_after", (json_int_t)0, "steps");
    }
    int failed = !mine || (is_new && json_object_set_new(meta, "compression", mine) != 0);
    json_t *one =
        json_pack("{s:s,s:o}", "to", step->compressor->name, "options", options_json(rk_variant_options(step)));
    failed |= !one || json_object_update(one, job->figures) != 0;
    if (one && report->rms_value > 0) {
        failed |= json_object_set_new(one, "max_error", json_real(report->max_error));
        failed |= json_object_set_new(one, "rms_error", json_real(report->rms_error));
        failed |= json_object_set_new(one, "rms_value", json_real(report->rms_value));
    }
    rk_text name = {0};
    const char *before = json_string_value(json_object_get(mine, "to"));
    rk_text_addf(&name, "%s%s%s", before ? before : "", before && *before && *to ? "+" : "", to);
    failed |= name.failed || json_object_set_new(mine, "to", json_string(name.at)) != 0;
    failed |= json_object_set_new(mine, "bytes_after", json_integer((json_int_t)report->bytes_after));
    failed |= json_array_append_new(json_object_get(mine, "steps"), one);
    rk_text_release(&name);
    return failed ? rk_fail_memory(err, "the meta of a model") : RK_OK;
}

/* ---- all steps ---- */

typedef struct {
    const rk_model *original;
    const rk_variant *variant;
    const char *to; /* the variant's name */
    const char *out_path;
    const rk_run *run;
    rk_stopwatch watch;
    rk_compression *report;
} chain;

/* The new file's meta begins as the model's. The step's error aborts the writer. */
static rk_status fill(rk_compress_job *job, const chain *c, size_t at, rk_error *err)
{
    json_t *original = json_deep_copy(rk_artefact_meta(rk_model_artefact(job->model)));
    bool is_short =
        !original || !job->figures || json_object_update(rk_artefact_writer_meta(job->writer), original) != 0;
    json_decref(original);
    rk_status status = is_short ? rk_fail_memory(err, "the meta of a model") : RK_OK;
    status = status ? status : rk_artefact_add_parent(job->writer, rk_model_artefact(c->original), err);
    status = status ? status : do_step(job, &c->variant->step[at], err);
    status = status ? status : copy_sections(job, err);
    job->report->bytes_after = form_bytes(job);
    return status ? status : remember(job, &c->variant->step[at], at == 0 ? c->to : "", err);
}

static rk_status finish(rk_compress_job *job, const chain *c, bool is_last, rk_model **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    if (is_last) {
        rk_usage usage = rk_stopwatch_stop(c->watch);
        usage.bytes_in = rk_artefact_bytes(rk_model_artefact(c->original));
        return rk_artefact_commit(job->writer, &usage, err);
    }
    rk_status status = rk_artefact_commit_memory(job->writer, &artefact, err);
    return status ? status : rk_model_open_artefact(artefact, out, err);
}

/* *out: the model in memory, between two steps. */
static rk_status run_step(const chain *c, const rk_model *model, size_t at, rk_model **out, rk_error *err)
{
    bool is_last = at + 1 == c->variant->n_steps;
    rk_compress_job *job = calloc(1, sizeof *job);
    if (!job) {
        return rk_fail_memory(err, "a step");
    }
    *job = (rk_compress_job){.model = model, .run = c->run, .report = c->report, .figures = json_object()};
    job->report->max_error = job->report->rms_error = job->report->rms_value = 0;
    rk_status status =
        is_last ? rk_artefact_create(c->out_path, "model", &job->writer, err)
                : rk_artefact_create_memory(rk_artefact_path(rk_model_artefact(model)), "model", &job->writer, err);
    if (!status) {
        status = fill(job, c, at, err);
        if (status) {
            rk_artefact_abort(job->writer);
        } else {
            status = finish(job, c, is_last, out, err);
        }
    }
    json_decref(job->figures);
    free(job);
    return status;
}

static rk_status run_chain(const chain *c, rk_error *err)
{
    rk_model *held = NULL;
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < c->variant->n_steps; i++) {
        rk_model *next = NULL;
        status = run_step(c, held ? held : c->original, i, &next, err);
        rk_model_close(held);
        held = next;
    }
    rk_model_close(held);
    return status;
}

static rk_status check_variant(const rk_variant *variant, const char *const *set, size_t n_set, rk_error *err)
{
    if (variant->index) {
        return rk_fail(err, RK_BAD_USAGE,
                       "'%s' is an index, a file of its own: compress first, then reckon index --kind %s",
                       variant->index->name, variant->index->name);
    }
    if (n_set > 0 && variant->n_steps != 1) {
        return rk_fail(err, RK_BAD_USAGE, "--set %s: which step? write it in the brackets of the step, NAME(KEY=VALUE)",
                       set[0]);
    }
    rk_status status = RK_OK;
    for (size_t i = 0; i < n_set && !status; i++) {
        status = rk_options_set(rk_variant_options(&variant->step[0]), set[i], err);
    }
    return status;
}

rk_status rk_compress(const char *model_path, const char *to, const char *const *set, size_t n_set,
                      const char *out_path, const rk_run *run, rk_compression *report, rk_error *err)
{
    rk_variant variant;
    rk_model *model = NULL;
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = rk_variant_parse(to, &variant, err);
    if (status) {
        return status;
    }
    status = check_variant(&variant, set, n_set, err);
    status = status ? status : rk_path_keep_apart(out_path, model_path, err);
    status = status ? status : rk_model_open(model_path, &model, err);
    if (!status) {
        *report = (rk_compression){.bytes_before = rk_model_form_bytes(model)};
        status = run_chain(&(chain){model, &variant, to, out_path, run, watch, report}, err);
    }
    rk_model_close(model);
    rk_variant_release(&variant);
    return status;
}
