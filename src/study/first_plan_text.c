/* first_plan_text.c - see first_plan_text.h.
 *
 * Names of a bill are anybody's text: they stand in quotes, escaped as JSON, which YAML reads alike. A price of nine
 * places says little of a millionth of a dollar, so cheap units are counted by the thousand, million or billion.
 */
#include "study/first_plan_text.h"

#include <string.h>

#include "base/decimal.h"
#include "math/rational.h"

/* ---- what a sum becomes ---- */

static const struct {
    const char *service_category; /* of FOCUS; the last row takes all others */
    const char *category, *layer;
} guesses[] = {
    {"AI and Machine Learning", "hardware", "model"},
    {"Analytics", "data", "data"},
    {"Business Applications", "software", "application"},
    {"Compute", "hardware", "service"},
    {"Databases", "software", "data"},
    {"Developer Tools", "software", "application"},
    {"Identity", "software", "service"},
    {"Integration", "software", "service"},
    {"Internet of Things", "hardware", "service"},
    {"Management and Governance", "operations", "service"},
    {"Media", "software", "application"},
    {"Migration", "operations", "data"},
    {"Mobile", "software", "application"},
    {"Multicloud", "software", "service"},
    {"Networking", "hardware", "service"},
    {"Security", "software", "service"},
    {"Storage", "hardware", "data"},
    {"Web", "software", "application"},
    {NULL, "operations", "service"},
};
static const char *const counts[] = {"", "thousand ", "million ", "billion "};

static size_t guess_of(const rk_bill_sum *sum)
{
    size_t i = 0;
    while (guesses[i].service_category && strcmp(guesses[i].service_category, sum->category) != 0) {
        i++;
    }
    return i;
}

/* Nearest whole 10^-9. */
static bool nanos_of(const mpq_t value, int64_t *out)
{
    mpq_t thousand;
    mpq_init(thousand);
    mpq_set_ui(thousand, 1000, 1);
    mpq_mul(thousand, thousand, value);
    bool fits = rk_rational_micros(thousand, out);
    mpq_clear(thousand);
    return fits;
}

/* Whether the rounded quantity at the rounded price comes to an amount; a line of zero is none. */
static bool has_amount(const rk_first_item *item)
{
    mpq_t amount, price;
    int64_t micros = 0;
    mpq_inits(amount, price, NULL);
    rk_rational_set_micros(amount, item->quantity_micros);
    rk_rational_set_micros(price, item->price_nanos);
    mpq_mul(amount, amount, price);
    mpq_set_ui(price, 1, 1000);
    mpq_mul(amount, amount, price);
    bool fits = rk_rational_micros(amount, &micros);
    mpq_clears(amount, price, NULL);
    return fits && micros > 0;
}

/* Price and mean quantity in units of 1000^thousands; the price is to have six figures at least. */
static bool count_units(const rk_bill_sum *sum, unsigned n_months, rk_first_item *item)
{
    mpq_t price, quantity, thousand;
    bool fits = true;
    mpq_inits(price, quantity, thousand, NULL);
    mpq_set_ui(thousand, n_months, 1);
    mpq_div(quantity, sum->quantity, thousand);
    mpq_div(price, sum->cost, sum->quantity);
    mpq_set_ui(thousand, 1000, 1);
    fits = nanos_of(price, &item->price_nanos);
    while (fits && item->price_nanos < 1000000 && item->thousands + 1 < RK_COUNT_OF(counts)) {
        item->thousands++;
        mpq_mul(price, price, thousand);
        mpq_div(quantity, quantity, thousand);
        fits = nanos_of(price, &item->price_nanos);
    }
    fits = fits && rk_rational_micros(quantity, &item->quantity_micros);
    mpq_clears(price, quantity, thousand, NULL);
    return fits;
}

static bool count_money(const rk_bill_sum *sum, unsigned n_months, rk_first_item *item)
{
    mpq_t months;
    mpq_init(months);
    mpq_set_ui(months, n_months, 1);
    mpq_div(months, sum->cost, months);
    item->is_money = true;
    item->quantity_micros = 1000000;
    bool fits = nanos_of(months, &item->price_nanos);
    mpq_clear(months);
    return fits;
}

