/* cmd_scale.c - reckon scale: what a larger shop would take, by synthetic ones that are measured. */
#include "cli/commands.h"
#include "study/scale.h"

typedef struct {
    const char *folder, *model;
    rk_vec set;
    double p99_max, users_per_item, utilisation;
    bool quick;
} scale_settings;

#define AT(name) offsetof(scale_settings, name)

static const rk_option options[] = {
    {"output", 'o', RK_OPT_TEXT, AT(folder), "DIR", .help = "folder of what was measured, and scale.json (required)"},
    {"model", 'm', RK_OPT_TEXT, AT(model), "NAME", "als", "the algorithm"},
    {"set", 's', RK_OPT_LIST, AT(set), "KEY=VALUE", .help = "an option of it; repeatable"},
    {"p99-max", 0, RK_OPT_REAL, AT(p99_max), "MS", "20", "most p99 latency of an answer", .min = 0.1, .max = 60000},
    {"users-per-item", 0, RK_OPT_REAL, AT(users_per_item), "X", "2", "of the shops on paper", .min = 0.001,
     .max = 10000},
    {"utilisation", 0, RK_OPT_REAL, AT(utilisation), "SHARE", "0.6", "of a machine's capacity that is planned with",
     .min = 0.05, .max = 1},
    {"quick", 0, RK_OPT_FLAG, AT(quick), .help = "small shops, measured shortly: for tests, not for decisions"},
};

static rk_status run(const rk_call *call, rk_error *err)
{
    const scale_settings *s = call->settings;
    rk_scale_options scale = rk_scale_defaults();
    rk_scaling *made;
    if (!s->folder) {
        return rk_fail(err, RK_BAD_USAGE, "scale wants -o DIR, the folder of what it measures");
    }
    scale.folder = s->folder;
    scale.model = s->model;
    scale.set = s->set.data;
    scale.n_set = s->set.n;
    scale.quick = s->quick;
    scale.p99_max_ms = s->p99_max;
    scale.users_per_item = s->users_per_item;
    scale.utilisation = s->utilisation;
    rk_status status = rk_scale_run(&scale, &call->run, &made, err);
    if (status) {
        return status;
    }
    if (call->common.json) {
        rk_scale_json(rk_scaling_report(made), call->out);
    } else {
        rk_scale_words(rk_scaling_report(made), (rk_table_style){.color = call->color, .indent = 2}, call->out);
    }
    rk_scaling_free(made);
    return RK_OK;
}

const rk_command rk_command_scale = {
    .name = "scale",
    .summary = "what a larger shop would take: synthetic ones measured, exponents fitted, carried on to 10^8 items",
    .usage = "-o DIR [--model NAME] [--quick]",
    .example = "reckon scale --model als --p99-max 20 -o scale",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(scale_settings),
    .max_words = 0,
    .run = run,
};
