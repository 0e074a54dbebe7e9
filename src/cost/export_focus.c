/* export_focus.c - a ledger as a bill of FOCUS 1.2.
 *
 * What a company spends on its own machines and people has no invoice and no provider, yet it fits: the plan is the
 * account and the provider, a product line a sub account, an element a resource, its driver the SKU. Each month of each
 * line is a charge of category Usage with the line's amount as all four costs, so that any sum of the bill is a sum of
 * the ledger. Columns that a plan knows nothing of are there and null.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cost/export.h"
#include "bill/focus.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

enum { PRICE_PLACES = 18 };

typedef struct {
    rk_category category;
    const char *unit; /* NULL = any other */
    const char *name, *focus_category, *focus_subcategory;
} offering;

/* The first that fits. A name stands in one category only, as FOCUS wants it. */
static const offering offerings[] = {
    {RK_HARDWARE, "machine-hour", "Rented machines", "Compute", "Virtual Machines"},
    {RK_HARDWARE, "GB-month", "Storage", "Storage", "Other (Storage)"},
    {RK_HARDWARE, "GB", "Network", "Networking", "Other (Networking)"},
    {RK_HARDWARE, "kWh", "Energy", "Other", "Other (Other)"},
    {RK_HARDWARE, NULL, "Owned hardware", "Compute", "Other (Compute)"},
    {RK_SOFTWARE, NULL, "Software", "Business Applications", "Other (Business Applications)"},
    {RK_DATA, NULL, "Data", "Analytics", "Other (Analytics)"},
    {RK_LABOUR, NULL, "Labour", "Other", "Other (Other)"},
    {RK_OPERATIONS, NULL, "Operations", "Management and Governance", "Other (Management and Governance)"},
};

typedef struct {
    const rk_ledger *ledger;
    const rk_cost_line *line;
    const offering *offering;
    const char *account, *frequency;
    char start[24], end[24];
    rk_text amount, quantity, price, unit, account_id, sku_price, tags;
} row;

/* ---- figures ---- */

/* value >= 0 with PRICE_PLACES places, half up, zeros at the end dropped. */
static void add_price(rk_text *out, const mpq_t value)
{
    mpz_t scaled;
    mpz_init(scaled);
    mpz_ui_pow_ui(scaled, 10, PRICE_PLACES);
    mpz_mul(scaled, scaled, mpq_numref(value));
    mpz_mul_ui(scaled, scaled, 2);
    mpz_add(scaled, scaled, mpq_denref(value));
    mpz_fdiv_q(scaled, scaled, mpq_denref(value));
    mpz_fdiv_q_2exp(scaled, scaled, 1);
    mpq_t rounded;
    mpq_init(rounded);
    mpz_set(mpq_numref(rounded), scaled);
    mpz_ui_pow_ui(mpq_denref(rounded), 10, PRICE_PLACES);
    mpq_canonicalize(rounded);
    rk_rational_print(rounded, out);
    mpq_clear(rounded);
    mpz_clear(scaled);
}

/* The ledger's unit price where it is a decimal that gives the amount; otherwise what the amount comes to per unit:
 * parts of a shared line are rounded by themselves. */
static void set_price(row *r)
{
    const rk_cost_line *line = r->line;
    mpq_t price, quantity, amount, off;
    mpq_inits(price, quantity, amount, off, NULL);
    rk_rational_set_micros(quantity, line->quantity_micros);
    rk_rational_set_micros(amount, line->amount.micros);
    bool is_decimal = rk_bill_number(rk_slice_of(line->unit_price), price) == RK_CELL_GOOD;
    mpq_mul(off, price, quantity);
    mpq_sub(off, off, amount);
    mpq_abs(off, off);
    if (is_decimal && mpq_cmp_ui(off, 1, 2000000) <= 0) {
        rk_text_add(&r->price, line->unit_price);
    } else {
        mpq_div(price, amount, quantity);
        add_price(&r->price, price);
    }
    mpq_clears(price, quantity, amount, off, NULL);
}

