# The statement, unit costs and explanations of the shop example, as people read them.
cd "$RECKON_ROOT/examples/shop" || exit 1
"$RECKON" cost statement plan.yaml
"$RECKON" cost unit plan.yaml
"$RECKON" cost explain plan.yaml 2026-11/recommend-machine-on-demand/recommend
"$RECKON" cost explain plan.yaml 2027-02/training-server-depreciation/recommend
"$RECKON" cost explain plan.yaml 2027-02/training-server-energy/search
"$RECKON" cost explain plan.yaml 2026-12/click-log/search
"$RECKON" cost explain plan.yaml 2026-12/answers-out/search
"$RECKON" cost explain plan.yaml 2026-12/incidents-labour/search
"$RECKON" cost explain plan.yaml 2026-12/accessibility-audit/search
"$RECKON" cost explain plan.yaml 2026-12/incidents-labor/search
echo "exit $?"
