#!/bin/sh
# A flood of new users and new products, far above what is agreed: memory stays below the bound of docs/operations.md, what
# is too much is refused in words or kept in the log alone, and questions are answered meanwhile and afterwards.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"

awk 'BEGIN { srand(7); for (u = 0; u < 100; u++) { line = "u" u; for (i = 0; i < 9; i++) line = line " i" int(rand() * rand() * 200); print line } }' >log.txt
{ "$RECKON" ingest --format lists log.txt -o d.rk && "$RECKON" train d.rk --model als --set factors=8 -o m.rk && "$RECKON" live shop create; } >/dev/null 2>err || { cat err; exit 1; }
printf 'model: m.rk\nsearch: shop\nevents: events\nport: 0\nport_file: port\nthreads: 2\nrecent_max: 2000\nitems_max: 300\ncache_bytes: 1048576\n' >shop.yaml
start_server "$RECKON" serve shop.yaml
claim "a server begins" test -s port
python3 -B "$RECKON_ROOT/tests/e2e/flood.py" "$url" "$server" 2000 300 1048576 >flood.out 2>&1
while IFS= read -r line; do
    words=${line#* }
    [ "${line%% *}" = ok ] && claim "$words" true || claim "${words%%: *}" sh -c 'echo "$1"; false' - "$line"
done <flood.out
stop_server
