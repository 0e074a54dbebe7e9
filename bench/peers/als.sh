#!/bin/sh
# als.sh [LISTS...] - als beside the Python library implicit, in turns: seconds of an iteration, loss, lists for everybody (als.py).
# LISTS: one line per user (user item item ...), plain or .gz; default: Gowalla from $SHARED_DATA and the 20 million events of
# bench_ingest. THREADS (default 2), FACTORS (default 64,128); PEERS: where the private Python is (python.sh).
set -eu
cd "$(dirname "$0")/../.."
ninja -C build reckon bench/bench_als bench/bench_ingest >/dev/null
python=$(bench/peers/python.sh implicit)
beside() { "$python" bench/peers/als.py build "$1" "${THREADS:-2}" "${FACTORS:-64,128}"; }
if [ $# -gt 0 ]; then
    for lists; do beside "$lists"; done
    exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
gowalla=${SHARED_DATA:-.}/gowalla/train.txt.gz
[ -r "$gowalla" ] && beside "$gowalla"
build/bench/bench_ingest --csv "$work/log.csv" 20000000
awk -F, 'NR > 1 { if ($1 != user) printf "%s%s", user == "" ? "" : "\n", user = $1; printf " %s", $2 } END { print "" }' \
    "$work/log.csv" >"$work/log.txt"
rm "$work/log.csv"
beside "$work/log.txt"
