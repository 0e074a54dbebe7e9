/* estimator.c - see estimator.h: every service and element written on one tape, and what is asked of it.
 *
 * A service's fleet or an element is a part. A part none of whose costs varies is left to the ledger: its lines are
 * added up exactly, and cost nothing to draw. Of the others no line is used.
 */
#include "cost/estimator.h"

#include <stdlib.h>
#include <string.h>

#include "cost/driver.h"
#include "cost/element.h"
#include "cost/estimating.h"
#include "cost/ledger_parts.h"

struct rk_estimator {
    const rk_ledger *ledger;
    rk_tape *tape;
    rk_vec inputs, idle;                  /* const rk_plan_input * */
    rk_vec outputs;                       /* rk_estimated */
    uint32_t first_category, first_line; /* places in outputs; months start at 1 */
    uint32_t *line_of;                    /* [n_services] product line */
    uint32_t n_lines, n_columns;
    rk_vec peaks; /* uint32_t: services whose loads stand behind the outputs, in order */
};

/* One part at work. */
typedef struct {
    rk_estimator *out;
    rk_estimating e;
    bool *element_is_still, *fleet_is_still; /* [n_elements], [n_services] the ledger's lines serve */
    int64_t *sum;                            /* [n_outputs] millionths of those lines */
} builder;

/* ---- outputs ---- */

static bool add_output(rk_estimator *out, rk_dimension dimension, const char *name)
{
    return rk_vec_push(&out->outputs, &(rk_estimated){.dimension = dimension, .name = name});
}

/* The place of a product line among those of the services before s. */
static uint32_t find_line(const rk_estimator *out, uint32_t s)
{
    const rk_service *services = out->ledger->plan->services;
    for (uint32_t i = 0; i < s; i++) {
        if (strcmp(services[i].product_line, services[s].product_line) == 0) {
            return out->line_of[i];
        }
    }
    return out->n_lines;
}

static bool list_outputs(rk_estimator *out)
{
    const rk_plan *plan = out->ledger->plan;
    bool ok = add_output(out, RK_BY_MONTH, NULL);
    for (uint32_t m = 0; m < plan->n_months; m++) {
        ok = ok && add_output(out, RK_BY_MONTH, out->ledger->month[m]);
    }
    out->first_category = (uint32_t)out->outputs.n;
    for (int c = 0; c < (int)RK_N_CATEGORIES; c++) {
        ok = ok && add_output(out, RK_BY_CATEGORY, rk_category_name((rk_category)c));
    }
    out->first_line = (uint32_t)out->outputs.n;
    out->line_of = calloc(plan->n_services, sizeof *out->line_of);
    for (uint32_t s = 0; ok && out->line_of && s < plan->n_services; s++) {
        out->line_of[s] = find_line(out, s);
        if (out->line_of[s] == out->n_lines) {
            ok = add_output(out, RK_BY_PRODUCT_LINE, plan->services[s].product_line);
            out->n_lines++;
        }
    }
    return ok && out->line_of;
}

