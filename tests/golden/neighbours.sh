# Models of neighbours and of what is taken when: their options, what they answer and why, and what they refuse.
run() {
    echo "\$ reckon $*" >&2
    status=0
    "$RECKON" "$@" 2>.said || status=$?
    sed 's/about .* of memory.*/about SIZE of memory/' .said >&2
    [ $status = 0 ] || echo "exit $status" >&2
}
"$RECKON" train --list | awk -v RS= -v ORS='\n\n' '/^(recent|trending|itemknn|userknn|session|bought-together): /'
cat >log.csv <<END
user,item,time,category
ann,tea,2026-03-01 10:00,kitchen
ann,cup,2026-03-01 10:05,kitchen
ann,pot,2026-03-02 09:00,kitchen
bob,tea,2026-03-01 11:00,kitchen
bob,cup,2026-03-01 11:01,kitchen
cat,cup,2026-03-03 08:00,kitchen
cat,pot,2026-03-03 08:10,kitchen
cat,nail,2026-03-05 08:00,workshop
dan,nail,2026-03-09 12:00,workshop
dan,saw,2026-03-09 12:02,workshop
eve,saw,2026-03-10 17:00,workshop
eve,nail,2026-03-10 17:20,workshop
eve,tea,2026-03-10 17:25,kitchen
END
run ingest log.csv --robots 0 -o log.rk >/dev/null
for model in itemknn userknn session bought-together recent; do
    run train log.rk --model $model -o $model.rk >/dev/null
    run recommend $model.rk --user bob -n 3
done
run train log.rk --model trending --set window=2 --set before=8 --set smooth=1 -o trending.rk >/dev/null
run recommend trending.rk --user bob -n 2 --category workshop
run similar itemknn.rk --item tea -n 2
run similar bought-together.rk --item tea
run similar bought-together.rk --item tea --json | sed 's/"request_id":"[0-9a-f]*"/"request_id":"ID"/; s/-[0-9a-f]*"/-HASH"/'
run recommend session.rk --history tea,nail -n 2
run recommend session.rk --history nail,tea -n 2
run similar userknn.rk --item tea
run similar trending.rk --item tea
run train log.rk --model trending --set window=20 -o x.rk
run train log.rk --model itemknn --set similarity=pearson -o x.rk
printf 'ann tea cup\nbob tea\n' >lists.txt
run ingest lists.txt --format lists --robots 0 -o lists.rk >/dev/null
run train lists.rk --model recent -o x.rk
run train lists.rk --model session --set gap=2 -o x.rk
run train lists.rk --model itemknn --set half-life=30 -o x.rk
ls x.rk 2>/dev/null
exit 0
