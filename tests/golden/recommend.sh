# Training, one answer for people and for machines, and how questions that make no sense are refused.
cat >log.csv <<END
user,item,quantity,description
ann,tea,1,Green tea
ann,cup,2,Cup
bob,tea,1,Green tea
bob,pot,1,Tea pot
cat,tea,1,Green tea
cat,cup,1,Cup
cat,pot,3,Tea pot
dan,nail,9,Nail
dan,saw,1,Saw
eve,saw,1,Saw
eve,nail,2,Nail
END
run() {
    echo "\$ reckon $*" >&2
    status=0
    "$RECKON" "$@" 2>.said || status=$?
    sed 's/about .* of memory/about SIZE of memory/' .said >&2
    [ $status = 0 ] || echo "exit $status" >&2
}
run ingest log.csv --map user=user,item=item,quantity=quantity,title=description -o log.rk >/dev/null
run train log.rk --model popular -o popular.rk | sed 's/, [0-9.]* [kM]*B, trained in .*/, SIZE, TIME/; s/-[0-9a-f]* *,/-HASH,/'
run train log.rk --model als --set factors=4 --set iterations=8 --threads 2 -o als.rk >/dev/null
run recommend popular.rk --user ann
run recommend popular.rk --user ann -n 1 --json | sed 's/"request_id":"[0-9a-f]*"/"request_id":"ID"/; s/-[0-9a-f]*"/-HASH"/'
run recommend als.rk --user ann -n 1 | sed 's/[0-9]\.[0-9]*/SCORE/'
run recommend als.rk --history nail=3 -n 1 --json | sed 's/"request_id":"[0-9a-f]*"/"request_id":"ID"/; s/-[0-9a-f]*"/-HASH"/; s/"score":[.0-9]*/"score":SCORE/'
run recommend als.rk --history nail --only saw,tea --exclude tea --reasons 0 | sed 's/[0-9]\.[0-9]*/SCORE/'
run similar als.rk --item saw -n 1 | sed 's/[01]\.[0-9]*/SCORE/'
run recommend als.rk
run recommend als.rk --user anne
run recommend als.rk --user zacharias
run recommend als.rk --history nail,hammer
run recommend als.rk --history nail,nail
run recommend als.rk --history nail=many
run recommend als.rk --user ann -n 0
run recommend log.rk --user ann
run recommend missing.rk --user ann
run similar als.rk
run similar popular.rk --item tea
run train log.rk -o x.rk
run train log.rk --model als
run train log.rk --model sla -o x.rk
run train log.rk --model als --set factor=3 -o x.rk
run train log.rk --model als --set factors=0 -o x.rk
run train log.rk --model als --set solver=magic -o x.rk
run train log.rk --model popular --set half-life=7 -o x.rk
run train als.rk --model als -o x.rk
run train log.rk --model als --threads 2 -o no/such/folder/x.rk
ls x.rk 2>/dev/null
exit 0
