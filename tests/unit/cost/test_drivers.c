/* What `per` multiplies by and `share_by` splits by: each driver worked by hand over February 2024, 29 days, 696 h. */
#include <stdio.h>

#include "cost/ledger.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

/* a: 1,000 requests a day = 29,000; b: 2,000 = 58,000. */
#define SERVICES(a, b)                                                                                                 \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 1000}" a "}\n"                                      \
    "  b: {product_line: y, traffic: {requests_per_day: 2000}" b "}\n"
#define USE(service, rest)                                                                                             \
    "elements:\n  - {name: e, category: data, layer: data, service: " service ", use: gb, " rest "}\n"
#define SHARED(by) USE("shared, share_by: " by, "quantity: 1")

static void assert_amount(const char *plan, const char *id, int64_t micros)
{
    rk_ledger *ledger = scenario_ledger(1, plan);
    const rk_cost_line *line = scenario_line(ledger, id);
    if (line->amount.micros != micros) {
        fail_msg("%s: %lld, not %lld: %s", id, (long long)line->amount.micros, (long long)micros, line->formula);
    }
    rk_ledger_free(ledger);
}

#define A "2024-02/e/a"
#define B "2024-02/e/b"

static void quantities_are_per_hour_request_event_second_and_byte(void **state)
{
    (void)state;
    /* at 1 USD: 2 x 696 h; 0.001 x 29,000; 58,000 / 1,000; 29,000 x 2,000,000 bytes = 58 GB; 29,000 x 4 ms = 116 s;
     * 29,000 x 2.5 events x 0.01 = 725; 300 events x 29 days x 0.01 = 87 */
    assert_amount(SERVICES("", "") USE("a", "quantity: 2, per: month"), A, INT64_C(2000000));
    assert_amount(SERVICES("", "") USE("a", "quantity: 2, per: hour"), A, INT64_C(1392000000));
    assert_amount(SERVICES("", "") USE("a", "quantity: 0.001, per: request"), A, INT64_C(29000000));
    assert_amount(SERVICES("", "") USE("each", "per: thousand_requests"), B, INT64_C(58000000));
    assert_amount(SERVICES(", response_bytes: 2000000", "") USE("a", "per: response_gb"), A, INT64_C(58000000));
    assert_amount(SERVICES(", cpu_ms_per_request: 4", "") USE("a", "per: cpu_second"), A, INT64_C(116000000));
    assert_amount(SERVICES(", events_per_request: 2.5", "") USE("a", "quantity: 0.01, per: event"), A,
                  INT64_C(725000000));
    assert_amount(SERVICES(", events_per_day: 300", "") USE("a", "quantity: 0.01, per: event"), A, INT64_C(87000000));
}

static void a_shared_driver_is_the_sum_of_the_services_or_the_figure_of_the_plan(void **state)
{
    (void)state;
    /* orders 30 + 12 = 42, halves of 21; users 50 of the plan, though 40 and 20 use a and b: 25 each, by 40 : 20
     * 33.333333 and 16.666667; events 29,000 x 2 + 58,000 x 1 = 116,000; those of the plan 100 x 29 = 2,900 */
    assert_amount("orders: 30\n" SERVICES("", "") USE("shared, share_by: even", "per: order"), A, 15000000);
    assert_amount(SERVICES(", orders: 30", ", orders: 12") USE("shared, share_by: even", "per: order"), B, 21000000);
    assert_amount("active_users: 50\n" SERVICES(", active_users: 40", ", active_users: 20")
                      USE("shared, share_by: active_users", "per: active_user"),
                  B, 16666667);
    assert_amount(SERVICES(", events_per_request: 2", ", events_per_request: 1")
                      USE("shared, share_by: even", "quantity: 0.001, per: event"),
                  A, 58000000);
    assert_amount("events_per_day: 100\n" SERVICES("", "") USE("shared, share_by: even", "quantity: 0.01, per: event"),
                  B, 14500000);
    assert_amount("revenue: 2000\n" SERVICES("", "") USE("shared, share_by: even", "quantity: 0.015, per: revenue"), A,
                  15000000);
}

#define PERSON(name, service, fte)                                                                                     \
    "  - {name: " name ", category: labour, layer: service, service: " service ", person: dev, fte: " fte "}\n"

