/* Claims about first_plan_text.h, worked by hand: what a sum of a bill becomes, and that any name can be written. */
#include <string.h>

#include "base/yaml.h"
#include "study/first_plan_text.h"
#include "support/test.h"

/* cost and quantity as fractions. */
static void set(rk_bill_sum *sum, long cost, unsigned long cost_den, long quantity, unsigned long quantity_den)
{
    mpq_inits(sum->cost, sum->quantity, NULL);
    mpq_set_si(sum->cost, cost, cost_den);
    mpq_set_si(sum->quantity, quantity, quantity_den);
    mpq_canonicalize(sum->cost);
    mpq_canonicalize(sum->quantity);
}

static rk_first_item item_of(rk_bill_sum sum, long cost, unsigned long cost_den, long quantity, unsigned n_months)
{
    rk_first_item item;
    set(&sum, cost, cost_den, quantity, 1);
    rk_first_item_make(&sum, n_months, &item);
    mpq_clears(sum.cost, sum.quantity, NULL);
    return item;
}

static const rk_bill_sum hours = {.service = "Compute", .unit = "Hours", .category = "Compute"};

/* 12 for 8 hours in two months: 1.5 an hour, 4 hours a month. */
static void a_price_is_what_was_paid_for_a_unit(void **state)
{
    (void)state;
    rk_first_item item = item_of(hours, 12, 1, 8, 2);
    assert_null(item.left_out);
    assert_int_equal(item.price_nanos, 1500000000);
    assert_int_equal(item.quantity_micros, 4000000);
    assert_int_equal(item.thousands, 0);
    /* 1 for 3: 0.333333333 */
    assert_int_equal(item_of(hours, 1, 1, 3, 1).price_nanos, 333333333);
}

/* 0.40 for a million requests: 0.0000004 each has one figure in nine places; 0.4 a million, of which half a million a
 * month in two. 5 for 1,000: 0.005 is written as it is. */
static void cheap_units_are_counted_by_the_million(void **state)
{
    (void)state;
    rk_first_item item = item_of(hours, 4, 10, 1000000, 2);
    assert_int_equal(item.thousands, 2);
    assert_int_equal(item.price_nanos, 400000000);
    assert_int_equal(item.quantity_micros, 500000);
    assert_int_equal(item_of(hours, 5, 1, 1000, 1).thousands, 0);
}

/* 100 in two months without a unit, or without a quantity: 50 a month. */
static void what_cannot_be_counted_is_money(void **state)
{
    (void)state;
    rk_bill_sum fee = {.service = "Support", .category = "Other"};
    rk_first_item item = item_of(fee, 100, 1, 3, 2);
    assert_true(item.is_money && !item.left_out);
    assert_int_equal(item.price_nanos, INT64_C(50000000000));
    assert_int_equal(item.quantity_micros, 1000000);
    assert_true(item_of(hours, 100, 1, 0, 2).is_money);
    assert_true(item_of(hours, 100, 1, -2, 2).is_money);
}

static void what_is_no_cost_is_left_out_with_the_reason(void **state)
{
    (void)state;
    rk_bill_sum nameless = {.unit = "Hours", .category = ""};
    assert_string_equal(item_of(hours, 0, 1, 8, 1).left_out, "it costs nothing");
    assert_string_equal(item_of(hours, -1, 1, 8, 1).left_out, "a credit: a plan has no costs below nothing");
    assert_string_equal(item_of(nameless, 1, 1, 8, 1).left_out, "the bill names no service");
    assert_string_equal(item_of(hours, 1, 10000000, 1, 1).left_out, "less than a millionth a month");
    assert_null(item_of(hours, 1, 1000000, 1, 1).left_out);
}

/* Quotes, line breaks, patterns and signs of YAML, in a bill that calls itself so. */
static void any_name_can_be_written_and_read(void **state)
{
    (void)state;
    static const char wild[] = "a \"b\": #c\n- {d}\t\\*? \xe5\xad\x98";
    rk_bill_sum sums[] = {{.service = wild, .unit = "GB \"x\"", .category = "\nno: 1"},
                          {.service = wild, .category = ""}};
    rk_first_item items[2];
    const rk_first_plan_ask ask = {.service = "re: commend",
                                   .product_line = wild,
                                   .bill = "a\n- b.csv",
                                   .slo_ms = 12.5,
                                   .requests_per_day = 7,
                                   .n_months = 3};
    rk_bill_sums of = {.currency = "USD"};
    rk_first_texts t = {.ask = &ask,
                        .start = "2026-01",
                        .currency = "USD",
                        .profile = "profile.json",
                        .capacity_words = "x\ny",
                        .sums = &of,
                        .items = items,
                        .n_items = 2,
                        .first_month = "2026-01",
                        .last_month = "2026-01",
                        .n_months_billed = 1};
    rk_text plan = {0}, prices = {0};
    rk_yaml *yaml = NULL;
    rk_error err;
    for (size_t i = 0; i < 2; i++) {
        set(&sums[i], 5, 1, 2, 1);
        rk_first_item_make(&sums[i], 1, &items[i]);
    }
    rk_first_plan_text(&t, &plan);
    rk_first_prices_text(&t, &prices);
    if (rk_yaml_parse((rk_slice){plan.at, plan.n}, "plan", &yaml, &err)) {
        fail_msg("%s\n%s", err.message, plan.at);
    }
    const rk_yaml_node *elements = rk_yaml_find(rk_yaml_root(yaml), "elements");
    const rk_yaml_node *rules = rk_yaml_find(rk_yaml_find(rk_yaml_root(yaml), "bill"), "rules");
    assert_int_equal(elements->n, 2);
    assert_string_equal(rk_yaml_find(elements->first->next, "name")->text, wild);
    assert_string_equal(rk_yaml_find(rk_yaml_find(rules->first, "line"), "unit")->text, "GB \"x\"");
    assert_null(rk_yaml_find(rk_yaml_find(rules->first->next, "line"), "unit"));
    rk_yaml_free(yaml);
    if (rk_yaml_parse((rk_slice){prices.at, prices.n}, "prices", &yaml, &err)) {
        fail_msg("%s\n%s", err.message, prices.at);
    }
    assert_non_null(rk_yaml_find(rk_yaml_find(rk_yaml_root(yaml), "prices"), wild));
    rk_yaml_free(yaml);
    for (size_t i = 0; i < 2; i++) {
        mpq_clears(sums[i].cost, sums[i].quantity, NULL);
    }
    rk_text_release(&plan);
    rk_text_release(&prices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_price_is_what_was_paid_for_a_unit),
        cmocka_unit_test(cheap_units_are_counted_by_the_million),
        cmocka_unit_test(what_cannot_be_counted_is_money),
        cmocka_unit_test(what_is_no_cost_is_left_out_with_the_reason),
        cmocka_unit_test(any_name_can_be_written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
