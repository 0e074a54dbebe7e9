#!/bin/sh
# A disk that is full under a running server: what is shown is answered and not logged, what was not written down is not
# done, nobody is called erased who is not; and all is well again by itself when there is room.
. "$RECKON_ROOT/tests/e2e/tap.sh"
. "$RECKON_ROOT/tests/e2e/server.sh"

if ! [ "$(id -u)" = 0 ] || ! mkdir small || ! mount -t tmpfs -o size=3m tmpfs small 2>/dev/null; then
    skip "a full disk under a server" "needs root and tmpfs"
    exit 0
fi
awk 'BEGIN { srand(7); for (u = 0; u < 100; u++) { line = "u" u; for (i = 0; i < 9; i++) line = line " i" int(rand() * rand() * 200); print line } }' >log.txt
{ "$RECKON" ingest --format lists log.txt -o d.rk && "$RECKON" train d.rk --model als --set factors=8 -o m.rk; } >/dev/null 2>err || { cat err; exit 1; }
printf 'scenes:\n  home: {sources: [{from: recommended}]}\n  other: {sources: [{from: popular}]}\n' >scenes.yaml
printf 'salt: s\nexperiments:\n  front: {scene: home, variants: [{name: control, scene: home}, {name: other, scene: other}]}\n' >experiments.yaml
configure() { # EVENTS EXPOSURES AUDIT
    printf 'model: m.rk\nscenes: scenes.yaml\nexperiments: experiments.yaml\nport: 0\nport_file: port\nevents: %s\nexposures: %s\naudit: %s\n' "$@" >shop.yaml
}
start() { start_server "$RECKON" serve shop.yaml; }
fill() { dd if=/dev/zero of=small/fill bs=64k 2>/dev/null; } # a file that grows may still have the rest of a page
make_room() { rm small/fill; }
metric() { curl -s -m 60 "$url/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
status() { curl -s -m 60 -o answer -w '%{http_code}' "$@"; }
shown() { status "$url/v1/recommend?user=u$1&scene=home&n=3"; }
send() { status "$url/v1/events" -d "{\"user\":\"$1\",\"item\":\"i3\"}"; }
erase() { status -X DELETE "$url/v1/users/$1"; }
of() { curl -s -m 60 "$url/v1/users/$1"; }
await() { # SECONDS METRIC AT_LEAST
    i=0
    while [ "$(metric "$2")" -lt "$3" ] && [ $i -lt $(($1 * 10)) ]; do sleep 0.1; i=$((i + 1)); done
    [ "$(metric "$2")" -ge "$3" ] || { echo "$2 is $(metric "$2")"; return 1; }
}
kept='reckon_exposures_total{outcome="kept"}' dropped='reckon_exposures_total{outcome="dropped"}'

# ---- everything on one disk ----
configure small/events small/exposures small/audit
start
claim "a server begins" test -s port
for user in ann bob; do send $user >/dev/null; done
shown 1 >/dev/null
claim "what is shown is logged" await 30 "$kept" 1
fill
while [ "$(send cem)" = 200 ]; do :; done # the rest of a page
claim "an event is refused" equal "$(send cem)" 503
claim "with a problem in words" holds "$(cat answer)" '"detail":"the events could not be kept: '
n=0
while [ "$(metric "$dropped")" = 0 ] && [ $n -lt 500 ]; do shown $((n % 100)) >/dev/null; n=$((n + 1)); done
claim "shoppers are answered" equal "$(shown 2)" 200
claim "what they are shown is dropped, and counted" await 30 "$dropped" 1
for user in 3 4 5; do shown $user >/dev/null && sleep 0.1; done
# Where a short record still finds room, they are kept again in between, and that is said as well.
still_dropped() { echo $(($(grep -c 'exposures are dropped' log) - $(grep -c 'exposures are kept again' log))); }
said_once() { grep -q 'exposures are dropped' log && { [ "$(still_dropped)" = 1 ] || [ "$(still_dropped)" = 0 ]; }; }
claim "and said once" said_once
claim "nobody is erased" equal "$(erase ann)" 503
claim "and nobody is called so" lacks "$(cat answer)" '"erased"'
claim "the audit log is not written, and said once" equal "$(grep -c "cannot write to the audit log 'small/audit'" log)" 1
claim "nor looked into" equal "$(status "$url/v1/users/ann")" 503
make_room
claim "events are taken again" equal "$(send cem)" 200
i=0
while [ "$(still_dropped)" != 0 ] && [ $i -lt 300 ]; do shown 7 >/dev/null && sleep 0.1 && i=$((i + 1)); done
claim "exposures are kept again" equal "$(still_dropped)" 0
claim "who was not erased is there" holds "$(of ann)" '"recent":["i3"],"events":[{"user":"ann"'
claim "and erased when it is asked again" equal "$(erase ann)" 200
claim "as the audit log says" holds "$(grep -c '"method":"DELETE","route":"/v1/users/{user}"' small/audit)" 2
claim "he is gone" sh -c "! grep -rq '\"ann\"' small"
stop_server

# ---- the log of events on a full disk, the audit log elsewhere: the list of who was erased cannot be written ----
configure small/events small/exposures audit
start
fill
claim "an erasure that cannot be noted fails" equal "$(erase bob)" 503
claim "and is not called done" lacks "$(of bob)" '"erased"'
claim "but asked" holds "$(of bob)" '"erasure_asked":"'
claim "what he did is still there" holds "$(of bob)" '"events":[{"user":"bob"'
make_room
claim "another's erasure" equal "$(erase cem)" 200
claim "does not make it done" lacks "$(of bob)" '"erased"'
claim "asked again it is done" equal "$(erase bob)" 200
claim "and said" holds "$(of bob)" '"erased":"'
claim "no byte of him is left" sh -c "! grep -rq '\"bob\"' small"
stop_server
start
claim "also after a restart" holds "$(of bob)" '"erased":"'
stop_server

# ---- the audit log alone on the full disk: events go on, an admin does nothing ----
configure events exposures small/audit
start
fill
while [ "$(metric reckon_audit_lost_total)" = 0 ]; do send dee >/dev/null; done # the rest of a page
while [ "$(status -X POST "$url/v1/admin/reload")" = 200 ]; do :; done
claim "events go on without their lines" equal "$(send dee)" 200
claim "a reload is refused" equal "$(status -X POST "$url/v1/admin/reload")" 503
claim "because of that" holds "$(cat answer)" 'nothing was done: the audit log cannot be written'
claim "an erasure, too" equal "$(erase dee)" 503
claim "whose lines are counted as lost" await 1 reckon_audit_lost_total 3
make_room
claim "he is still there" holds "$(of dee)" '"events":[{"user":"dee"'
claim "and erased when there is room" equal "$(erase dee)" 200
claim "the log says that lines are written again" holds "$(cat log)" 'lines can be written again'
stop_server
