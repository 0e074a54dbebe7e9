/* Training, tuning, development and cleaning on rented machines, worked by hand; February 2024 has 29 days. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cost/ledger.h"
#include "store/artefact.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define SERVICE(keys) "services:\n  a: {product_line: x, traffic: {requests_per_day: 1000}" keys "}\n"
#define ELEMENT(service, rest)                                                                                         \
    "elements:\n  - {name: e, category: hardware, layer: model, service: " service ", " rest "}\n"

static void assert_line(const rk_ledger *ledger, const char *id, int64_t quantity, int64_t amount)
{
    const rk_cost_line *line = scenario_line(ledger, id);
    if (line->quantity_micros != quantity || line->amount.micros != amount) {
        fail_msg("%s: not %lld and %lld: %s", id, (long long)quantity, (long long)amount, line->formula);
    }
}

static void runs_trials_and_development_are_lines_of_their_own(void **state)
{
    (void)state;
    /* 2 runs x 3.5 h = 7 h at 0.5; 2 x 20 trials x 3.5 = 140 h; 5 experiments and, of 2 + 40 + 5 = 47 runs that are
     * needed, 47 x 0.2 / 0.8 = 11.75 that fail: 16.75 x 3.5 = 58.625 h */
    rk_ledger *ledger = scenario_ledger(
        1, SERVICE("") ELEMENT("a", "train: m, runs_per_month: 2, hours: 3.5, trials: 20, experiments_per_month: 5, "
                                    "failed_share: 0.2"));
    assert_line(ledger, "2024-02/e-training/a", 7000000, 3500000);
    assert_line(ledger, "2024-02/e-tuning/a", 140000000, 70000000);
    assert_line(ledger, "2024-02/e-development/a", 58625000, 29312500);
    assert_true(scenario_line(ledger, "2024-02/e-training/a")->runs_micros == 2000000);
    assert_true(scenario_line(ledger, "2024-02/e-development/a")->is_training);
    assert_true(scenario_line(ledger, "2024-02/e-development/a")->runs_micros == 0);
    rk_ledger_free(ledger);
    /* 1.5 runs x 2 h x 3 machines = 9 h at 0.3; nothing else is said, so nothing else is a line */
    ledger = scenario_ledger(
        1, SERVICE("") ELEMENT("a", "train: m, option: r, machines: 3, runs_per_month: 1.5, hours: 2, memory_gib: 1"));
    assert_line(ledger, "2024-02/e-training/a", 9000000, 2700000);
    assert_int_equal(rk_ledger_n_lines(ledger), 1);
    rk_ledger_free(ledger);
}

static const char made[] = "made.rk";

/* Made in 2 h with 3 h of processor time and 2 GiB. */
static void write_artefact(const char *kind, int events)
{
    char path[128];
    rk_usage usage = {.wall_s = 7200, .cpu_s = 10800, .peak_bytes = UINT64_C(2) << 30};
    rk_artefact_writer *writer = NULL;
    rk_error err;
    scenario_path(made, path, sizeof path);
    assert_int_equal(rk_artefact_create(path, kind, &writer, &err), RK_OK);
    json_object_set_new(rk_artefact_writer_meta(writer), "events", json_integer(events));
    assert_int_equal(rk_artefact_commit(writer, &usage, &err), RK_OK);
}

static void remove_artefact(void)
{
    char path[128];
    scenario_path(made, path, sizeof path);
    assert_int_equal(unlink(path), 0);
}

