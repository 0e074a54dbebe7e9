# What one user likes, for people and for machines; and whom nobody knows.
cat >log.csv <<END
user,item,time,title,category,brand,price
ann,tea,2020-01-01,Green tea,drinks,Acme,2
ann,tea,2020-01-04,Green tea,drinks,Acme,2
ann,pot,2020-01-10,Tea pot,kitchen,Bolt,10
bob,pot,2020-01-02,Tea pot,kitchen,Bolt,10
bob,cup,2020-01-02,Cup,kitchen,Acme,4
cat,cup,2020-01-05,Cup,kitchen,Acme,4
END
"$RECKON" ingest log.csv -o log.rk >/dev/null 2>&1
"$RECKON" profile log.rk --user ann
"$RECKON" profile log.rk --user ann --half-life 2 --json
"$RECKON" profile log.rk --user cat
"$RECKON" profile log.rk || echo "exit $?"
"$RECKON" profile log.rk --user zoe || echo "exit $?"
printf 'user,item\na,b\nc,d\n' >plain.csv
"$RECKON" ingest plain.csv -o plain.rk >/dev/null 2>&1
"$RECKON" profile plain.rk --user a
"$RECKON" train plain.rk --model profile -o p.rk 2>said || echo "exit $?"
sed 's/about .* of memory/about SIZE of memory/' said >&2
