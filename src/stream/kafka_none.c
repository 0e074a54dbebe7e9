/* kafka_none.c - in the place of kafka.c where librdkafka was not there. */
#include "stream/kind.h"

const rk_stream_kind rk_stream_kafka = {.name = "kafka", .needs = "librdkafka"};
