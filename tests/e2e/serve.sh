#!/bin/sh
# The server as a process: routes by curl, reload under load, drain, a port in use, and measure with a server of its own.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"

start() { start_server "$RECKON" serve --model m.rk --search s.rk --port 0 --port-file port --threads 2 "$@"; }
ask() { curl -s -m 60 "$url$1"; }
status() { curl -s -m 60 -o /dev/null -w '%{http_code}' "$@"; }

awk 'BEGIN { srand(7); for (u = 0; u < 200; u++) { line = "u" u; for (i = 0; i < 12; i++) line = line " i" int(rand() * rand() * 300); print line } }' >log.txt
"$RECKON" ingest --format lists log.txt -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err ||
    exit 1
cp m.rk first.rk
printf 'id,title,brand,price\n1,Red tea pot,Acme,20\n2,Blue tea pot,Bolt,15\n3,Tea towel,Acme,5\n' >products.csv
"$RECKON" ingest --catalogue products.csv -o products.rk >/dev/null 2>err && "$RECKON" index products.rk -o s.rk >/dev/null 2>>err ||
    exit 1

"$RECKON" cost rates "$RECKON_ROOT/examples/shop/plan.yaml" -o card.json >/dev/null 2>err || exit 1

start --events events --rates card.json
claim "says where it listens" holds "$(cat log)" "listening on $url"
claim "recommends" holds "$(ask '/v1/recommend?user=u1&n=2')" '"reasons":[{"kind":"bought","item":"i'
claim "a stranger is offered what is popular" holds "$(ask '/v1/recommend?user=nobody&n=1')" '"reasons":[{"kind":"popular"}]'
claim "explains" holds "$(ask '/v1/explain?user=u1&item=i3&n=1')" '"user":"u1","item":"i3"'
claim "explains to a stranger" holds "$(ask '/v1/explain?user=nobody&item=i3')" '"reasons":[{"kind":"popular"}]'
claim "lists similar items" holds "$(ask '/v1/similar/i1?n=1')" '"items":[{"id":"i'
claim "searches" holds "$(ask '/v1/search?q=pot&filter=brand:(bolt)&facets=brand')" '"total":1,"facets":{"brand":[["Acme",1],["Bolt",1]]}'
claim "corrects" holds "$(ask '/v1/search?q=towl')" '"corrected":"towel"'
claim "suggests" holds "$(ask '/v1/suggest?q=te')" '{"text":"tea pot"'
claim "is healthy" equal "$(ask /healthz)" '{"status":"ok"}'
claim "is ready" holds "$(ask /readyz)" '"status":"ready","model":"als-'
claim "counts" holds "$(ask /metrics)" 'reckon_http_requests_total{route="/v1/recommend",status="200"} 2'
claim "prices each answer" holds "$(curl -si -m 60 "$url/healthz")" 'X-Reckon-Cost: '
claim "and all of them" holds "$(ask /v1/cost)" '"since_start":{"seconds":'
claim "describes itself" holds "$(ask /openapi.json)" '"openapi":"3.1.0"'
claim "refuses by name" equal "$(ask '/v1/recommend?user=u1&n=0')" \
    '{"type":"about:blank","title":"Bad Request","status":400,"detail":"n must be 1 to 1000, got '"'0'"'","field":"n"}'
claim "an unknown path is 404" equal "$(status "$url/nothing")" 404
claim "a wrong method is 405" equal "$(status -X PUT "$url/healthz")" 405
claim "HEAD is GET without a body" equal "$(curl -sI -m 60 "$url/healthz" | tr -d '\r' | grep Content-Length)" 'Content-Length: 15'
long=$(head -c 5000 /dev/zero | tr '\0' a)
claim "a long target is 414" equal "$(status "$url/$long")" 414
claim "long headers are 431" equal "$(status -H "X: $long$long$long$long" "$url/healthz")" 431
claim "an upload is 413" equal "$(head -c 70000 /dev/zero | status -X POST --data-binary @- "$url/v1/admin/reload")" 413

# Every example of the manual is asked, with names of this shop.
grep '^curl ' "$RECKON_ROOT/docs/serving.md" | sed "s|http://127.0.0.1:8080|$url|; s/17850/u1/; s/84879,22423/i1,i2/; s/22423/i1/; s/^curl /curl -f -m 60 -o answer /" >examples
claim "the manual has examples" test "$(wc -l <examples)" -ge 8
claim "and every one is answered" sh -e examples
claim "an event of the manual was kept, and is one more row of a log" holds "$("$RECKON" ingest events -o events.rk --json 2>/dev/null)" '"kept":1'

