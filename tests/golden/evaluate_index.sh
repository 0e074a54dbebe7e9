# Lists that an index finds are judged without auc; an index goes with one model, and with its own.
awk 'BEGIN { for (u = 0; u < 60; u++) { printf "u%d", u; for (i = 0; i < 6; i++) printf " i%d", (u * (i + 3) + i * i) % (9 + u % 25); print "" } }' >train.txt
awk 'BEGIN { for (u = 0; u < 60; u++) printf "u%d i%d i%d\n", u, (u * 3 + 8) % 29, u % 5 }' >test.txt
"$RECKON" ingest train.txt --format lists -o train.rk --robots 0 >/dev/null 2>&1
"$RECKON" ingest test.txt --format lists -o test.rk --robots 0 >/dev/null 2>&1
"$RECKON" train train.rk --model als --set factors=8 -o als.rk >/dev/null 2>&1
"$RECKON" train train.rk --model als --set factors=4 -o other.rk >/dev/null 2>&1
"$RECKON" index als.rk --kind flat -o flat.rk >/dev/null 2>&1
"$RECKON" evaluate als.rk --test test.rk -k 5 --json >whole 2>/dev/null
"$RECKON" evaluate als.rk --test test.rk -k 5 --json --index flat.rk >found 2>/dev/null
python3 -c 'import json
a, b = (json.load(open(f)) for f in ("whole", "found"))
print([k for k in a if k not in b], all(a[k] == b[k] for k in b if k != "seconds"))'
"$RECKON" evaluate other.rk --test test.rk --index flat.rk
echo "exit $?" >&2
"$RECKON" evaluate als.rk other.rk --test test.rk --index flat.rk
echo "exit $?" >&2
"$RECKON" evaluate als.rk --test test.rk --index test.rk
echo "exit $?" >&2
"$RECKON" measure --url http://127.0.0.1:1 --model als.rk --index flat.rk
