# Advice: what is proposed, what cannot be done and why, and the same for machines.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml .
cat >plan.yaml <<'PLAN'
reckon: plan/1
name: kiosk
currency: USD
start: 2026-02
months: 6
prices: [book.yaml]
services:
  web:
    product_line: search
    traffic: {requests_per_day: 86400, growth_per_month: 0.5}
    response_bytes: 1000
    variants:
      big: {quality: 0.2, capacity: {rps: 2}}
      small: {quality: 0.1995, capacity: {rps: 5}}
      tiny: {quality: 0.15, capacity: {rps: 50}}
    fleet: {machine: small, utilisation: 0.5, min: 2, spare: 1, max: 6}
elements:
  - {name: log, category: data, layer: data, service: web, use: disk, quantity: 10, grows_per_month: 4}
PLAN
"$RECKON" cost advise plan.yaml
echo "# as it stands, tiny answers"
"$RECKON" cost advise plan.yaml --set services.web.variant=tiny
echo "# no floor of quality"
"$RECKON" cost advise plan.yaml --keep-quality 0 | head -8
echo "# for machines"
"$RECKON" cost advise plan.yaml --json | cut -c 1-900
echo "# wrong"
"$RECKON" cost advise plan.yaml --keep-quality 2 || echo "exit $?"
"$RECKON" cost advise nowhere.yaml || echo "exit $?"
"$RECKON" cost advise plan.yaml --set services.web.variant=smal || echo "exit $?"
