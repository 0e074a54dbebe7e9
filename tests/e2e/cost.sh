#!/bin/sh
# The accountant against others: a second implementation on random plans, and the worked example of the method.
# RECKON_PLANS=N compares N random plans instead of 40.
. "$RECKON_ROOT/tests/e2e/tap.sh"
plans=${RECKON_PLANS:-40}
python3 -B "$RECKON_ROOT/tests/reference/compare_cost.py" 1 "$plans"
n_claims=$(((plans + 49) / 50))
carbon() { python3 -B "$RECKON_ROOT/tests/reference/compare_footprint.py" 1 "$((plans / 2))" | grep '^ok'; }
claim "footprints of random plans are those of a second implementation, to the millionth" carbon

example=$SHARED_DATA/../examples
agrees() {
    "$RECKON" cost statement "$example/plan.yaml" --json >example.json || return 1
    python3 - "$example/expected.json" example.json <<'END'
import json, sys
want, got = (json.load(open(name)) for name in sys.argv[1:])
lines = want.pop("some_lines")
wrong = [key for key in want if want[key] != got[key]]
wrong += [line for line in lines if not any(all(has[k] == v for k, v in line.items()) for has in got["lines"])]
print(wrong)
sys.exit(bool(wrong))
END
}
if [ -f "$example/expected.json" ]; then
    claim "the example plan gives the expected figures to the millionth" agrees
else
    skip "the example plan gives the expected figures to the millionth" "no example plan here"
fi

shop=$RECKON_ROOT/examples/shop/plan.yaml
"$RECKON" cost statement "$shop" --json --csv lines.csv >shop.json 2>notes
adds_up() {
    holds shop.json 'all(sum(d[view].values()) == d["total"] for view in
        ("by_category", "by_layer", "by_product_line", "by_month", "by_origin"))' &&
        holds shop.json 'sum(line["amount"] for line in d["lines"]) == d["total"] and len(d["lines"]) == d["n_lines"]'
}
claim "all views of the shop add up to its total" adds_up
pays() {
    holds shop.json 'all(sum(d["cash_by_" + view].values()) == d["cash_total"] for view in ("category", "month", "spend"))' &&
        holds shop.json 'd["total"] + sum(row["closing"] - row["opening"] for row in d["books"]) == d["cash_total"]' &&
        holds shop.json 'sum(line["amount"] for line in d["lines"] + d["payments"] if line["is_cash"]) == d["cash_total"]' &&
        holds shop.json 'all(row["left"] == row["budget"] - row["planned"] for row in d["budget"]) and len(d["budget"]) == 4'
}
claim "what the shop uses up and what it pays differ by what is on its books" pays
csv_agrees() {
    python3 - <<'END'
import csv, json, decimal
rows, d = list(csv.DictReader(open("lines.csv"))), json.load(open("shop.json"))
assert [row["id"] for row in rows] == [line["id"] for line in d["lines"]]
assert sum(decimal.Decimal(row["amount"]) for row in rows) * 10**6 == d["total"]
END
}
claim "the CSV has the same lines" csv_agrees
one_line() { [ "$(wc -l <shop.json)" = 1 ]; }
claim "JSON is one line" one_line
explains() {
    for id in $(python3 -c 'import json; print("\n".join(l["id"] for l in json.load(open("shop.json"))["lines"][::17]))'); do
        "$RECKON" cost explain "$shop" "$id" --json 2>/dev/null >line.json || return 1
        holds line.json "d['id'] == '$id' and len(d['inputs']) > 0 and all(i['from'] for i in d['inputs'])" || return 1
    done
}
claim "lines are explained by inputs that say where they stand" explains
cp "$RECKON_ROOT"/examples/shop/*.yaml .
doubled() { # exact: every amount of the doubled book is twice the other
    python3 - <<'END'
import json, re, subprocess, os
plain = "reckon: plan/1\ncurrency: USD\nstart: 2024-01\nmonths: 3\nprices: [b.yaml]\nservices:\n  a: {product_line: x, " \
        "traffic: {requests_per_day: 1000000, growth_per_month: 0.1}, capacity: {rps: 5}, response_bytes: 1000, fleet: " \
        "{machine: m, reserved: {option: r, count: 1}}}\n  b: {product_line: y, traffic: {requests_per_day: 3000000}}\n" \
        "elements:\n  - {name: s, category: data, layer: data, service: shared, share_by: even, use: d, quantity: 4}\n" \
        "  - {name: p, category: labour, layer: data, service: a, person: w, fte: 2}\n"
book = "reckon: prices/1\ncurrency: USD\nprices:\n  m: {kind: machine, hour: {on_demand: %s, r: %s}}\n" \
       "  d: {kind: rate, unit: GB, price: %s}\n  w: {kind: person, month: %s, overhead: 0.5, training_per_month: %s}\n"
def amounts(*prices):
    open("p.yaml", "w").write(plain)
    open("b.yaml", "w").write(book % prices)
    out = subprocess.run([os.environ["RECKON"], "cost", "statement", "p.yaml", "--json"], capture_output=True, check=True)
    return [(line["id"], line["amount"]) for line in json.loads(out.stdout)["lines"]]
one, two = amounts("0.25", "0.125", "0.5", "1000", "10"), amounts("0.5", "0.25", "1", "2000", "20")
assert one and [(i, 2 * a) for i, a in one] == two, (one, two)
days = {"2024-01": 31, "2024-02": 29, "2024-03": 31}
assert all(dict(one)[month + "/a-machine-reserved/a"] == n * 24 * 125000 for month, n in days.items()), one
END
}
claim "doubled prices double every amount, and February 2024 has 29 days" doubled
quiet() { # no traffic: what is fixed stays, what follows the requests goes
    sed 's/requests_per_day: [0-9_]*/requests_per_day: 0/' plan.yaml >none.yaml
    "$RECKON" cost statement none.yaml --json >none.json 2>/dev/null || return 1
    holds none.json 'all(l["behaviour"] != "variable" for l in d["lines"]) and d["total"] > 0' || return 1
    holds none.json 'all(l["quantity"] == 2 * 24 * 30 for l in d["lines"] if l["period"] == "2026-11" and "machine" in l["element"])'
}
claim "without traffic only fixed lines are left, machines at their minimum" quiet
same() {
    "$RECKON" cost statement "$shop" --json --threads 3 2>/dev/null | cmp - shop.json
}
claim "the same plan gives the same bytes" same

