/* cmd_compress.c - reckon compress: a smaller form of a trained model. */
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

static void answer_json(const compress_settings *settings, const rk_compression *report, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "to", settings->to);
    rk_json_cstring(&json, "output", settings->output);
    rk_json_u64(&json, "bytes_before", report->bytes_before);
    rk_json_u64(&json, "bytes_after", report->bytes_after);
    rk_json_real(&json, "max_error", report->max_error);
    rk_json_real(&json, "rms_error", report->rms_error);
    rk_json_real(&json, "rms_value", report->rms_value);
    rk_json_end_object(&json);
}

static void answer_words(const compress_settings *settings, const rk_compression *report, rk_text *out)
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
    if (status == RK_OK) {
        (call->common.json ? answer_json : answer_words)(settings, &report, call->out);
    }
    return status;
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
