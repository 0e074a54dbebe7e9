/* meter_text.c - what answering costs, as Prometheus counters and as the statement of /v1/cost.
 *
 * Both are sums of the same lines: (account, stage, category) with an amount. A line of processor time is the
 * machine's, hardware; a line of bytes or requests is of the categories that the rate card splits it into.
 */
#include <string.h>

#include "serve/meter.h"

/* How lines that are no stage of answering are called. */
static const char *const part_stages[RK_RATE_PARTS] = {"network", "request", "shared"};
static const char nobody[] = "none";

typedef struct {
    const rk_meter *meter;
    const char *const *names; /* [n_routes] */
    size_t n_routes;
} view;

typedef struct {
    const rk_account *account; /* NULL: other and idle */
    const char *stage;
    rk_category category;
    uint64_t nanos;
} cost_line;

typedef void line_taker(void *context, const cost_line *line);

/* Hands over the lines of an interval that are not nought, in the order of the stages. */
static void each_line_of(const rk_meter *meter, const rk_account *account, const rk_meter_usage *before,
                         const rk_meter_usage *after, line_taker *take, void *context)
{
    for (int s = 0; s < RK_STAGES; s++) {
        uint64_t nanos = rk_meter_cpu_nanos(meter, after->cpu_ns[s]) - rk_meter_cpu_nanos(meter, before->cpu_ns[s]);
        if (nanos > 0) {
            take(context, &(cost_line){account, rk_stage_name((rk_stage)s), RK_HARDWARE, nanos});
        }
    }
    for (int p = 0; p < RK_RATE_PARTS; p++) {
        for (int c = 0; c < RK_N_CATEGORIES; c++) {
            uint64_t nanos = rk_meter_part_nanos(meter, after, (rk_rate_part)p, c) -
                             rk_meter_part_nanos(meter, before, (rk_rate_part)p, c);
            if (nanos > 0) {
                take(context, &(cost_line){account, part_stages[p], (rk_category)c, nanos});
            }
        }
    }
}

/* Of an account that was opened since, nothing. */
static rk_meter_usage usage_at(const rk_meter_reading *reading, size_t i)
{
    return i < reading->n ? reading->usage[i] : (rk_meter_usage){0};
}

static void each_line(const rk_meter *meter, const rk_meter_reading *before, const rk_meter_reading *after,
                      line_taker *take, void *context)
{
    for (size_t i = 0; i < after->n; i++) {
        rk_account account = rk_meter_account(meter, i);
        rk_meter_usage then = usage_at(before, i);
        each_line_of(meter, &account, &then, &after->usage[i], take, context);
    }
    uint64_t other = rk_meter_cpu_nanos(meter, after->other_ns) - rk_meter_cpu_nanos(meter, before->other_ns);
    take(context, &(cost_line){NULL, "other", RK_HARDWARE, other});
    take(context, &(cost_line){NULL, "idle", RK_HARDWARE, after->idle_nanos - before->idle_nanos});
}

/* ---- Prometheus ---- */

/* A label's value: a card, or an experiment, may be called anything. */
static void add_label(rk_text *out, const char *name, const char *value)
{
    rk_text_add(out, name);
    rk_text_add(out, "=\"");
    while (*value) {
        size_t plain = strcspn(value, "\n\"\\");
        rk_text_add_slice(out, (rk_slice){value, plain});
        value += plain;
        if (*value) {
            rk_text_add(out, *value == '\n' ? "\\n" : *value == '"' ? "\\\"" : "\\\\");
            value++;
        }
    }
    rk_text_add(out, "\"");
}

static const char *route_name(const view *v, size_t route)
{
    return v->names[route < v->n_routes ? route : v->n_routes - 1];
}

static void add_account(rk_text *out, const view *v, const rk_account *account)
{
    rk_arm arm = rk_meter_arm_at(v->meter, account ? account->arm : RK_ARM_NONE);
    add_label(out, "route", account ? route_name(v, account->route) : nobody);
    rk_text_add(out, ",");
    add_label(out, "outcome", account ? rk_outcome_name(account->outcome) : nobody);
    rk_text_add(out, ",");
    add_label(out, "experiment", arm.experiment);
    rk_text_add(out, ",");
    add_label(out, "experiment_variant", arm.variant);
}

