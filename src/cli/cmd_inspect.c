/* cmd_inspect.c - reckon inspect: what an artefact holds, how it was made and what it cost. */
#include "cli/commands.h"
#include "store/inspect.h"

typedef struct {
    bool verify;
} inspect_settings;

static const rk_option options[] = {
    {"verify", 0, RK_OPT_FLAG, offsetof(inspect_settings, verify), .help = "check every byte against its checksum"},
};

static void answer(const rk_call *call, const rk_artefact *artefact, bool is_verified)
{
    if (!call->common.json) {
        rk_artefact_print(artefact, call->out);
        rk_text_add(call->out, is_verified ? "every byte is as it was written\n" : "");
        return;
    }
    rk_json json = {.text = call->out};
    rk_json_object(&json, NULL);
    rk_artefact_json(artefact, &json);
    rk_json_bool(&json, "verified", is_verified);
    rk_json_end_object(&json);
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const inspect_settings *settings = call->settings;
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(call->words[0], NULL, &artefact, err);
    if (status == RK_OK && settings->verify) {
        status = rk_artefact_verify(artefact, &call->run, err);
    }
    if (status == RK_OK) {
        answer(call, artefact, settings->verify);
    }
    rk_artefact_close(artefact);
    return status;
}

const rk_command rk_command_inspect = {
    .name = "inspect",
    .summary = "what an artefact holds, how it was made and what it cost",
    .usage = "FILE.rk [--verify]",
    .example = "reckon inspect als.rk --verify",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(inspect_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
