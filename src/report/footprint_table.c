/* footprint_table.c - see footprint_table.h. Sums have all their places, so that tables add up as printed. */
#include "report/footprint_table.h"

#include <string.h>

#include "base/map.h"
#include "math/money.h"

static void add_micros(rk_table *table, int64_t micros, unsigned n_digits, bool known)
{
    rk_text text = {0};
    if (known) {
        rk_money_print((rk_money){micros}, n_digits, &text);
    } else {
        rk_text_add(&text, "-");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void add_sum(const rk_footprint *footprint, rk_footprint_pick pick, rk_table *table)
{
    rk_footprint_sum sum = rk_footprint_sum_of(footprint, pick);
    add_micros(table, sum.requests_micros, 0, true);
    add_micros(table, sum.kwh_micros, 6, true);
    add_micros(table, sum.operational_mg, 6, true);
    add_micros(table, sum.embodied_mg, 6, true);
    add_micros(table, sum.operational_mg + sum.embodied_mg, 6, true);
    add_micros(table, sum.sci_micros, 6, sum.has_sci);
}

#define SUM_HEADS                                                                                                      \
    {"requests", true}, {"kWh", true}, {"operational kg", true}, {"embodied kg", true}, {"kg CO2e", true},             \
    {                                                                                                                  \
        "g per 1,000 requests", true                                                                                   \
    }

static void print_services(const rk_footprint *footprint, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"service", false}, {"month", false}, SUM_HEADS};
    const rk_ledger *ledger = rk_footprint_ledger(footprint);
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
            rk_table_add(&table, rk_ledger_service(ledger, s)->name);
            rk_table_add(&table, rk_ledger_month(ledger, m));
            add_sum(footprint, (rk_footprint_pick){s, m, NULL}, &table);
        }
        rk_table_add(&table, rk_ledger_service(ledger, s)->name);
        rk_table_add(&table, "all");
        add_sum(footprint, (rk_footprint_pick){s, RK_ALL_MONTHS, NULL}, &table);
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void print_product_lines(const rk_footprint *footprint, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"product line", false}, SUM_HEADS};
    const rk_ledger *ledger = rk_footprint_ledger(footprint);
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
    rk_interner *seen = rk_interner_new();
    for (uint32_t s = 0; seen && s < rk_ledger_n_services(ledger); s++) {
        const char *line = rk_ledger_service(ledger, s)->product_line;
        uint32_t n_before = rk_interner_count(seen);
        out->failed = rk_interner_add(seen, rk_slice_of(line)) == RK_NO_ID || out->failed;
        if (rk_interner_count(seen) > n_before) {
            rk_table_add(&table, line);
            add_sum(footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, line}, &table);
        }
    }
    rk_table_add(&table, "total");
    add_sum(footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, NULL}, &table);
    out->failed = !seen || out->failed;
    rk_interner_free(seen);
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* What each part adds, over all months. */
static void print_parts(const rk_footprint *footprint, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {
        {"of what", false}, {"kWh", true}, {"operational kg", true}, {"embodied kg", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (int part = RK_RENTED; part <= RK_BY_UNIT; part++) {
        int64_t kwh = 0, operational = 0, embodied = 0;
        for (size_t i = 0; i < rk_footprint_n_lines(footprint); i++) {
            const rk_footprint_line *line = rk_footprint_line_at(footprint, i);
            bool is_part = (int)line->part == part;
            kwh += is_part ? line->kwh_micros : 0;
            operational += is_part ? line->operational_mg : 0;
            embodied += is_part ? line->embodied_mg : 0;
        }
        rk_table_add(&table, rk_footprint_part_name((rk_footprint_part)part));
        add_micros(&table, kwh, 6, true);
        add_micros(&table, operational, 6, true);
        add_micros(&table, embodied, 6, true);
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* Every figure that a book gives, once, and where it stands. */
static void print_factors(const rk_footprint *footprint, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"figure", false}, {"value", true}, {"unit", false}, {"from", false}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    rk_interner *seen = rk_interner_new();
    rk_text key = {0};
    for (size_t i = 0; seen && i < rk_footprint_n_lines(footprint); i++) {
        const rk_footprint_line *line = rk_footprint_line_at(footprint, i);
        for (uint32_t k = 0; k < line->n_inputs; k++) {
            const rk_cost_input *input = &line->inputs[k];
            uint32_t n_before = rk_interner_count(seen);
            rk_text_clear(&key);
            rk_text_addf(&key, "%s\n%s", input->name, input->from);
            if (line->part == RK_BY_UNIT && strcmp(input->name, "quantity") == 0) {
                continue; /* a line of the ledger, not a factor */
            }
            bool ok = !key.failed && rk_interner_add(seen, (rk_slice){key.at, key.n}) != RK_NO_ID;
            out->failed = !ok || out->failed;
            if (ok && rk_interner_count(seen) > n_before) {
                rk_table_add(&table, input->name);
                rk_table_add(&table, input->value);
                rk_table_add(&table, input->unit);
                rk_table_add(&table, input->from);
            }
        }
    }
    out->failed = !seen || out->failed;
    rk_text_release(&key);
    rk_interner_free(seen);
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void print_omitted(const rk_footprint *footprint, rk_text *out)
{
    rk_text_add(out, "\nnot counted: people, offices, the way of the answers to the users, and\n");
    for (size_t i = 0; i < rk_footprint_n_omitted(footprint); i++) {
        rk_text_addf(out, "  %s\n", rk_footprint_omitted(footprint, i));
    }
    if (rk_footprint_n_omitted(footprint) == 0) {
        rk_text_add(out, "  nothing else that the plan names\n");
    }
}

void rk_report_footprint(const rk_footprint *footprint, rk_table_style style, rk_text *out)
{
    const rk_ledger *ledger = rk_footprint_ledger(footprint);
    rk_text_addf(out, "%s: energy and carbon, %s to %s\n", rk_ledger_name(ledger), rk_ledger_month(ledger, 0),
                 rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1));
    rk_text_add(out,
                "kg of CO2e, location-based: what the grid emits, whatever was bought or offset; SCI = (E x I + M) "
                "per 1,000 requests\n\n");
    print_services(footprint, style, out);
    print_product_lines(footprint, style, out);
    print_parts(footprint, style, out);
    print_factors(footprint, style, out);
    print_omitted(footprint, out);
}

void rk_report_footprint_lines(const rk_footprint *footprint, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"month", false},  {"service", false},     {"line", false},
                                      {"energy", false}, {"operational", false}, {"embodied", false}};
    const rk_ledger *ledger = rk_footprint_ledger(footprint);
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < rk_footprint_n_lines(footprint); i++) {
        const rk_footprint_line *line = rk_footprint_line_at(footprint, i);
        rk_table_add(&table, rk_ledger_month(ledger, line->month));
        rk_table_add(&table, rk_ledger_service(ledger, line->service)->name);
        rk_table_add(&table, line->name);
        rk_table_add(&table, line->energy);
        rk_table_add(&table, line->operational);
        rk_table_add(&table, line->embodied);
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}