static void add_points(rk_estimator *out)
{
    rk_estimated *row = out->outputs.data;
    for (size_t i = 0; i < rk_ledger_n_lines(out->ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(out->ledger, i);
        row[0].point.micros += line->amount.micros;
        row[1 + line->month].point.micros += line->amount.micros;
        row[out->first_category + line->category].point.micros += line->amount.micros;
        row[out->first_line + out->line_of[line->service]].point.micros += line->amount.micros;
    }
}

/* ---- shares ---- */

static rk_figure weight_of(builder *b, const rk_element *element, uint32_t s, uint32_t m)
{
    return element->share_by == RK_SHARE_DRIVER ? rk_driver_figure(element->share_driver, &b->e, s, m)
           : element->share_by == RK_SHARE_MAP  ? rk_estimate_number(&b->e, &element->weights[s])
                                                : rk_tape_constant(b->e.tape, 1);
}

/* The part of a shared cost that the services of a product line bear. All weights zero: evenly. */
static rk_figure share_of(builder *b, const rk_element *element, uint32_t line, uint32_t m)
{
    rk_tape *tape = b->e.tape;
    uint32_t n = b->e.plan->n_services, n_own = 0;
    rk_figure own = rk_tape_constant(tape, 0), sum = own;
    for (uint32_t s = 0; s < n; s++) {
        rk_figure weight = weight_of(b, element, s, m);
        bool is_own = b->out->line_of[s] == line;
        n_own += is_own;
        sum = rk_tape_add(tape, sum, weight);
        own = is_own ? rk_tape_add(tape, own, weight) : own;
    }
    return b->out->n_lines == 1 ? rk_tape_constant(tape, 1)
                                : rk_tape_part(tape, own, sum, rk_tape_constant(tape, (double)n_own / n));
}

static bool varies(builder *b, const rk_estimated_cost *cost)
{
    bool any = !rk_tape_is_constant(b->e.tape, cost->amount, NULL);
    for (uint32_t p = 0; p < b->out->n_lines && cost->s == RK_ALL_SERVICES && !any; p++) {
        any = !rk_tape_is_constant(b->e.tape, share_of(b, cost->element, p, cost->m), NULL);
    }
    return any;
}

static void put_cost(builder *b, const rk_estimated_cost *cost)
{
    const rk_estimator *out = b->out;
    rk_tape_output(b->e.tape, 0, cost->amount, 1);
    rk_tape_output(b->e.tape, 1 + cost->m, cost->amount, 1);
    rk_tape_output(b->e.tape, out->first_category + cost->category, cost->amount, 1);
    if (cost->s != RK_ALL_SERVICES) {
        rk_tape_output(b->e.tape, out->first_line + out->line_of[cost->s], cost->amount, 1);
        return;
    }
    for (uint32_t p = 0; p < out->n_lines; p++) {
        rk_figure part = rk_tape_mul(b->e.tape, cost->amount, share_of(b, cost->element, p, cost->m));
        rk_tape_output(b->e.tape, out->first_line + p, part, 1);
    }
}

/* ---- parts ---- */

/* What was estimated since the last part ends here; *still: none of it varies. */
static void end_part(builder *b, bool *still)
{
    const rk_estimated_cost *cost = b->e.costs.data;
    bool any = false;
    for (size_t i = 0; i < b->e.costs.n && !any; i++) {
        any = varies(b, &cost[i]);
    }
    for (size_t i = 0; i < b->e.costs.n && any; i++) {
        put_cost(b, &cost[i]);
    }
    *still = !any;
    rk_vec_clear(&b->e.costs);
}

/* The lines of the parts that do not vary, as they stand. */
static void add_still_lines(builder *b)
{
    const rk_estimator *out = b->out;
    for (size_t i = 0; i < rk_ledger_n_lines(out->ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(out->ledger, i);
        if (line->ordinal ? b->element_is_still[line->ordinal - 1] : b->fleet_is_still[line->service]) {
            b->sum[0] += line->amount.micros;
            b->sum[1 + line->month] += line->amount.micros;
            b->sum[out->first_category + line->category] += line->amount.micros;
            b->sum[out->first_line + out->line_of[line->service]] += line->amount.micros;
        }
    }
    for (uint32_t i = 0; i < out->outputs.n; i++) {
        if (b->sum[i] != 0) {
            rk_tape_output(b->e.tape, i, rk_tape_constant(b->e.tape, 1), (double)b->sum[i] / 1e6);
        }
    }
}

static void estimate_demand(builder *b)
{
    const rk_plan *plan = b->e.plan;
    for (uint32_t s = 0; s < plan->n_services; s++) {
        for (uint32_t m = 0; m < plan->n_months; m++) {
            rk_estimated_days days;
            rk_estimate_days(&b->e, &plan->services[s].traffic, m, &days);
            b->e.requests[(size_t)s * plan->n_months + m] =
                rk_tape_mul(b->e.tape, rk_estimate_days_sum(&b->e, &days),
                            rk_estimate_scale(&b->e, &plan->services[s].traffic, m));
        }
    }
}

static rk_status estimate_fleets(builder *b, rk_error *err)
{
    rk_estimator *out = b->out;
    rk_status status = RK_OK;
    for (size_t i = 0; i < rk_ledger_n_fleets(out->ledger) && !status; i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(out->ledger, i);
        uint32_t s = fleet->service[0];
        rk_figure peak;
        status = rk_estimate_fleet(&b->e, fleet, &peak, err);
        end_part(b, &b->fleet_is_still[s]);
        for (uint32_t k = 1; k < fleet->n_services; k++) {
            b->fleet_is_still[fleet->service[k]] = b->fleet_is_still[s];
        }
        if (!rk_tape_is_constant(b->e.tape, peak, NULL)) {
            rk_tape_output(b->e.tape, (uint32_t)(out->outputs.n + out->peaks.n), peak, 1);
            b->e.failed = !rk_vec_push(&out->peaks, &s) || b->e.failed;
        }
    }
    return status;
}

static rk_status estimate_element(builder *b, const rk_element *element, bool *still, rk_error *err)
{
    if (!element->kind->estimate) {
        return rk_fail_at(err, element->at, "element '%.60s' is of the kind '%s', whose cost cannot be drawn",
                          element->name, element->kind->name);
    }
    for (uint32_t m = 0; m < b->e.plan->n_months; m++) {
        if (rk_element_is_due(b->e.plan, element, m)) {
            element->kind->estimate(&b->e, element, m);
        }
    }
    end_part(b, still);
    return RK_OK;
}

static rk_status estimate_elements(builder *b, rk_error *err)
{
    const rk_plan *plan = b->e.plan;
    rk_status status = RK_OK;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < plan->n_elements && !status; i++) {
            if (rk_element_comes_last(&plan->elements[i]) == (pass == 1)) {
                status = estimate_element(b, &plan->elements[i], &b->element_is_still[i], err);
            }
        }
    }
    return status;
}

