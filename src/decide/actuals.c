/* actuals.c - see actuals.h. */
#include "decide/actuals.h"

#include <gmp.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "math/rational.h"

typedef struct {
    const rk_ledger *ledger;
    rk_actuals *out;
    rk_interner *names;
    rk_vec rows; /* rk_actual_row */
    bool *is_closed;
} work;

/* ---- rows ---- */

static rk_status no_memory(rk_error *err) { return rk_fail_memory(err, "actual costs"); }

static rk_status too_large(rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "actual costs are absurdly large: they do not fit 64-bit millionths");
}

static bool add_to(rk_money *sum, rk_money part) { return rk_money_add(*sum, part, sum); }

/* The row of an element, made when it is new; NULL when memory is short. */
static rk_actual_row *row_of(work *w, const char *element)
{
    uint32_t id = rk_interner_add(w->names, rk_slice_of(element ? element : "\n"));
    if (id == w->rows.n) {
        rk_actual_row row = {.element = element,
                             .basis = element ? RK_ACTUAL_AS_PLANNED : RK_ACTUAL_UNPLANNED,
                             .planned = RK_TAKE(&w->out->arena, rk_money, w->out->n_months),
                             .outlook = RK_TAKE(&w->out->arena, rk_money, w->out->n_months)};
        if (!row.planned || !row.outlook || !rk_vec_push(&w->rows, &row)) {
            return NULL;
        }
    }
    return id == RK_NO_ID ? NULL : (rk_actual_row *)w->rows.data + id;
}

