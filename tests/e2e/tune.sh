#!/bin/sh
# A study is killed, run again and extended, and comes out as if nothing had been; nobody else writes to it meanwhile.
. "$RECKON_ROOT/tests/e2e/tap.sh"

awk 'BEGIN { srand(4); for (u = 0; u < 6000; u++) { printf "u%d", u; for (i = 0; i < 20; i++) printf " i%d", (u % 40) * 50 + int(rand() * rand() * 400); print "" } }' >log.txt
"$RECKON" ingest log.txt --format lists --robots 0 -o log.rk 2>/dev/null >&2
tune() { "$RECKON" tune log.rk --model als --set factors=12 --metric ndcg@10 "$@"; }
without_times() { cut -d, -f1-6,9- "$1"; }
content() { "$RECKON" inspect "$1" | sed -n '1s/.*content //p'; }

kill_in_the_midst() { # after the third trial, with the fourth on its way
    "$RECKON" tune log.rk --model als --set factors=12 --metric ndcg@10 --budget 8 --study s.db -o best.rk >out 2>err &
    pid=$!
    tries=0
    until grep -q "trial 3" err; do
        kill -0 "$pid" && [ "$tries" -lt 600 ] || { cat err; return 1; }
        tries=$((tries + 1))
        sleep 0.1
    done
    kill -STOP "$pid"
    fails 1 "'s.db' is being written by another run" tune --budget 8 --study s.db || return 1
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    [ ! -e best.rk ] && [ ! -s out ]
}
same_as_whole() {
    without_times whole.csv >a
    without_times s.csv >b
    diff a b && [ "$(content whole.rk)" = "$(content best.rk)" ]
}
goes_on() { # at least the three that were told are not made again
    tune --budget 8 --study s.db --csv s.csv -o best.rk --json >s.json 2>err && holds s.json "1 <= d['new_trials'] <= 5"
}

claim "a study can be killed in the midst, and nobody else writes to it meanwhile" kill_in_the_midst
claim "the next run goes on from what it had" goes_on
claim "an uninterrupted study runs" sh -c '"$RECKON" tune log.rk --model als --set factors=12 --metric ndcg@10 --budget 8 --csv whole.csv -o whole.rk >/dev/null 2>&1'
claim "both have the same trials and the same model, bit for bit" same_as_whole
claim "a study that is done answers without a trial" sh -c '"$RECKON" tune log.rk --model als --set factors=12 --metric ndcg@10 --budget 8 --study s.db --json 2>/dev/null >again.json'
claim "... and says so" holds again.json "d['new_trials'] == 0 and d['leaderboard'][0]['trials'] == 8"
claim "nothing is left beside the results" sh -c 'ls | grep -E "tuning|-wal|-shm|tmp" && exit 1 || exit 0'
claim "the winner is no worse than the default" \
    python3 -c 'import csv; r = list(csv.DictReader(open("s.csv"))); v = [float(x["ndcg@10"]) for x in r]; assert len(r) == 8 and max(v) >= v[0]; assert set(r[0]) >= {"lambda", "exponent", "unobserved", "error"}'
claim "the model says how its settings were found" sh -c '"$RECKON" inspect best.rk | grep -A8 "^  study" | grep -q "metric *ndcg@10"'
claim "four trials at a time are the same trials on one thread and on four" sh -c '
    for n in 1 4; do
        "$RECKON" tune log.rk --model als --set factors=12 --metric ndcg@10 --budget 8 --parallel 4 --threads $n --csv $n.csv >/dev/null 2>&1 || exit 1
        cut -d, -f1-6,9- $n.csv >$n
    done
    diff 1 4'
claim "the trials can be read by any SQLite" python3 -c '
import sqlite3
db = sqlite3.connect("s.db")
assert db.execute("SELECT count(*) FROM trials WHERE error IS NULL").fetchone()[0] == 8
assert db.execute("SELECT count(*) FROM settings WHERE name = ?", ("lambda",)).fetchone()[0] == 8'
