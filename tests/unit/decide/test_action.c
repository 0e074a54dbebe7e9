/* Claims about action.h: savings are what the accountant says they are, and nothing is listed that costs or hurts. */
#include <stdlib.h>
#include <string.h>

#include "decide/action.h"
#include "support/faults.h"
#include "support/test.h"
#include "unit/decide/shop.h"

static const rk_action_options as_usual = {.keep_quality = 0.99};

static const char shop[] =
    "services:\n"
    "  web: {product_line: search, traffic: {requests_per_day: 864000}, capacity: {rps: 4},\n"
    "        fleet: {machine: small, utilisation: 0.5, min: 3, spare: 1}}\n"
    "elements:\n"
    "  - {name: log, category: data, layer: data, service: web, use: disk, quantity: 10, grows_per_month: 5}\n";

static rk_actions find(rk_plan_source source, const rk_run *run)
{
    rk_actions actions;
    rk_error err;
    if (rk_actions_find(&source, &as_usual, run, &actions, &err)) {
        fail_msg("%s", err.message);
    }
    return actions;
}

static const rk_action *of_kind(const rk_action *actions, size_t n, const char *kind)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(actions[i].kind, kind) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

/* 10 requests/s need ceil(10 / 2) = 5 machines and 1 spare, 8,760 h x 2 USD each = 105,120 a year in all.
 * larger machines: 8 requests/s, so ceil(10 / 4) = 3 and 1 spare x 3 USD x 8,760 = 105,120: no saving. 'far' stands in
 * another region, 'dear' costs more by the core. Reserving all 6: x 1.2 = 63,072, saves 42,048. A spare less: 17,520.
 * At 0.8 of the capacity ceil(10 / 3.2) = 4, saves 17,520; at 0.7 it is 4 as well. min 3 never binds: no saving.
 * The log costs 10 + 5 x m: 120 + 5 x 66 = 450 USD; kept at 10: saves 330. */
/* The same, which must be there. */
static rk_action the(const rk_action *actions, size_t n, const char *kind)
{
    const rk_action *found = of_kind(actions, n, kind);
    if (!found) {
        fail_msg("no action of the kind '%s'", kind);
        abort(); /* not reached: fail_msg jumps */
    }
    return *found;
}

static void savings_are_those_worked_by_hand(void **state)
{
    (void)state;
    rk_actions found = find(shop_plan(shop), &(rk_run){0});
    assert_int_equal(found.base.total.micros, 105570000000);
    assert_int_equal(found.n_actions, 4);
    assert_string_equal(found.actions[0].kind, "reserve");
    assert_int_equal(found.actions[0].saving.micros, 42048000000);
    assert_int_equal(found.actions[0].yearly.micros, 42048000000);
    assert_int_equal(the(found.actions, 4, "fewer spare").saving.micros, 17520000000);
    assert_int_equal(the(found.actions, 4, "fuller machines").saving.micros, 17520000000);
    assert_string_equal(the(found.actions, 4, "fuller machines").changes[0],
                        "services.web.fleet.utilisation=0.7");
    rk_action log = the(found.actions, 4, "retention");
    assert_int_equal(log.saving.micros, 330000000);
    assert_int_equal(log.n_lines, 1);
    assert_string_equal(log.lines[0].element, "log");
    assert_int_equal(log.lines[0].before.micros, 450000000);
    assert_int_equal(log.lines[0].after.micros, 120000000);
    /* all of them: 4 machines, reserved: 4 x 8,760 x 1.2 + 120 */
    assert_int_equal(found.base.total.micros - found.together.micros, 42168000000);
    rk_actions_release(&found);
}

static void every_saving_comes_out_again_when_tried_by_hand(void **state)
{
    (void)state;
    rk_plan_source source = shop_plan(shop);
    rk_actions found = find(source, &(rk_run){0});
    for (size_t i = 0; i < found.n_actions; i++) {
        const rk_action *action = &found.actions[i];
        int64_t then = shop_total(source, action->changes, action->n_changes), by_lines = 0;
        assert_int_equal(found.base.total.micros - then, action->saving.micros);
        for (size_t l = 0; l < action->n_lines; l++) {
            by_lines += action->lines[l].before.micros - action->lines[l].after.micros;
        }
        assert_int_equal(by_lines, action->saving.micros);
        assert_true(found.together.micros >= action->saving.micros);
    }
    rk_actions_release(&found);
}

static void what_leaves_requests_unanswered_is_no_saving(void **state)
{
    (void)state;
    static const char full[] = "services:\n"
                               "  web: {product_line: search, traffic: {requests_per_day: 864000}, capacity: {rps: 4},\n"
                               "        fleet: {machine: small, spare: 1, max: 3}}\n";
    rk_actions found = find(shop_plan(full), &(rk_run){0}); /* 3 machines carry 12; the spare is one of them */
    assert_null(of_kind(found.actions, found.n_actions, "fewer spare"));
    rk_actions_release(&found);
    static const char too_full[] =
        "services:\n"
        "  web: {product_line: search, traffic: {requests_per_day: 1728000}, capacity: {rps: 4},\n"
        "        fleet: {machine: small, utilisation: 0.5, max: 6}, variants: {a: {}, b: {capacity: {rps: 3}}}}\n";
    found = find(shop_plan(too_full), &(rk_run){0}); /* 6 x 4 carry 24 of 20; 6 x 3 would not */
    rk_action smaller = the(found.refused, found.n_refused, "smaller variant");
    assert_string_equal(smaller.reason, "more requests would stay unanswered");
    rk_actions_release(&found);
}

