#!/bin/sh
# The accountant against an auditor who knows the method's words and nothing of the program (tests/audit).
# RECKON_PLANS=N audits N ugly plans instead of 100; the first that differs is shown, cut down to what makes it differ.
. "$RECKON_ROOT/tests/e2e/tap.sh"
audit=$RECKON_ROOT/tests/audit
plans=${RECKON_PLANS:-100}
example=$SHARED_DATA/../examples
compare() { python3 -B "$audit/compare.py" "$@"; }

the_example="the auditor gives the expected figures of the worked example"
the_copy="the auditor and reckon give the worked example's figures from a copy of its numbers"
noticed="a statement of one request a day more does not pass the audit"
the_examples="the examples cost what the auditor says, figure by figure"
the_plans="$plans ugly plans cost what the auditor says: ledger, cash, books, fleets, budget, showback and units"
if ! python3 -c 'import yaml'; then
    for words in "$the_example" "$the_copy" "$noticed" "$the_examples" "$the_plans"; do skip "$words" "python3-yaml is not here"; done
    exit 0
fi
if [ -f "$example/expected.json" ]; then
    claim "$the_example" compare expected "$example/plan.yaml" "$example/expected.json"
else
    skip "$the_example" "no example plan here"
fi
both() { compare expected "$audit/shop_of_gifts.yaml" "$audit/shop_of_gifts.json" && compare plan "$audit/shop_of_gifts.yaml"; }
claim "$the_copy" both
printf '#!/bin/sh\nexec "%s" "$@" --set services.search.traffic.requests_per_day=500001\n' "$RECKON" >off_by_one
chmod +x off_by_one
is_noticed() { ! RECKON=$PWD/off_by_one compare plan "$audit/shop_of_gifts.yaml" >found && grep -q 'auditor 15500000.0, reckon 15500031' found; }
claim "$noticed" is_noticed
examples() {
    for plan in "$RECKON_ROOT"/examples/*/*.yaml; do
        case $plan in */prices.yaml) ;; *) compare plan "$plan" || return 1 ;; esac
    done
}
claim "$the_examples" examples
ugly() { compare random 1 "$plans" kept || { cat kept/plan.yaml kept/first.yaml; return 1; }; }
claim "$the_plans" ugly