void rk_first_item_make(const rk_bill_sum *sum, unsigned n_months, rk_first_item *out)
{
    int sign = mpq_sgn(sum->cost);
    *out = (rk_first_item){.sum = sum};
    if (!sum->service) {
        out->left_out = "the bill names no service";
    } else if (sign <= 0) {
        out->left_out = sign == 0 ? "it costs nothing" : "a credit: a plan has no costs below nothing";
    } else {
        bool is_counted = sum->unit && *sum->unit && mpq_sgn(sum->quantity) > 0;
        bool fits = is_counted ? count_units(sum, n_months, out) : count_money(sum, n_months, out);
        out->left_out = !fits ? "absurdly large" : !has_amount(out) ? "less than a millionth a month" : NULL;
    }
}

/* ---- words ---- */

static void add_decimal(rk_text *out, int64_t units, uint8_t places)
{
    while (places > 0 && units % 10 == 0) {
        units /= 10;
        places--;
    }
    rk_decimal_print((rk_decimal){units, places}, false, out);
}

static void add_quoted(rk_text *out, const char *words) { rk_text_add_json(out, rk_slice_of(words)); }

/* In a comment: one line, whatever the bill has in it. */
static void add_plain(rk_text *out, const char *words)
{
    for (; *words; words++) {
        char c = (unsigned char)*words < ' ' || *words == 0x7f ? '?' : *words;
        rk_text_add_slice(out, (rk_slice){&c, 1});
    }
}

/* "Amazon Simple Storage Service, GB-Months": the element, and the key of its rate. */
static void add_name(rk_text *out, const rk_first_item *item, void (*add)(rk_text *, const char *))
{
    rk_text name = {0};
    rk_text_add(&name, item->sum->service ? item->sum->service : "no service");
    if (item->sum->unit && *item->sum->unit) {
        rk_text_addf(&name, ", %s", item->sum->unit);
    }
    add(out, name.at ? name.at : "");
    out->failed = out->failed || name.failed;
    rk_text_release(&name);
}

static void add_cost(const rk_first_texts *t, const rk_first_item *item, rk_text *out)
{
    int64_t micros = 0;
    if (!rk_rational_micros(item->sum->cost, &micros)) {
        rk_text_add(out, "very much money");
        return;
    }
    rk_money_print_exact((rk_money){micros}, out);
    rk_text_addf(out, " %s", t->currency);
}

/* ---- the plan ---- */

static void add_head(const rk_first_texts *t, rk_text *out)
{
    rk_text_add(out,
                "# A first plan, written by reckon cost init: correct it from top to bottom. What is assumed says so.\n"
                "#   reckon cost statement plan.yaml\n");
    if (t->sums) {
        rk_text_add(out, "#   reckon cost reconcile plan.yaml ");
        add_plain(out, t->ask->bill);
        rk_text_add(out, "\n");
    }
    rk_text_addf(out, "reckon: plan/1\nname: first plan\ncurrency: %s\nstart: %s\nmonths: %llu\nprices: [%s%s]\n\n",
                 t->currency, t->start, (unsigned long long)t->ask->n_months, t->ask->machine ? "default" : "",
                 !t->sums          ? ""
                 : t->ask->machine ? ", prices.yaml"
                                   : "prices.yaml");
}

static void add_fleet(const rk_first_texts *t, rk_text *out)
{
    if (!t->ask->machine) {
        rk_text_add(
            out,
            "    # No machine was named, so there is no fleet and machines do not follow the traffic: they are what\n"
            "    # the bill has. To plan them: fleet: {machine: KEY, utilisation: 0.6, min: 2}\n");
        return;
    }
    rk_text_add(out, "    # assumed: at most 60 % busy, and two, so that one may fail");
    rk_text_add(out,
                t->sums ? ". The machines on the bill stand below as well:\n    # take one of the two away\n" : "\n");
    rk_text_add(out, "    fleet: {machine: ");
    add_quoted(out, t->ask->machine);
    rk_text_add(out, ", utilisation: 0.6, min: 2}\n");
}

