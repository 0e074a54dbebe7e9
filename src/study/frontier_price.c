/* frontier_price.c - from the files of the steps to a row of figures for each variant, by the accountant.
 *
 * Each repetition of a measurement goes through the accountant on its own: the spread of its answers is what the noise
 * of timing does to the cost. The repetition with the middle capacity stands for the variant, and the plan that is
 * written is priced with it, so that `reckon cost` says the same of it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cost/footprint.h"
#include "cost/unit.h"
#include "measure/profile.h"
#include "model/model.h"
#include "study/frontier_parts.h"
#include "study/frontier_plan.h"

/* ---- one plan, accounted for ---- */

typedef struct {
    double capacity_rps, planned_rps, per_year, per_1000, marginal_per_1000, wh_per_1000,
        hour_price; /* hour_price: of a machine */
    int64_t n_machines;
    double category_per_year[RK_N_CATEGORIES];
} account;

static uint32_t service_in(const rk_ledger *ledger, const char *name)
{
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        if (strcmp(rk_ledger_service(ledger, s)->name, name) == 0) {
            return s;
        }
    }
    return 0;
}

/* All that is booked, of all services: what another variant changes may be anywhere. */
static void read_lines(const rk_ledger *ledger, double years, account *out)
{
    int64_t fleet_micros = 0, paid_micros = 0;
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        out->category_per_year[line->category] += (double)line->amount.micros / 1e6 / years;
        fleet_micros += line->is_fleet ? line->amount.micros : 0;
    }
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
            paid_micros += rk_ledger_service(ledger, s)->months[m].paid_hours_micros;
        }
    }
    out->hour_price = paid_micros > 0 ? (double)fleet_micros / (double)paid_micros : NAN;
}

static void read_service(const rk_ledger *ledger, const char *name, account *out)
{
    uint32_t s = service_in(ledger, name);
    const rk_cost_service *service = rk_ledger_service(ledger, s);
    rk_scope scope = rk_ledger_scope_of_service(ledger, s);
    rk_unit_cost unit = rk_ledger_unit_cost(ledger, rk_unit_at(0), &scope, RK_ALL_MONTHS);
    out->capacity_rps = service->capacity_rps;
    out->per_1000 = unit.is_known ? (double)unit.full.micros / 1e6 : NAN;
    out->marginal_per_1000 = unit.is_known ? (double)unit.marginal.micros / 1e6 : NAN;
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
        int64_t n = service->months[m].n_machines_max;
        out->n_machines = n > out->n_machines ? n : out->n_machines;
    }
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(ledger, i);
        for (uint32_t k = 0; k < fleet->n_services; k++) {
            if (fleet->service[k] == s) {
                out->planned_rps = fleet->peak_rps[k] / fmax(1, (double)out->n_machines);
            }
        }
    }
}

/* NAN where the plan has no factors. */
static double energy_of(rk_ledger *ledger, const char *service, const rk_run *run)
{
    rk_footprint *footprint;
    rk_error none;
    if (rk_footprint_make(ledger, run, &footprint, &none)) {
        return NAN;
    }
    rk_footprint_sum sum = rk_footprint_sum_of(
        footprint, (rk_footprint_pick){.service = service_in(ledger, service), .month = RK_ALL_MONTHS});
    rk_footprint_free(footprint);
    return sum.requests_micros > 0 ? (double)sum.kwh_micros * 1e6 / (double)sum.requests_micros : NAN;
}

/* Accounts for the plan of a variant with the profile, which lies beside the others. The ledger goes to *ledger when it
 * is asked for. */
static rk_status run_plan(rk_frontier_planner *planner, size_t v, const char *profile_path, account *out,
                          rk_ledger **ledger, rk_error *err)
{
    rk_frontier *f = planner->f;
    rk_text text = {0};
    rk_ledger *made = NULL;
    *out = (account){0};
    rk_status status = rk_frontier_plan_text(planner, v, strrchr(profile_path, '/') + 1, &text, err);
    if (!status) {
        rk_plan_source source = {.path = rk_frontier_file(f, "plans", v, "yaml"), .text = {text.at, text.n}};
        status = rk_cost_run(&source, f->run, &made, err);
    }
    rk_text_release(&text);
    if (status) {
        return status;
    }
    double years = rk_ledger_n_months(made) / 12.0;
    read_service(made, planner->f->service, out);
    read_lines(made, years, out);
    out->per_year = (double)rk_ledger_total(made).micros / 1e6 / years;
    out->wh_per_1000 = energy_of(made, planner->f->service, f->run);
    if (ledger) {
        *ledger = made;
    } else {
        rk_ledger_free(made);
    }
    return RK_OK;
}

/* ---- all repetitions of a variant ---- */

/* The one with the middle capacity; of an even number the lower of the two. */
static unsigned middle_of(const account *accounts, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned n_below = 0;
        for (unsigned j = 0; j < n; j++) {
            double x = accounts[j].capacity_rps, y = accounts[i].capacity_rps;
            n_below += x < y || (x == y && j < i);
        }
        if (n_below == (n - 1) / 2) {
            return i;
        }
    }
    return 0;
}

