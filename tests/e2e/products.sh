#!/bin/sh
# The products of a live index over HTTP: put, found and recommended at once; sold out, gone at once; nothing lost by kill -9.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"

start() { start_server "$RECKON" serve --search shop --port 0 --port-file port --threads 2 "$@"; }
ask() { curl -s -m 60 "$url$1"; }
put() { curl -s -m 60 -X PUT "$url/v1/items/$1" -d "$2"; }
delete() { curl -s -m 60 -o /dev/null -w '%{http_code}' -X DELETE "$url/v1/items/$1"; }

# Lamps for one half of the shoppers, shoes for the other.
awk 'BEGIN { srand(3); for (u = 0; u < 60; u++) { line = "u" u; for (i = 0; i < 8; i++) line = line " " (u % 2 ? "lamp" : "shoe") int(rand() * 20); print line } }' >lists.txt
awk 'BEGIN { print "id,title,brand,category,price,stock"
    for (i = 0; i < 20; i++) { print "lamp" i ",Desk lamp " i ",Lux,home > lamps,20,4"; print "shoe" i ",Running shoe " i ",Run,clothes > shoes,50,4" } }' >products.csv
"$RECKON" ingest --format lists lists.txt -o d.rk >/dev/null 2>err && "$RECKON" train d.rk --model als --set factors=8 -o m.rk >/dev/null 2>>err &&
    "$RECKON" ingest --catalogue products.csv --map 'item=id,title=title,brand=brand,category=category,price=price,attributes=stock' -o products.rk >/dev/null 2>>err &&
    "$RECKON" live shop create products.rk >/dev/null 2>>err || { cat err; exit 1; }

start --model m.rk
claim "searches" holds "$(ask '/v1/search?q=desk+lamp&facets=brand')" '"total":20,"facets":{"brand":[["Lux",20]]}'
found() { ask "/v1/search?q=desk+lamp&n=20$1" | tr '{' '\n' | sed -n 's/"id":"\([^"]*\)".*/\1/p' | tr '\n' ' '; }
differs() { [ "$1" != "$2" ] || { echo "twice '$1'"; return 1; }; }
claim "who is known sees what suits first" differs "$(found '&user=u1')" "$(found '')"
claim "who is new sees what everybody sees" equal "$(found '&user=nobody')" "$(found '')"
claim "knows a product" holds "$(ask /v1/items/lamp3)" '"id":"lamp3","title":"Desk lamp 3","brand":"Lux","category":"home > lamps","price":20,"stock":4,"attributes":{},"in_stock":true}'
claim "and not another" holds "$(ask /v1/items/lamp99)" '"status":404'

claim "puts a new one" holds "$(put new1 '{"title":"Brass desk lamp","brand":"Lux","category":"home > lamps","price":35.5,"stock":2,"attributes":{"colour":"gold","watts":[40,60.5],"dimmable":true}}')" '"id":"new1","put":true}'
claim "which is found at once" holds "$(ask '/v1/search?q=brass&filter=colour:gold+watts:60.5')" '"items":[{"id":"new1"'
claim "and told as it was put" holds "$(ask /v1/items/new1)" '"price":35.5,"stock":2,"attributes":{"colour":"gold","watts":["40","60.5"],"dimmable":"yes"},"in_stock":true}'
claim "and recommended to who likes lamps" holds "$(ask '/v1/recommend?user=u1&n=20')" '"title":"Brass desk lamp","reasons":[{"kind":"similar","item":"lamp'
claim "before shoes" lacks "$(ask '/v1/recommend?user=u1&n=20' | sed 's/"new1".*//')" '"id":"shoe'
claim "and to others after shoes" holds "$(ask '/v1/recommend?user=u0&n=40' | sed 's/"new1".*//')" '"id":"shoe'
claim "not where it is excluded" lacks "$(ask '/v1/recommend?user=u1&n=20&exclude=new1')" new1
claim "and similar to lamps" holds "$(ask '/v1/similar/new1?n=3')" '"items":[{"id":"lamp'

first=$(ask '/v1/recommend?user=u1&n=1' | sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/')
put "$first" '{"title":"Desk lamp of old","brand":"Lux","stock":0}' >put
claim "what is sold out is no more recommended" lacks "$(ask '/v1/recommend?user=u1&n=40')" "\"$first\""
claim "nor to strangers" lacks "$(ask '/v1/recommend?user=nobody&n=40')" "\"$first\""
claim "nor similar to anything" lacks "$(ask '/v1/similar/shoe1?n=40')" "\"$first\""
claim "nor found" holds "$(ask '/v1/search?q=old')" '"total":0'
claim "unless it is asked for" holds "$(ask '/v1/search?q=old&filter=stock:no')" "\"id\":\"$first\""
claim "and known" holds "$(ask "/v1/items/$first")" '"in_stock":false'
put "$first" '{"title":"Desk lamp of old","brand":"Lux","stock":true}' >put
claim "and is back with the next delivery" holds "$(ask '/v1/recommend?user=u1&n=1')" "\"id\":\"$first\""

claim "takes one away" equal "$(delete new1)" 200
claim "once" equal "$(delete new1)" 404
claim "which is not found then" holds "$(ask '/v1/search?q=brass')" '"total":0'
claim "nor recommended" lacks "$(ask '/v1/recommend?user=u1&n=40')" new1

claim "refuses a field by its name" holds "$(put x '{"titel":"A"}')" "there is no field 'titel'; did you mean 'title'?"
claim "and one without a title" holds "$(put x '{"brand":"A"}')" '"detail":"title must say something","field":"title"'
claim "and another id" holds "$(put x '{"id":"y","title":"A"}')" '"field":"id"'
claim "and a price that is none" holds "$(put x '{"title":"A","price":-1}')" '"field":"price"'
claim "and stock as an attribute" holds "$(put x '{"title":"A","attributes":{"stock":1}}')" 'is said by stock'
claim "and what is no JSON" holds "$(put x '{"title":"A"')" 'the body is no JSON'
claim "and nothing of it was put" holds "$(ask /v1/items/x)" '"status":404'

n=0
while [ $n -lt 30 ]; do
    put "p$n" "{\"title\":\"word$n thing\"}" >>puts
    ask "/v1/search?q=word$n" | sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/' >>found
    echo >>found
    n=$((n + 1))
done
claim "thirty products are found at once, each" equal "$(tr '\n' ' ' <found)" "$(seq -f 'p%g' 0 29 | tr '\n' ' ')"
stop_server KILL
start --model m.rk
claim "what was acknowledged outlives kill -9" holds "$(ask '/v1/search?q=thing')" '"total":30'
claim "and a reload" holds "$(curl -s -m 60 -X POST "$url/v1/admin/reload")" '"status":"reloaded"'
put late '{"title":"Late lamp","category":"home > lamps"}' >put
claim "behind which products are still put" holds "$(ask '/v1/search?q=late')" '"total":1'
claim "the description names the routes" holds "$(ask /openapi.json)" '"/v1/items/{id}":{"get":'
stop_server TERM

"$RECKON" index products.rk -o file.rk >/dev/null 2>>err
start_server "$RECKON" serve --search file.rk --port 0 --port-file port
claim "an index of a file takes no products" holds "$(put x '{"title":"A"}')" '"status":501'
