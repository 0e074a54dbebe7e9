# What is paid and what is used up, against a budget. By hand, in EUR:
#   A box of 3,600 over 36 months, bought in March: 3,600 paid in March, 100 used up in April, 3,500 left in April.
#   A licence of 240 for 12 months, paid in February: 20 used up a month, 180 left at the end of April.
#   One from November: 120 a year, of which 9 parts of 10 are left on 1 February and 6 at the end of April.
#   10 GB at 1 a month: 10 used up and paid.
#   February 40 used up, 250 paid; March 40 and 3,610; April 140 and 10. In all 220 used up, 3,870 paid:
#   220 + (3,500 + 180 + 60) - 90 = 3,870.
cat >book.yaml <<'END'
reckon: prices/1
currency: EUR
prices:
  box: {kind: asset, price: 3600, life_months: 36}
  gb: {kind: rate, unit: GB, price: 1}
END
cat >plan.yaml <<'END'
reckon: plan/1
name: three months
currency: EUR
start: 2026-02
months: 3
prices: [book.yaml]
services:
  web: {product_line: shop, traffic: {requests_per_day: 1000}, orders: 20, revenue: 800}
elements:
  - {name: box, category: hardware, layer: model, service: web, own: box, bought: 2026-03}
  - {name: licence, category: software, layer: data, service: web, amount: 240, spread_months: 12}
  - {name: old licence, category: software, layer: data, service: web, amount: 120, spread_months: 12, when: [2025-11]}
  - {name: log, category: data, layer: data, service: web, use: gb, quantity: 10}
budget: {total: 200, months: {2026-04: 100}}
END
statement() { "$RECKON" cost statement plan.yaml "$@" 2>/dev/null; }
statement --months
statement --cash --by element,month
statement --cash --by spend,month --json
statement --set budget.basis=cash | sed -n '/^budget/,/over/p'
statement --set budget.total=220 --set budget.months= | grep -A1 counting
statement --set budget.total=221 --set budget.months= | grep -A1 counting
statement --set "budget={per_month: 150, category: {data: {total: 29}}, product_line: {shop: {per_month: 100}}}" |
    sed -n '/counting/,/^use/p'
statement --set months=40 --months --set budget= | sed -n '/^year/,/^total/p; /^element by/,/^total/p'
"$RECKON" cost explain plan.yaml 2026-03/paid/box-purchase/web 2>/dev/null
"$RECKON" cost explain plan.yaml 2026-04/box-depreciation/web 2>/dev/null
"$RECKON" cost unit plan.yaml 2>/dev/null
exec 2>&1
"$RECKON" cost explain plan.yaml 2026-03/paid/box-purchas/web
"$RECKON" cost statement plan.yaml --by months,element
"$RECKON" cost statement plan.yaml --by month
