# What a log says orders a search: popularity, and newness by the first event.
cat >log.csv <<'CSV'
user,item,time
ann,pot,2024-01-05
bob,pot,2024-02-01
cem,pot,2024-02-02
ann,cup,2024-01-01
bob,cup,2024-03-01
cem,tray,2024-02-20
CSV
cat >products.csv <<'CSV'
id,title,price
pot,Tea pot,20
cup,Tea cup,5
tray,Tea tray,12
box,Tea box,
CSV
"$RECKON" ingest log.csv -o log.rk --map user=user,item=item,time=time >/dev/null
"$RECKON" ingest --catalogue products.csv --into log.rk -o d.rk >/dev/null
"$RECKON" index d.rk -o s.rk >/dev/null
for key in popularity newness -newness price -price; do
    echo "? $key"
    "$RECKON" search s.rk tea --sort="$key" --rank words
done
"$RECKON" search s.rk tea --sort=-relevance
