/* What goes out: a FOCUS file that our own validator passes, and a database, both adding up to the ledger. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cost/export.h"
#include "bill/focus.h"
#include "math/rational.h"
#include "support/faults.h"
#include "support/test.h"

static char folder[] = "/tmp/reckon-export-XXXXXX", plan_path[64], book_path[64], base_path[64];
static const rk_run quiet;

static const char book[] =
    "reckon: prices/1\ncurrency: USD\nprices:\n"
    "  m: {kind: machine, memory_gib: 1, hour: {on_demand: 0.4999, r: 0.3}}\n"
    "  gpu: {kind: asset, price: 1000, life_months: 7, salvage: 120, power_kw: 2, maintenance_per_year: 0.1}\n"
    "  kwh: {kind: rate, unit: kWh, price: 0.2573}\n"
    "  gb: {kind: rate, unit: GB-month, price: 0.0000371}\n"
    "  dev: {kind: person, month: 9500, overhead: 0.321, training_per_month: 120}\n";
/* Every kind of element, every way of sharing, and prices that are no decimals (a third of a maintenance). */
static const char plan[] =
    "reckon: plan/1\nname: all, \"kinds\"\ncurrency: USD\nstart: 2024-02\nmonths: 3\nprices: [b.yaml]\n"
    "services:\n"
    "  a: {product_line: search, traffic: {requests_per_day: 86400, events: [{from: 2024-02-29, factor: 3}]},"
    " capacity: {rps: 2}, response_bytes: 1000, fleet: {machine: m, utilisation: 0.5, min: 1,"
    " reserved: {option: r, count: 1}}}\n"
    "  b: {product_line: ads, traffic: {requests_per_day: 7}, response_bytes: 999}\n"
    "  c: {product_line: ads, traffic: {requests_per_day: 1}}\n"
    "elements:\n"
    "  - {name: log, category: data, layer: data, service: shared, share_by: requests, use: gb, quantity: 3.7}\n"
    "  - {name: disk, category: hardware, layer: data, service: a, use: gb, quantity: 1000}\n"
    "  - {name: gpu, category: hardware, layer: model, service: shared, share_by: even, own: gpu, count: 2,"
    " bought: 2024-01, energy: kwh, utilisation: 0.37, pue: 1.3}\n"
    "  - {name: crew, category: labour, layer: service, service: shared, share_by: {a: 3, b: 2, c: 2}, person: dev,"
    " fte: 1.3}\n"
    "  - {name: tools, category: software, layer: application, service: a, amount: 100, spread_months: 3}\n"
    "  - {name: on-call, category: operations, layer: service, service: shared, share_by: requests,"
    " incidents_per_month: 0.7, hours_each: 4, person: dev, availability: 0.9995, loss_per_minute: 40}\n";

static int make_folder(void **state)
{
    (void)state;
    rk_error err;
    rk_text text = {0};
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(plan_path, sizeof plan_path, "%s/p.yaml", folder);
    snprintf(book_path, sizeof book_path, "%s/b.yaml", folder);
    snprintf(base_path, sizeof base_path, "%s/l.db", folder);
    rk_text_add(&text, book);
    int failed = rk_file_write_text(book_path, &text, &err) != RK_OK;
    rk_text_release(&text);
    return failed;
}

static int drop_folder(void **state)
{
    (void)state;
    (void)unlink(book_path);
    (void)unlink(base_path);
    return rmdir(folder);
}

static rk_ledger *ledger_of(const char *text)
{
    rk_ledger *ledger = NULL;
    rk_error err;
    if (rk_cost_run(&(rk_plan_source){.path = plan_path, .text = rk_slice_of(text)}, &quiet, &ledger, &err)) {
        fail_msg("%s", err.message);
    }
    return ledger;
}

static void what_is_exported_as_focus_conforms_and_adds_up(void **state)
{
    (void)state;
    rk_ledger *ledger = ledger_of(plan);
    rk_text text = {0}, total = {0};
    rk_bill *bill = NULL;
    rk_focus_report *report = NULL;
    rk_error err;
    rk_focus_options options = {.supports = (1u << RK_N_FOCUS_CRITERIA) - 1};
    assert_int_equal(rk_ledger_focus(ledger, &text, &err), RK_OK);
    assert_int_equal(rk_bill_open_text((rk_slice){text.at, text.n}, "x.csv", &bill, &err), RK_OK);
    assert_int_equal(rk_focus_check(bill, &options, &quiet, &report, &err), RK_OK);
    for (size_t i = 0; i < rk_focus_report_n_broken(report); i++) {
        const rk_focus_broken *broken = rk_focus_report_broken(report, i);
        print_message("%s row %llu: %s, not %s\n", broken->id, (unsigned long long)broken->first[0].row,
                      broken->first[0].expected, broken->first[0].found);
    }
    assert_int_equal(rk_focus_report_n_broken(report), 0); /* not even what only should be */
    assert_int_equal(rk_focus_report_rows(report), rk_ledger_n_lines(ledger));
    rk_money_print_exact(rk_ledger_total(ledger), &total);
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        assert_string_equal(rk_focus_report_sum(report, i)->exact, total.at);
    }
    rk_focus_report_free(report);
    rk_bill_close(bill);
    rk_text_release(&text);
    rk_text_release(&total);
    rk_ledger_free(ledger);
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void the_database_holds_every_line(void **state)
{
    (void)state;
    rk_ledger *ledger = ledger_of(plan);
    rk_error err;
    sqlite3 *db = NULL;
    int64_t total = rk_ledger_total(ledger).micros;
    assert_int_equal(rk_ledger_sqlite(ledger, base_path, &err), RK_OK);
    assert_int_equal(sqlite3_open_v2(base_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(number(db, "SELECT COUNT(*) FROM lines"), rk_ledger_n_lines(ledger));
    assert_int_equal(number(db, "SELECT SUM(amount_micros) FROM lines"), total);
    assert_int_equal(number(db, "SELECT total_micros FROM plan"), total);
    assert_int_equal(number(db, "SELECT SUM(amount_micros) FROM by_category"), total);
    assert_int_equal(number(db, "SELECT SUM(amount_micros) FROM by_month"), total);
    assert_int_equal(number(db, "SELECT SUM(amount_micros) FROM by_product_line"), total);
    assert_int_equal(number(db, "SELECT SUM(amount_micros) FROM by_service"), total);
    assert_int_equal(number(db, "SELECT COUNT(*) FROM fleet"), 3);
    assert_true(number(db, "SELECT COUNT(*) FROM inputs") > 100);
    /* 29 days of one reserved machine at 0.30 an hour: 208.80 */
    assert_int_equal(number(db, "SELECT amount_micros FROM lines WHERE id = '2024-02/a-machine-reserved/a'"),
                     208800000);
    sqlite3_close(db);
    rk_ledger_free(ledger);
}

static bool export_focus(void *context)
{
    rk_text text = {0};
    rk_error err;
    rk_status status = rk_ledger_focus(context, &text, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    rk_text_release(&text);
    return status == RK_OK;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    rk_ledger *ledger = ledger_of(plan);
    assert_true(fault_each(export_focus, ledger) > 5);
    rk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_exported_as_focus_conforms_and_adds_up),
        cmocka_unit_test(the_database_holds_every_line),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
