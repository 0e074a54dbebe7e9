/* Claims about traffic_forecast.h and budget.h, worked by hand: even histories, whose future is known to the request.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "decide/budget.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/test.h"
#include "unit/decide/shop.h"

static const rk_run quiet = {.seed = 1};
static const rk_traffic_options as_usual = {.level = 0.8};

/* The plan runs from January to December 2026. One GB at 1 USD for each million of requests. */
#define WEB(traffic)                                                                                                   \
    "services: {web: {product_line: search, response_bytes: 1000, traffic: {" traffic "}}}\n"                          \
    "elements: [{name: out, category: hardware, layer: service, service: each, use: disk, per: response_gb}]\n"

/* So many requests on every day from the first to the last. */
static rk_history even(const char *first, const char *last, double requests)
{
    rk_history history = {0};
    int64_t end = 0;
    assert_true(rk_parse_date(rk_slice_of(first), &history.first_day) && rk_parse_date(rk_slice_of(last), &end));
    history.n_days = (size_t)(end - history.first_day) + 1;
    history.requests = malloc(history.n_days * sizeof *history.requests);
    assert_non_null(history.requests);
    for (size_t d = 0; d < history.n_days; d++) {
        history.requests[d] = requests;
    }
    return history;
}

static double *day_of(rk_history *history, const char *date)
{
    int64_t day = 0;
    assert_true(rk_parse_date(rk_slice_of(date), &day) && day >= history->first_day);
    return &history->requests[day - history->first_day];
}

static rk_status try_forecast(const char *plan_text, const rk_history *history, const rk_traffic_options *options,
                              rk_arena *arena, rk_traffic_forecast *out, rk_error *err)
{
    rk_plan_source source = shop_plan(plan_text);
    rk_plan *plan = NULL;
    rk_status status = rk_plan_read(&source, &plan, err);
    status = status ? status : rk_traffic_foretell(plan, 0, history, "h.csv", options, &quiet, arena, out, err);
    rk_plan_free(plan);
    return status;
}

/* Takes the history. */
static rk_traffic_forecast foretell(const char *plan_text, rk_history history, rk_arena *arena)
{
    rk_traffic_forecast t;
    rk_error err;
    if (try_forecast(plan_text, &history, &as_usual, arena, &t, &err)) {
        fail_msg("%s", err.message);
    }
    rk_history_release(&history);
    return t;
}

static void assert_month(const rk_traffic_forecast *t, uint32_t m, double low, double point, double high)
{
    if (fabs(t->low[m] - low) > 1e-6 || fabs(t->point[m] - point) > 1e-6 || fabs(t->high[m] - high) > 1e-6) {
        fail_msg("month %u: %.3f %.3f %.3f", m, t->low[m], t->point[m], t->high[m]);
    }
}

/* 1,000 a day go on. The sale of 2025 came with 6,000: as usual x 6. November 2026: 29 x 1,000 + 6,000. */
static void an_event_is_taken_out_of_the_past_and_put_on_the_future(void **state)
{
    (void)state;
    rk_arena arena = {0};
    rk_history history = even("2025-09-01", "2026-01-31", 1000);
    *day_of(&history, "2025-11-11") = 6000;
    rk_traffic_forecast t = foretell(WEB("requests_per_day: 5, events: [{from: 2025-11-11, factor: 6}, {from: "
                                         "2026-11-11, factor: 6}]"),
                                     history, &arena);
    assert_int_equal(t.n_events, 1);
    assert_int_equal(t.n_ahead, 365 - 31);
    assert_month(&t, 0, 31000, 31000, 31000);
    assert_month(&t, 1, 28000, 28000, 28000);
    assert_month(&t, 10, 35000, 35000, 35000);
    assert_true(t.known[0] >= 31000 && t.known[1] <= 0);
    rk_arena_release(&arena);
}

/* January: 10 days happened, 600 on each but 5 for the first; 21 days at 600 are foretold. The Monday that is missing
 * is as the Mondays around it. */
static void days_that_happened_are_taken_as_they_were(void **state)
{
    (void)state;
    rk_arena arena = {0};
    rk_history history = even("2025-11-01", "2026-01-10", 600);
    *day_of(&history, "2026-01-05") = NAN;
    rk_traffic_forecast t = foretell(WEB("requests_per_day: 5"), history, &arena);
    assert_int_equal(t.n_filled, 1);
    assert_month(&t, 0, 31 * 600, 31 * 600, 31 * 600);
    assert_true(fabs(t.known[0] - 6000) < 1e-9);
    rk_arena_release(&arena);
    arena = (rk_arena){0};
    history = even("2025-12-01", "2027-02-28", 700);
    *day_of(&history, "2026-03-31") = 5;
    t = foretell(WEB("requests_per_day: 5"), history, &arena);
    assert_int_equal(t.n_ahead, 0);
    assert_null(t.model);
    assert_month(&t, 2, 30 * 700 + 5, 30 * 700 + 5, 30 * 700 + 5);
    assert_month(&t, 11, 31 * 700, 31 * 700, 31 * 700);
    rk_arena_release(&arena);
}

