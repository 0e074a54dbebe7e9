#!/bin/sh
# What lies in deploy/ fits the server it is for, and the server does what its own description says.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"
deploy=$RECKON_ROOT/deploy
check() { python3 "$RECKON_ROOT/tests/e2e/deploy.py" "$RECKON_ROOT" "$url" "$@"; }

awk 'BEGIN { srand(7); for (u = 0; u < 100; u++) { line = "u" u; for (i = 0; i < 12; i++) line = line " i" int(rand() * rand() * 100); print line } }' >log.txt
"$RECKON" ingest --format lists log.txt -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err || exit 1
printf 'id,title,brand,price\ni1,Red tea pot,Acme,20\ni2,Blue tea pot,Bolt,15\n' >products.csv
"$RECKON" ingest --catalogue products.csv -o products.rk >/dev/null 2>err && "$RECKON" index products.rk -o s.rk >/dev/null 2>>err || exit 1
"$RECKON" cost rates "$RECKON_ROOT/examples/shop/plan.yaml" -o card.json >/dev/null 2>err || exit 1
start_server "$RECKON" serve --model m.rk --search s.rk --events events --rates card.json --port 0 --port-file port

claim "every route answers as openapi.json says" check openapi
claim "every metric of the dashboard and the rules is there, with its labels" check metrics
if python3 -c 'import yaml' 2>/dev/null; then
    claim "the YAML is YAML, and every alert has its page" check yaml
    # Only files may be missing: the keys are all known.
    "$RECKON" check-config shop.yaml >found 2>/dev/null
    claim "the configuration of the manifests has no unknown key" test "$(grep -c 'has no key\|must be' found)" = 0
else
    skip "the YAML is YAML, and every alert has its page" "no python3-yaml"
fi
"$RECKON" check-config "$deploy/shop.yaml" >found 2>/dev/null
claim "the configuration has no unknown key" test "$(grep -c 'has no key\|must be' found)" = 0
claim "the script of re-training is sound" sh -n "$deploy/reckon-retrain"
if command -v systemd-analyze >/dev/null; then
    for unit in reckon.service reckon-retrain.service reckon-retrain.timer; do
        sed 's|/usr/local/bin/reckon|/bin/true|; s|/usr/local/libexec/reckon-retrain|/bin/true|' "$deploy/systemd/$unit" >"$unit"
    done
    claim "the units are sound" sh -c 'out=$(systemd-analyze verify ./reckon.service ./reckon-retrain.service ./reckon-retrain.timer 2>&1 | grep "^reckon\|reckon.*:" || true); echo "$out"; [ -z "$out" ]'
else
    skip "the units are sound" "no systemd-analyze"
fi
exit 0
