#!/bin/sh
# A guarded server as a process, from its configuration: keys given out and taken away, TLS, other origins, the audit log,
# pseudonyms, and a user who asks to be forgotten.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"

start() { start_server "$RECKON" serve "$1"; }
as() { # KEY PATH [CURL OPTION...]
    key=$1 path=$2
    shift 2
    curl -sk -m 60 -H "Authorization: Bearer $key" "$@" "$url$path"
}
status_as() { as "$@" -o /dev/null -w '%{http_code}'; }
reload() { # by signal, and waits until it is heard
    n=$(grep -c 'keys.yaml: .* keys' log)
    kill -HUP "$server"
    i=0
    while [ "$(grep -c 'keys.yaml: .* keys' log)" -le "$n" ] && [ $i -lt 600 ]; do sleep 0.05; i=$((i + 1)); done
}

awk 'BEGIN { srand(7); print "user,item"; for (u = 0; u < 100; u++) for (i = 0; i < 8; i++) print "u" u ",i" int(rand() * rand() * 200) }' >shop.csv
head -c 32 /dev/urandom >p.key
"$RECKON" ingest shop.csv --pseudonyms p.key -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err || exit 1
admin=$("$RECKON" keys add keys.yaml --name ops --role admin 2>/dev/null)
page=$("$RECKON" keys add keys.yaml --name page --rate 1000 2>/dev/null)
till=$("$RECKON" keys add keys.yaml --name till --role write 2>/dev/null)
claim "the file of keys holds no key" sh -c "! grep -q '${page#rk_*_}' keys.yaml"
cat >shop.yaml <<END
model: m.rk
events: events
port: 0
port_file: port
keys: keys.yaml
audit: audit.log
pseudonyms: p.key
cors: [https://shop.example]
END
scheme=http
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 9 -subj /CN=localhost 2>/dev/null
    printf 'tls_cert: cert.pem\ntls_key: key.pem\n' >>shop.yaml
    scheme=https
fi

start shop.yaml
claim "says where it listens" holds "$(cat log)" "listening on $scheme://127.0.0.1"
claim "health needs no key" equal "$(curl -sk -m 60 "$url/healthz")" '{"status":"ok"}'
claim "questions do" equal "$(curl -sk -m 60 -o /dev/null -w '%{http_code}' "$url/v1/recommend?user=u1")" 401
claim "a reader asks, by the name that the shop knows" holds "$(as "$page" '/v1/recommend?user=u1&n=2')" '"kind":"bought"'
claim "and sends no events" equal "$(status_as "$page" /v1/events -d '{"user":"newcomer-bob","item":"i1"}')" 403
claim "a till does" holds "$(as "$till" /v1/events -d '{"user":"newcomer-bob","item":"i1"}')" '"accepted":1'
claim "and reloads nothing" equal "$(status_as "$till" /v1/admin/reload -X POST)" 403
claim "the next answer knows the newcomer" holds "$(as "$page" '/v1/recommend?user=newcomer-bob&n=2')" '{"kind":"bought","item":"i1"}'
claim "no file holds his name" sh -c "! grep -rq newcomer-bob events audit.log audit.log.writes m.rk d.rk"
claim "a page of the shop may ask" holds "$(as "$page" /openapi.json -D - -o /dev/null -H 'Origin: https://shop.example')" \
    'Access-Control-Allow-Origin: https://shop.example'
claim "another may not" lacks "$(as "$page" /openapi.json -D - -o /dev/null -H 'Origin: https://evil.example')" 'Access-Control'

# A key replaced without a gap.
second=$("$RECKON" keys add keys.yaml --name page 2>/dev/null)
reload
claim "the new key is taken" equal "$(status_as "$second" '/v1/recommend?user=u1')" 200
claim "and the old one still" equal "$(status_as "$page" '/v1/recommend?user=u1')" 200
id=${page#rk_}
"$RECKON" keys remove keys.yaml "${id%_*}"
reload
claim "until it is removed" equal "$(status_as "$page" '/v1/recommend?user=u1')$(status_as "$second" '/v1/recommend?user=u1')" 401200

# Forgotten.
claim "a user is shown what is held of him" holds "$(as "$admin" /v1/users/newcomer-bob)" '"recent":["i1"],"events":[{'
claim "and erased" holds "$(as "$admin" /v1/users/newcomer-bob -X DELETE)" '"log":{"events":1,"files_rewritten":1,'
claim "he is a stranger" holds "$(as "$second" '/v1/recommend?user=newcomer-bob&n=2')" '"kind":"popular"'
claim "so is one of whom the model knows, once he is erased" holds \
    "$(as "$admin" /v1/users/u1 -X DELETE)$(as "$second" '/v1/recommend?user=u1&n=2')" '"kind":"popular"'
stop_server
start shop.yaml
claim "also after a restart" holds "$(as "$second" '/v1/recommend?user=u1&n=2')" '"kind":"popular"'
claim "the audit log says who did it" holds "$(cat audit.log)" '"key":"ops"'
claim "and what" equal "$(grep -c '"method":"DELETE","route":"/v1/users/{user}","status":200' audit.log)" 2
claim "and who was not let do it" holds "$(cat audit.log)" '"key":"till"'
claim "events have a book of their own" holds "$(cat audit.log.writes)" '"key":"till"'
stop_server

sed -i '/^tls/d' shop.yaml
scheme=http
start shop.yaml
echo "$second" >page.key
echo '/v1/recommend?user=u1' >paths
"$RECKON" measure --url "$url" --key-file page.key --paths paths --rate 50 --seconds 1 -o profile.json >/dev/null 2>err
claim "measure shows a key" holds "$? $(cat profile.json)" '"errors":0'
stop_server

sed -i 's/cors: .*/cors: [shop.example]/' shop.yaml
timeout 60 "$RECKON" serve shop.yaml 2>err
claim "a bad origin is refused with its place" holds "$? $(cat err)" "3 reckon: shop.yaml:8:8: cors: an origin must look like https://shop.example"
exit 0
