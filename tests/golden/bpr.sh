# bpr and logistic: what they can be told, an answer for somebody known and for somebody new, and refusals.
cat >log.csv <<END
user,item,quantity
ann,tea,1
ann,cup,2
bob,tea,1
bob,pot,1
cat,tea,1
cat,cup,1
cat,pot,3
dan,nail,9
dan,saw,1
eve,saw,1
eve,nail,2
END
run() {
    echo "\$ reckon $*" >&2
    status=0
    "$RECKON" "$@" 2>.said || status=$?
    sed 's/about .* of memory/about SIZE of memory/' .said >&2
    [ $status = 0 ] || echo "exit $status" >&2
}
run ingest log.csv --map user=user,item=item,quantity=quantity -o log.rk >/dev/null
run train --list | sed -n '/^bpr:/,/^$/p; /^logistic:/,/^$/p'
for model in bpr logistic; do
    run train log.rk --model $model --set factors=4 --threads 2 -o $model.rk | sed 's/, [0-9.]* [kM]*B, trained in .*/, SIZE, TIME/; s/-[0-9a-f]* *,/-HASH,/'
    run recommend $model.rk --user ann -n 1 | sed -n '$s/ *-*[0-9]\.[0-9]*/SCORE/p'
    run recommend $model.rk --history nail -n 1 | sed -n '$s/ *-*[0-9]\.[0-9]*/SCORE/p'
done
run train log.rk --model bpr --set temperature=0 -o x.rk
run train log.rk --model bpr --set negatives=5000 -o x.rk
run train log.rk --model bpr --set alpha=2 -o x.rk
run train log.rk --model logistic --set weigh=often -o x.rk
ls x.rk 2>/dev/null
exit 0
