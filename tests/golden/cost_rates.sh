# A rate card: as a table, as a file, of variants, and of plans that have none.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml "$RECKON_ROOT"/tests/golden/cost/plan.yaml .
"$RECKON" cost rates plan.yaml
"$RECKON" cost rates plan.yaml --set services.web.cpu_ms_per_request=12.5 -o card.json
cat card.json
"$RECKON" cost rates plan.yaml --set services.web.cpu_ms_per_request=12.5 --json | cmp - card.json && echo "the same on standard output"
echo "# variants"
"$RECKON" cost rates plan.yaml --set 'services.web.variants={full: {cpu_ms_per_request: 500}, int8: {capacity: {rps: 5}, cpu_ms_per_request: 200}}'
echo "# a processor time of another machine"
"$RECKON" cost rates plan.yaml --set services.web.cpu_ms_per_request=5000 | tail -1
echo "# no fleet"
"$RECKON" cost rates plan.yaml --set services.web.fleet= || echo "exit $?"
"$RECKON" cost rates plan.yaml -o plan.yaml || echo "exit $?"
"$RECKON" cost rates plan.yaml -o /no/such/folder/card.json || echo "exit $?"
