# Misuse is one line on standard error, naming what was probably meant, and exit status 2.
try() {
    echo "\$ reckon $*" >&2
    "$RECKON" "$@"
    echo "=> $?" >&2
}
try
try inspcet
try frobnicate-the-whatsit
try --frobnicate
try help frobnicate-the-whatsit
try inspect
try inspect a.rk b.rk
try inspect --jsno a.rk
try inspect --no-jsno a.rk
try inspect -z a.rk
try inspect --threads
try inspect --threads 0 a.rk
try inspect --threads=many a.rk
try inspect --seed --json a.rk
try inspect --json=perhaps a.rk
try inspect -- --json
printf 'user,item\na,b\n' >log.csv
try ingest log.csv -o ./log.csv
try split log.csv -o x.rk --test-out ./x.rk
try ingest log.csv -o x.rk --report - --json
try measure --model als.rk -o nowhere/profile.json
