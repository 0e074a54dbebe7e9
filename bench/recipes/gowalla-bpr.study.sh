#!/bin/sh
# gowalla-bpr.study.sh TRAIN.txt[.gz] OUT.csv: tries settings of bpr on a random tenth of the training data, the test never seen.
# The table gowalla-bpr.study.csv was made by it; seconds differ, the rest does not.
set -eu
[ $# -eq 2 ] || {
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
}
reckon=${RECKON:-$(cd "$(dirname "$0")/../.." && pwd)/build/reckon}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$reckon" ingest "$1" --format lists --robots 0 -o "$work/train.rk" >&2
"$reckon" tune "$work/train.rk" --model bpr --by random --test 0.1 --metric ndcg@20 --budget "${BUDGET:-24}" \
    --set epochs=30 --space factors=64..256 --space negatives=64..512 --space temperature=0.06..0.2 --space step=0.5..4 --space popularity=0..0.5 \
    --csv "$2" -o "$work/best.rk" ${THREADS:+--threads "$THREADS"} >&2
