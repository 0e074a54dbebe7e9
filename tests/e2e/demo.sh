#!/bin/sh
# The demo from the raw log to the page, measured quickly: what it leaves behind must agree with itself.
. "$RECKON_ROOT/tests/e2e/tap.sh"

# A limit of a second, so that a busy machine, too, has a rate inside it.
demo() { "$RECKON" demo out --quick --slo-ms 1000 "$@"; }
first() { demo >stdout; }
claim "the demo runs through" first

all_there() {
    for file in retail.rk cleaning.json statement.json study.json report.html frontier/train.rk frontier/test.rk \
        frontier/models/popular.rk frontier/models/als+int8.rk frontier/evaluations/als.json frontier/profiles/als+fp16.json \
        frontier/plans/als.yaml frontier/plans/prices.yaml frontier/frontier.json frontier/report.html; do
        [ -s "out/$file" ] || { echo "$file is missing"; return 1; }
    done
}
claim "every artefact is in the folder" all_there
claim "no temporary file is left" no_leftovers out

cat >check.py <<'P'
import html, json, sys
study = json.load(open("out/study.json"))
statement = json.load(open("out/statement.json"))
cleaning = json.load(open("out/cleaning.json"))
page = html.unescape(open("out/report.html", encoding="utf-8").read())
said = open("stdout", encoding="utf-8").read()
what = sys.argv[1]

def need(truth, words):
    if not truth:
        sys.exit(words)

if what == "sums":
    lines = sum(line["amount"] for line in statement["lines"])
    need(lines == statement["total"], f"lines add up to {lines}, the total is {statement['total']}")
    for view in "by_category", "by_layer", "by_product_line", "by_month":
        need(sum(statement[view].values()) == statement["total"], view)
    taken = sum(rule["taken"] for rule in cleaning["rules"])
    need(taken + cleaning["kept"] == cleaning["rows"] == 541909, "rows")
elif what == "page":
    figures = [study["advice"], f"{cleaning['rows']:,}", f"{cleaning['kept']:,}", f"{statement['total'] / 1e6:,.2f}"]
    for variant in study["variants"]:
        figures += [f"{variant['recall@20']:.4f} ({variant['recall@20_ci'][0]:.4f} to {variant['recall@20_ci'][1]:.4f})",
                    f"{variant['ndcg@20']:.4f}", f"{variant['rps']:,.0f}"]
        need(f"{variant['recall@20']:.4f}" in said, f"recall of {variant['name']} is not printed")
    for figure in figures:
        need(figure in page, f"'{figure}' is not on the page")
    need(study["advice"] in said, "the advice is not printed")
elif what == "advice":
    advised = [v for v in study["variants"] if v["advised"]]
    need(len(advised) == 1, "one variant is advised")
    keep = [v for v in study["variants"] if v["ndcg_kept_ci"][0] >= 0.99]
    free = [v for v in keep
            if not any(o["cost_per_1000_ci"][1] < v["cost_per_1000_ci"][0] * 0.99 for o in keep)]
    need(advised[0] is free[0], f"{advised[0]['name']} is advised, the rule says {free[0]['name']}")
    need(advised[0]["name"] in study["advice"].split(":")[0], "the sentence names another one")
    frontier = json.load(open("out/frontier/frontier.json"))
    need(frontier["chosen"] == advised[0]["name"], "the frontier chose another one")
    need(study["volumes"][0]["cost_per_1000_micros"] ==
         [round(v["cost_per_1000"] * 1e6) for v in study["variants"]], "the plan's own volume costs something else")
elif what == "quality":
    for variant in study["variants"]:
        need(variant["ndcg@20"] > 1.5 * study["baseline"]["ndcg@20"], "no better than the baseline")
        need(variant["recall@20_ci"][0] <= variant["recall@20"] <= variant["recall@20_ci"][1], "interval")
P
claim "lines, categories, layers and months add up to the total, rules to the rows" python3 check.py sums
claim "the page and the terminal hold the figures" python3 check.py page
claim "the advice follows from the figures" python3 check.py advice
claim "every variant beats the baseline, inside its interval" python3 check.py quality

made_again() { "$RECKON" report out -o again.html && cmp again.html out/report.html; }
claim "the page can be made again from the folder" made_again

second() {
    cp out/frontier/profiles/als+int8.1.json before.json
    demo --json >second 2>err || { cat err; return 1; }
    cat err
    [ "$(grep -c '(reused' err)" = 2 ] && cmp before.json out/frontier/profiles/als+int8.1.json && cmp second out/study.json
}
claim "a second run reuses all that takes long and answers in JSON" second

mended() {
    printf x | dd of=out/frontier/models/als+int8.rk bs=1 seek=5000 conv=notrunc 2>/dev/null
    demo >/dev/null 2>err || { cat err; return 1; }
    cat err
    grep "compress als+int8" err && ! grep -E "train als|measure |load " err && "$RECKON" inspect --verify out/frontier/models/als+int8.rk
}
claim "a spoilt artefact is made again, and only that" mended

claim "a missing log is said by name" fails 3 "no-such.csv" "$RECKON" demo other --log no-such.csv
claim "and then nothing was written" absent other
claim "a folder that cannot be made is said by name" fails 3 "cannot make the folder 'no/such/place'" "$RECKON" demo no/such/place
claim "a file is no folder" fails 1 "cannot make the folder 'stdout'" "$RECKON" demo stdout