/* ---- the whole ---- */

static bool list_inputs(builder *b)
{
    rk_estimator *out = b->out;
    const rk_plan_input *input = b->e.plan->uncertain.data;
    bool ok = true;
    for (size_t i = 0; i < b->e.plan->uncertain.n; i++) {
        const rk_plan_input *at = &input[i];
        ok = ok && (b->e.column[i] != UINT32_MAX || rk_vec_push(&out->idle, &at));
    }
    const rk_plan_input **used = ok ? rk_vec_extend(&out->inputs, NULL, b->e.n_inputs) : NULL;
    for (size_t i = 0; i < b->e.plan->uncertain.n && used; i++) {
        if (b->e.column[i] != UINT32_MAX) {
            used[b->e.column[i]] = &input[i];
        }
    }
    return used || (ok && b->e.n_inputs == 0);
}

static rk_status build(builder *b, rk_error *err)
{
    rk_estimator *out = b->out;
    estimate_demand(b);
    rk_status status = estimate_fleets(b, err);
    status = status ? status : estimate_elements(b, err);
    if (status) {
        return status;
    }
    add_still_lines(b);
    out->n_columns = (uint32_t)(out->outputs.n + out->peaks.n);
    if (b->e.failed || !list_inputs(b)) {
        return rk_fail_memory(err, "an estimate");
    }
    return rk_tape_finish(b->e.tape, out->n_columns, err);
}

static bool prepare(builder *b)
{
    const rk_plan *plan = b->e.plan;
    size_t n = (size_t)plan->n_services * plan->n_months;
    b->e.costs.item_bytes = sizeof(rk_estimated_cost);
    b->e.requests = calloc(3 * n, sizeof *b->e.requests); /* figure 0 is the constant 0 */
    b->e.machine_hours = b->e.requests ? b->e.requests + n : NULL;
    b->e.direct = b->e.requests ? b->e.requests + 2 * n : NULL;
    b->e.column = malloc((plan->uncertain.n + 1) * sizeof *b->e.column);
    b->element_is_still = calloc((size_t)plan->n_elements + plan->n_services + 1, sizeof *b->element_is_still);
    b->fleet_is_still = b->element_is_still ? b->element_is_still + plan->n_elements : NULL;
    b->sum = calloc(b->out->outputs.n, sizeof *b->sum);
    if (b->e.column) {
        memset(b->e.column, 0xff, plan->uncertain.n * sizeof *b->e.column);
    }
    return b->e.requests && b->e.column && b->element_is_still && b->sum;
}

