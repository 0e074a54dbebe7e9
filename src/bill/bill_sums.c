/* bill_sums.c - see bill_sums.h. */
#include "bill/bill_sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "bill/focus.h"

typedef struct {
    rk_bill *bill;
    const rk_bill_row *row;
    rk_bill_sums *out;
    rk_interner *keys; /* of sums */
    mpq_t value;
} work;

static rk_bill_cell cell_of(const work *w, rk_focus_column c) { return rk_bill_cell_of(w->bill, w->row, c); }

static rk_status bad_cell(const work *w, rk_focus_column c, const char *wanted, rk_error *err)
{
    rk_slice text = cell_of(w, c).text;
    return rk_fail_at(err, (rk_place){rk_bill_name(w->bill), w->row->line, 0}, "%s must be %s, got '%.*s'",
                      rk_focus_columns[c].name, wanted, (int)(text.n < 40 ? text.n : 40), text.n > 0 ? text.at : "");
}

static rk_status no_memory(rk_error *err) { return rk_fail_memory(err, "the sums of a bill"); }

static rk_status check_columns(const rk_bill *bill, rk_error *err)
{
    static const rk_focus_column needed[] = {RK_F_EFFECTIVE_COST, RK_F_BILLING_CURRENCY, RK_F_CHARGE_PERIOD_START,
                                             RK_F_SERVICE_NAME};
    for (size_t i = 0; i < RK_COUNT_OF(needed); i++) {
        if (rk_bill_find(bill, needed[i]) < 0) {
            return rk_fail_at(err, (rk_place){rk_bill_name(bill), 1, 0}, "the bill has no column '%s'",
                              rk_focus_columns[needed[i]].name);
        }
    }
    return RK_OK;
}

static rk_status take_currency(work *w, rk_error *err)
{
    rk_bill_cell cell = cell_of(w, RK_F_BILLING_CURRENCY);
    if (cell.is_null || cell.text.n != 3) {
        return bad_cell(w, RK_F_BILLING_CURRENCY, "three letters", err);
    }
    if (!*w->out->currency) {
        const char *kept = rk_arena_copy(&w->out->arena, cell.text.at, cell.text.n);
        w->out->currency = kept ? kept : "";
        return kept ? RK_OK : no_memory(err);
    }
    return rk_slice_is(cell.text, w->out->currency)
               ? RK_OK
               : rk_fail_at(err, (rk_place){rk_bill_name(w->bill), w->row->line, 0},
                            "the bill is in %s and, here, in '%.*s'; give each currency a bill of its own",
                            w->out->currency, (int)cell.text.n, cell.text.at);
}

static rk_status take_month(work *w, rk_error *err)
{
    rk_bill_cell cell = cell_of(w, RK_F_CHARGE_PERIOD_START);
    int64_t start = 0;
    int year;
    unsigned month, day;
    if (cell.is_null || rk_bill_time(cell.text, &start) == RK_CELL_BAD) {
        return bad_cell(w, RK_F_CHARGE_PERIOD_START, "a time like 2026-10-01T00:00:00Z", err);
    }
    rk_date_of_days((start - ((start % 86400) + 86400) % 86400) / 86400, &year, &month, &day);
    int32_t index = (int32_t)year * 12 + (int32_t)month - 1;
    bool is_first = w->out->n_rows == 0;
    w->out->first_month = is_first || index < w->out->first_month ? index : w->out->first_month;
    w->out->last_month = is_first || index > w->out->last_month ? index : w->out->last_month;
    return RK_OK;
}

/* NULL and *ok false when memory is short; NULL of a null. */
static const char *keep(work *w, rk_bill_cell cell, bool *ok)
{
    const char *kept =
        cell.is_null ? NULL : rk_arena_copy(&w->out->arena, cell.text.n ? cell.text.at : "", cell.text.n);
    *ok = *ok && (cell.is_null || kept);
    return kept;
}

