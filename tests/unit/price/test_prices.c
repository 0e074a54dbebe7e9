/* Price lists into books, machines out of books, dated exchange rates. */
#include <stdlib.h>
#include <string.h>

#include "cost/ledger.h"
#include "price/machine_size.h"
#include "price/price_find.h"
#include "price/price_import.h"
#include "price/price_list.h"
#include "math/rational.h"
#include "support/faults.h"
#include "support/test.h"

typedef struct {
    rk_import_report report;
    rk_import_sizes sizes;
    rk_text book;
    rk_prices *prices; /* the book, read back */
    rk_error err;
} made;

static const rk_import_options on_a_day = {.day = "2026-01-31"};

/* Lists into a book and back; the report is the last list's. */
static rk_status make(const char *const *lists, size_t n, const rk_import_options *options, made *out)
{
    rk_import *import = rk_import_new();
    rk_status status = import ? RK_OK : RK_NO_MEMORY;
    *out = (made){0};
    for (size_t i = 0; i < n && !status; i++) {
        status = rk_import_add_text(import, rk_slice_of(lists[i]), "l.csv", options, &out->report, &out->err);
    }
    status = status ? status : rk_import_write(import, options, &out->book, &out->sizes, &out->err);
    rk_import_free(import);
    out->prices = status ? NULL : rk_prices_new();
    if (out->prices) {
        status = rk_prices_add_text(out->prices, (rk_slice){out->book.at, out->book.n}, "book", &out->err);
    }
    return status;
}

static void release(made *m)
{
    rk_text_release(&m->book);
    rk_prices_free(m->prices);
}

static rk_status make_one(const char *list, made *out) { return make(&list, 1, &on_a_day, out); }

static const rk_price *machine(const made *m, const char *key)
{
    const rk_price *price = NULL;
    rk_error err;
    assert_int_equal(rk_prices_need(m->prices, key, RK_PRICE_MACHINE, (rk_place){0}, &price, &err), RK_OK);
    return price;
}

static void assert_hour(const made *m, const char *key, const char *option, const char *wanted)
{
    const rk_hour_price *hour = NULL;
    rk_error err;
    rk_text text = {0};
    assert_int_equal(rk_price_option(machine(m, key), option, (rk_place){0}, &hour, &err), RK_OK);
    rk_decimal_print(hour->hour.value, false, &text);
    assert_string_equal(text.at, wanted);
    rk_text_release(&text);
}

static void prices_stay_digit_by_digit(void **state)
{
    (void)state;
    made m;
    assert_int_equal(
        make_one("instance_type,vcpu,memory_gib,region,engine,ondemand,res_1y_noupfront,res_3y_allupfront\n"
                 "c7i.xlarge.search,4,8,us-west-2,,0.286000,0.197,0.13708801369863013\n"
                 "cache.m6g.large,2,6.38,us-west-2,Valkey,0.1,,\n",
                 &m),
        RK_OK);
    assert_hour(&m, "us-west-2/c7i.xlarge.search", "on_demand", "0.286");
    assert_hour(&m, "us-west-2/c7i.xlarge.search", "reserved_3y", "0.13708801369863013");
    const rk_price *cache = machine(&m, "us-west-2/cache.m6g.large/Valkey");
    assert_int_equal(cache->as.machine.n_prices, 1);
    assert_int_equal(cache->as.machine.memory_gib.value.units, 638);
    assert_string_equal(cache->region, "us-west-2");
    assert_string_equal(cache->currency, "USD");
    assert_string_equal(cache->source, "AWS list of managed search and cache nodes (l.csv)");
    assert_int_equal(cache->valid_from.value, 20484); /* 2026-01-31: 56 years of 365 days, 14 leap days, 30 */
    assert_int_equal(m.sizes.n_listed, 2);
    release(&m);
}

static void every_row_has_one_fate_and_the_first_is_shown(void **state)
{
    (void)state;
    made m;
    assert_int_equal(make_one("region,instance_type,usd_per_hour\n"
                              "r,c5.large,0.085\n"
                              "r,c5.large,0.0850\n" /* the same again */
                              "r,c5.large,0.09\n"
                              "r,,0.1\n"
                              "r,m5.large,\n"
                              "r,m5.large,0.000\n"
                              "r,m5.large,1/2\n"
                              "r,m5.large,-1\n",
                              &m),
                     RK_OK);
    const uint64_t *n = m.report.n;
    assert_int_equal(m.report.n_rows, 8);
    assert_int_equal(n[RK_ROW_USED], 2);
    assert_int_equal(n[RK_ROW_REPEATED], 1);
    assert_int_equal(n[RK_ROW_NO_NAME], 1);
    assert_int_equal(n[RK_ROW_NO_PRICE], 2);
    assert_int_equal(n[RK_ROW_BAD_PRICE], 2);
    assert_string_equal(m.report.first[RK_ROW_REPEATED], "l.csv:4:12: '0.09'");
    assert_string_equal(m.report.first[RK_ROW_BAD_PRICE], "l.csv:8:12: '1/2'");
    assert_int_equal(rk_prices_count(m.prices), 1);
    assert_hour(&m, "r/c5.large", "on_demand", "0.085");
    release(&m);
}

