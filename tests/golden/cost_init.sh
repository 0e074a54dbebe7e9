# A first plan from a profile and a bill: what is written, that it stands, that the bill meets it, and what is refused.
cat >profile.json <<'END'
{"reckon":"profile/1","target":"reckon serve","model":"als-1a2b","machine":{"cpu":"some","cores":2,"memory_gib":4},"points":[{"requests":1000,"offered_rps":100,"achieved_rps":100,"latency_ms":{"p50":1,"p90":2,"p99":4,"p99.9":5},"cpu_ms_per_request":0.5,"errors":0},{"requests":1000,"offered_rps":200,"achieved_rps":200,"latency_ms":{"p50":1,"p90":2,"p99":36,"p99.9":50},"cpu_ms_per_request":0.5,"errors":0}],"knee_rps":100,"memory_bytes":100000000,"response_bytes":2000}
END
cat >bill.csv <<'END'
EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,ServiceCategory,PricingQuantity,PricingUnit
40,EUR,2026-01-01T00:00:00Z,Virtual machines,Compute,400,Hours
50,EUR,2026-02-01T00:00:00Z,Virtual machines,Compute,500,Hours
2,EUR,2026-01-01T00:00:00Z,Disks,Storage,20,GB-Months
2,EUR,2026-02-01T00:00:00Z,Disks,Storage,20,GB-Months
0.3,EUR,2026-01-15T00:00:00Z,Queues,Integration,750000,Requests
0.5,EUR,2026-02-15T00:00:00Z,Queues,Integration,1250000,Requests
30,EUR,2026-01-01T00:00:00Z,Support,Other,,
30,EUR,2026-02-01T00:00:00Z,Support,Other,,
0,EUR,2026-02-01T00:00:00Z,Logs,Management and Governance,3,GB
-5,EUR,2026-02-03T00:00:00Z,Promotion,Other,1,Month
END
exec 2>&1
init() { "$RECKON" cost init --profile profile.json --slo-ms 20 --requests-per-day 500000 "$@" || echo "exit $?"; }
init --bill bill.csv --months 3 -o first
ls first
cat first/plan.yaml first/prices.yaml
"$RECKON" cost statement first/plan.yaml --by element,month
"$RECKON" cost reconcile first/plan.yaml bill.csv
echo "# a machine and no bill"
init --machine c7i.large --start 2026-10 -o rented --json
ls rented
cat rented/plan.yaml
echo "# the bill that a plan would have, and a first plan of it"
cp "$RECKON_ROOT"/tests/golden/cost/*.yaml .
"$RECKON" cost export plan.yaml --to focus -o own.csv
"$RECKON" cost statement plan.yaml --json | python3 -c 'import json; print(json.load(open(0))["total"])'
init --bill own.csv --months 2 -o again --json
"$RECKON" cost reconcile again/plan.yaml own.csv --json |
    python3 -c 'import json; d = json.load(open(0)); print(d["bill_total"], d["plan_total"], d["variance"], d["unmatched_bill_total"], d["unmatched_plan_total"])'
echo "# wrong"
init --bill bill.csv -o first
init -o nothing
init --bill bill.csv --currency USD -o other
init --bill bill.csv --machine c7i.larg -o other
init --bill bill.csv --start October -o other
"$RECKON" cost init --profile profile.json --slo-ms 2 --requests-per-day 1 --bill bill.csv -o other || echo "exit $?"
"$RECKON" cost init --profile profile.json --slo-ms 20 --bill bill.csv -o other || echo "exit $?"
"$RECKON" cost init --profile nowhere.json --slo-ms 20 --requests-per-day 1 --bill bill.csv -o other || echo "exit $?"
grep -v 'Virtual\|Disks\|Queues\|Support' bill.csv >free.csv
init --bill free.csv -o other
ls other 2>/dev/null
