#!/bin/sh
# folds.sh DIR WORK
# From DIR/u.data and DIR/u1.test .. u5.test (plain or .gz; user, item, rating and time between tabs) to WORK/train1.rk, WORK/test1.rk and
# so on: the published folds of MovieLens-100k. A training side is all ratings less the fold's, each as often as it occurs. All sides
# share the ids of the whole log, so that items which only the fold has are foretold, too.
set -eu
[ $# -eq 2 ] || {
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
}
reckon=${RECKON:-$(cd "$(dirname "$0")/../.." && pwd)/build/reckon}
dir=$1 work=$2
plain() { if [ -f "$1.gz" ]; then gzip -dc "$1.gz"; else cat "$1"; fi; }
ingest() { # ingest LOG OUT [OPTION...]
    log=$1 out=$2
    shift 2
    "$reckon" ingest "$log" --format tsv --no-header --columns user,item,value,time --robots 0 "$@" -o "$out" >&2
}
plain "$dir/u.data" >"$work/whole.tsv"
ingest "$work/whole.tsv" "$work/whole.rk"
for fold in 1 2 3 4 5; do
    plain "$dir/u$fold.test" >"$work/test.tsv"
    awk 'NR == FNR { n[$0]++; next } n[$0] > 0 { n[$0]--; next } { print }' "$work/test.tsv" "$work/whole.tsv" >"$work/train.tsv"
    ingest "$work/train.tsv" "$work/train$fold.rk" --like "$work/whole.rk"
    ingest "$work/test.tsv" "$work/test$fold.rk" --like "$work/whole.rk"
done