/* The middle account's figure, and the range of all. */
static rk_estimate range_of(const account *accounts, unsigned n, unsigned middle, size_t field)
{
    rk_estimate out = {0};
    for (unsigned i = 0; i < n; i++) {
        double value = *(const double *)((const char *)&accounts[i] + field);
        out.value = i == middle ? value : out.value;
        out.low = i == 0 ? value : fmin(out.low, value);
        out.high = i == 0 ? value : fmax(out.high, value);
    }
    return out;
}

static void set_row(const account *accounts, unsigned n, unsigned middle, rk_frontier_row *row)
{
    const account *a = &accounts[middle];
    row->capacity_rps = range_of(accounts, n, middle, offsetof(account, capacity_rps));
    row->cost_per_year = range_of(accounts, n, middle, offsetof(account, per_year));
    row->cost_per_1000 = range_of(accounts, n, middle, offsetof(account, per_1000));
    row->planned_rps = a->planned_rps;
    row->marginal_per_1000 = a->marginal_per_1000;
    row->n_machines = a->n_machines;
    row->wh_per_1000 = a->wh_per_1000;
    memcpy(row->category_per_year, a->category_per_year, sizeof row->category_per_year);
}

/* profiles/NAME.json is the middle repetition; its points go to the row. */
static rk_status keep_profile(rk_frontier *f, size_t v, const char *path, double hour_price, rk_frontier_row *row,
                              rk_error *err)
{
    rk_profile profile;
    rk_status status = rk_profile_read(path, &profile, err);
    if (status) {
        return status;
    }
    rk_latency_point *points = RK_TAKE(&f->arena, rk_latency_point, profile.points.n);
    status = points ? rk_profile_write(&profile, rk_frontier_file(f, "profiles", v, "json"), err)
                    : rk_fail_memory(err, "the points of a profile");
    for (size_t i = 0; points && i < profile.points.n; i++) {
        const rk_profile_point *point = rk_profile_point_at(&profile, i);
        points[i] = (rk_latency_point){point->offered_rps, point->latency_ms_p50, point->latency_ms_p99};
    }
    row->points = points;
    row->n_points = profile.points.n;
    row->resident_bytes = profile.memory_bytes;
    f->variants[v].load_rps = row->planned_rps;
    f->variants[v].core_hour_price = rk_profile_cores(&profile) ? hour_price / rk_profile_cores(&profile) : NAN;
    rk_profile_release(&profile);
    return status;
}

static rk_status write_plan(rk_frontier_planner *planner, size_t v, rk_error *err)
{
    rk_frontier *f = planner->f;
    rk_text text = {0};
    const char *name = rk_frontier_text(f, "%s.json", f->variants[v].row->file);
    rk_status status = rk_frontier_plan_text(planner, v, name, &text, err);
    status = status ? status : rk_file_write_text(rk_frontier_file(f, "plans", v, "yaml"), &text, err);
    rk_text_release(&text);
    return status;
}

/* What is said of the plan once, from the ledger of any variant. */
static void set_plan_words(rk_frontier *f, const rk_ledger *ledger, const char *service_name)
{
    rk_frontier_report *r = &f->report;
    uint32_t s = service_in(ledger, service_name);
    const rk_cost_service *service = rk_ledger_service(ledger, s);
    double requests = 0, hours = 0;
    r->currency = rk_frontier_text(f, "%s", rk_ledger_currency(ledger));
    r->service = rk_frontier_text(f, "%s", service->name);
    r->n_months = rk_ledger_n_months(ledger);
    for (uint32_t m = 0; m < r->n_months; m++) {
        requests += (double)service->months[m].requests_micros / 1e6;
        hours += (double)rk_ledger_month_hours(ledger, m);
    }
    r->requests_per_day = hours > 0 ? requests / hours * 24 : 0;
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        r->utilisation =
            rk_ledger_fleet(ledger, i)->service[0] == s ? rk_ledger_fleet(ledger, i)->utilisation : r->utilisation;
    }
    rk_text words = {0};
    rk_text_addf(&words, "%u months from %s, ", r->n_months, rk_ledger_month(ledger, 0));
    rk_text_add_fixed(&words, r->requests_per_day, 0);
    rk_text_addf(&words, " requests a day of %s", service->name);
    if (service->machine) {
        rk_text_addf(&words, " on %s", service->machine);
    }
    r->plan_words = rk_frontier_text(f, "%s", words.at ? words.at : "");
    rk_text_release(&words);
}

static rk_status price_variant(rk_frontier_planner *planner, size_t v, rk_frontier_row *row, rk_error *err)
{
    rk_frontier *f = planner->f;
    account accounts[RK_GRID_REPEATS_MAX];
    unsigned n = f->grid.repeats;
    rk_ledger *ledger = NULL;
    rk_status status = RK_OK;
    for (unsigned i = 0; i < n && !status; i++) {
        bool is_first = !f->report.plan_words;
        status = run_plan(planner, v, rk_frontier_profile(f, v, i + 1), &accounts[i], is_first ? &ledger : NULL, err);
        if (!status && is_first) {
            set_plan_words(f, ledger, planner->f->service);
            rk_ledger_free(ledger);
        }
    }
    if (status) {
        return status;
    }
    unsigned middle = middle_of(accounts, n);
    set_row(accounts, n, middle, row);
    status = keep_profile(f, v, rk_frontier_profile(f, v, middle + 1), accounts[middle].hour_price, row, err);
    return status ? status : write_plan(planner, v, err);
}

