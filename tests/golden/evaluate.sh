# Figures with intervals for people and machines; what cannot be judged is refused by name.
awk 'BEGIN { for (u = 0; u < 40; u++) { printf "u%d", u; for (i = 0; i < 5; i++) printf " i%d", (u * (i + 3) + i * i) % (6 + u % 25); print "" } }' >train.txt
awk 'BEGIN { for (u = 0; u < 44; u++) printf "u%d i%d i%d\n", u, (u * 3 + 8) % 29, u % 5 }' >test.txt
"$RECKON" ingest train.txt --format lists -o train.rk --robots 0 >/dev/null 2>&1
"$RECKON" ingest test.txt --format lists -o test.rk --robots 0 >/dev/null 2>&1
"$RECKON" train train.rk --model popular -o popular.rk >/dev/null 2>&1
speed='s/ranking in .*/ranking in TIME/; s/"seconds":[0-9.e-]*/"seconds":TIME/'
"$RECKON" evaluate popular.rk --test test.rk -k 5,2 | sed "$speed"
"$RECKON" evaluate popular.rk --test test.rk -k 3 --drop-repeats --json | sed "$speed"
echo "z1 z2" >stranger.txt
"$RECKON" ingest stranger.txt --format lists -o stranger.rk >/dev/null 2>&1
"$RECKON" evaluate popular.rk --test stranger.rk
echo "exit $?" >&2
"$RECKON" evaluate popular.rk --test popular.rk
echo "exit $?" >&2
"$RECKON" evaluate popular.rk --test missing.rk
echo "exit $?" >&2
"$RECKON" evaluate popular.rk
echo "exit $?" >&2
"$RECKON" evaluate popular.rk --test test.rk -k 5,x
