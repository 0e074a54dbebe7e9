#!/bin/sh
# compress.sh MODEL.rk TEST.rk [VARIANT...]
# Smaller forms of a model side by side: bytes that answering reads, NDCG@20 and Recall@20 on TEST.rk, the share of the model's
# NDCG@20 that is kept, and the wall seconds of evaluating all test users. Apart: the store that pq ranks a short list by.
# Then, where bench_lists is built (./run bench), the processor time of one list from each, in turns.
# RECKON: the program (default: the one built here); THREADS: default all.
set -eu
[ $# -ge 2 ] || {
    sed -n '2,6s/^# //p' "$0" >&2
    exit 2
}
reckon=${RECKON:-$(cd "$(dirname "$0")/.." && pwd)/build/reckon}
model=$1 test=$2
shift 2
[ $# -gt 0 ] || set -- fp16 bf16 int8 int4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# key FILE NAME: the number behind "NAME": in a line of JSON.
key() { sed -n "s/.*\"$2\":\([0-9.e+-]*\).*/\1/p" "$1" | tail -1; }

# judge MODEL: "NDCG RECALL SECONDS".
judge() {
    "$reckon" evaluate "$1" --test "$test" -k 20 ${THREADS:+--threads "$THREADS"} --json >"$work/judged"
    printf '%s %s %s\n' "$(key "$work/judged" ndcg@20)" "$(key "$work/judged" recall@20)" "$(key "$work/judged" seconds)"
}

row() { # row NAME BYTES STORE "NDCG RECALL SECONDS"
    printf '%s %s %s %s %s\n' "$1" "$2" "$3" "$4" "$whole" |
        awk '{ printf "| %s | %.1f | %.1f | %.4f | %.4f | %.1f | %.1f |\n", $1, $2 / 1e6, $3 / 1e6, $4, $5, 100 * $4 / $7, $6 }'
}

whole=$(judge "$model")
"$reckon" compress "$model" --to "$1" -o "$work/small.rk" --json >"$work/made"
printf '| variant | MB | store MB | NDCG@20 | Recall@20 | kept %% | seconds of all lists |\n|---|---:|---:|---:|---:|---:|---:|\n'
rm "$work/small.rk"
row as-it-is "$(key "$work/made" bytes_before)" 0 "$whole"
for variant; do
    "$reckon" compress "$model" --to "$variant" -o "$work/$variant" ${THREADS:+--threads "$THREADS"} --json >"$work/made"
    store=$(key "$work/made" store_bytes)
    row "$variant" "$(key "$work/made" bytes_after)" "${store:-0}" "$(judge "$work/$variant")"
done
lists=$(dirname "$reckon")/bench/bench_lists
if [ -x "$lists" ]; then
    for variant; do
        shift
        set -- "$@" "$work/$variant"
    done
    echo
    "$lists" "$model" "$@"
fi
