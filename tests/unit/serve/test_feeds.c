/* test_feeds.c - a server that fetches its events from Kafka: librdkafka's broker for tests, in this process. */
#include <dirent.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/wal.h"
#include "support/test.h"
#include "unit/serve/stage.h"

enum { PATIENCE_S = 60 };

typedef struct {
    stage shop;
    rd_kafka_t *producer;
    rd_kafka_mock_cluster_t *cluster;
    char events[128], sources[128];
} fixture;

static int open_fixture(void **state)
{
    static fixture f;
    char words[256];
    memset(&f, 0, sizeof f);
    stage_prepare(&f.shop);
    snprintf(f.events, sizeof f.events, "%s/events", f.shop.folder);
    snprintf(f.sources, sizeof f.sources, "%s/sources.yaml", f.shop.folder);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, NULL); /* it would print */
    f.producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    assert_non_null(f.producer);
    f.cluster = rd_kafka_mock_cluster_new(f.producer, 1);
    assert_non_null(f.cluster);
    assert_int_equal(rd_kafka_brokers_add(f.producer, rd_kafka_mock_cluster_bootstraps(f.cluster)), 1);
    assert_int_equal(rd_kafka_mock_topic_create(f.cluster, "shop", 2, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    *state = &f;
    return 0;
}

static int close_fixture(void **state)
{
    fixture *f = *state;
    DIR *dir = opendir(f->events);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(f->events);
    unlink(f->sources);
    stage_close(&f->shop);
    rd_kafka_mock_cluster_destroy(f->cluster);
    rd_kafka_destroy(f->producer);
    return 0;
}

/* value NULL: a record without one. */
static void produce(fixture *f, int partition, const char *value)
{
    char bytes[256] = "";
    size_t n = value ? strlen(value) : 0;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(f->producer, "shop", NULL);
    assert_non_null(topic);
    assert_true(n < sizeof bytes);
    memcpy(bytes, value ? value : "", n);
    assert_int_equal(rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value ? bytes : NULL, n, "k", 1, NULL), 0);
    rd_kafka_topic_destroy(topic);
}

