/* plan_text.c - the demo's plan: small numbers of a small shop, every line with its reason.
 *
 * The machine is the compute-optimised one with as many virtual processors as the measured machine (or the next
 * smaller), so that the profile is used for a machine like the one that it was measured on.
 */
#include "study/plan_text.h"

#include <inttypes.h>
#include <math.h>

#include "base/error.h"

/* On-demand list prices, AWS us-east-1, 2026-07-20. */
typedef struct {
    const char *name;
    unsigned vcpu, memory_gib;
    const char *usd_hour;
} machine;

static const machine machines[] = {
    {"c7i.large", 2, 4, "0.08925"},   {"c7i.xlarge", 4, 8, "0.1785"},   {"c7i.2xlarge", 8, 16, "0.357"},
    {"c7i.4xlarge", 16, 32, "0.714"}, {"c7i.8xlarge", 32, 64, "1.428"},
};

static const double retrainings_per_month = 30;

static const machine *machine_of(unsigned cores)
{
    const machine *best = &machines[0];
    for (size_t i = 0; i < RK_COUNT_OF(machines); i++)
        if (machines[i].vcpu <= cores)
            best = &machines[i];
    return best;
}

/* A plain decimal of at most nine places, as strict YAML wants it: no grouping, no exponent, no trailing zeros. */
static void add_decimal(rk_text *out, double value)
{
    const uint64_t unit = 1000000000;
    uint64_t nanos = isfinite(value) && value > 0 && value < 9e8 ? (uint64_t)llround(value * (double)unit) : 0;
    uint64_t rest = nanos % unit;
    rk_text_addf(out, "%" PRIu64, nanos / unit);
    if (rest == 0)
        return;
    int n_digits = 9;
    for (; rest % 10 == 0; rest /= 10)
        n_digits--;
    rk_text_addf(out, ".%0*" PRIu64, n_digits, rest);
}

static void add_weights(rk_text *out, const char *key, const uint64_t *weights, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weights[i];
    if (sum == 0)
        return; /* a log without times: flat */
    rk_text_addf(out, "      %s: [", key);
    for (size_t i = 0; i < n; i++)
        rk_text_addf(out, "%s%" PRIu64, i ? ", " : "", weights[i]);
    rk_text_add(out, "]\n");
}

static void add_service(const rk_plan_figures *f, rk_text *out)
{
    rk_text_add(out, "services:\n  recommend:\n    product_line: recommendation\n    traffic:\n");
    rk_text_addf(out, "      # %s\n      requests_per_day: ", f->traffic_from);
    add_decimal(out, f->requests_per_day);
    rk_text_add(out, "\n      # events of the log by hour of the day and by weekday: measured\n");
    add_weights(out, "hours", f->hour_weight, 24);
    add_weights(out, "weekdays", f->weekday_weight, 7);
    rk_text_addf(out, "    capacity: {profile: %s, slo: {latency_ms_p99: ", f->profile);
    add_decimal(out, f->slo_ms);
    rk_text_add(out, ", errors: 0.001}}   # measured\n    response_bytes: measured\n");
    rk_text_addf(out,
                 "    fleet: {machine: %s, utilisation: 0.6, min: 2}   # two, so that one may fail; never planned "
                 "fuller than 60 %%\n\n",
                 machine_of(f->cores)->name);
}

/* One `use` element, and where its quantity comes from. */
typedef struct {
    const char *name, *category, *layer, *rate, *why;
    bool is_measured;
    double quantity, grows_per_month;
} usage;

static void add_usage(const usage *u, rk_text *out)
{
    rk_text_addf(out, "  # %s\n  - {name: %s, category: %s, layer: %s, service: recommend, use: %s, quantity: ", u->why,
                 u->name, u->category, u->layer, u->rate);
    add_decimal(out, u->quantity);
    if (u->grows_per_month > 0) {
        rk_text_add(out, ", grows_per_month: ");
        add_decimal(out, u->grows_per_month);
    }
    rk_text_add(out, u->is_measured ? ", origin: measured}\n" : "}\n");
}

