# Figures broken down: popular and rare items, short and long histories, what nobody had taken before.
awk 'BEGIN { print "user,item,time"
    for (u = 0; u < 90; u++) for (i = 0; i < 3 + u % 12; i++) printf "u%d,i%d,%d\n", u, int((u * 7 + i * i * 5) % (3 + (u * 3 + i) % 40)), 1000 + u * 20 + i * 37
    for (n = 0; n < 6; n++) printf "new%d,i%d,%d\n", n, n, 9000 + n
    for (n = 0; n < 6; n++) printf "u%d,fresh%d,%d\n", n, n % 2, 9000 + n }' >log.csv
"$RECKON" ingest log.csv -o log.rk --robots 0 >/dev/null 2>&1
"$RECKON" split log.rk --by time --test 0.25 --keep-cold -o train.rk --test-out test.rk >/dev/null 2>&1
"$RECKON" train train.rk --model popular -o popular.rk >/dev/null 2>&1
speed='s/ranking in .*/ranking in TIME/; s/"seconds":[0-9.e-]*/"seconds":TIME/'
"$RECKON" evaluate popular.rk --test test.rk -k 2,5 --by popularity,history | sed "$speed"
"$RECKON" evaluate popular.rk --test test.rk -k 5 --by history --json | sed "$speed; s/.*\"strata\"/\"strata\"/"
"$RECKON" evaluate popular.rk --test test.rk --by popularty
echo "exit $?" >&2
"$RECKON" evaluate popular.rk --test test.rk --by history,
