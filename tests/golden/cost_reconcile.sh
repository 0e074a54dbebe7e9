# A bill against the plan: variances, what is unmatched on both sides, and what is refused.
cp "$RECKON_ROOT"/tests/golden/cost/*.yaml "$RECKON_ROOT"/tests/golden/cost/bill.csv .
cat >>plan.yaml <<'END'
bill:
  rules:
    - {element: web machine reserved, line: {sku: "vm.*", charge_category: Usage, tags: {app: shop}}}
    - {element: store, line: {service_name: Disks, resource: "disk-?"}}
    - {element: crew, line: {service_name: Payroll}, quantity: none}
END
exec 2>&1
"$RECKON" cost reconcile plan.yaml bill.csv --csv rows.csv
gzip bill.csv
"$RECKON" cost reconcile plan.yaml bill.csv.gz --json
cat rows.csv
echo "# the plan's own export, reconciled with the plan"
sed 's/"vm\.\*", charge_category: Usage, tags: {app: shop}/small/; s/service_name: Disks, resource: "disk-?"/sku: disk/; s/Payroll/Labour/' plan.yaml >own.yaml
"$RECKON" cost export own.yaml --to focus -o own.csv
"$RECKON" cost reconcile own.yaml own.csv
echo "# what is refused"
sed 's/element: store, line/element: stroe, line/' plan.yaml >bad.yaml
"$RECKON" cost reconcile bad.yaml bill.csv.gz
echo "exit $?"
sed 's/service_name: Disks/servicename: Disks/' plan.yaml >bad.yaml
"$RECKON" cost statement bad.yaml
echo "exit $?"
sed '/^bill:/,$d' plan.yaml >bad.yaml
"$RECKON" cost reconcile bad.yaml bill.csv.gz
echo "exit $?"
sed 's/USD/JPY/g' plan.yaml >bad.yaml
sed -i 's/currency: USD/currency: JPY/' book.yaml
"$RECKON" cost reconcile bad.yaml bill.csv.gz
echo "exit $?"
printf 'BilledCost\n1\n' >short.csv
sed -i 's/currency: JPY/currency: USD/' book.yaml
"$RECKON" cost reconcile own.yaml short.csv
echo "exit $?"
exit 0
