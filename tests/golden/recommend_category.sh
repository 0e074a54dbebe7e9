# Just one category, and what lies below it; for people and by name.
cat >log.csv <<END
user,item,category
ann,tea,food > drinks
ann,cup,kitchen
bob,tea,food > drinks
bob,pot,kitchen
cat,bun,food > bakery
cat,cup,kitchen
dan,nail,
END
"$RECKON" ingest log.csv -o log.rk >/dev/null 2>&1
"$RECKON" train log.rk --model popular -o m.rk >/dev/null 2>&1
"$RECKON" recommend m.rk --user dan --category food -n 9
"$RECKON" recommend m.rk --user ann --category kitchen -n 9
"$RECKON" recommend m.rk --user ann --category 'food > drinks' -n 9 --json | sed 's/"request_id":"[0-9a-f]*"/"request_id":"ID"/; s/-[0-9a-f]*"/-HASH"/'
"$RECKON" recommend m.rk --user ann --category kichen || echo "exit $?"
printf 'user,item\na,b\nb,c\n' >plain.csv
"$RECKON" ingest plain.csv -o plain.rk >/dev/null 2>&1
"$RECKON" train plain.rk --model popular -o p.rk >/dev/null 2>&1
"$RECKON" recommend p.rk --user a --category kitchen || echo "exit $?"
