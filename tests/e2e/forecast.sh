#!/bin/sh
# Forecasts of real traffic: NASA's web server in summer 1995. The file goes on by the minute, without the hours of an
# outage, so that the dates given here are only names, and the week changes its place on the way.
. "$RECKON_ROOT/tests/e2e/tap.sh"
rates=$SHARED_DATA/web-traffic/nasa_requests_per_minute.txt.gz
if [ ! -f "$rates" ]; then
    skip "forecasts of real traffic" "no $rates"
    exit 0
fi
gzip -dc "$rates" | awk '{ sum += $1 } NR % 1440 == 0 {
    day++
    printf("1995-%02d-%02d,%d\n", (day > 31 ? 8 : 7), (day > 31 ? day - 31 : day), sum)
    sum = 0
}' >days
days() { echo date,requests; sed -n "$1" days; }
days 1,44p >past.csv
days 45,58p >later.csv
forecast() { "$RECKON" forecast past.csv --horizon 14 --json "$@"; }
later_days_lie_inside() {
    python3 - <<'END'
import csv, json
later = {row["date"]: float(row["requests"]) for row in csv.DictReader(open("later.csv"))}
inside = {0.8: 0, 0.95: 0}
for day in json.load(open("day.json"))["days"]:
    for interval in day["intervals"]:
        inside[interval["level"]] += interval["low"] <= later[day["date"]] <= interval["high"]
assert inside[0.8] >= 9 and inside[0.95] >= 12, inside # of 14: fewer of independent days, once in 20
END
}
a_month_is_its_days() {
    python3 - <<'END'
import json
month, days = json.load(open("month.json"))["months"], json.load(open("day.json"))["days"]
assert [m["month"] for m in month] == ["1995-08"] and month[0]["days"] == 14, month
assert abs(month[0]["foretold"] - sum(day["foretold"] for day in days)) < 0.1, month
END
}
same_for_any_threads() {
    forecast --threads 1 >one && forecast --threads 3 >three && cmp one three
}
claim "two weeks are foretold by day" sh -c '"$RECKON" forecast past.csv --horizon 14 --by day --json >day.json'
claim "and by month" sh -c '"$RECKON" forecast past.csv --horizon 14 --json >month.json'
claim "most of the days that came lie inside their intervals" later_days_lie_inside
claim "a month is the sum of its days" a_month_is_its_days
claim "the number of threads changes nothing" same_for_any_threads
