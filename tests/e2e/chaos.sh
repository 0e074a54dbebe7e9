#!/bin/sh
# A bad week in seconds: RECKON_CHAOS of them (15), drawn by RECKON_CHAOS_SEED (1).
. "$RECKON_ROOT/tests/e2e/tap.sh"
awk 'BEGIN { srand(7); for (u = 0; u < 300; u++) { line = "u" u; for (i = 0; i < 12; i++) line = line " i" int(rand() * rand() * 200); print line } }' >log.txt
"$RECKON" ingest --format lists log.txt -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err &&
    "$RECKON" train d.rk --model als --set factors=4 -o other.rk >/dev/null 2>>err || exit 1
cp m.rk good.rk
# A limited key, an experiment and a rate card: what a stepped clock might upset.
"$RECKON" keys add keys.yaml --name ops --role admin >ops.key 2>err && "$RECKON" keys add keys.yaml --name till --role write >till.key 2>>err &&
    "$RECKON" keys add keys.yaml --name page >page.key 2>>err && "$RECKON" keys add keys.yaml --name pressed --rate 50 --burst 20 >pressed.key 2>>err &&
    "$RECKON" cost rates "$RECKON_ROOT/examples/shop/plan.yaml" -o card.json >/dev/null 2>>err || exit 1
printf 'scenes:\n  home: {sources: [{from: recommended}]}\n  other: {sources: [{from: recommended}, {from: popular}]}\n' >scenes.yaml
printf 'salt: bad week\nexperiments:\n  front:\n    scene: home\n    variants: [{name: control, scene: home}, {name: other, scene: other}]\n' >experiments.yaml
printf '%s\n' 'model: m.rk' 'events: small/events' 'keys: keys.yaml' 'scenes: scenes.yaml' 'experiments: experiments.yaml' 'exposures: shown' \
    'rates: card.json' 'port_file: port' 'threads: 2' 'watch: yes' 'slo_ms: 0' 'request_s: 3' 'idle_s: 3' >serve.yaml
"${CC:-cc}" -shared -fPIC -O1 -D_GNU_SOURCE -o stepped.so "$RECKON_ROOT/tests/e2e/stepped_clock.c" 2>err || rm -f stepped.so
python3 "$RECKON_ROOT/tests/e2e/chaos.py" "$RECKON" "${RECKON_CHAOS:-15}" "${RECKON_CHAOS_SEED:-1}" >told
status=$?
cat told
n_claims=$(grep -c '^ok\|^not ok' told)
claim "the story was told to its end" test "$status" = 0
exit 0
