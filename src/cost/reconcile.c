/* reconcile.c - see reconcile.h: one pass over the bill, one over the ledger, then the variances.
 *
 * The bill's lines are summed by month, element and service in exact fractions; the ledger's lines find their sums by
 * the same key. What finds no partner is listed, on both sides, so that
 *
 *   bill - plan = variance + unbooked - unbilled + rounding
 *
 * holds to the millionth; rounding is what comes of rounding every sum by itself.
 */
#include "cost/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bill/focus.h"
#include "cost/ledger_parts.h"
#include "cost/match.h"
#include "cost/reconcile_days.h"
#include "math/rational.h"

/* Lines of the bill for one element in one month. */
typedef struct {
    uint32_t month, order; /* order: of the rule that made it */
    const rk_match_rule *rule;
    uint64_t n;
    mpq_t cost, quantity;
    int64_t planned, planned_quantity;
    const char *unit;
} group;

/* The result, and what it stands on. */
typedef struct {
    rk_reconciliation open; /* first, so that a pointer to it is one to this */
    rk_arena arena;
    rk_vec rows, unbooked, unbilled, anomalies;
} result;

typedef struct {
    const rk_ledger *ledger;
    const struct rk_matching *matching;
    rk_bill *bill;
    const rk_bill_row *row;
    result *out;
    bool *compared;
    uint64_t *n_by_rule;
    const char **unit_of_rule; /* of the bill */
    rk_interner *keys;         /* of groups */
    rk_vec groups;
    rk_days days;
    bool is_short; /* of memory, where a key is made */
    mpq_ptr unbooked_months; /* [n_months] */
    mpq_t cost, quantity, bill_sum, unbooked_sum;
} state;

static rk_place place_of(const state *s) { return (rk_place){rk_bill_name(s->bill), s->row->line, 0}; }
static rk_bill_cell cell_of(const state *s, rk_focus_column c) { return rk_bill_cell_of(s->bill, s->row, c); }
static const char *column_name(rk_focus_column column) { return rk_focus_columns[column].name; }

/* What text holds, in the arena; NULL when memory is short. The text is released. */
static const char *keep(state *s, rk_text *text)
{
    const char *kept = text->failed ? NULL : rk_arena_copy(&s->out->arena, text->at ? text->at : "", text->n);
    rk_text_release(text);
    return kept;
}

static const char *keep_rational(state *s, const mpq_t value)
{
    rk_text text = {0};
    rk_rational_print(value, &text);
    return keep(s, &text);
}

static const char *keep_cell(state *s, rk_focus_column column)
{
    rk_bill_cell cell = cell_of(s, column);
    return rk_arena_copy(&s->out->arena, cell.text.n ? cell.text.at : "", cell.text.n);
}

/* ---- before the bill ---- */

