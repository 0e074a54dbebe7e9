# How many words an index keeps: by their share, by bytes, by judged questions.
awk 'BEGIN { print "id,title" >"products.csv"; print "query,docid,rating" >"ratings.csv"
    for (i = 1; i <= 24; i++) {
        print i ",thing" (i % 2 ? " odd" : " even") (i % 3 ? "" : " third") (i % 8 ? "" : " eighth") " model" i * 7 >"products.csv"
    }
    for (i = 1; i <= 24; i++) { if (i % 8 == 0) print "eighth," i ",1" >"ratings.csv"; if (i % 3 == 0) print "third," i ",1" >"ratings.csv" } }'
"$RECKON" ingest --catalogue products.csv -o p.rk >/dev/null
index() { "$RECKON" index p.rk --dictionary none -o s.rk "$@" | sed 's/ read in .*/ read in T/; s/"wall_s".*cpu_s":[0-9.e-]*/"wall_s":W,"cpu_s":C/'; }
index --vocabulary 0.4
index --vocabulary 1.0
index --vocabulary 0.1 --json
index --judgements ratings.csv
"$RECKON" search s.rk eighth --rank words --json | sed 's/.*"total":\([0-9]*\).*/total \1/'
index --judgements ratings.csv --keep 0.5 --json
try() { "$RECKON" index "$@" || echo "exit $?" >&2; }
try p.rk --vocabulary 0 -o x.rk
try p.rk --vocabulary 1.5 -o x.rk
try p.rk --vocabulary 12MB -o x.rk
try p.rk --vocabulary 0.5 --least-items 3 -o x.rk
try p.rk --judgements none.csv -o x.rk
try p.rk --vocabulary 0.1 --judgements ratings.csv -o x.rk
ls
