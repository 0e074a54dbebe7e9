#!/bin/sh
# kafka.sh [RECORDS] - a server that fetches events from a real broker of Apache Kafka, in its own folder, while server and
# broker are killed in turn; every record must be in the log once. Wants Java 11 or newer and Maven, which fetches the broker;
# the suite's own test (tests/unit/serve/test_feeds.c) uses librdkafka's broker for tests instead.
set -eu
n=${1:-200000} rounds=5
RECKON_ROOT=$(cd "$(dirname "$0")/../.." && pwd)
RECKON=${RECKON:-$RECKON_ROOT/build/reckon}
work=$(mktemp -d)
jars=${KAFKA_JARS:-$work/lib}
end() {
    kill -9 "${server:-}" "${broker:-}" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
if [ ! -d "$jars" ]; then
    cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId>
<version>1</version><dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>3.6.1</version></dependency></dependencies></project>
XML
    mvn -q -B dependency:copy-dependencies -DoutputDirectory="$jars"
fi
port=$((20000 + $$ % 20000))
cat >broker.properties <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$work/topics
num.partitions=4
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
PROPERTIES
cat >sources.yaml <<YAML
sources:
- name: clicks
  kafka: {brokers: "127.0.0.1:$port", topic: shop, settings: {session.timeout.ms: 6000, reconnect.backoff.max.ms: 1000}}
YAML
java -cp "$jars/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qk -c broker.properties >/dev/null 2>&1
start_broker() {
    java -Xmx512m -cp "$jars/*" kafka.Kafka broker.properties >>broker.log 2>&1 &
    broker=$!
}
serve() {
    rm -f port
    "$RECKON" serve --model als.rk --events events --sources sources.yaml --port 0 --port-file port 2>>serve.log &
    server=$!
}
produce() { # produce FIRST LAST
    seq "$1" "$2" | sed 's/.*/{"user":"u1","item":"row&"}/' |
        java -cp "$jars/*" kafka.tools.ConsoleProducer --bootstrap-server "127.0.0.1:$port" --topic shop >/dev/null 2>&1
}
in_log() { cat events/*.wal 2>/dev/null | grep -ao '"item":"row[0-9]*"' | sort >items || true; wc -l <items; }

zcat "$RECKON_ROOT/data/online_retail.csv.gz" | head -5000 >log.csv
"$RECKON" ingest log.csv -o shop.rk >/dev/null 2>&1
"$RECKON" train shop.rk --model als --set factors=8 --set iterations=1 -o als.rk >/dev/null 2>&1
start_broker
sleep 8
each=$((n / rounds))
serve
for round in $(seq $rounds); do
    produce $(((round - 1) * each + 1)) $((round * each)) &
    producer=$!
    sleep 1
    kill -9 "$server" # amid what it fetches
    serve
    wait "$producer"
    if [ "$round" = 2 ]; then
        kill -9 "$broker"
        sleep 2
        start_broker
        sleep 8
    fi
done
for _ in $(seq 120); do
    [ "$(in_log)" -lt $((rounds * each)) ] || break
    sleep 1
done
echo "$((rounds * each)) records, $(wc -l <items) in the log, $(uniq items | wc -l) different, $rounds servers and one broker killed"
[ "$(wc -l <items)" = $((rounds * each)) ] && [ "$(uniq items | wc -l)" = $((rounds * each)) ]
