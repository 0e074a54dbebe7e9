# The verdict on a bill that keeps FOCUS 1.2, on one that breaks it in many ways, and on what is no bill at all.
cp "$RECKON_ROOT"/tests/golden/cost/bill.csv .
exec 2>&1
echo "# a bill that conforms"
"$RECKON" cost check-focus bill.csv
echo "exit $?"
echo "# the same, packed, of a provider with regions and accounts"
gzip -k bill.csv
"$RECKON" cost check-focus bill.csv.gz --supports REGION_SUPPORTED --supports SUB_ACCOUNT_SUPPORTED -n 1
echo "exit $?"
echo "# many mistakes"
sed 's/BilledCost,/Id,BilledCost,/; s/^\([0-9]\)/7,\1/; s/T00:00:00Z/ 00:00:00/g; s/,12,GB-Months/,-12,gb-months/; s/Analytics/Analysis/; s/eu-1,Europe,vm/,Europe,vm/; s/""app"": ""log""/""app"": {}/; s/VAT/N\/A/' bill.csv >bad.csv
"$RECKON" cost check-focus bad.csv -n 2
echo "exit $?"
"$RECKON" cost check-focus bad.csv -n 1 --json
echo "exit $?"
echo "# no bills"
"$RECKON" cost check-focus nowhere.csv
echo "exit $?"
: >empty.csv
"$RECKON" cost check-focus empty.csv
echo "exit $?"
printf 'BilledCost\n1,2\n' >ragged.csv
"$RECKON" cost check-focus ragged.csv
echo "exit $?"
gzip -c bill.csv | head -c 200 >cut.csv.gz
"$RECKON" cost check-focus cut.csv.gz
echo "exit $?"
"$RECKON" cost check-focus bill.csv --supports REGION
echo "exit $?"
exit 0
