/* Claims about compare.h, worked by hand: savings, present value, payback and the traffic at which the choice turns. */
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "decide/compare.h"
#include "support/faults.h"
#include "support/test.h"
#include "unit/decide/shop.h"

static const rk_compare_options as_usual = {.discount_yearly = 0.08};

/* 10 requests/s on machines that carry 4: 3 of them at 2 USD an hour, 144 USD a day. */
static const char rented[] = "name: rented\n"
                             "services: {web: {product_line: search, traffic: {requests_per_day: 864000}, capacity: "
                             "{rps: 4}, fleet: {machine: small}}}\n";
/* The same answers for a flat 5,110 USD a month, what 3.5 machines cost in a mean month. */
static const char flat[] = "name: flat\n"
                           "services: {web: {product_line: search, traffic: {requests_per_day: 864000}}}\n"
                           "elements: [{name: fee, category: software, layer: service, service: web, amount: 5110, "
                           "when: [2026-01, 2026-02, 2026-03, 2026-04, 2026-05, 2026-06, 2026-07, 2026-08, 2026-09, "
                           "2026-10, 2026-11, 2026-12]}]\n";
/* Or 20,000 USD at once. */
static const char bought[] = "name: bought\n"
                             "services: {web: {product_line: search, traffic: {requests_per_day: 864000}}}\n"
                             "elements: [{name: licence, category: software, layer: service, service: web, amount: "
                             "20000}]\n";

/* A text of its own for each plan: shop_plan has one buffer. */
static rk_plan_source own(const char *rest, char *room, size_t n_room)
{
    rk_plan_source source = shop_plan(rest);
    assert_true(source.text.n < n_room);
    memcpy(room, source.text.at, source.text.n);
    source.text.at = room;
    return source;
}

static rk_comparison compare(const char *a, const char *b, const rk_run *run)
{
    static char room[2][4096];
    rk_plan_source sources[2] = {own(a, room[0], sizeof room[0]), own(b, room[1], sizeof room[1])};
    rk_comparison comparison;
    rk_error err;
    if (rk_compare(sources, 2, &as_usual, run, &comparison, &err)) {
        fail_msg("%s", err.message);
    }
    return comparison;
}

/* 3 machines cost 144 x 365 = 52,560, the fee 61,320. With a fourth machine, from 12 requests/s on, renting costs
 * 70,080: the choice turns at 1.2 times the traffic. */
static void the_choice_turns_where_one_machine_more_is_needed(void **state)
{
    (void)state;
    rk_comparison c = compare(rented, flat, &(rk_run){0});
    const rk_compared *second = &c.columns[1];
    assert_int_equal(c.columns[0].total.micros, 52560000000);
    assert_int_equal(second->total.micros, 61320000000);
    assert_int_equal(second->saving_micros, -8760000000);
    assert_int_equal(second->payback_month, -1);
    assert_true(second->below.factor <= 0);
    assert_true(fabs(second->above.factor - 1.2) < 0.002);
    assert_true(fabs(second->above.requests_per_day - 1036800) < 2000);
    assert_true(second->above.first_is_cheaper_below);
    rk_comparison_release(&c);
}

/* 31, 28, ... days x 864,000: the same traffic, said month by month. */
static void months_that_are_written_are_scaled_like_days(void **state)
{
    (void)state;
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char plan[1024];
    int n = snprintf(plan, sizeof plan, "name: rented\nservices: {web: {product_line: search, traffic: {months: {");
    for (unsigned m = 0; m < 12; m++) {
        n += snprintf(plan + n, sizeof plan - (size_t)n, "%s2026-%02u: %u", m ? ", " : "", m + 1, days[m] * 864000);
    }
    snprintf(plan + n, sizeof plan - (size_t)n, "}}, capacity: {rps: 4}, fleet: {machine: small}}}\n");
    rk_comparison c = compare(plan, flat, &(rk_run){0});
    assert_int_equal(c.columns[0].total.micros, 52560000000);
    assert_true(fabs(c.columns[1].above.factor - 1.2) < 0.002);
    assert_true(fabs(c.columns[1].above.requests_per_day - 1036800) < 2000);
    rk_comparison_release(&c);
}

static void the_other_way_round_it_turns_at_the_same_traffic(void **state)
{
    (void)state;
    rk_comparison c = compare(flat, rented, &(rk_run){0});
    assert_int_equal(c.columns[1].saving_micros, 8760000000);
    assert_true(fabs(c.columns[1].above.factor - 1.2) < 0.002);
    assert_false(c.columns[1].above.first_is_cheaper_below);
    rk_comparison_release(&c);
}

