#!/bin/sh
# What judging models of a large shop takes: time and memory, of one model with breakdowns and of two against each other.
# usage: bench/evaluate_big.sh [USERS [ITEMS [EVENTS_PER_USER [FACTORS]]]]   (default: about MovieLens 20M, 128 factors)
set -eu
users=${1:-138493} items=${2:-26744} events=${3:-144} factors=${4:-128}
reckon=${RECKON:-$PWD/build/reckon}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# Item n of a user's is drawn as items x uniform^3: the first thousandth of the catalogue takes a tenth of all events.
awk -v users="$users" -v items="$items" -v events="$events" 'BEGIN {
    srand(1)
    for (u = 0; u < users; u++) {
        line = "u" u
        for (n = 0; n < events; n++) { r = rand(); line = line " " int(items * r * r * r) }
        print line
    } }' >log.txt
"$reckon" ingest log.txt --format lists --robots 0 -o log.rk >/dev/null 2>&1
rm log.txt
"$reckon" split log.rk --by user-time --test 0.05 -o train.rk --test-out test.rk >/dev/null
"$reckon" train train.rk --model popular -o popular.rk >/dev/null 2>&1
"$reckon" train train.rk --model als --set factors="$factors" --set iterations=1 -o als.rk >/dev/null 2>&1
tell() { sed -n 's/^reckon: //p; s/^\([0-9,]* users with test items, [0-9,]* test pairs\).*/\1/p'; }
echo "$users users x $items items, $(($(wc -c <als.rk) / 1000000)) MB model"
echo "one model, --by popularity,history:"
"$reckon" evaluate als.rk --test test.rk --by popularity,history --verbose 2>&1 | tell
echo "two models:"
"$reckon" evaluate popular.rk als.rk --test test.rk --verbose 2>&1 | tell