static void produce_many(fixture *f, int first, int n)
{
    char event[128];
    for (int i = first; i < first + n; i++) {
        snprintf(event, sizeof event, "{\"user\":\"u%d\",\"item\":\"i%d\",\"type\":\"purchase\",\"quantity\":1}", i % 7,
                 i);
        produce(f, i % 2, event);
    }
    assert_int_equal(rd_kafka_flush(f->producer, 20000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void serve_from(fixture *f, const char *name, const char *group)
{
    rk_text yaml = {0};
    rk_error err = {0};
    rk_text_addf(&yaml,
                 "sources:\n- name: %s\n  kafka:\n    brokers: '%s'\n    topic: shop\n    group: %s\n"
                 "    settings: {session.timeout.ms: 6000, heartbeat.interval.ms: 500}\n",
                 name, rd_kafka_mock_cluster_bootstraps(f->cluster), group);
    assert_int_equal(rk_file_write_text(f->sources, &yaml, &err), RK_OK);
    rk_text_release(&yaml);
    stage_start(&f->shop, &(rk_serve_options){.events_path = f->events, .sources_path = f->sources});
}

/* The server stops as it does for SIGTERM, and could be started again. */
static void end_server(fixture *f)
{
    rk_server_stop(f->shop.server);
    f->shop.server = NULL;
}

static unsigned long long figure(const fixture *f, const char *line)
{
    static raw_answer answer;
    stage_get(&f->shop, "/metrics", &answer);
    const char *at = strstr(answer.body, line);
    return at ? strtoull(at + strlen(line), NULL, 10) : 0;
}

static void await(const fixture *f, const char *line, unsigned long long wanted)
{
    int64_t end_ns = rk_clock_ns() + PATIENCE_S * INT64_C(1000000000);
    while (figure(f, line) < wanted && rk_clock_ns() < end_ns) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    assert_int_equal(figure(f, line), wanted);
}

static size_t n_in_log(const fixture *f, const char *part)
{
    rk_wal_reader *reader;
    rk_error err = {0};
    uint64_t number;
    rk_slice record;
    size_t n = 0;
    assert_int_equal(rk_wal_reader_open(f->events, 0, &reader, &err), RK_OK);
    while (rk_wal_next(reader, &number, &record, &err) == RK_OK && record.at) {
        n += memmem(record.at, record.n, part, strlen(part)) != NULL;
    }
    rk_wal_reader_close(reader);
    return n;
}

static void records_become_events_once(void **state)
{
    fixture *f = *state;
    produce_many(f, 0, 5000);
    serve_from(f, "clicks", "one");
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"kept\"} ", 5000);
    assert_int_equal(figure(f, "reckon_source_up{source=\"clicks\"} "), 1);
    end_server(f);
    /* The group has its place: only what is new comes. */
    produce_many(f, 5000, 10);
    serve_from(f, "clicks", "one");
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"kept\"} ", 10);
    assert_int_equal(figure(f, "reckon_source_events_total{source=\"clicks\",outcome=\"duplicate\"} "), 0);
    assert_int_equal(n_in_log(f, "\"item\""), 5010);
}

/* As after a crash behind the flush of the disk and before the commit: everything comes again. */
static void what_comes_twice_is_kept_once(void **state)
{
    fixture *f = *state;
    produce_many(f, 0, 300);
    serve_from(f, "clicks", "one");
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"kept\"} ", 300);
    end_server(f);
    serve_from(f, "clicks", "another");
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"duplicate\"} ", 300);
    assert_int_equal(figure(f, "reckon_source_events_total{source=\"clicks\",outcome=\"kept\"} "), 0);
    assert_int_equal(n_in_log(f, "\"item\""), 300);
}

static void what_is_no_event_stops_nothing(void **state)
{
    fixture *f = *state;
    produce(f, 0, "not json");
    produce(f, 0, NULL);
    produce(f, 0, "{\"user\":\"u\"}");
    produce(f, 0, "[{\"user\":\"u\",\"item\":\"a\"},{\"user\":\"u\",\"item\":\"b\"}]");
    produce(f, 0, "{\"user\":\"u\",\"item\":\"c\",\"event_id\":\"own\"}");
    produce(f, 1, "{\"user\":\"u\",\"item\":\"c\",\"event_id\":\"own\"}");
    assert_int_equal(rd_kafka_flush(f->producer, 20000), RD_KAFKA_RESP_ERR_NO_ERROR);
    serve_from(f, "clicks", "one");
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"kept\"} ", 3);
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"duplicate\"} ", 1);
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"refused\"} ", 3);
    assert_int_equal(n_in_log(f, "\"event_id\":\"clicks/0/3/"), 2);
    assert_int_equal(n_in_log(f, "\"event_id\":\"own\""), 1);
}

static void brokers_that_are_away_are_waited_for(void **state)
{
    fixture *f = *state;
    produce_many(f, 0, 20);
    rd_kafka_mock_broker_set_down(f->cluster, 1);
    serve_from(f, "clicks", "one");
    int64_t end_ns = rk_clock_ns() + PATIENCE_S * INT64_C(1000000000);
    while (figure(f, "reckon_source_failures_total{source=\"clicks\"} ") == 0 && rk_clock_ns() < end_ns) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    assert_int_equal(figure(f, "reckon_source_up{source=\"clicks\"} "), 0);
    rd_kafka_mock_broker_set_up(f->cluster, 1);
    await(f, "reckon_source_events_total{source=\"clicks\",outcome=\"kept\"} ", 20);
    await(f, "reckon_source_up{source=\"clicks\"} ", 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_become_events_once),
        TEST(what_comes_twice_is_kept_once),
        TEST(what_is_no_event_stops_nothing),
        TEST(brokers_that_are_away_are_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
