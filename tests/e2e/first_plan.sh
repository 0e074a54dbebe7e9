#!/bin/sh
# A first plan from a real bill: FOCUS sample data of September 2024, three providers, lines that cost nothing, credits.
. "$RECKON_ROOT/tests/e2e/tap.sh"
bill=$SHARED_DATA/focus-sample/focus_sample.csv.gz
if [ ! -f "$bill" ]; then
    skip "a first plan from a real bill" "no $bill"
    exit 0
fi
cat >profile.json <<'END'
{"reckon":"profile/1","target":"reckon serve","model":"als-1a2b","machine":{"cpu":"some","cores":2,"memory_gib":4},"points":[{"requests":1000,"offered_rps":100,"achieved_rps":100,"latency_ms":{"p50":1,"p90":2,"p99":4,"p99.9":5},"cpu_ms_per_request":0.5,"errors":0},{"requests":1000,"offered_rps":200,"achieved_rps":200,"latency_ms":{"p50":1,"p90":2,"p99":36,"p99.9":50},"cpu_ms_per_request":0.5,"errors":0}],"knee_rps":100,"memory_bytes":100000000,"response_bytes":2000}
END
init() { "$RECKON" cost init --profile profile.json --slo-ms 20 --requests-per-day 500000 --bill "$bill" "$@"; }

stands() {
    init -o plan --json >init.json && "$RECKON" cost statement plan/plan.yaml --json >statement.json 2>notes &&
        holds statement.json "d['total'] == json.load(open('init.json'))['total']" && [ ! -s notes ]
}
meets_its_bill() {
    "$RECKON" cost reconcile plan/plan.yaml "$bill" --json >reconcile.json &&
        holds reconcile.json 'abs(d["variance"]) < 20 and d["price_variance"] == 0 and d["unmatched_plan_total"] == 0' &&
        holds reconcile.json 'd["bill_total"] == d["plan_total"] + d["variance"] + d["unmatched_bill_total"] + d["rounding"]'
}
nothing_is_lost() {
    python3 - <<'END'
import collections, fractions, json
left = collections.defaultdict(fractions.Fraction)
for line in json.load(open("reconcile.json"))["unmatched_bill"]:
    left[line["service_name"]] += fractions.Fraction(line["cost"])
assert all(cost < fractions.Fraction(1, 10**6) for cost in left.values()), left
END
}
writes_over_nothing() {
    cp plan/plan.yaml before && fails 2 "is there already; cost init writes over nothing" init -o plan && cmp plan/plan.yaml before
}
twice_the_same() { init -o again --json >/dev/null && cmp plan/plan.yaml again/plan.yaml && cmp plan/prices.yaml again/prices.yaml; }
changed_by_hand() {
    "$RECKON" cost statement plan/plan.yaml --json --set services.recommend.fleet='{machine: c7i.large, utilisation: 0.6, min: 2}' \
        --set prices.+=default >fleet.json 2>notes && holds fleet.json 'd["total"] > json.load(open("statement.json"))["total"]'
}
claim "it stands as it was written" stands
claim "the bill that it was made of meets it with next to no variance" meets_its_bill
claim "what the plan leaves out of the bill is credits and nothings" nothing_is_lost
claim "it writes over nothing" writes_over_nothing
claim "the same bill makes the same plan" twice_the_same
claim "it can be changed like any plan" changed_by_hand
