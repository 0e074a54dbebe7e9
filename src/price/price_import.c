/* price_import.c - see price_import.h. The table says which column of a list is what; the rest is the same for all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "price/exchange.h"
#include "price/import_parts.h"
#include "price/price_list.h"

enum { MAX_FORMATS = 64, MAX_NAME_BYTES = 100, MAX_KEY_BYTES = 320 };

const char *rk_row_fate_words(rk_row_fate fate)
{
    static const char *const words[RK_N_ROW_FATES] = {
        [RK_ROW_USED] = "used",
        [RK_ROW_OTHER_REGION] = "of other regions",
        [RK_ROW_NO_MACHINE] = "not the price of a machine",
        [RK_ROW_NO_NAME] = "without a usable name",
        [RK_ROW_NO_PRICE] = "without a price",
        [RK_ROW_BAD_PRICE] = "with a price that is no decimal of at most 18 digits",
        [RK_ROW_REPEATED] = "on a machine that had another price or list before",
    };
    return words[fate];
}

rk_import *rk_import_new(void)
{
    rk_import *import = calloc(1, sizeof *import);
    if (!import) {
        return NULL;
    }
    import->entries.item_bytes = sizeof(rk_import_entry);
    import->sizes.item_bytes = sizeof(rk_import_size);
    import->keys = rk_interner_new();
    import->sized = rk_interner_new();
    import->regions = rk_interner_new();
    if (!import->keys || !import->sized || !import->regions) {
        rk_import_free(import);
        return NULL;
    }
    return import;
}

void rk_import_free(rk_import *import)
{
    if (!import) {
        return;
    }
    rk_interner_free(import->keys);
    rk_interner_free(import->sized);
    rk_interner_free(import->regions);
    rk_vec_release(&import->entries);
    rk_vec_release(&import->sizes);
    rk_arena_release(&import->arena);
    free(import);
}

/* ---- one list ---- */

/* A list being read: its format with every column found, and what all its entries share. */
typedef struct {
    rk_import *import;
    const rk_import_options *options;
    rk_price_list list;
    const rk_list_format *format;
    size_t machine, region, engine, table, vcpu, memory, currency, price[RK_LIST_OPTIONS]; /* NONE = no such column */
    const char *source, *day;
    rk_import_report *report;
} reading;

enum { NONE = RK_LIST_COLUMNS_MAX };

static size_t column_of(const reading *r, const char *name)
{
    for (size_t i = 0; name && i < r->list.n_columns; i++) {
        if (rk_slice_is(r->list.names[i], name)) {
            return i;
        }
    }
    return NONE;
}

static void find_columns(reading *r)
{
    const rk_list_format *f = r->format;
    r->machine = column_of(r, f->machine);
    r->region = column_of(r, f->region);
    r->engine = column_of(r, f->engine);
    r->table = column_of(r, f->table);
    r->vcpu = column_of(r, f->vcpu);
    r->memory = column_of(r, f->memory);
    r->currency = column_of(r, f->currency_column);
    for (size_t i = 0; i < RK_LIST_OPTIONS; i++) {
        r->price[i] = column_of(r, f->prices[i].column);
    }
}

static rk_slice cell(const reading *r, size_t column)
{
    return column == NONE ? RK_SLICE("") : r->list.cells[column].text;
}

