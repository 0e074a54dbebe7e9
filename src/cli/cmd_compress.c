/* cmd_compress.c - reckon compress: a smaller form of a trained model. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "compress/compress.h"

typedef struct {
    const char *to, *output;
    rk_vec set;
    bool list;
} compress_settings;

static const rk_option options[] = {
    {"to", 't', RK_OPT_TEXT, offsetof(compress_settings, to), "FORM", NULL, "what to make of it; --list shows all"},
    {"set", 's', RK_OPT_LIST, offsetof(compress_settings, set), "KEY=VALUE", NULL, "an option of that form"},
    {"output", 'o', RK_OPT_TEXT, offsetof(compress_settings, output), "FILE", NULL, "where the smaller model goes",
     .is_output = true},
    {"list", 0, RK_OPT_FLAG, offsetof(compress_settings, list), .help = "show the forms and their options"},
};

/* ---- --list ---- */

static rk_option_table options_of(const rk_compressor *compressor)
{
    return (rk_option_table){compressor->options, compressor->n_options, NULL};
}

static void list_words(rk_text *out)
{
    const rk_compressor *compressor;
    for (size_t i = 0; (compressor = rk_compressor_at(i)); i++) {
        rk_text_addf(out, "  %-8s %s\n", compressor->name, compressor->summary);
        rk_options_help(options_of(compressor), out);
    }
}

static void list_json(rk_text *out)
{
    rk_json json = {.text = out};
    const rk_compressor *compressor;
    rk_json_object(&json, NULL);
    rk_json_array(&json, "compressors");
    for (size_t i = 0; (compressor = rk_compressor_at(i)); i++) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "name", compressor->name);
        rk_json_cstring(&json, "summary", compressor->summary);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* ---- the answer ---- */

/* What the steps of the new file measured, beside the errors of rounding, which the last step has told. */
static bool is_figure(const char *key)
{
    static const char *const others[] = {"to", "options", "max_error", "rms_error", "rms_value"};
    for (size_t i = 0; i < RK_COUNT_OF(others); i++) {
        if (strcmp(key, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

static void step_words(const json_t *step, rk_text *out)
{
    const char *key, *between = ": ";
    const json_t *value;
    rk_text line = {0};
    json_object_foreach((json_t *)(uintptr_t)step, key, value)
    {
        if (is_figure(key) && (json_is_number(value) || json_is_string(value))) {
            rk_text_addf(&line, "%s%s ", between, key);
            if (json_is_string(value)) {
                rk_text_add(&line, json_string_value(value));
            } else {
                rk_text_addf(&line, "%.6g", json_number_value(value));
            }
            between = ", ";
        }
    }
    if (line.n > 0) {
        rk_text_addf(out, "  %s%s\n", json_string_value(json_object_get(step, "to")), line.at);
    }
    rk_text_release(&line);
}

static void answer_json(const compress_settings *settings, const rk_compression *report, const json_t *steps,
                        rk_text *out)
{
    char *all = json_dumps(steps, JSON_COMPACT);
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "to", settings->to);
    rk_json_cstring(&json, "output", settings->output);
    rk_json_u64(&json, "bytes_before", report->bytes_before);
    rk_json_u64(&json, "bytes_after", report->bytes_after);
    rk_json_real(&json, "max_error", report->max_error);
    rk_json_real(&json, "rms_error", report->rms_error);
    rk_json_real(&json, "rms_value", report->rms_value);
    if (all) {
        rk_json_raw(&json, "steps", all);
    }
    rk_json_end_object(&json);
    free(all);
}

static void answer_words(const compress_settings *settings, const rk_compression *report, const json_t *steps,
                         rk_text *out)
{
    rk_text_addf(out, "%s: ", settings->output);
    rk_text_add_bytes(out, (double)report->bytes_before);
    rk_text_add(out, " -> ");
    rk_text_add_bytes(out, (double)report->bytes_after);
    rk_text_addf(out, " as %s (%.0f %%)", settings->to,
                 report->bytes_before ? 100 * (double)report->bytes_after / (double)report->bytes_before : 0);
    if (report->rms_value > 0) {
        rk_text_addf(out, ", rms error %.3g of %.3g, largest %.3g", report->rms_error, report->rms_value,
                     report->max_error);
    }
    rk_text_add(out, "\n");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        step_words(json_array_get(steps, i), out);
    }
}

static rk_status answer(const rk_call *call, const compress_settings *settings, const rk_compression *report,
                        rk_error *err)
{
    rk_artefact *made = NULL;
    rk_status status = rk_artefact_open(settings->output, "model", &made, err);
    if (!status) {
        const json_t *steps = json_object_get(json_object_get(rk_artefact_meta(made), "compression"), "steps");
        (call->common.json ? answer_json : answer_words)(settings, report, steps, call->out);
    }
    rk_artefact_close(made);
    return status;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const compress_settings *settings = call->settings;
    if (settings->list) {
        (call->common.json ? list_json : list_words)(call->out);
        return RK_OK;
    }
    if (call->n_words != 1 || !settings->to || !settings->output) {
        return rk_fail(err, RK_BAD_USAGE, "compress wants one model, --to and -o; see 'reckon compress --help'");
    }
    rk_compression report;
    rk_status status = rk_compress(call->words[0], settings->to, settings->set.data, settings->set.n, settings->output,
                                   &call->run, &report, err);
    return status ? status : answer(call, settings, &report, err);
}

const rk_command rk_command_compress = {
    .name = "compress",
    .summary = "a smaller form of a trained model, with what it lost",
    .usage = "MODEL.rk --to FORM[+FORM...] [--set KEY=VALUE ...] -o SMALL.rk",
    .example = "reckon compress als.rk --to int8 -o als.int8.rk",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(compress_settings),
    .max_words = 1,
    .run = run,
};
