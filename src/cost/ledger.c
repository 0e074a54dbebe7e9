/* ledger.c - the list of lines and the questions asked of it. */
#include "cost/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "cost/ledger_parts.h"
#include "math/rational.h"

/* ---- names ---- */

const char *rk_category_name(rk_category category)
{
    static const char *const names[RK_N_CATEGORIES] = {"hardware", "software", "data", "labour", "operations"};
    return names[category];
}

const char *rk_layer_name(rk_layer layer)
{
    static const char *const names[RK_N_LAYERS] = {"data", "model", "service", "application"};
    return names[layer];
}

const char *rk_behaviour_name(rk_behaviour behaviour)
{
    static const char *const names[] = {"fixed", "step", "variable"};
    return names[behaviour];
}

const char *rk_origin_name(rk_origin origin)
{
    static const char *const names[] = {"measured", "priced", "assumed", "billed"};
    return names[origin];
}

const char *rk_spend_name(rk_spend spend)
{
    static const char *const names[] = {"opex", "capex"};
    return names[spend];
}

const char *rk_basis_name(rk_basis basis)
{
    static const char *const names[] = {"accrual", "cash"};
    return names[basis];
}

/* ---- making ---- */

static bool allocate(rk_ledger *ledger)
{
    const rk_plan *plan = ledger->plan;
    size_t n = (size_t)plan->n_services * plan->n_months;
    ledger->lines.item_bytes = sizeof(rk_cost_line);
    ledger->paid.item_bytes = sizeof(rk_cost_line);
    ledger->carried.item_bytes = sizeof(rk_cost_line);
    ledger->fleets.item_bytes = sizeof(rk_cost_fleet);
    ledger->ids = rk_interner_new();
    ledger->paid_ids = rk_interner_new();
    ledger->services = RK_TAKE(&ledger->arena, rk_cost_service, plan->n_services);
    ledger->months = RK_TAKE(&ledger->arena, rk_fleet_month, n);
    ledger->month = rk_arena_take(&ledger->arena, plan->n_months, sizeof *ledger->month, 1);
    ledger->year = rk_arena_take(&ledger->arena, plan->n_months, sizeof *ledger->year, 1);
    return ledger->ids && ledger->paid_ids && ledger->services && ledger->months && ledger->month && ledger->year;
}

static void name_services(rk_ledger *ledger)
{
    const rk_plan *plan = ledger->plan;
    for (uint32_t s = 0; s < plan->n_services; s++) {
        const rk_service *from = &plan->services[s];
        ledger->services[s] = (rk_cost_service){.name = from->name,
                                                .product_line = from->product_line,
                                                .machine = from->fleet.machine,
                                                .capacity_rps = rk_rational_real(from->capacity.rps),
                                                .capacity_origin = from->capacity.origin,
                                                .capacity_words = from->capacity.words,
                                                .months = ledger->months + (size_t)s * plan->n_months};
    }
    for (uint32_t m = 0; m < plan->n_months; m++) {
        rk_plan_month(plan, m, ledger->month[m]);
        memcpy(ledger->year[m], ledger->month[m], 4); /* the arena's bytes are 0 */
    }
}

rk_status rk_ledger_new(rk_plan *plan, rk_ledger **out, rk_error *err)
{
    rk_ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger) {
        rk_plan_free(plan);
        return rk_fail_memory(err, "a ledger");
    }
    ledger->plan = plan;
    if (!allocate(ledger)) {
        rk_ledger_free(ledger);
        return rk_fail_memory(err, "a ledger");
    }
    name_services(ledger);
    *out = ledger;
    return RK_OK;
}

void rk_ledger_free(rk_ledger *ledger)
{
    if (ledger) {
        rk_ledger_free_units(ledger);
        rk_plan_free(ledger->plan);
        rk_vec_release(&ledger->lines);
        rk_vec_release(&ledger->paid);
        rk_vec_release(&ledger->carried);
        rk_vec_release(&ledger->fleets);
        rk_interner_free(ledger->ids);
        rk_interner_free(ledger->paid_ids);
        rk_arena_release(&ledger->arena);
        free(ledger);
    }
}

