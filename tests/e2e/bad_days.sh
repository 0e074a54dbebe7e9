#!/bin/sh
# What a bad day looks like: wrong files, truncated and damaged artefacts, a full disk, a killed process.
. "$RECKON_ROOT/tests/e2e/tap.sh"
log=$RECKON_ROOT/data/online_retail.csv.gz

# ---- a small real log ----
zcat "$log" | head -40000 >log.csv
claim "a part of the real log is read" "$RECKON" ingest log.csv -o shop.rk
claim "a model is trained on it" "$RECKON" train shop.rk --model als --set factors=16 --set iterations=3 -o als.rk

# ---- files that are not what they claim ----
claim "a missing log" fails 3 "no such file 'nothing.csv'" "$RECKON" ingest nothing.csv -o x.rk
mkdir folder
claim "a folder as a log" fails 3 "folder" "$RECKON" ingest folder -o x.rk
: >empty.csv
claim "an empty log" fails 3 "empty.csv" "$RECKON" ingest empty.csv -o x.rk
head -c 100000 /dev/urandom >noise.csv
claim "noise as a log" fails 3 "noise.csv" "$RECKON" ingest noise.csv -o x.rk
head -c 300000 "$log" >cut.csv.gz
claim "a truncated gzip log" fails 3 "cut.csv.gz" "$RECKON" ingest cut.csv.gz -o x.rk
claim "a missing column names the nearest" fails 3 "CustomerID" "$RECKON" ingest log.csv --map user=CustomerId2,item=StockCode -o x.rk
claim "none of them left a dataset" absent x.rk
claim "a log where a dataset is needed" fails 3 "log.csv" "$RECKON" train log.csv --model als -o x.rk
claim "a model where a dataset is needed" fails 3 "als.rk is a model" "$RECKON" train als.rk --model als -o x.rk
claim "a dataset where a model is needed" fails 3 "shop.rk is a dataset" "$RECKON" recommend shop.rk --user 17850 -n 3
claim "an unknown model names the known" fails 2 "als" "$RECKON" train shop.rk --model alz -o x.rk
claim "an unknown option of a model" fails 2 "factors" "$RECKON" train shop.rk --model als --set factor=3 -o x.rk

# ---- damaged artefacts ----
size=$(wc -c <als.rk)
cut_everywhere() {
    for share in 0 1 7 63 64 200 "$((size / 2))" "$((size - 1))"; do
        head -c "$share" als.rk >cut.rk
        fails 3 "cut.rk" "$RECKON" recommend cut.rk --user 17850 -n 3 || return 1
    done
}
claim "a truncated model is refused wherever it is cut" cut_everywhere
flip() { # flip FILE OFFSET
    byte=$(od -An -tu1 -j "$2" -N1 "$1" | tr -d ' ')
    printf "$(printf '\\%03o' $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
flip_everywhere() {
    for offset in 0 8 20 33 50 70 "$((size / 3))" "$((size - 70))"; do
        cp als.rk bad.rk
        flip bad.rk "$offset"
        fails 3 "bad.rk" "$RECKON" inspect --verify bad.rk || { echo "offset $offset"; return 1; }
    done
}
claim "a damaged model is found by inspect --verify" flip_everywhere
claim "a whole model passes inspect --verify" "$RECKON" inspect --verify als.rk
"$RECKON" ingest "$log" -o whole.rk >out 2>&1
"$RECKON" train whole.rk --model als --set factors=128 --set iterations=1 -o big.rk >out 2>&1
flip big.rk "$(($("$RECKON" inspect --json big.rk | sed 's/.*"name":"item.vector"[^}]*"bytes":\([0-9]*\).*/\1/') + 500000))"
claim "a server does not begin with damaged vectors" fails 3 "big.rk: damaged.*user.vector" timeout 120 "$RECKON" serve --model big.rk --port 0

# ---- a disk that fills up ----
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=256k tmpfs small 2>/dev/null; then
    claim "a full disk while reading a log" fails 1 "No space left" "$RECKON" ingest log.csv -o small/x.rk
    claim "a full disk while training" fails 1 "No space left" "$RECKON" train shop.rk --model als --set factors=64 --set iterations=1 -o small/m.rk
    claim "nothing is left on the full disk" sh -c '[ -z "$(ls -A small)" ]'
    umount small
else
    skip "a full disk" "needs root and tmpfs"
fi
claim "a full standard output" sh -c '"$RECKON" inspect als.rk >/dev/full 2>err; [ $? = 1 ] && grep -q "standard output" err'
claim "an output folder that does not exist" fails 3 "no such folder 'nowhere'" "$RECKON" ingest log.csv -o nowhere/x.rk

# ---- killed while writing ----
kill_at_any_time() {
    for pause in 0.01 0.03 0.06 0.1 0.15 0.2 0.3 0.4; do
        "$RECKON" ingest log.csv -o killed.rk >/dev/null 2>&1 &
        sleep "$pause"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        [ ! -e killed.rk ] || "$RECKON" inspect --verify killed.rk || return 1
        rm -f killed.rk
    done
}
claim "kill -9 leaves the whole file or none" kill_at_any_time
claim "the next run succeeds" "$RECKON" ingest log.csv -o killed.rk
claim "and sweeps up what the killed ones left" no_leftovers
