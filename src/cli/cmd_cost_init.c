/* cmd_cost_init.c - reckon cost init: a first plan and price book from a profile and a bill. */
#include "cli/commands.h"
#include "study/first_plan.h"

typedef struct {
    const char *folder, *profile, *bill, *machine, *service, *product_line, *currency, *start;
    double slo_ms;
    uint64_t requests_per_day, n_months;
} init_settings;

#define AT(field) offsetof(init_settings, field)
static const rk_option init_options[] = {
    {"output", 'o', RK_OPT_TEXT, AT(folder), "FOLDER", .help = "of plan.yaml, prices.yaml and profile.json (required)"},
    {"profile", 0, RK_OPT_TEXT, AT(profile), "FILE", .help = "that reckon measure wrote (required)"},
    {"slo-ms", 0, RK_OPT_REAL, AT(slo_ms), "MS",
     .help = "99 of 100 answers come within so many milliseconds (required)", .min = 0, .max = 1e6},
    {"requests-per-day", 0, RK_OPT_COUNT, AT(requests_per_day), "N", .help = "to plan for (required)", .min = 0,
     .max = 1e12},
    {"bill", 0, RK_OPT_TEXT, AT(bill), "FILE",
     .help = "a FOCUS bill, CSV, .gz or .zst: a rate and an element of each service and unit"},
    {"machine", 0, RK_OPT_TEXT, AT(machine), "KEY", .help = "to answer on, of the shipped prices (default: no fleet)"},
    {"service", 0, RK_OPT_TEXT, AT(service), "NAME", "recommend", "what the profile is of"},
    {"product-line", 0, RK_OPT_TEXT, AT(product_line), "NAME", "recommendation", "whom it serves"},
    {"currency", 0, RK_OPT_TEXT, AT(currency), "CODE", .help = "of the plan (default: the bill's, or USD)"},
    {"start", 0, RK_OPT_TEXT, AT(start), "MONTH",
     .help = "2026-10 (default: the bill's first month, or the profile's)"},
    {"months", 0, RK_OPT_COUNT, AT(n_months), "N", "12", "how many", 1, 240},
};
#undef AT

static rk_status need(const char *value, const char *name, rk_error *err)
{
    return value ? RK_OK : rk_fail(err, RK_BAD_USAGE, "cost init needs --%s", name);
}

static void say(const rk_call *call, const init_settings *s, const rk_first_plan *plan)
{
    rk_text_addf(call->out, "wrote %s/plan.yaml: %llu months from %s", s->folder, (unsigned long long)s->n_months,
                 plan->start);
    if (s->bill) {
        rk_text_addf(call->out, ", %zu element%s of the bill", plan->n_elements, plan->n_elements == 1 ? "" : "s");
        if (plan->n_left_out > 0) {
            rk_text_addf(call->out, "; the end of the plan says why %zu more %s none", plan->n_left_out,
                         plan->n_left_out == 1 ? "is" : "are");
        }
    }
    rk_text_add(call->out, "\nas it stands it costs ");
    rk_money_print(plan->total, 2, call->out);
    rk_text_addf(call->out, " %s; now correct it: what is assumed says so\n  reckon cost statement %s/plan.yaml\n",
                 plan->currency, s->folder);
    if (s->bill) {
        rk_text_addf(call->out, "  reckon cost reconcile %s/plan.yaml %s\n", s->folder, s->bill);
    }
}

static void say_json(const rk_call *call, const init_settings *s, const rk_first_plan *plan)
{
    rk_json json = {.text = call->out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "folder", s->folder);
    rk_json_cstring(&json, "start", plan->start);
    rk_json_u64(&json, "months", s->n_months);
    rk_json_cstring(&json, "currency", plan->currency);
    rk_json_u64(&json, "elements", plan->n_elements);
    rk_json_u64(&json, "left_out", plan->n_left_out);
    rk_json_i64(&json, "total", plan->total.micros);
    rk_json_end_object(&json);
}

static rk_status run_init(const rk_call *call, rk_error *err)
{
    const init_settings *s = call->settings;
    rk_first_plan_ask ask = {.folder = s->folder,
                             .profile = s->profile,
                             .bill = s->bill,
                             .machine = s->machine,
                             .service = s->service,
                             .product_line = s->product_line,
                             .currency = s->currency,
                             .start = s->start,
                             .slo_ms = s->slo_ms,
                             .requests_per_day = s->requests_per_day,
                             .n_months = s->n_months};
    rk_first_plan plan;
    rk_status status = need(s->folder, "output", err);
    status = status ? status : need(s->profile, "profile", err);
    status = status ? status : need(s->slo_ms > 0 ? "" : NULL, "slo-ms", err);
    status = status ? status : need(s->requests_per_day > 0 ? "" : NULL, "requests-per-day", err);
    status = status ? status : rk_first_plan_write(&ask, &call->run, &plan, err);
    if (!status && call->common.json) {
        say_json(call, s, &plan);
    } else if (!status) {
        say(call, s, &plan);
    }
    return status;
}

const rk_command rk_command_cost_init = {
    .name = "cost init",
    .summary = "a first plan and its price book from a measured profile and a bill",
    .usage = "--profile FILE --slo-ms MS --requests-per-day N [--bill BILL.csv] [--machine KEY] -o FOLDER",
    .example =
        "reckon cost init --profile profile.json --slo-ms 20 --requests-per-day 500000 --bill october.csv.gz -o plan",
    .options = init_options,
    .n_options = RK_COUNT_OF(init_options),
    .settings_bytes = sizeof(init_settings),
    .run = run_init,
};
