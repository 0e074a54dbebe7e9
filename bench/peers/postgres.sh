#!/bin/sh
# postgres.sh TITLES.csv QUESTIONS.txt [N]: PostgreSQL's full-text ranking on the files of titles.py (Debian: postgresql), one backend.
# A cluster of its own in a temporary folder, gone afterwards. The N first questions (default 40) of each kind, the ten best by
# ts_rank_cd with its own weight by length, once to warm up and once timed, by the server's clock around each. Questions a second of elapsed time.
set -eu
[ $# -ge 2 ] || {
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
}
titles=$(realpath "$1") questions=$(realpath "$2") n=${3:-40}
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
work=$(mktemp -d)
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
stop() {
    as "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
[ "$(id -u)" != 0 ] || chown postgres "$work"
as "$bin/initdb" -D "$work/data" -A trust >/dev/null
as "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" -o "-k $work -c listen_addresses= -c fsync=off -c shared_buffers=1GB \
    -c work_mem=64MB -c jit=off -c max_parallel_workers_per_gather=0 -c max_parallel_maintenance_workers=0 -c maintenance_work_mem=512MB" start >/dev/null
sql() { as "$bin/psql" -h "$work" -d postgres -qAtX "$@"; }

sql -c "create unlogged table titles (id int, title text, words tsvector generated always as (to_tsvector('english', title)) stored)"
began=$(date +%s.%N)
sql -c "\\copy titles (id, title) from stdin with (format csv, header)" <"$titles"
sql -c "create index on titles using gin (words)"
awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "indexed in %.1f s\n", b - a }'
sql -c "vacuum analyze titles"

# "any red shoes" to 'red | shoes'.
for kind in any all; do
    for words in 2 3; do
        awk -v kind="$kind" -v words="$words" -v n="$n" 'BEGIN { op = kind == "any" ? " | " : " & " }
            $1 == kind && NF == words + 1 && done++ < n {
                asked = $2
                for (i = 3; i <= NF; i++) asked = asked op $i
                print "select id from titles, to_tsquery(\x27english\x27, \x27" asked "\x27) q where words @@ q order by ts_rank_cd(words, q, 1) desc, id limit 10;"
            }' "$questions" >"$work/ask.sql"
        chmod 644 "$work/ask.sql"
        sql -o /dev/null -f - <"$work/ask.sql"
        began=$(date +%s.%N)
        sql -o /dev/null -f - <"$work/ask.sql"
        awk -v a="$began" -v b="$(date +%s.%N)" -v what="$kind of $words" -v n="$(wc -l <"$work/ask.sql")" \
            'BEGIN { printf "%s: %.1f questions/s\n", what, n / (b - a) }'
    done
done