rk_status rk_estimator_new(const rk_ledger *ledger, rk_estimator **out, rk_error *err)
{
    rk_estimator *estimator = calloc(1, sizeof *estimator);
    if (!estimator) {
        return rk_fail_memory(err, "an estimate");
    }
    estimator->ledger = ledger;
    estimator->inputs.item_bytes = estimator->idle.item_bytes = sizeof(const rk_plan_input *);
    estimator->outputs.item_bytes = sizeof(rk_estimated);
    estimator->peaks.item_bytes = sizeof(uint32_t);
    estimator->tape = rk_tape_new();
    rk_status status = RK_NO_MEMORY;
    if (estimator->tape && list_outputs(estimator)) {
        builder b = {.out = estimator, .e = {.plan = ledger->plan, .ledger = ledger, .tape = estimator->tape}};
        add_points(estimator);
        status = prepare(&b) ? build(&b, err) : rk_fail_memory(err, "an estimate");
        rk_vec_release(&b.e.costs);
        free(b.e.requests);
        free(b.e.column);
        free(b.element_is_still);
        free(b.sum);
    } else {
        status = rk_fail_memory(err, "an estimate");
    }
    if (status) {
        rk_estimator_free(estimator);
        return status;
    }
    *out = estimator;
    return RK_OK;
}

void rk_estimator_free(rk_estimator *estimator)
{
    if (estimator) {
        rk_tape_free(estimator->tape);
        rk_vec_release(&estimator->inputs);
        rk_vec_release(&estimator->idle);
        rk_vec_release(&estimator->outputs);
        rk_vec_release(&estimator->peaks);
        free(estimator->line_of);
        free(estimator);
    }
}

/* ---- asking ---- */

size_t rk_estimator_n_inputs(const rk_estimator *estimator) { return estimator->inputs.n; }

const rk_plan_input *rk_estimator_input(const rk_estimator *estimator, size_t i)
{
    return ((const rk_plan_input *const *)estimator->inputs.data)[i];
}

size_t rk_estimator_n_idle(const rk_estimator *estimator) { return estimator->idle.n; }

const rk_plan_input *rk_estimator_idle(const rk_estimator *estimator, size_t i)
{
    return ((const rk_plan_input *const *)estimator->idle.data)[i];
}

size_t rk_estimator_n_outputs(const rk_estimator *estimator) { return estimator->outputs.n; }

const rk_estimated *rk_estimator_output(const rk_estimator *estimator, size_t i)
{
    return (const rk_estimated *)estimator->outputs.data + i;
}

size_t rk_estimator_n_columns(const rk_estimator *estimator) { return estimator->n_columns; }

size_t rk_estimator_room(const rk_estimator *estimator) { return rk_tape_room(estimator->tape); }

void rk_estimator_prepare(const rk_estimator *estimator, double *room) { rk_tape_prepare(estimator->tape, room); }

void rk_estimator_run(const rk_estimator *estimator, const double *inputs, double *outputs, double *room)
{
    rk_tape_run(estimator->tape, inputs, outputs, room);
}

size_t rk_estimator_n_steps(const rk_estimator *estimator) { return rk_tape_n_steps(estimator->tape); }

const char *rk_estimator_overrun(const rk_estimator *estimator, const double *outputs, size_t n)
{
    for (size_t k = 0; k < estimator->peaks.n; k++) {
        const double *peak = outputs + (estimator->outputs.n + k) * RK_TAPE_LANES;
        for (size_t i = 0; i < n; i++) {
            if (!(peak[i] <= RK_MACHINES_MAX)) {
                return estimator->ledger->plan->services[((const uint32_t *)estimator->peaks.data)[k]].name;
            }
        }
    }
    return NULL;
}