static rk_status find_format(reading *r, rk_error *err)
{
    const char *names[MAX_FORMATS];
    const char *wanted = r->options->format;
    for (size_t i = 0; i < rk_n_list_formats; i++) {
        bool is_head = rk_slice_is(r->list.head, rk_list_formats[i].head);
        names[i] = rk_list_formats[i].name;
        if (is_head && (!wanted || strcmp(wanted, names[i]) == 0)) {
            r->format = &rk_list_formats[i];
            return RK_OK;
        }
        if (wanted && !is_head && strcmp(wanted, names[i]) == 0) {
            return rk_fail_at(err, (rk_place){r->list.path, r->list.line, 1},
                              "a list of format %s starts with '%s', got '%.*s'", wanted, rk_list_formats[i].head,
                              (int)(r->list.head.n < 120 ? r->list.head.n : 120), r->list.head.at);
        }
    }
    if (!wanted) {
        return rk_fail_at(err, (rk_place){r->list.path, r->list.line, 1},
                          "no price list that is known here starts with '%.*s'; docs/prices.md has those that are",
                          (int)(r->list.head.n < 120 ? r->list.head.n : 120), r->list.head.at);
    }
    const char *near = rk_nearest_name(wanted, names, rk_n_list_formats);
    return rk_fail(err, RK_BAD_USAGE, "no list format '%.60s'%s%s%s", wanted, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

/* "2026-07-20" somewhere in the file's name, as it stands there, or NULL. */
static const char *day_in(const char *name)
{
    for (; *name; name++) {
        static const char pattern[] = "0000-00-00";
        size_t i = 0;
        while (pattern[i] && (pattern[i] == '-' ? name[i] == '-' : name[i] >= '0' && name[i] <= '9')) {
            i++;
        }
        if (!pattern[i]) {
            return name;
        }
    }
    return NULL;
}

static bool is_day(const char *text)
{
    int year;
    unsigned month, day;
    return day_in(text) == text && sscanf(text, "%4d-%2u-%2u", &year, &month, &day) == 3 && month >= 1 && month <= 12 &&
           day >= 1 && day <= rk_days_in_month(year, month);
}

/* Source and day of the whole list. */
static rk_status find_origin(reading *r, rk_error *err)
{
    const char *slash = strrchr(r->list.path, '/'), *file = slash ? slash + 1 : r->list.path;
    const char *day = r->options->day ? r->options->day : day_in(file);
    char source[512];
    if (!r->format->source) {
        return RK_OK;
    }
    if (!day) {
        return rk_fail(err, RK_BAD_INPUT, "%s: no day in the file's name: give --valid-from YYYY-MM-DD", r->list.path);
    }
    if (!is_day(day) || (r->options->day && day[10])) {
        return rk_fail(err, RK_BAD_INPUT, "%s: '%.10s' is no day; give --valid-from YYYY-MM-DD", r->list.path, day);
    }
    snprintf(source, sizeof source, "%s (%.200s)", r->format->source, file);
    const char *words = r->options->source ? r->options->source : source;
    r->source = rk_arena_copy(&r->import->arena, words, strlen(words));
    r->day = rk_arena_copy(&r->import->arena, day, 10);
    return r->source && r->day ? RK_OK : rk_fail_memory(err, "price entries");
}

/* ---- one row ---- */

static void leave_out(reading *r, rk_row_fate fate, size_t column)
{
    char *first = r->report->first[fate];
    if (r->report->n[fate]++ == 0 && fate != RK_ROW_USED) {
        rk_place at = rk_price_list_at(&r->list, column);
        rk_slice text = r->list.cells[column].text;
        snprintf(first, sizeof r->report->first[fate], "%.90s:%zu:%zu: '%.*s'", at.path, at.line, at.column,
                 (int)(text.n < 40 ? text.n : 40), text.at);
        for (char *c = first; *c; c++) {
            *c = *c < ' ' || *c > '~' ? '?' : *c;
        }
    }
}

/* Names of machines and regions are printable ASCII, and what is not would be no key to type. */
static bool is_name(rk_slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] < ' ' || name.at[i] > '~') {
            return false;
        }
    }
    return name.n > 0 && name.n <= MAX_NAME_BYTES;
}

static bool is_wanted(const rk_vec *regions, rk_slice region)
{
    for (size_t i = 0; regions && i < regions->n; i++) {
        if (rk_slice_is(region, ((const char **)regions->data)[i])) {
            return true;
        }
    }
    return !regions || regions->n == 0;
}

static rk_import_size read_size(const reading *r)
{
    rk_import_size size = {0};
    bool is_known = r->vcpu != NONE && !rk_decimal_parse(cell(r, r->vcpu), &size.vcpu) &&
                    !rk_decimal_parse(cell(r, r->memory), &size.memory_gib) && size.vcpu.units > 0 &&
                    size.memory_gib.units > 0;
    return is_known ? size : (rk_import_size){0};
}