/* "machine-hour" as "Machine-Hour": FOCUS writes units in capitals; "kWh" and "GB" are let be. */
static void set_unit(row *r)
{
    for (const char *at = r->line->unit; *at;) {
        size_t n = strcspn(at, "- /"), n_small = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        char first = n_small >= n && n > 2 ? (char)(*at - 'a' + 'A') : *at;
        rk_text_add_slice(&r->unit, (rk_slice){&first, n > 0});
        rk_text_add_slice(&r->unit, (rk_slice){at + 1, n > 0 ? n - 1 : 0});
        rk_text_add_slice(&r->unit, (rk_slice){at + n, at[n] != '\0'});
        at += n + (at[n] != '\0');
    }
}

static void set_figures(row *r)
{
    rk_money_print_exact(r->line->amount, &r->amount);
    if (r->line->quantity_micros > 0) {
        rk_money_print_exact((rk_money){r->line->quantity_micros}, &r->quantity);
        set_price(r);
        set_unit(r);
    } else { /* a share too small for its quantity */
        rk_text_add(&r->quantity, "1");
        rk_money_print_exact(r->line->amount, &r->price);
        rk_text_add(&r->unit, "Month");
    }
}

/* ---- texts ---- */

static void set_tags(row *r)
{
    rk_json json = {.text = &r->tags};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "element", r->line->element);
    rk_json_cstring(&json, "service", r->line->service_name);
    rk_json_cstring(&json, "category", rk_category_name(r->line->category));
    rk_json_cstring(&json, "layer", rk_layer_name(r->line->layer));
    rk_json_cstring(&json, "behaviour", rk_behaviour_name(r->line->behaviour));
    rk_json_cstring(&json, "origin", rk_origin_name(r->line->origin));
    rk_json_end_object(&json);
}

static void set_period(row *r)
{
    int64_t first = rk_plan_first_day(r->ledger->plan, r->line->month);
    rk_format_time(first * 86400, r->start);
    rk_format_time((first + rk_plan_days(r->ledger->plan, r->line->month)) * 86400, r->end);
}

static void set_row(row *r, const rk_cost_line *line)
{
    rk_text *texts[] = {&r->amount, &r->quantity, &r->price, &r->unit, &r->sku_price, &r->tags};
    for (size_t i = 0; i < RK_COUNT_OF(texts); i++) {
        rk_text_clear(texts[i]);
    }
    r->line = line;
    r->offering = offerings;
    while (r->offering->category != line->category ||
           (r->offering->unit && strcmp(r->offering->unit, line->unit) != 0)) {
        r->offering++;
    }
    r->frequency = line->behaviour != RK_FIXED           ? "Usage-Based"
                   : strcmp(line->driver, "amount") == 0 ? "One-Time"
                                                         : "Recurring";
    set_period(r);
    set_figures(r);
    set_tags(r);
    rk_text_addf(&r->sku_price, "%s/%s", line->driver, r->unit.at ? r->unit.at : "");
}

