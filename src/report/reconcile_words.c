/* reconcile_words.c - a bill against its plan for people.
 *
 * Amounts have as many places as make them exact (2 to 6), so that every table adds up as printed. Unmatched lines are
 * put together by what they are, so that the tables stay readable; every single one is in --json and --csv.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "report/bills.h"

static unsigned places_for(const rk_reconciliation *r)
{
    unsigned places = 2;
    int64_t unit = 10000;
    int64_t extra[] = {r->bill_total.micros, r->plan_total.micros, r->unbooked_total.micros, r->unbilled_total.micros,
                       r->rounding.micros};
    for (size_t i = 0; i < r->n_matched + RK_COUNT_OF(extra); i++) {
        const rk_reconciled *row = i < r->n_matched ? &r->rows[i] : NULL;
        int64_t figures[] = {row ? row->planned.micros : extra[i - r->n_matched], row ? row->actual.micros : 0,
                             row ? row->price_variance.micros : 0};
        for (size_t k = 0; k < RK_COUNT_OF(figures); k++) {
            while (places < 6 && figures[k] % unit != 0) {
                places++;
                unit /= 10;
            }
        }
    }
    return places;
}

static void add_quantity(rk_table *table, int64_t micros)
{
    rk_text text = {0};
    rk_money_print_exact((rk_money){micros}, &text);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

/* ---- matched ---- */

static void add_sums(const rk_reconciliation *r, unsigned places, rk_table *table)
{
    rk_table_add(table, "total");
    for (int i = 0; i < 4; i++) {
        rk_table_add(table, "");
    }
    rk_table_add_money(table, r->planned, places);
    rk_table_add_money(table, r->actual, places);
    rk_table_add_money(table, r->price, places);
    rk_table_add_money(table, r->usage, places);
    rk_table_add_money(table, r->variance, places);
}

