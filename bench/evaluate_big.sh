#!/bin/sh
# What judging models of a large shop takes: time and memory, of one model with breakdowns and of two against each other.
# usage: bench/evaluate_big.sh [USERS [ITEMS [EVENTS [FACTORS]]]]   (default: the size of MovieLens 20M, 128 factors)
set -eu
users=${1:-138493} items=${2:-26744} events=${3:-20000000} factors=${4:-128}
reckon=${RECKON:-$PWD/build/reckon}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$reckon" synth --users "$users" --items "$items" --events "$events" -o log.rk >/dev/null 2>&1
"$reckon" split log.rk --by user-time --test 0.05 -o train.rk --test-out test.rk >/dev/null
"$reckon" train train.rk --model popular -o popular.rk >/dev/null 2>&1
"$reckon" train train.rk --model als --set factors="$factors" --set iterations=1 -o als.rk >/dev/null 2>&1
tell() { sed -n 's/^reckon: \(evaluated\)/\1/p; s/^\([0-9,]* users with test items, [0-9,]* test pairs\).*/\1/p'; }
echo "$users users x $items items, $events events, $(($(wc -c <als.rk) / 1000000)) MB model"
echo "one model, --by popularity,history:"
"$reckon" evaluate als.rk --test test.rk --by popularity,history --verbose 2>&1 | tell
echo "two models:"
"$reckon" evaluate popular.rk als.rk --test test.rk --verbose 2>&1 | tell
