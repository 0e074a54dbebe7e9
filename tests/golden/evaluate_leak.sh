# What the model may have seen of its test is said, on standard error and in the JSON; the figures stay as they are.
awk 'BEGIN { print "user,item,time"
    for (u = 0; u < 50; u++) for (i = 0; i < 8; i++) printf "u%d,i%d,%d\n", u, (u * 5 + i * 3) % 29, 1000 + i * 100 + u * 40 }' >log.csv
"$RECKON" ingest log.csv -o log.rk --robots 0 >/dev/null 2>&1
warnings() { sed 's/.*"warnings"/"warnings"/; s/,"seconds.*//'; }
for by in time user-time random; do
    "$RECKON" split log.rk --by $by --test 0.25 -o train.rk --test-out test.rk >/dev/null 2>&1
    "$RECKON" train train.rk --model popular -o popular.rk >/dev/null 2>&1
    echo "$by" >&2
    "$RECKON" evaluate popular.rk --test test.rk --json | warnings
done
"$RECKON" evaluate popular.rk --test test.rk --json | sed 's/.*"leakage"/"leakage"/; s/},.*/}/'
"$RECKON" split log.rk --by leave-one-out -o train-l.rk --test-out test-l.rk >/dev/null 2>&1
"$RECKON" train train-l.rk --model popular -o popular-l.rk >/dev/null 2>&1
echo "leave-one-out" >&2
"$RECKON" evaluate popular-l.rk --test test-l.rk --json | warnings
echo "trained on all of the log" >&2
"$RECKON" train log.rk --model als --set factors=2 -o all.rk >/dev/null 2>&1
"$RECKON" compress all.rk --to fp16 -o all.fp16.rk >/dev/null 2>&1
"$RECKON" evaluate all.fp16.rk --test test.rk --json | warnings
echo "judged by its training data" >&2
"$RECKON" evaluate popular.rk --test train.rk --json | warnings
echo "told that it was trained on its test data" >&2
rm train.rk
"$RECKON" evaluate popular.rk --test test.rk --train test.rk --json | warnings
echo "the training data are gone" >&2
"$RECKON" evaluate popular.rk --test test.rk --json | warnings
