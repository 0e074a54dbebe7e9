#!/bin/sh
# The sizing of large models against published figures: half of them, read where they are, never copied.
. "$RECKON_ROOT/tests/e2e/tap.sh"
rows=$SHARED_DATA/llm-validation
if [ ! -f "$rows/inference_validation.csv" ]; then
    skip "the sizing agrees with published figures" "no published figures here"
    exit 0
fi
calibrate() { "$RECKON" cost size --calibrate "$rows/$1" --json >"$2"; }
error() { # words of the group, which figure, at most
    holds serving.json "[e for e in d['errors'] if e['what'] == '$1'][0]['$2'] <= $3"
}
fits() { "$RECKON" cost size --calibrate "$rows/inference_validation.csv" --save-factors factors.txt --json >serving.json; }
claim "the factors are fitted to measured serving" fits
claim "at least 70 dense rows of throughput are used" holds serving.json \
    "[e for e in d['errors'] if e['what'] == 'output tokens/s, dense'][0]['rows'] >= 70"
claim "dense output tokens/s within 15 % with the hardware left out" error "output tokens/s, dense" left_out 0.15
claim "dense output tokens/s within 30 % uncalibrated" error "output tokens/s, dense" uncalibrated 0.30
claim "time per token within 15 % with the hardware left out" error "time per token" left_out 0.15
claim "every row set aside has a reason" holds serving.json \
    "all(r['aside'] for r in d['rows'] if 'value' not in r) and sum(r['aside'] is not None for r in d['rows']) == d['aside']"
claim "training MFU is computed" calibrate train_throughput_mpt.csv mfu.json
claim "every row of training MFU within 0.5 %" holds mfu.json \
    "len(d['rows']) > 100 and all(r['aside'] is None and abs(r['uncalibrated'] / r['value'] - 1) <= 0.005 for r in d['rows'])"
claim "training runs are computed" calibrate training_validation.csv runs.json
claim "the band of training hours holds 80 % of the runs" holds runs.json "d['inside_band'] >= 0.8 and d['used'] >= 12"
saved() {
    "$RECKON" cost size --model llama-3.1-8b --accelerator h200 --precision fp8 --tp 1 --isl 128 --osl 128 --factors factors.txt \
        --json >one.json
    python3 - <<'END'
import json
one, rows = json.load(open("one.json")), json.load(open("serving.json"))["rows"]
assert rows[0]["line"] == 2 and abs(one["tokens_per_second"] / rows[0]["calibrated"] - 1) < 1e-9, (one, rows[0])
END
}
claim "saved factors give the calibrated figure back" saved
