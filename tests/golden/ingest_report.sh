# What ingest says of a small dirty log, for people and for machines.
cat >log.csv <<'CSV'
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID
1,x,"A ""fine"" cup",2,12/1/2010 8:26,1.50,17850
1,x,"A ""fine"" cup",2,12/1/2010 8:26,1.50,17850
C2,x,"A ""fine"" cup",-2,12/2/2010 9:00,1.50,17850
3,y,,1,12/2/2010 9:00,0,13047
4,POST,POSTAGE,1,12/2/2010 9:00,18,13047
5,y,"a plate,
round",3,2010-12-03 10:00:00,2.25,
6,y,"a plate,
round",3,2010-12-03 10:00:00,2.25,13047
7,y,round,x,soon,2.25,13047
CSV
steady() { sed -e 's/ in [0-9.]* [mun]*s$/ in TIME/' -e 's/"seconds":[0-9.e-]*/"seconds":0/'; }
"$RECKON" ingest log.csv -o log.rk --drop-items 'POST,DOT' --profile | steady
"$RECKON" ingest - -o log2.rk --json --report cleaning.json --verbose <log.csv | steady
[ "$(steady <cleaning.json | wc -c)" -gt 1000 ] && echo "the report is written"
printf '10 3 1 2\n20 2\n' | "$RECKON" ingest - -o lists.rk | steady
printf '20 1 9\n30 2\n' | "$RECKON" ingest - -o like.rk --like lists.rk | steady
