# Machines of a plan: one kind, shared, mixed, scaled from profiles; as tables, for machines, line by line, and wrong.
exec 2>&1
cp "$RECKON_ROOT"/tests/golden/cost/book.yaml .
sed -i 's/^prices:/prices:\n  large: {kind: machine, vcpu: 8, memory_gib: 16, speed: 1.1, hour: {on_demand: 1.8, reserved_1y: 0.9}}/' book.yaml
profile() { # profile THREADS RPS
    cat >"$1.json" <<END
{"reckon":"profile/1","target":"reckon serve","model":"als-1a2b","machine":{"cpu":"some","cores":4,"memory_gib":16},
 "server_threads":$1,"points":[
 {"offered_rps":$2,"achieved_rps":$2,"latency_ms":{"p50":1,"p90":2,"p99":5,"p99.9":9},"cpu_ms_per_request":0.5,"errors":0},
 {"offered_rps":9000,"achieved_rps":$2,"latency_ms":{"p50":50,"p90":90,"p99":99,"p99.9":99},"cpu_ms_per_request":0.5,"errors":0}],
 "knee_rps":$2,"memory_bytes":1200000000,"response_bytes":1000}
END
}
profile 1 400
profile 2 780
profile 4 1480
cat >plan.yaml <<'END'
reckon: plan/1
name: machines
currency: USD
start: 2026-02
months: 2
prices: [book.yaml]
fleets:
  front: {machine: small, utilisation: 0.5, min: 1, max: 3}
services:
  search:
    product_line: search
    traffic: {requests_per_day: 25_920_000, hours: [1,1,1,1,1,1,2,2,2,2,3,3,3,3,3,3,3,3,4,4,4,3,2,1]}
    capacity: {profiles: [1.json, 2.json, 4.json], slo: {latency_ms_p99: 20}, measured_speed: 1.05}
    fleet: front
  suggest:
    product_line: search
    traffic: {requests_per_day: 8_640_000}
    capacity: {rps: 900}
    fleet: front
  recommend:
    product_line: recommendation
    traffic: {requests_per_day: 86_400_000, growth_per_month: 0.1, hours: [1,1,1,1,1,1,2,2,2,2,3,3,3,3,3,3,3,3,4,4,4,3,2,1]}
    capacity: {by_machine: {small: 300, large: 1150}}
    fleet: {machines: [small, large], utilisation: 0.7, reserved: {option: reserved_1y, count: best}}
END
"$RECKON" cost capacity plan.yaml
echo "# for machines"
"$RECKON" cost capacity plan.yaml --json 2>/dev/null | tr '{' '\n' | head -20
echo "# line by line"
"$RECKON" cost explain plan.yaml 2026-02/front-machine-on-demand/suggest 2>/dev/null
"$RECKON" cost explain plan.yaml 2026-03/recommend-machine-on-demand-small/recommend 2>/dev/null
echo "# drawn"
risk() { "$RECKON" cost risk plan.yaml --draws 4096 "$@" 2>/dev/null | sed -n 3p; }
risk --set 'services.suggest.traffic.requests_per_day={point: 8640000, uniform: [8e6, 9e7]}'
"$RECKON" cost risk plan.yaml --set 'services.recommend.traffic.growth_per_month={point: 0.1, uniform: [0, 1]}' 2>&1 | tail -1
echo "# wrong"
wrong() { "$RECKON" cost capacity plan.yaml "$@" || echo "exit $?"; }
wrong --set services.search.fleet=frnt
wrong --set 'services.search.capacity.profiles=[1.json, 1.json]'
wrong --set 'services.search.capacity.slo={latency_ms_p99: 1}'
wrong --set services.suggest.profile=1.json
wrong --set 'services.recommend.fleet.machines=[small, huge]'
wrong --set 'services.recommend.capacity={rps: 300}'
wrong --set 'services.recommend.fleet.reserved.count=2'
wrong --set 'services={web: {product_line: x, traffic: {requests_per_day: 1}}}'