static void lists_of_sizes_join_lists_of_prices_in_any_order(void **state)
{
    (void)state;
    const char *prices = "table,key,value\nconst,x,1\ninstancePrices,n2-standard-8,0.388472\n"
                         "preemptiblePrices,n2-standard-8,0.09\ninstancePrices,odd-1,2\n";
    const char *sizes = "NAME;CPUS;SHARED_CPU;MEMORY_GB;DEPRECATED;ZONE\nn2-standard-8;8;False;32.00;;\n";
    const char *const orders[2][2] = {{prices, sizes}, {sizes, prices}};
    for (size_t i = 0; i < 2; i++) {
        made m;
        assert_int_equal(make(orders[i], 2, &on_a_day, &m), RK_OK);
        assert_hour(&m, "us-central1/n2-standard-8", "spot", "0.09");
        assert_int_equal(machine(&m, "us-central1/n2-standard-8")->as.machine.memory_gib.value.units, 32);
        assert_false(machine(&m, "us-central1/odd-1")->as.machine.vcpu.is_set);
        assert_int_equal(m.sizes.n_unknown, 1);
        release(&m);
    }
}

static void regions_choose_rows_and_keys_may_be_plain(void **state)
{
    (void)state;
    const char *list = "region,vm_size,usd_per_hour\neastus,Standard_D8s_v5,0.384\nwesteurope,Standard_D8s_v5,0.46\n";
    const char *east = "eastus", *wrong = "eastsu";
    rk_vec regions = {.item_bytes = sizeof east};
    made m;
    assert_true(rk_vec_push(&regions, &east));
    rk_import_options options = {.day = "2026-06-18", .regions = &regions, .keys = RK_KEY_IS_NAME};
    assert_int_equal(make(&list, 1, &options, &m), RK_OK);
    assert_hour(&m, "Standard_D8s_v5", "on_demand", "0.384");
    assert_int_equal(m.report.n[RK_ROW_OTHER_REGION], 1);
    assert_int_equal(m.sizes.n_by_name, 1);
    release(&m);
    assert_true(rk_vec_push(&regions, &wrong));
    assert_int_equal(make(&list, 1, &options, &m), RK_BAD_INPUT);
    assert_string_equal(m.err.message, "no list has the region 'eastsu'; did you mean 'eastus'?");
    release(&m);
    rk_vec_release(&regions);
}

static void a_list_that_cannot_be_trusted_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *list, *wanted;
    } cases[] = {
        {"region,vm_size,usd_per_hour\neastus,a\n", "l.csv:2:1: 2 cells, but the head names 3 columns"},
        {"region,vm_size,usd_per_hour\n\neastus,a,1\n", "l.csv:2:1: 1 cells, but the head names 3 columns"},
        {"region,vm_size,usd_per_hour\nx,\"a\nb,1\n", "l.csv:2:3: a quote that is never closed"},
        {"region,vm_size,usd_per_hour\nx,\"a\"b,1\n", "l.csv:2:3: text behind a closing quote"},
        {"# only a note\n", "l.csv:2:1: a price list needs a line of column names"},
        {"", "l.csv:1:1: a price list needs a line of column names"},
        {"a,b\xff\n", "l.csv: byte 4 is not text in UTF-8"},
        {"region,instance_type,ondemand_per_hour,currency\nx,y,1,usd\n",
         "l.csv:2:7: a currency must be three capital letters like USD, got 'usd'"},
        {"a,b,c\n",
         "l.csv:1:1: no price list that is known here starts with 'a,b,c'; docs/prices.md has those that are"},
        {"region,vm_size,usd_per_hour\n", "no price of a machine in these lists"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        made m;
        assert_int_equal(make_one(cases[i].list, &m), RK_BAD_INPUT);
        assert_string_equal(m.err.message, cases[i].wanted);
        release(&m);
    }
}

