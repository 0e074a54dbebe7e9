#!/bin/sh
# A bad week in seconds: RECKON_CHAOS of them (15), drawn by RECKON_CHAOS_SEED (1).
. "$RECKON_ROOT/tests/e2e/tap.sh"
awk 'BEGIN { srand(7); for (u = 0; u < 300; u++) { line = "u" u; for (i = 0; i < 12; i++) line = line " i" int(rand() * rand() * 200); print line } }' >log.txt
"$RECKON" ingest --format lists log.txt -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err &&
    "$RECKON" train d.rk --model als --set factors=4 -o other.rk >/dev/null 2>>err || exit 1
cp m.rk good.rk
python3 "$RECKON_ROOT/tests/e2e/chaos.py" "$RECKON" "${RECKON_CHAOS:-15}" "${RECKON_CHAOS_SEED:-1}" >told
status=$?
cat told
n_claims=$(grep -c '^ok\|^not ok' told)
claim "the story was told to its end" test "$status" = 0
exit 0
