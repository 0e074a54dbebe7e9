#!/bin/sh
# Gowalla (29,858 users, 40,981 items): what ALS reaches under full ranking, and what smaller vectors cost of it.
. "$RECKON_ROOT/tests/e2e/tap.sh"
data=$SHARED_DATA/gowalla
if [ ! -f "$data/train.txt.gz" ]; then
    skip "quality on Gowalla" "no $data"
    exit 0
fi

evaluate() { "$RECKON" evaluate "$@" --test test.rk -k 20 --json; }
without_time() { sed 's/"seconds":[^},]*//' "$1"; }
same_figures() {
    evaluate als.rk --threads 1 >one
    evaluate als.rk --threads 3 >three
    [ "$(without_time one)" = "$(without_time three)" ]
}
keeps() { # keeps FORM: at least 99 % of the ndcg
    "$RECKON" compress als.rk --to "$1" -o small.rk && evaluate small.rk >small.json &&
        holds small.json "d['ndcg@20'] >= 0.99 * $(json full.json "d['ndcg@20']")"
}

claim "the training side is read" "$RECKON" ingest "$data/train.txt.gz" --format lists -o train.rk
claim "the test side is read into the same ids" "$RECKON" ingest "$data/test.txt.gz" --format lists --like train.rk -o test.rk
claim "als is trained" "$RECKON" train train.rk --model als -o als.rk
claim "it is evaluated" sh -c '"$RECKON" evaluate als.rk --test test.rk --train train.rk -k 20 --json >full.json'
claim "every user is ranked" holds full.json "d['users'] == 29858 and d['test_pairs'] == 217242 and d['repeats'] == 0"
claim "recall@20 and ndcg@20 are in the range of matrix factorisation" \
    holds full.json "0.145 < d['recall@20'] < 0.2 and 0.12 < d['ndcg@20'] < 0.17"
claim "each interval holds its figure" \
    holds full.json "all(v[0] <= d[k[:-3]] <= v[1] for k, v in d.items() if k.endswith('_ci'))"
claim "the number of threads does not change a figure" same_figures
claim "fp16 keeps 99 % of the ndcg" keeps fp16
claim "int8 keeps 99 % of the ndcg" keeps int8
compare() { # als against what is popular, and against its own int8 form, which keeps makes
    "$RECKON" train train.rk --model popular -o popular.rk &&
        evaluate popular.rk als.rk --metric ndcg@20 >better.json && evaluate als.rk small.rk --metric ndcg@20 >alike.json
}
claim "models are compared" compare
claim "als ranks better than what is popular" \
    holds better.json "d['comparisons'][0]['verdict'] == 'better' and d['comparisons'][0]['difference']['ndcg@20_p'] < 0.001"
claim "how far int8 may be from fp32 is known to a thousandth" \
    holds alike.json "-0.001 < d['comparisons'][0]['difference']['ndcg@20_ci'][0] <= d['comparisons'][0]['difference']['ndcg@20_ci'][1] < 0.001"
