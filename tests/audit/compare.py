"""compare.py - reckon's statements against those of audit.py, line by line.

    compare.py expected PLAN EXPECTED.json   the auditor gives the expected figures
    compare.py plan PLAN                     reckon and the auditor agree on this plan
    compare.py random SEED COUNT [KEEP]      ... and on COUNT ugly plans; the first one that differs is kept in folder KEEP
"""
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from fractions import Fraction

import audit

# ---- comparing -------------------------------------------------------------------------------------------------------


def near(mine, theirs):
    """Equal to the millionth. A double holds 15 digits, so that larger figures have fewer places."""
    return abs(audit.micros(mine) - Fraction(theirs) * audit.MICRO) <= max(Fraction(1, 2), abs(mine) * Fraction(audit.MICRO, 10**15))


def same_price(mine, text):
    """A long fraction is told to so many places and '...'."""
    if not text.endswith("..."):
        return mine == Fraction(text)
    text = text[:-3]
    return 0 <= mine - Fraction(text) < Fraction(1, 10 ** len(text.partition(".")[2]))


def by_key(lines):
    groups = defaultdict(list)
    for line in lines:
        groups[line["period"], line["element"], line["service"]].append(line)
    return {key: sorted(group, key=lambda line: line["amount"]) for key, group in groups.items()}


def line_differences(key, mine, theirs):
    for field in ("category", "layer", "product_line", "unit", "amount"):
        if mine[field] != theirs[field]:
            yield f"{key} {field}: auditor {mine[field]}, reckon {theirs[field]}"
    if not near(Fraction(mine["quantity"], audit.MICRO), theirs["quantity"]):
        yield f"{key} quantity: auditor {mine['quantity']} millionths, reckon {theirs['quantity']}"
    if abs(mine["share"] - Fraction(theirs["share"])) > Fraction(1, 10**12):
        yield f"{key} share: auditor {float(mine['share'])}, reckon {theirs['share']}"
    if not same_price(mine["unit_price"], theirs["unit_price"]):
        yield f"{key} unit price: auditor {mine['unit_price']}, reckon {theirs['unit_price']}"


def fleet_differences(name, mine, theirs):
    if mine["reserved"] != theirs["reserved"]:
        yield f"fleet {name} reserved: auditor {mine['reserved']}, reckon {theirs['reserved']}"
    for field in ("requests", "idle_machine_hours", "shortfall_requests"):
        other = theirs.get(field, [0] * len(mine[field]))
        for m, (a, b) in enumerate(zip(mine[field], other, strict=True)):
            if not near(a, b):
                yield f"fleet {name} {field}[{m}]: auditor {float(a)}, reckon {b}"


def differences(mine, theirs):
    for field in ("total", "n_lines", "by_category", "by_layer", "by_product_line", "by_month"):
        there = theirs[field]
        if isinstance(there, dict):  # a view may or may not name what costs nothing
            there = {key: amount for key, amount in there.items() if amount or key in mine[field]}
        if mine[field] != there:
            yield f"{field}: auditor {mine[field]}, reckon {there}"
    ours, others = by_key(mine["lines"]), by_key(theirs["lines"])
    for key in sorted(ours.keys() | others.keys()):
        here, there = ours.get(key, []), others.get(key, [])
        if len(here) != len(there):
            yield f"{key}: auditor has {len(here)} lines, reckon {len(there)}"
        for pair in zip(here, there):
            yield from line_differences(key, *pair)
    if mine["fleet"].keys() != theirs["fleet"].keys():
        yield f"fleets: auditor {list(mine['fleet'])}, reckon {list(theirs['fleet'])}"
    for name in mine["fleet"].keys() & theirs["fleet"].keys():
        yield from fleet_differences(name, mine["fleet"][name], theirs["fleet"][name])
    ids = [line["id"] for line in theirs["lines"]]
    if len(set(ids)) != len(ids):
        yield "reckon gives an id twice"


