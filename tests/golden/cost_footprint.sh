# Energy and carbon: of a small plan with every line explained, of the shop, and what is said where a factor is missing.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml "$RECKON_ROOT"/tests/golden/cost/plan.yaml .
cat >carbon.yaml <<'END'
reckon: prices/1
name: figures of the room
source: made up for tests
currency: USD
prices:
  hydro: {kind: grid, year: 2025, gco2e_per_kwh: 24.5}
  chip: {kind: processor, year: 2024, idle_watts: 1.5, full_watts: 4, memory_gib_per_vcpu: 1, watts_per_gib: 0.4}
  sled: {kind: server, year: 2024, embodied_kg: 1460, vcpu: 64, life_months: 48}
  spinning: {kind: energy, year: 2023, unit: GB-month, kwh: 0.0005, pue: on_top}
END
plan() { # plan SED-SCRIPT: the base plan with a footprint, changed
    { sed 's/^prices: .*/prices: [book.yaml, carbon.yaml]/' plan.yaml
      echo "  - {name: rack, category: hardware, layer: model, service: web, own: box, bought: 2026-01, energy: power, pue: 1.4}"
      echo "footprint: {grid: hydro, pue: 1.2, processor: chip, server: sled, energy_of: {disk: spinning}}"; } | sed "$1" >green.yaml
}
try() { # title, sed script
    plan "$2"
    echo "# $1"
    "$RECKON" cost footprint green.yaml || echo "exit $?"
}
plan ''
"$RECKON" cost footprint green.yaml --lines
"$RECKON" cost footprint green.yaml --json | cut -c 1-900
try "no footprint at all" '/^footprint/d'
try "no grid" 's/grid: hydro, //'
try "a grid of another name" 's/grid: hydro/grid: hydra/'
try "a grid of the shipped book, which is not listed" 's/, carbon.yaml//'
try "a price for a grid" 's/grid: hydro/grid: disk/'
try "no room" 's/pue: 1.2, //'
try "a room that gives power" 's/pue: 1.2/pue: 0.9/'
try "no processor" 's/processor: chip, //'
try "energy of what is priced otherwise" 's/disk: spinning/power: spinning/'
try "a misspelt key" 's/energy_of/energyof/'
echo "# factors that cannot be"
for change in 's/idle_watts: 1.5/idle_watts: 5/' 's/year: 2025, //' 's/life_months: 48/life_months: 0/' 's/on_top/over/' \
    's/gco2e_per_kwh: 24.5/gco2e_per_kwh: -1/' 's/kind: grid/kind: grind/'; do
    cp carbon.yaml keep.yaml
    sed "$change" keep.yaml >carbon.yaml
    "$RECKON" cost footprint green.yaml | head -3
    cp keep.yaml carbon.yaml
done
cd "$RECKON_ROOT/examples/shop" || exit 1
"$RECKON" cost footprint plan.yaml
