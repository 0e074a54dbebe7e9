# Risk: what a plan may cost, which number matters, and what is wrong with a law.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml .
cat >plan.yaml <<'PLAN'
reckon: plan/1
name: kiosk
currency: USD
start: 2026-02
months: 3
prices: [book.yaml]
budget: {total: 3500, months: {2026-04: 1200}, category: {data: {total: 300}}}
orders: {point: 40, normal: [40, 5]}
services:
  web:
    product_line: search
    traffic:
      requests_per_day: {point: 86400, triangular: [60_000, 86_400, 150_000]}
      growth_per_month: {point: 0.2, uniform: [0, 0.4]}
    capacity: {rps: 2}
    fleet: {machine: small, utilisation: {point: 0.5, discrete: {0.5: 3, 0.6: 1}}, spare: 1}
elements:
  - {name: log, category: data, layer: data, service: web, use: disk, quantity: {point: 100, normal: [100, 60]}, grows_per_month: 40}
PLAN
"$RECKON" cost risk plan.yaml
echo "# another budget, random points"
"$RECKON" cost risk plan.yaml --draws 4096 --method montecarlo --budget 4000 --seed 3 | head -5
echo "# every draw"
"$RECKON" cost risk plan.yaml --draws 1 --csv draws.csv | head -1
head -3 draws.csv && wc -l <draws.csv
echo "# for machines"
"$RECKON" cost risk plan.yaml --draws 4096 --json | cut -c 1-1100
echo "# nothing to draw"
"$RECKON" cost risk plan.yaml --set services.web.traffic.requests_per_day=86400 --set services.web.traffic.growth_per_month=0 \
    --set services.web.fleet.utilisation=0.5 --set elements.log.quantity=100 || echo "exit $?"
"$RECKON" cost risk plan.yaml --set services.web.traffic.requests_per_day=86400 --set services.web.traffic.growth_per_month=0 \
    --set services.web.fleet.utilisation=0.5 --set elements.log.quantity=100 --set orders=40 || echo "exit $?"
echo "# wrong"
for law in 'pret: [1, 2, 3]' 'pert: [1, 2]' 'pert: [3, 2, 1]' 'uniform: [-5, 200]' 'uniform: [1, 2]' 'normal: {mean: 1, sigma: 2}'; do
    "$RECKON" cost risk plan.yaml --set "elements.log.quantity={point: 100, $law}" || echo "exit $?"
done
"$RECKON" cost risk plan.yaml --set 'services.web.capacity.rps={point: 2, normal: [2, 1]}' || echo "exit $?"
"$RECKON" cost risk plan.yaml --set 'services.web.fleet.spare={point: 2, uniform: [1, 3]}' || echo "exit $?"
"$RECKON" cost risk plan.yaml --method halton || echo "exit $?"
"$RECKON" cost risk plan.yaml --draws 0 || echo "exit $?"