/* Renting costs 4,464 in January, 4,032 in February, 4,464, 4,320, 4,464 in May: 21,744 by then, more than 20,000. */
static void a_purchase_has_paid_back_in_may(void **state)
{
    (void)state;
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    rk_comparison c = compare(rented, bought, &(rk_run){0});
    double npv = -20000;
    for (int m = 0; m < 12; m++) {
        npv += 144.0 * days[m] / pow(1.08, m / 12.0);
    }
    assert_int_equal(c.columns[1].payback_month, 4);
    assert_true(fabs(c.columns[1].npv - npv) < 1e-6);
    rk_comparison_release(&c);
}

static void one_plan_is_compared_by_its_variants(void **state)
{
    (void)state;
    static const char variants[] =
        "services:\n"
        "  web: {product_line: search, traffic: {requests_per_day: 864000}, fleet: {machine: small},\n"
        "        variants: {big: {quality: 0.2, capacity: {rps: 4}}, small: {quality: 0.19, capacity: {rps: 10}}}}\n";
    rk_plan_source source = shop_plan(variants);
    rk_comparison c;
    rk_error err;
    assert_int_equal(rk_compare(&source, 1, &as_usual, &(rk_run){0}, &c, &err), RK_OK);
    assert_int_equal(c.n, 2);
    assert_string_equal(c.columns[1].name, "web: small");
    assert_string_equal(c.columns[1].services[0].variant, "small");
    assert_true(c.columns[0].services[0].quality == 0.2 && c.columns[1].services[0].quality == 0.19);
    assert_int_equal(c.columns[0].services[0].n_machines_max, 3);
    assert_int_equal(c.columns[1].services[0].n_machines_max, 1);
    rk_comparison_release(&c);
}

static void assert_refused(const char *a, const char *b, rk_status expected, const char *part)
{
    static char room[2][4096];
    rk_plan_source sources[2] = {own(a, room[0], sizeof room[0]), b ? own(b, room[1], sizeof room[1])
                                                                    : (rk_plan_source){0}};
    rk_comparison comparison;
    rk_error err;
    assert_int_equal(rk_compare(sources, b ? 2 : 1, &as_usual, &(rk_run){0}, &comparison, &err), expected);
    if (!strstr(err.message, part)) {
        fail_msg("%s", err.message);
    }
}

static void what_cannot_be_compared_is_told(void **state)
{
    (void)state;
    assert_refused(rented, NULL, RK_BAD_USAGE, "one plan without variants has nothing to be compared with");
    assert_refused(rented, "services: 3\n", RK_BAD_INPUT, "p.yaml:6:11: 'services' must be a map");
}

static void threads_change_nothing(void **state)
{
    (void)state;
    rk_text one = {0}, three = {0};
    rk_pool *pool = rk_pool_new(3);
    rk_comparison a = compare(rented, flat, &(rk_run){0});
    rk_comparison_json(&a, &one);
    rk_comparison_release(&a);
    a = compare(rented, flat, &(rk_run){.pool = pool});
    rk_comparison_json(&a, &three);
    assert_string_equal(one.at, three.at);
    rk_comparison_release(&a);
    rk_text_release(&one);
    rk_text_release(&three);
    rk_pool_free(pool);
}

static bool try_compare(void *context)
{
    (void)context;
    static char room[2][4096];
    rk_plan_source sources[2] = {own(rented, room[0], sizeof room[0]), own(bought, room[1], sizeof room[1])};
    rk_comparison comparison;
    rk_error err;
    rk_status status = rk_compare(sources, 2, &as_usual, &(rk_run){0}, &comparison, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    if (!status) {
        rk_comparison_release(&comparison);
    }
    return status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(fault_some(try_compare, NULL) > 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_choice_turns_where_one_machine_more_is_needed),
        cmocka_unit_test(months_that_are_written_are_scaled_like_days),
        cmocka_unit_test(the_other_way_round_it_turns_at_the_same_traffic),
        cmocka_unit_test(a_purchase_has_paid_back_in_may),
        cmocka_unit_test(one_plan_is_compared_by_its_variants),
        cmocka_unit_test(what_cannot_be_compared_is_told),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, shop_open, shop_close);
}
