/* scale_price.c - a fleet for every size and rate, by the accountant, and the sizes at which no money helps.
 *
 * For each cell the cheapest kind of machine of the shipped price book is looked for that holds the server in memory
 * and carries the rate; then a plan with it is accounted for. The ends of the band are cells of their own.
 */
#include <math.h>
#include <string.h>

#include "cost/ledger.h"
#include "price/price_find.h"
#include "study/scale_parts.h"

enum { RETRAININGS_PER_MONTH = 30, MACHINES_MIN = 2, MACHINES_MAX = 1000000, SECONDS_PER_DAY = 86400 };
enum { TRAINING_DAYS_MAX = 30 };        /* a model older than that when it is ready is none that anybody would price */
static const double memory_room = 1.25; /* of a machine over what the server takes */
static const double bytes_per_gib = 1024.0 * 1024 * 1024;

typedef struct {
    rk_scaling *s;
    rk_prices *prices;
    rk_found found; /* every machine with a size and a price on demand, cheapest first */
} market;

static double gib_of(const rk_found_machine *m) { return rk_decimal_real(m->price->as.machine.memory_gib.value); }
static double vcpu_of(const rk_found_machine *m) { return rk_decimal_real(m->price->as.machine.vcpu.value); }

/* ---- one fleet ---- */

/* What a fleet must do. */
typedef struct {
    double rate, cpu_ms, resident_bytes, training_s, training_bytes;
} demand;

typedef struct {
    const rk_found_machine *machine; /* NULL: none will do */
    double capacity_rps, n;
} fleet;

static double capacity_of(const market *m, const rk_found_machine *machine, const demand *d)
{
    return m->s->report.load_share * vcpu_of(machine) * 1000 / d->cpu_ms;
}

static fleet cheapest_fleet(const market *m, const demand *d)
{
    fleet best = {0};
    double least = HUGE_VAL;
    for (size_t i = 0; i < m->found.n && d->cpu_ms <= m->s->options->p99_max_ms; i++) {
        const rk_found_machine *machine = &m->found.machines[i];
        if (!(gib_of(machine) * bytes_per_gib >= memory_room * d->resident_bytes)) {
            continue; /* nor where nobody knows */
        }
        double capacity = capacity_of(m, machine, d);
        double n = fmax(MACHINES_MIN, ceil(d->rate / (capacity * m->s->options->utilisation)));
        double cost = n * mpq_get_d(machine->per_hour);
        if (n <= MACHINES_MAX && cost < least) {
            least = cost;
            best = (fleet){machine, capacity, n};
        }
    }
    return best;
}

static const rk_found_machine *training_machine(const market *m, const demand *d)
{
    for (size_t i = 0; i < m->found.n && d->training_s <= TRAINING_DAYS_MAX * SECONDS_PER_DAY; i++) {
        const rk_found_machine *machine = &m->found.machines[i];
        if (gib_of(machine) * bytes_per_gib >= memory_room * d->training_bytes && vcpu_of(machine) >= m->s->n_cores) {
            return machine;
        }
    }
    return NULL;
}

static void plan_text(const market *m, const demand *d, const fleet *f, const rk_found_machine *trainer, rk_text *out)
{
    rk_text_addf(out,
                 "reckon: plan/1\nname: on paper\ncurrency: %s\nstart: 2027-01\nmonths: 12\nprices: [default]\n"
                 "services:\n  answers:\n    product_line: recommendation\n"
                 "    traffic: {requests_per_day: %.0f}\n    capacity: {rps: %.6f, origin: measured}\n"
                 "    fleet: {machine: \"%s\", utilisation: %.6f, min: %d}\n"
                 "elements:\n  - {name: training, category: hardware, layer: model, service: answers, train: \"%s\", "
                 "runs_per_month: %d, hours: %.9f}\n",
                 m->found.currency, d->rate * SECONDS_PER_DAY, f->capacity_rps, f->machine->price->key,
                 m->s->options->utilisation, MACHINES_MIN, trainer->price->key, RETRAININGS_PER_MONTH,
                 d->training_s / 3600);
}

