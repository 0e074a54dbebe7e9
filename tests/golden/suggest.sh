# What is being typed, and how it may go on.
cat >products.csv <<'CSV'
id,title,brand,category
1,Red Tea Pot,Acme,kitchen > pots
2,Blue tea pot,Bolt,kitchen > pots
3,Tea towel,Acme,kitchen > linen
4,Garden pot 30 cm,Core,garden
5,iPhone6s case,Core,phones
6,Wi-Fi router dv7-1211ea,Acme,computers
CSV
printf 'query,count\ntea towels,12\ntea for two,3\n' >queries.csv
"$RECKON" ingest --catalogue products.csv -o d.rk >/dev/null
"$RECKON" index d.rk -o s.rk --queries queries.csv >/dev/null
ask() {
    echo "? $1"
    "$RECKON" suggest s.rk "$@" || echo "exit $?"
}
ask 'te' -n 4
ask 'red p'
ask 'wi-fi r'
ask 'dv7-'
ask 'graden po'
ask 'tea' --json -n 2
ask 'unicorn'
printf 'query,count\ntea,a lot\n' >queries.csv
"$RECKON" index d.rk -o s2.rk --queries queries.csv || echo "exit $?"
"$RECKON" suggest d.rk te || echo "exit $?"
