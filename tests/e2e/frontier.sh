#!/bin/sh
# A frontier is killed, run again and extended, does only what is missing, and its choice follows from its own figures.
. "$RECKON_ROOT/tests/e2e/tap.sh"

awk 'BEGIN { srand(4); for (u = 0; u < 900; u++) { printf "u%d", u; for (i = 0; i < 20; i++) printf " i%d", (u % 20) * 20 + int(rand() * rand() * 200); print "" } }' >log.txt
"$RECKON" ingest log.txt --format lists --robots 0 -o log.rk 2>/dev/null >&2
cat >grid.yaml <<'Y'
reckon: grid/1
tune: 2
repeats: 2
seconds: 1
variants:
  popular: {model: popular}
  als: {model: als, set: {factors: 16}}
  als+int8: {of: als, to: int8}
  als+int8+hnsw: {of: als+int8, index: hnsw, recall: 0.9}
Y
# A limit of some seconds, so that a busy machine, too, has a rate inside it.
frontier() { "$RECKON" frontier log.rk --grid grid.yaml --p99-max 5000 --quality-min 0.8 --requests-per-day 50000000 -o out "$@"; }

killed() { # after the first model was judged
    "$RECKON" frontier log.rk --grid grid.yaml --p99-max 5000 --quality-min 0.8 --requests-per-day 50000000 -o out >said 2>err &
    pid=$!
    tries=0
    until grep -q "evaluate popular" err; do
        kill -0 "$pid" && [ "$tries" -lt 600 ] || { cat err; return 1; }
        tries=$((tries + 1))
        sleep 0.05
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    [ ! -e out/frontier.json ] && [ -s out/steps.json ]
}
claim "a run can be killed in the midst" killed

goes_on() {
    frontier --json >first.json 2>err || { cat err; return 1; }
    ! grep -q "train popular" err && grep -q "measure als+int8 2" err && no_leftovers out
}
claim "the next run goes on from what it had" goes_on
claim "the choice keeps the quality and is the simplest that nobody undercuts" python3 - <<'P'
import json
d = json.load(open("first.json"))
v = d["variants"]
assert [x["variant"] for x in v] == ["popular", "als", "als+int8", "als+int8+hnsw"], v
best = max(v, key=lambda x: x["quality"])
assert d["best"] == best["variant"] and best["kept_ci"] == [1, 1]
ok = [x for x in v if x["kept_ci"][0] >= 0.8 and x["latency_ms_p99_ci"][0] <= 5000]
free = [x for x in ok if not any(o["cost_per_year_ci"][1] < x["cost_per_year_ci"][0] * 0.99 for o in ok)]
assert d["chosen"] == (free[0]["variant"] if free else None), d["chosen"]
for x in v:
    assert x["quality_ci"][0] <= x["quality"] <= x["quality_ci"][1]
    assert x["cost_per_year_ci"][0] <= x["cost_per_year"] <= x["cost_per_year_ci"][1]
    assert abs(sum(x["cost_per_year_by_category"].values()) - x["cost_per_year"]) < 0.01
    assert x["wh_per_1000"] > 0 and x["cpu_cost_per_1000"] > 0 and x["resident_bytes"] > 0 and x["points"]
P

priced_alike() { # the plan of each variant, accounted for on its own
    for name in popular als als+int8 als+int8+hnsw; do
        "$RECKON" cost statement "out/plans/$name.yaml" --json >plan.json 2>/dev/null || return 1
        python3 - "$name" <<'P' || return 1
import json, sys
row = next(x for x in json.load(open("first.json"))["variants"] if x["variant"] == sys.argv[1])
plan = json.load(open("plan.json"))
assert plan["total"] == round(row["cost_per_year"] * 1e6), (plan["total"], row["cost_per_year"])
P
    done
}
claim "the accountant says the same of every plan that was written" priced_alike

indexed() { # what is served is named, and judged by what its index finds
    "$RECKON" evaluate out/models/als+int8.rk --test out/test.rk -k 20 --index out/indexes/als+int8+hnsw.rk --json >judged.json 2>/dev/null || return 1
    python3 - <<'P'
import json, os
d = json.load(open("first.json"))
rows = {x["variant"]: x for x in d["variants"]}
x, of = rows["als+int8+hnsw"], rows["als+int8"]
assert of["model"] == "models/als+int8.rk" and of["index"] is None
assert x["model"] == of["model"] and x["index"] == "indexes/als+int8+hnsw.rk"
assert x["file_bytes"] == sum(os.path.getsize("out/" + x[key]) for key in ("model", "index"))
assert x["quality"] == json.load(open("judged.json"))["ndcg@20"]
assert x["making_s"] > of["making_s"] and "hnsw" in x["made"] and not os.path.exists("out/models/als+int8+hnsw.rk")
P
}
claim "an index is a variant: what is served is named, judged and weighed with it" indexed

second() {
    frontier --json >second.json 2>err || { cat err; return 1; }
    grep -q "27 of 27 steps were done before" err && [ "$(wc -l <err)" = 1 ] || { cat err; return 1; }
    python3 -c 'import json; a, b = (json.load(open(f)) for f in ("first.json", "second.json")); a.pop("made_at"); b.pop("made_at"); assert a == b'
}
claim "a second run does nothing and says the same" second