/* ---- the rows ---- */

static rk_status read_model(rk_frontier *f, size_t v, rk_frontier_row *row, rk_error *err)
{
    const rk_grid_variant *of = f->variants[v].row;
    rk_model *model;
    rk_status status = rk_model_open(rk_frontier_model(f, v), &model, err);
    if (status) {
        return status;
    }
    row->name = of->name;
    row->plan = rk_frontier_text(f, "plans/%s.yaml", of->file);
    row->file_bytes = rk_artefact_bytes(rk_model_artefact(model)) + rk_frontier_index_facts(f, v).file_bytes;
    row->form_bytes = rk_model_form_bytes(model);
    rk_model_close(model);
    row->model = rk_frontier_text(f, "models/%s.rk", of->index ? f->grid.variants[of->of].file : of->file);
    row->index = of->index ? rk_frontier_text(f, "indexes/%s.rk", of->file) : NULL;
    row->making_s = rk_frontier_making_s(f, v);
    row->made = of->index ? rk_frontier_text(f, "%s with an index, %s, for recall %g", f->grid.variants[of->of].name,
                                             rk_frontier_index_facts(f, v).kind, of->recall)
                : of->to  ? rk_frontier_text(f, "%s to %s", f->grid.variants[of->of].name, of->to)
                          : rk_frontier_text(f, "%s%s", of->model, rk_frontier_settings_words(f, v));
    return RK_OK;
}

/* The variants that are there, simplest first: fewest steps of making, then as the grid has them. */
static size_t order_variants(const rk_frontier *f, size_t *order)
{
    size_t n = 0;
    for (size_t v = 0; v < f->grid.n; v++) {
        if (f->variants[v].left_out) {
            continue;
        }
        size_t at = n++;
        for (; at > 0 && f->grid.variants[order[at - 1]].n_steps > f->grid.variants[v].n_steps; at--) {
            order[at] = order[at - 1];
        }
        order[at] = v;
    }
    return n;
}

static rk_status list_omitted(rk_frontier *f, rk_error *err)
{
    rk_frontier_report *r = &f->report;
    rk_frontier_omitted *omitted = RK_TAKE(&f->arena, rk_frontier_omitted, f->grid.n);
    r->omitted = omitted;
    r->n_omitted = 0;
    for (size_t v = 0; omitted && v < f->grid.n; v++) {
        if (f->variants[v].left_out) {
            omitted[r->n_omitted++] = (rk_frontier_omitted){f->variants[v].row->name, f->variants[v].left_out};
        }
    }
    return omitted ? RK_OK : rk_fail_memory(err, "a frontier");
}

/* A variant whose plan cannot be accounted for (its memory fits no machine, say) is left out, too. */
static rk_status make_rows(rk_frontier_planner *planner, rk_error *err)
{
    rk_frontier *f = planner->f;
    size_t row_of[RK_GRID_VARIANTS_MAX];
    size_t *order = RK_TAKE(&f->arena, size_t, f->grid.n);
    if (!order) {
        return rk_fail_memory(err, "a frontier");
    }
    size_t n = order_variants(f, order);
    rk_frontier_row *rows = RK_TAKE(&f->arena, rk_frontier_row, n);
    if (!rows) {
        return rk_fail_memory(err, "a frontier");
    }
    f->report.rows = f->rows = rows;
    f->variant_of = order;
    for (size_t i = 0; i < n; i++) {
        size_t v = order[i];
        rk_frontier_row *row = &rows[f->report.n];
        rk_status status = read_model(f, v, row, err);
        status = status ? status : price_variant(planner, v, row, err);
        if (status == RK_BAD_INPUT) {
            rk_frontier_leave_out(f, v, err->message);
            *row = (rk_frontier_row){0};
            continue;
        }
        if (status) {
            return status;
        }
        size_t of = f->grid.variants[v].of;
        row_of[v] = f->report.n;
        f->variant_of[f->report.n] = v; /* at or before i, which has been read */
        row->of = of == v || f->variants[of].left_out ? f->report.n : row_of[of];
        f->report.n++;
    }
    return RK_OK;
}

rk_status rk_frontier_price(rk_frontier *f, rk_error *err)
{
    rk_frontier_planner planner;
    rk_status status = rk_frontier_planner_init(&planner, f, err);
    status = status ? status : make_rows(&planner, err);
    status = status ? status : list_omitted(f, err);
    if (!status && f->report.n == 0) {
        return rk_fail(err, RK_BAD_INPUT, "no variant is left; the first, %s: %.300s", f->report.omitted[0].name,
                       f->report.omitted[0].why);
    }
    return status;
}