static void add_service(const rk_first_texts *t, rk_text *out)
{
    rk_text_add(out, "services:\n  ");
    add_quoted(out, t->ask->service);
    rk_text_add(out, ":\n    product_line: ");
    add_quoted(out, t->ask->product_line);
    rk_text_addf(
        out,
        "\n    traffic:\n"
        "      # As told. Assumed: every day and hour alike, no growth, no event days. Give hours, weekdays, events;\n"
        "      # reckon cost plan makes months of a history.\n"
        "      requests_per_day: %llu\n    # measured: ",
        (unsigned long long)t->ask->requests_per_day);
    add_plain(out, t->capacity_words);
    rk_text_add(out, "\n    capacity: {profile: ");
    add_quoted(out, t->profile);
    rk_text_add(out, ", slo: {latency_ms_p99: ");
    rk_decimal_print(rk_decimal_of_real(t->ask->slo_ms), false, out);
    rk_text_add(out, ", errors: 0.001}}   # assumed: one request in 1,000 may fail\n");
    if (t->has_bytes) {
        rk_text_add(out, "    response_bytes: measured\n");
    }
    add_fleet(t, out);
}

static void add_element(const rk_first_texts *t, const rk_first_item *item, rk_text *out)
{
    size_t guess = guess_of(item->sum);
    rk_text_addf(out, "  # %llu line%s, ", (unsigned long long)item->sum->n_lines, item->sum->n_lines == 1 ? "" : "s");
    add_cost(t, item, out);
    rk_text_addf(out, "; %s", guesses[guess].service_category ? "guessed of " : "not guessed, of ");
    add_plain(out, *item->sum->category ? item->sum->category : "no category");
    rk_text_add(out, "\n  - {name: ");
    add_name(out, item, add_quoted);
    rk_text_addf(out, ", category: %s, layer: %s, service: ", guesses[guess].category, guesses[guess].layer);
    add_quoted(out, t->ask->service);
    rk_text_add(out, ", use: ");
    add_name(out, item, add_quoted);
    rk_text_add(out, ", quantity: ");
    add_decimal(out, item->quantity_micros, 6);
    rk_text_add(out, ", origin: billed}\n");
}

static void add_elements(const rk_first_texts *t, size_t n_planned, rk_text *out)
{
    if (n_planned == 0) {
        return;
    }
    rk_text_addf(out,
                 "\n# The mean month of %u on the bill, %s to %s. Assumed: it goes on, and none of it follows the "
                 "traffic. Where\n"
                 "# something does, write per: request, response_gb, ... and the quantity for each; where it grows, "
                 "grows_per_month.\n"
                 "# Who pays for people, licences and owned machines the bill does not say: add persons, incidents, "
                 "owned machines.\n"
                 "elements:\n",
                 t->n_months_billed, t->first_month, t->last_month);
    for (size_t i = 0; i < t->n_items; i++) {
        if (!t->items[i].left_out) {
            add_element(t, &t->items[i], out);
        }
    }
}

static void add_rule(const rk_first_item *item, rk_text *out)
{
    rk_text_add(out, "    - {element: ");
    add_name(out, item, add_quoted);
    rk_text_add(out, ", line: {service_name: ");
    add_quoted(out, item->sum->service);
    if (item->sum->unit && *item->sum->unit) {
        rk_text_add(out, ", unit: ");
        add_quoted(out, item->sum->unit);
    }
    rk_text_add(out, "}");
    if (item->is_money) {
        rk_text_add(out, ", quantity: none");
    } else if (item->thousands > 0) {
        static const char *const each[] = {"1", "0.001", "0.000001", "0.000000001"};
        rk_text_addf(out, ", units_each: %s", each[item->thousands]);
    }
    rk_text_add(out, "}\n");
}

