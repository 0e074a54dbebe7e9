# What a plan is warned of, though it is counted: late books, months outside, namesakes, shortfall, energy left out.
cp "$RECKON_ROOT"/tests/golden/cost/*.yaml .
sed 's/^start: 2026-02/start: 2025-12/; s/min: 1/max: 1/; s/86400}/864000}/' plan.yaml >warned.yaml
cat >>warned.yaml <<'END'
  - {name: crew, category: labour, layer: service, service: web, person: dev, fte: 0.5, when: [2026-01, 2026-07]}
  - {name: machine room, category: hardware, layer: model, service: web, own: box, bought: 2025-12}
  - {name: licence, category: software, layer: service, service: web, amount: 100, spread_months: 7}
END
"$RECKON" cost statement warned.yaml
"$RECKON" cost statement warned.yaml --json 2>/dev/null | tr ',' '\n' | grep -A4 -E 'shortfall|"notes"'
