# A catalogue alone, and beside a log; what is wrong with one.
cat >products.jsonl <<'JSONL'
{"id":"a","title":"A red cup","supplier":"Acme","price":1.5,"attr_colour":"red","attr_size":["S","M"]}
{"id":"c","title":"A new lamp","supplier":"Acme","price":"dear","attr_watt":40}
{"title":"nobody's"}
{"id":"c","title":"A new desk lamp","attr_watt":60}
JSONL
printf 'user,item,time\nu,a,1\nu,b,2\nv,b,3\n' >log.csv
steady() { sed -e 's/ in [0-9.]* [mun]*s$/ in TIME/'; }
"$RECKON" ingest --catalogue products.jsonl -o c.rk --map 'item=id,title=title,brand=supplier,price=price,attributes=attr_*' | steady
"$RECKON" ingest log.csv -o log.rk >/dev/null
"$RECKON" ingest --catalogue products.jsonl --into log.rk -o both.rk --json
"$RECKON" train both.rk --model popular -o m.rk >/dev/null 2>&1 && "$RECKON" recommend m.rk --user v -n 3
"$RECKON" train c.rk --model popular -o m.rk || echo "exit $?"
"$RECKON" ingest --catalogue - -o c.rk <products.jsonl || echo "exit $?"
"$RECKON" ingest --catalogue products.jsonl log.csv -o c.rk || echo "exit $?"
"$RECKON" ingest --into log.rk log.csv -o c.rk || echo "exit $?"
"$RECKON" ingest --catalogue products.jsonl --map 'item=id,time=price' -o c.rk || echo "exit $?"
"$RECKON" ingest --catalogue products.jsonl --map 'item=sku' -o c.rk || echo "exit $?"
"$RECKON" ingest --catalogue nowhere.csv -o c.rk || echo "exit $?"
"$RECKON" train both.rk --model content -o words.rk >/dev/null 2>&1
"$RECKON" similar words.rk --text 'red lamps' -n 2 --json | sed 's/"request_id":"[0-9a-f]*"/"request_id":"ID"/; s/-[0-9a-f]*"/-HASH"/'
"$RECKON" similar words.rk --text 'red' --item a || echo "exit $?"