spoilt() {
    printf x | dd of=out/models/als+int8.rk bs=1 seek=3000 conv=notrunc 2>/dev/null
    frontier >said 2>err || { cat err; return 1; }
    grep -q "compress als+int8" err && ! grep -q "train als" err && ! grep -q "measure" err
}
claim "a spoilt artefact is made again, and only that" spoilt

extended() {
    cat >>grid.yaml <<'Y'
  itemknn: {model: itemknn, set: {neighbours: 20, similarity: cosine, alpha: 0.5, activity: 0.5, shrink: 0, power: 1, normalise: no, weigh: one}}
  popular+int8: {of: popular, to: int8}
Y
    frontier >said 2>err || { cat err; return 1; }
    grep -q "train itemknn" err && ! grep -q "train als" err && grep -q "^Left out: popular+int8: " said
}
claim "a larger grid adds only what is new, and what cannot be made is left out and named" extended

page_holds() {
    python3 - <<'P'
import csv, html, json
page, said = html.unescape(open("out/report.html", encoding="utf-8").read()), open("said", encoding="utf-8").read()
d, rows = json.load(open("out/frontier.json")), list(csv.DictReader(open("out/frontier.csv")))
assert d["advice"] in page and d["advice"] in said
for x, row in zip(d["variants"], rows):
    assert x["variant"] in page and f"{x['quality']:.4f}" in page and f"{x['quality']:.4f}" in said
    assert float(row["cost_per_year"]) == x["cost_per_year"] and row["verdict"] == x["verdict"]
assert "http://" not in page.replace("http://www.w3.org/2000/svg", "") and "https://" not in page
P
}
claim "the page, the table, JSON and CSV hold the same figures" page_holds

# A plan in which a model's file and its training cost something.
cat >book.yaml <<'Y'
reckon: prices/1
name: book
valid_from: 2026-01-01
source: a test
currency: EUR
prices:
  box: {kind: machine, vcpu: 2, memory_gib: 4, hour: {on_demand: 0.1}}
  disk: {kind: rate, unit: GB-month, price: 100}
Y
cat >plan.yaml <<'Y'
reckon: plan/1
name: shop
currency: EUR
start: 2026-10
months: 6
prices: [book.yaml]
services:
  lists:
    product_line: recommendation
    traffic: {requests_per_day: 40_000_000}
    capacity: {rps: 100}
    fleet: {machine: box, utilisation: 0.6, min: 1}
  other: {product_line: search, traffic: {requests_per_day: 1_000}, capacity: {rps: 10}, fleet: {machine: box, min: 1}}
elements:
  - {name: store, category: hardware, layer: model, service: lists, store: disk, of: out/models/als.rk, replicas: 3}
  - {name: training, category: hardware, layer: model, service: lists, train: box, runs_per_month: 30, measured: out/models/als.rk}
Y
cat >own.py <<'P'
import json
d, sums = json.load(open("own.json")), {}
for name in "als", "als+int8":
    row = next(x for x in d["variants"] if x["variant"] == name)
    plan = json.load(open(name + ".json"))
    assert plan["total"] == round(row["cost_per_year"] * 1e6 / 2), name  # half a year
    for line in plan["lines"]:
        key = name, line["element"].split()[0]
        sums[key] = sums.get(key, 0) + line["amount"] / 1e6
    wanted = row["file_bytes"] * 3 / 1e9 * 100 * 6
    assert abs(sums[name, "store"] - wanted) < 1e-3, (sums, wanted)  # of whole millionths of a GB
    wanted = 30 * row["making_s"] / 3600 * 0.1 * 6
    assert abs(sums[name, "training"] - wanted) < 1e-4, (sums, wanted)
assert d["currency"] == "EUR" and d["service"] == "lists" and d["months"] == 6
P
frontier_own() { "$RECKON" frontier log.rk --grid grid.yaml --quality-min 0.8 --plan plan.yaml --p99-max 5000 -o out "$@"; }
own_plan() {
    frontier_own --service lists --json >own.json 2>err || { cat err; return 1; }
    for name in als als+int8; do
        "$RECKON" cost statement "out/plans/$name.yaml" --json >"$name.json" 2>/dev/null || return 1
    done
    python3 own.py
}
claim "a plan of one's own is changed where a variant differs, its books found from elsewhere" own_plan
claim "of several services one is asked for" fails 2 "2 services: say with --service" frontier_own

claim "a folder is asked for" fails 2 "frontier wants -o DIR" "$RECKON" frontier log.rk
claim "one grid is asked for" fails 2 "one of --quick, --thorough and --grid" "$RECKON" frontier log.rk --quick --thorough -o out
claim "a metric of which less is better is refused" fails 2 "more is better, got 'rmse'" "$RECKON" frontier log.rk --quick -m rmse -o out
bad_grid() { # bad_grid LINE PATTERN
    { sed -n 1,5p grid.yaml; echo "$1"; } >bad.yaml
    fails 3 "bad.yaml:.*$2" "$RECKON" frontier log.rk --grid bad.yaml -o other
}
claim "an unknown model is named" bad_grid "  a: {model: alz}" "'alz'"
claim "a variant of nothing is named" bad_grid "  a: {of: b, to: int8}" "'a' is made of 'b', which is none of those before it"
claim "two names of one file are refused" bad_grid "  a(1: {model: als}
  a-1: {model: als}" "'a\(1' and 'a-1' would have the same files"
claim "and nothing was written" absent other
