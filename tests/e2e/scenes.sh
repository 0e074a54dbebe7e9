#!/bin/sh
# The examples of docs/scenes.md, as they are printed there, over the bundled log and a catalogue made up for it.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"
mkdir bin && ln -s "$RECKON" bin/reckon && PATH="$work/bin:$PATH"
page=$RECKON_ROOT/docs/scenes.md

count() { [ "$(printf %s "$2" | grep -o '"id":' | wc -l)" = "$1" ] || { echo "not $1 items: $2"; return 1; }; }

# Of every product a brand, a category by its words and a stock, which is 0 for every seventh.
gzip -dc "$RECKON_ROOT/data/online_retail.csv.gz" | head -60000 >log.csv
reckon ingest log.csv -o log.rk >/dev/null 2>err || { cat err; exit 1; }
awk -F, 'BEGIN { print "id,title,brand,category,price,stock" }
    FNR > 1 && NF == 8 && !($2 in seen) && $3 !~ /"/ { seen[$2] = 1; n++
        c = $3 ~ /BAG/ ? "Bag" : $3 ~ /CARD/ ? "Card" : $3 ~ /CLOCK/ ? "Clock" : $3 ~ /CAKE/ ? "Cake" : "Other"
        print $2 "," $3 "," (n % 3 ? "Bolt" : "Acme") ",Home > " c "," $6 "," n % 7 }' log.csv >products.csv

sed -n '/^```yaml$/,/^```$/p' "$page" | grep -v '^```' >scenes.yaml
sed -n '/^```sh$/,/^```$/p' "$page" | grep '^reckon' | grep -v '^reckon serve' >commands
while read -r line; do
    claim "docs/scenes.md: $line" sh -c "$line" </dev/null
done <commands
serve=$(grep '^reckon serve' "$page" | sed 's/8080/0/')
start_server $serve --port-file port
claim "the scenes are served" test -s port
ask() { curl -s -m 60 "$url/v1/recommend?$1"; }

sed -n '/^```sh$/,/^```$/p' "$page" | grep '^curl' | sed "s|http://127.0.0.1:8080|$url|" >commands
while read -r line; do
    claim "docs/scenes.md: ${line##*recommend}" sh -c "$line | grep '\"scene\":.*\"id\":'" </dev/null
done <commands
home=$(ask 'user=17850&scene=home&n=9')
claim "as many as were asked for" count 9 "$home"
claim "a pin is told" holds "$home" '{"kind":"rule","rule":"launch","effect":"pin"}'
claim "a boost is told" holds "$home" '{"kind":"rule","rule":"own brand","effect":"boost"}'
claim "a basket says what goes with what" holds "$(ask 'user=1&scene=basket&basket=22423')" \
    '{"kind":"similar","item":"22423","model":"together"}'
claim "shares are told when asked for" holds "$(ask 'user=1&scene=product&item=22423&explain=1')" '"shares":[{"from":"similar"'
claim "an unknown scene is told" holds "$(ask 'user=1&scene=hoem')" '"detail":"no such scene '"'hoem'"'","field":"scene"'
claim "an item belongs to a scene" holds "$(ask 'user=1&item=22423')" '"detail":"item belongs to a scene","field":"item"'

printf 'scenes:\n  home:\n    sources: [{from: popular, day: 3}]\n' >scenes.yaml
claim "a reload refuses a mistake" holds "$(curl -s -X POST "$url/v1/admin/reload")" \
    "scenes.yaml:3:31: a source has no key 'day'; did you mean 'days'?"
claim "and the old scenes answer" count 3 "$(ask 'user=17850&scene=home&n=3')"
printf 'scenes:\n  home:\n    sources: [{from: popular, days: 3}]\n' >scenes.yaml
claim "a reload takes new scenes" holds "$(curl -s -X POST "$url/v1/admin/reload"; ask 'user=1&scene=basket')" "no such scene 'basket'"
stop_server