static void a_variant_must_be_good_enough(void **state)
{
    (void)state;
    static const char variants[] =
        "services:\n"
        "  web: {product_line: search, traffic: {requests_per_day: 864000}, variant: big, fleet: {machine: small},\n"
        "        variants: {big: {quality: 0.2, capacity: {rps: 1}}, bad: {quality: 0.19, capacity: {rps: 10}},\n"
        "                   fine: {quality: 0.199, capacity: {rps: 2}}}}\n";
    rk_actions found = find(shop_plan(variants), &(rk_run){0});
    rk_action smaller = the(found.actions, found.n_actions, "smaller variant");
    assert_string_equal(smaller.changes[0], "services.web.variant=fine");
    assert_string_equal(smaller.gives_up, "quality: 99.50 % of it is kept (0.199 of 0.2)");
    assert_int_equal(smaller.saving.micros, 5LL * 8760 * 2 * 1000000); /* 10 machines become 5 */
    rk_actions_release(&found);
}

/* A log of 100 GB a day kept 10 days, 12,000 GB-months a year, and a model made 4 times a month in 2 hours on `small`
 * with 3 trials each: 16 runs, 64 USD a month. Half the days: 6,000; half the runs: 32 a month; one trial: 32. */
static void less_of_data_and_training_is_proposed(void **state)
{
    (void)state;
    static const char busy[] =
        "services: {web: {product_line: search, traffic: {requests_per_day: 1000}, events_per_day: 1000000000}}\n"
        "elements:\n"
        "  - {name: log, category: data, layer: data, service: web, store: disk, bytes_per_event: 100,\n"
        "     retention_days: 10, since: 2025-01}\n"
        "  - {name: model, category: hardware, layer: model, service: web, train: small, runs_per_month: 4, hours: 2,\n"
        "     trials: 3}\n";
    rk_actions found = find(shop_plan(busy), &(rk_run){0});
    rk_action log = the(found.actions, found.n_actions, "retention");
    assert_string_equal(log.what, "keep 'log' for 5 days instead of 10");
    assert_int_equal(log.saving.micros, 6000000000);
    rk_action train = the(found.actions, found.n_actions, "train less");
    assert_string_equal(train.changes[0], "elements.model.runs_per_month=2.0");
    assert_int_equal(train.saving.micros, 12 * 32000000);
    rk_action tune = the(found.actions, found.n_actions, "tune less");
    assert_string_equal(tune.what, "tune 'model' with 1 trials instead of 3");
    assert_int_equal(tune.saving.micros, 12 * 32000000);
    rk_actions_release(&found);
}

/* Each service needs 1 machine and keeps 2: 4 x 2 USD x 8,760 = 70,080. Together they need ceil(0.8 + 0.8) = 2. */
static void services_on_one_kind_of_machine_may_share_a_fleet(void **state)
{
    (void)state;
    static const char two[] =
        "services:\n"
        "  a: {product_line: search, traffic: {requests_per_day: 276480}, capacity: {rps: 4}, fleet: {machine: small, "
        "min: 2}}\n"
        "  b: {product_line: ads, traffic: {requests_per_day: 276480}, capacity: {rps: 4}, fleet: {machine: small, "
        "min: 2}}\n";
    rk_actions found = find(shop_plan(two), &(rk_run){0});
    rk_action shared = the(found.actions, found.n_actions, "share a fleet");
    assert_string_equal(shared.what, "run a and b on one fleet of small");
    assert_int_equal(shared.saving.micros, 2LL * 2 * 8760 * 1000000);
    rk_actions_release(&found);
}

static void a_lean_plan_gets_no_advice(void **state)
{
    (void)state;
    static const char lean[] = "services: {web: {product_line: search, traffic: {requests_per_day: 1}}}\n"
                               "elements: [{name: x, category: data, layer: data, service: web, amount: 5}]\n";
    rk_actions found = find(shop_plan(lean), &(rk_run){0});
    assert_int_equal(found.n_actions, 0);
    assert_int_equal(found.n_tried, 0);
    assert_int_equal(found.together.micros, 0);
    rk_actions_release(&found);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    rk_text one = {0}, three = {0};
    rk_pool *pool = rk_pool_new(3);
    rk_actions a = find(shop_plan(shop), &(rk_run){0}), b = find(shop_plan(shop), &(rk_run){.pool = pool});
    rk_actions_json(&a, &one);
    rk_actions_json(&b, &three);
    assert_string_equal(one.at, three.at);
    rk_text_release(&one);
    rk_text_release(&three);
    rk_actions_release(&a);
    rk_actions_release(&b);
    rk_pool_free(pool);
}

static void a_plan_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    rk_actions actions;
    rk_error err;
    rk_plan_source source = shop_plan("services: {}\n");
    assert_int_equal(rk_actions_find(&source, &as_usual, &(rk_run){0}, &actions, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "p.yaml:6:11: a plan must have 1 to"));
}

static bool try_find(void *context)
{
    (void)context;
    rk_actions actions;
    rk_error err;
    rk_plan_source source = shop_plan(shop);
    rk_status status = rk_actions_find(&source, &as_usual, &(rk_run){0}, &actions, &err);
    if (status != RK_OK && status != RK_NO_MEMORY) {
        fail_msg("%s", err.message);
    }
    if (!status) {
        rk_actions_release(&actions);
    }
    return status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(fault_some(try_find, NULL) > 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(savings_are_those_worked_by_hand),
        cmocka_unit_test(every_saving_comes_out_again_when_tried_by_hand),
        cmocka_unit_test(what_leaves_requests_unanswered_is_no_saving),
        cmocka_unit_test(a_variant_must_be_good_enough),
        cmocka_unit_test(less_of_data_and_training_is_proposed),
        cmocka_unit_test(services_on_one_kind_of_machine_may_share_a_fleet),
        cmocka_unit_test(a_lean_plan_gets_no_advice),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_plan_that_cannot_be_read_is_told),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, shop_open, shop_close);
}
