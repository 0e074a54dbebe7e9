#!/bin/sh
# gowalla-ease.study.sh TRAIN.txt[.gz] OUT.csv: tries penalties of ease on a random tenth of the training data, the test never seen.
# The table gowalla-ease.study.csv was made by it; seconds differ, the rest does not.
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
"$reckon" tune "$work/train.rk" --model ease --by random --test 0.1 --metric ndcg@20 --budget "${BUDGET:-8}" \
    --set neighbours=1000 --space lambda=50..2000 --space dropout=0..0.5 --space activity=0..0.8 \
    --csv "$2" -o "$work/best.rk" ${THREADS:+--threads "$THREADS"} >&2