/* Rules without a unit come last: they fit every line of their service that no other rule took. */
static void add_rules(const rk_first_texts *t, size_t n_planned, rk_text *out)
{
    if (n_planned == 0) {
        return;
    }
    rk_text_add(out, "\n# By these rules the lines of a bill meet the elements above.\nbill:\n  rules:\n");
    for (int has_unit = 1; has_unit >= 0; has_unit--) {
        for (size_t i = 0; i < t->n_items; i++) {
            const char *unit = t->items[i].sum->unit;
            if (!t->items[i].left_out && (unit && *unit) == (has_unit == 1)) {
                add_rule(&t->items[i], out);
            }
        }
    }
}

static void add_left_item(const rk_first_texts *t, const rk_first_item *item, rk_text *out)
{
    rk_text_add(out, "#   ");
    add_name(out, item, add_plain);
    rk_text_addf(out, ": %llu line%s, ", (unsigned long long)item->sum->n_lines, item->sum->n_lines == 1 ? "" : "s");
    add_cost(t, item, out);
    rk_text_addf(out, "; %s\n", item->left_out);
}

/* By name where there is money, by number where there is none. */
static void add_left_out(const rk_first_texts *t, size_t n_planned, rk_text *out)
{
    uint64_t n_free = 0;
    if (n_planned == t->n_items) {
        return;
    }
    rk_text_add(out, "\n# On the bill and not in the plan:\n");
    for (size_t i = 0; i < t->n_items; i++) {
        const rk_first_item *item = &t->items[i];
        if (item->left_out && mpq_sgn(item->sum->cost) != 0) {
            add_left_item(t, item, out);
        } else if (item->left_out) {
            n_free += item->sum->n_lines;
        }
    }
    if (n_free > 0) {
        rk_text_addf(out, "#   %llu line%s of services that cost nothing\n", (unsigned long long)n_free,
                     n_free == 1 ? "" : "s");
    }
}

static size_t count_planned(const rk_first_texts *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        n += t->items[i].left_out ? 0 : 1;
    }
    return n;
}

void rk_first_plan_text(const rk_first_texts *t, rk_text *out)
{
    size_t n_planned = count_planned(t);
    add_head(t, out);
    add_service(t, out);
    add_elements(t, n_planned, out);
    add_rules(t, n_planned, out);
    add_left_out(t, n_planned, out);
}

/* ---- the price book ---- */

static void add_rate(const rk_first_texts *t, const rk_first_item *item, rk_text *out)
{
    rk_text unit = {0};
    rk_text_addf(&unit, "%s%s", counts[item->thousands], item->is_money ? "month" : item->sum->unit);
    rk_text_add(out, "  ");
    add_name(out, item, add_quoted);
    rk_text_add(out, ": {kind: rate, unit: ");
    add_quoted(out, unit.at ? unit.at : "");
    rk_text_add(out, ", price: ");
    add_decimal(out, item->price_nanos, 9);
    rk_text_add(out, "}   # ");
    add_cost(t, item, out);
    if (item->is_money) {
        rk_text_addf(out, " in %u month%s", t->n_months_billed, t->n_months_billed == 1 ? "" : "s");
    } else {
        rk_text_add(out, " for ");
        rk_rational_print(item->sum->quantity, out);
        rk_text_add(out, " ");
        add_plain(out, item->sum->unit);
    }
    rk_text_add(out, "\n");
    out->failed = out->failed || unit.failed;
    rk_text_release(&unit);
}

void rk_first_prices_text(const rk_first_texts *t, rk_text *out)
{
    rk_text source = {0};
    rk_text_addf(&source, "effective prices of %s, %s to %s", t->ask->bill, t->first_month, t->last_month);
    rk_text_add(out, "# What a unit cost on the bill, discounts and all, written by reckon cost init.\n"
                     "reckon: prices/1\nname: effective prices\nvalid_from: ");
    rk_text_addf(out, "%s-01\nsource: ", t->first_month);
    add_quoted(out, source.at ? source.at : "");
    rk_text_addf(out, "\ncurrency: %s\nprices:\n", t->currency);
    for (size_t i = 0; i < t->n_items; i++) {
        if (!t->items[i].left_out) {
            add_rate(t, &t->items[i], out);
        }
    }
    out->failed = out->failed || source.failed;
    rk_text_release(&source);
}
