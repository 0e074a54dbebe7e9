/* machines.c - see machines.h. A source is named once, under the table, by the letter that its machines carry. */
#include "report/machines.h"

#include <string.h>

#include "base/clock.h"

enum { MAX_SOURCES = 26 };

typedef struct {
    const char *text[MAX_SOURCES];
    rk_when day[MAX_SOURCES];
    size_t n;
} sources;

/* Its index; a new one when there is room, otherwise MAX_SOURCES. */
static size_t source_of(sources *seen, const rk_price *price)
{
    const char *text = price->source ? price->source : "source not said";
    for (size_t i = 0; i < seen->n; i++) {
        if (strcmp(seen->text[i], text) == 0 && seen->day[i].value == price->valid_from.value &&
            seen->day[i].is_set == price->valid_from.is_set) {
            return i;
        }
    }
    if (seen->n < MAX_SOURCES) {
        seen->text[seen->n] = text;
        seen->day[seen->n++] = price->valid_from;
        return seen->n - 1;
    }
    return MAX_SOURCES;
}

static void add_size(rk_table *table, const rk_number *number)
{
    rk_text text = {0};
    if (number->is_set) {
        rk_decimal_print(number->value, true, &text);
    } else {
        rk_text_add(&text, "-");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void add_price(rk_table *table, const mpq_t price)
{
    rk_text text = {0};
    if (mpq_sgn(price) > 0) {
        rk_found_print_price(price, &text);
    } else {
        rk_text_add(&text, "-");
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void add_machine(rk_table *table, sources *seen, const rk_found_machine *machine)
{
    const rk_machine_price *size = &machine->price->as.machine;
    size_t source = source_of(seen, machine->price);
    rk_table_add(table, machine->price->key);
    rk_table_add(table, machine->price->region ? machine->price->region : "-");
    add_size(table, &size->vcpu);
    add_size(table, &size->memory_gib);
    add_price(table, machine->per_hour);
    add_price(table, machine->per_vcpu);
    add_price(table, machine->per_gib);
    rk_table_addf(table, "%c", source < MAX_SOURCES ? (int)('a' + source) : '*');
}

static void add_sources(const sources *seen, rk_text *out)
{
    for (size_t i = 0; i < seen->n; i++) {
        char day[24] = "";
        if (seen->day[i].is_set) {
            rk_format_time((int64_t)seen->day[i].value * 86400, day);
        }
        rk_text_addf(out, "  %c  %s%s%.10s\n", (int)('a' + i), seen->text[i], *day ? ", valid from " : "", day);
    }
    if (seen->n == MAX_SOURCES) {
        rk_text_add(out, "  *  further sources: see --json\n");
    }
}

void rk_report_machines(const rk_found *found, size_t n, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"key", false},    {"region", false},  {"vcpu", true},    {"GiB", true},
                                      {"an hour", true}, {"per vcpu", true}, {"per GiB", true}, {"source", false}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    sources seen = {0};
    size_t shown = n < found->n ? n : found->n;
    for (size_t i = 0; i < shown; i++) {
        add_machine(&table, &seen, &found->machines[i]);
    }
    rk_text_addf(out, "%zu of %zu machines, prices in %s\n\n", shown, found->n, found->currency);
    rk_table_print(&table, style, out);
    rk_text_add(out, seen.n ? "\n" : "");
    add_sources(&seen, out);
    out->failed = out->failed || table.failed;
    rk_table_release(&table);
}
