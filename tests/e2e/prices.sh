#!/bin/sh
# Published price lists into books, at figures that can be looked up, and a plan priced by such a book.
. "$RECKON_ROOT/tests/e2e/tap.sh"
lists=$SHARED_DATA/cloud-prices
need=$lists/aws_ec2_ondemand_usd_hour_2026-07-20.csv
if [ ! -f "$need" ]; then
    skip "published lists become books" "no price lists here"
    exit 0
fi
import() { "$RECKON" prices import "$@"; }
costs() { # BOOK KEY OPTION PRICE: exactly, by the search
    "$RECKON" prices find "$1" --option "$3" -n 100000 --json 2>/dev/null >found.json || return 1
    holds found.json "[m['listed_per_hour'] for m in d['machines'] if m['key'] == '$2'] == [$4]"
}
claim "AWS is imported" import "$need" "$lists/cloud-gpus.csv" -o aws.yaml
claim "c5.large costs 0.085" costs aws.yaml us-east-1/c5.large on_demand 0.085
claim "Azure is too large for one book" fails 3 "67604 machines are too many for one book" \
    "$RECKON" prices import "$lists/azure_vm_ondemand_usd_hour_2026-06-18.csv.gz" -o azure.yaml
claim "one region of Azure is imported" import "$lists/azure_vm_ondemand_usd_hour_2026-06-18.csv.gz" --region eastus -o azure.yaml
claim "Standard_D8s_v5 costs 0.384" costs azure.yaml eastus/Standard_D8s_v5 on_demand 0.384
claim "Standard_ND96isr_H100_v5 costs 98.32" costs azure.yaml eastus/Standard_ND96isr_H100_v5 on_demand 98.32
claim "OpenSearch is imported" import "$lists/aws_opensearch_usd_hour_2025-05.csv.gz" --valid-from 2025-05-28 -o search.yaml
claim "c7i.xlarge.search costs 0.286" costs search.yaml us-west-2/c7i.xlarge.search on_demand 0.286
claim "and 0.197 reserved" costs search.yaml us-west-2/c7i.xlarge.search reserved_1y 0.197
claim "ElastiCache is imported" import "$lists/aws_elasticache_usd_hour_2025-05.csv.gz" --valid-from 2025-05-28 -o cache.yaml
claim "AWS China is imported" import "$lists/aws_cn_ec2_ondemand_cny_hour.csv" --valid-from 2024-11-06 -o china.yaml
claim "GCP is imported with its sizes" import "$lists/gcp_gce_price_info_usd_hour.csv" "$lists/gcp_machinetypes.csv" \
    --valid-from 2026-08-22 -o gcp.yaml
sized() {
    "$RECKON" prices find gcp.yaml --vcpu 8 --memory 32 -n 1 --json 2>/dev/null >found.json &&
        holds found.json '[(m["key"], m["vcpu"], m["memory_gib"]) for m in d["machines"]] == [("us-central1/e2-standard-8", 8, 32)]'
}
claim "the cheapest of 8 vcpu and 32 GiB is found" sized
agree() { # every price of every book, against the lists read by other code; cheapest first across books and currencies
    python3 - "$lists" <<'DONE'
import csv, gzip, json, os, subprocess, sys
from fractions import Fraction
folder = sys.argv[1]
def rows(name):
    opened = gzip.open if name.endswith(".gz") else open
    with opened(os.path.join(folder, name), "rt") as f:
        return list(csv.DictReader(f))
want = {}
for row in rows("aws_ec2_ondemand_usd_hour_2026-07-20.csv"):
    want[row["region"] + "/" + row["instance_type"]] = Fraction(row["usd_per_hour"])
for row in rows("azure_vm_ondemand_usd_hour_2026-06-18.csv.gz"):
    if row["region"] == "eastus" and Fraction(row["usd_per_hour"]) > 0:
        want["eastus/" + row["vm_size"].strip()] = Fraction(row["usd_per_hour"])
for row in rows("aws_cn_ec2_ondemand_cny_hour.csv"):
    want[row["region"] + "/" + row["instance_type"]] = Fraction(row["price_per_hour"])
for row in rows("gcp_gce_price_info_usd_hour.csv"):
    if row["table"] == "instancePrices":
        want["us-central1/" + row["key"]] = Fraction(row["value"])
out = subprocess.run([os.environ["RECKON"], "prices", "find", "aws.yaml", "azure.yaml", "china.yaml", "gcp.yaml", "-n", "100000",
                      "--exchange", "CNY=0.14", "--json"], capture_output=True, text=True, check=True).stdout
machines = json.loads(out, parse_float=Fraction, parse_int=Fraction)["machines"]
got = {m["key"]: m["listed_per_hour"] for m in machines}
assert got == want, [(k, got.get(k), want.get(k)) for k in {**got, **want} if got.get(k) != want.get(k)][:5]
worth = [want[m["key"]] * (Fraction("0.14") if m["listed_currency"] == "CNY" else 1) for m in machines]
assert all((worth[i], machines[i]["key"]) < (worth[i + 1], machines[i + 1]["key"]) for i in range(len(worth) - 1))
print(len(want))
DONE
}
claim "every price of four lists is as another reader has it, in exact order" agree
cat >plan.yaml <<'DONE'
reckon: plan/1
currency: USD
start: 2026-09
months: 1
prices: [default, aws.yaml, azure.yaml, search.yaml, cache.yaml, china.yaml, gcp.yaml]
exchange: {CNY: {rate: 0.14, valid_from: 2026-08-31, source: a bank}}
services:
  a: {product_line: x, traffic: {requests_per_day: 1}, capacity: {rps: 1}, fleet: {machine: us-east-1/c5.large}}
  b: {product_line: x, traffic: {requests_per_day: 1}, capacity: {rps: 1}, fleet: {machine: cn-north-1/c5.large}}
DONE
priced() { # September has 720 hours
    "$RECKON" cost statement plan.yaml --json >plan.json 2>/dev/null || return 1
    price=$(sed -n 's/.*cn-north-1\/c5.large:.*on_demand: \([0-9.]*\)}.*/\1/p' china.yaml)
    holds plan.json "{l['service']: l['amount'] for l in d['lines']} == {'a': 61200000, 'b': round(720 * 10**6 * 0.14 * $price)}"
}
claim "a plan is priced by the imported books" priced
