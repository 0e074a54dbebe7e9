/* test_stream.c - the file that says where events come from: what is read, and what is refused, with its place. */
#include <string.h>

#include "stream/stream.h"
#include "support/test.h"

static void assert_refused(const char *yaml, const char *part)
{
    rk_streams streams;
    rk_error err = {0};
    rk_status status = rk_streams_parse(rk_slice_of(yaml), "s.yaml", &streams, &err);
    if (status == RK_OK || !strstr(err.message, part)) {
        fail_msg("%s: %d '%s', expected '%s'", yaml, status, err.message, part);
    }
    rk_streams_release(&streams);
}

#define KAFKA "{brokers: 'localhost:9092', topic: shop}"
#define TABLE "{connection: dbname=shop, table: lines, key: id, columns: {user: u, item: i}}"

static void sources_are_read_in_order(void **state)
{
    (void)state;
    rk_streams streams;
    rk_error err = {0};
    const char *yaml = "sources:\n"
                       "- name: clicks\n"
                       "  kafka: {brokers: 'a:9092,b:9092', topic: shop, group: r, settings: {fetch.wait.max.ms: 20}}\n"
                       "- {name: orders, postgres: " TABLE "}\n";
    if (rk_streams_parse(rk_slice_of(yaml), "s.yaml", &streams, &err) != RK_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(streams.n, 2);
    assert_string_equal(streams.specs[0].name, "clicks");
    assert_string_equal(streams.specs[1].name, "orders");
    rk_streams_release(&streams);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    assert_refused("{}", "s.yaml:1:1");
    assert_refused("sources: 3", "s.yaml:1:10");
    assert_refused("sources: [{name: a}]", "s.yaml:1:11: source 'a' needs one of 'kafka' and 'postgres', got 0");
    assert_refused("sources: [{name: a, kafka: " KAFKA ", postgres: " TABLE "}]", "got 2");
    assert_refused("sources: [{name: a b, kafka: " KAFKA "}]", "got 'a b'");
    assert_refused("sources: [{name: a/b, kafka: " KAFKA "}]", "got 'a/b'");
    assert_refused("sources: [{name: a, kafka: " KAFKA "}, {name: a, kafka: " KAFKA "}]", "a source 'a' already");
    assert_refused("sources: [{name: a, kafca: " KAFKA "}]", "kafka");
}

static void settings_of_kafka_are_checked_at_once(void **state)
{
    (void)state;
    assert_refused("sources: [{name: a, kafka: {brokers: x}}]", "topic");
    assert_refused("sources: [{name: a, kafka: {brokers: x, topic: t, settings: {fetch.weight: 1}}}]", "fetch.weight");
    assert_refused("sources: [{name: a, kafka: {brokers: x, topic: t, settings: {fetch.wait.max.ms: soon}}}]",
                   "fetch.wait.max.ms");
    assert_refused("sources: [{name: a, kafka: {brokers: x, topic: t, settings: {enable.auto.commit: true}}}]",
                   "set by reckon itself");
    assert_refused("sources: [{name: a, kafka: {brokers: x, topic: t, settings: {ssl.ca.location: [x]}}}]",
                   "'ssl.ca.location' is one value");
}

static void columns_of_a_table_are_checked_at_once(void **state)
{
    (void)state;
    assert_refused("sources: [{name: a, postgres: {connection: c, table: t, key: id, columns: {user: u}}}]", "item");
    assert_refused("sources: [{name: a, postgres: {connection: c, table: t, key: id, columns: {user: u, itm: i}}}]",
                   "item");
    assert_refused("sources: [{name: a, postgres: {connection: c, table: t, key: id, type: buy, "
                   "columns: {user: u, item: i, type: k}}}]",
                   "not both");
    assert_refused("sources: [{name: a, postgres: {connection: c, table: t, key: id, poll_ms: 1, "
                   "columns: {user: u, item: i}}}]",
                   "poll_ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_are_read_in_order),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(settings_of_kafka_are_checked_at_once),
        cmocka_unit_test(columns_of_a_table_are_checked_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
