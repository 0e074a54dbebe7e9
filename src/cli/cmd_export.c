/* cmd_export.c - reckon cost export: a plan's ledger for other programs. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "cost/export.h"

typedef enum { TO_CSV, TO_JSON, TO_SQLITE, TO_FOCUS } format;

typedef struct {
    int to;
    const char *output;
} export_settings;

static const rk_option export_options[] = {
    {"to", 't', RK_OPT_CHOICE, offsetof(export_settings, to), "FORMAT", "csv", "what to write",
     .choices = "csv|json|sqlite|focus"},
    {"output", 'o', RK_OPT_TEXT, offsetof(export_settings, output), "FILE", .help = "where to (required)"},
};

static rk_status write_text(const rk_ledger *ledger, format to, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_status status = RK_OK;
    if (to == TO_CSV) {
        rk_ledger_csv(ledger, &text);
    } else if (to == TO_JSON) {
        rk_ledger_json(ledger, &text);
        rk_text_add(&text, "\n");
    } else {
        status = rk_ledger_focus(ledger, &text, err);
    }
    if (!status) {
        status = text.failed ? rk_fail_memory(err, "a file") : rk_file_write_text(path, &text, err);
    }
    rk_text_release(&text);
    return status;
}

static void say_done(const rk_call *call, const rk_ledger *ledger, const char *path)
{
    if (call->common.json) {
        rk_json json = {.text = call->out};
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "file", path);
        rk_json_u64(&json, "lines", rk_ledger_n_lines(ledger));
        rk_json_i64(&json, "total", rk_ledger_total(ledger).micros);
        rk_json_cstring(&json, "currency", rk_ledger_currency(ledger));
        rk_json_end_object(&json);
    } else {
        rk_log(&call->run, RK_LOG_INFO, "%s: %zu lines", path, rk_ledger_n_lines(ledger));
    }
}

static rk_status run_export(const rk_call *call, rk_error *err)
{
    const export_settings *settings = call->settings;
    rk_ledger *ledger = NULL;
    if (!settings->output) {
        return rk_fail(err, RK_BAD_USAGE, "cost export needs --output FILE");
    }
    rk_status status = rk_call_ledger(call, &ledger, err);
    if (!status) {
        status = settings->to == TO_SQLITE ? rk_ledger_sqlite(ledger, settings->output, err)
                                           : write_text(ledger, (format)settings->to, settings->output, err);
    }
    if (!status) {
        say_done(call, ledger, settings->output);
    }
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_export = {
    .name = "cost export",
    .summary = "every line of a plan as CSV, JSON, an SQLite database or a bill of FOCUS 1.2",
    .usage = "PLAN.yaml --to FORMAT -o FILE",
    .example = "reckon cost export examples/shop/plan.yaml --to focus -o bill.csv",
    .options = export_options,
    .n_options = RK_COUNT_OF(export_options),
    .settings_bytes = sizeof(export_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_export,
    .reads_plan = true,
};