static void the_hours_of_a_run_are_those_of_an_artefact(void **state)
{
    (void)state;
    write_artefact("model", 0);
    /* 3 runs x 2 h at 0.8; by processor time 3 x 3 h / 4 vcpu = 2.25 h */
    rk_ledger *ledger =
        scenario_ledger(1, SERVICE("") ELEMENT("a", "train: big, runs_per_month: 3, measured: made.rk"));
    assert_line(ledger, "2024-02/e-training/a", 6000000, 4800000);
    assert_int_equal(scenario_line(ledger, "2024-02/e-training/a")->origin, RK_MEASURED);
    assert_int_equal(rk_ledger_n_notes(ledger), rk_machine_read().cores != 4); /* made on another number of cores */
    rk_ledger_free(ledger);
    ledger =
        scenario_ledger(1, SERVICE("") ELEMENT("a", "train: big, runs_per_month: 3, measured: made.rk, bill: cpu"));
    assert_line(ledger, "2024-02/e-training/a", 2250000, 1800000);
    rk_ledger_free(ledger);
    scenario_refused(1, SERVICE("") ELEMENT("a", "train: m, runs_per_month: 3, measured: made.rk"),
                     "making made.rk was measured to need 2.00 GiB of memory, m has 1.00 GiB");
    remove_artefact();
}

static void a_run_is_written_or_measured_and_fits_its_machine(void **state)
{
    (void)state;
    scenario_refused(1, SERVICE("") ELEMENT("a", "train: m, runs_per_month: 1"),
                     "needs one of the keys 'hours' and 'measured'");
    scenario_refused(1, SERVICE("") ELEMENT("a", "train: m, runs_per_month: 1, hours: 2, bill: cpu"),
                     "'bill' goes with 'measured' only");
    scenario_refused(1, SERVICE("") ELEMENT("a", "train: m, runs_per_month: 1, hours: 2, failed_share: 1"),
                     "'failed_share'");
    scenario_refused(1, SERVICE("") ELEMENT("a", "train: m, runs_per_month: 1, hours: 2, memory_gib: 1.5"),
                     "a run of 'e' needs 1.50 GiB of memory, m has 1.00 GiB");
    scenario_refused(1, SERVICE("") ELEMENT("a", "train: m, option: spot, runs_per_month: 1, hours: 2"), "spot");
}

static void cleaning_follows_the_events(void **state)
{
    (void)state;
    /* 10^6 events a day x 29 x 40 s / 10^6 = 1,160 s / 3,600 / 4 = 0.080556 h at 0.8 */
    rk_ledger *ledger =
        scenario_ledger(1, SERVICE(", events_per_day: 1_000_000") ELEMENT("a", "clean: big, cpu_s_per_million: 40"));
    assert_line(ledger, "2024-02/e/a", 80556, 64445);
    assert_int_equal(scenario_line(ledger, "2024-02/e/a")->behaviour, RK_FIXED);
    rk_ledger_free(ledger);
    /* 29,000 requests x 2 events x 10,800 s / 8,000,000 events = 78.3 s / 14,400 = 0.005438 (0.0054375, to even) h */
    write_artefact("dataset", 8000000);
    ledger = scenario_ledger(1, SERVICE(", events_per_request: 2")
                                    ELEMENT("shared, share_by: even", "clean: big, measured: made.rk"));
    assert_line(ledger, "2024-02/e/a", 5438, 4350);
    assert_int_equal(scenario_line(ledger, "2024-02/e/a")->behaviour, RK_VARIABLE);
    rk_ledger_free(ledger);
    write_artefact("model", 0);
    scenario_refused(1, SERVICE(", events_per_day: 1") ELEMENT("a", "clean: big, measured: made.rk"),
                     "measured by a dataset with events, 'made.rk' is a model");
    remove_artefact();
    scenario_refused(1, SERVICE("") ELEMENT("a", "clean: big, cpu_s_per_million: 4"),
                     "element 'e' cleans events, and service 'a' has no events_per_request or events_per_day");
    scenario_refused(1, SERVICE(", events_per_day: 1") ELEMENT("a", "clean: m, cpu_s_per_million: 4"),
                     "processor time of element 'e' needs the key 'vcpu' of 'm'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_trials_and_development_are_lines_of_their_own),
        cmocka_unit_test(the_hours_of_a_run_are_those_of_an_artefact),
        cmocka_unit_test(a_run_is_written_or_measured_and_fits_its_machine),
        cmocka_unit_test(cleaning_follows_the_events),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}