static void quotes_notes_and_line_ends_are_read(void **state)
{
    (void)state;
    made m;
    assert_int_equal(make_one("\xEF\xBB\xBF# note\r\nregion,vm_size,usd_per_hour\r\n\"a,b\",\"x\"\"y\",\"0.5\"", &m),
                     RK_OK);
    assert_hour(&m, "a,b/x\"y", "on_demand", "0.5");
    release(&m);
}

static void a_list_needs_a_day_and_takes_it_from_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *day, *wanted;
    } cases[] = {
        {"x/aws_2026-07-20.csv", NULL, "valid_from: 2026-07-20\n"},
        {"x/aws_2026-07-20.csv", "2026-08-01", "valid_from: 2026-08-01\n"},
        {"x/aws_2026-07.csv", NULL, NULL},
        {"x/aws_2026-13-20.csv", NULL, NULL},
        {"x/aws.csv", "2026-02-29", NULL},
        {"x/aws.csv", "2026-02-28x", NULL},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_import_options options = {.day = cases[i].day};
        rk_import_report report;
        rk_import_sizes sizes;
        rk_text book = {0};
        rk_error err;
        rk_import *import = rk_import_new();
        assert_non_null(import);
        rk_status status = rk_import_add_text(import, RK_SLICE("region,instance_type,usd_per_hour\nr,c5.large,0.085\n"),
                                              cases[i].path, &options, &report, &err);
        assert_int_equal(status, cases[i].wanted ? RK_OK : RK_BAD_INPUT);
        if (!status) {
            assert_int_equal(rk_import_write(import, &options, &book, &sizes, &err), RK_OK);
            assert_non_null(strstr(book.at, cases[i].wanted));
        }
        rk_text_release(&book);
        rk_import_free(import);
    }
}

/* Sizes as the makers publish them; 0 = the naming does not tell. */
static void names_tell_sizes_only_where_the_rule_has_no_exception(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t vcpu, gib;
    } aws[] = {{"c5.large", 2, 4},
               {"c5.18xlarge", 72, 144},
               {"c6g.medium", 1, 2},
               {"m7g.2xlarge", 8, 32},
               {"m7i-flex.xlarge", 4, 16},
               {"r7iz.xlarge", 4, 32},
               {"c7gn.xlarge", 4, 8},
               {"c5n.large", 0, 0},
               {"m4.large", 0, 0},
               {"m5.metal", 0, 0},
               {"mac2.metal", 0, 0},
               {"t3.large", 0, 0},
               {"x2gd.large", 0, 0},
               {"m5.2large", 0, 0},
               {"m5.largest", 0, 0},
               {"m5large", 0, 0},
               {"", 0, 0}},
      azure[] = {{"Standard_D8s_v5", 8, 32},   {"Standard_D8ls_v5", 8, 16},        {"Standard_D96ads_v5", 96, 384},
                 {"Standard_E8-4s_v5", 4, 64}, {"Standard_E48s_v5", 48, 384},      {"Standard_E96s_v5", 0, 0},
                 {"Standard_F8s_v2", 8, 16},   {"Standard_F8as_v6", 8, 32},        {"Standard_F8ams_v6", 8, 64},
                 {"Standard_F8als_v6", 8, 16}, {"Standard_D2_v2", 0, 0},           {"Standard_DC8s_v3", 0, 0},
                 {"Standard_D8", 0, 0},        {"Standard_ND96isr_H100_v5", 0, 0}, {"Standard_E4-8s_v5", 0, 0},
                 {"Standard_", 0, 0}};
    for (size_t i = 0; i < RK_COUNT_OF(aws); i++) {
        rk_machine_size size;
        bool told = rk_machine_size_aws(rk_slice_of(aws[i].name), &size);
        assert_int_equal(told, aws[i].vcpu > 0);
        assert_true(!told || (size.vcpu == aws[i].vcpu && size.memory_gib == aws[i].gib));
    }
    for (size_t i = 0; i < RK_COUNT_OF(azure); i++) {
        rk_machine_size size;
        bool told = rk_machine_size_azure(rk_slice_of(azure[i].name), &size);
        assert_int_equal(told, azure[i].vcpu > 0);
        assert_true(!told || (size.vcpu == azure[i].vcpu && size.memory_gib == azure[i].gib));
    }
}

/* ---- finding ---- */