risk() { "$RECKON" cost risk "$shop" --draws 4096 --json "$@" 2>/dev/null; }
threads_agree() { risk --threads 1 >one.json && risk --threads 3 >three.json && cmp one.json three.json; }
claim "risk of the shop is the same for any number of threads" threads_agree
draws_add_up() {
    risk --csv draws.csv >risk.json && python3 - <<'END'
import csv, json
rows, d = list(csv.DictReader(open("draws.csv"))), json.load(open("risk.json"))
names = {of: [f["name"] for f in d["figures"] if f["of"] == of] for of in ("month", "category", "product_line")}
assert len(rows) == d["draws"] == 4096
for row in rows:
    for of in names:
        assert abs(sum(float(row[name]) for name in names[of]) - float(row["total"])) < 1e-4, (of, row)
total = sorted(float(row["total"]) for row in rows)
assert abs(total[int(0.9 * 4096)] - d["figures"][0]["p90"]["value"]) < 1e-3
assert abs(sum(total) / 4096 - d["figures"][0]["mean"]["value"]) < 1e-3
END
}
claim "every draw of the shop adds up by month, category and product line" draws_add_up
points_agree() {
    python3 - <<'END'
import json
d, shop = json.load(open("risk.json")), json.load(open("shop.json"))
assert abs(d["figures"][0]["point"] - shop["total"] / 1e6) < 1e-4
assert all(i["total_at_p10"] != i["total_at_p90"] for i in d["inputs"])
END
}
claim "the points of risk are the statement" points_agree
claim "a plan that is sure of everything has nothing to draw" fails 3 "has no uncertain number" \
    "$RECKON" cost risk "$RECKON_ROOT/examples/rent-or-own/rent.yaml"