def reckon_differences(path):
    run = subprocess.run([os.environ["RECKON"], "cost", "statement", path, "--json"], capture_output=True, text=True)
    if run.returncode:
        return [f"reckon refuses: {run.stderr.strip()}"]
    return list(differences(audit.Account(path).statement(), json.loads(run.stdout)))


def expected_differences(plan, expected):
    mine = audit.Account(plan).statement()
    with open(expected, encoding="utf-8") as file:
        theirs = json.load(file)
    mine_by_key = by_key(mine["lines"])
    wrong = [field for field in theirs if field not in ("some_lines", "fleet") and mine[field] != theirs[field]]
    for name, fleet in theirs["fleet"].items():
        wrong += fleet_differences(name, mine["fleet"][name], fleet)
    for line in theirs["some_lines"]:
        there, = mine_by_key[line["period"], line["element"], line["service"]]
        if any(there[field] != value for field, value in line.items() if field != "quantity"):
            wrong.append(f"{line}: auditor {there}")
        if not near(Fraction(there["quantity"], audit.MICRO), line["quantity"]):
            wrong.append(f"{line}: quantity {there['quantity']} millionths")
    return wrong


# ---- ugly plans ------------------------------------------------------------------------------------------------------

class Ugly:
    """A plan and its books from a seed, as text in YAML's flow style, where every number is written in some ugly way."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.first = audit.month_number(self.pick(["2024-02", "2023-12", "2026-01", "2028-01", "2099-12", "2100-02"])) \
            if self.chance(0.4) else self.between(2020 * 12, 2031 * 12)
        self.n_months = self.pick([1, 1, 2, 3, 3, 4, 6, 12, 13, 36])
        self.names = self.random.sample(["search", "recommend", "ads", "b2b", "stock-out"], self.pick([1, 2, 2, 3, 5]))

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, share):
        return self.random.random() < share

    def between(self, low, high):
        return self.random.randint(low, high)

    def decimal(self, low, high, places=None):
        """A decimal between low and high, as a plan may write it."""
        places = self.pick([0, 1, 2, 3, 6, 9]) if places is None else places
        value = self.between(round(low * 10**places), round(high * 10**places))
        sign, digits = "-" if value < 0 else "", str(abs(value)).rjust(places + 1, "0")
        whole, fraction = digits[:len(digits) - places], digits[len(digits) - places:]
        if self.chance(0.2):
            whole = f"{int(whole):_}"
        if value and not fraction and not value % 1000 and self.chance(0.5):
            return f"{sign}{abs(value) // 1000}e3"
        return sign + whole + ("." + fraction if fraction else "")

    def month(self, before=0, after=0):
        return audit.month_name(self.between(self.first - before, self.first + self.n_months - 1 + after))

    def some_months(self):
        return sorted({self.month(1, 1) for _ in range(self.between(1, 4))})

    def weights(self, n):
        weights = [self.decimal(0, 3, 1) if self.chance(0.8) else "0" for _ in range(n)]
        weights[self.between(0, n - 1)] = self.decimal(1, 9)
        return weights

    def event(self, number):
        days = [day for month in range(self.first - 1, self.first + self.n_months + 1) for day in audit.days_of(month)]
        start = self.between(0, len(days) - 1)
        end = min(len(days) - 1, start + self.pick([0, 0, 1, 5, 28, 40]))
        event = {"name": f"sale {number}", "from": days[start], "to": days[end],
                 "factor": self.pick(["0", "0.5", self.decimal(1, 9), self.decimal(0, 3)])}
        if start == end and self.chance(0.5):
            del event["to"]
        return event

    def service(self):
        daily = self.pick(["0", "86_400", self.decimal(1, 900), self.decimal(1000, 999999, 3), self.decimal(10**5, 3 * 10**6)])
        traffic = {"requests_per_day": daily}
        if self.chance(0.6):
            traffic["growth_per_month"] = self.pick([self.decimal(-0.1, 0.15, 4), "-1", "0.001"])
        if self.chance(0.6):
            traffic["hours"] = self.weights(24)
        if self.chance(0.6):
            traffic["weekdays"] = self.weights(7)
        if self.chance(0.6):
            traffic["events"] = [self.event(number) for number in range(self.between(1, 4))]
        service = {"product_line": self.pick(["search", "recommendation", "ads"]), "traffic": traffic,
                   "response_bytes": self.decimal(1, 90000)}
        if self.chance(0.8):
            peak = max(1, float(audit.number(daily)) / 86400)
            capacity = self.pick(["1", "2", "0.3", self.decimal(1, 3 * peak, 3), self.decimal(peak / 20 + 0.001, peak + 1, 6)])
            service["capacity"] = {"rps": capacity, "origin": self.pick(["assumed", "measured"])}
            service["fleet"] = self.a_fleet()
        return service

    def a_fleet(self):
        fleet = {"machine": self.pick(["small", "large"])}
        for key, value in (("utilisation", self.pick(["0.5", "1", "0.7", self.decimal(0.05, 1, 6)])), ("min", self.between(0, 4)),
                           ("spare", self.between(0, 2)), ("max", self.between(1, 9))):
            if self.chance(0.5):
                fleet[key] = value
        if "max" in fleet:  # below min + spare, often; below min it is refused
            fleet["max"] = max(fleet["max"], fleet.get("min", 0))
        if self.chance(0.6):
            fleet["reserved"] = {"option": self.pick(["reserved", "spot"]),
                                 "count": "best" if self.chance(0.7) else self.between(0, 6)}
        return fleet

    def book(self, currencies):
        foreign = lambda: {"currency": self.pick(currencies)} if self.chance(0.4) else {}
        machine = lambda: foreign() | {"kind": "machine", "vcpu": 2, "hour": {
            "on_demand": self.decimal(0.01, 3, 9), "reserved": self.decimal(0.01, 2, 6), "spot": self.pick(["0.5", "0"])}}
        rate = lambda unit: foreign() | {"kind": "rate", "unit": unit, "price": self.decimal(0, 90, 9)}
        person = lambda: foreign() | {"kind": "person", "month": self.decimal(0, 9000), "overhead": self.decimal(0, 0.6, 3),
                                        "training_per_month": self.decimal(0, 200)}
        return {"small": machine(), "large": machine(), "disk": rate("GB-month"), "power": rate("kWh"), "traffic out": rate("GB"),
                "engineer": person(), "server": foreign() | self.asset(), "box": foreign() | self.asset()}

    def asset(self):
        worth = self.decimal(100, 300000)
        asset = {"kind": "asset", "price": worth, "life_months": self.pick([1, 2, 7, 12, 36, 60, 61]),
                 "salvage": self.pick(["0", worth, self.decimal(0, float(audit.number(worth)) / 2, 2)]),
                 "method": self.pick(["straight_line", "declining_balance", "sum_of_years"]), "power_kw": self.decimal(0, 9)}
        if asset["method"] == "declining_balance":
            asset["rate"] = self.decimal(0.01, 1, 3)
        if self.chance(0.7):
            asset["maintenance_per_year"] = self.decimal(0, 0.3, 3)
        return asset

    def element(self, number):
        bearer = self.pick(["shared", "shared", "each", self.pick(self.names)])
        element = {"name": f"element {number}", "category": self.pick(["hardware", "software", "data", "labour", "operations"]),
                   "layer": self.pick(["data", "model", "service", "application"]), "service": bearer}
        if bearer == "shared":
            element["share_by"] = self.pick(["requests", "even", {name: self.pick(["0", self.decimal(0, 5), "1"])
                                                                  for name in self.names}])
        if self.chance(0.25):
            element["when"] = self.some_months()
        return element | self.pick([self.use, self.use, self.own, self.own, self.person, self.incidents, self.amount])()

    def use(self):
        use = {"use": self.pick(["disk", "traffic out"])}
        if self.chance(0.4):
            use["per"] = "response_gb"
        if self.chance(0.7) or "per" not in use:
            use["quantity"] = self.decimal(0, 5000)
        if self.chance(0.3):
            use["grows_per_month"] = self.decimal(0, 40)
        return use

    def own(self):
        own = {"own": self.pick(["server", "box"]), "bought": self.month(self.pick([0, 3, 70]), self.pick([0, 5]))}
        if self.chance(0.5):
            own["count"] = self.pick(["1", "3", self.decimal(0.1, 20, 3)])
        if self.chance(0.6):
            own |= {"energy": "power", "utilisation": self.decimal(0, 1), "pue": self.decimal(1, 2)}
        return own

    def person(self):
        return {"person": "engineer", "fte": self.decimal(0, 9)}

    def incidents(self):
        return {"incidents_per_month": self.decimal(0, 9), "hours_each": self.decimal(0, 12), "person": "engineer",
                "loss_per_minute": self.decimal(0, 99), "availability": self.pick(["1", "0.9995", self.decimal(0.9, 1, 9)])}

    def amount(self):
        amount = {"amount": self.pick(["0.000001", "0.00001", self.decimal(0, 99999)])}
        if self.chance(0.7):
            amount["spread_months"] = self.pick([1, 2, 3, 7, 12, 60])
        return amount

    def plan(self):
        own, others = "USD", ["EUR", "GBP", "JPY"]
        whole, partial = self.book(others), self.book(others)
        later = {key: partial[key] for key in self.random.sample(sorted(partial), 3)}
        services = {name: self.service() for name in self.names}
        return {"reckon": "plan/1", "name": "ugly", "currency": own, "start": audit.month_name(self.first), "months": self.n_months,
                "exchange": {currency: self.decimal(0.001, 2, self.pick([3, 6, 9])) for currency in others},
                "prices": ["first.yaml", {"currency": self.pick([own] + others), "valid_from": "2024-05-01", "prices": later}],
                "services": services, "elements": [self.element(number) for number in range(self.between(1, 8))]}, \
            {"reckon": "prices/1", "name": "first", "currency": self.pick([own, own, "EUR"]), "prices": whole}


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(flow, value)) + "]" if isinstance(value, list) else str(value)


def document(value):
    """Top-level keys on lines of their own, and each item of a list or map."""
    text = ""
    for key, item in value.items():
        if isinstance(item, dict) and item:
            text += f"{key}:\n" + "".join(f"  {name}: {flow(part)}\n" for name, part in item.items())
        elif isinstance(item, list) and item:
            text += f"{key}:\n" + "".join(f"  - {flow(part)}\n" for part in item)
        else:
            text += f"{key}: {flow(item)}\n"
    return text


def write_plan(seed, folder):
    plan, book = Ugly(seed).plan()
    for name, content in (("plan.yaml", plan), ("first.yaml", book)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(document(content))
    return os.path.join(folder, "plan.yaml")


def random_differences(seed, count, keep=None):
    n_wrong = 0
    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory() as folder:
            wrong = reckon_differences(write_plan(number, folder))
        if wrong:
            n_wrong += 1
            print(f"plan {number}: {len(wrong)} differences; {'; '.join(wrong[:4])}")
            if keep and n_wrong == 1:
                os.makedirs(keep, exist_ok=True)
                write_plan(number, keep)
    return [f"{n_wrong} of {count} plans differ"] if n_wrong else []


def main(verb, *words):
    wrong = {"expected": lambda: expected_differences(*words), "plan": lambda: reckon_differences(*words),
             "random": lambda: random_differences(int(words[0]), int(words[1]), *words[2:])}[verb]()
    print("\n".join(map(str, wrong)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
