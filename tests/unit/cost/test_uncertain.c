/* Numbers with a law: what may be written, and what is refused where. */
#include <math.h>
#include <string.h>

#include "cost/ledger_parts.h"
#include "cost/uncertain.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define ONE(more) "services:\n  a: {product_line: a, traffic: {requests_per_day: 1}" more "}\n"
#define DISK(quantity)                                                                                                 \
    ONE("") "elements:\n  - {name: disk, category: data, layer: data, service: a, use: gb, quantity: " quantity "}\n"

static void assert_real(double value, double wanted, double allowed)
{
    if (!(fabs(value - wanted) <= allowed)) {
        fail_msg("%.9g is not %.9g within %g", value, wanted, allowed);
    }
}

static const rk_plan_input *only_input(const rk_ledger *ledger)
{
    assert_int_equal(ledger->plan->uncertain.n, 1);
    return ledger->plan->uncertain.data;
}

/* The median of the law of a disk of this size. */
static void assert_median(const char *rest, double wanted)
{
    rk_ledger *ledger = scenario_ledger(1, rest);
    double u = 0.5;
    assert_int_equal(rk_plan_input_draw(only_input(ledger), 1, &u), 0);
    assert_real(u, wanted, 1e-9);
    rk_ledger_free(ledger);
}

static void laws_are_written_as_lists_or_by_names(void **state)
{
    (void)state;
    assert_median(DISK("{point: 5, uniform: [4, 8]}"), 6);
    assert_median(DISK("{point: 5, triangular: [4, 6, 8]}"), 6);
    assert_median(DISK("{point: 5, pert: {high: 8, mode: 6, low: 4}}"), 6);
    assert_median(DISK("{point: 5, normal: [7, 1]}"), 7);
    assert_median(DISK("{point: 5, normal: {p90: 9, p10: 5}}"), 7);
    assert_median(DISK("{point: 5, lognormal: [7, 0.1]}"), 7);
    assert_median(DISK("{point: 5, lognormal: {p10: 4, p90: 9}}"), 6);
    assert_median(DISK("{discrete: {4: 1, 5: 3.5, 1e3: 1}, point: 5}"), 5);
}

static void an_input_knows_its_path_and_its_place(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, DISK("{point: 5, uniform: [4, 8]}"));
    const rk_plan_input *input = only_input(ledger);
    assert_string_equal(input->path, "elements.disk.quantity");
    assert_int_equal(input->record->node->at.line, 10);
    assert_real(input->point, 5, 0);
    assert_false(input->is_in_book);
    rk_ledger_free(ledger);
}

static void a_law_without_ends_is_cut_to_the_range_of_the_key(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, DISK("{point: 1, normal: [1, 10]}"));
    double u[] = {0.001, 0.3, 0.5, 0.9};
    assert_int_equal(rk_plan_input_draw(only_input(ledger), 4, u), 2);
    assert_true(u[0] == 0 && u[1] == 0 && u[2] == 1 && u[3] > 10);
    rk_ledger_free(ledger);
}

static void what_is_wrong_with_a_law_is_said_where_it_stands(void **state)
{
    (void)state;
    scenario_refused(1, DISK("{point: 5, pret: [1, 2, 3]}"), "p.yaml:10:89: there is no law 'pret'; did you mean 'pert'?");
    scenario_refused(1, DISK("{point: 5, zipf: [1, 2, 3]}"),
                     "there is no law 'zipf'; known are uniform, triangular, pert, normal, lognormal, discrete");
    scenario_refused(1, DISK("{point: 5, pert: [1, 2]}"),
                     "p.yaml:10:95: 'pert' of 'quantity' takes [low, mode, high], got a list of 2");
    scenario_refused(1, DISK("{point: 5, normal: {p10: 2, p99: 3}}"),
                     "'normal' of 'quantity' takes [mean, sd], or {p10: ..., p90: ...}, got a map of other names");
    scenario_refused(1, DISK("{point: 5, pert: high}"), "takes [low, mode, high], got 'high'");
    scenario_refused(1, DISK("{point: 5, discrete: [1, 2]}"), "takes {value: weight, ...}, got a list of 2");
    scenario_refused(1, DISK("{point: 5, pert: [1, 0x2, 3]}"), "'mode' must be a number, got '0x2'");
    scenario_refused(1, DISK("{point: 5, pert: [3, 2, 1]}"), "the law of 'quantity': mode must lie between low and high");
    scenario_refused(1, DISK("{point: 5, uniform: [5, 5]}"), "the law of 'quantity': low must be below high");
    scenario_refused(1, DISK("{point: 5, discrete: {1: 0}}"), "the law of 'quantity': weights must have a finite sum");
}

static void a_law_must_lie_in_the_range_of_its_key(void **state)
{
    (void)state;
    scenario_refused(1, DISK("{point: 5, uniform: [-1, 6]}"),
                     "'quantity' must be 0 or more, and its law reaches down to -1");
    scenario_refused(1, DISK("{point: 5, uniform: [6, 7]}"), "the point of 'quantity', 5, lies outside its law, 6 to 7");
    scenario_refused(1, ONE(", capacity: {rps: {point: 5, uniform: [0, 6]}}"),
                     "'rps' must be above 0, and its law reaches down to 0");
    scenario_refused(1, ONE(", capacity: {rps: {point: 5, normal: [5, 1]}}"),
                     "'rps' must be above 0, and a normal law has no lower end; take lognormal or triangular");
    scenario_refused(1,
                     ONE(", capacity: {rps: 5}, fleet: {machine: m, utilisation: {point: 0.5, triangular: [0.4, 0.5, "
                         "1.5]}}"),
                     "'utilisation' must be at most 1, and its law reaches up to 1.5");
}

static void a_count_cannot_be_uncertain(void **state)
{
    (void)state;
    scenario_refused(1, ONE(", capacity: {rps: 5}, fleet: {machine: m, min: {point: 5, uniform: [4, 6]}}"),
                     "'min' cannot be uncertain: write one number");
    scenario_refused(1, "budget: {total: {point: 5, uniform: [4, 6]}}\n" ONE(""), "'total' cannot be uncertain");
    scenario_refused(1, DISK("{point: 5, uniform: [4, {point: 5, uniform: [4, 6]}]}"), "'high' cannot be uncertain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_are_written_as_lists_or_by_names),
        cmocka_unit_test(an_input_knows_its_path_and_its_place),
        cmocka_unit_test(a_law_without_ends_is_cut_to_the_range_of_the_key),
        cmocka_unit_test(what_is_wrong_with_a_law_is_said_where_it_stands),
        cmocka_unit_test(a_law_must_lie_in_the_range_of_its_key),
        cmocka_unit_test(a_count_cannot_be_uncertain),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}
