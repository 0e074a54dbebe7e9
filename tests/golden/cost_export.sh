# A plan's ledger as CSV, JSON, SQLite and FOCUS; what is exported as FOCUS conforms to it and adds up to the statement.
cp "$RECKON_ROOT"/tests/golden/cost/*.yaml .
exec 2>&1
for to in csv json sqlite focus; do
    echo "# $to"
    "$RECKON" cost export plan.yaml --to $to -o out.$to
    "$RECKON" cost export plan.yaml --to $to -o again.$to --json
    cmp out.$to again.$to && echo "the same twice"
done
echo "# what is in them"
head -2 out.csv
"$RECKON" cost statement plan.yaml --json | cmp - out.json && echo "the JSON of the statement"
head -c 15 out.sqlite
echo
"$RECKON" cost check-focus out.focus --supports all
cut -d, -f1-12,24-28 out.focus | head -3
echo "# misuse"
"$RECKON" cost export plan.yaml
echo "exit $?"
"$RECKON" cost export plan.yaml --to xml -o x
echo "exit $?"
"$RECKON" cost export nowhere.yaml -o x
echo "exit $?"
"$RECKON" cost export plan.yaml -o no/such/folder/x
echo "exit $?"
"$RECKON" cost export plan.yaml --to sqlite -o no/such/folder/x
echo "exit $?"
ls
exit 0
