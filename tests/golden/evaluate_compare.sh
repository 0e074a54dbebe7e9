# Models judged on the same users: what differs, by how much, and whether that could be chance.
awk 'BEGIN { print "user,item,time"
    for (u = 0; u < 200; u++) for (i = 0; i < 12; i++) { day = (u + i * 5) % 30
        printf "u%d,i%d,%d\n", u, day * 2 + (u * 7 + i * i * 3) % 9, day * 86400 + u * 60 + i } }' >log.csv
"$RECKON" ingest log.csv -o log.rk --robots 0 >/dev/null 2>&1
"$RECKON" split log.rk --by time --test 0.1 -o train.rk --test-out test.rk >/dev/null 2>&1
"$RECKON" train train.rk --model popular -o ever.rk >/dev/null 2>&1
"$RECKON" train train.rk --model popular --set window=3 -o lately.rk >/dev/null 2>&1
cp lately.rk same.rk
"$RECKON" evaluate ever.rk lately.rk same.rk --test test.rk -k 5
echo
"$RECKON" evaluate lately.rk same.rk --test test.rk -k 5 --metric ndcg@5,recall@10
# A model of half the users, and not all items, is asked what both know.
awk -F, 'NR == 1 || ($3 < 27 * 86400 && substr($1, 2) + 0 < 100 && $2 != "i58")' log.csv >half.csv
"$RECKON" ingest half.csv -o half.rk --robots 0 >/dev/null 2>&1
"$RECKON" train half.rk --model popular -o half-popular.rk >/dev/null 2>&1
"$RECKON" evaluate ever.rk half-popular.rk --test test.rk -k 2 --json |
    python3 -c '
import json, sys
d = json.load(sys.stdin)
c = d["comparisons"][0]
print(sorted(d), sorted(c))
print([(m["path"], m["users"], m["unknown_users"]) for m in d["models"]], c["users"], c["flips"])
n = c["difference"]
print(c["headline"], n["ndcg@2_verdict"], c["verdict"], sorted(k for k in n if k.startswith("ndcg")))
print(c["words"])'
"$RECKON" train log.rk --model popular -o all.rk >/dev/null 2>&1
"$RECKON" evaluate ever.rk all.rk --test test.rk --drop-repeats
echo "exit $?" >&2
"$RECKON" evaluate ever.rk lately.rk a b c d e f g --test test.rk
echo "exit $?" >&2
"$RECKON" evaluate ever.rk --test test.rk --metric ndcg@5
echo "exit $?" >&2
"$RECKON" evaluate ever.rk same.rk --test test.rk --metric ndgc@5
echo "exit $?" >&2
"$RECKON" evaluate ever.rk same.rk --test test.rk --metric rmse
echo "exit $?" >&2
"$RECKON" evaluate ever.rk missing.rk --test test.rk
