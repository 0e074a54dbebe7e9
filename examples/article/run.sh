#!/bin/sh
# The article's 4 x 4 matrix, factorised without its slips. See README.md. Prints the errors beside the article's.
# $RECKON: the program to run (default: reckon).
set -eu
export LC_ALL=C
reckon=${RECKON:-reckon}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One number out of a line of JSON.
number() { sed 's/.*"'"$1"'":\([-+.0-9e]*\).*/\1/'; }

# The library split of the article (seed 42) holds out the second row: learn from the others.
grep -v '^row2,' "$here/ratings.csv" >"$work/train.csv"
"$reckon" ingest "$work/train.csv" --map user=user,item=item,value=rating -o "$work/train.rk" >"$work/log" 2>&1
"$reckon" train "$work/train.rk" --model mf --set solver=sgd --set factors=2 --set iterations=1000 --set step=0.01 \
    --set lambda=0.01 -o "$work/mf.rk" --json >"$work/train.json" 2>>"$work/log"
train_mse=$(number train_mse <"$work/train.json")

# Fold the held-out row in from one of its ratings, foretell the other; then the other way round.
d=$("$reckon" recommend "$work/mf.rk" --history a=4 --only d --json | number score)
a=$("$reckon" recommend "$work/mf.rk" --history d=1 --only a --json | number score)

awk -v train="$train_mse" -v a="$a" -v d="$d" 'BEGIN {
    test = ((a - 4) ^ 2 + (d - 1) ^ 2) / 2
    printf "row 2 from a = 4: d is foretold %.3f, was 1\n", d
    printf "row 2 from d = 1: a is foretold %.3f, was 4\n", a
    printf "            ours     article\n"
    printf "train mse   %.5f  .03125\n", train
    printf "test mse    %.5f  .1875\n", test
    exit !(train <= 0.03125)
}'