static rk_status take_plan(work *w, rk_error *err)
{
    for (size_t i = 0; i < rk_ledger_n_lines(w->ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(w->ledger, i);
        rk_actual_row *row = row_of(w, line->element);
        if (!row) {
            return no_memory(err);
        }
        row->planned[line->month].micros += line->amount.micros; /* the ledger's total fits */
    }
    return RK_OK;
}

/* An element that has a rule is billed, also in months in which no bill names it. */
static rk_status mark_billed(work *w, const rk_reconciliation *r, rk_error *err)
{
    for (size_t i = 0; i < r->n_rules; i++) {
        rk_actual_row *row = row_of(w, rk_reconcile_rule(w->ledger, i));
        if (!row) {
            return no_memory(err);
        }
        row->basis = RK_ACTUAL_BILLED;
    }
    return RK_OK;
}

static rk_status take_bill(work *w, const rk_reconciliation *r, rk_error *err)
{
    rk_status status = mark_billed(w, r, err);
    for (size_t i = 0; i < r->n_matched && !status; i++) {
        rk_actual_row *row = row_of(w, r->rows[i].element);
        if (!row) {
            return no_memory(err);
        }
        bool counts = w->is_closed[r->rows[i].month];
        status = counts && !add_to(&row->outlook[r->rows[i].month], r->rows[i].actual) ? too_large(err) : RK_OK;
    }
    for (uint32_t m = 0; m < w->out->n_months && !status; m++) {
        rk_money part = r->unbooked_by_month[m];
        rk_actual_row *row = part.micros != 0 && w->is_closed[m] ? row_of(w, NULL) : NULL;
        if (part.micros != 0 && w->is_closed[m]) {
            status = !row ? no_memory(err) : add_to(&row->outlook[m], part) ? RK_OK : too_large(err);
        }
    }
    return status;
}

static rk_status close_months(work *w, const rk_reconciliation *const *r, size_t n, uint32_t n_closed_max, rk_error *err)
{
    for (uint32_t m = 0; m < w->out->n_months && m < n_closed_max; m++) {
        for (size_t i = 0; i < n; i++) {
            w->is_closed[m] = w->is_closed[m] || r[i]->compared[m];
        }
        w->out->n_closed += w->is_closed[m];
    }
    return w->out->n_closed > 0 ? RK_OK
                                : rk_fail(err, RK_BAD_INPUT, "no bill reaches a month of the plan that may be closed");
}

/* ---- rolling forward ---- */

/* planned x factor, or the mean where nothing was planned so far. */
static bool roll_month(const rk_actual_row *row, uint32_t n_closed, rk_money planned, rk_money *out)
{
    bool has_plan = row->planned_closed.micros > 0;
    mpq_t value, part;
    mpq_inits(value, part, NULL);
    rk_rational_set_micros(value, row->actual_closed.micros);
    mpq_set_ui(part, n_closed, 1);
    if (has_plan) {
        rk_rational_set_micros(part, row->planned_closed.micros);
    }
    mpq_div(value, value, part);
    if (has_plan) {
        rk_rational_set_micros(part, planned.micros);
        mpq_mul(value, value, part);
    }
    bool fits = rk_rational_micros(value, &out->micros);
    mpq_clears(value, part, NULL);
    return fits;
}

static bool outlook_month(const work *w, const rk_actual_row *row, rk_roll roll, uint32_t m)
{
    rk_money planned = row->planned[m], *out = &row->outlook[m];
    if (row->basis == RK_ACTUAL_AS_PLANNED || (!w->is_closed[m] && roll == RK_ROLL_PLAN)) {
        *out = planned;
        return true;
    }
    return w->is_closed[m] || roll_month(row, w->out->n_closed, planned, out);
}

static bool sum_closed(const work *w, rk_actual_row *row)
{
    bool fits = true;
    for (uint32_t m = 0; m < w->out->n_months && fits; m++) {
        if (w->is_closed[m]) {
            rk_money actual = row->basis == RK_ACTUAL_AS_PLANNED ? row->planned[m] : row->outlook[m];
            fits = add_to(&row->planned_closed, row->planned[m]) && add_to(&row->actual_closed, actual);
        }
    }
    return fits;
}

static bool finish_row(const work *w, rk_actual_row *row, rk_roll roll, rk_money *planned, rk_money *outlook)
{
    rk_actuals *out = w->out;
    bool fits = sum_closed(w, row);
    for (uint32_t m = 0; m < out->n_months && fits; m++) {
        fits = outlook_month(w, row, roll, m) && add_to(&planned[m], row->planned[m]) &&
               add_to(&outlook[m], row->outlook[m]) && add_to(&row->planned_total, row->planned[m]) &&
               add_to(&row->outlook_total, row->outlook[m]);
    }
    return fits && add_to(&out->planned_closed, row->planned_closed) &&
           add_to(&out->actual_closed, row->actual_closed) && add_to(&out->planned_total, row->planned_total) &&
           add_to(&out->outlook_total, row->outlook_total);
}

static rk_status finish(work *w, rk_roll roll, rk_error *err)
{
    rk_actuals *out = w->out;
    rk_money *planned = RK_TAKE(&out->arena, rk_money, out->n_months);
    rk_money *outlook = RK_TAKE(&out->arena, rk_money, out->n_months);
    out->rows = RK_TAKE(&out->arena, rk_actual_row, w->rows.n);
    if (!planned || !outlook || !out->rows) {
        return no_memory(err);
    }
    for (size_t i = 0; i < w->rows.n; i++) {
        rk_actual_row *row = (rk_actual_row *)w->rows.data + i;
        if (!finish_row(w, row, roll, planned, outlook)) {
            return too_large(err);
        }
    }
    memcpy(out->rows, w->rows.data, w->rows.n * sizeof *out->rows);
    out->n_rows = w->rows.n;
    out->planned = planned;
    out->outlook = outlook;
    out->is_closed = w->is_closed;
    return RK_OK;
}

rk_status rk_actuals_find(const rk_ledger *ledger, const rk_reconciliation *const *reconciliations, size_t n,
                          rk_roll roll, uint32_t n_closed_max, rk_actuals *out, rk_error *err)
{
    *out = (rk_actuals){.n_months = rk_ledger_n_months(ledger)};
    work w = {.ledger = ledger,
              .out = out,
              .names = rk_interner_new(),
              .rows = {.item_bytes = sizeof(rk_actual_row)},
              .is_closed = RK_TAKE(&out->arena, bool, out->n_months)};
    rk_status status = w.names && w.is_closed ? RK_OK : no_memory(err);
    status = status ? status : close_months(&w, reconciliations, n, n_closed_max, err);
    status = status ? status : take_plan(&w, err);
    for (size_t i = 0; i < n && !status; i++) {
        status = take_bill(&w, reconciliations[i], err);
    }
    status = status ? status : finish(&w, roll, err);
    rk_interner_free(w.names);
    rk_vec_release(&w.rows);
    if (status) {
        rk_actuals_release(out);
    }
    return status;
}

void rk_actuals_release(rk_actuals *actuals) { rk_arena_release(&actuals->arena); }

/* ---- for machines ---- */

static const char *basis_name(rk_actual_basis basis)
{
    static const char *const names[] = {"billed", "as planned", "in no element"};
    return names[basis];
}

static void add_months(const rk_actuals *a, const char *key, const rk_money *months, rk_json *json)
{
    rk_json_array(json, key);
    for (uint32_t m = 0; m < a->n_months; m++) {
        rk_json_i64(json, NULL, months[m].micros);
    }
    rk_json_end_array(json);
}

void rk_actuals_json(const rk_ledger *ledger, const rk_actuals *a, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", rk_ledger_name(ledger));
    rk_json_cstring(&json, "currency", rk_ledger_currency(ledger));
    rk_json_array(&json, "closed");
    for (uint32_t m = 0; m < a->n_months; m++) {
        if (a->is_closed[m]) {
            rk_json_cstring(&json, NULL, rk_ledger_month(ledger, m));
        }
    }
    rk_json_end_array(&json);
    rk_json_i64(&json, "planned_closed", a->planned_closed.micros);
    rk_json_i64(&json, "actual_closed", a->actual_closed.micros);
    rk_json_i64(&json, "planned_total", a->planned_total.micros);
    rk_json_i64(&json, "outlook_total", a->outlook_total.micros);
    add_months(a, "planned", a->planned, &json);
    add_months(a, "outlook", a->outlook, &json);
    rk_json_array(&json, "elements");
    for (size_t i = 0; i < a->n_rows; i++) {
        const rk_actual_row *row = &a->rows[i];
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "element", row->element);
        rk_json_cstring(&json, "basis", basis_name(row->basis));
        add_months(a, "planned", row->planned, &json);
        add_months(a, "outlook", row->outlook, &json);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

static void add_amount(rk_text *out, rk_money amount)
{
    rk_text_add(out, ",");
    rk_money_print_exact(amount, out);
}

void rk_actuals_csv(const rk_ledger *ledger, const rk_actuals *a, rk_text *out)
{
    rk_text_add(out, "element,basis,month,is_closed,planned,outlook\n");
    for (size_t i = 0; i < a->n_rows; i++) {
        const rk_actual_row *row = &a->rows[i];
        for (uint32_t m = 0; m < a->n_months; m++) {
            rk_text_add_cell(out, rk_slice_of(row->element ? row->element : ""), true);
            rk_text_addf(out, ",%s,%s,%d", basis_name(row->basis), rk_ledger_month(ledger, m), a->is_closed[m]);
            add_amount(out, row->planned[m]);
            add_amount(out, row->outlook[m]);
            rk_text_add(out, "\n");
        }
    }
}