static void heads_are_those_measured_or_the_persons_of_the_plan(void **state)
{
    (void)state;
    /* a alone 1.5, each 0.5, shared 2: a has 2, b 0.5, all together 1.5 + 2 x 0.5 + 2 = 4.5 */
#define PERSONS PERSON("p", "a", "1.5") PERSON("q", "each", "0.5") PERSON("r", "shared, share_by: even", "2")
    assert_amount(SERVICES("", "") USE("a", "quantity: 10, per: head") PERSONS, A, 20000000);
    assert_amount(SERVICES("", "") USE("each", "quantity: 10, per: head") PERSONS, B, 5000000);
    assert_amount(SERVICES("", "") USE("shared, share_by: even", "quantity: 10, per: head") PERSONS, B, 22500000);
    /* 1 USD by 2 : 0.5 = 0.8 and 0.2; with figures of heads they go before the persons */
    assert_amount(SERVICES("", "") SHARED("head") PERSONS, A, 800000);
    assert_amount(SERVICES(", heads: 1", ", heads: 3") SHARED("head") PERSONS, A, 250000);
}

/* 86,400 a day and a machine of 1 request/s: one machine, with one spare two. */
#define FLEET ", capacity: {rps: 1}, fleet: {machine: big, min: 2}"

static void licences_follow_machines_and_cores(void **state)
{
    (void)state;
    /* 2 machines of 4 vcpu: 2 and 8; reserved ones are paid as well: 3; b has no machines and no line */
    assert_amount(SERVICES(FLEET, "") USE("each", "per: instance"), A, 2000000);
    assert_amount(SERVICES(FLEET, "") USE("each", "quantity: 0.5, per: core"), A, 4000000);
    assert_amount(SERVICES(", capacity: {rps: 1}, fleet: {machine: big, reserved: {option: r, count: 3}}", "")
                      USE("a", "per: instance"),
                  A, 3000000);
    assert_amount(SERVICES(FLEET, FLEET) SHARED("machine_hours"), B, 500000);
    assert_amount(SERVICES(FLEET, "") SHARED("machine_hours"), A, 1000000);
}

static void assert_origin(const char *rest, rk_origin origin)
{
    char plan[512];
    snprintf(plan, sizeof plan, SERVICES(", orders: {first: 30, origin: measured}", "") USE("a", "per: order%s"), rest);
    rk_ledger *ledger = scenario_ledger(1, plan);
    assert_int_equal(scenario_line(ledger, A)->origin, origin);
    rk_ledger_free(ledger);
}

static void a_measured_driver_times_an_assumed_quantity_is_assumed(void **state)
{
    (void)state;
    assert_origin("", RK_MEASURED);
    assert_origin(", quantity: 2", RK_ASSUMED);
    assert_origin(", quantity: 2, origin: measured", RK_MEASURED);
    assert_origin(", grows_per_month: 1", RK_ASSUMED);
}

static void shares_follow_their_driver(void **state)
{
    (void)state;
    /* 1 USD by cpu 29,000 x 3 : 58,000 x 1 = 3 : 2; by GB 29,000 x 10 : 58,000 x 1 = 5 : 1; by revenue 1 : 2 */
    assert_amount(SERVICES(", cpu_ms_per_request: 3", ", cpu_ms_per_request: 1") SHARED("cpu_seconds"), A, 600000);
    assert_amount(SERVICES(", response_bytes: 10", ", response_bytes: 1") SHARED("gb"), A, 833333);
    assert_amount(SERVICES(", revenue: 100", ", revenue: 200") SHARED("revenue"), B, 666667);
    assert_amount(SERVICES(", orders: 3", ", orders: 1") SHARED("orders"), B, 250000);
    assert_amount(SERVICES(", events_per_day: 58", ", events_per_request: 0.058") SHARED("events"), A, 333333);
    assert_amount(SERVICES(", orders: 0", ", orders: 0") SHARED("orders"), B, 500000); /* all zero: even */
}