static const char books[] = "reckon: prices/1\ncurrency: USD\nregion: home\nexchange: {EUR: 1.5}\nprices:\n"
                            "  b: {kind: machine, vcpu: 4, memory_gib: 8, hour: {on_demand: 0.4, spot: 0.1}}\n"
                            "  a: {kind: machine, vcpu: 2, memory_gib: 8, hour: {on_demand: 0.4}}\n"
                            "  e: {kind: machine, vcpu: 8, memory_gib: 32, hour: {on_demand: 0.2}, currency: EUR}\n"
                            "  c: {kind: machine, vcpu: 8, memory_gib: 32, hour: {on_demand: 1}, currency: CNY}\n"
                            "  u: {kind: machine, hour: {on_demand: 0.01}, region: away}\n"
                            "  rate: {kind: rate, unit: GB, price: 1}\n";

static rk_prices *open_books(void)
{
    rk_error err;
    rk_prices *prices = rk_prices_new();
    assert_non_null(prices);
    assert_int_equal(rk_prices_add_text(prices, rk_slice_of(books), "b", &err), RK_OK);
    return prices;
}

static void assert_found(const rk_found *found, const char *keys)
{
    rk_text text = {0};
    rk_text_add(&text, "");
    for (size_t i = 0; i < found->n; i++) {
        rk_text_add(&text, found->machines[i].price->key);
    }
    assert_string_equal(text.at, keys);
    rk_text_release(&text);
}

static void machines_come_cheapest_first_with_ties_by_key(void **state)
{
    (void)state;
    /* In USD: u 0.01 of unknown size, e 0.2 x 1.5 = 0.3, a and b 0.4, c without a rate. Per vcpu: e 0.0375, b 0.1,
     * a 0.2. Per GiB: e 0.009375, a and b 0.05 (ties by price, then key). */
    static const struct {
        double vcpu, gib;
        rk_find_order order;
        const char *option, *keys;
    } cases[] = {{0, 0, RK_FIND_BY_PRICE, "on_demand", "ueab"}, {0, 0, RK_FIND_BY_VCPU, "on_demand", "eba"},
                 {0, 0, RK_FIND_BY_GIB, "on_demand", "eab"},    {4, 8, RK_FIND_BY_PRICE, "on_demand", "eb"},
                 {4, 8.5, RK_FIND_BY_PRICE, "on_demand", "e"},  {9, 0, RK_FIND_BY_PRICE, "on_demand", ""},
                 {0, 0, RK_FIND_BY_PRICE, "spot", "b"}};
    rk_prices *prices = open_books();
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_find_query query = {
            .vcpu = cases[i].vcpu, .memory_gib = cases[i].gib, .order = cases[i].order, .option = cases[i].option};
        rk_found found;
        rk_error err;
        assert_int_equal(rk_prices_find(prices, &query, &found, &err), RK_OK);
        assert_found(&found, cases[i].keys);
        assert_int_equal(found.n + found.n_small + found.n_without_size + found.n_without_option +
                             found.n_without_rate + found.n_other_region,
                         5);
        rk_found_release(&found);
    }
    rk_prices_free(prices);
}

static void given_rates_go_before_the_books_and_none_is_turned_round(void **state)
{
    (void)state;
    rk_prices *prices = open_books();
    rk_error err;
    rk_found found;
    rk_exchange row = {.currency = "EUR", .to = "USD", .rate = {.value = {3, 0}, .is_set = true}};
    rk_vec rates = {.item_bytes = sizeof row};
    assert_true(rk_vec_push(&rates, &row));
    rk_find_query query = {.option = "on_demand", .exchange = &rates};
    assert_int_equal(rk_prices_find(prices, &query, &found, &err), RK_OK);
    assert_found(&found, "uabe"); /* e: 0.2 x 3 */
    assert_string_equal(found.rateless, "CNY");
    rk_found_release(&found);
    query.currency = "EUR"; /* the book says what one EUR is in USD, not the other way */
    assert_int_equal(rk_prices_find(prices, &query, &found, &err), RK_OK);
    assert_found(&found, "e");
    assert_int_equal(found.n_without_rate, 4);
    rk_found_release(&found);
    rk_vec_release(&rates);
    rk_prices_free(prices);
}

/* ---- exchange rates of a plan ---- */

static const char plan_head[] = "reckon: plan/1\ncurrency: USD\nstart: 2026-01\nmonths: 1\nprices: [default]\n"
                                "services:\n  s: {product_line: x, traffic: {requests_per_day: 0}, capacity: {rps: 1}, "
                                "fleet: {machine: cn-north-1/c6i.large, min: 1}}\n";

static rk_status run_plan(const char *rest, rk_ledger **out, rk_error *err)
{
    static const rk_run quiet;
    rk_text text = {0};
    rk_text_add(&text, plan_head);
    rk_text_add(&text, rest);
    rk_status status = rk_cost_run(&(rk_plan_source){.path = "/no/such/p.yaml", .text = {text.at, text.n}}, &quiet, out, err);
    rk_text_release(&text);
    return status;
}