/* The entry of this row's machine, new or from a row before. NULL when memory is short. */
static rk_import_entry *entry_of(reading *r, rk_slice name, rk_slice region)
{
    rk_import *import = r->import;
    rk_slice engine = cell(r, r->engine);
    char key[MAX_KEY_BYTES];
    bool with_region = r->options->keys == RK_KEY_IS_REGION_NAME;
    int n = snprintf(key, sizeof key, "%.*s%s%.*s%s%.*s", with_region ? (int)region.n : 0, region.at,
                     with_region ? "/" : "", (int)name.n, name.at, engine.n ? "/" : "", (int)engine.n, engine.at);
    rk_slice slice = {key, (size_t)n};
    uint32_t id = rk_interner_add(import->keys, slice);
    if (id == RK_NO_ID) {
        return NULL;
    }
    if (id < import->entries.n) {
        return (rk_import_entry *)import->entries.data + id;
    }
    rk_slice currency = r->currency == NONE ? rk_slice_of(r->format->currency) : cell(r, r->currency);
    rk_import_entry fresh = {.format = r->format, .source = r->source, .day = r->day, .size = read_size(r)};
    fresh.key = rk_arena_copy(&import->arena, key, slice.n);
    fresh.name = rk_arena_copy(&import->arena, name.at, name.n);
    fresh.region = rk_arena_copy(&import->arena, region.at, region.n);
    fresh.currency = rk_arena_copy(&import->arena, currency.at, currency.n);
    bool is_kept = fresh.key && fresh.name && fresh.region && fresh.currency && rk_vec_push(&import->entries, &fresh);
    return is_kept ? (rk_import_entry *)import->entries.data + id : NULL;
}

static bool is_equal(rk_decimal a, rk_decimal b) { return a.units == b.units && a.places == b.places; }

/* Puts price column i of the row into the machine's entry. */
static rk_row_fate take_price(reading *r, rk_import_entry *e, size_t i, rk_decimal price)
{
    bool is_same_list = e->format == r->format && e->source == r->source;
    bool is_other = !is_same_list || (e->has_price[i] && !is_equal(e->price[i], price));
    if (is_other) {
        return RK_ROW_REPEATED;
    }
    e->price[i] = price;
    e->has_price[i] = true;
    return RK_ROW_USED;
}

/* What column i gives: a price, or why not. */
static rk_row_fate read_price(const reading *r, size_t i, rk_decimal *out)
{
    rk_slice text = rk_slice_trim(cell(r, r->price[i]));
    if (text.n == 0) {
        return RK_ROW_NO_PRICE;
    }
    if (rk_decimal_parse(text, out) || out->units < 0) {
        return RK_ROW_BAD_PRICE;
    }
    return out->units == 0 ? RK_ROW_NO_PRICE : RK_ROW_USED;
}

/* The row is for column i: the list has one table, or this row stands in the column's. */
static bool is_for(const reading *r, size_t i)
{
    const char *table = r->format->prices[i].table;
    return r->price[i] != NONE && (!table || rk_slice_is(cell(r, r->table), table));
}

/* The fate with the largest number is told of a row; a good price in it is kept all the same. */
static rk_status read_prices(reading *r, rk_slice name, rk_slice region, rk_error *err)
{
    rk_row_fate fate = RK_ROW_NO_MACHINE;
    size_t column = r->table == NONE ? r->machine : r->table;
    bool is_used = false;
    for (size_t i = 0; i < RK_LIST_OPTIONS; i++) {
        rk_decimal price;
        if (!is_for(r, i)) {
            continue;
        }
        rk_row_fate found = read_price(r, i, &price);
        if (found == RK_ROW_USED) {
            rk_import_entry *e = entry_of(r, name, region);
            if (!e) {
                return rk_fail_memory(err, "price entries");
            }
            found = take_price(r, e, i, price);
        }
        is_used = is_used || found == RK_ROW_USED;
        if (found > fate) {
            fate = found;
            column = r->price[i];
        }
    }
    bool is_whole = is_used && fate < RK_ROW_BAD_PRICE; /* an empty cell beside a price says nothing */
    leave_out(r, is_whole ? RK_ROW_USED : fate, column);
    return RK_OK;
}