static void add_elements(const rk_plan_figures *f, rk_text *out)
{
    const usage rows[] = {
        {.name = "model store",
         .category = "hardware",
         .layer = "model",
         .rate = "storage.ssd",
         .is_measured = true,
         .why = "measured: bytes of the model file, on two machines and in the archive",
         .quantity = 3 * (double)f->model_bytes / 1e9},
        {.name = "retraining",
         .category = "hardware",
         .layer = "model",
         .rate = "machine.hour",
         .why = "measured: machine-hours of cleaning, training and compressing; assumed: every night",
         .quantity = retrainings_per_month * f->training_hours},
        {.name = "event log",
         .category = "data",
         .layer = "data",
         .rate = "storage.ssd",
         .is_measured = true,
         .why = "measured: bytes of the stored events, and what a month adds",
         .quantity = f->log_bytes / 1e9,
         .grows_per_month = f->log_bytes_per_month / 1e9},
        {.name = "cleaning",
         .category = "data",
         .layer = "data",
         .rate = "machine.hour",
         .is_measured = true,
         .why = "measured: processor time to clean a month's events",
         .quantity = f->cleaning_hours_per_month},
        {.name = "monitoring",
         .category = "software",
         .layer = "service",
         .rate = "monitoring",
         .why = "assumed: one subscription a machine",
         .quantity = 2},
    };
    rk_text_add(out,
                "elements:\n  # measured: requests x bytes of an answer\n"
                "  - {name: answers out, category: hardware, layer: service, service: each, use: network.out, per: "
                "response_gb}\n");
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++)
        add_usage(&rows[i], out);
    rk_text_add(out,
                "  # assumed: a twentieth of an engineer's and a fortieth of an analyst's time\n"
                "  - {name: running the service, category: labour, layer: service, service: recommend, person: "
                "engineer, fte: 0.05}\n"
                "  - {name: minding the model, category: labour, layer: model, service: recommend, person: analyst, "
                "fte: 0.025}\n"
                "  # assumed: one incident in two months, two hours each\n"
                "  - {name: incidents, category: operations, layer: service, service: recommend, "
                "incidents_per_month: 0.5, hours_each: 2, person: engineer}\n");
}

void rk_plan_text(const rk_plan_figures *f, rk_text *out)
{
    rk_text_addf(out,
                 "# Written by %s. Measured figures come from this folder's artefacts; what is assumed says\n"
                 "# so and is yours to replace. `reckon cost statement` reads it.\n",
                 f->made_by);
    rk_text_addf(
        out,
        "reckon: plan/1\nname: %s\ncurrency: USD\nstart: %04d-%02u\nmonths: %u\nprices: [footprint, prices.yaml]\n",
        f->name, f->start_year, f->start_month, f->n_months);
    rk_text_add(out, "# assumed: the newest processor and compute server of this kind that have public figures\n"
                     "footprint: {grid: us-east-1, pue: 1.135, processor: cascade-lake, server: server.c5}\n\n");
    add_service(f, out);
    add_elements(f, out);
}

void rk_prices_text(unsigned cores, rk_text *out)
{
    const machine *m = machine_of(cores);
    rk_text_add(out, "# The prices of the demo's plan. List prices are dated; pay and subscription are assumed.\n"
                     "reckon: prices/1\nname: demo prices\nvalid_from: 2026-07-20\n"
                     "source: list prices AWS us-east-1 2026-07-20; pay and subscription assumed\n"
                     "currency: USD\nprices:\n");
    rk_text_addf(out, "  %s: {kind: machine, vcpu: %u, memory_gib: %u, hour: {on_demand: %s}}\n", m->name, m->vcpu,
                 m->memory_gib, m->usd_hour);
    rk_text_addf(out, "  machine.hour: {kind: rate, unit: machine-hour, price: %s}   # the same machine, by the hour\n",
                 m->usd_hour);
    rk_text_add(out, "  storage.ssd: {kind: rate, unit: GB-month, price: 0.08}\n"
                     "  network.out: {kind: rate, unit: GB, price: 0.09}\n"
                     "  monitoring: {kind: rate, unit: host-month, price: 15}   # assumed\n"
                     "  engineer: {kind: person, month: 6500, overhead: 0.3}     # assumed\n"
                     "  analyst: {kind: person, month: 5500, overhead: 0.3}      # assumed\n");
}
