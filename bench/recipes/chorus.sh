#!/bin/sh
# chorus.sh PRODUCTS.jsonl[.gz] RATINGS.csv: Chorus, product search over the Icecat catalogue: the mean over five folds of the queries, each
# answered with weights learned from the other four. The defaults; further words go to reckon judge.
set -eu
[ $# -ge 2 ] || {
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
}
reckon=${RECKON:-$(cd "$(dirname "$0")/../.." && pwd)/build/reckon}
products=$1 ratings=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$reckon" ingest --catalogue "$products" \
    --map 'item=id,title=title,text=short_description,brand=supplier,price=price,attributes=attr_*' -o "$work/products.rk" >&2
"$reckon" judge "$work/products.rk" "$ratings" --learn --folds 5 --json "$@"
