/* cmd_measure.c - reckon measure: how much a server can carry, as a profile. */
#include "cli/commands.h"
#include "measure/measure.h"

typedef struct {
    const char *url, *key_file, *model, *data, *index, *paths, *output, *rate;
    double seconds, every, slo_ms;
    uint64_t connections, points, server_threads, n_items;
    int draw, schedule;
} measure_settings;

static const rk_option options[] = {
    {"url", 'u', RK_OPT_TEXT, offsetof(measure_settings, url), "URL", NULL, "a running server, as http://host:port"},
    {"key-file", 0, RK_OPT_TEXT, offsetof(measure_settings, key_file), "FILE", NULL,
     "with --url: its first line is the key that the server asks for"},
    {"model", 'm', RK_OPT_TEXT, offsetof(measure_settings, model), "M.rk", NULL,
     "whose users ask; without --url also the model of a server started for the measurement"},
    {"data", 'd', RK_OPT_TEXT, offsetof(measure_settings, data), "D.rk", NULL, "handed to the started server"},
    {"index", 0, RK_OPT_TEXT, offsetof(measure_settings, index), "I.rk", NULL, "the same: an index of the model"},
    {"paths", 0, RK_OPT_TEXT, offsetof(measure_settings, paths), "FILE", NULL,
     "what to ask instead: targets like /v1/search?q=x, one a line"},
    {"output", 'o', RK_OPT_TEXT, offsetof(measure_settings, output), "FILE", NULL, "where the profile goes",
     .is_output = true},
    {"rate", 'r', RK_OPT_TEXT, offsetof(measure_settings, rate), "R", "auto",
     "requests per second, or auto to search for the most"},
    {"seconds", 's', RK_OPT_REAL, offsetof(measure_settings, seconds), "S", "15", "time to measure for, in all",
     .min = 0.5, .max = 86400},
    {"every", 0, RK_OPT_REAL, offsetof(measure_settings, every), "S", NULL, "with --rate: one long run, told so often",
     .min = 0.1, .max = 86400},
    {"slo-ms", 0, RK_OPT_REAL, offsetof(measure_settings, slo_ms), "MS", "10",
     "the objective: 99 of 100 answers within this", .min = 0.01, .max = 60000},
    {"connections", 'c', RK_OPT_COUNT, offsetof(measure_settings, connections), "N", "32", "kept alive", .min = 1,
     .max = 10000},
    {"points", 0, RK_OPT_COUNT, offsetof(measure_settings, points), "N", "15", "runs in a search", .min = 8, .max = 64},
    {"server-threads", 0, RK_OPT_COUNT, offsetof(measure_settings, server_threads), "N", NULL,
     "of a started server (default all)", .min = 1, .max = 1024},
    {"items", 'n', RK_OPT_COUNT, offsetof(measure_settings, n_items), "N", "10", "in each recommendation", .min = 1,
     .max = 1000},
    {"draw", 0, RK_OPT_CHOICE, offsetof(measure_settings, draw), "HOW", "activity",
     "users by their number of events, or all alike", .choices = "activity|uniform"},
    {"schedule", 0, RK_OPT_CHOICE, offsetof(measure_settings, schedule), "HOW", "poisson", "times between requests",
     .choices = "poisson|fixed"},
};

static rk_status read_rate(const char *text, double *out, rk_error *err)
{
    *out = 0;
    bool is_good = rk_slice_is(rk_slice_of(text), "auto") || (rk_parse_real(rk_slice_of(text), out) && *out > 0);
    return is_good ? RK_OK
                   : rk_fail(err, RK_BAD_USAGE, "--rate must be 'auto' or requests per second, got '%.40s'", text);
}

static void print(const rk_profile *profile, rk_text *out)
{
    rk_text_add(out, "  offered/s  answered/s   p50 ms   p99 ms  p99.9 ms  cpu ms/request  errors\n");
    for (size_t i = 0; rk_profile_point_at(profile, i); i++) {
        const rk_profile_point *p = rk_profile_point_at(profile, i);
        rk_text_addf(out, "%11.0f %11.0f %8.2f %8.2f %9.2f %15.3f %7llu%s\n", p->offered_rps, p->achieved_rps,
                     p->latency_ms_p50, p->latency_ms_p99, p->latency_ms_p999, p->cpu_ms_per_request,
                     (unsigned long long)p->errors, p->within_slo ? "" : "  outside");
    }
    rk_text_add(out, profile->model);
    rk_text_addf(out, "%s%.0f requests/s with p99 <= %g ms", profile->model[0] ? ": " : "", profile->knee_rps,
                 profile->slo_ms_p99);
    rk_text_add(out, ", ");
    rk_text_add_bytes(out, (double)profile->memory_bytes);
    rk_text_addf(out, " resident, %.0f bytes an answer%s\n", profile->response_bytes,
                 profile->is_shared ? "; the generator shared the machine" : "");
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const measure_settings *settings = call->settings;
    rk_measure_options measure = {
        .url = settings->url,
        .key_file = settings->key_file,
        .model_path = settings->model,
        .data_path = settings->data,
        .index_path = settings->index,
        .paths_file = settings->paths,
        .seconds = settings->seconds,
        .every_s = settings->every,
        .slo_ms_p99 = settings->slo_ms,
        .points = (unsigned)settings->points,
        .connections = (unsigned)settings->connections,
        .server_threads = (unsigned)settings->server_threads,
        .n_items = (unsigned)settings->n_items,
        .draw = (rk_draw)settings->draw,
        .schedule = (rk_schedule)settings->schedule,
    };
    rk_status status = read_rate(settings->rate, &measure.rate_rps, err);
    rk_profile profile;
    if (status == RK_OK) {
        status = rk_measure(&measure, &call->run, &profile, err);
    }
    if (status != RK_OK) {
        return status;
    }
    if (settings->output) {
        status = rk_profile_write(&profile, settings->output, err);
    }
    if (call->common.json) {
        rk_profile_format(&profile, call->out);
    } else {
        print(&profile, call->out);
    }
    rk_profile_release(&profile);
    return status;
}

const rk_command rk_command_measure = {
    .name = "measure",
    .summary = "find how many requests a server carries inside its objective",
    .usage = "--model M.rk [--url URL] [--rate auto|R] [--seconds 15] [--slo-ms 10] [-o PROFILE.json]",
    .example = "reckon measure --model als.rk --seconds 15 -o profile.json",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(measure_settings),
    .run = run,
};
