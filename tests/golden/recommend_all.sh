# Lists for everybody: the same items as one by one, as rows or lines, to a file or a pipe, and what makes no sense.
cat >log.csv <<END
user,item
ann,tea
ann,cup
"bob, the second",tea
"bob, the second",pot
cat,tea
cat,cup
cat,pot
dan,nail
dan,saw
eve,saw
eve,nail
END
run() {
    echo "\$ reckon $*"
    status=0
    "$RECKON" "$@" 2>&1 || status=$?
    [ $status = 0 ] || echo "exit $status"
}
"$RECKON" ingest log.csv --map user=user,item=item -o log.rk >/dev/null 2>&1
"$RECKON" train log.rk --model popular -o popular.rk >/dev/null 2>&1
"$RECKON" train log.rk --model als --set factors=4 -o als.rk >/dev/null 2>&1
run recommend popular.rk --all -n 2
run recommend popular.rk --all -n 1 --json
run recommend popular.rk --all -n 2 --exclude tea,saw -o lists.jsonl
cat lists.jsonl
run recommend als.rk --all -n 3 --threads 2 -o lists.csv
for user in ann 'bob, the second' cat dan eve; do
    "$RECKON" recommend als.rk --user "$user" -n 3 --json | grep -o '"id":"[^"]*' | cut -d'"' -f4
done >one_by_one
sed 1d lists.csv | sed 's/"[^"]*"/bob/' | cut -d, -f3 | cmp - one_by_one && echo "the same items"
run recommend als.rk --all -o lists.txt
run recommend als.rk --all --user ann
run recommend als.rk --user ann -o lists.csv
