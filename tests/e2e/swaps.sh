#!/bin/sh
# A model's life under load: a hundred swaps by request, signal and watch, some refused; a round of re-training.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"
load=
stop_all() {
    [ -n "$load" ] && kill "$load" 2>/dev/null
    stop_server
}
trap 'last=$?; stop_all; (exit $last); finish' EXIT

SWAPS=${RECKON_SWAPS:-100}
start() { start_server "$RECKON" serve --port 0 --port-file port --threads 2 "$@"; }
reload() { curl -s -m 60 -o answer -w '%{http_code}\n' -X POST "$url/v1/admin/reload"; }
metric() { curl -s -m 60 "$url/metrics" | sed -n "s/^$1 //p"; }
# waits for a metric to reach a number
reaches() {
    i=0
    while [ "$(metric "$1")" != "$2" ] && [ $i -lt 400 ]; do sleep 0.05; i=$((i + 1)); done
    equal "$(metric "$1")" "$2"
}
put() { cp "$1" next.rk && mv next.rk m.rk; }

awk 'BEGIN { srand(7); print "user,item,time"; for (u = 0; u < 300; u++) for (i = 0; i < 12; i++) print "u" u ",i" int(rand() * rand() * 300) ",2026-01-01" }' >log.csv
"$RECKON" ingest log.csv -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err &&
    "$RECKON" train d.rk --model als --set factors=4 -o second.rk >/dev/null 2>>err || exit 1
cp m.rk first.rk
printf -- '- {user: u1, at_least: 10}\n- {user: nobody}\n- {similar: i1, at_least: 5}\n' >golden.yaml

start --model m.rk --events events --golden golden.yaml --watch
# Load: answers one after another on kept connections, until it is told to stop; whatever is no 200 is counted.
cat >load.sh <<'S'
while [ ! -e enough ]; do curl -s -m 60 -K requests -w '%{http_code}\n' >>codes || echo "curl $?" >>codes; done
S
yes "url = \"$url/v1/recommend?user=u3&n=20\"
output = /dev/null" | head -400 >requests
sh load.sh &
load=$!

# By request and by signal, in turn; every tenth model is damaged.
i=0
: >reloads
while [ $i -lt "$SWAPS" ]; do
    i=$((i + 1))
    if [ $((i % 10)) = 0 ]; then
        head -c 5000 first.rk >next.rk && mv next.rk m.rk && reload >>refused
    fi
    if [ $((i % 2)) = 0 ]; then put first.rk; else put second.rk; fi
    if [ $((i % 5)) = 0 ]; then kill -HUP "$server"; else reload >>reloads; fi
done
claim "models by request are taken" equal "$(sort -u reloads) $(wc -l <reloads | tr -d ' ')" "200 $((SWAPS - SWAPS / 5))"
claim "damaged ones are not" equal "$(sort -u refused)" 500

# By the watch alone.
done_before=$(metric 'reckon_reloads_total{outcome="done"}')
put first.rk
sleep 3
claim "and a file that was replaced is found" test "$(metric 'reckon_reloads_total{outcome="done"}')" -gt "$done_before"

# Refused by the golden queries, by request and by the watch; the server goes on, and takes the next good one.
printf -- '- {user: u1, expect: [nonsense]}\n' >golden.yaml
claim "a model that fails a golden query is refused" equal "$(reload) $(json answer 'd["detail"]')" \
    "409 the old model stays: golden.yaml:1:3: 'u1' is answered with 0 of the 1 expected items among the first 20"
claim "which is counted" equal "$(metric 'reckon_reloads_total{outcome="refused"}')" 1
printf -- '- {user: u1}\n' >golden.yaml
claim "and the next one that holds is taken" equal "$(reload)" 200

# Refused by what shoppers took: a model that learned nothing against one that knows them.
awk 'BEGIN { srand(9); print "user,item"; for (u = 0; u < 300; u++) print "u" u ",i" (299 - u % 7) }' >odd.csv
"$RECKON" ingest odd.csv -o odd.rk >/dev/null 2>err && "$RECKON" train odd.rk --model als --set factors=4 -o odd-model.rk >/dev/null 2>>err
: >events.json
for u in $(seq 0 99); do
    item=$(curl -s -m 60 "$url/v1/recommend?user=u$u&n=1" | sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/')
    printf '{"user":"u%s","item":"%s"}\n' "$u" "$item" >>events.json
done
claim "events come in" holds "$(curl -s -m 60 --data-binary @events.json "$url/v1/events")" '"accepted":100'
put odd-model.rk
claim "a model that finds less of what was taken lately is refused" equal "$(reload)" 409
claim "with both figures" holds "$(json answer 'd["detail"]')" 'the old model 100'
put first.rk
claim "a good one is not" equal "$(reload)" 200

touch enough
wait "$load"
load=
claim "no request failed in $SWAPS swaps and more" equal "$(sort codes | uniq -c | awk '{ print $2 }' | tr '\n' ' ')" "200 "
claim "of which there were many" test "$(wc -l <codes)" -gt 400

# A round of re-training from the log: the shoppers' events are in the model then.
export RECKON RECKON_EVENTS=events RECKON_HISTORY=log.csv RECKON_MODEL=m.rk RECKON_TRAIN='--model als --set factors=8'
RECKON_INDEX=unused.index.rk RECKON_RELOAD_URL=$url/v1/admin/reload "$RECKON_ROOT/deploy/reckon-retrain" >out 2>err
claim "a round of re-training ends well" equal "$? $(tail -1 err | cut -d: -f1-2)" '0 reckon-retrain: the server answers with the new model'
"$RECKON" inspect m.rk --json >inspected
claim "the server has the model of that file" holds "$(curl -s -m 60 "$url/readyz")" \
    "als-$(json inspected 'd["hash"][:4]')"
printf -- '- {user: u1, expect: [nonsense]}\n' >golden.yaml
cp m.rk kept.rk
RECKON_RELOAD_URL=$url/v1/admin/reload RECKON_TRAIN='--model als --set factors=2' "$RECKON_ROOT/deploy/reckon-retrain" >out 2>err
claim "one that the server refuses ends with 1" equal "$? $(grep -c 'did not take the new model (status 409)' err)" "1 1"
claim "and the old model lies in its place" cmp m.rk kept.rk
stop_all
"$RECKON" serve --model m.rk --golden golden.yaml --port 0 2>err
claim "a server does not start with a model that fails" equal "$? $(cut -d: -f2-4 err)" "3  golden.yaml:1:3"

# A quick start answers before every byte has been read, and ends when one of them is wrong.
"$RECKON" synth --users 300 --items 40000 --events 10000 -o wide.rk >/dev/null 2>err &&
    "$RECKON" train wide.rk --model als --set factors=16 --set iterations=1 -o m.rk >/dev/null 2>>err || exit 1
start --model m.rk --quick-start
claim "a quick start answers" holds "$(curl -s -m 60 "$url/readyz")" '"status":"ready"'
claim "and is proven soon" reaches reckon_model_proven 1
stop_all
at=$(($(wc -c <m.rk) / 2))
printf '\377' | dd of=m.rk bs=1 seek=$at conv=notrunc 2>/dev/null
start --model m.rk --quick-start
wait "$server"
claim "a damaged model ends it" equal "$? $(grep -c '^reckon: m.rk: ' log)" "3 1"
server=
"$RECKON" serve --model m.rk --port 0 2>err
claim "which a start that reads it all does not begin with" equal "$? $(grep -c listening err)" "3 0"
exit 0