static void head(rk_text *out, const char *name, const char *kind, const char *help)
{
    rk_text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void add_seconds(rk_text *out, const view *v, const rk_account *account, const char *stage, uint64_t ns)
{
    rk_text_add(out, "reckon_stage_cpu_seconds_total{");
    add_account(out, v, account);
    rk_text_addf(out, ",stage=\"%s\"} %llu.%09llu\n", stage, (unsigned long long)(ns / 1000000000),
                 (unsigned long long)(ns % 1000000000));
}

static void format_seconds(const view *v, const rk_meter_reading *now, rk_text *out)
{
    head(out, "reckon_stage_cpu_seconds_total", "counter",
         "Processor time by account and stage; other: beside answers, idle: not used. Together all that there was.");
    for (size_t i = 0; i < now->n; i++) {
        rk_account account = rk_meter_account(v->meter, i);
        for (int s = 0; s < RK_STAGES; s++) {
            if (now->usage[i].cpu_ns[s] > 0) {
                add_seconds(out, v, &account, rk_stage_name((rk_stage)s), now->usage[i].cpu_ns[s]);
            }
        }
    }
    add_seconds(out, v, NULL, "other", now->other_ns);
    add_seconds(out, v, NULL, "idle", now->idle_ns);
}

typedef uint64_t counted(const rk_meter_usage *usage);
static uint64_t answers_of(const rk_meter_usage *usage) { return usage->n; }
static uint64_t bytes_of(const rk_meter_usage *usage) { return usage->bytes; }

static void format_count(const view *v, const rk_meter_reading *now, const char *name, const char *help, counted *count,
                         rk_text *out)
{
    head(out, name, "counter", help);
    for (size_t i = 0; i < now->n; i++) {
        rk_account account = rk_meter_account(v->meter, i);
        if (now->usage[i].n > 0) {
            rk_text_addf(out, "%s{", name);
            add_account(out, v, &account);
            rk_text_addf(out, "} %llu\n", (unsigned long long)count(&now->usage[i]));
        }
    }
}

typedef struct {
    const view *view;
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
    rk_text_add(e->out, ",");
    add_account(e->out, e->view, line->account);
    rk_text_addf(e->out, ",stage=\"%s\",category=\"%s\"} %llu\n", line->stage, rk_category_name(line->category),
                 (unsigned long long)line->nanos);
}

static void format_costs(const view *v, const rk_meter_reading *now, const rk_rates *rates, rk_text *out)
{
    static const rk_meter_reading none;
    exposition e = {v, rates, out};
    head(out, "reckon_machine_hour_nanos", "gauge", "What an hour of this machine costs, in 10^-9 of the currency.");
    rk_text_add(out, "reckon_machine_hour_nanos{");
    add_label(out, "machine", rates->machine);
    rk_text_add(out, ",");
    add_label(out, "currency", rk_meter_currency(v->meter));
    rk_text_addf(out, "} %llu\n", (unsigned long long)rates->machine_hour_nanos);
    head(out, "reckon_cost_nanos_total", "counter",
         "Cost in 10^-9 of the currency. The stages of answers, other and idle come to the machine's price.");
    each_line(v->meter, &none, now, expose, &e);
}

void rk_meter_format(rk_meter *meter, const char *const *names, size_t n_routes, rk_arena *arena, rk_text *out)
{
    rk_meter_reading now;
    view v = {meter, names, n_routes};
    if (!rk_meter_read(meter, arena, &now)) {
        out->failed = true;
        return;
    }
    format_seconds(&v, &now, out);
    format_count(&v, &now, "reckon_answers_total", "Answers by account.", answers_of, out);
    format_count(&v, &now, "reckon_response_bytes_total", "Bytes of answers, without their headers.", bytes_of, out);
    if (rk_meter_rates(meter)) {
        format_costs(&v, &now, rk_meter_rates(meter), out);
    }
}

/* ---- the statement ---- */

enum { STAGES_MAX = RK_STAGES + RK_RATE_PARTS + 2 };

typedef struct {
    uint64_t n, nanos; /* answers, and what they cost at the margin */
} bill;

typedef struct {
    const char *stages[STAGES_MAX];
    uint64_t by_stage[STAGES_MAX], by_category[RK_N_CATEGORIES];
    size_t n_stages;
    bill all, route[RK_METER_ROUTES_MAX], outcome[RK_OUTCOMES], *arm; /* arm: [n_arms] */
    size_t n_arms;
    uint64_t shared, idle; /* answers' part of what follows no request; other and idle */
} sums;

static void sum(void *context, const cost_line *line)
{
    sums *t = context;
    size_t s = 0;
    while (s < t->n_stages && strcmp(t->stages[s], line->stage) != 0) {
        s++;
    }
    if (s == t->n_stages) {
        t->stages[t->n_stages++] = line->stage;
    }
    t->by_stage[s] += line->nanos;
    t->by_category[line->category] += line->nanos;
    if (!line->account) {
        t->idle += line->nanos;
    } else if (line->stage == part_stages[RK_RATE_SHARE]) {
        t->shared += line->nanos;
    } else {
        t->all.nanos += line->nanos;
        t->route[line->account->route].nanos += line->nanos;
        t->outcome[line->account->outcome].nanos += line->nanos;
        t->arm[line->account->arm].nanos += line->nanos;
    }
}

static void count(const rk_meter *meter, const rk_meter_reading *before, const rk_meter_reading *after, sums *t)
{
    for (size_t i = 0; i < after->n; i++) {
        rk_account account = rk_meter_account(meter, i);
        uint64_t n = after->usage[i].n - usage_at(before, i).n;
        t->all.n += n;
        t->route[account.route].n += n;
        t->outcome[account.outcome].n += n;
        t->arm[account.arm].n += n;
    }
}

/* false: memory is short. */
static bool sum_up(const rk_meter *meter, const rk_meter_reading *before, const rk_meter_reading *after,
                   rk_arena *arena, sums *t)
{
    *t = (sums){.n_arms = 1};
    for (size_t i = 0; i < after->n; i++) {
        size_t arm = rk_meter_account(meter, i).arm;
        t->n_arms = arm < t->n_arms ? t->n_arms : arm + 1;
    }
    t->arm = RK_TAKE(arena, bill, t->n_arms);
    if (t->arm) {
        each_line(meter, before, after, sum, t);
        count(meter, before, after, t);
    }
    return t->arm != NULL;
}

static double per_thousand(uint64_t nanos, uint64_t n) { return n ? 1000 * (double)nanos / (double)n : 0; }

static bool is_nought(const bill *b) { return b->n == 0 && b->nanos == 0; }

static void write_bill(rk_json *json, const bill *b)
{
    rk_json_u64(json, "answers", b->n);
    rk_json_u64(json, "nanos", b->nanos);
    rk_json_real(json, "per_1000_answers", per_thousand(b->nanos, b->n));
    rk_json_end_object(json);
}

static void write_bills(rk_json *json, const view *v, const sums *t)
{
    rk_json_array(json, "by_route");
    for (size_t r = 0; r < RK_METER_ROUTES_MAX; r++) {
        if (!is_nought(&t->route[r])) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "route", route_name(v, r));
            write_bill(json, &t->route[r]);
        }
    }
    rk_json_end_array(json);
    rk_json_array(json, "by_outcome");
    for (size_t o = 0; o < RK_OUTCOMES; o++) {
        if (!is_nought(&t->outcome[o])) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "outcome", rk_outcome_name((rk_outcome)o));
            write_bill(json, &t->outcome[o]);
        }
    }
    rk_json_end_array(json);
    rk_json_array(json, "by_experiment");
    for (size_t a = 0; a < t->n_arms; a++) {
        if (!is_nought(&t->arm[a])) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "experiment", rk_meter_arm_at(v->meter, a).experiment);
            rk_json_cstring(json, "variant", rk_meter_arm_at(v->meter, a).variant);
            write_bill(json, &t->arm[a]);
        }
    }
    rk_json_end_array(json);
}

