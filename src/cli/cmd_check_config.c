/* cmd_check_config.c - reckon check-config: a server's configuration, tried without serving. */
#include "cli/commands.h"
#include "serve/check_config.h"

static void print_lines(rk_text *out, const rk_vec *lines, const char *before)
{
    for (size_t i = 0; i < lines->n; i++) {
        rk_text_addf(out, "%s%s\n", before, ((const char *const *)lines->data)[i]);
    }
}

static void write_lines(rk_json *json, const char *key, const rk_vec *lines)
{
    rk_json_array(json, key);
    for (size_t i = 0; i < lines->n; i++) {
        rk_json_cstring(json, NULL, ((const char *const *)lines->data)[i]);
    }
    rk_json_end_array(json);
}

static rk_status run(const rk_call *call, rk_error *err)
{
    rk_config_report report;
    const char *path = call->words[0];
    rk_status status = rk_config_check(path, &call->run, &report, err);
    if (status) {
        return status;
    }
    if (call->common.json) {
        rk_json json = {.text = call->out};
        rk_json_object(&json, NULL);
        write_lines(&json, "problems", &report.problems);
        write_lines(&json, "sound", &report.facts);
        rk_json_end_object(&json);
        rk_text_add(call->out, "\n");
    } else {
        print_lines(call->out, &report.facts, "sound    ");
        print_lines(call->out, &report.problems, "problem  ");
    }
    size_t n = report.problems.n;
    rk_config_report_release(&report);
    return n == 0 ? RK_OK : rk_fail(err, RK_BAD_INPUT, "%s has %zu problem%s", path, n, n > 1 ? "s" : "");
}

const rk_command rk_command_check_config = {
    .name = "check-config",
    .summary = "all that is wrong with the configuration of a server, at once; exit status 3 if anything is",
    .usage = "CONFIG.yaml",
    .example = "reckon check-config shop.yaml",
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