static void direct_cost_is_known_whatever_the_order(void **state)
{
    (void)state;
    /* direct: a 1 + 2 = 3, b 1; the even element of 100 is shared, so it does not count; 1 USD by 3 : 1 */
    const char *plan = SERVICES("", "") SHARED(
        "direct_cost") "  - {name: f, category: data, layer: data, service: each, amount: 1}\n"
                       "  - {name: g, category: data, layer: data, service: a, amount: 2}\n"
                       "  - {name: h, category: data, layer: data, service: shared, share_by: even, amount: 100}\n";
    assert_amount(plan, A, 750000);
    assert_amount(plan, B, 250000);
    assert_amount(SERVICES("", "") SHARED("direct_cost"), B, 500000); /* nothing direct: even */
}

static void figures_that_are_missing_are_named(void **state)
{
    (void)state;
    scenario_refused(1, SERVICES(", response_bytes: 1", "") USE("each", "per: response_gb"),
                     "element 'e' is per response_gb, and service 'b' has no response_bytes");
    scenario_refused(1, SERVICES(", cpu_ms_per_request: 1", "") SHARED("cpu_seconds"),
                     "element 'e' is shared by cpu_seconds, and service 'b' has no cpu_ms_per_request");
    scenario_refused(1, "orders: 7\n" SERVICES("", "") SHARED("orders"), "service 'a' has no orders");
    scenario_refused(1, SERVICES("", "") USE("a", "per: event"), "has no events_per_request or events_per_day");
    scenario_refused(1, SERVICES("", "") USE("a", "per: head"), "has no heads, and the plan has no person");
    scenario_refused(1, SERVICES(FLEET, "") USE("b", "per: instance"), "service 'b' has no fleet");
    scenario_refused(1, SERVICES("", "") USE("each", "per: core"), "service 'a' has no fleet of machines with a vcpu");
    scenario_refused(1, SERVICES(", capacity: {rps: 1}, fleet: {machine: m}", "") USE("each", "per: core"),
                     "service 'a' has no fleet of machines with a vcpu");
    scenario_refused(1, SERVICES("", "") USE("a", "per: requests"), "did you mean 'request'?");
    scenario_refused(1, SERVICES("", "") SHARED("hours"), "'share_by' must be one of requests, gb, cpu_seconds");
    scenario_refused(1, SERVICES(", events_per_day: 1, events_per_request: 1", ""), "which exclude each other");
}

static void without_traffic_only_fixed_lines_are_left(void **state)
{
    (void)state;
    static const char plan[] =
        "orders: 5\nservices:\n  a: {product_line: x, traffic: {requests_per_day: 0}, response_bytes: 1, "
        "cpu_ms_per_request: 1, events_per_request: 1}\n"
        "  b: {product_line: x, traffic: {requests_per_day: 0}, events_per_day: 8}\n" USE(
            "a", "per: request") "  - {name: f, category: data, layer: data, service: a, use: gb, per: response_gb}\n"
                                 "  - {name: g, category: data, layer: data, service: a, use: gb, per: cpu_second}\n"
                                 "  - {name: h, category: data, layer: data, service: each, use: gb, per: event}\n"
                                 "  - {name: i, category: data, layer: data, service: shared, share_by: even, use: gb, "
                                 "per: order}\n"
                                 "  - {name: j, category: data, layer: data, service: a, use: gb, per: hour}\n";
    rk_ledger *ledger = scenario_ledger(1, plan);
    assert_int_equal(rk_ledger_n_lines(ledger), 4); /* events of b, orders of a and b, hours */
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        assert_int_equal(rk_ledger_line(ledger, i)->behaviour, RK_FIXED);
    }
    rk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities_are_per_hour_request_event_second_and_byte),
        cmocka_unit_test(a_shared_driver_is_the_sum_of_the_services_or_the_figure_of_the_plan),
        cmocka_unit_test(heads_are_those_measured_or_the_persons_of_the_plan),
        cmocka_unit_test(licences_follow_machines_and_cores),
        cmocka_unit_test(a_measured_driver_times_an_assumed_quantity_is_assumed),
        cmocka_unit_test(shares_follow_their_driver),
        cmocka_unit_test(direct_cost_is_known_whatever_the_order),
        cmocka_unit_test(figures_that_are_missing_are_named),
        cmocka_unit_test(without_traffic_only_fixed_lines_are_left),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}
