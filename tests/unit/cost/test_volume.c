/* What is kept and what is moved, worked by hand over February (29 days) and March (31 days) of 2024. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cost/ledger.h"
#include "store/artefact.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define ONE(keys) "services:\n  a: {product_line: x, traffic: {requests_per_day: 1000}" keys "}\n"
#define TWO(a, b) ONE(a) "  b: {product_line: y, traffic: {requests_per_day: 2000}" b "}\n"
/* 1,000 a day and 3,000 on the 29th of February */
#define LEAP                                                                                                           \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 1000, events: [{from: 2024-02-29, factor: 3}]}, "   \
    "events_per_request: 0.1}\n"
#define KEEP(service, rest)                                                                                            \
    "elements:\n  - {name: e, category: data, layer: data, service: " service ", store: disk, " rest "}\n"
#define MOVE(service, rest)                                                                                            \
    "elements:\n  - {name: e, category: data, layer: data, service: " service ", network: gb, " rest "}\n"

static void assert_quantity(const char *plan, const char *id, int64_t micros, rk_origin origin)
{
    rk_ledger *ledger = scenario_ledger(2, plan);
    const rk_cost_line *line = scenario_line(ledger, id);
    if (line->quantity_micros != micros) {
        fail_msg("%s: %lld, not %lld: %s", id, (long long)line->quantity_micros, (long long)micros, line->formula);
    }
    assert_int_equal(line->origin, origin);
    rk_ledger_free(ledger);
}

#define FEBRUARY "2024-02/e/a"
#define MARCH "2024-03/e/a"

static void a_file_is_kept_once_for_each_replica(void **state)
{
    (void)state;
    /* 1,500,000,000 bytes x 3 / 10^9 = 4.5 GB, in either month */
    assert_quantity(ONE("") KEEP("a", "bytes: 1_500_000_000, replicas: 3"), FEBRUARY, 4500000, RK_ASSUMED);
    assert_quantity(ONE("") KEEP("a", "bytes: 1_500_000_000, replicas: 3"), MARCH, 4500000, RK_ASSUMED);
}

static void a_log_holds_what_is_not_too_old_yet(void **state)
{
    (void)state;
    /* 100 events a day x 10^7 bytes = 1 GB a day, kept for 3 days: evenings 1, 2, then 27 of 3 = 84; 84 / 29
     * = 2.896552; in March every evening 3. Begun in January: 3 from the first evening on. */
#define LOG "bytes_per_event: 10_000_000, retention_days: 3"
    assert_quantity(ONE(", events_per_day: 100") KEEP("a", LOG), FEBRUARY, 2896552, RK_ASSUMED);
    assert_quantity(ONE(", events_per_day: 100") KEEP("a", LOG), MARCH, 3000000, RK_ASSUMED);
    assert_quantity(ONE(", events_per_day: 100") KEEP("a", LOG ", since: 2024-01"), FEBRUARY, 3000000, RK_ASSUMED);
    /* begun in March */
    assert_quantity(ONE(", events_per_day: 100") KEEP("a", LOG ", since: 2024-03"), MARCH, 2903226, RK_ASSUMED);
    /* never forgotten: (1 + ... + 29) / 29 = 15; 29 + (1 + ... + 31) / 31 = 45 */
    assert_quantity(ONE(", events_per_day: 100") KEEP("a", "bytes_per_event: 10_000_000"), FEBRUARY, 15000000,
                    RK_ASSUMED);
    assert_quantity(ONE(", events_per_day: 100") KEEP("a", "bytes_per_event: 10_000_000"), MARCH, 45000000, RK_ASSUMED);
}

static void a_day_unlike_others_stays_in_the_log_for_its_days(void **state)
{
    (void)state;
    /* 100 events a day and 300 on the 29th: 84 + 2 = 86, 86 / 29 = 2.965517; the evenings of 1 and 2 March hold
     * 1 + 3 + 1 and 3 + 1 + 1, the others 3: (31 x 3 + 4) / 31 = 3.129032 */
    assert_quantity(LEAP KEEP("a", LOG), FEBRUARY, 2965517, RK_ASSUMED);
    assert_quantity(LEAP KEEP("a", LOG), MARCH, 3129032, RK_ASSUMED);
    /* begun before: a day of January has (28 x 100 + 300) / 29 = 106.896552 events; 1 and 2 February hold 3 of those
     * more: 89.206897 / 29 = 3.076100 */
    assert_quantity(LEAP KEEP("a", LOG ", since: 2023-11"), FEBRUARY, 3076100, RK_ASSUMED);
}

static void events_of_all_are_kept_together_and_shared_out(void **state)
{
    (void)state;
    /* a 100, b 200 events a day: 3 x 2.896552 = 8.689655 (252 / 29); half of it: the odd millionth goes to a */
    assert_quantity(TWO(", events_per_day: 100", ", events_per_request: 0.1") KEEP("shared, share_by: even", LOG),
                    FEBRUARY, 4344828, RK_ASSUMED);
    assert_quantity(TWO(", events_per_day: 100", ", events_per_request: 0.1") KEEP("each", LOG), "2024-02/e/b", 5793103,
                    RK_ASSUMED);
    assert_quantity("events_per_day: 50\n" TWO("", "") KEEP("shared, share_by: {a: 1}", LOG), MARCH, 1500000,
                    RK_ASSUMED);
    scenario_refused(2, TWO(", events_per_day: 1", "") KEEP("each", LOG),
                     "element 'e' keeps events, and service 'b' has no events_per_request or events_per_day");
}

