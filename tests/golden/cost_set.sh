# The same plan under another condition: what --set changes, and what it says to paths that lead nowhere.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/plan.yaml "$RECKON_ROOT"/tests/golden/cost/book.yaml .
total() {
    echo "# $*"
    "$RECKON" cost statement plan.yaml --json "$@" | sed 's/"by_category.*//; s/.*"total"/total/' || echo "exit $?"
    "$RECKON" cost statement plan.yaml --json "$@" >/dev/null 2>&1 || echo "exit $?"
}
total
total --set months=1
total --set services.web.traffic.requests_per_day=172_800
total --set 'services.web.fleet.reserved={option: reserved_1y, count: 1}'
total --set 'elements.+={name: review, category: operations, layer: application, service: web, amount: 100}'
total --set elements.0= --set months=1
total --set services.wbe.response_bytes=1
total --set services.web.fleet.utilisation=1.5
total --set services
"$RECKON" cost unit plan.yaml --set months=1 --json | cut -c 1-60
