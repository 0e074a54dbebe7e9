/* compare_words.c - see compare_words.h: a row for each figure, a column for each plan. */
#include "report/compare_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Adds the cell of one column to its row. */
typedef void row_writer(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table);

/* ---- money of the whole ---- */

static void write_total(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)c;
    (void)which;
    rk_table_add_money(table, column->total, 2);
}

static void write_category(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)c;
    rk_table_add_money(table, column->by_category[which], 2);
}

static void write_paid(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)c;
    rk_table_add_money(table, which ? column->closing : column->paid, 2);
}

static bool is_first(const rk_comparison *c, const rk_compared *column) { return column == &c->columns[0]; }

static void write_saving(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)which;
    if (is_first(c, column)) {
        rk_table_add(table, NULL);
    } else {
        rk_table_add_money(table, (rk_money){column->saving_micros}, 2);
    }
}

static void write_npv(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)which;
    if (is_first(c, column)) {
        rk_table_add(table, NULL);
    } else {
        rk_table_add_fixed(table, column->npv, 2);
    }
}

static void write_payback(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)which;
    if (is_first(c, column)) {
        rk_table_add(table, NULL);
    } else if (column->payback_month < 0) {
        rk_table_add(table, "not in this plan");
    } else {
        rk_table_addf(table, "%s%d", column->payback_month == 0 ? "at once, month " : "month ",
                      column->payback_month + 1);
    }
}

static void write_requests(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)c;
    (void)which;
    rk_table_add_fixed(table, column->requests, 0);
}

static void write_shortfall(const rk_comparison *c, const rk_compared *column, size_t which, rk_table *table)
{
    (void)c;
    (void)which;
    rk_table_add_fixed(table, (double)column->shortfall_micros / 1e6, 0);
}

static void add_row(const rk_comparison *c, const char *title, row_writer *write, size_t which, rk_table *table)
{
    rk_table_add(table, title);
    for (size_t i = 0; i < c->n; i++) {
        write(c, &c->columns[i], which, table);
    }
}

/* ---- a service ---- */

typedef enum { VARIANT, QUALITY, MACHINE, MOST, CAPACITY, MEMORY, PER_1000, N_FACTS } fact;

static bool has_fact(const rk_compared_service *s, fact f)
{
    switch (f) {
    case VARIANT:
        return s->variant != NULL;
    case QUALITY:
        return isfinite(s->quality);
    case MACHINE:
    case MOST:
        return s->machine != NULL;
    case CAPACITY:
        return s->capacity_rps > 0;
    case MEMORY:
        return s->memory_bytes > 0;
    default:
        return s->has_per_1000;
    }
}

