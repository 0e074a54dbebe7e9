# Items that nobody had taken: a model of what is taken cannot find them, one of what they are can, and that is shown.
awk 'BEGIN { split("teapot lantern ribbon basket", thing); print "id,title,category"
    for (i = 0; i < 40; i++) printf "i%d,%s number %d,%s\n", i, thing[i % 4 + 1], i, thing[i % 4 + 1] }' >items.csv
awk 'BEGIN { print "user,item,time"
    for (u = 0; u < 60; u++) for (n = 0; n < 3 + u % 3; n++) printf "u%d,i%d,%d\n", u, u % 4 + 4 * int((int(u / 4) + n) % 8 * (1 + u % 5) / 5), 1000 + 10 * n
    for (u = 0; u < 60; u++) printf "u%d,i%d,9000\nu%d,i%d,9001\n", u, 32 + u % 4, u, u % 4 + 4 * ((u * 5 + 1) % 8) }' >log.csv
"$RECKON" ingest log.csv -o log.rk --robots 0 >/dev/null 2>&1
"$RECKON" ingest --catalogue items.csv --into log.rk -o shop.rk >/dev/null 2>&1
"$RECKON" split shop.rk --by time --test 0.28 --keep-cold -o train.rk --test-out test.rk >/dev/null
"$RECKON" train train.rk --model popular -o popular.rk >/dev/null 2>&1
"$RECKON" train train.rk --model content --set common=0.5 -o content.rk >/dev/null 2>&1
for model in popular content; do
    echo "$model"
    "$RECKON" evaluate $model.rk --test test.rk -k 5 --by popularity | sed -n '/by popularity/,/^$/p'
done
"$RECKON" evaluate popular.rk content.rk --test test.rk -k 5 --metric recall@5
