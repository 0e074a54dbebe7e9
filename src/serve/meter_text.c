/* meter_text.c - what answering costs, as Prometheus counters and as the statement of /v1/cost.
 *
 * Both are sums of the same lines: (route, stage, category) with an amount. A line of processor time is the machine's,
 * hardware; a line of bytes or requests is of the categories that the rate card splits it into.
 */
#include <string.h>

#include "serve/meter.h"

/* How lines that are no stage of answering are called. */
static const char *const part_stages[RK_RATE_PARTS] = {"network", "request", "shared"};
static const char no_route[] = "none";

typedef struct {
    const char *route, *stage;
    rk_category category;
    uint64_t nanos;
} cost_line;

typedef void line_taker(void *context, const cost_line *line);

/* Hands over the lines of an interval that are not nought, the route's ones in the order of the stages. */
static void each_line_of(const rk_meter *meter, const char *route, const rk_meter_usage *before,
                         const rk_meter_usage *after, line_taker *take, void *context)
{
    for (int s = 0; s < RK_STAGES; s++) {
        uint64_t nanos = rk_meter_cpu_nanos(meter, after->cpu_ns[s]) - rk_meter_cpu_nanos(meter, before->cpu_ns[s]);
        if (nanos > 0) {
            take(context, &(cost_line){route, rk_stage_name((rk_stage)s), RK_HARDWARE, nanos});
        }
    }
    for (int p = 0; p < RK_RATE_PARTS; p++) {
        for (int c = 0; c < RK_N_CATEGORIES; c++) {
            uint64_t nanos = rk_meter_part_nanos(meter, after, (rk_rate_part)p, c) -
                             rk_meter_part_nanos(meter, before, (rk_rate_part)p, c);
            if (nanos > 0) {
                take(context, &(cost_line){route, part_stages[p], (rk_category)c, nanos});
            }
        }
    }
}

static void each_line(const rk_meter *meter, const char *const *names, size_t n_routes, const rk_meter_reading *before,
                      const rk_meter_reading *after, line_taker *take, void *context)
{
    for (size_t r = 0; r < n_routes; r++) {
        each_line_of(meter, names[r], &before->route[r], &after->route[r], take, context);
    }
    uint64_t other = rk_meter_cpu_nanos(meter, after->other_ns) - rk_meter_cpu_nanos(meter, before->other_ns);
    take(context, &(cost_line){no_route, "other", RK_HARDWARE, other});
    take(context, &(cost_line){no_route, "idle", RK_HARDWARE, after->idle_nanos - before->idle_nanos});
}

/* ---- Prometheus ---- */

/* A label's value: a card may hold any text. */
static void add_label(rk_text *out, const char *name, const char *value)
{
    rk_text_addf(out, "%s=\"", name);
    for (const char *at = value; *at; at++) {
        rk_text_addf(out, *at == '\n' ? "\\n" : *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    }
    rk_text_add(out, "\"");
}

static void head(rk_text *out, const char *name, const char *kind, const char *help)
{
    rk_text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void add_seconds(rk_text *out, const char *route, const char *stage, uint64_t ns)
{
    rk_text_addf(out, "reckon_stage_cpu_seconds_total{route=\"%s\",stage=\"%s\"} %llu.%09llu\n", route, stage,
                 (unsigned long long)(ns / 1000000000), (unsigned long long)(ns % 1000000000));
}

static void format_usage(const rk_meter_reading *now, const char *const *names, size_t n_routes, rk_text *out)
{
    head(out, "reckon_stage_cpu_seconds_total", "counter",
         "Processor time by route and stage; other: beside answers, idle: not used. Together all that there was.");
    for (size_t r = 0; r < n_routes; r++) {
        for (int s = 0; s < RK_STAGES; s++) {
            if (now->route[r].cpu_ns[s] > 0) {
                add_seconds(out, names[r], rk_stage_name((rk_stage)s), now->route[r].cpu_ns[s]);
            }
        }
    }
    add_seconds(out, no_route, "other", now->other_ns);
    add_seconds(out, no_route, "idle", now->idle_ns);
    head(out, "reckon_response_bytes_total", "counter", "Bytes of answers, without their headers, by route.");
    for (size_t r = 0; r < n_routes; r++) {
        if (now->route[r].n > 0) {
            rk_text_addf(out, "reckon_response_bytes_total{route=\"%s\"} %llu\n", names[r],
                         (unsigned long long)now->route[r].bytes);
        }
    }
}

typedef struct {
    const rk_rates *rates;
    rk_text *out;
} exposition;

static void expose(void *context, const cost_line *line)
{
    const exposition *e = context;
    rk_text_add(e->out, "reckon_cost_nanos_total{");
    add_label(e->out, "service", e->rates->service);
    rk_text_add(e->out, ",");
    add_label(e->out, "variant", e->rates->variant ? e->rates->variant : "");
    rk_text_addf(e->out, ",route=\"%s\",stage=\"%s\",category=\"%s\"} %llu\n", line->route, line->stage,
                 rk_category_name(line->category), (unsigned long long)line->nanos);
}

void rk_meter_format(rk_meter *meter, const char *const *names, size_t n_routes, rk_text *out)
{
    rk_meter_reading now;
    const rk_rates *rates = rk_meter_rates(meter);
    rk_meter_read(meter, &now);
    format_usage(&now, names, n_routes, out);
    if (rates) {
        static const rk_meter_reading none;
        exposition e = {rates, out};
        head(out, "reckon_machine_hour_nanos", "gauge",
             "What an hour of this machine costs, in 10^-9 of the currency.");
        rk_text_add(out, "reckon_machine_hour_nanos{");
        add_label(out, "machine", rates->machine);
        rk_text_add(out, ",");
        add_label(out, "currency", rk_meter_currency(meter));
        rk_text_addf(out, "} %llu\n", (unsigned long long)rates->machine_hour_nanos);
        head(out, "reckon_cost_nanos_total", "counter",
             "Cost in 10^-9 of the currency. The stages of answers, other and idle come to the machine's price.");
        each_line(meter, names, n_routes, &none, &now, expose, &e);
    }
}

/* ---- the statement ---- */

enum { STAGES_MAX = RK_STAGES + RK_RATE_PARTS + 2 };

typedef struct {
    const char *stages[STAGES_MAX];
    uint64_t by_stage[STAGES_MAX], by_category[RK_N_CATEGORIES], by_route[RK_METER_ROUTES_MAX];
    size_t n_stages;
    const char *const *names;
    size_t n_routes;
    uint64_t direct, shared, idle; /* of answers at the margin; their part of what follows no request; neither */
} sums;

static void sum(void *context, const cost_line *line)
{
    sums *t = context;
    size_t s = 0, r = 0;
    while (s < t->n_stages && strcmp(t->stages[s], line->stage) != 0) {
        s++;
    }
    if (s == t->n_stages) {
        t->stages[t->n_stages++] = line->stage;
    }
    t->by_stage[s] += line->nanos;
    t->by_category[line->category] += line->nanos;
    while (r < t->n_routes && t->names[r] != line->route) {
        r++;
    }
    if (r == t->n_routes) {
        t->idle += line->nanos;
        return;
    }
    bool is_shared = line->stage == part_stages[RK_RATE_SHARE];
    *(is_shared ? &t->shared : &t->direct) += line->nanos;
    t->by_route[r] += is_shared ? 0 : line->nanos;
}

static double per_thousand(uint64_t nanos, uint64_t n) { return n ? 1000 * (double)nanos / (double)n : 0; }

static void write_routes(rk_json *json, const sums *t, const rk_meter_reading *before, const rk_meter_reading *after)
{
    rk_json_array(json, "by_route");
    for (size_t r = 0; r < t->n_routes; r++) {
        uint64_t n = after->route[r].n - before->route[r].n;
        if (n > 0) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "route", t->names[r]);
            rk_json_u64(json, "answers", n);
            rk_json_u64(json, "nanos", t->by_route[r]);
            rk_json_real(json, "per_1000_answers", per_thousand(t->by_route[r], n));
            rk_json_end_object(json);
        }
    }
    rk_json_end_array(json);
}

