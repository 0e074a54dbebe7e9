#!/bin/sh
# lists.sh MODEL TRAIN.txt[.gz] TEST.txt[.gz] [KEY=VALUE...]
# Ingests one line per user (user item item ...), trains MODEL with the settings, and prints what `evaluate --json` says, last.
# RECKON: the program (default: the one built here); K: lengths of the lists to judge (default 20); THREADS: default all.
set -eu
[ $# -ge 3 ] || {
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
}
reckon=${RECKON:-$(cd "$(dirname "$0")/../.." && pwd)/build/reckon}
model=$1 train=$2 test=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$reckon" ingest "$train" --format lists --robots 0 -o "$work/train.rk" >&2
"$reckon" ingest "$test" --format lists --robots 0 --like "$work/train.rk" -o "$work/test.rk" >&2
n=$#
while [ "$n" -gt 0 ]; do # each KEY=VALUE becomes --set KEY=VALUE
    set -- "$@" --set "$1"
    shift
    n=$((n - 1))
done
"$reckon" train "$work/train.rk" --model "$model" "$@" ${THREADS:+--threads "$THREADS"} -o "$work/model.rk" >&2
"$reckon" evaluate "$work/model.rk" --test "$work/test.rk" -k "${K:-20}" ${THREADS:+--threads "$THREADS"} --json
