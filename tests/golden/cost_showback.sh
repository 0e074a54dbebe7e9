# Who bears what: used, idle and shared, by product line and service; idle machines by month.
cd "$RECKON_ROOT/examples/shop" || exit 1
"$RECKON" cost statement plan.yaml --showback --set months=3
"$RECKON" cost statement plan.yaml --json --set months=3 2>/dev/null | tr '{' '\n' | grep -A1 '"scope"' | cut -c1-160
"$RECKON" cost statement plan.yaml --showback --cash
echo "exit $?"
