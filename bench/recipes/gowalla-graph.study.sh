#!/bin/sh
# gowalla-graph.study.sh TRAIN.txt[.gz] OUT.csv: tries settings of graph on a random tenth of the training data, the test never seen.
# The table gowalla-graph.study.csv was made by hand on such a part; this searches the same ranges.
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
"$reckon" tune "$work/train.rk" --model graph --by random --test 0.1 --metric ndcg@20 --budget "${BUDGET:-30}" \
    --set neighbours=1000 --space vectors=256..1024 --space alpha=0.7..1 --space activity=0.4..1.2 --space low-pass=0..0.5 --space sharpen=0..1 \
    --csv "$2" -o "$work/best.rk" ${THREADS:+--threads "$THREADS"} >&2
