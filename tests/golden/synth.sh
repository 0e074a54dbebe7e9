# A shop that never was: what is written, and that a log of it is read as it was meant.
"$RECKON" synth --users 60 --items 20 --events 500 -o d.rk --csv log.csv --json | sed 's/_s":[0-9.e-]*/_s":0/g'
head -3 log.csv
"$RECKON" ingest log.csv -o log.rk --json 2>/dev/null | grep -o '"kept":[0-9]*'
"$RECKON" synth || echo "exit $?"
"$RECKON" synth --users 0 -o d.rk || echo "exit $?"
