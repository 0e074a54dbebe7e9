/* cmd_prices.c - reckon prices find, import: machines out of price books, price books out of published lists. */
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "price/price_find.h"
#include "price/price_import.h"
#include "report/machines.h"

/* ---- find ---- */

typedef struct {
    double vcpu, memory;
    rk_vec regions, exchange;
    const char *option, *currency;
    int sort;
    uint64_t n;
} find_settings;

static const rk_option find_options[] = {
    {"vcpu", 0, RK_OPT_REAL, offsetof(find_settings, vcpu), "N", "0", .help = "at least so many virtual processors",
     .max = 1e6},
    {"memory", 0, RK_OPT_REAL, offsetof(find_settings, memory), "GIB", "0", .help = "at least so many GiB of memory",
     .max = 1e9},
    {"region", 0, RK_OPT_LIST, offsetof(find_settings, regions), "REGION", .help = "only there (repeat for more)"},
    {"option", 0, RK_OPT_TEXT, offsetof(find_settings, option), "NAME", "on_demand",
     .help = "how it is bought: on_demand, spot, reserved_1y, ..."},
    {"sort", 0, RK_OPT_CHOICE, offsetof(find_settings, sort), NULL, "price",
     .help = "by the price of the machine, of a vcpu or of a GiB", .choices = "price|vcpu|memory"},
    {"currency", 0, RK_OPT_TEXT, offsetof(find_settings, currency), "CUR",
     .help = "to compare in (default: that of the first book)"},
    {"exchange", 0, RK_OPT_LIST, offsetof(find_settings, exchange), "CUR=RATE",
     .help = "what one CUR is worth in it (repeat), before the rates in the books"},
    {"count", 'n', RK_OPT_COUNT, offsetof(find_settings, n), "N", "10", .help = "how many to show", .min = 1,
     .max = 1e6},
};

static rk_status open_books(const rk_call *call, rk_prices *prices, rk_error *err)
{
    rk_status status = call->n_words == 0 ? rk_prices_add_file(prices, "default", err) : RK_OK;
    for (size_t i = 0; i < call->n_words && !status; i++) {
        status = rk_prices_add_file(prices, call->words[i], err);
    }
    return status;
}

/* "EUR=1.08" into a row of rates; name: room for the currency. */
static rk_status read_rate(const char *words, const char *to, char name[4], rk_exchange *out, rk_error *err)
{
    const char *equals = strchr(words, '=');
    rk_place nowhere = {0};
    *out = (rk_exchange){.currency = name, .to = to};
    if (!equals || equals - words != 3) {
        return rk_fail(err, RK_BAD_USAGE, "--exchange wants CUR=RATE, such as EUR=1.08, got '%.40s'", words);
    }
    memcpy(name, words, 3);
    const char *wrong = rk_decimal_parse(rk_slice_of(equals + 1), &out->rate.value);
    if (wrong || out->rate.value.units <= 0 || rk_currency_check(name, nowhere, NULL)) {
        return rk_fail(err, RK_BAD_USAGE, "--exchange wants CUR=RATE, such as EUR=1.08, got '%.40s'%s%s", words,
                       wrong ? ": " : "", wrong ? wrong : "");
    }
    return RK_OK;
}

static rk_status read_rates(const find_settings *settings, const char *to, char (*names)[4], rk_vec *out, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < settings->exchange.n && !status; i++) {
        rk_exchange row;
        status = read_rate(((const char **)settings->exchange.data)[i], to, names[i], &row, err);
        if (!status && !rk_vec_push(out, &row)) {
            status = rk_fail_memory(err, "exchange rates");
        }
    }
    return status;
}

/* What was left out, so that nobody takes the list for all there is. */
static void say_left_out(const rk_call *call, const rk_found *found)
{
    if (found->n_without_rate) {
        rk_log(&call->run, RK_LOG_WARNING,
               "machines left out for want of an exchange rate: %zu; give --exchange %s=RATE in %s",
               found->n_without_rate, found->rateless, found->currency);
    }
    if (found->n_without_size) {
        rk_log(&call->run, RK_LOG_WARNING, "machines left out because their size is not known: %zu",
               found->n_without_size);
    }
}

static rk_status find(const rk_call *call, const rk_prices *prices, const rk_vec *rates, rk_error *err)
{
    const find_settings *s = call->settings;
    rk_find_query query = {.vcpu = s->vcpu,
                           .memory_gib = s->memory,
                           .regions = &s->regions,
                           .option = s->option,
                           .currency = s->currency,
                           .exchange = rates,
                           .order = (rk_find_order)s->sort};
    rk_found found;
    rk_status status = rk_prices_find(prices, &query, &found, err);
    if (!status) {
        say_left_out(call, &found);
    }
    if (!status && call->common.json) {
        rk_found_json(&found, s->n, call->out);
    } else if (!status) {
        rk_report_machines(&found, s->n, (rk_table_style){.color = call->color}, call->out);
    }
    rk_found_release(&found);
    return status;
}

static rk_status run_find(const rk_call *call, rk_error *err)
{
    const find_settings *s = call->settings;
    rk_arena arena = {0};
    rk_vec rates = {.item_bytes = sizeof(rk_exchange)};
    char(*names)[4] = rk_arena_take(&arena, s->exchange.n, 4, 1);
    rk_prices *prices = rk_prices_new();
    rk_status status = prices && names ? open_books(call, prices, err) : rk_fail_memory(err, "price books");
    if (!status && s->currency && rk_currency_check(s->currency, (rk_place){0}, NULL)) {
        status =
            rk_fail(err, RK_BAD_USAGE, "--currency wants three capital letters like USD, got '%.40s'", s->currency);
    }
    if (!status) {
        status = read_rates(s, s->currency ? s->currency : rk_prices_currency(prices), names, &rates, err);
    }
    status = status ? status : find(call, prices, &rates, err);
    rk_vec_release(&rates);
    rk_prices_free(prices);
    rk_arena_release(&arena);
    return status;
}

