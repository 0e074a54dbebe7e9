#!/bin/sh
# wrk.sh MODEL.rk [INDEX.rk] - processor time of the server for a request, as reckon measure tells it and as wrk's count of answers gives it, in turns.
# wrk (Debian: wrk) is a closed loop: 32 connections, each busy all the time. reckon measure asks by the clock, so it is given a tenth more than wrk was
# answered: then its 32 connections are busy all the time, too. Beside it 0.9 and 0.3 of that: a server with less to do wakes up for each request.
# Both ask for the same users' lists of 20. Medians of ROUNDS (5) of SECONDS_EACH (4); status 1 when the full loads differ by more than 10 %.
# SERVER, LOAD: put before the server and before either load, such as 'taskset -c 0'.
set -eu
[ $# -ge 1 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
command -v wrk >/dev/null || { echo "wrk.sh: wrk is not installed: apt-get install wrk" >&2; exit 1; }
root=$(cd "$(dirname "$0")/../.." && pwd)
reckon=${RECKON:-$root/build/reckon} model=$1 index=${2:-}
seconds=${SECONDS_EACH:-4} rounds=${ROUNDS:-5}
work=$(mktemp -d) server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$reckon" recommend "$model" --all -n 1 -o "$work/lists.csv" 2>/dev/null
awk -F, 'NR > 1 { print "/v1/recommend?n=20&user=" $1 } NR > 997 { exit }' "$work/lists.csv" >"$work/paths"
cat >"$work/ask.lua" <<L
local paths, at = {}, 0
for line in io.lines("$work/paths") do paths[#paths + 1] = line end
request = function()
    at = at % #paths + 1
    return wrk.format("GET", paths[at])
end
done = function(summary)
    local e = summary.errors
    io.write(string.format("answers %d wrong %d\n", summary.requests, e.status + e.connect + e.read + e.write + e.timeout))
end
L
# shellcheck disable=SC2086
${SERVER:-} "$reckon" serve --model "$model" ${index:+--index "$index"} --threads 1 --cache-bytes 0 --port 0 --port-file "$work/port" 2>"$work/log" &
server=$!
while [ ! -s "$work/port" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.05
done
url=http://127.0.0.1:$(cat "$work/port")
hertz=$(getconf CLK_TCK)
cpu_ms() { awk -v hertz="$hertz" '{ print ($14 + $15) * 1000 / hertz }' "/proc/$server/stat"; } # the kernel's account of the process

# by_wrk: "milliseconds answers-a-second".
by_wrk() {
    before=$(cpu_ms)
    # shellcheck disable=SC2086
    ${LOAD:-} wrk -t 1 -c 32 -d "${seconds}s" -s "$work/ask.lua" "$url" >"$work/wrk"
    after=$(cpu_ms)
    n=$(sed -n 's/^answers \([0-9]*\) wrong 0$/\1/p' "$work/wrk")
    awk "BEGIN { printf \"%.4f %.0f\n\", ($after - $before) / ${n:?wrk saw wrong answers}, $n / $seconds }"
}
# by_measure RATE: the same two, as reckon measure tells them.
by_measure() {
    # shellcheck disable=SC2086
    ${LOAD:-} "$reckon" measure --url "$url" --paths "$work/paths" --rate "$1" --seconds "$seconds" --every "$seconds" --json >"$work/profile" 2>/dev/null
    sed 's/.*"points":\[{"offered_rps":[^,]*,"achieved_rps":\([0-9.]*\).*\],"parts".*/\1/' "$work/profile" >"$work/rate"
    sed 's/.*"points":\[{[^]]*"cpu_ms_per_request":\([0-9.]*\).*\],"parts".*/\1/' "$work/profile" | paste -d ' ' - "$work/rate"
}

full=$(by_wrk | cut -d ' ' -f 2) # and warm
i=0
while [ $i -lt "$rounds" ]; do
    by_wrk >>"$work/of_wrk"
    for share in 1.1 0.9 0.3; do by_measure "$(awk "BEGIN { print $share * $full }")" >>"$work/of_$share"; done
    i=$((i + 1))
done
median() { cut -d ' ' -f "$2" "$work/of_$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
theirs=$(median wrk 1)
printf '| load | answered a second | processor ms a request | beside wrk |\n|---|---:|---:|---:|\n'
row() { awk "BEGIN { printf \"| %s | %.0f | %.4f | %+.1f %% |\n\", \"$2\", $(median "$1" 2), $(median "$1" 1), 100 * ($(median "$1" 1) / $theirs - 1) }"; }
row wrk 'wrk, closed loop'
for share in 1.1 0.9 0.3; do row $share "reckon measure, $share of wrk's rate"; done
awk "BEGIN { d = $(median 1.1 1) / $theirs - 1; exit d > 0.1 || d < -0.1 }" || { echo "wrk.sh: the full loads differ by more than 10 %" >&2; exit 1; }
