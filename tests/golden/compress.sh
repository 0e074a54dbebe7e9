# Smaller forms of a model, and models that have none.
awk 'BEGIN { for (u = 0; u < 40; u++) { printf "u%d", u; for (i = 0; i < 5; i++) printf " i%d", (u * (i + 3) + i * i) % (6 + u % 25); print "" } }' >log.txt
"$RECKON" ingest log.txt --format lists -o log.rk --robots 0 >/dev/null 2>&1
"$RECKON" train log.rk --model popular -o popular.rk >/dev/null 2>&1
"$RECKON" train log.rk --model als --set factors=8 -o als.rk >/dev/null 2>&1
error='s/rms error .*/rms error E of V, largest L/; s/_error":[0-9.e-]*/_error":E/g; s/"rms_value":[0-9.e-]*/"rms_value":V/g; s/lost [0-9.e-]*/lost L/'
"$RECKON" compress --list
"$RECKON" compress als.rk --to fp16 -o fp16.rk | sed "$error"
"$RECKON" compress als.rk --to int4 -o int4.rk | sed "$error"
"$RECKON" compress als.rk --to int8 -o int8.rk --json | sed "$error"
"$RECKON" inspect int8.rk --verify | sed -n '/item.vector/p; /item.scale/p; /as it was written/p'
"$RECKON" train log.rk --model itemknn -o knn.rk >/dev/null 2>&1
"$RECKON" compress knn.rk --to 'prune(0.5)+int8' -o near.rk | sed "$error"
"$RECKON" inspect near.rk | sed -n '/^  near/p; /^    to/p'
"$RECKON" recommend near.rk --user u3 -n 3
"$RECKON" compress knn.rk --to 'catalogue(3,agree=0.9)+int8' -o shown.rk | sed "$error"
"$RECKON" inspect shown.rk | sed -n '/^  item.shown/p; /^  near/p'
"$RECKON" recommend shown.rk --user u3 -n 3
"$RECKON" compress als.rk --to 'factors(4)+int8' -o fewer.rk | sed "$error"
"$RECKON" compress als.rk --to 'int8+pq(4,rerank=15)' -o codes.rk | sed "$error"
"$RECKON" inspect codes.rk | sed -n '/^  item.vector/p; /^  ivf.code/p; /^  rerank/p'
"$RECKON" recommend codes.rk --user u3 -n 3
"$RECKON" compress knn.rk --to 'distil(4,epochs=2)' -o student.rk
"$RECKON" inspect student.rk | sed -n '/^  model/p; /^  dim/p; /^  encode/p; /^  item.vector/p'
"$RECKON" compress fp16.rk --to int8 -o twice.rk
echo "exit $?" >&2
"$RECKON" compress popular.rk --to int8 -o p8.rk
echo "exit $?" >&2
"$RECKON" compress log.rk --to int8 -o l8.rk
echo "exit $?" >&2
"$RECKON" compress als.rk --to in8 -o x.rk
echo "exit $?" >&2
"$RECKON" compress als.rk --to prune -o x.rk
echo "exit $?" >&2
"$RECKON" compress als.rk --to int8+hnsw -o x.rk
echo "exit $?" >&2
"$RECKON" compress als.rk --to 'int8(4' -o x.rk
echo "exit $?" >&2
"$RECKON" compress als.rk --to int8 --set clip=2 -o x.rk
echo "exit $?" >&2
"$RECKON" compress als.rk --to int8 -o nowhere/x.rk
echo "exit $?" >&2
ls -- *.rk
"$RECKON" compress als.rk --to int8