/* Ten more every day for a year, with a little noise: ten months on that is 3,000 a day more, which a trend that dies
 * away does not see. */
static void growth_is_not_flattened(void **state)
{
    (void)state;
    rk_arena arena = {0};
    rk_history history = even("2025-01-01", "2025-12-31", 0);
    rk_random random = rk_random_of(3, 0);
    rk_traffic_forecast t;
    rk_error err;
    for (size_t d = 0; d < history.n_days; d++) {
        history.requests[d] = 2000 + 10 * (double)d + 50 * rk_random_normal(&random);
    }
    rk_traffic_options damped = {RK_TRENDS_DAMPED, 0.8};
    assert_int_equal(try_forecast(WEB("requests_per_day: 5"), &history, &as_usual, &arena, &t, &err), RK_OK);
    assert_int_equal(t.taken, RK_TRENDS_STRAIGHT);
    assert_int_equal(t.trend, RK_TREND_ADDITIVE);
    assert_true(t.backtest.error < t.other_error);
    /* December 2026: days 699 to 729 of the line: 31 x (2,000 + 10 x 714) */
    assert_true(fabs(t.point[11] / (31 * 9140) - 1) < 0.03);
    assert_true(t.low[11] < t.point[11] && t.point[11] < t.high[11]);
    assert_int_equal(try_forecast(WEB("requests_per_day: 5"), &history, &damped, &arena, &t, &err), RK_OK);
    assert_int_equal(t.taken, RK_TRENDS_DAMPED);
    assert_true(isnan(t.other_error));
    assert_true(t.point[11] < 31 * 7000);
    rk_history_release(&history);
    rk_arena_release(&arena);
}

static void the_week_has_the_shape_of_the_history(void **state)
{
    (void)state;
    rk_arena arena = {0};
    rk_history history = even("2025-12-01", "2026-01-31", 100); /* a Monday; 62 days */
    for (size_t d = 0; d < history.n_days; d++) {
        history.requests[d] = d % 7 == 6 ? 40 : 110; /* (6 x 110 + 40) / 7 = 100 */
    }
    rk_traffic_forecast t = foretell(WEB("requests_per_day: 5"), history, &arena);
    assert_true(t.has_weekdays);
    assert_true(fabs(t.weekdays[0] - 1.1) < 1e-12 && fabs(t.weekdays[6] - 0.4) < 1e-12);
    t = foretell(WEB("requests_per_day: 5"), even("2026-01-01", "2026-01-27", 100), &arena);
    assert_false(t.has_weekdays);
    rk_arena_release(&arena);
}

static void a_short_history_says_so(void **state)
{
    (void)state;
    rk_arena arena = {0};
    rk_traffic_forecast t = foretell(WEB("requests_per_day: 5"), even("2025-12-31", "2026-01-03", 50), &arena);
    assert_int_equal(t.backtest.n_blocks, 0);
    assert_int_equal(t.taken, RK_TRENDS_ANY);
    assert_true(isnan(t.widened) && isnan(t.backtest.error));
    assert_month(&t, 11, 31 * 50, 31 * 50, 31 * 50);
    rk_arena_release(&arena);
}

static void what_cannot_be_foretold_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *first, *last, *traffic, *wrong;
    } cases[] = {
        {"2026-01-02", "2026-02-28", WEB("requests_per_day: 5"),
         "h.csv: the history begins on 2026-01-02, after the plan's first month 2026-01"},
        {"1995-01-01", "1995-02-28", WEB("requests_per_day: 5"), "a forecast reaches 10000"},
        {"2025-01-01", "2025-01-08",
         WEB("requests_per_day: 5, events: [{from: 2025-01-01, to: 2025-01-31, factor: 0}]"),
         "every day of the history is an event of factor 0"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_arena arena = {0};
        rk_history history = even(cases[i].first, cases[i].last, 9);
        rk_traffic_forecast t;
        rk_error err;
        assert_int_equal(try_forecast(cases[i].traffic, &history, &as_usual, &arena, &t, &err), RK_BAD_INPUT);
        if (!strstr(err.message, cases[i].wrong)) {
            fail_msg("%s", err.message);
        }
        rk_history_release(&history);
        rk_arena_release(&arena);
    }
}

/* ---- costs ---- */

static char history_path[] = "/tmp/reckon-history-XXXXXX";

