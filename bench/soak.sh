#!/bin/sh
# soak.sh [SECONDS] - the real server at 70 % of what it can carry, for SECONDS (default 3600): each minute's latencies, errors and
# memory as they come, and a verdict: p99 within 5 ms in the whole and in 99 of 100 minutes, no error, memory flat. Status 1: it does not hold.
#   SOAK_RATE     requests a second; without it the knee is sought first, for SOAK_KNEE seconds (15), and SOAK_SHARE (0.7) of it taken
#   SOAK_MODEL, SOAK_INDEX  without them: 100,000 items, 64 factors, int8, users of 90 events on average, and its index
#   SOAK_SERVER, SOAK_LOAD  put before the server and before the load: SOAK_SERVER='taskset -c 0 chrt -r 10' on a busy machine
#   SOAK_SERVE    more options of reckon serve (--threads 1 --cache-bytes 0: every answer is made); SOAK_SLO milliseconds (5); SOAK_EVERY seconds (60)
#   SOAK_OUT      where the profile is kept; RECKON: the program (default: the one built here)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
reckon=${RECKON:-$root/build/reckon}
seconds=${1:-3600} slo=${SOAK_SLO:-5}
work=$(mktemp -d) server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

model=${SOAK_MODEL:-} index=${SOAK_INDEX:-}
if [ -z "$model" ]; then
    model=$work/m.rk index=$work/i.rk
    "$reckon" synth --users 20000 --items 100000 --events 2000000 -o "$work/d.rk" >/dev/null
    "$reckon" train "$work/d.rk" --model als --set factors=64 --set iterations=3 -o "$work/m32.rk" >/dev/null 2>"$work/log"
    "$reckon" compress "$work/m32.rk" --to int8 -o "$model" >/dev/null
    "$reckon" index "$model" --recall 0.95 -o "$index" >/dev/null 2>>"$work/log"
    rm "$work/d.rk" "$work/m32.rk"
fi

# shellcheck disable=SC2086 # prefixes and options are words
${SOAK_SERVER:-} "$reckon" serve --model "$model" ${index:+--index "$index"} --port 0 --port-file "$work/port" \
    ${SOAK_SERVE:---threads 1 --cache-bytes 0} 2>"$work/log" &
server=$!
while [ ! -s "$work/port" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.05
done
url=http://127.0.0.1:$(cat "$work/port")
# shellcheck disable=SC2086
load() { ${SOAK_LOAD:-} "$reckon" measure --url "$url" --model "$model" --items 20 --slo-ms "$slo" "$@"; }
number() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$2"; }

rate=${SOAK_RATE:-}
if [ -z "$rate" ]; then
    load --seconds "${SOAK_KNEE:-15}" --json >"$work/knee"
    knee=$(number knee_rps "$work/knee")
    rate=$(awk "BEGIN { printf \"%.0f\", ${SOAK_SHARE:-0.7} * $knee }")
    [ "$rate" -gt 0 ] || { echo "soak.sh: no rate is answered within $slo ms" >&2; exit 1; }
    echo "knee: $knee requests/s with p99 <= $slo ms; asking for $rate"
fi
load --rate "$rate" --seconds "$seconds" --every "${SOAK_EVERY:-60}" --json >"$work/profile"
kill "$server" && wait "$server" && status=0 || status=$?
server=
[ -z "${SOAK_OUT:-}" ] || cp "$work/profile" "$SOAK_OUT"
python3 "$root/bench/soak.py" "$work/profile" "$slo" "$status"