# One request after another on kept connections while the model is swapped 20 times.
yes "url = \"$url/v1/recommend?user=u3&n=20\"
output = /dev/null" | head -4000 >requests
curl -s -m 60 -w '%{http_code}\n' -K requests >codes &
load=$!
"$RECKON" train d.rk --model als --set factors=4 -o second.rk >/dev/null 2>&1
for i in 1 2 3 4 5 6 7 8 9 10; do
    cp second.rk next.rk && mv next.rk m.rk && status -X POST "$url/v1/admin/reload" >>reloads
    cp first.rk next.rk && mv next.rk m.rk && kill -HUP "$server"
    sleep 0.02
done
wait "$load"
claim "no request is lost in 20 reloads" equal "$(sort codes | uniq -c | tr -s ' ')" " 2000 200"
claim "reloads by request are answered" equal "$(cat reloads)" "200200200200200200200200200200"
echo damaged >next.rk && mv next.rk m.rk
claim "a damaged model is refused" equal "$(status -X POST "$url/v1/admin/reload")" 500
claim "and the old one goes on" equal "$(status "$url/v1/recommend?user=u3")" 200
cp first.rk m.rk

port=$(cat port)
timeout 120 "$RECKON" serve --model m.rk --port "$port" 2>err
claim "a port in use is exit 1" equal "$? $(cat err)" "1 reckon: port $port on 127.0.0.1 is in use"
timeout 120 "$RECKON" serve --model missing.rk --port 0 2>err
claim "a missing model is exit 3" equal "$? $(cat err)" "3 reckon: no such file 'missing.rk'"
kill "$server"
wait "$server"
claim "SIGTERM ends it well" equal "$?" 0
server=
claim "and nobody listens" equal "$(status "$url/healthz")" 000

# Both files are cut short in place under a server that holds them.
cp d.rk served.rk && start --data served.rk
: >m.rk
: >served.rk
claim "a model and a dataset cut short in place still answer" holds "$(ask '/v1/recommend?user=u1&n=2')$(ask '/v1/recommend?user=nobody&n=1')" \
    '"reasons":[{"kind":"popular"}]'
claim "and are not taken at a reload" equal "$(status -X POST "$url/v1/admin/reload")" 500
stop_server
cp first.rk m.rk

# The index of the model's vectors finds what scoring everything finds.
"$RECKON" index m.rk -o mi.rk --recall 1 >/dev/null 2>err || exit 1
items() { for u in 1 2 3 4 5; do ask "/v1/recommend?user=u$u&n=10&exclude=i1" | sed 's/.*"items"//'; done; }
start && items >without
stop_server
start --index mi.rk && items >with
claim "an index of the vectors answers the same" cmp without with
stop_server
"$RECKON" train d.rk --model als --set factors=4 -o other.rk >/dev/null 2>err
"$RECKON" serve --model other.rk --index mi.rk --port 0 2>err
claim "and goes with its own model only" equal "$? $(cat err)" \
    "3 reckon: mi.rk is an index of another model than other.rk; reckon index makes one"

# measure
"$RECKON" measure --model m.rk --seconds 3 --points 8 --slo-ms 500 -o profile.json >table 2>err
claim "measure finds a knee" holds "$(cat table)" 'requests/s with p99 <= 500 ms'
claim "and writes a profile" holds "$(cat profile.json)" '"reckon":"profile/1","target":"reckon serve","model":"als-'
echo damaged >bad.rk
"$RECKON" measure --model bad.rk -o no.json >/dev/null 2>err
claim "a server that does not start is told with its reason" holds "$? $(cat err)" "3 reckon: bad.rk"
claim "and leaves no profile" test ! -e no.json
TMPDIR=$work "$RECKON" measure --model m.rk --seconds 30 >/dev/null 2>&1 &
measure=$!
i=0
while [ -z "$(cat "/proc/$measure/task/$measure/children" 2>/dev/null)" ] && [ $i -lt 1200 ]; do sleep 0.05; i=$((i + 1)); done
child=$(cat "/proc/$measure/task/$measure/children" 2>/dev/null)
child=${child% }
kill -9 "$measure"
wait "$measure" 2>/dev/null
i=0
while [ -n "$child" ] && kill -0 "$child" 2>/dev/null && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
claim "a killed measure leaves no server" sh -c "test -n '$child' && ! kill -0 '$child'"
exit 0
