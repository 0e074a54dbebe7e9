# Plans side by side: rent or own, the variants of one plan, and what cannot be compared.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml .
plan() { # plan NAME CAPACITY REST
    printf 'reckon: plan/1\nname: %s\ncurrency: USD\nstart: 2026-01\nmonths: 12\nprices: [book.yaml]\n' "$1"
    printf 'services:\n  web:\n    product_line: search\n    traffic: {requests_per_day: 864000}\n%s\n' "$2"
}
plan rented '    capacity: {rps: 4}
    fleet: {machine: small}' >rented.yaml
plan owned 'elements:
  - {name: server, category: hardware, layer: service, service: web, own: box, count: 6, bought: 2026-01, energy: power}' >owned.yaml
plan variants '    fleet: {machine: small}
    variants: {big: {quality: 0.2, capacity: {rps: 4}}, small: {quality: 0.19, capacity: {rps: 10}}}' >variants.yaml
"$RECKON" cost compare rented.yaml owned.yaml
echo "# variants"
"$RECKON" cost compare variants.yaml --discount 0
echo "# for machines"
"$RECKON" cost compare rented.yaml owned.yaml --json
echo "# wrong"
wrong() { "$RECKON" cost compare "$@" || echo "exit $?"; }
wrong rented.yaml
wrong rented.yaml owned.yaml --discount -1
sed 's/months: 12/months: 6/' rented.yaml >short.yaml
wrong rented.yaml short.yaml
sed 's/currency: USD/currency: EUR\nexchange: {USD: 0.9}/' rented.yaml >euro.yaml
wrong rented.yaml euro.yaml
wrong rented.yaml nowhere.yaml