static void matched_table(const rk_ledger *ledger, const rk_reconciliation *r, unsigned places, rk_table_style style,
                          rk_text *out)
{
    static const rk_column columns[] = {
        {"month", false},  {"element", false}, {"planned units", true}, {"billed units", true}, {"unit", false},
        {"planned", true}, {"billed", true},   {"by the price", true},  {"by the use", true},   {"variance", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns), .has_total = true};
    for (size_t i = 0; i < r->n_matched; i++) {
        const rk_reconciled *row = &r->rows[i];
        rk_table_add(&table, rk_ledger_month(ledger, row->month));
        rk_table_addf(&table, "%s%s%s", row->element, row->service ? " for " : "", row->service ? row->service : "");
        add_quantity(&table, row->planned_quantity);
        add_quantity(&table, row->actual_quantity);
        rk_table_add(&table, row->unit);
        rk_table_add_money(&table, row->planned, places);
        rk_table_add_money(&table, row->actual, places);
        rk_table_add_money(&table, row->price_variance, places);
        rk_table_add_money(&table, row->usage_variance, places);
        rk_table_add_money(&table, row->variance, places);
    }
    add_sums(r, places, &table);
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* ---- unmatched ---- */

/* Lines that look alike, added up: index of lines by key. */
typedef struct {
    size_t first, n;
    int64_t micros;
} bundle;

/* The bundle of key; NULL when memory is short. */
static bundle *bundle_of(rk_interner *keys, rk_vec *bundles, rk_text *key, size_t first)
{
    uint32_t id = key->failed ? RK_NO_ID : rk_interner_add(keys, (rk_slice){key->at, key->n});
    bundle new = {.first = first};
    rk_text_release(key);
    if (id == RK_NO_ID || (id == bundles->n && !rk_vec_push(bundles, &new))) {
        return NULL;
    }
    return (bundle *)bundles->data + id;
}

static bool bundle_unbooked(const rk_reconciliation *r, rk_interner *keys, rk_vec *bundles)
{
    for (size_t i = 0; i < r->n_unbooked; i++) {
        const rk_unbooked *line = &r->unbooked[i];
        rk_text key = {0};
        rk_text_addf(&key, "%s\n%s\n%s\n%s\n%s", line->period, line->service_name, line->sku, line->charge_category,
                     line->reason);
        bundle *b = bundle_of(keys, bundles, &key, i);
        if (!b) {
            return false;
        }
        b->n++;
    }
    return true;
}

static void unbooked_table(const rk_reconciliation *r, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"month", false}, {"service", false}, {"sku", false},      {"charge", false},
                                        {"why", false},   {"lines", true},    {"first row", true}, {"its cost", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_interner *keys = rk_interner_new();
    rk_vec bundles = {.item_bytes = sizeof(bundle)};
    out->failed = out->failed || !keys || !bundle_unbooked(r, keys, &bundles);
    for (size_t i = 0; i < bundles.n && !out->failed; i++) {
        const bundle *b = (const bundle *)bundles.data + i;
        const rk_unbooked *line = &r->unbooked[b->first];
        rk_table_add(&table, line->period);
        rk_table_add(&table, line->service_name);
        rk_table_add(&table, line->sku);
        rk_table_add(&table, line->charge_category);
        rk_table_add(&table, line->reason);
        rk_table_addf(&table, "%zu", b->n);
        rk_table_addf(&table, "%llu", (unsigned long long)line->row);
        rk_table_add(&table, line->cost);
    }
    rk_text_add(out, "\nin the bill, and no element has it:\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_vec_release(&bundles);
    rk_interner_free(keys);
}

static bool bundle_unbilled(const rk_reconciliation *r, rk_interner *keys, rk_vec *bundles)
{
    for (size_t i = 0; i < r->n_unbilled; i++) {
        const rk_cost_line *line = r->unbilled[i].line;
        rk_text key = {0};
        rk_text_addf(&key, "%u\n%s", line->month, line->element);
        bundle *b = bundle_of(keys, bundles, &key, i);
        if (!b) {
            return false;
        }
        b->n++;
        b->micros += line->amount.micros;
    }
    return true;
}

static void unbilled_table(const rk_ledger *ledger, const rk_reconciliation *r, unsigned places, rk_table_style style,
                           rk_text *out)
{
    static const rk_column columns[] = {
        {"month", false}, {"element", false}, {"why", false}, {"lines", true}, {"planned", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_interner *keys = rk_interner_new();
    rk_vec bundles = {.item_bytes = sizeof(bundle)};
    out->failed = out->failed || !keys || !bundle_unbilled(r, keys, &bundles);
    for (size_t i = 0; i < bundles.n && !out->failed; i++) {
        const bundle *b = (const bundle *)bundles.data + i;
        const rk_unbilled *unbilled = &r->unbilled[b->first];
        rk_table_add(&table, rk_ledger_month(ledger, unbilled->line->month));
        rk_table_add(&table, unbilled->line->element);
        rk_table_add(&table, unbilled->has_rule ? "no line of the bill" : "no rule for it");
        rk_table_addf(&table, "%zu", b->n);
        rk_table_add_money(&table, (rk_money){b->micros}, places);
    }
    rk_text_add(out, "\nin the plan, and the bill has none of it:\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_vec_release(&bundles);
    rk_interner_free(keys);
}

static void anomaly_table(const rk_reconciliation *r, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {
        {"day", false}, {"what", false}, {"cost", true}, {"median day", true}, {"score", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < r->n_anomalies; i++) {
        const rk_anomaly *anomaly = &r->anomalies[i];
        rk_table_add(&table, anomaly->day);
        rk_table_add(&table, anomaly->what);
        rk_table_addf(&table, "%.6f", anomaly->cost);
        rk_table_addf(&table, "%.6f", anomaly->median);
        rk_table_addf(&table, "%+.1f", anomaly->score);
    }
    rk_text_add(out, "\ndays unlike the others (median and MAD, score beyond 3.5):\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* ---- the whole ---- */

static void add_line(rk_text *out, const char *what, rk_money amount, unsigned places, const char *currency)
{
    rk_text_addf(out, "%-32s", what);
    rk_money_print(amount, places, out);
    rk_text_addf(out, " %s\n", currency);
}

static void add_bridge(const rk_ledger *ledger, const rk_reconciliation *r, unsigned places, rk_text *out)
{
    const char *currency = rk_ledger_currency(ledger);
    rk_text_addf(out, "%s of %s, %llu rows, against the plan '%s'\n\n", r->cost_column, r->bill,
                 (unsigned long long)r->n_rows, rk_ledger_name(ledger) ? rk_ledger_name(ledger) : "");
    add_line(out, "the plan, in these months", r->plan_total, places, currency);
    add_line(out, "+ variance by the price", r->price, places, currency);
    add_line(out, "+ variance by the use", r->usage, places, currency);
    add_line(out, "+ billed, in no element", r->unbooked_total, places, currency);
    add_line(out, "- planned, not billed", r->unbilled_total, places, currency);
    add_line(out, "+ rounding", r->rounding, places, currency);
    add_line(out, "= the bill", r->bill_total, places, currency);
    rk_text_addf(out, "%-32s%s %s\n", "  exactly", r->bill_exact, currency);
}

void rk_report_reconciliation(const rk_ledger *ledger, const rk_reconciliation *r, rk_table_style style, rk_text *out)
{
    unsigned places = places_for(r);
    add_bridge(ledger, r, places, out);
    if (r->n_matched > 0) {
        matched_table(ledger, r, places, style, out);
    }
    if (r->n_unbooked > 0) {
        unbooked_table(r, style, out);
    }
    if (r->n_unbilled > 0) {
        unbilled_table(ledger, r, places, style, out);
    }
    if (r->n_anomalies > 0) {
        anomaly_table(r, style, out);
    }
}
