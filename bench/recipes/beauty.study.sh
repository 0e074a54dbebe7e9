#!/bin/sh
# beauty.study.sh session|itemknn LOG.txt[.gz] OUT.csv: tries settings on each user's last item but one, the last never seen.
# The tables beauty-*.study.csv were made by it; seconds differ, the rest does not.
set -eu
[ $# -eq 3 ] || {
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
}
folder=$(cd "$(dirname "$0")" && pwd)
reckon=${RECKON:-$folder/../../build/reckon}
model=$1 log=$2 out=$3
case $model in
session) set -- --set neighbours=200 --set decay=0.8 --space memory=0.2..0.8 --space alpha=0..0.3 --space shrink=0..20 ;;
*) set -- --set similarity=cosine --set neighbours=200 --set weigh=one --space shrink=0..10 --space power=0.7..1.6 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
HOLD=2 "$folder/cut-last.sh" "$log" "$work/train.txt" "$work/test.txt"
"$reckon" ingest "$work/train.txt" --format lists --robots 0 -o "$work/train.rk" >&2
"$reckon" ingest "$work/test.txt" --format lists --robots 0 --like "$work/train.rk" -o "$work/test.rk" >&2
"$reckon" tune "$work/train.rk" --model "$model" "$@" --valid "$work/test.rk" --metric ndcg@10 --budget "${BUDGET:-16}" --csv "$out" \
    -o "$work/best.rk" ${THREADS:+--threads "$THREADS"} >&2