static rk_status check_elements(state *s, rk_error *err)
{
    rk_interner *names = rk_interner_new();
    const char **list = calloc(s->ledger->lines.n + 1, sizeof *list);
    rk_status status = names && list ? RK_OK : rk_fail_memory(err, "the elements of a plan");
    uint32_t n = 0;
    for (size_t i = 0; i < s->ledger->lines.n && !status; i++) {
        const char *name = rk_ledger_line(s->ledger, i)->element;
        uint32_t id = rk_interner_add(names, rk_slice_of(name));
        if (id == n) {
            list[n++] = name;
        }
        status = id == RK_NO_ID ? rk_fail_memory(err, "the elements of a plan") : RK_OK;
    }
    for (uint32_t r = 0; r < s->matching->n_rules && !status; r++) {
        const rk_match_rule *rule = &s->matching->rules[r];
        if (rk_interner_find(names, rk_slice_of(rule->element)) == RK_NO_ID) {
            const char *near = rk_nearest_name(rule->element, list, n);
            status = rk_fail_at(err, rule->at, "no line of the ledger is called '%.60s'%s%s%s", rule->element,
                                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        }
    }
    free(list);
    rk_interner_free(names);
    return status;
}

static rk_status check_columns(const state *s, rk_error *err)
{
    const rk_focus_column needed[] = {s->matching->cost, RK_F_BILLING_CURRENCY, RK_F_CHARGE_PERIOD_START};
    for (size_t i = 0; i < RK_COUNT_OF(needed); i++) {
        if (rk_bill_find(s->bill, needed[i]) < 0) {
            return rk_fail_at(err, (rk_place){rk_bill_name(s->bill), 1, 0}, "the bill has no column '%s'",
                              column_name(needed[i]));
        }
    }
    return RK_OK;
}

/* ---- a line of the bill ---- */

/* The cost in the plan's currency. */
static rk_status read_cost(state *s, bool *has_cost, rk_error *err)
{
    rk_bill_cell cost = cell_of(s, s->matching->cost), currency = cell_of(s, RK_F_BILLING_CURRENCY);
    char code[4] = "";
    *has_cost = !cost.is_null;
    if (cost.is_null) {
        return RK_OK;
    }
    if (rk_bill_number(cost.text, s->cost) == RK_CELL_BAD) {
        return rk_fail_at(err, place_of(s), "%s must be a number, got '%.*s'", column_name(s->matching->cost),
                          (int)(cost.text.n < 40 ? cost.text.n : 40), cost.text.at);
    }
    if (rk_slice_is(currency.text, s->ledger->plan->currency)) {
        return RK_OK;
    }
    if (currency.text.n == 3) {
        memcpy(code, currency.text.at, 3);
    }
    const rk_exchange *exchange = rk_plan_exchange_row(s->ledger->plan, code);
    if (!exchange) {
        return rk_fail_at(err, place_of(s),
                          "the bill is in '%.*s' and the plan in %s; the plan's 'exchange' has no rate",
                          (int)(currency.text.n < 20 ? currency.text.n : 20), currency.is_null ? "" : currency.text.at,
                          s->ledger->plan->currency);
    }
    rk_rational_mul(s->cost, exchange->rate.value);
    return RK_OK;
}

/* The month of the plan, or -1 outside; period: "2026-10". */
static rk_status read_month(state *s, int64_t *start, int64_t *month, char *period, rk_error *err)
{
    rk_bill_cell cell = cell_of(s, RK_F_CHARGE_PERIOD_START);
    int year;
    unsigned of_year, day;
    if (cell.is_null || rk_bill_time(cell.text, start) == RK_CELL_BAD) {
        return rk_fail_at(err, place_of(s), "ChargePeriodStart must be a time like 2026-10-01T00:00:00Z, got '%.*s'",
                          (int)(cell.text.n < 40 ? cell.text.n : 40), cell.is_null ? "" : cell.text.at);
    }
    int64_t first = *start - ((*start % 86400) + 86400) % 86400;
    char time[24];
    rk_date_of_days(first / 86400, &year, &of_year, &day);
    *month = (int64_t)year * 12 + of_year - 1 - s->ledger->plan->start.value;
    *month = *month < 0 || *month >= s->ledger->plan->n_months ? -1 : *month;
    rk_format_time(*start, time);
    memcpy(period, time, 7);
    period[7] = '\0';
    return RK_OK;
}

static rk_status leave_unbooked(state *s, int64_t month, const char *period, bool has_cost, const char *reason,
                                rk_error *err)
{
    rk_unbooked line = {.row = s->row->row,
                        .line = s->row->line,
                        .period = rk_arena_copy(&s->out->arena, period, strlen(period)),
                        .service_name = keep_cell(s, RK_F_SERVICE_NAME),
                        .resource = keep_cell(s, RK_F_RESOURCE_ID),
                        .sku = keep_cell(s, RK_F_SKU_ID),
                        .charge_category = keep_cell(s, RK_F_CHARGE_CATEGORY),
                        .description = keep_cell(s, RK_F_CHARGE_DESCRIPTION),
                        .cost = has_cost ? keep_rational(s, s->cost) : "",
                        .reason = reason};
    bool is_kept = line.period && line.service_name && line.resource && line.sku && line.charge_category &&
                   line.description && line.cost && rk_vec_push(&s->out->unbooked, &line);
    if (has_cost) {
        mpq_add(s->unbooked_sum, s->unbooked_sum, s->cost);
        if (month >= 0) {
            mpq_add(s->unbooked_months + month, s->unbooked_months + month, s->cost);
        }
    }
    return is_kept ? RK_OK : rk_fail_memory(err, "lines of a bill");
}

/* The quantity in the plan's units; 0 when the line has none. All lines of a rule must be measured alike. */
static rk_status read_quantity(state *s, uint32_t r, rk_error *err)
{
    const rk_match_rule *rule = &s->matching->rules[r];
    bool is_pricing = rule->quantity == RK_QUANTITY_PRICING;
    rk_focus_column column = is_pricing ? RK_F_PRICING_QUANTITY : RK_F_CONSUMED_QUANTITY;
    rk_focus_column unit_column = is_pricing ? RK_F_PRICING_UNIT : RK_F_CONSUMED_UNIT;
    rk_bill_cell cell = cell_of(s, column), unit = cell_of(s, unit_column);
    mpq_set_ui(s->quantity, 0, 1);
    if (rule->quantity == RK_QUANTITY_NONE || cell.is_null) {
        return RK_OK;
    }
    if (rk_bill_number(cell.text, s->quantity) == RK_CELL_BAD) {
        return rk_fail_at(err, place_of(s), "%s must be a number, got '%.*s'", column_name(column),
                          (int)(cell.text.n < 40 ? cell.text.n : 40), cell.text.at);
    }
    if (!s->unit_of_rule[r]) {
        s->unit_of_rule[r] = keep_cell(s, unit_column);
    }
    if (!s->unit_of_rule[r]) {
        return rk_fail_memory(err, "lines of a bill");
    }
    if (!rk_slice_is(unit.text, s->unit_of_rule[r])) {
        return rk_fail_at(
            err, place_of(s),
            "the rule at line %zu of the plan takes lines in '%.30s' and, here, in '%.*s'; give each unit "
            "a rule of its own",
            rule->at.line, s->unit_of_rule[r], (int)(unit.text.n < 30 ? unit.text.n : 30),
            unit.is_null ? "" : unit.text.at);
    }
    if (rule->units_each.is_set) {
        rk_rational_mul(s->quantity, rule->units_each.value);
    }
    return RK_OK;
}

/* "3/event log/search": no service = all. */
static uint32_t key_of(state *s, uint32_t month, const char *element, const char *service, bool adds)
{
    rk_text text = {0};
    rk_text_addf(&text, "%u\n%s\n%s", month, element, service ? service : "");
    rk_slice key = {text.at, text.n};
    uint32_t id = text.failed ? RK_NO_ID : adds ? rk_interner_add(s->keys, key) : rk_interner_find(s->keys, key);
    s->is_short = s->is_short || text.failed;
    rk_text_release(&text);
    return id;
}

static rk_status book(state *s, uint32_t month, uint32_t r, rk_error *err)
{
    const rk_match_rule *rule = &s->matching->rules[r];
    uint32_t id = key_of(s, month, rule->element, rule->service, true);
    rk_status status = id == RK_NO_ID ? rk_fail_memory(err, "lines of a bill") : read_quantity(s, r, err);
    if (status) {
        return status;
    }
    if (id == s->groups.n) {
        group *new = rk_vec_extend(&s->groups, NULL, 1);
        if (!new) {
            return rk_fail_memory(err, "lines of a bill");
        }
        *new = (group){.month = month, .order = r, .rule = rule, .unit = ""};
        mpq_inits(new->cost, new->quantity, NULL);
    }
    group *g = (group *)s->groups.data + id;
    mpq_add(g->cost, g->cost, s->cost);
    mpq_add(g->quantity, g->quantity, s->quantity);
    g->n++;
    s->n_by_rule[r]++;
    return RK_OK;
}

/* Lines of at most a day take part in the search for odd days. */
static rk_status note_day(state *s, const rk_match_rule *rule, int64_t start, rk_error *err)
{
    rk_bill_cell cell = cell_of(s, RK_F_CHARGE_PERIOD_END), service = cell_of(s, RK_F_SERVICE_NAME);
    int64_t end;
    if (cell.is_null || rk_bill_time(cell.text, &end) == RK_CELL_BAD || end - start > 86400) {
        return RK_OK;
    }
    rk_text name = {0};
    if (rule) {
        rk_text_addf(&name, "%s%s%s", rule->element, rule->service ? " for " : "", rule->service ? rule->service : "");
    } else {
        rk_text_add(&name, "unmatched: ");
        rk_text_add_slice(&name, service.text);
    }
    int64_t day = (start - ((start % 86400) + 86400) % 86400) / 86400;
    bool is_kept = !name.failed && rk_days_add(&s->days, (rk_slice){name.at, name.n}, day, rk_rational_real(s->cost));
    rk_text_release(&name);
    return is_kept ? RK_OK : rk_fail_memory(err, "days of a bill");
}

static rk_status take_line(state *s, rk_error *err)
{
    bool has_cost = false;
    int64_t start = 0, month = -1;
    char period[8] = "";
    rk_status status = read_cost(s, &has_cost, err);
    status = status ? status : read_month(s, &start, &month, period, err);
    if (status) {
        return status;
    }
    if (!has_cost) {
        return leave_unbooked(s, month, period, false, "no cost", err);
    }
    mpq_add(s->bill_sum, s->bill_sum, s->cost);
    if (month < 0) {
        return leave_unbooked(s, month, period, true, "outside the months of the plan", err);
    }
    s->compared[month] = true;
    const rk_match_rule *rule = rk_match_find(s->matching, s->bill, s->row);
    status = note_day(s, rule, start, err);
    if (status) {
        return status;
    }
    return rule ? book(s, (uint32_t)month, (uint32_t)(rule - s->matching->rules), err)
                : leave_unbooked(s, month, period, true, "no rule fits", err);
}

static rk_status read_bill(state *s, const rk_run *run, rk_error *err)
{
    rk_status status = rk_bill_next(s->bill, &s->row, err);
    while (!status && s->row) {
        status = take_line(s, err);
        if (++s->out->open.n_rows % 10000 == 0) {
            rk_progress(run, "reading the bill", "rows", s->out->open.n_rows, 0);
        }
        status = status ? status : rk_bill_next(s->bill, &s->row, err);
    }
    return status;
}

/* ---- the plan's side ---- */

static bool has_rule(const state *s, const rk_cost_line *line)
{
    for (uint32_t r = 0; r < s->matching->n_rules; r++) {
        const rk_match_rule *rule = &s->matching->rules[r];
        if (strcmp(rule->element, line->element) == 0 &&
            (!rule->service || strcmp(rule->service, line->service_name) == 0)) {
            return true;
        }
    }
    return false;
}

static rk_status read_ledger(state *s, rk_error *err)
{
    rk_reconciliation *out = &s->out->open;
    for (size_t i = 0; i < s->ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(s->ledger, i);
        if (!s->compared[line->month]) {
            continue;
        }
        out->plan_total.micros += line->amount.micros; /* at most the ledger's total */
        uint32_t id = key_of(s, line->month, line->element, NULL, false);
        id = id != RK_NO_ID ? id : key_of(s, line->month, line->element, line->service_name, false);
        if (id != RK_NO_ID) {
            group *g = (group *)s->groups.data + id;
            g->planned += line->amount.micros;
            g->planned_quantity += line->quantity_micros;
            g->unit = line->unit;
            continue;
        }
        rk_unbilled unbilled = {line, has_rule(s, line)};
        out->unbilled_total.micros += line->amount.micros;
        if (s->is_short || !rk_vec_push(&s->out->unbilled, &unbilled)) {
            return rk_fail_memory(err, "lines of a plan");
        }
    }
    return RK_OK;
}

/* ---- variances ---- */

static rk_status too_large(rk_error *err) { return rk_fail(err, RK_BAD_INPUT, "the bill's sums are absurdly large"); }

/* false when it or what is opposite to it does not fit. */
static bool set_money(const mpq_t value, rk_money *out)
{
    return rk_rational_micros(value, &out->micros) && out->micros > INT64_MIN;
}

static bool add_to(rk_money *sum, rk_money amount) { return rk_money_add(*sum, amount, sum); }

/* out = SP x AQ, what the quantity of the bill would have cost at the plan's price. */
static void at_planned_price(const group *g, const mpq_t planned, mpq_t out)
{
    if (g->rule->quantity == RK_QUANTITY_NONE) {
        mpq_set(out, planned);
    } else if (g->planned_quantity == 0) {
        mpq_set(out, g->cost);
    } else {
        mpq_t quantity;
        mpq_init(quantity);
        rk_rational_set_micros(quantity, g->planned_quantity);
        mpq_div(out, planned, quantity);
        mpq_mul(out, out, g->quantity);
        mpq_clear(quantity);
    }
}

static const char *price_words(state *s, const mpq_t cost, const mpq_t quantity)
{
    if (mpq_sgn(quantity) == 0) {
        return "";
    }
    mpq_t price;
    mpq_init(price);
    mpq_div(price, cost, quantity);
    const char *words = keep_rational(s, price);
    mpq_clear(price);
    return words;
}

static bool fill_row(state *s, const group *g, rk_reconciled *row)
{
    mpq_t planned, quantity, flexed, price;
    mpq_inits(planned, quantity, flexed, price, NULL);
    rk_rational_set_micros(planned, g->planned);
    rk_rational_set_micros(quantity, g->planned_quantity);
    at_planned_price(g, planned, flexed);
    mpq_sub(price, g->cost, flexed);
    row->planned.micros = g->planned;
    row->planned_quantity = g->planned_quantity;
    row->planned_price = price_words(s, planned, quantity);
    row->actual_price = price_words(s, g->cost, g->quantity);
    row->actual_exact = keep_rational(s, g->cost);
    bool fits = set_money(g->cost, &row->actual) && set_money(price, &row->price_variance) &&
                rk_rational_micros(g->quantity, &row->actual_quantity) &&
                rk_money_add(row->actual, (rk_money){-g->planned}, &row->variance) &&
                rk_money_add(row->variance, (rk_money){-row->price_variance.micros}, &row->usage_variance);
    mpq_clears(planned, quantity, flexed, price, NULL);
    return fits;
}

static int by_month_and_rule(const void *a, const void *b)
{
    const group *x = a, *y = b;
    return x->month != y->month ? (x->month > y->month) - (x->month < y->month)
                                : (x->order > y->order) - (x->order < y->order);
}

static rk_status make_rows(state *s, rk_error *err)
{
    rk_reconciliation *out = &s->out->open;
    if (s->groups.n > 0) {
        qsort(s->groups.data, s->groups.n, sizeof(group), by_month_and_rule);
    }
    for (size_t i = 0; i < s->groups.n; i++) {
        const group *g = (const group *)s->groups.data + i;
        rk_reconciled row = {.month = g->month,
                             .element = g->rule->element,
                             .service = g->rule->service,
                             .unit = g->unit,
                             .n_bill_lines = g->n};
        if (!fill_row(s, g, &row) || !add_to(&out->planned, row.planned) || !add_to(&out->actual, row.actual) ||
            !add_to(&out->price, row.price_variance) || !add_to(&out->usage, row.usage_variance) ||
            !add_to(&out->variance, row.variance)) {
            return too_large(err);
        }
        if (!row.planned_price || !row.actual_price || !row.actual_exact || !rk_vec_push(&s->out->rows, &row)) {
            return rk_fail_memory(err, "variances");
        }
    }
    return RK_OK;
}

static rk_status finish(state *s, rk_error *err)
{
    result *r = s->out;
    rk_reconciliation *out = &r->open;
    rk_status status = make_rows(s, err);
    if (status) {
        return status;
    }
    if (!set_money(s->bill_sum, &out->bill_total) || !set_money(s->unbooked_sum, &out->unbooked_total) ||
        !rk_money_add(out->bill_total, (rk_money){-out->actual.micros}, &out->rounding) ||
        !rk_money_add(out->rounding, (rk_money){-out->unbooked_total.micros}, &out->rounding)) {
        return too_large(err);
    }
    out->bill_exact = keep_rational(s, s->bill_sum);
    if (!out->bill_exact || !rk_days_flag(&s->days, &r->arena, &r->anomalies)) {
        return rk_fail_memory(err, "days of a bill");
    }
    rk_money *months = RK_TAKE(&r->arena, rk_money, s->ledger->plan->n_months);
    for (uint32_t m = 0; months && m < s->ledger->plan->n_months; m++) {
        if (!set_money(s->unbooked_months + m, &months[m])) {
            return too_large(err);
        }
    }
    if (!months) {
        return rk_fail_memory(err, "a reconciliation");
    }
    out->unbooked_by_month = months;
    out->bill = rk_bill_name(s->bill);
    out->cost_column = column_name(s->matching->cost);
    out->compared = s->compared;
    out->n_by_rule = s->n_by_rule;
    out->n_rules = s->matching->n_rules;
    out->rows = r->rows.data;
    out->n_matched = r->rows.n;
    out->unbooked = r->unbooked.data;
    out->n_unbooked = r->unbooked.n;
    out->unbilled = r->unbilled.data;
    out->n_unbilled = r->unbilled.n;
    out->anomalies = r->anomalies.data;
    out->n_anomalies = r->anomalies.n;
    return RK_OK;
}

/* ---- the whole ---- */

static rk_status prepare(state *s, rk_error *err)
{
    result *r = calloc(1, sizeof *r);
    s->out = r;
    s->groups.item_bytes = sizeof(group);
    s->keys = rk_interner_new();
    bool has_days = rk_days_init(&s->days);
    if (!r || !s->keys || !has_days) {
        return rk_fail_memory(err, "a reconciliation");
    }
    r->rows.item_bytes = sizeof(rk_reconciled);
    r->unbooked.item_bytes = sizeof(rk_unbooked);
    r->unbilled.item_bytes = sizeof(rk_unbilled);
    r->anomalies.item_bytes = sizeof(rk_anomaly);
    s->compared = RK_TAKE(&r->arena, bool, s->ledger->plan->n_months);
    s->n_by_rule = RK_TAKE(&r->arena, uint64_t, s->matching->n_rules);
    s->unit_of_rule = RK_TAKE(&r->arena, const char *, s->matching->n_rules);
    s->unbooked_months = calloc(s->ledger->plan->n_months, sizeof *s->unbooked_months);
    for (uint32_t m = 0; s->unbooked_months && m < s->ledger->plan->n_months; m++) {
        mpq_init(s->unbooked_months + m);
    }
    if (!s->compared || !s->n_by_rule || !s->unit_of_rule || !s->unbooked_months) {
        return rk_fail_memory(err, "a reconciliation");
    }
    rk_status status = check_columns(s, err);
    return status ? status : check_elements(s, err);
}

static void release(state *s)
{
    for (size_t i = 0; i < s->groups.n; i++) {
        group *g = (group *)s->groups.data + i;
        mpq_clears(g->cost, g->quantity, NULL);
    }
    for (uint32_t m = 0; s->unbooked_months && m < s->ledger->plan->n_months; m++) {
        mpq_clear(s->unbooked_months + m);
    }
    free(s->unbooked_months);
    rk_vec_release(&s->groups);
    rk_interner_free(s->keys);
    rk_days_release(&s->days);
    mpq_clears(s->cost, s->quantity, s->bill_sum, s->unbooked_sum, NULL);
}

rk_status rk_reconcile(const rk_ledger *ledger, rk_bill *bill, const rk_run *run, rk_reconciliation **out,
                       rk_error *err)
{
    if (!ledger->plan->matching) {
        return rk_fail_at(err, (rk_place){ledger->plan->path, 0, 0},
                          "the plan has no key 'bill' that says which lines of a bill belong to which element");
    }
    state s = {.ledger = ledger, .matching = ledger->plan->matching, .bill = bill};
    mpq_inits(s.cost, s.quantity, s.bill_sum, s.unbooked_sum, NULL);
    rk_status status = prepare(&s, err);
    status = status ? status : read_bill(&s, run, err);
    status = status ? status : read_ledger(&s, err);
    status = status ? status : finish(&s, err);
    release(&s);
    if (status) {
        rk_reconciliation_free(s.out ? &s.out->open : NULL);
        return status;
    }
    *out = &s.out->open;
    return RK_OK;
}

void rk_reconciliation_free(rk_reconciliation *open)
{
    result *r = (result *)open;
    if (r) {
        rk_vec_release(&r->rows);
        rk_vec_release(&r->unbooked);
        rk_vec_release(&r->unbilled);
        rk_vec_release(&r->anomalies);
        rk_arena_release(&r->arena);
        free(r);
    }
}

const char *rk_reconcile_rule(const rk_ledger *ledger, size_t i) { return ledger->plan->matching->rules[i].element; }