/* ---- import ---- */

typedef struct {
    const char *format, *out, *day, *source, *name;
    rk_vec regions;
    int keys;
} import_settings;

static const rk_option import_options[] = {
    {"output", 'o', RK_OPT_TEXT, offsetof(import_settings, out), "BOOK.yaml",
     .help = "where to write (required); - is standard output", .is_output = true},
    {"format", 0, RK_OPT_TEXT, offsetof(import_settings, format), "NAME", "auto",
     .help = "of the lists, by name; auto tells it by their heads (docs/prices.md)"},
    {"region", 0, RK_OPT_LIST, offsetof(import_settings, regions), "REGION", .help = "only there (repeat for more)"},
    {"valid-from", 0, RK_OPT_TEXT, offsetof(import_settings, day), "DAY",
     .help = "first day of the prices, 2026-10-31 (default: the one in each file's name)"},
    {"source", 0, RK_OPT_TEXT, offsetof(import_settings, source), "TEXT",
     .help = "whose prices (default: the format's maker and the file's name)"},
    {"name", 0, RK_OPT_TEXT, offsetof(import_settings, name), "TEXT", .help = "what the book is called"},
    {"keys", 0, RK_OPT_CHOICE, offsetof(import_settings, keys), NULL, "region",
     .help = "'us-east-1/c5.large', or 'c5.large' as in other books", .choices = "region|name"},
};

static void say_rows(const rk_call *call, const char *path, const rk_import_report *report)
{
    rk_log(&call->run, RK_LOG_INFO, "%s: format %s; rows: %llu; used %llu, of other regions %llu", path, report->format,
           (unsigned long long)report->n_rows, (unsigned long long)report->n[RK_ROW_USED],
           (unsigned long long)report->n[RK_ROW_OTHER_REGION]);
    for (unsigned fate = RK_ROW_OTHER_REGION + 1; fate < RK_N_ROW_FATES; fate++) {
        if (report->n[fate]) {
            rk_log(&call->run, RK_LOG_WARNING, "rows left out, %s: %llu, first %s",
                   rk_row_fate_words((rk_row_fate)fate), (unsigned long long)report->n[fate], report->first[fate]);
        }
    }
}

static rk_status import_lists(const rk_call *call, rk_import *import, const rk_import_options *options, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < call->n_words && !status; i++) {
        rk_import_report report;
        status = rk_import_add_file(import, call->words[i], options, &report, err);
        if (!status) {
            say_rows(call, call->words[i], &report);
        }
    }
    return status;
}

static rk_status write_book(const rk_call *call, rk_import *import, const rk_import_options *options, rk_error *err)
{
    const import_settings *s = call->settings;
    rk_text book = {0};
    rk_import_sizes sizes = {0};
    rk_status status = rk_import_write(import, options, &book, &sizes, err);
    status = status ? status : rk_file_write_text(s->out, &book, err);
    if (!status) {
        rk_log(&call->run, RK_LOG_INFO,
               "%s: machines: %llu; size from a list %llu, by the maker's naming %llu, not known %llu", s->out,
               (unsigned long long)sizes.n_machines, (unsigned long long)sizes.n_listed,
               (unsigned long long)sizes.n_by_name, (unsigned long long)sizes.n_unknown);
    }
    if (!status && call->common.json) {
        rk_json json = {.text = call->out};
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "book", s->out);
        rk_json_u64(&json, "n_machines", sizes.n_machines);
        rk_json_u64(&json, "n_size_listed", sizes.n_listed);
        rk_json_u64(&json, "n_size_by_name", sizes.n_by_name);
        rk_json_u64(&json, "n_size_unknown", sizes.n_unknown);
        rk_json_end_object(&json);
    }
    rk_text_release(&book);
    return status;
}

static rk_status run_import(const rk_call *call, rk_error *err)
{
    const import_settings *s = call->settings;
    rk_import_options options = {.format = strcmp(s->format, "auto") == 0 ? NULL : s->format,
                                 .regions = &s->regions,
                                 .day = s->day,
                                 .source = s->source,
                                 .name = s->name,
                                 .keys = (rk_import_keys)s->keys};
    if (!s->out) {
        return rk_fail(err, RK_BAD_USAGE, "give the book to write: -o BOOK.yaml");
    }
    rk_import *import = rk_import_new();
    rk_status status = import ? import_lists(call, import, &options, err) : rk_fail_memory(err, "price lists");
    status = status ? status : write_book(call, import, &options, err);
    rk_import_free(import);
    return status;
}

const rk_command rk_command_prices_find = {
    .name = "prices find",
    .summary = "rented machines of the price books by size, region and price",
    .usage = "[BOOK.yaml...] [--vcpu N] [--memory GIB] [--region REGION]",
    .example = "reckon prices find --vcpu 8 --memory 32 -n 5",
    .options = find_options,
    .n_options = RK_COUNT_OF(find_options),
    .settings_bytes = sizeof(find_settings),
    .max_words = SIZE_MAX,
    .run = run_find,
};

const rk_command rk_command_prices_import = {
    .name = "prices import",
    .summary = "a price book out of the lists that clouds publish",
    .usage = "LIST.csv... -o BOOK.yaml [--region REGION]",
    .example = "reckon prices import aws_ec2_2026-07-20.csv --region us-east-1 -o aws.yaml",
    .options = import_options,
    .n_options = RK_COUNT_OF(import_options),
    .settings_bytes = sizeof(import_settings),
    .min_words = 1,
    .max_words = SIZE_MAX,
    .run = run_import,
};