static void answers_events_and_files_are_moved(void **state)
{
    (void)state;
    /* 29,000 answers x 100,000 bytes = 2.9 GB to 2 machines, half of them elsewhere; 29,000 x 3 events x 10,000 bytes =
     * 0.87 GB; 2,000,000,000 bytes x 30 times x 6 machines x 2/3 = 240 GB (2/3 written as 0.666667: 240.00012) */
    assert_quantity(ONE(", response_bytes: 100000") MOVE("a", "per: response_gb, copies: 2, cross_share: 0.5"),
                    FEBRUARY, 2900000, RK_ASSUMED);
    assert_quantity(ONE(", events_per_request: 3") MOVE("a", "bytes_per_event: 10000"), FEBRUARY, 870000, RK_ASSUMED);
    assert_quantity(ONE("") MOVE("a", "bytes: 2_000_000_000, times_per_month: 30, copies: 6, cross_share: 0.666667"),
                    FEBRUARY, INT64_C(240000120), RK_ASSUMED);
}

/* A file of 'events' events beside the plan; its size goes to *bytes. */
static void write_artefact(const char *kind, unsigned events, int64_t *bytes)
{
    char path[128];
    uint8_t data[1000] = {0};
    rk_artefact_writer *writer = NULL;
    rk_artefact *artefact = NULL;
    rk_error err;
    scenario_path("made.rk", path, sizeof path);
    assert_int_equal(rk_artefact_create(path, kind, &writer, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "data", RK_U8, sizeof data, 1, data, &err), RK_OK);
    json_object_set_new(rk_artefact_writer_meta(writer), "events", json_integer(events));
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
    *bytes = (int64_t)rk_artefact_bytes(artefact);
    rk_artefact_close(artefact);
}

static void sizes_are_measured_in_artefacts(void **state)
{
    (void)state;
    char path[128];
    int64_t bytes = 0;
    write_artefact("dataset", 8, &bytes);
    /* bytes x 1,000,000 / 10^9 GB = bytes thousandths = bytes x 1,000 millionths */
    assert_quantity(ONE("") KEEP("a", "of: made.rk, replicas: 1_000_000"), FEBRUARY, bytes * 1000, RK_MEASURED);
    assert_quantity(ONE("") MOVE("a", "of: made.rk, times_per_month: 1_000_000"), FEBRUARY, bytes * 1000, RK_MEASURED);
    /* an eighth of them an event, 8,000,000 events a day on the mean evening of March, kept for one day */
    assert_quantity(ONE(", events_per_day: 8_000_000")
                        KEEP("a", "of: made.rk, bytes_per_event: measured, retention_days: 1"),
                    MARCH, bytes * 1000, RK_ASSUMED);
    scenario_refused(2, ONE(", events_per_day: 8") KEEP("a", "of: made.rk, bytes_per_event: 3"),
                     "element 'e' has 'of' and so measures its bytes_per_event");
    write_artefact("model", 8, &bytes);
    scenario_refused(2, ONE(", events_per_day: 8") KEEP("a", "of: made.rk, bytes_per_event: measured"),
                     "'bytes_per_event: measured' needs a dataset with events, 'made.rk' is a model");
    scenario_path("made.rk", path, sizeof path);
    assert_int_equal(unlink(path), 0);
    scenario_refused(2, ONE("") KEEP("a", "of: made.rk"), "cannot be read: no such file or not allowed");
}

static void what_is_kept_or_moved_must_be_said_once(void **state)
{
    (void)state;
    scenario_refused(2, ONE("") KEEP("a", "replicas: 2"), "needs one of the keys 'bytes', 'of' and 'bytes_per_event'");
    scenario_refused(2, ONE("") KEEP("a", "bytes: 2, of: x.rk"), "has 'bytes' and 'of', which exclude each other");
    scenario_refused(2, ONE("") KEEP("a", "bytes: 2, retention_days: 3"), "this needs the key 'bytes_per_event'");
    scenario_refused(2, ONE("") KEEP("a", "bytes_per_event: measured"), "needs the key 'of': a dataset");
    scenario_refused(2, ONE(", events_per_day: 1") KEEP("a", LOG ", since: 1970-01"), "must begin within 18300 days");
    scenario_refused(2, ONE("") MOVE("a", "per: response_gb"), "service 'a' has no response_bytes");
    scenario_refused(2, ONE("") MOVE("a", "per: request"), "must be response_gb, got 'request'");
    scenario_refused(2, ONE("") MOVE("a", "per: response_gb, bytes: 3"), "or something else, not both");
    scenario_refused(2, ONE(", response_bytes: 1") MOVE("a", "per: response_gb, times_per_month: 3"),
                     "'times_per_month' goes with 'bytes' or 'of' alone");
    scenario_refused(2,
                     ONE("") "elements:\n  - {name: e, category: data, layer: data, service: a, store: gb, bytes: 1}",
                     "what is stored is counted in GB-month, but 'gb' is priced per GB");
    scenario_refused(
        2, ONE("") "elements:\n  - {name: e, category: data, layer: data, service: a, network: disk, bytes: 1}",
        "what is moved is counted in GB, but 'disk' is priced per GB-month");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_kept_once_for_each_replica),
        cmocka_unit_test(a_log_holds_what_is_not_too_old_yet),
        cmocka_unit_test(a_day_unlike_others_stays_in_the_log_for_its_days),
        cmocka_unit_test(events_of_all_are_kept_together_and_shared_out),
        cmocka_unit_test(answers_events_and_files_are_moved),
        cmocka_unit_test(sizes_are_measured_in_artefacts),
        cmocka_unit_test(what_is_kept_or_moved_must_be_said_once),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}
