# A budget from a history: events taken out and put back, known days, growth that goes on, against the budget, and what is refused.
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml .
cat >plan.yaml <<'PLAN'
reckon: plan/1
name: kiosk
currency: USD
start: 2026-06
months: 6
prices: [book.yaml]
budget: {per_month: 700, months: {2026-11: 900}}
services:
  web:
    product_line: search
    traffic: {requests_per_day: 86400, events: [{name: sale, from: 2025-11-11, factor: 6}, {name: sale, from: 2026-11-11, factor: 6}]}
    capacity: {rps: 2}
    response_bytes: 1000
    fleet: {machine: small, utilisation: 0.5}
elements:
  - {name: out, category: hardware, layer: service, service: web, use: disk, per: response_gb, quantity: 4}
PLAN
# history FIRST DAYS START GROWTH: busy from Monday to Friday, uneven by whole numbers alone, so that every machine has the same.
history() {
    awk -v first="$1" -v days="$2" -v start="$3" -v growth="$4" 'BEGIN {
        split("31 28 31 30 31 30 31 31 30 31 30 31", length_of); year = substr(first, 1, 4); month = substr(first, 6, 2) + 0
        day = substr(first, 9, 2) + 0; print "date,requests"
        for (i = 0; i < days; i++) {
            sale = year == 2025 && month == 11 && day == 11 ? 6 : 1
            printf "%04d-%02d-%02d,%d\n", year, month, day, sale * (start + growth * i + (i % 7 < 5 ? 6000 : -15000) + 20 * (i * 7919 % 101 - 50))
            if (++day > length_of[month]) { day = 1; if (++month > 12) { month = 1; year++ } }
        }
    }'
}
exec 2>&1
plan() {
    echo "# cost plan $*"
    "$RECKON" cost plan "$@" || echo "exit $?"
}
history 2025-09-01 280 80000 60 >days.csv
plan plan.yaml days.csv -o budget.csv
cat budget.csv
plan plan.yaml days.csv --trend damped --level 0.95 --set budget= --set 'services.web.traffic.weekdays=[1, 1, 1, 1, 1, 1, 1]'
echo "# the requests of a forecast, by hand"
"$RECKON" cost plan plan.yaml days.csv --json >budget.json
set_months=$(python3 -c 'import json; print(json.load(open("budget.json"))["services"][0]["set"]["high"])')
set_week=$(python3 -c 'import json; print(json.load(open("budget.json"))["services"][0]["set"]["weekdays"])')
python3 -c 'import json; print(json.load(open("budget.json"))["total"]["cost"]["high"])'
"$RECKON" cost statement plan.yaml --set "$set_months" --set "$set_week" --json | python3 -c 'import json; print(json.load(open(0))["total"])'
"$RECKON" cost explain plan.yaml 2026-11/out/web --set "$set_months"
history 2026-05-20 12 80000 0 >short.csv
plan plan.yaml short.csv
history 2026-04-06 250 80000 0 | sed '/2026-07-2[0-4]/d' >whole.csv
plan plan.yaml --history web=whole.csv --json
echo "# machines that are too few"
plan plan.yaml short.csv --set services.web.fleet.max=1 --set budget.basis=cash | tail -5
echo "# wrong"
plan plan.yaml
plan plan.yaml days.csv --history web=days.csv
plan plan.yaml --history shop=days.csv
plan plan.yaml --history days.csv
plan plan.yaml days.csv --set 'services.ads={product_line: ads, traffic: {requests_per_day: 1}}'
plan plan.yaml days.csv --set start=2025-08
plan plan.yaml nowhere.csv
plan plan.yaml days.csv -o days.csv
plan plan.yaml --history web=days.csv -o days.csv
plan plan.yaml days.csv --level 2
plan plan.yaml days.csv --trend steep
