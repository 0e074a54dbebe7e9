#!/bin/sh
# ml100k-mf.sh DIR
# Trains mf on the five published folds in DIR (see folds.sh) and prints, last, one line of JSON: the mean over the folds of what
# `evaluate --json` says. The settings were chosen by ml100k-mf.study.sh on parts of the training sides.
# RECKON: the program (default: the one built here); THREADS: default all.
set -eu
[ $# -eq 1 ] || {
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
reckon=${RECKON:-$here/../../build/reckon}
settings="solver=bayes implicit=both implicit-lambda=0.7 factors=32 iterations=60"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$here/folds.sh" "$1" "$work"
set --
for setting in $settings; do set -- "$@" --set "$setting"; done
for fold in 1 2 3 4 5; do
    "$reckon" train "$work/train$fold.rk" --model mf "$@" ${THREADS:+--threads "$THREADS"} -o "$work/mf.rk" >&2
    "$reckon" evaluate "$work/mf.rk" --test "$work/test$fold.rk" -k 10 ${THREADS:+--threads "$THREADS"} --json
done >"$work/figures.jsonl"
# Every "key":number of the object itself, in the order of the first fold. Intervals are of one fold each: a mean of them is none.
awk '{
    gsub(/^\{|\}$/, "")
    while (gsub(/\[[^][]*\]|\{[^{}]*\}/, "")) { }
    while (match($0, /"[a-z_@0-9]+":-?[0-9][-+.0-9e]*/)) {
        split(substr($0, RSTART, RLENGTH), pair, ":")
        if (NR == 1) key[++n] = pair[1]
        sum[pair[1]] += pair[2]
        $0 = substr($0, RSTART + RLENGTH)
    }
}
END {
    for (i = 1; i <= n; i++) printf "%s%s:%.10g", i == 1 ? "{" : ",", key[i], sum[key[i]] / NR
    print "}"
}' "$work/figures.jsonl"