static void write_interval(rk_json *json, const char *key, const rk_meter *meter, const char *const *names,
                           size_t n_routes, const rk_meter_reading *before, const rk_meter_reading *after)
{
    sums t = {.names = names, .n_routes = n_routes};
    uint64_t n = 0;
    each_line(meter, names, n_routes, before, after, sum, &t);
    for (size_t r = 0; r < n_routes; r++) {
        n += after->route[r].n - before->route[r].n;
    }
    rk_json_object(json, key);
    rk_json_real(json, "seconds", (double)(after->at_ns - before->at_ns) / 1e9);
    rk_json_u64(json, "answers", n);
    rk_json_u64(json, "nanos", t.direct + t.shared + t.idle);
    rk_json_object(json, "per_1000_answers");
    rk_json_real(json, "direct", per_thousand(t.direct, n));
    rk_json_real(json, "with_idle", per_thousand(t.direct + t.idle, n));
    rk_json_real(json, "in_full", per_thousand(t.direct + t.idle + t.shared, n));
    rk_json_end_object(json);
    rk_json_object(json, "by_stage");
    for (size_t s = 0; s < t.n_stages; s++) {
        rk_json_u64(json, t.stages[s], t.by_stage[s]);
    }
    rk_json_end_object(json);
    rk_json_object(json, "by_category");
    for (int c = 0; c < RK_N_CATEGORIES; c++) {
        rk_json_u64(json, rk_category_name((rk_category)c), t.by_category[c]);
    }
    rk_json_end_object(json);
    write_routes(json, &t, before, after);
    rk_json_end_object(json);
}

void rk_meter_statement(rk_meter *meter, const char *const *names, size_t n_routes, rk_text *out)
{
    rk_meter_reading now, hour, start = {.at_ns = rk_meter_start_ns(meter)};
    const rk_rates *rates = rk_meter_rates(meter);
    rk_json json = {.text = out};
    rk_meter_hour_ago(meter, &hour);
    rk_meter_read(meter, &now);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "service", rates->service);
    rk_json_cstring(&json, "variant", rates->variant);
    rk_json_cstring(&json, "machine", rates->machine);
    rk_json_cstring(&json, "currency", rk_meter_currency(meter));
    rk_json_u64(&json, "machine_hour_nanos", (uint64_t)rates->machine_hour_nanos);
    rk_json_u64(&json, "processors", rk_meter_processors(meter));
    write_interval(&json, "since_start", meter, names, n_routes, &start, &now);
    write_interval(&json, "last_hour", meter, names, n_routes, &hour, &now);
    rk_json_end_object(&json);
}
