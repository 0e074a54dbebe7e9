/* import_book.c - what was read of the lists, as a price book: a head, then one line for each machine. */
#include <string.h>

#include "price/import_parts.h"
#include "price/price.h"

/* The size of an entry: from its own list, from a list of sizes, or by its maker's naming. */
static rk_import_size size_of(const rk_import *import, const rk_import_entry *e, rk_import_sizes *sizes)
{
    rk_machine_size named;
    rk_slice name = rk_slice_of(e->name);
    uint32_t id = rk_interner_find(import->sized, name);
    if (e->size.vcpu.units || id != RK_NO_ID) {
        sizes->n_listed++;
        return e->size.vcpu.units ? e->size : ((const rk_import_size *)import->sizes.data)[id];
    }
    if (e->format->size && e->format->size(name, &named)) {
        sizes->n_by_name++;
        return (rk_import_size){{named.vcpu, 0}, {named.memory_gib, 0}};
    }
    sizes->n_unknown++;
    return (rk_import_size){0};
}

static void write_key(const char *key, rk_text *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    bool is_letter = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z');
    if (is_letter && key[strspn(key, plain)] == '\0') {
        rk_text_add(out, key);
    } else {
        rk_text_add_json(out, rk_slice_of(key));
    }
}

static void write_text(const char *name, const char *value, rk_text *out)
{
    rk_text_addf(out, "%s: ", name);
    rk_text_add_json(out, rk_slice_of(value));
}

static void write_number(const char *name, rk_decimal value, rk_text *out)
{
    rk_text_addf(out, "%s: ", name);
    rk_decimal_print(value, false, out);
}

/* One line; what the head says already is left out. */
static void write_entry(const rk_import *import, const rk_import_entry *e, const rk_import_entry *head,
                        rk_import_sizes *sizes, rk_text *out)
{
    rk_import_size size = size_of(import, e, sizes);
    rk_text_add(out, "  ");
    write_key(e->key, out);
    rk_text_add(out, ": {kind: machine, ");
    if (size.vcpu.units) {
        write_number("vcpu", size.vcpu, out);
        write_number(", memory_gib", size.memory_gib, out);
        rk_text_add(out, ", ");
    }
    rk_text_add(out, "hour: {");
    bool is_first = true;
    for (size_t i = 0; i < RK_LIST_OPTIONS; i++) {
        if (e->has_price[i]) {
            rk_text_add(out, is_first ? "" : ", ");
            write_number(e->format->prices[i].option, e->price[i], out);
            is_first = false;
        }
    }
    rk_text_add(out, "}");
    if (strcmp(e->currency, head->currency) != 0) {
        rk_text_addf(out, ", currency: %s", e->currency);
    }
    if (strcmp(e->region, head->region) != 0) {
        write_text(", region", e->region, out);
    }
    if (strcmp(e->day, head->day) != 0) {
        rk_text_addf(out, ", valid_from: %s", e->day);
    }
    if (strcmp(e->source, head->source) != 0) {
        write_text(", source", e->source, out);
    }
    rk_text_add(out, "}\n");
}

static rk_status check_regions(const rk_import *import, const rk_vec *regions, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; regions && i < regions->n && !status; i++) {
        const char *wanted = ((const char **)regions->data)[i];
        if (rk_interner_find(import->regions, rk_slice_of(wanted)) != RK_NO_ID) {
            continue;
        }
        uint32_t n = rk_interner_count(import->regions);
        rk_arena arena = {0};
        const char **names = RK_TAKE(&arena, const char *, n);
        for (uint32_t k = 0; names && k < n; k++) {
            rk_slice region = rk_interner_key(import->regions, k);
            const char *copy = rk_arena_copy(&arena, region.at, region.n);
            names[k] = copy ? copy : "";
        }
        const char *near = names ? rk_nearest_name(wanted, names, n) : NULL;
        status = rk_fail(err, RK_BAD_INPUT, "no list has the region '%.60s'%s%s%s", wanted,
                         near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        rk_arena_release(&arena);
    }
    return status;
}

/* What is handed out can be read: odd letters in a file's name, or more values than a book may have, are told here. */
static rk_status check_book(const rk_text *book, rk_error *err)
{
    rk_prices *prices = rk_prices_new();
    rk_status status = prices ? rk_prices_add_text(prices, (rk_slice){book->at, book->n}, "the book as made", err)
                              : rk_fail_memory(err, "price books");
    rk_prices_free(prices);
    return status;
}

static void write_head(const rk_import_entry *head, const char *name, rk_text *out)
{
    rk_text_add(out,
                "# List prices of rented machines, made by reckon prices import. An entry says what differs from the "
                "head.\nreckon: prices/1\n");
    if (name) {
        write_text("name", name, out);
        rk_text_add(out, "\n");
    }
    rk_text_addf(out, "valid_from: %s\n", head->day);
    write_text("source", head->source, out);
    rk_text_addf(out, "\ncurrency: %s\n", head->currency);
    write_text("region", head->region, out);
    rk_text_add(out, "\nprices:\n");
}

rk_status rk_import_write(rk_import *import, const rk_import_options *options, rk_text *out, rk_import_sizes *sizes,
                          rk_error *err)
{
    const rk_import_entry *entries = import->entries.data;
    size_t n = import->entries.n;
    rk_status status = check_regions(import, options->regions, err);
    if (status) {
        return status;
    }
    if (n == 0) {
        return rk_fail(err, RK_BAD_INPUT, "no price of a machine in these lists");
    }
    if (n > RK_IMPORT_MACHINES_MAX) {
        return rk_fail(err, RK_BAD_INPUT,
                       "%zu machines are too many for one book (at most %d): choose regions with --region", n,
                       RK_IMPORT_MACHINES_MAX);
    }
    *sizes = (rk_import_sizes){.n_machines = n};
    write_head(entries, options->name, out);
    for (size_t i = 0; i < n; i++) {
        write_entry(import, &entries[i], entries, sizes, out);
    }
    return out->failed ? rk_fail_memory(err, "a price book") : check_book(out, err);
}