/* A file of so many requests a day from this month of 2025 to its end. */
static void write_history(unsigned first_month, unsigned requests)
{
    FILE *file = fopen(history_path, "w");
    assert_non_null(file);
    fputs("date,requests\n", file);
    for (int64_t day = rk_days_of_date(2025, first_month, 1); day < rk_days_of_date(2026, 1, 1); day++) {
        char date[11];
        rk_format_date(day, date);
        fprintf(file, "%s,%u\n", date, requests);
    }
    assert_int_equal(fclose(file), 0);
}

static int open_files(void **state)
{
    int file = mkstemp(history_path);
    return file < 0 || close(file) ? -1 : shop_open(state);
}

static int close_files(void **state)
{
    (void)unlink(history_path);
    return shop_close(state);
}

static rk_status make(const char *plan_text, const char *service, rk_budget_forecast *out, rk_error *err)
{
    rk_plan_source source = shop_plan(plan_text);
    return rk_budget_make(&source, &(rk_budget_source){service, history_path}, 1, &as_usual, &quiet, out, err);
}

/* 2 million a day are 2 GB: 62 USD in January, 365 x 2 = 730 in the year, against 600: 50 a month. */
static void costs_are_those_of_the_accountant_and_held_against_the_budget(void **state)
{
    (void)state;
    rk_budget_forecast f;
    rk_error err;
    write_history(1, 2000000);
    if (make(WEB("requests_per_day: 5") "budget: {total: 600}\n", NULL, &f, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(f.has_budget && f.n_months == 12 && f.basis == RK_ACCRUAL);
    assert_string_equal(f.months[10].name, "2026-11");
    for (int end = 0; end < RK_N_ENDS; end++) {
        assert_int_equal(f.months[0].cost[end].micros, 62000000);
        assert_int_equal(f.months[0].requests_micros[end], INT64_C(62000000) * 1000000);
        assert_int_equal(f.total.cost[end].micros, 730000000);
    }
    assert_int_equal(f.months[0].budget.micros, 50000000);
    assert_int_equal(f.total.budget.micros, 600000000);
    assert_non_null(f.services[0].weekdays);
    /* What it says to --set gives the same by hand. */
    const char *changes[] = {f.services[0].change[RK_AT_HIGH], f.services[0].weekdays};
    assert_int_equal(shop_total(shop_plan(WEB("requests_per_day: 5")), changes, 2), f.total.cost[RK_AT_HIGH].micros);
    rk_budget_release(&f);
}

static void services_without_a_history_stay_as_planned(void **state)
{
    (void)state;
    static const char two[] =
        "services:\n  web: {product_line: search, response_bytes: 1000, traffic: {requests_per_day: 1}}\n"
        "  ads: {product_line: ads, response_bytes: 1000, traffic: {requests_per_day: 1000000}}\n"
        "elements: [{name: out, category: hardware, layer: service, service: each, use: disk, per: response_gb}]\n";
    rk_budget_forecast f;
    rk_error err;
    write_history(1, 2000000);
    assert_int_equal(make(two, "web", &f, &err), RK_OK);
    assert_int_equal(f.total.cost[RK_AT_POINT].micros, INT64_C(365) * 3000000);
    assert_null(f.services[1].path);
    rk_budget_release(&f);
    assert_int_equal(make(two, NULL, &f, &err), RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "say whose traffic it is with --history SERVICE=FILE"));
    assert_int_equal(make(two, "wbe", &f, &err), RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'web'?"));
}

static bool attempt(void *context)
{
    static const char *const one_month[] = {"months=1"};
    rk_budget_forecast f = {.n_months = 0};
    rk_error err;
    rk_text text = {0};
    rk_plan_source source = shop_plan(context);
    source.changes = one_month;
    source.n_changes = 1;
    rk_budget_source of = {NULL, history_path};
    rk_status status = rk_budget_make(&source, &of, 1, &as_usual, &quiet, &f, &err);
    assert_true(status == RK_OK || err.status == RK_NO_MEMORY);
    if (!status) {
        rk_budget_json(&f, &text);
        rk_budget_csv(&f, &text);
    }
    bool ok = !status && !text.failed;
    rk_text_release(&text);
    rk_budget_release(&f);
    return ok;
}

static void every_short_allocation_is_told(void **state)
{
    (void)state;
    static char plan[] = WEB("requests_per_day: 5") "budget: {total: 600}\n";
    write_history(12, 7);
    assert_true(fault_each(attempt, plan) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_taken_out_of_the_past_and_put_on_the_future),
        cmocka_unit_test(days_that_happened_are_taken_as_they_were),
        cmocka_unit_test(growth_is_not_flattened),
        cmocka_unit_test(the_week_has_the_shape_of_the_history),
        cmocka_unit_test(a_short_history_says_so),
        cmocka_unit_test(what_cannot_be_foretold_is_refused),
        cmocka_unit_test(costs_are_those_of_the_accountant_and_held_against_the_budget),
        cmocka_unit_test(services_without_a_history_stay_as_planned),
        cmocka_unit_test(every_short_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, open_files, close_files);
}
