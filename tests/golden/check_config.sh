# A server's configuration tried without serving: a sound one, and one with everything wrong at once.
exec 2>&1
check() { "$RECKON" check-config "$@" || echo "exit $?"; }
awk 'BEGIN { for (u = 0; u < 20; u++) print "u" u " i" u % 7 " i" u % 5 + 7 " i" u % 3 }' >log.txt
"$RECKON" ingest --format lists log.txt -o d.rk >/dev/null 2>&1
"$RECKON" train d.rk --model als --set factors=4 --seed 1 -o m.rk >/dev/null 2>&1
"$RECKON" train d.rk --model als --set factors=4 --seed 2 -o other.rk >/dev/null 2>&1
"$RECKON" index other.rk -o other.index.rk >/dev/null 2>&1
printf -- '- {user: u1}\n- {similar: i1, at_least: 3}\n' >golden.yaml
printf 'model: m.rk\ndata: d.rk\ngolden: golden.yaml\nevents: log\nport: 0\nthreads: 2\n' >sound.yaml
check sound.yaml | sed 's/als-[0-9a-f]*/als-HASH/'
printf -- '- {user: u1, expect: [nonsense]}\n' >golden.yaml
check sound.yaml | sed 's/als-[0-9a-f]*/als-HASH/'
printf 'id,title\ni1,Red tea pot\n' >products.csv
{ "$RECKON" live shop.live create && "$RECKON" live shop.live put products.csv; } >/dev/null 2>&1
printf 'model: m.rk\nsearch: shop.live\nscenes: scenes.yaml\n' >live.yaml
printf 'scenes: {home: {sources: [{from: recommended}]}}\n' >scenes.yaml
check live.yaml | sed 's/-[0-9a-f]\{4\}$/-HASH/'
echo "# everything wrong"
printf 'model: m.rk\nprot: 80\nport: 70000\nindex: other.index.rk\nsearch: missing.rk\nscenes: scenes.yaml\nrates: d.rk\nkeys: missing.yaml\naddress: nowhere\nevents: m.rk\nport_file: no/port\nwatch: perhaps\nsources: sources.yaml\npseudonyms: scenes.yaml\naudit: no/audit\ncors: [shop.example]\ntrusted_proxies: [10.0.0.0/8, 10.0.0.0/33]\n' >wrong.yaml
printf 'nonsense: 1\n' >scenes.yaml
printf "sources: [{name: a b}]\n" >sources.yaml
check wrong.yaml | sed 's/als-[0-9a-f]*/als-HASH/'
echo "# no map, no file, and for machines"
printf -- '- 1\n' >list.yaml
check list.yaml
check missing.yaml
check sound.yaml --json | sed 's/als-[0-9a-f]*/als-HASH/g'
ls log 2>/dev/null || echo "no log was made"
