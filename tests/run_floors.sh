#!/bin/sh
# The floors test: no #include climbs. The rule lives in src/FLOORS.
cd "$RECKON_ROOT/src" || exit 2
echo 1..1
climbs=$(find . -name '*.[ch]' | sed 's|^\./||' | sort | xargs awk '
  FILENAME == "FLOORS"  { sub(/#.*/, ""); for (i = 1; i <= NF; i++) level[$i] = FNR; next }
  /^#include "[a-z]+\// { split($2, part, /["\/]/); to = part[2]; from = FILENAME; sub(/\/.*/, "", from)
                          if (!(to in level) || !(from in level) || (to != from && level[to] >= level[from]))
                              printf "# src/%s:%d: %s/ may not include %s/\n", FILENAME, FNR, from, to }' FLOORS)
[ -z "$climbs" ] && echo "ok 1 - includes go down only" && exit 0
echo "not ok 1 - includes go down only"
echo "$climbs"
exit 0