/* NULL = null. */
static const char *cell_of(const row *r, rk_focus_column column)
{
    switch (column) {
    case RK_F_BILLED_COST:
    case RK_F_EFFECTIVE_COST:
    case RK_F_LIST_COST:
    case RK_F_CONTRACTED_COST:
    case RK_F_PRICING_CURRENCY_EFFECTIVE_COST:
        return r->amount.at;
    case RK_F_LIST_UNIT_PRICE:
    case RK_F_CONTRACTED_UNIT_PRICE:
    case RK_F_PRICING_CURRENCY_LIST_UNIT_PRICE:
    case RK_F_PRICING_CURRENCY_CONTRACTED_UNIT_PRICE:
        return r->price.at;
    case RK_F_CONSUMED_QUANTITY:
    case RK_F_PRICING_QUANTITY:
        return r->quantity.at;
    case RK_F_CONSUMED_UNIT:
    case RK_F_PRICING_UNIT:
    case RK_F_SKU_METER:
        return r->unit.at;
    case RK_F_BILLING_ACCOUNT_ID:
        return r->account_id.at;
    case RK_F_BILLING_ACCOUNT_NAME:
    case RK_F_INVOICE_ISSUER_NAME:
    case RK_F_PROVIDER_NAME:
    case RK_F_PUBLISHER_NAME:
        return r->account;
    case RK_F_BILLING_ACCOUNT_TYPE:
        return "Plan";
    case RK_F_BILLING_CURRENCY:
    case RK_F_PRICING_CURRENCY:
        return r->ledger->plan->currency;
    case RK_F_BILLING_PERIOD_START:
    case RK_F_CHARGE_PERIOD_START:
        return r->start;
    case RK_F_BILLING_PERIOD_END:
    case RK_F_CHARGE_PERIOD_END:
        return r->end;
    case RK_F_CHARGE_CATEGORY:
        return "Usage";
    case RK_F_CHARGE_DESCRIPTION:
        return r->line->formula;
    case RK_F_CHARGE_FREQUENCY:
        return r->frequency;
    case RK_F_PRICING_CATEGORY:
        return "Standard";
    case RK_F_RESOURCE_ID:
        return strchr(r->line->id, '/') + 1; /* the id without its month */
    case RK_F_RESOURCE_NAME:
        return r->line->element;
    case RK_F_RESOURCE_TYPE:
    case RK_F_SERVICE_NAME:
        return r->offering->name;
    case RK_F_SERVICE_CATEGORY:
        return r->offering->focus_category;
    case RK_F_SERVICE_SUBCATEGORY:
        return r->offering->focus_subcategory;
    case RK_F_SKU_ID:
        return r->line->driver;
    case RK_F_SKU_PRICE_ID:
        return r->sku_price.at;
    case RK_F_SUB_ACCOUNT_ID:
    case RK_F_SUB_ACCOUNT_NAME:
        return r->line->product_line;
    case RK_F_SUB_ACCOUNT_TYPE:
        return "Product line";
    case RK_F_TAGS:
        return r->tags.at;
    default:
        return NULL;
    }
}

static void add_header(rk_text *out)
{
    for (size_t c = 0; c < RK_N_FOCUS_COLUMNS; c++) {
        rk_text_add_cell(out, rk_slice_of(rk_focus_columns[c].name), c == 0);
    }
    rk_text_add(out, ",x_LineId\n");
}

static bool is_short(const row *r)
{
    return r->amount.failed || r->quantity.failed || r->price.failed || r->unit.failed || r->sku_price.failed ||
           r->tags.failed || r->account_id.failed;
}

rk_status rk_ledger_focus(const rk_ledger *ledger, rk_text *out, rk_error *err)
{
    row r = {.ledger = ledger, .account = ledger->plan->name && *ledger->plan->name ? ledger->plan->name : "plan"};
    rk_text_addf(&r.account_id, "plan:%s", r.account);
    add_header(out);
    for (size_t i = 0; i < ledger->lines.n && !is_short(&r); i++) {
        set_row(&r, rk_ledger_line(ledger, i));
        for (size_t c = 0; c < RK_N_FOCUS_COLUMNS; c++) {
            rk_text_add_cell(out, rk_slice_of(cell_of(&r, (rk_focus_column)c)), c == 0);
        }
        rk_text_add_cell(out, rk_slice_of(r.line->id), false);
        rk_text_add(out, "\n");
    }
    bool failed = is_short(&r) || out->failed;
    rk_text *texts[] = {&r.amount, &r.quantity, &r.price, &r.unit, &r.sku_price, &r.tags, &r.account_id};
    for (size_t i = 0; i < RK_COUNT_OF(texts); i++) {
        rk_text_release(texts[i]);
    }
    return failed ? rk_fail_memory(err, "a FOCUS file") : RK_OK;
}
