#!/bin/sh
# A server that stands still for a moment, and what an open-loop measurement says: everybody who would have asked in that time has waited.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"
awk 'BEGIN { srand(7); for (u = 0; u < 100; u++) { line = "u" u; for (i = 0; i < 8; i++) line = line " i" int(rand() * 90); print line } }' >log.txt
"$RECKON" ingest --format lists log.txt -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=4 --set iterations=1 -o m.rk >/dev/null 2>>err || exit 1
start_server "$RECKON" serve --model m.rk --port 0 --port-file port --threads 1

# 1,000 requests in 2 s on 8 connections; the server is stopped for 0.4 s in the middle, so 200 of them are due while it stands still, and their
# waits are spread evenly from 0.4 s down to none. A closed loop would notice 8.
"$RECKON" measure --url "$url" --model m.rk --rate 500 --schedule fixed --connections 8 --seconds 2 --every 2 --json >profile 2>measured &
load=$!
python3 - "$server" >stall <<'P'
import os
import signal
import sys
import time

time.sleep(1.2)  # the warm-up is 0.2 s of it
began = time.monotonic()
os.kill(int(sys.argv[1]), signal.SIGSTOP)
time.sleep(0.4)
os.kill(int(sys.argv[1]), signal.SIGCONT)
print(f"{(time.monotonic() - began) * 1000:.1f}")
P
wait "$load"
claim "the measurement ends" equal "$?" 0
stall=$(cat stall)
# of POINT QUANTILE: milliseconds; the share of requests that were due in the stall is stall / 2000 ms.
waited() { holds_so "d['points'][0]['latency_ms']['$1'] $2"; }
holds_so() { [ "$(json profile "bool($1)")" = True ] || { json profile "d['points'][0]"; echo "wanted $1"; return 1; }; }
claim "nobody's request is lost" holds_so "d['points'][0]['errors'] + d['points'][0]['unanswered'] == 0 and d['points'][0]['requests'] >= 990"
claim "the longest wait is the whole stall" waited max ">= 0.97 * $stall - 3"
claim "and so nearly is p99.9" waited p99.9 ">= 0.95 * $stall - 5"
claim "p99: it lacks of the stall only what a hundredth of the requests takes up" waited p99 ">= ($stall - 0.01 * 2000) * 0.97 - 5"
claim "p90: what a tenth takes up" waited p90 ">= ($stall - 0.1 * 2000) * 0.97 - 5"
exit 0
