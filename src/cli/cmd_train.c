/* cmd_train.c - reckon train: from a dataset to a model. */
#include <stdlib.h>

#include "cli/commands.h"
#include "model/list.h"
#include "model/model.h"

typedef struct {
    const char *model, *output;
    rk_vec set;
    bool list;
} train_settings;

static const rk_option options[] = {
    {"model", 'm', RK_OPT_TEXT, offsetof(train_settings, model), "NAME", .help = "which model (see --list)"},
    {"set", 's', RK_OPT_LIST, offsetof(train_settings, set), "KEY=VALUE", .help = "an option of the model; repeatable"},
    {"output", 'o', RK_OPT_TEXT, offsetof(train_settings, output), "FILE", .help = "the model file to write",
     .is_output = true},
    {"list", 0, RK_OPT_FLAG, offsetof(train_settings, list), .help = "list the models with their options"},
};

static void list(const rk_call *call)
{
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_model_list_json(&json);
    } else {
        rk_model_list_print(call->out);
    }
}

static rk_status check(const rk_call *call, const train_settings *settings, rk_error *err)
{
    if (call->n_words == 0) {
        return rk_fail(err, RK_BAD_USAGE, "train needs a dataset: reckon train DATA.rk --model NAME -o MODEL.rk");
    }
    if (!settings->model) {
        return rk_fail(err, RK_BAD_USAGE, "train needs --model NAME; reckon train --list shows them");
    }
    return settings->output ? RK_OK : rk_fail(err, RK_BAD_USAGE, "train needs -o FILE, the model to write");
}

static void answer_json(const rk_call *call, const rk_model *model, const char *path)
{
    const rk_artefact *artefact = rk_model_artefact(model);
    rk_usage making = rk_artefact_making(artefact);
    char *figures = json_dumps(json_object_get(rk_artefact_meta(artefact), "figures"), JSON_COMPACT);
    rk_json json = {.text = call->out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "model", rk_model_label(model));
    rk_json_cstring(&json, "path", path);
    rk_json_u64(&json, "users", rk_model_n_users(model));
    rk_json_u64(&json, "items", rk_model_n_items(model));
    rk_json_u64(&json, "dim", rk_model_dim(model));
    rk_json_u64(&json, "bytes", rk_artefact_bytes(artefact));
    rk_json_real(&json, "wall_s", making.wall_s);
    rk_json_real(&json, "cpu_s", making.cpu_s);
    rk_json_u64(&json, "peak_bytes", making.peak_bytes);
    rk_json_raw(&json, "figures", figures ? figures : "{}");
    rk_json_end_object(&json);
    free(figures);
}

static void answer(const rk_call *call, const rk_model *model, const char *path)
{
    const rk_artefact *artefact = rk_model_artefact(model);
    rk_usage making = rk_artefact_making(artefact);
    const json_t *mse = json_object_get(json_object_get(rk_artefact_meta(artefact), "figures"), "train_mse");
    rk_text_addf(call->out, "%s: %s, ", path, rk_model_label(model));
    rk_text_add_bytes(call->out, (double)rk_artefact_bytes(artefact));
    rk_text_add(call->out, ", trained in ");
    rk_text_add_seconds(call->out, making.wall_s);
    rk_text_add(call->out, " (cpu ");
    rk_text_add_seconds(call->out, making.cpu_s);
    rk_text_add(call->out, ")");
    if (mse) {
        rk_text_addf(call->out, ", train mse %.5f", json_number_value(mse));
    }
    rk_text_add(call->out, "\n");
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const train_settings *settings = call->settings;
    if (settings->list) {
        list(call);
        return RK_OK;
    }
    rk_model *model = NULL;
    rk_status status = check(call, settings, err);
    if (status == RK_OK) {
        status = rk_model_train(call->words[0], settings->model, settings->set.data, settings->set.n, settings->output,
                                &call->run, err);
    }
    if (status == RK_OK) {
        status = rk_model_open(settings->output, &model, err);
    }
    if (status == RK_OK) {
        (call->common.json ? answer_json : answer)(call, model, settings->output);
    }
    rk_model_close(model);
    return status;
}

const rk_command rk_command_train = {
    .name = "train",
    .summary = "learn a recommender from a dataset",
    .usage = "DATA.rk --model NAME [--set KEY=VALUE ...] -o MODEL.rk",
    .example = "reckon train shop.rk --model als --set factors=128 -o als.rk",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(train_settings),
    .max_words = 1,
    .run = run,
};