/* Letters and digits stay, capitals become small, runs of anything else in ASCII become one dash. */
static void add_slug(rk_text *out, const char *words)
{
    size_t start = out->n;
    for (const char *c = words; *c; c++) {
        char low = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        bool keeps = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || (unsigned char)low >= 0x80;
        bool needs_dash = !keeps && out->n > start && out->at[out->n - 1] != '-';
        if (keeps || needs_dash) {
            rk_text_add_slice(out, (rk_slice){keeps ? &low : "-", 1});
        }
    }
    if (out->n > start && out->at[out->n - 1] == '-') {
        out->at[--out->n] = '\0';
    }
}

/* "2026-10/event-log/recommend", "2026-10/paid/new-server-purchase/search"; a second of the same name gets "~2". */
static const char *make_id(rk_ledger *ledger, rk_interner *ids, const char *mark, const rk_cost_line *line)
{
    rk_text id = {0};
    const char *kept = NULL;
    rk_text_addf(&id, "%s/%s", ledger->month[line->month], mark);
    add_slug(&id, line->element);
    rk_text_add(&id, "/");
    add_slug(&id, line->service_name);
    size_t base = id.n;
    for (unsigned i = 2; !id.failed && rk_interner_find(ids, (rk_slice){id.at, id.n}) != RK_NO_ID; i++) {
        id.n = base;
        rk_text_addf(&id, "~%u", i);
    }
    if (!id.failed && rk_interner_add(ids, (rk_slice){id.at, id.n}) != RK_NO_ID) {
        kept = rk_arena_copy(&ledger->arena, id.at, id.n);
    }
    rk_text_release(&id);
    return kept;
}

/* The totals with this line; false when one does not fit. What is paid or carried has half the room, so that opening
 * and payments of an element can be added. */
static bool add_totals(rk_ledger *ledger, rk_ledger_list list, const rk_cost_line *line)
{
    int64_t amount = line->amount.micros, half = INT64_MAX / 2;
    int64_t total = ledger->total_micros, cash = ledger->cash_micros, carried = ledger->carried_micros;
    bool fits = (list == RK_LIST_LINES || amount <= half) &&
                !__builtin_add_overflow(total, list == RK_LIST_LINES ? amount : 0, &total) &&
                !__builtin_add_overflow(cash, line->is_cash ? amount : 0, &cash) && (list != RK_LIST_PAID || cash <= half) &&
                !__builtin_add_overflow(carried, list == RK_LIST_CARRIED ? amount : 0, &carried) && carried <= half;
    if (fits) {
        ledger->total_micros = total;
        ledger->cash_micros = cash;
        ledger->carried_micros = carried;
    }
    return fits;
}

rk_status rk_ledger_add(rk_ledger *ledger, rk_ledger_list list, const rk_cost_line *line, rk_error *err)
{
    rk_cost_line kept = *line;
    rk_vec *rows = list == RK_LIST_LINES ? &ledger->lines : list == RK_LIST_PAID ? &ledger->paid : &ledger->carried;
    if (rows->n >= RK_LINES_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "the plan makes more than %d lines", RK_LINES_MAX);
    }
    if (!add_totals(ledger, list, line)) {
        return rk_fail(err, RK_BAD_INPUT, "the total is absurdly large: it does not fit 64-bit millionths");
    }
    kept.id = list == RK_LIST_LINES  ? make_id(ledger, ledger->ids, "", line)
              : list == RK_LIST_PAID ? make_id(ledger, ledger->paid_ids, "paid/", line)
                                     : ""; /* nobody asks for what is carried by name */
    return kept.id && rk_vec_push(rows, &kept) ? RK_OK : rk_fail_memory(err, "a ledger");
}

/* ---- asking ---- */

