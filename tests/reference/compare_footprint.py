"""compare_footprint.py FIRST COUNT - random plans through `reckon cost footprint --json` and through exact fractions.

Seeds FIRST .. FIRST + COUNT - 1. Machine-hours, shares and quantities are those of `reckon cost statement --json`, which a second
implementation checks elsewhere; everything from there on is counted again, as docs/footprint.md says it. Every line and every
sum must be equal to the millionth. Prints one line that begins with ok when all are. $RECKON is the program.
"""
import calendar
import json
import os
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

from cost_reference import largest_remainder, micros, month_index

ROUNDED = 10**6


def text(rng, low, high, places):
    return "%.*f" % (places, rng.uniform(low, high))


def make(rng):
    """A plan and a book, as the program reads them and as numbers."""
    f = {key: text(rng, *span) for key, span in {
        "pue": (1, 2, 3), "idle": (0, 2, 4), "full": (2, 6, 4), "inside": (0, 3, 3), "gib": (0, 1, 3), "vcpu": (1, 64, 0),
        "memory": (1, 256, 2), "server_kg": (500, 5000, 2), "server_vcpu": (64, 128, 0), "here": (1, 900, 3),
        "there": (1, 900, 3), "kw": (0.1, 9, 3), "box_kg": (10, 3000, 1), "count": (0.1, 9, 1), "used": (0, 1, 3),
        "box_pue": (1, 2, 2), "disk": (0, 0.01, 7), "rps": (0.5, 40, 2), "day": (0, 900000, 0), "other_day": (0, 90000, 0),
        "gb": (0, 5000, 3), "weight": (0, 5, 1)}.items()}
    f["life"], f["server_life"] = str(rng.randint(1, 60)), str(rng.randint(1, 60))
    f["share"] = rng.choice(["requests", "even", "{a: %s, b: 2}" % f["weight"]])
    f["start"], f["bought"] = rng.choice(["2024-01", "2025-11"]), rng.choice(["2023-07", "2024-02", "2025-12"])
    book = """reckon: prices/1
currency: USD
prices:
  m: {{kind: machine, vcpu: {vcpu}, memory_gib: {memory}, hour: {{on_demand: 1}}, processor: p, server: s}}
  box: {{kind: asset, price: 1200, life_months: {life}, power_kw: {kw}, embodied_kg: {box_kg}}}
  kwh: {{kind: rate, unit: kWh, price: 1}}
  disk: {{kind: rate, unit: GB-month, price: 1}}
  p: {{kind: processor, year: 2020, idle_watts: {idle}, full_watts: {full}, memory_gib_per_vcpu: {inside}, watts_per_gib: {gib}}}
  s: {{kind: server, year: 2020, embodied_kg: {server_kg}, vcpu: {server_vcpu}, life_months: {server_life}}}
  here: {{kind: grid, year: 2024, gco2e_per_kwh: {here}}}
  there: {{kind: grid, year: 2024, gco2e_per_kwh: {there}}}
  e: {{kind: energy, year: 2020, unit: GB-month, kwh: {disk}, pue: on_top}}
""".format(**f)
    plan = """reckon: plan/1
currency: USD
start: {start}
months: 3
prices: [b.yaml]
services:
  a: {{product_line: x, grid: there, traffic: {{requests_per_day: {day}}}, capacity: {{rps: {rps}}}, fleet: {{machine: m, spare: 1}}}}
  b: {{product_line: y, traffic: {{requests_per_day: {other_day}}}}}
elements:
  - {{name: rack, category: hardware, layer: data, service: shared, share_by: {share}, own: box, count: {count}, bought: {bought}, energy: kwh, utilisation: {used}, pue: {box_pue}}}
  - {{name: log, category: data, layer: data, service: shared, share_by: {share}, use: disk, quantity: {gb}}}
footprint: {{grid: here, pue: {pue}, energy_of: {{disk: e}}}}
""".format(**f)
    numbers = {key: Fraction(value) for key, value in f.items() if key not in ("share", "start", "bought")}
    return plan, book, numbers, f


def emitted(kwh, grams):
    """Milligrams of so many millionths of a kWh."""
    return micros(Fraction(kwh, ROUNDED) * grams / 1000)


