# The month's close: two months of bills made from the plan's own export, one element dearer, one bill that nobody planned.
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml .
cat >plan.yaml <<'PLAN'
reckon: plan/1
name: kiosk
currency: USD
start: 2026-02
months: 4
prices: [book.yaml]
services:
  web: {product_line: search, traffic: {requests_per_day: 86400}, capacity: {rps: 2}, fleet: {machine: small, utilisation: 0.5}}
elements:
  - {name: store, category: data, layer: data, service: web, use: disk, quantity: 10, grows_per_month: 2}
  - {name: crew, category: labour, layer: service, service: web, person: dev, fte: 0.1}
bill:
  rules:
    - {element: web machine on demand, line: {sku: small}}
    - {element: store, line: {sku: disk}}
PLAN
head='EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,SkuId,PricingQuantity,PricingUnit'
{
    echo "$head"
    echo '336,USD,2026-02-01T00:00:00Z,Compute,small,672,Hours'
    echo '6,USD,2026-02-01T00:00:00Z,Disks,disk,12,GB-Mo'
    echo '20,USD,2026-02-03T00:00:00Z,Support,gold,1,x'
} >february.csv
{
    echo "$head"
    echo '446.40,USD,2026-03-01T00:00:00Z,Compute,small,744,Hours'
    echo '7.20,USD,2026-03-01T00:00:00Z,Disks,disk,12,GB-Mo'
} >march.csv
exec 2>&1
"$RECKON" cost actuals plan.yaml february.csv march.csv --csv rows.csv
cat rows.csv
echo "# march is not over"
"$RECKON" cost actuals plan.yaml february.csv march.csv --through 2026-02 --json
echo "# as planned from here on"
"$RECKON" cost actuals plan.yaml february.csv march.csv --roll plan | tail -1
echo "# wrong"
wrong() { "$RECKON" cost actuals "$@" || echo "exit $?"; }
wrong plan.yaml february.csv --through 2027-01
wrong plan.yaml
wrong plan.yaml nowhere.csv
sed '/^bill:/,$d' plan.yaml >bare.yaml
wrong bare.yaml february.csv