const char *rk_ledger_name(const rk_ledger *ledger) { return ledger->plan->name; }
const char *rk_ledger_currency(const rk_ledger *ledger) { return ledger->plan->currency; }
uint32_t rk_ledger_n_months(const rk_ledger *ledger) { return ledger->plan->n_months; }
const char *rk_ledger_month(const rk_ledger *ledger, uint32_t month) { return ledger->month[month]; }
size_t rk_ledger_n_lines(const rk_ledger *ledger) { return ledger->lines.n; }
uint32_t rk_ledger_n_services(const rk_ledger *ledger) { return ledger->plan->n_services; }
const rk_cost_service *rk_ledger_service(const rk_ledger *ledger, uint32_t i) { return &ledger->services[i]; }
int64_t rk_ledger_month_hours(const rk_ledger *ledger, uint32_t month)
{
    return 24 * (int64_t)rk_plan_days(ledger->plan, month);
}

size_t rk_ledger_n_fleets(const rk_ledger *ledger) { return ledger->fleets.n; }
size_t rk_ledger_n_notes(const rk_ledger *ledger) { return ledger->plan->notes.n; }
size_t rk_ledger_n_payments(const rk_ledger *ledger) { return ledger->paid.n; }
rk_money rk_ledger_total(const rk_ledger *ledger) { return (rk_money){ledger->total_micros}; }
rk_money rk_ledger_cash(const rk_ledger *ledger) { return (rk_money){ledger->cash_micros}; }

const rk_cost_fleet *rk_ledger_fleet(const rk_ledger *ledger, size_t i)
{
    return (const rk_cost_fleet *)ledger->fleets.data + i;
}

const char *rk_ledger_note(const rk_ledger *ledger, size_t i)
{
    return ((const char *const *)ledger->plan->notes.data)[i];
}

const rk_cost_line *rk_ledger_line(const rk_ledger *ledger, size_t i)
{
    return (const rk_cost_line *)ledger->lines.data + i;
}

const rk_cost_line *rk_ledger_payment(const rk_ledger *ledger, size_t i)
{
    return (const rk_cost_line *)ledger->paid.data + i;
}

size_t rk_ledger_n_entries(const rk_ledger *ledger, rk_basis basis)
{
    return ledger->lines.n + (basis == RK_CASH ? ledger->paid.n : 0);
}

const rk_cost_line *rk_ledger_entry(const rk_ledger *ledger, rk_basis basis, size_t i)
{
    if (i >= ledger->lines.n) {
        return rk_ledger_payment(ledger, i - ledger->lines.n);
    }
    const rk_cost_line *line = rk_ledger_line(ledger, i);
    return basis == RK_ACCRUAL || line->is_cash ? line : NULL;
}

/* A line's id is never a payment's: no part of it holds a slash. */
const rk_cost_line *rk_ledger_find(const rk_ledger *ledger, const char *id)
{
    uint32_t i = rk_interner_find(ledger->ids, rk_slice_of(id));
    uint32_t p = rk_interner_find(ledger->paid_ids, rk_slice_of(id));
    return i != RK_NO_ID ? rk_ledger_line(ledger, i) : p != RK_NO_ID ? rk_ledger_payment(ledger, p) : NULL;
}

rk_status rk_ledger_need(const rk_ledger *ledger, const char *id, const rk_cost_line **out, rk_error *err)
{
    *out = rk_ledger_find(ledger, id);
    if (*out) {
        return RK_OK;
    }
    size_t n = ledger->lines.n + ledger->paid.n;
    const char **names = malloc((n + 1) * sizeof *names);
    for (size_t i = 0; names && i < n; i++) {
        names[i] = i < ledger->lines.n ? rk_ledger_line(ledger, i)->id
                                       : rk_ledger_payment(ledger, i - ledger->lines.n)->id;
    }
    const char *near = names ? rk_nearest_name(id, names, n) : NULL;
    free(names);
    return rk_fail(err, RK_NOT_FOUND, "the ledger has no line '%.100s'%s%s%s", id,
                   near ? "; did you mean '" : "; reckon cost statement --csv lists the ids", near ? near : "",
                   near ? "'?" : "");
}
