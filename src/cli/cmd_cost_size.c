/* cmd_cost_size.c - reckon cost size: what a large language model needs, before anything is bought. */
#include "base/file.h"
#include "cli/commands.h"
#include "size/size_fit.h"
#include "report/size_words.h"

typedef struct {
    const char *model, *accelerator, *price, *api_price, *calibrate, *factors, *save_factors;
    rk_vec set; /* const char * */
    bool list;
    int type;
    uint64_t tp, pp;
    double isl, osl, rate, utilisation, token_ms, first_ms, candidates, train_tokens, train_devices;
} size_settings;

#define AT(field) offsetof(size_settings, field)
static const rk_option size_options[] = {
    {"model", 0, RK_OPT_TEXT, AT(model), "NAME", .help = "a model of the table, or custom"},
    {"accelerator", 0, RK_OPT_TEXT, AT(accelerator), "NAME", .help = "an accelerator of the table, or custom"},
    {"set", 0, RK_OPT_LIST, AT(set), "KEY=VALUE", .help = "change a figure of either, or an efficiency; repeatable"},
    {"list", 0, RK_OPT_FLAG, AT(list), NULL, .help = "print both tables"},
    {"precision", 0, RK_OPT_CHOICE, AT(type), "TYPE", "bf16", "of weights and products", .choices = RK_SIZE_TYPES},
    {"tp", 0, RK_OPT_COUNT, AT(tp), "N", "0", "devices that share each layer, 0 = the fewest that fit", 0, 1024},
    {"pp", 0, RK_OPT_COUNT, AT(pp), "N", "1", "stages of layers", 1, 16},
    {"isl", 0, RK_OPT_REAL, AT(isl), "TOKENS", "1000", "in, per request", 1, 1e8},
    {"osl", 0, RK_OPT_REAL, AT(osl), "TOKENS", "200", "out, per request; 0 = only read", 0, 1e8},
    {"rate", 0, RK_OPT_REAL, AT(rate), "N", "0", "requests/s to be served, 0 = one replica", 0, 1e9},
    {"utilisation", 0, RK_OPT_REAL, AT(utilisation), "SHARE", "0.8", "of a replica that is planned with", 0.01, 1},
    {"token-ms", 0, RK_OPT_REAL, AT(token_ms), "MS", "0", "longest time per token, 0 = no limit", 0, 1e9},
    {"first-ms", 0, RK_OPT_REAL, AT(first_ms), "MS", "0", "longest time to the first token, 0 = no limit", 0, 1e9},
    {"candidates", 0, RK_OPT_REAL, AT(candidates), "N", "20", "texts read for a reranked request", 1, 1e6},
    {"price", 0, RK_OPT_TEXT, AT(price), "USD", .help = "of a device hour, instead of the list's"},
    {"api-price", 0, RK_OPT_TEXT, AT(api_price), "IN/OUT", .help = "of a million tokens by API, to compare"},
    {"train-tokens", 0, RK_OPT_REAL, AT(train_tokens), "N", "0", "train on so many", 0, 1e18},
    {"train-devices", 0, RK_OPT_REAL, AT(train_devices), "N", "0", "with so many devices", 0, 1e9},
    {"calibrate", 0, RK_OPT_TEXT, AT(calibrate), "FILE.csv",
     .help = "fit the efficiencies to measured rows, report errors"},
    {"factors", 0, RK_OPT_TEXT, AT(factors), "FILE", .help = "efficiencies to use, as --save-factors wrote them"},
    {"save-factors", 0, RK_OPT_TEXT, AT(save_factors), "FILE", .help = "where to write the fitted efficiencies",
     .is_output = true},
};

static rk_status fill(const rk_call *call, rk_size_ask *ask, rk_error *err)
{
    const size_settings *s = call->settings;
    rk_size_defaults(ask);
    rk_status status = s->factors ? rk_size_factors_read(s->factors, ask, err) : RK_OK;
    if (!status) {
        status = rk_size_choose(ask, s->model, s->accelerator, err);
    }
    for (size_t i = 0; !status && i < s->set.n; i++) {
        rk_option_table table = {rk_size_settings, rk_n_size_settings, ask};
        status = rk_options_set(table, ((const char *const *)s->set.data)[i], err);
    }
    if (!status) {
        status = rk_size_price(ask, s->price, s->api_price, err);
    }
    ask->type = s->type;
    ask->tp = s->tp;
    ask->pp = s->pp;
    ask->isl = s->isl;
    ask->osl = s->osl;
    ask->rate = s->rate;
    ask->utilisation = s->utilisation;
    ask->token_ms = s->token_ms;
    ask->first_ms = s->first_ms;
    ask->candidates = s->candidates;
    ask->train_tokens = s->train_tokens;
    ask->train_devices = s->train_devices;
    return status;
}

static rk_status save(const char *path, const rk_size_fit *fit, rk_error *err)
{
    rk_text text = {0};
    rk_size_factors_write(&fit->factors, "efficiencies fitted to measured rows", &text);
    rk_status status = text.failed ? rk_fail_memory(err, "the factors") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status calibrate(const rk_call *call, const rk_size_ask *ask, rk_error *err)
{
    const size_settings *s = call->settings;
    rk_size_fit fit;
    rk_status status = s->save_factors ? rk_path_keep_apart(s->save_factors, s->calibrate, err) : RK_OK;
    if (status == RK_OK) {
        status = rk_size_calibrate(s->calibrate, ask, &fit, err);
    }
    if (status) {
        return status;
    }
    if (s->save_factors) {
        status = fit.kind == RK_FIT_SERVING
                     ? save(s->save_factors, &fit, err)
                     : rk_fail(err, RK_BAD_USAGE, "--save-factors needs rows of measured serving");
    }
    if (!status && call->common.json) {
        rk_size_fit_json(&fit, call->out);
    } else if (!status) {
        rk_report_size_fit(&fit, (rk_table_style){.color = call->color}, call->out);
    }
    rk_size_fit_release(&fit);
    return status;
}

static rk_status run_size(const rk_call *call, rk_error *err)
{
    const size_settings *s = call->settings;
    rk_table_style style = {.color = call->color};
    rk_size_ask ask;
    rk_size_answer answer;
    rk_status status = fill(call, &ask, err);
    if (!status && s->list) {
        rk_report_size_tables(style, call->out);
        return RK_OK;
    }
    if (!status && s->calibrate) {
        return calibrate(call, &ask, err);
    }
    if (!status && (!s->model || !s->accelerator)) {
        return rk_fail(err, RK_BAD_USAGE, "--model and --accelerator are needed; --list shows those known");
    }
    if (!status) {
        status = rk_size_answer_make(&ask, &answer, err);
    }
    if (!status && call->common.json) {
        rk_size_json(&ask, &answer, call->out);
    } else if (!status) {
        rk_report_size(&ask, &answer, style, call->out);
    }
    return status;
}

const rk_command rk_command_cost_size = {
    .name = "cost size",
    .summary = "what a large language model needs: devices, times, price of a token, before buying",
    .usage = "--model NAME --accelerator NAME [--tp N] [--rate N] | --calibrate FILE.csv | --list",
    .example = "reckon cost size --model llama-3.1-70b --accelerator h100 --tp 4 --isl 2000 --osl 200 --rate 50",
    .options = size_options,
    .n_options = RK_COUNT_OF(size_options),
    .settings_bytes = sizeof(size_settings),
    .run = run_size,
};
