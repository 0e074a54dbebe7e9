/* cmd_synth.c - reckon synth: a shop that never was, of any size. */
#include <inttypes.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "data/synth.h"

typedef struct {
    const char *out, *csv;
    uint64_t users, items, events, categories, days;
    double power, loyalty;
} synth_settings;

#define AT(name) offsetof(synth_settings, name)
static const rk_option options[] = {
    {"output", 'o', RK_OPT_TEXT, AT(out), "D.rk", .help = "dataset to write", .is_output = true},
    {"csv", 0, RK_OPT_TEXT, AT(csv), "FILE", .help = "the same as a log", .is_output = true},
    {"users", 'u', RK_OPT_COUNT, AT(users), "N", "10000", "how many users", .min = 1, .max = 4e9},
    {"items", 'i', RK_OPT_COUNT, AT(items), "N", "2000", "how many items", .min = 1, .max = 4e9},
    {"events", 'e', RK_OPT_COUNT, AT(events), "N", "200000", "about how many events", .min = 1, .max = 4e9},
    {"categories", 0, RK_OPT_COUNT, AT(categories), "N", "0", "how many categories; 0 = the root of the items",
     .max = 4e9},
    {"days", 0, RK_OPT_COUNT, AT(days), "N", "365", "days that the log spans", .min = 1, .max = 36500},
    {"power", 0, RK_OPT_REAL, AT(power), "X", "0.9", "the item of rank r is taken r^-X times as often as the first",
     .max = 2},
    {"loyalty", 0, RK_OPT_REAL, AT(loyalty), "SHARE", "0.75", "takings from a user's favourite categories", .max = 1},
};

static rk_status run(const rk_call *call, rk_error *err)
{
    const synth_settings *s = call->settings;
    rk_synth_report report;
    rk_json json = {.text = call->out};
    rk_synth_options o = {(uint32_t)s->users, (uint32_t)s->items, s->events,        (uint32_t)s->categories,
                          s->power,           s->loyalty,         (uint32_t)s->days};
    if (!s->out && !s->csv) {
        return rk_fail(err, RK_BAD_USAGE, "synth wants -o D.rk or --csv FILE, what to write");
    }
    rk_status status = rk_synth(&o, s->out, s->csv, &call->run, &report, err);
    if (status) {
        return status;
    }
    if (call->common.json) {
        rk_json_object(&json, NULL);
        rk_json_u64(&json, "users", s->users);
        rk_json_u64(&json, "items", s->items);
        rk_json_u64(&json, "events", report.n_events);
        rk_json_real(&json, "wall_s", report.wall_s);
        rk_json_real(&json, "cpu_s", report.cpu_s);
        rk_json_end_object(&json);
        return RK_OK;
    }
    rk_text_addf(call->out, "%" PRIu64 " users, %" PRIu64 " items, %" PRIu64 " events, in ", s->users, s->items,
                 report.n_events);
    rk_text_add_seconds(call->out, report.wall_s);
    rk_text_add(call->out, "\n");
    return RK_OK;
}

const rk_command rk_command_synth = {
    .name = "synth",
    .summary = "a synthetic shop of any size: power laws, seasons, titles, prices",
    .usage = "--users N --items N --events N -o D.rk",
    .example = "reckon synth --users 138493 --items 26744 --events 20000000 -o large.rk",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(synth_settings),
    .max_words = 0,
    .run = run,
};
