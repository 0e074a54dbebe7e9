#!/bin/sh
# ml100k-mf.study.sh DIR >ml100k-mf.study.csv
# How the settings of ml100k-mf.sh were chosen: a tenth of each fold's training side is held back, at random, and settings are
# judged by the mean RMSE on those tenths. No test side is opened. Takes some minutes.
# RECKON: the program (default: the one built here); THREADS: default all.
set -eu
[ $# -eq 1 ] || {
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
reckon=${RECKON:-$here/../../build/reckon}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$here/folds.sh" "$1" "$work" 2>"$work/log"
for fold in 1 2 3 4 5; do
    "$reckon" split "$work/train$fold.rk" --by random --test 0.1 --keep-cold -o "$work/learn$fold.rk" --test-out "$work/judge$fold.rk" \
        >>"$work/log" 2>&1
done

try() { # try SETTING... : one line of the table
    words=$*
    set --
    for setting in $words; do set -- "$@" --set "$setting"; done
    for fold in 1 2 3 4 5; do
        "$reckon" train "$work/learn$fold.rk" --model mf "$@" ${THREADS:+--threads "$THREADS"} -o "$work/mf.rk" >>"$work/log" 2>&1
        "$reckon" evaluate "$work/mf.rk" --test "$work/judge$fold.rk" -k 10 --json 2>>"$work/log"
    done | sed 's/.*"rmse":\([0-9.]*\).*/\1/' | awk -v settings="$words" '{ sum += $1 } END { printf "%s,%.5f\n", settings, sum / NR }'
}

echo "settings,rmse"
# What each part is worth.
for lambda in 0.08 0.1 0.12 0.15; do try "lambda=$lambda"; done
for lambda in 0.15 0.2 0.3; do
    for penalty in 1 3 10; do try "lambda=$lambda implicit=both implicit-lambda=$penalty"; done
done
for implicit in none users items both; do try "solver=bayes implicit=$implicit factors=32 iterations=60"; done
# How much of it.
for factors in 8 16 24 32 48 64; do
    for penalty in 0.5 0.7 1 1.4 2; do try "solver=bayes implicit=both factors=$factors iterations=60 implicit-lambda=$penalty"; done
done
for iterations in 10 20 30 100 200; do try "solver=bayes implicit=both factors=32 iterations=$iterations"; done
