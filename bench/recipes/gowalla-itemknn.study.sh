#!/bin/sh
# gowalla-itemknn.study.sh TRAIN.txt[.gz] OUT.csv: tries settings of itemknn on a random tenth of the training data, the test never seen.
# The table gowalla-itemknn.study.csv was made by it; seconds differ, the rest does not.
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
"$reckon" tune "$work/train.rk" --model itemknn --by random --test 0.1 --metric ndcg@20 --budget "${BUDGET:-100}" \
    --set weigh=one --space similarity=cosine,tfidf,jaccard,conditional,bm25 --space neighbours=30..600 --space shrink=0..20 --space power=0.7..2 \
    --csv "$2" -o "$work/best.rk" ${THREADS:+--threads "$THREADS"} >&2