static rk_status keep_size(reading *r, rk_slice name, rk_error *err)
{
    rk_import_size size = read_size(r);
    if (!is_name(name) || size.vcpu.units == 0) {
        leave_out(r, RK_ROW_NO_NAME, r->machine);
        return RK_OK;
    }
    uint32_t id = rk_interner_add(r->import->sized, name);
    if (id == RK_NO_ID || (id == r->import->sizes.n && !rk_vec_push(&r->import->sizes, &size))) {
        return rk_fail_memory(err, "machine sizes");
    }
    const rk_import_size *kept = (const rk_import_size *)r->import->sizes.data + id;
    bool is_same = is_equal(kept->vcpu, size.vcpu) && is_equal(kept->memory_gib, size.memory_gib);
    leave_out(r, is_same ? RK_ROW_USED : RK_ROW_REPEATED, r->machine);
    return RK_OK;
}

static rk_status check_row_currency(const reading *r, rk_error *err)
{
    char text[8] = "";
    rk_slice currency = cell(r, r->currency);
    if (r->currency == NONE) {
        return RK_OK;
    }
    snprintf(text, sizeof text, "%.*s", (int)(currency.n < 7 ? currency.n : 7), currency.at);
    return rk_currency_check(text, rk_price_list_at(&r->list, r->currency), err);
}

static rk_status read_row(reading *r, rk_error *err)
{
    rk_slice name = rk_slice_trim(cell(r, r->machine));
    rk_slice region = r->region == NONE ? rk_slice_of(r->format->only_region) : rk_slice_trim(cell(r, r->region));
    r->report->n_rows++;
    if (!r->format->source) {
        return keep_size(r, name, err);
    }
    rk_slice engine = cell(r, r->engine);
    if (!is_name(name) || !is_name(region) || (engine.n && !is_name(engine))) {
        leave_out(r, RK_ROW_NO_NAME, r->machine);
        return RK_OK;
    }
    if (rk_interner_add(r->import->regions, region) == RK_NO_ID) {
        return rk_fail_memory(err, "regions");
    }
    if (!is_wanted(r->options->regions, region)) {
        leave_out(r, RK_ROW_OTHER_REGION, r->region == NONE ? r->machine : r->region);
        return RK_OK;
    }
    rk_status status = check_row_currency(r, err);
    return status ? status : read_prices(r, name, region, err);
}

static rk_status read_list(reading *r, rk_error *err)
{
    bool more = true;
    rk_status status = find_format(r, err);
    status = status ? status : find_origin(r, err);
    if (status) {
        return status;
    }
    find_columns(r);
    r->report->format = r->format->name;
    while (!(status = rk_price_list_next(&r->list, &more, err)) && more) {
        status = read_row(r, err);
        if (status) {
            return status;
        }
    }
    return status;
}

static rk_status add_list(reading *r, rk_status opened, rk_error *err)
{
    *r->report = (rk_import_report){0};
    rk_status status = opened ? opened : read_list(r, err);
    rk_price_list_release(&r->list);
    return status;
}

rk_status rk_import_add_file(rk_import *import, const char *path, const rk_import_options *options,
                             rk_import_report *report, rk_error *err)
{
    reading r = {.import = import, .options = options, .report = report};
    return add_list(&r, rk_price_list_open(path, &r.list, err), err);
}

rk_status rk_import_add_text(rk_import *import, rk_slice text, const char *path, const rk_import_options *options,
                             rk_import_report *report, rk_error *err)
{
    reading r = {.import = import, .options = options, .report = report};
    return add_list(&r, rk_price_list_parse(text, path, &r.list, err), err);
}