def rented(n, month, statement):
    out = {}
    paid = sum(Fraction(str(line["quantity"])) for line in statement["lines"]
               if line["period"] == month and line["unit"] == "machine-hour")
    work = paid - Fraction(str(statement["fleet"]["a"]["idle_machine_hours"][list(statement["by_month"]).index(month)]))
    extra = max(Fraction(0), n["memory"] - n["inside"] * n["vcpu"]) * n["gib"]
    watts = n["vcpu"] * n["idle"] + extra
    kwh = micros((paid * watts + work * n["vcpu"] * (n["full"] - n["idle"])) / 1000 * n["pue"])
    made = micros(n["server_kg"] * paid / (n["server_life"] * 730) * n["vcpu"] / n["server_vcpu"])
    out["a", "a machine"] = (kwh, emitted(kwh, n["there"]), made)
    return out


def owned(n, f, month, requests):
    age = month_index(month) - month_index(f["bought"])
    if age < 0:
        return {}
    hours = 24 * calendar.monthrange(int(month[:4]), int(month[5:7]))[1]
    kwh = micros(n["count"] * n["kw"] * n["box_pue"] * n["used"] * hours)
    made = micros(n["count"] * n["box_kg"] / n["life"]) if 1 <= age <= n["life"] else 0
    weights = {"requests": requests, "even": [1, 1]}.get(f["share"], [n["weight"], 2])
    weights = weights if any(weights) else [1, 1]
    parts = [largest_remainder(whole, weights) for whole in (kwh, emitted(kwh, n["here"]), made)]
    return {(s, "rack"): tuple(part[i] for part in parts) for i, s in enumerate("ab")}


def stored(n, month, statement):
    out = {}
    for line in statement["lines"]:
        if line["period"] == month and line["element"] == "log":
            kwh = micros(Fraction(str(line["quantity"])) * n["disk"] * n["pue"])
            out[line["service"], "log"] = (kwh, emitted(kwh, n["there" if line["service"] == "a" else "here"]), 0)
    return out


def ask(verb, folder):
    run = subprocess.run([os.environ["RECKON"], "cost", verb, folder + "/p.yaml", "--json"], capture_output=True, check=True)
    return json.loads(run.stdout, parse_float=Fraction)


def compare(seed):
    """What differs, or nothing."""
    plan, book, n, f = make(random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        for name, words in (("p.yaml", plan), ("b.yaml", book)):
            with open(os.path.join(folder, name), "w") as out:
                out.write(words)
        statement, got = ask("statement", folder), ask("footprint", folder)
    want, requests = {}, {}
    for month in statement["by_month"]:
        days = calendar.monthrange(int(month[:4]), int(month[5:7]))[1]
        requests[month] = [n["day"] * days, n["other_day"] * days]
        for part in (rented(n, month, statement), owned(n, f, month, requests[month]), stored(n, month, statement)):
            want.update({(month,) + key: value for key, value in part.items() if any(value)})
    lines = {(line["period"], line["service"], line["name"]):
             tuple(int(line[field] * ROUNDED) for field in ("kwh", "operational_kg", "embodied_kg")) for line in got["lines"]}
    if lines != want:
        return [(key, want.get(key), lines.get(key)) for key in sorted(want.keys() | lines.keys())
                if want.get(key) != lines.get(key)]
    sums = [sum(value[i] for value in want.values()) for i in range(3)]
    fields = [int(got[field] * ROUNDED) for field in ("kwh", "operational_kg", "embodied_kg")]
    total = sum(sum(pair) for pair in requests.values())
    sci = micros(Fraction(sums[1] + sums[2]) / total) if total else None
    got_sci = got["sci_g_per_1000_requests"]
    return [] if fields == sums and sci == (got_sci if got_sci is None else int(got_sci * ROUNDED)) else [(sums, fields, sci)]


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    wrong = [(seed, different) for seed in range(first, first + count) for different in [compare(seed)] if different]
    for seed, different in wrong[:3]:
        print("# seed %d: %s" % (seed, different[:3]))
    print("%sok - footprints of %d random plans are those of the second count, to the millionth" % ("not " if wrong else "", count))


main()