static void a_dated_rate_counts_like_a_plain_one_and_says_where_it_is_from(void **state)
{
    (void)state;
    rk_ledger *plain = NULL, *dated = NULL;
    const rk_cost_line *line = NULL;
    rk_error err;
    rk_text json = {0};
    assert_int_equal(run_plan("exchange: {CNY: 0.14}\n", &plain, &err), RK_OK);
    assert_int_equal(run_plan("exchange: {CNY: {rate: 0.14, valid_from: 2026-02-01, source: a bank}}\n", &dated, &err),
                     RK_OK);
    assert_true(rk_ledger_total(plain).micros > 0);
    assert_int_equal(rk_ledger_total(plain).micros, rk_ledger_total(dated).micros);
    assert_int_equal(rk_ledger_n_notes(plain) + 1, rk_ledger_n_notes(dated));
    assert_non_null(strstr(rk_ledger_note(dated, rk_ledger_n_notes(dated) - 1),
                           "the rate of CNY is valid from 2026-02-01, after the plan starts in 2026-01"));
    assert_int_equal(rk_ledger_need(dated, "2026-01/s-machine-on-demand/s", &line, &err), RK_OK);
    rk_cost_line_json(dated, line, &json);
    assert_non_null(strstr(json.at, "/no/such/p.yaml:8, valid from 2026-02-01, source: a bank"));
    rk_text_release(&json);
    rk_ledger_free(plain);
    rk_ledger_free(dated);
}

static void a_rate_that_is_wrong_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *rest, *wanted;
    } cases[] = {
        {"", "/no/such/p.yaml:7:93: 'cn-north-1/c6i.large' is priced in CNY"},
        {"exchange: {CNY: 0}\n", "/no/such/p.yaml:8:17: 'CNY' must be a number above 0"},
        {"exchange: {USD: 1}\n", "/no/such/p.yaml:8:12: 'USD' is the currency of this file"},
        {"exchange: {yuan: 1}\n", "/no/such/p.yaml:8:12: a currency must be three capital letters"},
        {"exchange: {CNY: {valid_from: 2026-01-01}}\n", "/no/such/p.yaml:8:17: the rate of 'CNY' needs the key 'rate'"},
        {"exchange: {CNY: {rate: 1, form: x}}\n", "/no/such/p.yaml:8:27: "},
        {"exchange: {CNY: {rate: 1, valid_from: 2026-13-01}}\n", "/no/such/p.yaml:8:39: "},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_ledger *ledger = NULL;
        rk_error err = {0};
        assert_int_equal(run_plan(cases[i].rest, &ledger, &err), RK_BAD_INPUT);
        if (strncmp(err.message, cases[i].wanted, strlen(cases[i].wanted)) != 0) {
            fail_msg("wanted \"%s...\", got \"%s\"", cases[i].wanted, err.message);
        }
    }
}

/* ---- memory ---- */

static bool import_and_find(void *context)
{
    (void)context;
    const char *list = "region,vm_size,usd_per_hour\neastus,Standard_D8s_v5,0.384\nwesteurope,x,0.46\n";
    made m;
    rk_found found;
    rk_find_query query = {.vcpu = 1, .option = "on_demand"};
    rk_status status = make_one(list, &m);
    bool is_read = !status && m.prices;
    status = is_read ? rk_prices_find(m.prices, &query, &found, &m.err) : RK_NO_MEMORY;
    if (is_read) {
        rk_found_release(&found);
    }
    release(&m);
    return !status;
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(import_and_find, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_stay_digit_by_digit),
        cmocka_unit_test(every_row_has_one_fate_and_the_first_is_shown),
        cmocka_unit_test(lists_of_sizes_join_lists_of_prices_in_any_order),
        cmocka_unit_test(regions_choose_rows_and_keys_may_be_plain),
        cmocka_unit_test(a_list_that_cannot_be_trusted_is_refused_with_its_place),
        cmocka_unit_test(quotes_notes_and_line_ends_are_read),
        cmocka_unit_test(a_list_needs_a_day_and_takes_it_from_its_name),
        cmocka_unit_test(names_tell_sizes_only_where_the_rule_has_no_exception),
        cmocka_unit_test(machines_come_cheapest_first_with_ties_by_key),
        cmocka_unit_test(given_rates_go_before_the_books_and_none_is_turned_round),
        cmocka_unit_test(a_dated_rate_counts_like_a_plain_one_and_says_where_it_is_from),
        cmocka_unit_test(a_rate_that_is_wrong_is_refused_with_its_place),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
