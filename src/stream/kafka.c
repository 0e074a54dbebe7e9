/* kafka.c - a topic of Kafka, as a member of a consumer group.
 *
 * Offsets are committed when the records are on our disk, never before, and never by the library itself: what a crash
 * leaves uncommitted comes again. A record is named by its partition, offset and time; the time tells it from one at
 * the same offset of a topic that was deleted and made anew.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/kind.h"

enum { CONNECT_WORDS = 512 };

typedef struct {
    const char *brokers, *topic, *group;
    const rk_yaml_node *settings;
} kafka_settings;

static const rk_key keys[] = {
    {"brokers", RK_KEY_TEXT, offsetof(kafka_settings, brokers), true, .help = "host:port, several between commas"},
    {"topic", RK_KEY_TEXT, offsetof(kafka_settings, topic), true, .help = "what is read; one JSON object a record"},
    {"group", RK_KEY_TEXT, offsetof(kafka_settings, group), .help = "consumer group; reckon where there is none"},
    {"settings", RK_KEY_MAP, offsetof(kafka_settings, settings),
     .help = "further settings of librdkafka by their names"},
};

typedef struct {
    const rk_stream_spec *spec;
    rd_kafka_t *client;
    rd_kafka_topic_partition_list_t *taken; /* next offset of each partition, not settled yet */
    rd_kafka_message_t *held;               /* taken from the library, not yet given for want of memory; or NULL */
    char trouble[CONNECT_WORDS];            /* what the library told last; "" = nothing */
} reader;

/* ---- settings ---- */

/* Settings that would acknowledge what is not kept. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {"bootstrap.servers",   "metadata.broker.list", "group.id",
                                       "enable.auto.commit",  "auto.commit.enable",   "enable.auto.offset.store",
                                       "enable.partition.eof"};
    for (size_t i = 0; i < RK_COUNT_OF(ours); i++) {
        if (strcmp(name, ours[i]) == 0) {
            return true;
        }
    }
    return false;
}

static rk_status set(rd_kafka_conf_t *conf, const char *name, const char *value, rk_place at, rk_error *err)
{
    char words[CONNECT_WORDS];
    return rd_kafka_conf_set(conf, name, value, words, sizeof words) == RD_KAFKA_CONF_OK
               ? RK_OK
               : rk_fail_at(err, at, "kafka: %.300s", words);
}

static rk_status set_further(rd_kafka_conf_t *conf, const rk_yaml_node *settings, rk_error *err)
{
    rk_status status = RK_OK;
    for (const rk_yaml_node *node = settings ? settings->first : NULL; node && !status; node = node->next) {
        const char *name = node->key->text;
        status = node->kind != RK_YAML_SCALAR
                     ? rk_fail_at(err, node->at, "kafka: the setting '%.80s' is one value", name)
                 : is_ours(name) ? rk_fail_at(err, node->at, "kafka: '%.80s' is set by reckon itself", name)
                                 : set(conf, name, node->text, node->at, err);
    }
    return status;
}

static rk_status configure(const kafka_settings *s, rk_place at, rd_kafka_conf_t *conf, rk_error *err)
{
    const char *const pairs[][2] = {{"bootstrap.servers", s->brokers}, {"group.id", s->group ? s->group : "reckon"},
                                    {"enable.auto.commit", "false"},   {"enable.auto.offset.store", "false"},
                                    {"auto.offset.reset", "earliest"}, {"client.id", "reckon"}};
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_COUNT_OF(pairs) && !status; i++) {
        status = set(conf, pairs[i][0], pairs[i][1], at, err);
    }
    return status ? status : set_further(conf, s->settings, err);
}

static rk_status check(const void *settings, rk_place at, rk_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rk_status status = configure(settings, at, conf, err);
    rd_kafka_conf_destroy(conf);
    return status;
}

/* ---- life ---- */

/* The library would print. */
static void hear_nothing(const rd_kafka_t *client, int level, const char *facility, const char *line)
{
    (void)client;
    (void)level;
    (void)facility;
    (void)line;
}

