#!/bin/sh
# The examples of docs/experiments.md, over a server that deals out a few hundred made-up users, and what they do.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"
mkdir bin && ln -s "$RECKON" bin/reckon && PATH="$work/bin:$PATH"
ln -s "$RECKON_ROOT/examples" examples
page=$RECKON_ROOT/docs/experiments.md


awk 'BEGIN { srand(7); for (u = 0; u < 200; u++) { line = "u" u; for (i = 0; i < 12; i++) line = line " i" int(rand() * rand() * 300); print line } }' >log.txt
{ "$RECKON" ingest --format lists log.txt -o shop.rk && "$RECKON" train shop.rk --model als --set factors=8 -o als.rk; } >/dev/null 2>err ||
    { cat err; exit 1; }
cat >scenes.yaml <<'YAML'
scenes:
  home: {sources: [{from: recommended}], explore: {share: 0.5, place: 1, among: 5}}
  home-diverse: {sources: [{from: recommended}, {from: popular}], diversify: {mmr: 0.6}}
  product: {sources: [{from: similar}]}
  product-2: {sources: [{from: similar}, {from: popular, weight: 2}]}
YAML
sed -n '/^```yaml$/,/^```$/p' "$page" | grep -v '^```' >experiments.yaml
serve=$(grep '^reckon serve' "$page" | sed 's/8080/0/')
start() { start_server $serve --port-file port; }
start
claim "experiments are served" test -s port
# Every user asks twice; a line each.
ask_all() { curl -s -m 60 -w '\n' "$url/v1/recommend?user=u[0-199]&scene=$1&item=i3&n=5"; }
ask_all home >home1
ask_all home >home2
ask_all product >product
users() { grep -c "$1" home1; }
claim "half of the users take part" sh -c "test $(users '"experiment":{"name":"front-page"') -gt 70 && test $(users '"experiment"') -lt 130"
claim "both variants are shown" sh -c "test $(users '"variant":"control"') -gt 20 && test $(users '"variant":"diverse"') -gt 20"
variants() { sed 's/.*"experiment"/"experiment"/; s/^{.*/none/' "$1"; }
variants home1 >who1
variants home2 >who2
claim "users stay where they are" cmp who1 who2
claim "an interleaving says whose items they are" holds "$(head -1 product)" '"experiment":{"name":"product-page","kind":"interleave"}'
claim "each item has its team" sh -c "test $(head -1 product | grep -o '"team":"[a-z]*"' | wc -l) = 5"
# Who was shown the diverse list buys something; everybody clicks what is first.
awk '{ if (/"variant":"diverse"/ || NR % 4 == 0) printf "{\"user\":\"u%d\",\"item\":\"i9\",\"type\":\"purchase\",\"price\":10}\n", NR - 1 }' home1 >deeds
awk '{ split($0, part, "\"id\":\""); split(part[2], id, "\""); printf "{\"user\":\"u%d\",\"item\":\"%s\",\"type\":\"click\"}\n", NR - 1, id[1] }' product >>deeds
claim "what they do is kept" holds "$(curl -s --data-binary @deeds "$url/v1/events")" '"accepted":'
claim "exposures are counted" holds "$(curl -s "$url/metrics")" 'reckon_exposures_total{outcome="dropped"} 0'
stop_server

sed -n '/^```sh$/,/^```$/p' "$page" | grep '^reckon' | grep -v '^reckon serve' >commands
while read -r line; do
    claim "docs/experiments.md: $line" sh -c "$line" </dev/null
done <commands
report=$(reckon experiment events -x front-page --rates card.json --margin 0.3)
claim "the report ends in a sentence" holds "$report" 'diverse brings '
claim "net of its cost" holds "$report" ' after its cost'
json=$(reckon experiment events -x front-page --cost control=1 --cost diverse=2 --json)
claim "costs are those given" holds "$json" '"cost_per_1000_answers":2,'
claim "all of the diverse convert" holds "$json" '"conversion":{"value":1,'
guess=$(reckon experiment events --what-if home-diverse --scenes scenes.yaml --model als.rk --data shop.rk --json)
claim "a what-if estimates" holds "$guess" '"what_if":"home-diverse","shown":"home","reward":"clicks"'
own=$(reckon experiment events --what-if home --scenes scenes.yaml --model als.rk --data shop.rk --json)
claim "a scene that was shown always has a choice" holds "$own" '"unsupported_answers":0,'
# Of what was drawn only the scene's own first choice had the chance 1 - 0.5 + 0.5 / 5.
claim "and it is the one that the server made" holds "$own" '"largest_weight":1.66666667,'
claim "an interleaving ends in a preference" holds "$(reckon experiment events -x product-page)" 'is preferred by '
start
ask_all home >home3
variants home3 >who3
claim "users stay where they are over a restart" cmp who1 who3
stop_server

claim "the log holds several experiments, such as 'front-page' and 'product-page'; say which" fails 2 'the log holds several experiments, such as .*; say which' reckon experiment events
claim "the log holds no exposures of the experiment 'frontpage'" fails 3 "the log holds no exposures of the experiment 'frontpage'" reckon experiment events -x frontpage
claim "no variant 'contrl' in the log" fails 3 "no variant 'contrl' in the log" reckon experiment events -x front-page --control contrl
claim "a cost looks like VARIANT=0.12, got 'control'" fails 2 "a cost looks like VARIANT=0.12, got 'control'" reckon experiment events -x front-page --cost control
claim "there is no cost of the variant 'diverse'" fails 2 "there is no cost of the variant 'diverse'" reckon experiment events -x front-page --cost control=1
claim "a what-if says which scene" fails 3 "scenes.yaml has no scene 'hom'" reckon experiment events --what-if hom --scenes scenes.yaml --model als.rk
claim "a what-if needs a model" fails 2 "--what-if needs --scenes S.yaml and --model M.rk" reckon experiment events --what-if home
sed 's/scene: home-diverse/scene: home-divers/' experiments.yaml >wrong.yaml
claim "wrong.yaml:10:32: there is no scene 'home-divers'" fails 3 "wrong.yaml:10:32: there is no scene 'home-divers'" reckon serve --model als.rk --scenes scenes.yaml --experiments wrong.yaml --events events
