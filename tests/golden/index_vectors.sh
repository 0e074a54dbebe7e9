# An index of a model's vectors: what it finds is what the model finds, filtered or not; and it goes with that model only.
"$RECKON" synth --users 300 --items 400 --events 6000 --seed 3 -o d.rk >/dev/null 2>&1
"$RECKON" train d.rk --model als --set factors=16 --set iterations=3 --seed 1 -o m.rk >/dev/null 2>&1
"$RECKON" train d.rk --model als --set factors=16 --set iterations=2 --seed 1 -o other.rk >/dev/null 2>&1
"$RECKON" train d.rk --model popular -o popular.rk >/dev/null 2>&1
rates() { sed -E 's/^(items like an item: [a-z]+),.*/\1 .../; s/^(flat|ivf|hnsw) .*/\1 .../; s/^(index) .*/\1 .../; /^─/d'; }
"$RECKON" index m.rk -o i.rk | rates
"$RECKON" index m.rk --kind ivf --set lists=8 --recall 1 -o ivf.rk | rates
for user in 1 7 30; do
    for index in i.rk ivf.rk; do
        for filter in "" "--exclude i1,i2,i3,i4,i5,i6,i7,i8"; do
            # shellcheck disable=SC2086
            "$RECKON" recommend m.rk --user u$user $filter -n 8 >all
            # shellcheck disable=SC2086
            "$RECKON" recommend m.rk --user u$user $filter -n 8 --index $index | cmp - all && echo "same for $user by $index"
        done
    done
done
"$RECKON" compress m.rk --to int8 -o m8.rk >/dev/null
"$RECKON" index m8.rk --kind flat --recall 1 -o i8.rk >/dev/null
"$RECKON" index m.rk --bare -o bare.rk | rates
for item in i1 i40 i250; do
    for pair in m.rk:i.rk m8.rk:i8.rk m.rk:bare.rk; do
        "$RECKON" similar "${pair%:*}" --item $item -n 8 >all
        "$RECKON" similar "${pair%:*}" --item $item -n 8 --index "${pair#*:}" | cmp - all && echo "alike to $item by ${pair#*:}"
    done
done
"$RECKON" recommend other.rk --user u1 --index i.rk || echo "exit $?"
"$RECKON" recommend m.rk --user u1 --index d.rk || echo "exit $?"
"$RECKON" recommend m.rk --all --index i.rk || echo "exit $?"
"$RECKON" index popular.rk -o p.rk || echo "exit $?"
"$RECKON" index m.rk --kind ivff -o p.rk || echo "exit $?"
"$RECKON" index m.rk --set lists=5 -o p.rk || echo "exit $?"
"$RECKON" index m.rk || echo "exit $?"
"$RECKON" index m.rk --json -o i.rk | sed -E 's/"(queries_per_s|build_s|wall_s|cpu_s)":[0-9.e-]+/"\1":N/g'