static void write_interval(rk_json *json, const char *key, const view *v, const sums *t, double seconds)
{
    uint64_t n = t->all.n, direct = t->all.nanos, n_repeated = t->outcome[RK_REPEATED].n,
             n_given = n_repeated + t->outcome[RK_ANSWERED].n;
    rk_json_object(json, key);
    rk_json_real(json, "seconds", seconds);
    rk_json_u64(json, "answers", n);
    rk_json_real(json, "repeated_share", n_given ? (double)n_repeated / (double)n_given : 0);
    rk_json_u64(json, "nanos", direct + t->shared + t->idle);
    rk_json_object(json, "per_1000_answers");
    rk_json_real(json, "direct", per_thousand(direct, n));
    rk_json_real(json, "with_idle", per_thousand(direct + t->idle, n));
    rk_json_real(json, "in_full", per_thousand(direct + t->idle + t->shared, n));
    rk_json_end_object(json);
    rk_json_object(json, "by_stage");
    for (size_t s = 0; s < t->n_stages; s++) {
        rk_json_u64(json, t->stages[s], t->by_stage[s]);
    }
    rk_json_end_object(json);
    rk_json_object(json, "by_category");
    for (int c = 0; c < RK_N_CATEGORIES; c++) {
        rk_json_u64(json, rk_category_name((rk_category)c), t->by_category[c]);
    }
    rk_json_end_object(json);
    write_bills(json, v, t);
    rk_json_end_object(json);
}

void rk_meter_statement(rk_meter *meter, const char *const *names, size_t n_routes, rk_arena *arena, rk_text *out)
{
    rk_meter_reading now, hour, start = {.at_ns = rk_meter_start_ns(meter)};
    sums since_start, last_hour;
    view v = {meter, names, n_routes};
    const rk_rates *rates = rk_meter_rates(meter);
    rk_json json = {.text = out};
    if (!rk_meter_hour_ago(meter, arena, &hour) || !rk_meter_read(meter, arena, &now) ||
        !sum_up(meter, &start, &now, arena, &since_start) || !sum_up(meter, &hour, &now, arena, &last_hour)) {
        out->failed = true;
        return;
    }
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "service", rates->service);
    rk_json_cstring(&json, "variant", rates->variant);
    rk_json_cstring(&json, "machine", rates->machine);
    rk_json_cstring(&json, "currency", rk_meter_currency(meter));
    rk_json_u64(&json, "machine_hour_nanos", (uint64_t)rates->machine_hour_nanos);
    rk_json_u64(&json, "processors", rk_meter_processors(meter));
    write_interval(&json, "since_start", &v, &since_start, (double)(now.at_ns - start.at_ns) / 1e9);
    write_interval(&json, "last_hour", &v, &last_hour, (double)(now.at_ns - hour.at_ns) / 1e9);
    rk_json_end_object(&json);
}