/* In the thread that polls. */
static void hear_trouble(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    reader *r = opaque;
    (void)client;
    snprintf(r->trouble, sizeof r->trouble, "%s: %s", rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

static void close_reader(void *state)
{
    reader *r = state;
    if (r->held) {
        rd_kafka_message_destroy(r->held);
    }
    if (r->client) {
        rd_kafka_consumer_close(r->client);
        rd_kafka_destroy(r->client);
    }
    if (r->taken) {
        rd_kafka_topic_partition_list_destroy(r->taken);
    }
    free(r);
}

static rk_status subscribe(reader *r, const char *topic, rk_error *err)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t failure = rd_kafka_subscribe(r->client, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return failure ? rk_fail(err, RK_IO, "kafka: cannot subscribe to '%.200s': %s", topic, rd_kafka_err2str(failure))
                   : RK_OK;
}

static rk_status join_group(reader *r, rk_error *err)
{
    const kafka_settings *s = r->spec->settings;
    char words[CONNECT_WORDS];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rk_status status = configure(s, r->spec->at, conf, err);
    if (status) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_log_cb(conf, hear_nothing);
    rd_kafka_conf_set_error_cb(conf, hear_trouble);
    rd_kafka_conf_set_opaque(conf, r);
    r->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, words, sizeof words); /* takes conf where it succeeds */
    if (!r->client) {
        rd_kafka_conf_destroy(conf);
        return rk_fail(err, RK_IO, "kafka: %.300s", words);
    }
    rd_kafka_poll_set_consumer(r->client);
    return subscribe(r, s->topic, err);
}

static rk_status open_reader(const rk_stream_spec *spec, const char *folder, void **state, rk_error *err)
{
    (void)folder; /* the brokers remember */
    reader *r = calloc(1, sizeof *r);
    if (!r || !(r->taken = rd_kafka_topic_partition_list_new(1))) {
        free(r);
        return rk_fail_memory(err, "a reader of Kafka");
    }
    r->spec = spec;
    rk_status status = join_group(r, err);
    if (status) {
        close_reader(r);
        return status;
    }
    *state = r;
    return RK_OK;
}

/* ---- records ---- */

static void note_offset(reader *r, const rd_kafka_message_t *message)
{
    const char *topic = rd_kafka_topic_name(message->rkt);
    rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_find(r->taken, topic, message->partition);
    if (!at) {
        at = rd_kafka_topic_partition_list_add(r->taken, topic, message->partition);
    }
    at->offset = message->offset + 1;
}

/* The message is given, or held: it would not come again before the next start. */
static rk_status give(reader *r, rd_kafka_message_t *message, rk_stream_sheet *sheet, rk_error *err)
{
    char place[80];
    rd_kafka_timestamp_type_t type;
    rk_status status = RK_OK;
    r->held = NULL;
    if (message->len == 0) { /* a tombstone */
        sheet->n_left_out++;
    } else {
        snprintf(place, sizeof place, "%d/%lld/%lld", message->partition, (long long)message->offset,
                 (long long)rd_kafka_message_timestamp(message, &type));
        status = rk_stream_add(sheet, r->spec, place, (rk_slice){message->payload, message->len}, err);
    }
    if (status) {
        r->held = message;
        return status;
    }
    note_offset(r, message);
    rd_kafka_message_destroy(message);
    return RK_OK;
}

static rk_status tell_trouble(reader *r, rk_error *err)
{
    rk_status status = rk_fail(err, RK_IO, "kafka: %.400s", r->trouble);
    r->trouble[0] = '\0';
    return status;
}

/* What goes wrong behind some records is told by the next take. */
static rk_status take(void *state, unsigned wait_ms, rk_stream_sheet *sheet, rk_error *err)
{
    reader *r = state;
    rk_status status = r->held ? give(r, r->held, sheet, err) : RK_OK;
    while (!status && sheet->records.n < RK_STREAM_TAKE_MAX) {
        bool is_first = sheet->records.n == 0 && sheet->n_left_out == 0;
        rd_kafka_message_t *message = rd_kafka_consumer_poll(r->client, is_first ? (int)wait_ms : 0);
        if (!message) {
            break;
        }
        if (message->err) {
            snprintf(r->trouble, sizeof r->trouble, "%s", rd_kafka_message_errstr(message));
            rd_kafka_message_destroy(message);
            break;
        }
        status = give(r, message, sheet, err);
    }
    bool has_some = sheet->records.n > 0 || sheet->n_left_out > 0;
    if (has_some) {
        return RK_OK;
    }
    return status ? status : r->trouble[0] ? tell_trouble(r, err) : RK_OK;
}

static rk_status settle(void *state, rk_error *err)
{
    reader *r = state;
    if (r->taken->cnt == 0) {
        return RK_OK;
    }
    rd_kafka_resp_err_t failure = rd_kafka_commit(r->client, r->taken, 0);
    /* Where that failed, a later commit says more; a partition that has gone to another reader is his. */
    rd_kafka_topic_partition_list_destroy(r->taken);
    r->taken = rd_kafka_topic_partition_list_new(1);
    return failure ? rk_fail(err, RK_IO, "kafka: offsets were not committed: %s", rd_kafka_err2str(failure)) : RK_OK;
}

const rk_stream_kind rk_stream_kafka = {
    "kafka",     "librdkafka", keys,   RK_COUNT_OF(keys), sizeof(kafka_settings), check,
    open_reader, take,         settle, close_reader};
