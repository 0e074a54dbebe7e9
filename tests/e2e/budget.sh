#!/bin/sh
# Budgets from real traffic: two months of NASA's web server in 1995, and 22 days of a stream of posts in 2021. The rates
# go on by the minute, without the hours of an outage, so that the dates given here are only names.
. "$RECKON_ROOT/tests/e2e/tap.sh"
rates=$SHARED_DATA/web-traffic
if [ ! -d "$rates" ]; then
    skip "budgets from real traffic" "no $rates"
    exit 0
fi
# days FILE YEAR-MONTH: sums of 1,440 minutes, named from the first of the month on.
days() {
    gzip -dc "$rates/$1" | awk -v month="$2" '
    BEGIN { split("31 28 31 30 31 30 31 31 30 31 30 31", length_of); year = substr(month, 1, 4) + 0; m = substr(month, 6) + 0; print "date,requests" }
    { sum += $1 }
    NR % 1440 == 0 {
        printf("%04d-%02d-%02d,%d\n", year, m, ++day, sum)
        sum = 0
        if (day == length_of[m]) { day = 0; m++ }
    }'
}
plan() {
    cat <<END
reckon: plan/1
name: real traffic
currency: USD
start: $1
months: $2
prices: [{currency: USD, prices: {small: {kind: machine, hour: {on_demand: 0.05}}, out: {kind: rate, unit: GB, price: 0.09}}}]
services:
  web: {product_line: search, traffic: {requests_per_day: 1}, capacity: {rps: 2}, response_bytes: 20000, fleet: {machine: small, utilisation: 0.6}}
elements:
  - {name: out, category: hardware, layer: service, service: web, use: out, per: response_gb}
END
}
days nasa_requests_per_minute.txt.gz 1995-07 >nasa.csv
plan 1995-07 2 >nasa.yaml
head -45 nasa.csv >nasa_past.csv
budget() { "$RECKON" cost plan "$@"; }

what_came_lies_inside() {
    budget nasa.yaml nasa_past.csv --json >past.json && python3 - <<'END'
import csv, json
came = sum(float(r["requests"]) for r in csv.DictReader(open("nasa.csv")) if r["date"].startswith("1995-08"))
last = len([r for r in csv.DictReader(open("nasa.csv"))])
july, august = json.load(open("past.json"))["months"]
assert july["requests"]["low"] == july["requests"]["high"], july
# the rates end on 27 August: the four days beyond are foretold in both
daily = (august["requests"]["point"] - sum(float(r["requests"]) for r in csv.DictReader(open("nasa_past.csv"))
         if r["date"].startswith("1995-08"))) / 18
came += (62 - last) * daily
assert august["requests"]["low"] < came < august["requests"]["high"], (august, came)
END
}
by_hand() {
    budget nasa.yaml nasa.csv --json >all.json || return 1
    months=$(python3 -c 'import json; print(json.load(open("all.json"))["services"][0]["set"]["high"])')
    week=$(python3 -c 'import json; print(json.load(open("all.json"))["services"][0]["set"]["weekdays"])')
    "$RECKON" cost statement nasa.yaml --set "$months" --set "$week" --json >hand.json &&
        holds hand.json "d['total'] == json.load(open('all.json'))['total']['cost']['high']"
}
same_for_any_threads() {
    budget nasa.yaml nasa.csv --json --threads 1 >one && budget nasa.yaml nasa.csv --json --threads 3 >three && cmp one three
}
says_it_is_short() {
    days twitter_trace_requests_per_minute.txt.gz 2021-08 >posts.csv
    plan 2021-08 12 >posts.yaml
    budget posts.yaml posts.csv >posts.txt && grep -q 'expect fewer than 80 of 100' posts.txt &&
        grep -q 'days are foretold from 21' posts.txt
}
adds_up() {
    holds all.json 'all(sum(m[key][end] for m in d["months"]) == d["total"][key][end]
        for key in ("requests", "cost") for end in ("low", "point", "high"))'
}
claim "the month that came lies inside the interval of its forecast" what_came_lies_inside
claim "a forecast can be had again by hand, to the millionth" by_hand
claim "months add up to the total" adds_up
claim "the number of threads changes nothing" same_for_any_threads
claim "three weeks for a year are told to be short" says_it_is_short