/* The sum that the line belongs to; NULL when memory is short. */
static rk_bill_sum *sum_of(work *w)
{
    rk_bill_cell service = cell_of(w, RK_F_SERVICE_NAME), unit = cell_of(w, RK_F_PRICING_UNIT);
    rk_bill_cell category = cell_of(w, RK_F_SERVICE_CATEGORY);
    rk_text key = {0};
    rk_text_add(&key, service.is_null ? "-" : "+");
    rk_text_add_slice(&key, service.text);
    rk_text_add(&key, unit.is_null ? "\n-" : "\n+");
    rk_text_add_slice(&key, unit.text);
    uint32_t id = key.failed ? RK_NO_ID : rk_interner_add(w->keys, (rk_slice){key.at, key.n});
    rk_text_release(&key);
    if (id == RK_NO_ID || id < w->out->sums.n) {
        return id == RK_NO_ID ? NULL : (rk_bill_sum *)w->out->sums.data + id;
    }
    bool ok = true;
    rk_bill_sum sum = {
        .service = keep(w, service, &ok), .unit = keep(w, unit, &ok), .category = keep(w, category, &ok)};
    rk_bill_sum *new = ok ? rk_vec_extend(&w->out->sums, NULL, 1) : NULL;
    if (new) {
        *new = sum;
        new->category = new->category ? new->category : "";
        mpq_inits(new->cost, new->quantity, NULL);
    }
    return new;
}

static rk_status take_line(work *w, rk_error *err)
{
    rk_bill_cell cost = cell_of(w, RK_F_EFFECTIVE_COST), quantity = cell_of(w, RK_F_PRICING_QUANTITY);
    if (cost.is_null) {
        return RK_OK;
    }
    if (rk_bill_number(cost.text, w->value) == RK_CELL_BAD) {
        return bad_cell(w, RK_F_EFFECTIVE_COST, "a number", err);
    }
    rk_status status = take_currency(w, err);
    status = status ? status : take_month(w, err);
    if (status) {
        return status;
    }
    rk_bill_sum *sum = sum_of(w);
    if (!sum) {
        return no_memory(err);
    }
    mpq_add(sum->cost, sum->cost, w->value);
    if (!quantity.is_null && rk_bill_number(quantity.text, w->value) == RK_CELL_BAD) {
        return bad_cell(w, RK_F_PRICING_QUANTITY, "a number", err);
    }
    if (!quantity.is_null) {
        mpq_add(sum->quantity, sum->quantity, w->value);
    }
    sum->n_lines++;
    w->out->n_rows++;
    return RK_OK;
}

/* The dearest first, equal ones in the order of their memory. */
static int by_cost(const void *a, const void *b)
{
    const rk_bill_sum *x = *(rk_bill_sum *const *)a, *y = *(rk_bill_sum *const *)b;
    int order = mpq_cmp(y->cost, x->cost);
    return order != 0 ? order : (x > y) - (x < y);
}

static rk_status sort(rk_bill_sums *out, rk_error *err)
{
    size_t n = out->sums.n;
    rk_bill_sum *data = out->sums.data, **order = calloc(n + 1, sizeof *order);
    rk_bill_sum *sorted = calloc(n + 1, sizeof *sorted);
    if (order && sorted && n > 0) {
        for (size_t i = 0; i < n; i++) {
            order[i] = &data[i];
        }
        qsort(order, n, sizeof *order, by_cost);
        for (size_t i = 0; i < n; i++) {
            sorted[i] = *order[i];
        }
        memcpy(data, sorted, n * sizeof *data);
    }
    bool ok = order && sorted;
    free(order);
    free(sorted);
    return ok ? RK_OK : no_memory(err);
}

rk_status rk_bill_sums_make(rk_bill *bill, const rk_run *run, rk_bill_sums *out, rk_error *err)
{
    *out = (rk_bill_sums){.sums = {.item_bytes = sizeof(rk_bill_sum)}, .currency = ""};
    work w = {.bill = bill, .out = out, .keys = rk_interner_new()};
    mpq_init(w.value);
    rk_status status = w.keys ? check_columns(bill, err) : no_memory(err);
    status = status ? status : rk_bill_next(bill, &w.row, err);
    for (uint64_t n = 1; !status && w.row; n++) {
        status = take_line(&w, err);
        if (n % 10000 == 0) {
            rk_progress(run, "reading the bill", "rows", n, 0);
        }
        status = status ? status : rk_bill_next(bill, &w.row, err);
    }
    status = status ? status : sort(out, err);
    mpq_clear(w.value);
    rk_interner_free(w.keys);
    if (status) {
        rk_bill_sums_release(out);
    }
    return status;
}

void rk_bill_sums_release(rk_bill_sums *sums)
{
    for (size_t i = 0; i < sums->sums.n; i++) {
        rk_bill_sum *sum = (rk_bill_sum *)sums->sums.data + i;
        mpq_clears(sum->cost, sum->quantity, NULL);
    }
    rk_vec_release(&sums->sums);
    rk_arena_release(&sums->arena);
    *sums = (rk_bill_sums){.currency = NULL};
}

const rk_bill_sum *rk_bill_sums_at(const rk_bill_sums *sums, size_t i)
{
    return (const rk_bill_sum *)sums->sums.data + i;
}
