#!/bin/sh
# A study of scale measures shops once, goes on where it was killed, and its figures on paper follow from its fits.
. "$RECKON_ROOT/tests/e2e/tap.sh"
if grep -q __asan_init "$RECKON"; then
    skip "how time and memory grow is measured" "a sanitizer's memory is not the program's"
    exit
fi

scale() { "$RECKON" scale --quick --set factors=16 --p99-max 5000 -o out "$@"; }

killed() { # behind the second shop
    "$RECKON" scale --quick --set factors=16 --p99-max 5000 -o out >said 2>err &
    pid=$!
    tries=0
    until grep -q "shop 2 of 11" err; do
        kill -0 "$pid" && [ "$tries" -lt 600 ] || { cat err; return 1; }
        tries=$((tries + 1))
        sleep 0.05
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    [ ! -e out/scale.json ]
}
claim "a study can be killed in the midst" killed

goes_on() {
    scale --json >first.json 2>err || { cat err; return 1; }
    ! grep -q "shop 2 of 11" err && grep -q "shop 11 of 11" err && absent out/shop.rk out/model.rk && no_leftovers out
}
claim "the next run goes on behind the last shop, and keeps no shop" goes_on

second() {
    scale --json >second.json 2>err || { cat err; return 1; }
    [ ! -s err ] && python3 -c 'import json; a, b = (json.load(open(f)) for f in ("first.json", "second.json")); a.pop("made_at"); b.pop("made_at"); assert a == b'
}
claim "a second run measures nothing and says the same" second

cat >check.py <<'P'
import json, math
d = json.load(open("first.json"))
shops = d["shops"]
assert len(shops) == 11 and shops[0]["items"] == 50
ray = [s for s in shops[1:] if s["users"] == 2 * s["items"]]
assert len(ray) == 4
for key, growth in d["growth"].items():
    if growth is None:
        continue
    floor = shops[0][key]
    assert growth["floor"] == floor
    points = [(math.log(s["items"]), math.log(s[key] - floor)) for s in ray if s[key] > floor]
    mx, my = (sum(p[i] for p in points) / len(points) for i in (0, 1))
    slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
    assert abs(slope - growth["exponent"]) < 1e-6, (key, slope, growth)
    assert growth["exponent_ci"][0] <= slope <= growth["exponent_ci"][1]
    for size in d["sizes"]:
        if len(points) == 4:
            wanted = floor + math.exp(my + slope * (math.log(size["items"]) - mx))
            assert abs(size[key] / wanted - 1) < 1e-6, (key, size["items"], size[key], wanted)
        assert size[key + "_ci"][0] <= size[key] <= size[key + "_ci"][1]
assert abs(d["growth"]["model_bytes"]["exponent"] - 1) < 0.15  # vectors of items and lists of users
assert [s["items"] for s in d["sizes"]] == [1e5, 1e6, 1e7, 1e8]
for size in d["sizes"]:
    for fleet in size["fleets"]:
        if fleet["machine"]:
            year = fleet["requests_per_s"] * 86400 * 365
            assert abs(fleet["cost_per_1000"] * year / 1000 - fleet["cost_per_year"]) < 1e-6 * fleet["cost_per_year"]
            assert fleet["machines"] >= 2
items = [limit["items"] if limit["items"] is not None else math.inf for limit in d["limits"]]
assert items == sorted(items) and len(items) >= 3
P
claim "exponents, sizes and prices follow from the shops" python3 check.py
claim "a folder is asked for" fails 2 "scale wants -o DIR" "$RECKON" scale
claim "an unknown model is named" fails 2 "alz" "$RECKON" scale --model alz -o other
claim "and nothing was written" absent other
