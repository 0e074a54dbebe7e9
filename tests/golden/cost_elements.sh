# One element of each kind that the shop has not: formulas that can be checked by hand, and where their figures stand.
cat >book.yaml <<'END'
reckon: prices/1
currency: USD
prices:
  box:   {kind: machine, vcpu: 4, memory_gib: 16, hour: {on_demand: 0.8, reserved: 0.3, spot: 0.2},
          terms: {reserved: {term_months: 3, upfront: 100}, spot: {interruption_rate: 0.005, restart_hours: 2}}}
  disk:  {kind: rate, unit: GB-month, price: 0.08}
  wire:  {kind: rate, unit: GB, price: 0.02}
  seat:  {kind: rate, unit: seat-month, price: 30}
  fee:   {kind: rate, unit: order, price: 0.15}
  dev:   {kind: person, month: 6000}
END
cat >plan.yaml <<'END'
reckon: plan/1
name: kinds
currency: USD
start: 2024-02
months: 2
prices: [book.yaml]
orders: {first: 900, growth_per_month: 0.1}
services:
  web: {product_line: shop, traffic: {requests_per_day: 100_000}, response_bytes: 20_000, events_per_request: 1.5,
        cpu_ms_per_request: 3, capacity: {rps: 5}, fleet: {machine: box, min: 2, reserved: {option: reserved, count: 1}}}
  ads: {product_line: ads, traffic: {requests_per_day: 50_000}, response_bytes: 1_000, events_per_day: 2_000,
        cpu_ms_per_request: 1}
elements:
  - {name: seats, category: software, layer: service, service: shared, share_by: head, use: seat, per: head}
  - {name: payment, category: operations, layer: application, service: shared, share_by: even, use: fee, per: order}
  - {name: log, category: data, layer: data, service: shared, share_by: events, store: disk, bytes_per_event: 400, retention_days: 10}
  - {name: zones, category: hardware, layer: service, service: each, network: wire, per: response_gb, cross_share: 0.667}
  - {name: cleaning, category: data, layer: data, service: web, clean: box, cpu_s_per_million: 60}
  - {name: ranker, category: hardware, layer: model, service: web, train: box, option: spot, runs_per_month: 4, hours: 2.5, trials: 6,
     experiments_per_month: 10, failed_share: 0.2}
  - {name: batch, category: hardware, layer: data, service: shared, share_by: cpu_seconds, rent: box, option: spot, share: 0.5, fallback_share: 0.1}
  - {name: cache, category: hardware, layer: service, service: shared, share_by: direct_cost, rent: box, option: reserved, from: 2024-01}
  - {name: lead, category: labour, layer: service, service: web, person: dev, fte: 0.5}
  - {name: analyst, category: labour, layer: application, service: ads, person: dev, fte: 0.25}
END
"$RECKON" cost statement plan.yaml --csv lines.csv >table || exit 1
python3 - <<'END'
import csv
for row in csv.DictReader(open("lines.csv")):
    print("%s\n    %s" % (row["id"], row["formula"]))
END
"$RECKON" cost explain plan.yaml 2024-02/log/web
"$RECKON" cost explain plan.yaml 2024-02/cache-upfront/ads
"$RECKON" cost explain plan.yaml 2024-02/ranker-development/web
"$RECKON" cost explain plan.yaml 2024-02/paid/web-machine-reserved-upfront-payment/web
"$RECKON" cost explain plan.yaml 2024-02/seats/web
echo "# all prices doubled: all amounts doubled, but for a millionth of each rounding"
sed -E 's/^(.*) (price|month): 0\.08/\1 \2: 0.16/; s/price: 0\.02/price: 0.04/; s/price: 30/price: 60/; s/price: 0\.15/price: 0.3/; s/month: 6000/month: 12000/
    s/on_demand: 0.8, reserved: 0.3, spot: 0.2/on_demand: 1.6, reserved: 0.6, spot: 0.4/; s/upfront: 100/upfront: 200/' book.yaml >twice.yaml
"$RECKON" cost statement plan.yaml --json >one.json 2>/dev/null
"$RECKON" cost statement plan.yaml --json --set 'prices=[twice.yaml]' >two.json 2>/dev/null
python3 - <<'END'
import json
one, two = [{l["id"]: l["amount"] for l in json.load(open(name))["lines"]} for name in ("one.json", "two.json")]
print(len(one), "lines;", "the same" if one.keys() == two.keys() else "others", "of them;",
      "doubled" if all(abs(two[i] - 2 * one[i]) <= 2 for i in one) else "not doubled")
END
