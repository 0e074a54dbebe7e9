/* cmd_rates.c - reckon cost rates: a rate card for pricing single requests. */
#include "base/file.h"
#include "cli/commands.h"
#include "report/rate_words.h"

typedef struct {
    const char *output;
} rates_settings;

static const rk_option rates_options[] = {
    {"output", 'o', RK_OPT_TEXT, offsetof(rates_settings, output), "CARD.json",
     .help = "write the card there, for a server to price requests with", .is_output = true},
};

static rk_status write_card(const rk_rate_card *card, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_rate_card_format(card, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a rate card") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status run_rates(const rk_call *call, rk_error *err)
{
    const rates_settings *settings = call->settings;
    rk_rate_card card;
    rk_status status = rk_rate_card_make(&call->plan, &call->run, &card, err);
    if (status) {
        return status;
    }
    status = settings->output ? write_card(&card, settings->output, err) : RK_OK;
    if (!status && call->common.json) {
        rk_rate_card_format(&card, call->out);
    } else if (!status) {
        rk_report_rates(&card, (rk_table_style){.color = call->color}, call->out);
    }
    rk_rate_card_release(&card);
    return status;
}

const rk_command rk_command_cost_rates = {
    .name = "cost rates",
    .summary = "what a processor second, a GB and a request cost, by service and variant: a rate card for servers",
    .usage = "PLAN.yaml [-o CARD.json]",
    .example = "reckon cost rates examples/shop/plan.yaml -o card.json",
    .options = rates_options,
    .n_options = RK_COUNT_OF(rates_options),
    .settings_bytes = sizeof(rates_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_rates,
    .reads_plan = true,
};
