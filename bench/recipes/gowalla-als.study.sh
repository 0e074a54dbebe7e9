#!/bin/sh
# gowalla-als.study.sh TRAIN.txt[.gz] OUT.csv: tries settings of als on a random tenth of the training data, the test never seen.
# The table gowalla-als.study.csv was made by it; seconds and last digits differ. STUDY: a file to go on from when broken off.
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
"$reckon" tune "$work/train.rk" --model als --by random --test 0.1 --metric ndcg@20 --budget "${BUDGET:-15}" \
    --set factors="${FACTORS:-1024}" --set iterations=12 \
    --space lambda=0.0005..0.05 --space exponent=0..1 --space unobserved=0.01..0.1 \
    ${STUDY:+--study "$STUDY"} --csv "$2" -o "$work/best.rk" ${THREADS:+--threads "$THREADS"} >&2
