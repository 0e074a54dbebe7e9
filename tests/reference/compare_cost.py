"""compare_cost.py FIRST COUNT - random plans through `reckon cost statement --json` and through cost_reference.py.

Seeds FIRST .. FIRST + COUNT - 1. Every line, sum and fleet figure must be equal to the millionth. Prints TAP: one claim
for every block of plans. $RECKON is the program. KEEP=FOLDER keeps the plans that differ.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction

import cost_reference
import unit_reference

CATEGORIES = ["hardware", "software", "data", "labour", "operations"]
LAYERS = ["data", "model", "service", "application"]


def decimal(rng, low, high, places):
    """A number as a person writes it, between low and high."""
    value = "%.*f" % (places, rng.uniform(low, high))
    if "." in value and rng.random() < 0.5:
        value = value.rstrip("0").rstrip(".")
    whole, point, part = value.partition(".")
    if len(whole) > 6 and rng.random() < 0.3:
        whole = whole[:-3] + "_" + whole[-3:]
    return whole + point + part


def count(rng, low, high):
    return str(rng.randint(low, high))


class Generator:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.profiles = {}

    def chance(self, p):
        return self.rng.random() < p

    def date(self, start, months):
        index = start + self.rng.randint(-1, months)
        return "%04d-%02d-%02d" % (index // 12, index % 12 + 1, self.rng.randint(1, 28))

    def book(self, name, currency, keys):
        rng, prices = self.rng, {}
        machine = {"kind": "machine", "vcpu": count(rng, 1, 64), "memory_gib": "512",
                   "hour": {"on_demand": decimal(rng, 0.01, 3, rng.choice([2, 4, 9])),
                            "reserved_1y": decimal(rng, 0.01, 2, 4), "spot": decimal(rng, 0.005, 1, 4)}}
        if self.chance(0.5):
            machine["terms"] = {"reserved_1y": {"term_months": count(rng, 1, 13), "upfront": decimal(rng, 0, 900, 2)}}
        if self.chance(0.5):
            machine.setdefault("terms", {})["spot"] = {"interruption_rate": decimal(rng, 0, 0.1, 4),
                                                       "restart_hours": decimal(rng, 0, 4, 2)}
        asset = {"kind": "asset", "price": decimal(rng, 1000, 300000, 2), "life_months": count(rng, 1, 60),
                 "salvage": decimal(rng, 0, 1000, 2), "power_kw": decimal(rng, 0, 10, 3)}
        method = rng.choice([None, "straight_line", "declining_balance", "sum_of_years"])
        if method:
            asset["method"] = method
        if method == "declining_balance":
            asset["rate"] = decimal(rng, 0.01, 3, 3)
        if self.chance(0.6):
            asset["maintenance_per_year"] = decimal(rng, 0, 0.3, 3)
        person = {"kind": "person", "month": decimal(rng, 1000, 20000, 2)}
        if self.chance(0.6):
            person["overhead"] = decimal(rng, 0, 0.9, 3)
        if self.chance(0.6):
            person["training_per_month"] = decimal(rng, 0, 300, 2)
        made = {"m": machine, "a": asset, "p": person,
                "r": {"kind": "rate", "unit": rng.choice(["GB-month", "seat", "GB"]), "price": decimal(rng, 0.001, 90, 6)},
                "g": {"kind": "rate", "unit": "GB", "price": decimal(rng, 0.001, 1, 6)},
                "d": {"kind": "rate", "unit": "GB-month", "price": decimal(rng, 0.001, 1, 6)},
                "e": {"kind": "rate", "unit": "kWh", "price": decimal(rng, 0.01, 0.6, 4)}}
        for key in keys:
            entry = dict(made[key[0]])
            if self.chance(0.25):
                entry["currency"] = rng.choice(["USD", "EUR", "CNY"])
            prices[key] = entry
        return {"reckon": "prices/1", "name": name, "currency": currency, "prices": prices}

    def traffic(self, start, months):
        rng = self.rng
        t = {"requests_per_day": decimal(rng, 0, 10 ** rng.randint(2, 8), rng.choice([0, 0, 1]))}
        if self.chance(0.05):
            t["requests_per_day"] = "0"
        if self.chance(0.6):
            t["hours"] = [decimal(rng, 0, 10, rng.choice([0, 1])) for _ in range(23)] + ["1"]
        if self.chance(0.6):
            t["weekdays"] = [decimal(rng, 0, 3, 2) for _ in range(6)] + ["0.7"]
        if self.chance(0.6):
            t["growth_per_month"] = decimal(rng, -0.2, 0.4, 4)
        if self.chance(0.5):
            t["events"] = []
            for i in range(rng.randint(1, 3)):
                first, last = sorted([self.date(start, months), self.date(start, months)])
                t["events"].append({"name": "event %d" % i, "from": first, "to": last,
                                    "factor": decimal(rng, 0, 6, 1)})
        if self.chance(0.3) and all(cost_reference.number(e["factor"]) for e in t.get("events", [])):
            whole = float(t["requests_per_day"]) * 40
            t["months"] = {cost_reference.month_text(start + m): decimal(rng, 0, whole, rng.choice([0, 0, 2]))
                           for m in rng.sample(range(months), rng.randint(1, months))}
        return t

    def profile(self, name):
        rng, points, rps, p99 = self.rng, [], 0, 1
        for _ in range(rng.randint(2, 6)):
            rps += rng.randint(10, 400)
            p99 += rng.choice([0, 1, 2, 9]) + rng.randint(0, 9) / 8
            requests = rng.randint(100, 9000)
            points.append({"requests": requests, "offered_rps": rps, "achieved_rps": rps - rng.randint(0, 4) / 4,
                           "latency_ms": {"p50": p99 / 4, "p90": p99 / 2, "p99": p99, "p99.9": p99 * 2},
                           "cpu_ms_per_request": 0.31, "errors": rng.choice([0, 0, rng.randint(0, requests // 20)]) if points else 0})
        self.profiles[name] = {
            "reckon": "profile/1", "target": "http://127.0.0.1", "model": "m",
            "machine": {"cpu": "some", "cores": 2, "memory_gib": 24}, "points": points, "knee_rps": rps,
            "memory_bytes": 91000000, "response_bytes": rng.choice([2180, 990.5])}
        slo = {"latency_ms_p99": decimal(rng, points[0]["latency_ms"]["p99"] + 0.2, p99 + 3, 2)}
        if self.chance(0.6):
            slo["errors"] = decimal(rng, 0, 0.06, 4)
        return {"profile": name, "slo": slo}

    def service(self, start, months, i):
        rng = self.rng
        s = {"product_line": rng.choice(["search", "recommendation", "ads"]), "traffic": self.traffic(start, months)}
        per_day = cost_reference.number(s["traffic"]["requests_per_day"])
        measured = False
        if self.chance(0.85):
            rps = max(1, float(per_day) / 86400 / rng.choice([0.3, 3, 12]))
            s["capacity"] = {"rps": decimal(rng, rps, 2 * rps, 2), "origin": "assumed"}
            if self.chance(0.3):
                s["capacity"] = self.profile("profile%d.json" % i)
                measured = True
                s["traffic"]["requests_per_day"] = decimal(rng, 0, 4e7, 0)
            f = {"machine": rng.choice(["m1", "m2"])}
            for key, low, high in (("min", 0, 4), ("spare", 0, 2)):
                if self.chance(0.6):
                    f[key] = count(rng, low, high)
            if self.chance(0.8):
                f["utilisation"] = decimal(rng, 0.2, 1, 2)
            if self.chance(0.4):
                f["max"] = count(rng, 4, 12)
            if self.chance(0.6):
                f["reserved"] = {"option": rng.choice(["reserved_1y", "spot"]),
                                 "count": rng.choice(["best", "best", count(rng, 0, 9)])}
            s["fleet"] = f
        s["response_bytes"] = "measured" if measured and self.chance(0.6) else decimal(rng, 100, 9000, rng.choice([0, 1]))
        s["cpu_ms_per_request"] = decimal(rng, 0, 90, 3)
        for key, driver in (("events_per_request", "event"), ("orders", "order"), ("active_users", "active_user"),
                            ("revenue", "revenue"), ("heads", "head")):
            if driver in self.said:
                s[key] = decimal(rng, 0, 90, 2)
        if "event" in self.said and self.chance(0.4):
            s["events_per_day"] = s.pop("events_per_request")
        if "order" in self.said and self.chance(0.4):
            s["orders"] = {"first": s["orders"], "growth_per_month": decimal(rng, -0.5, 1, 2),
                           "months": {cost_reference.month_text(start + months - 1): decimal(rng, 0, 90, 1)}}
        return s

    def share(self, names):
        drivers = ["requests", "gb", "cpu_seconds", "direct_cost", "even"]
        drivers += [name for name, driver in (("events", "event"), ("orders", "order"), ("head", "head"),
                    ("active_users", "active_user"), ("revenue", "revenue")) if driver in self.said]
        drivers += ["machine_hours"] if self.any_fleet else []
        some = self.rng.sample(names, self.rng.randint(1, len(names)))
        return self.rng.choice(drivers + [{n: decimal(self.rng, 0, 5, 1) for n in some}])

    def per(self, service):
        drivers = ["month", "hour", "request", "thousand_requests", "response_gb", "cpu_second"] + sorted(self.said)
        drivers += ["instance", "core"] if self.all_fleets or (self.any_fleet and service in ("each", "shared")) else []
        return self.rng.choice(drivers)

    def element(self, i, names, start, months):
        rng = self.rng
        e = {"name": rng.choice(["thing", "a thing", "Ding %d" % i]) + " %d" % i, "category": rng.choice(CATEGORIES),
             "layer": rng.choice(LAYERS), "service": rng.choice(names + ["shared", "shared", "shared", "each"])}
        if e["service"] == "shared":
            e["share_by"] = self.share(names)
        kind = rng.choice(["use", "use", "per", "per", "store", "network", "train", "clean", "rent", "own", "person", "incidents", "amount", "amount"])
        if kind == "use":
            e.update(use=rng.choice(["r1", "r2"]), quantity=decimal(rng, 0, 5000, rng.choice([0, 3, 7])))
            if self.chance(0.4):
                e["grows_per_month"] = decimal(rng, 0, 40, 2)
        elif kind == "per":
            e.update(use=rng.choice(["r1", "r2"]), per=self.per(e["service"]))
            is_big = e["per"] in ("request", "event", "cpu_second")
            if is_big or self.chance(0.6):
                e["quantity"] = decimal(rng, 0, 0.01 if is_big else 3, rng.choice([0, 3, 9]))
        elif kind == "store" and "event" in self.said and self.chance(0.7):
            e.update(store="d1", bytes_per_event=decimal(rng, 1, 900, 1))
            if self.chance(0.8):
                e["retention_days"] = count(rng, 1, 70)
            if self.chance(0.4):
                e["since"] = cost_reference.month_text(start + rng.randint(-3, months))
        elif kind in ("store", "network"):
            e.update({kind: "d1" if kind == "store" else "g1"})
            source = rng.choice(["bytes", "per"] + (["bytes_per_event"] if "event" in self.said else []))
            source = "bytes" if kind == "store" else source
            e[source] = "response_gb" if source == "per" else decimal(rng, 1, 9e8 if source == "bytes" else 900, 0)
            keys = ["replicas"] if kind == "store" else ["copies", "cross_share"]
            for key in keys + (["times_per_month"] if kind == "network" and source == "bytes" else []):
                if self.chance(0.5):
                    e[key] = decimal(rng, 0, 1, 3) if key == "cross_share" else decimal(rng, 0, 9, 1)
        elif kind == "train" or (kind == "clean" and "event" not in self.said):
            e.update(train=rng.choice(["m1", "m2"]), runs_per_month=decimal(rng, 0, 9, 1), hours=decimal(rng, 0, 90, 2))
            for key, most, places in (("trials", 30, 0), ("experiments_per_month", 9, 1), ("failed_share", 0.9, 2),
                                      ("machines", 9, 0)):
                if self.chance(0.5):
                    e[key] = decimal(rng, 0, most, places)
        elif kind == "rent":
            e.update(rent=rng.choice(["m1", "m2"]), option=rng.choice(["on_demand", "spot", "reserved_1y"]))
            for key, most, places in (("count", 9, 1), ("fallback_share", 1, 2)):
                if self.chance(0.5):
                    e[key] = decimal(rng, 0, most, places)
            if self.chance(0.6):
                e.update({"share": decimal(rng, 0, 1, 2)} if self.chance(0.5) else
                         {"hours_per_month": decimal(rng, 0, 700, 1)})
            if self.chance(0.4):
                e["from"] = cost_reference.month_text(start + rng.randint(-20, months))
            if self.chance(0.3):
                e.update(upfront=decimal(rng, 0, 900, 2), term_months=count(rng, 1, 9))
            if self.chance(0.3):
                e.update(interruption_rate=decimal(rng, 0, 0.1, 3), restart_hours=decimal(rng, 0, 9, 1))
        elif kind == "clean":
            e.update(clean=rng.choice(["m1", "m2"]), cpu_s_per_million=decimal(rng, 0, 900, 2))
        elif kind == "own":
            bought = start + rng.choice([-70, -20, -3, -1, 0, 1, months])
            e.update(own=rng.choice(["a1", "a2"]), bought=cost_reference.month_text(bought))
            if self.chance(0.6):
                e["count"] = count(rng, 1, 9)
            if self.chance(0.6):
                e.update(energy=rng.choice(["e1", "e2"]))
                if self.chance(0.7):
                    e.update(utilisation=decimal(rng, 0, 1, 3), pue=decimal(rng, 1, 2, 2))
        elif kind == "person":
            e.update(person=rng.choice(["p1", "p2"]), fte=decimal(rng, 0, 6, 2))
        elif kind == "incidents":
            e.update(person=rng.choice(["p1", "p2"]), incidents_per_month=decimal(rng, 0, 9, 2),
                     hours_each=decimal(rng, 0, 9, 2), loss_per_minute=decimal(rng, 0, 90, 2),
                     availability=decimal(rng, 0.9, 1, 6))
        else:
            e.update(amount=decimal(rng, 0, 90000, rng.choice([0, 2, 6])))
            if self.chance(0.5):
                e["spread_months"] = count(rng, 1, 9)
            if self.chance(0.3):
                e["spend"] = rng.choice(["opex", "capex"])
        if kind in ("train", "clean") and self.chance(0.4):
            e["option"] = rng.choice(["spot", "reserved_1y"])
        if kind != "rent" and self.chance(0.3):
            e["when"] = sorted({cost_reference.month_text(start + rng.randint(0, months - 1)) for _ in range(2)})
        return e

    def measures(self, start, months, p):
        """What costs are held against, some of it."""
        rng, out = self.rng, {}
        for key in ("active_users", "orders", "revenue"):
            if not self.chance(p):
                continue
            out[key] = decimal(rng, 0, 90000, rng.choice([0, 2]))
            if self.chance(0.5):
                out[key] = {"first": out[key], "growth_per_month": decimal(rng, -0.3, 0.4, 3)}
                if self.chance(0.5):
                    out[key]["months"] = {cost_reference.month_text(start + rng.randint(0, months - 1)):
                                          decimal(rng, 0, 9000, 1)}
        return out

    def plan(self):
        rng = self.rng
        start = rng.randint(2023 * 12, 2032 * 12)
        months = rng.choice([1, 1, 2, 2, 3, 4] + ([14] if self.chance(0.05) else []))
        names = ["s%d" % i for i in range(rng.randint(1, 4))]
        keys = ["g1", "d1", "m1", "m2", "a1", "a2", "p1", "p2", "r1", "r2", "e1", "e2"]
        books = [self.book("first", "USD", keys)]
        if self.chance(0.5):
            books.append(self.book("second", rng.choice(["USD", "EUR"]), rng.sample(keys, 4)))
        self.said = {d for d in ("event", "order", "active_user", "revenue", "head") if self.chance(0.5)}
        services = {n: self.service(start, months, i) for i, n in enumerate(names)}
        self.any_fleet = any("fleet" in s for s in services.values())
        self.all_fleets = all("fleet" in s for s in services.values())
        plan = {"reckon": "plan/1", "name": "random", "currency": "USD", "start": cost_reference.month_text(start),
                "months": str(months), "prices": ["book%d.yaml" % i for i in range(len(books))],
                "exchange": {"EUR": decimal(rng, 0.8, 1.4, 4), "CNY": decimal(rng, 0.1, 0.2, 6)},
                "services": services,
                "elements": [self.element(i, names, start, months) for i in range(rng.randint(0, 9))]}
        if "active_user" in self.said:
            plan["active_users"] = decimal(rng, 0, 900, 2)
        if "event" in self.said and self.chance(0.4):
            plan["events_per_day"] = decimal(rng, 0, 9000, 1)
        for holder, chance in [(plan, 0.4)] + [(s, 0.6) for s in services.values()]:
            for key, measure in self.measures(start, months, chance).items():
                holder.setdefault(key, measure)
        with_fleet = [s for s in services.values() if "fleet" in s]
        if with_fleet and self.chance(0.5):
            shared = rng.sample(with_fleet, rng.randint(1, len(with_fleet)))
            plan["fleets"] = {"web": shared[0]["fleet"]}
            for s in shared:
                s["fleet"] = "web"
        return plan, books


def yaml(value, indent=0):
    """Block style for maps, one line for lists of scalars; texts that are not plain words are quoted."""
    pad = "  " * indent
    if isinstance(value, dict):
        if not value:
            return " {}\n"
        return "\n" + "".join("%s%s:%s" % (pad, key, yaml(item, indent + 1)) for key, item in value.items())
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            return " [%s]\n" % ", ".join(value)
        return "\n" + "".join("%s-%s" % (pad, yaml(item, indent + 1)) for item in value)
    plain = all(c.isalnum() or c in "._-/ " for c in value)
    return " %s\n" % (value if plain else json.dumps(value))


def run_reckon(plan, books, profiles, folder):
    """The statement and the unit costs."""
    for i, book in enumerate(books):
        with open(os.path.join(folder, "book%d.yaml" % i), "w") as f:
            f.write(yaml(book).lstrip("\n"))
    for name, profile in profiles.items():
        with open(os.path.join(folder, name), "w") as f:
            json.dump(profile, f)
    path = os.path.join(folder, "plan.yaml")
    with open(path, "w") as f:
        f.write(yaml(plan).lstrip("\n"))
    return [ask("statement", path), ask("unit", path)]


def ask(view, path):
    done = subprocess.run([os.environ["RECKON"], "cost", view, path, "--json", "--threads", "1"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError("reckon: " + done.stderr)
    return json.loads(done.stdout, parse_float=Fraction)


def micro(value):
    value = Fraction(value) * 10 ** 6
    assert value.denominator == 1, "more than six places"
    return int(value)


def differences(ours, theirs):
    """ours from the reference, theirs from reckon."""
    for key in ours:
        if key not in ("lines", "payments", "fleet") and ours[key] != theirs[key]:
            yield "%s: %r is not %r" % (key, ours[key], theirs[key])
    fields = ("period", "element", "category", "layer", "service", "product_line", "unit", "amount", "spend")
    for key in ("lines", "payments"):
        if len(ours[key]) != len(theirs[key]):
            yield "%d %s are not %d" % (len(ours[key]), key, len(theirs[key]))
        for a, b in zip(ours[key], theirs[key]):
            if any(a[f] != b[f] for f in fields) or a["quantity"] != micro(b["quantity"]) or a["is_cash"] != b["is_cash"]:
                yield "%s: %r is not %r" % (key, a, {k: v for k, v in b.items() if k != "formula"})
    if set(ours["fleet"]) != set(theirs["fleet"]):
        yield "fleets differ"
        return
    for name, fleet in ours["fleet"].items():
        other = dict(theirs["fleet"][name])
        if fleet["reserved"] != other.pop("reserved"):
            yield "reserved of %s: %r is not %r" % (name, fleet, theirs["fleet"][name])
        for key, values in other.items():
            if fleet.get(key) != [micro(v) for v in values]:
                yield "%s of %s: %r is not %r" % (key, name, fleet.get(key), values)


def book_differences(statement):
    """What is left on the books is what the formula says, but for half a millionth a line."""
    closing = {row["element"]: row["closing"] for row in statement.books()}
    for name, exact in statement.worth_at_end.items():
        n = sum(line["cause"] == name for line in statement.lines + statement.payments + statement.carried)
        if abs(closing.get(name, 0) - exact) > Fraction(n, 2):
            yield "books of %s: %r is not %s" % (name, closing.get(name, 0), float(exact))


def unit_differences(ours, theirs):
    found = {(u["scope"], u["product_line"] if u["scope"] == "product_line" else u["service"], u["period"]): u
             for u in theirs["units"]}
    if set(found) != set(ours):
        yield "scopes and periods of units differ"
        return
    for at, row in ours.items():
        for key, value in row.items():
            other = found[at][key]
            if "_per_" not in key and key != "full_cost" and value is not None and other is not None:
                same = abs(value - other) <= abs(value) / 10 ** 9  # a fraction in millionths, a count as a double
                same = same or ("share" in key and value == other * 10 ** 6)
            else:
                same = value == other
            if not same:
                yield "%s of %r: %r is not %r" % (key, at, value, other)


def try_seed(seed):
    generator = Generator(seed)
    plan, books = generator.plan()
    folder = tempfile.mkdtemp()
    try:
        theirs, their_units = run_reckon(plan, books, generator.profiles, folder)
        statement = cost_reference.Statement(plan, books, generator.profiles)
        ours = statement.summary()
        found = list(differences(ours, theirs)) + list(book_differences(statement))
        found += unit_differences(unit_reference.Units(statement).rows(), their_units)
        if found and os.environ.get("KEEP"):
            shutil.copytree(folder, os.path.join(os.environ["KEEP"], str(seed)), dirs_exist_ok=True)
        return found, len(ours["lines"])
    finally:
        shutil.rmtree(folder)


def main():
    """Blocks of plans, one claim each; $CLAIM is the number of the first."""
    first, total, claim = int(sys.argv[1]), int(sys.argv[2]), int(os.environ.get("CLAIM", "1"))
    for block in range(first, first + total, 50):
        n_lines, failed, n = 0, 0, min(50, first + total - block)
        for seed in range(block, block + n):
            try:
                found, lines = try_seed(seed)
            except AssertionError as wrong:
                found, lines = [str(wrong)], 0
            n_lines += lines
            failed += bool(found)
            for words in found[:3]:
                print("# seed %d: %s" % (seed, words))
        print("%sok %d - random plans %d to %d: %d lines agree with a second implementation to the millionth"
              % ("not " if failed or not n_lines else "", claim, block, block + n - 1, n_lines))
        claim += 1


main()