/* A year of it; machine NULL in *out where no fleet will do. */
static rk_status price_fleet(const market *m, const demand *d, rk_scale_cell *out, rk_error *err)
{
    fleet f = cheapest_fleet(m, d);
    const rk_found_machine *trainer = training_machine(m, d);
    *out = (rk_scale_cell){0};
    if (!f.machine || !trainer) {
        return RK_OK;
    }
    rk_text text = {0};
    rk_ledger *ledger = NULL;
    plan_text(m, d, &f, trainer, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a plan")
                                   : rk_cost_run(&(rk_plan_source){.path = "on paper", .text = {text.at, text.n}},
                                                 m->s->run, &ledger, err);
    rk_text_release(&text);
    if (status) {
        return status;
    }
    double total = (double)rk_ledger_total(ledger).micros / 1e6;
    out->machine = rk_scaling_text(m->s, "%s", f.machine->price->key);
    out->n_machines = rk_ledger_service(ledger, 0)->months[0].n_machines_max;
    out->cost_per_year = (rk_estimate){total, total, total};
    out->cost_per_1000 = total / (d->rate * SECONDS_PER_DAY * 365) * 1000;
    rk_ledger_free(ledger);
    return RK_OK;
}

static double pick(rk_estimate e, int side) { return side < 0 ? e.low : side > 0 ? e.high : e.value; }

static demand demand_of(const rk_scale_size *size, double rate, int side)
{
    return (demand){rate, pick(size->figure[RK_SCALE_CPU_MS], side), pick(size->figure[RK_SCALE_RESIDENT_BYTES], side),
                    pick(size->figure[RK_SCALE_TRAINING_S], side), pick(size->figure[RK_SCALE_TRAINING_BYTES], side)};
}

/* The middle with the ends of the band; no end is known where no fleet would do there. */
static rk_status price_cell(const market *m, const rk_scale_size *size, double rate, rk_scale_cell *out, rk_error *err)
{
    rk_scale_cell low, high;
    demand d = demand_of(size, rate, 0), least = demand_of(size, rate, -1), most = demand_of(size, rate, 1);
    rk_status status = price_fleet(m, &d, out, err);
    status = status ? status : price_fleet(m, &least, &low, err);
    status = status ? status : price_fleet(m, &most, &high, err);
    if (!status && out->machine) {
        out->cost_per_year.low = low.machine ? low.cost_per_year.value : -HUGE_VAL;
        out->cost_per_year.high = high.machine ? high.cost_per_year.value : HUGE_VAL;
    }
    return status;
}

/* ---- limits ---- */

static void add_limit(rk_scaling *s, rk_scale_figure figure, double limit, const char *words, const char *limit_words)
{
    if (!s->report.fit[figure].is_fitted) {
        return;
    }
    rk_scale_limit row = {words, limit_words, rk_growth_reaches(&s->growth[figure], limit)};
    size_t at = s->report.n_limits++;
    for (; at > 0 && s->limits[at - 1].items.value > row.items.value; at--) {
        s->limits[at] = s->limits[at - 1];
    }
    s->limits[at] = row;
}

static void find_limits(const market *m)
{
    rk_scaling *s = m->s;
    const rk_found_machine *largest = NULL;
    for (size_t i = 0; i < m->found.n; i++) {
        const rk_found_machine *machine = &m->found.machines[i];
        largest = !largest || gib_of(machine) > gib_of(largest) ? machine : largest;
    }
    if (!largest) {
        return;
    }
    double bytes = gib_of(largest) * bytes_per_gib / memory_room;
    const char *memory =
        rk_scaling_text(s, "%g GiB of %s, a fifth of it left free", gib_of(largest), largest->price->key);
    add_limit(s, RK_SCALE_RESIDENT_BYTES, bytes, "memory of a server", memory);
    add_limit(s, RK_SCALE_TRAINING_BYTES, bytes, "memory of training", memory);
    add_limit(s, RK_SCALE_CPU_MS, s->options->p99_max_ms, "time of a single answer",
              rk_scaling_text(s, "%g ms, which no more machines shorten", s->options->p99_max_ms));
    add_limit(s, RK_SCALE_TRAINING_S, SECONDS_PER_DAY, "time of training",
              rk_scaling_text(s, "a day on %u cores like these", s->n_cores));
    s->report.limits = s->limits;
}

rk_status rk_scaling_price(rk_scaling *s, rk_error *err)
{
    market m = {.s = s, .prices = rk_prices_new()};
    rk_find_query query = {.vcpu = 1, .memory_gib = 0.5, .option = "on_demand", .currency = "USD"};
    rk_status status = m.prices ? rk_prices_add_file(m.prices, "default", err) : rk_fail_memory(err, "prices");
    status = status ? status : rk_prices_find(m.prices, &query, &m.found, err);
    if (!status) {
        s->report.currency = rk_scaling_text(s, "%s", m.found.currency);
        find_limits(&m);
    }
    for (size_t i = 0; i < RK_SCALE_SIZES && !status; i++) {
        for (size_t k = 0; k < RK_SCALE_RATES && !status; k++) {
            rk_scale_size *size = &s->report.size[i];
            status = price_cell(&m, size, s->report.rate[k], &size->cell[k], err);
        }
    }
    rk_found_release(&m.found);
    rk_prices_free(m.prices);
    return status;
}
