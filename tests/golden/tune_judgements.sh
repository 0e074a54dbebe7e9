# The settings of an index by judged queries: who asks for a maker wants what it makes, not what is filed under its name.
awk 'BEGIN { split("amber birch cedar dahlia elm fir ginkgo hazel iris jasmine kelp larch", name)
    print "id,title,brand,category" >"products.csv"
    print "query,docid,rating" >"ratings.csv"
    for (i = 1; i <= 12; i++) {
        print "filed" i ",Thing " i ",Other," name[i] >"products.csv"
        print "made" i ",Thing " i "," name[i] ",Other" >"products.csv"
        print name[i] ",made" i ",1" >"ratings.csv"
    } }'
"$RECKON" ingest --catalogue products.csv -o p.rk >/dev/null
"$RECKON" tune p.rk --judgements ratings.csv --space brand=0.05..2 --space category=0.05..2 --budget 8 --rank-output w.rk -o best.rk
"$RECKON" search best.rk birch --json | sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/'
"$RECKON" judge best.rk ratings.csv --json | sed 's/,.*//'
"$RECKON" tune p.rk --judgements ratings.csv --set brand=0.3 --space tie=0..1 --budget 2 --folds 3 --json | sed 's/"seconds":[^}]*/"seconds":S/'
"$RECKON" search best.rk birch --rank w.rk --json | sed 's/.*"items":\[{"id":"\([^"]*\)".*/\1/'
try() { "$RECKON" tune "$@" || echo "exit $?" >&2; }
try p.rk --judgements ratings.csv --space brnd=1..2
try p.rk --judgements ratings.csv --set k1=-1
try p.rk --judgements ratings.csv --set k1=1 --space k1=1..2
try p.rk --judgements ratings.csv --model als
try p.rk --judgements ratings.csv --rank-output w.rk
try p.rk --judgements ratings.csv --folds 50 --budget 1
try p.rk --judgements none.csv
try p.rk --rank-output w.rk --model als
