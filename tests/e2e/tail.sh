#!/bin/sh
# A server that reads a table of PostgreSQL as it grows: every row once, whatever order its transactions end in, through
# a killed server and a killed database. Skipped where there is no PostgreSQL server to start (Debian: postgresql).
. "$RECKON_ROOT/tests/e2e/tap.sh"
initdb=$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1)
if [ -z "$initdb" ]; then
    skip "a table of PostgreSQL is read as it grows" "no PostgreSQL server here"
    exit
fi
bin=$(dirname "$initdb")
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
database() { # database start|stop [MODE]
    as "$bin/pg_ctl" -D "$work/data" -w -l "$work/db.log" -m "${2:-fast}" \
        -o "-k $work -c listen_addresses= -c shared_buffers=32MB" "$1" >/dev/null
}
sql() { as "$bin/psql" -h "$work" -d postgres -qAtX -v ON_ERROR_STOP=1 "$@"; }
serve() {
    "$RECKON" serve --model als.rk --events events --sources sources.yaml --port 0 --port-file port 2>>serve.log &
    server=$!
    for _ in $(seq 200); do [ -s port ] && break; sleep .05; done
}
end() {
    kill "${server:-}" 2>/dev/null || true
    database stop immediate 2>/dev/null || true
}
trap 'end; finish' EXIT

zcat "$RECKON_ROOT/data/online_retail.csv.gz" | head -5000 >log.csv
"$RECKON" ingest log.csv -o shop.rk >/dev/null 2>&1
"$RECKON" train shop.rk --model als --set factors=8 --set iterations=1 -o als.rk >/dev/null 2>&1
chmod 755 "$work"
[ "$(id -u)" != 0 ] || { mkdir data && chown postgres data && touch db.log && chown postgres db.log && chmod 777 "$work"; }
as "$bin/initdb" -D "$work/data" -A trust -N >/dev/null
database start
sql -c 'create table "Lines" (id bigserial primary key, customer int, sku text, at timestamptz default now(), n int, price numeric(10,2))'
user=$([ "$(id -u)" = 0 ] && echo postgres || id -un)
cat >sources.yaml <<YAML
sources:
- name: orders
  postgres:
    connection: host=$work dbname=postgres user=$user
    table: public.Lines
    key: id
    columns: {user: customer, item: sku, time: at, quantity: n, price: price}
    type: purchase
    poll_ms: 50
YAML
insert() { # insert FIRST LAST: items named by their numbers
    sql -c "insert into \"Lines\" (customer, sku, n, price) select i % 50, 'row' || i, 1 + i % 3, i / 10.0 from generate_series($1, $2) i"
}
kept() { # kept N: so many events are in the log, each once
    for _ in $(seq 400); do
        cat events/*.wal 2>/dev/null | grep -ao '"item":"row[0-9]*"' | sort >items || true
        [ "$(wc -l <items)" -lt "$1" ] || break
        sleep .05
    done
    echo "$(wc -l <items) events, $(uniq items | wc -l) different, expected $1"
    [ "$(wc -l <items)" = "$1" ] && [ "$(uniq items | wc -l)" = "$1" ]
}

insert 1 7000
serve
claim "the table as it stands is read" kept 7000
grep -ao '{[^{}]*"row1"[^{}]*}' events/*.wal | head -1 >row1
claim "an event has what its row has" grep -q '"event_id":"orders/1","user":"1","item":"row1","event":"purchase","time":[0-9]*,"quantity":2,"price":0.1[0}]' row1
insert 7001 7100
claim "rows that are inserted later follow" kept 7100

# Two transactions draw keys; the one with the lower keys ends last, when the higher ones have long been read.
sql >/dev/null <<SQL &
begin;
insert into "Lines" (customer, sku, n, price) select 1, 'row' || i, 1, 1 from generate_series(7101, 7110) i;
select pg_sleep(1.5);
commit;
SQL
late=$!
sleep .3
insert 7111 7120
wait "$late"
claim "a transaction that ends late loses no row" kept 7120
sql -c "update \"Lines\" set n = 3 where id <= 100; delete from \"Lines\" where id between 101 and 200"
insert 7121 7130
claim "rows that are changed or deleted later give no further event" kept 7130

kill -9 "$server"
wait "$server" 2>/dev/null
insert 7131 7140
rm -f port
serve
claim "a killed server goes on where it was" kept 7140
database stop immediate
sleep .3
database start
insert 7141 7150
claim "a database that was away is connected to again" kept 7150
claim "that is told" grep -q "source 'orders': it does not answer: postgres:" serve.log
claim "the server stops when it is told" sh -c "kill $server && for i in \$(seq 100); do kill -0 $server 2>/dev/null || exit 0; sleep .05; done; exit 1"
claim "the log reads as any other" "$RECKON" ingest events -o new.rk