static void write_fact(const rk_compared_service *s, fact f, rk_table *table)
{
    rk_text text = {0};
    switch (f) {
    case VARIANT:
    case MACHINE:
        rk_text_add(&text, f == VARIANT ? s->variant : s->machine);
        break;
    case MOST:
        rk_text_addf(&text, "%lld", (long long)s->n_machines_max);
        break;
    case MEMORY:
        rk_text_add_bytes(&text, s->memory_bytes);
        break;
    case PER_1000:
        rk_money_print(s->full_per_1000, 6, &text);
        break;
    default:
        rk_text_add_real(&text, f == QUALITY ? s->quality : round(s->capacity_rps * 1e3) / 1e3);
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static const rk_compared_service *service_named(const rk_compared *column, const char *name)
{
    for (uint32_t s = 0; s < column->n_services; s++) {
        if (strcmp(column->services[s].name, name) == 0) {
            return &column->services[s];
        }
    }
    return NULL;
}

static void add_fact_row(const rk_comparison *c, const char *name, fact f, rk_table *table)
{
    static const char *const titles[N_FACTS] = {"variant",      "quality",          "machine",          "most machines",
                                                "requests/s of one", "memory, measured", "1,000 requests"};
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        const rk_compared_service *s = service_named(&c->columns[i], name);
        any = any || (s && has_fact(s, f));
    }
    if (!any) {
        return;
    }
    rk_table_addf(table, "%s: %s", name, titles[f]);
    for (size_t i = 0; i < c->n; i++) {
        const rk_compared_service *s = service_named(&c->columns[i], name);
        if (s && has_fact(s, f)) {
            write_fact(s, f, table);
        } else {
            rk_table_add(table, NULL);
        }
    }
}

/* Services by name, in order of first appearance over the columns. */
static void add_services(const rk_comparison *c, rk_table *table)
{
    for (size_t i = 0; i < c->n; i++) {
        for (uint32_t s = 0; s < c->columns[i].n_services; s++) {
            const char *name = c->columns[i].services[s].name;
            bool is_new = true;
            for (size_t j = 0; j < i; j++) {
                is_new = is_new && !service_named(&c->columns[j], name);
            }
            for (int f = 0; f < N_FACTS && is_new; f++) {
                add_fact_row(c, name, (fact)f, table);
            }
        }
    }
}

/* ---- words ---- */

static void add_crossing(const rk_comparison *c, const rk_compared *column, const rk_break_even *at, rk_text *out)
{
    const char *first = c->columns[0].name, *below = at->first_is_cheaper_below ? first : column->name;
    const char *above = at->first_is_cheaper_below ? column->name : first;
    rk_text_addf(out, "at %.3g times the traffic (", at->factor);
    rk_text_add_fixed(out, at->requests_per_day, 0);
    rk_text_addf(out, " requests a day) the choice turns: below '%s' is cheaper, above '%s'\n", below, above);
}

static void add_sentences(const rk_comparison *c, rk_text *out)
{
    for (size_t i = 1; i < c->n; i++) {
        const rk_compared *column = &c->columns[i];
        int64_t saving = column->saving_micros;
        rk_text_addf(out, "\n'%s' costs ", column->name);
        rk_money_print((rk_money){saving < 0 ? -saving : saving}, 2, out);
        rk_text_addf(out, " %s %s than '%s'%s\n", c->currency, saving < 0 ? "more" : "less", c->columns[0].name,
                     saving == 0 ? ": the same" : "");
        if (column->below.factor > 0) {
            add_crossing(c, column, &column->below, out);
        }
        if (column->above.factor > 0) {
            add_crossing(c, column, &column->above, out);
        }
        if (column->below.factor <= 0 && column->above.factor <= 0) {
            rk_text_add(out, "that holds from 1/64 to 64 times the traffic\n");
        }
    }
}

/* What has no fleet costs the same at any traffic, which is right only as far as it carries it. */
static void add_caveat(const rk_comparison *c, rk_text *out)
{
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        const rk_compared *column = &c->columns[i];
        for (uint32_t s = 0; s < column->n_services; s++) {
            if (!column->services[s].machine) {
                rk_text_addf(out, "%s%s of '%s'", any ? ", " : "\nno fleet follows the traffic of ",
                             column->services[s].name, column->name);
                any = true;
            }
        }
    }
    rk_text_add(out, any ? ": taken to carry any of it, so check how much it can\n" : "");
}

void rk_report_comparison(const rk_comparison *c, rk_table_style style, rk_text *out)
{
    rk_column heads[RK_COMPARE_MAX + 1] = {{"", false}};
    char npv[64];
    for (size_t i = 0; i < c->n; i++) {
        heads[i + 1] = (rk_column){c->columns[i].name, true};
    }
    rk_table table = {.columns = heads, .n_columns = c->n + 1};
    snprintf(npv, sizeof npv, "paid less, at %.4g %% a year", 100 * c->discount_yearly);
    for (size_t k = 0; k < RK_N_CATEGORIES; k++) {
        add_row(c, rk_category_name((rk_category)k), write_category, k, &table);
    }
    add_row(c, "total", write_total, 0, &table);
    add_row(c, "saves", write_saving, 0, &table);
    add_row(c, "paid", write_paid, 0, &table);
    add_row(c, "on the books at the end", write_paid, 1, &table);
    add_row(c, npv, write_npv, 0, &table);
    add_row(c, "has paid back", write_payback, 0, &table);
    add_row(c, "requests", write_requests, 0, &table);
    add_row(c, "beyond max", write_shortfall, 0, &table);
    add_services(c, &table);
    rk_text_addf(out, "%u month%s, in %s\n\n", c->n_months, c->n_months == 1 ? "" : "s", c->currency);
    rk_table_print(&table, style, out);
    out->failed = out->failed || table.failed;
    rk_table_release(&table);
    add_sentences(c, out);
    add_caveat(c, out);
}
