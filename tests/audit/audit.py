"""audit.py - the accounting method once more, in exact fractions, written from its words alone.

Nothing here was taken from the program, so that both being wrong in the same way is unlikely. One function for each paragraph
of the method; every figure of a plan is text until number() makes a fraction of it. It reads what the worked example shows and
no more: no measured profiles, no shared fleets, no terms, no laws.
"""
import calendar
import datetime
import math
import os
from collections import Counter
from fractions import Fraction

import yaml

MICRO = 10**6


def number(text):
    return Fraction(text.replace("_", ""))


def micros(value):
    """Millionths, rounded half-even (what Python's round does to a fraction)."""
    return round(Fraction(value) * MICRO)


def month_number(text):
    year, month = text.split("-")
    return 12 * int(year) + int(month) - 1


def month_name(month):
    return f"{month // 12}-{month % 12 + 1:02}"


def days_of(month):
    year, month = month // 12, month % 12 + 1
    return [datetime.date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1])]


def hours_of(month):
    return 24 * len(days_of(month))


# ---- price books -----------------------------------------------------------------------------------------------------

def read_book(book, folder):
    if isinstance(book, str):
        with open(os.path.join(folder, book), encoding="utf-8") as file:
            return yaml.load(file, yaml.BaseLoader)
    return book


class Prices:
    """Entries by key, a later book's over an earlier one's; every price in the plan's currency, by an exact product."""

    def __init__(self, plan, folder):
        self.currency, self.exchange, self.entries = plan["currency"], plan.get("exchange", {}), {}
        for item in plan.get("prices", []):
            book = read_book(item, folder)
            for key, entry in book["prices"].items():
                self.entries[key] = {"currency": book["currency"]} | entry

    def of(self, key, figure):
        """What the entry's figure (a text) is worth in the plan's currency."""
        currency = self.entries[key]["currency"]
        return number(figure) * (1 if currency == self.currency else number(self.exchange[currency]))

    def hour(self, machine, option):
        return self.of(machine, self.entries[machine]["hour"][option])

    def rate(self, key):
        return self.of(key, self.entries[key]["price"])

    def person(self, key):
        entry = self.entries[key]
        pay = self.of(key, entry["month"]) * (1 + number(entry.get("overhead", "0")))
        return pay + self.of(key, entry.get("training_per_month", "0"))


# ---- demand ----------------------------------------------------------------------------------------------------------

def requests_of_day(traffic, day, m):
    """m is the month of the plan, 0 = the first."""
    weights = [number(weight) for weight in traffic.get("weekdays", ["1"] * 7)]
    requests = number(traffic["requests_per_day"]) * (1 + number(traffic.get("growth_per_month", "0"))) ** m
    requests *= weights[day.weekday()] / (sum(weights) / 7)
    for event in traffic.get("events", []):
        if event["from"] <= day.isoformat() <= event.get("to", event["from"]):
            requests *= number(event["factor"])
    return requests


def rates_of_day(traffic, requests):
    """Requests a second in each of the 24 hours."""
    weights = [number(weight) for weight in traffic.get("hours", ["1"] * 24)]
    return [requests * weight / sum(weights) / 3600 for weight in weights]


# ---- fleets ----------------------------------------------------------------------------------------------------------

def machines_needed(rate, capacity, fleet):
    needed = math.ceil(rate / (capacity * number(fleet.get("utilisation", "1"))) - Fraction(1, 10**9))
    needed = max(int(fleet.get("min", "0")), needed) + int(fleet.get("spare", "0"))
    return min(int(fleet["max"]), needed) if "max" in fleet else needed


def fleet_month(service, days_requests):
    """(hours by number of machines, machine-hours of work that was served, requests beyond max) of one month."""
    fleet, capacity = service["fleet"], number(service["capacity"]["rps"])
    counts, work, shortfall = Counter(), Fraction(0), Fraction(0)
    for requests, n_days in Counter(days_requests).items():
        for rate in rates_of_day(service["traffic"], requests):
            machines = machines_needed(rate, capacity, fleet)
            counts[machines] += n_days
            work += n_days * min(rate, machines * capacity) / capacity
            shortfall += n_days * max(0, rate - machines * capacity) * 3600
    return counts, work, shortfall


def beyond(counts, reserved):
    return sum(hours * max(0, machines - reserved) for machines, hours in counts.items())


def machines_reserved(fleet, counts, prices):
    """The number the plan gives, or the smallest with the least cost over the whole plan."""
    reserved = fleet.get("reserved")
    if not reserved or reserved["count"] != "best":
        return int(reserved["count"]) if reserved else 0
    fixed, demand = (prices.hour(fleet["machine"], option) for option in (reserved["option"], "on_demand"))
    cost = lambda n: n * sum(counts.values()) * fixed + beyond(counts, n) * demand
    return min(range(max(counts) + 1), key=cost)  # min takes the first of equals


# ---- the ledger ------------------------------------------------------------------------------------------------------

def parts(whole, weights):
    """A whole number of millionths in proportion to the weights, by largest remainder, ties to the first."""
    weights = weights if sum(weights) else [Fraction(1)] * len(weights)
    exact = [whole * weight / sum(weights) for weight in weights]
    floors = [math.floor(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])
    for i in by_remainder[:whole - sum(floors)]:
        floors[i] += 1
    return floors


class Account:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.plan = yaml.load(file, yaml.BaseLoader)
        self.prices = Prices(self.plan, os.path.dirname(path))
        self.first = month_number(self.plan["start"])
        self.months = range(self.first, self.first + int(self.plan["months"]))
        self.services = self.plan["services"]
        self.days = {name: {month: [requests_of_day(service["traffic"], day, month - self.first) for day in days_of(month)]
                            for month in self.months} for name, service in self.services.items()}
        self.lines, self.fleet = [], {}
        for name, service in self.services.items():
            if "fleet" in service:
                self.add_fleet(name, service)
        for element in self.plan.get("elements", []):
            self.add_element(element)

    def requests(self, name, month):
        return sum(self.days[name][month])

    def line(self, month, element, labels, name, quantity, unit, unit_price, share, amount):
        if amount:
            self.lines.append({
                "period": month_name(month), "element": element, "service": name, "category": labels["category"],
                "layer": labels["layer"], "product_line": self.services[name]["product_line"], "quantity": quantity,
                "unit": unit, "unit_price": unit_price, "share": share, "amount": amount})

    def add_fleet(self, name, service):
        labels, fleet = {"category": "hardware", "layer": "service"}, service["fleet"]
        by_month = {month: fleet_month(service, self.days[name][month]) for month in self.months}
        all_counts = sum((counts for counts, _, _ in by_month.values()), Counter())
        reserved = machines_reserved(fleet, all_counts, self.prices)
        for month, (counts, _, _) in by_month.items():
            for option, words, hours in (
                    (fleet.get("reserved", {}).get("option"), "reserved", reserved * hours_of(month)),
                    ("on_demand", "on demand", beyond(counts, reserved))):
                if hours:
                    price = self.prices.hour(fleet["machine"], option)
                    self.line(month, f"{name} machine {words}", labels, name, hours * MICRO, "machine-hour", price,
                              Fraction(1), micros(hours * price))
        self.fleet[name] = {
            "reserved": reserved,
            "requests": [self.requests(name, month) for month in self.months],
            "idle_machine_hours": [reserved * hours_of(month) + beyond(counts, reserved) - work
                                   for month, (counts, work, _) in by_month.items()],
            "shortfall_requests": [shortfall for _, _, shortfall in by_month.values()]}

    # ---- elements: what each kind makes of a month, as (words, category or None, quantity, unit, unit price) ----------

    def used(self, element, month, names):
        quantity = number(element.get("quantity", "1")) + number(element.get("grows_per_month", "0")) * (month - self.first)
        if element.get("per") == "response_gb":
            quantity *= sum(self.requests(name, month) * number(self.services[name]["response_bytes"]) for name in names)
            quantity /= 10**9
        key = element["use"]
        yield "", None, quantity, self.prices.entries[key]["unit"], self.prices.rate(key)

    def owned(self, element, month, _names):
        key, count = element["own"], number(element.get("count", "1"))
        asset = self.prices.entries[key]
        age = month - month_number(element["bought"])
        if age < 0:
            return
        price = self.prices.of(key, asset["price"])
        salvage = self.prices.of(key, asset.get("salvage", "0"))
        yield " depreciation", None, count, "asset-month", depreciation(asset, price, salvage, age)
        yearly = number(asset.get("maintenance_per_year", "0"))
        yield " maintenance", "operations", count, "asset-month", yearly / 12 * price
        if "energy" in element:
            kw = count * number(asset.get("power_kw", "0")) * number(element.get("pue", "1"))
            kwh = kw * number(element.get("utilisation", "1")) * hours_of(month)
            yield " energy", None, kwh, "kWh", self.prices.rate(element["energy"])

    def person(self, element, _month, _names):
        yield "", None, number(element["fte"]), "person-month", self.prices.person(element["person"])

    def incidents(self, element, month, _names):
        person_months = number(element["incidents_per_month"]) * number(element["hours_each"]) / 160
        yield " labour", None, person_months, "person-month", self.prices.person(element["person"])
        minutes = (1 - number(element["availability"])) * hours_of(month) * 60
        yield " downtime", None, minutes, "minute", number(element["loss_per_minute"])

    def amount(self, element, month, _names):
        """Equal parts of whole millionths from each month of 'when' on, the larger ones first."""
        n_parts = int(element.get("spread_months", "1"))
        for start in element.get("when", [self.plan["start"]]):
            part = month - month_number(start)
            if 0 <= part < n_parts:
                cut = parts(micros(number(element["amount"])), [Fraction(1)] * n_parts)
                yield "", None, Fraction(1), "one-off", Fraction(cut[part], MICRO)

    KINDS = {"use": used, "own": owned, "person": person, "incidents_per_month": incidents, "amount": amount}

    def add_element(self, element):
        key = "incidents_per_month" if "incidents_per_month" in element else next(key for key in self.KINDS if key in element)
        wanted = element["service"]
        for month in self.months:
            if key != "amount" and "when" in element and month_name(month) not in element["when"]:
                continue
            groups = [[name] for name in self.services] if wanted == "each" else [[wanted]]
            for names in [list(self.services)] if wanted == "shared" else groups:
                for words, category, quantity, unit, price in self.KINDS[key](self, element, month, names):
                    labels = {"category": category or element["category"], "layer": element["layer"]}
                    self.share(month, element, element["name"] + words, labels, names, micros(quantity), unit, price)

    def share(self, month, element, words, labels, names, quantity, unit, price):
        """One line for each of the names: the amount is rounded first, then shared out."""
        weights = self.weights(element.get("share_by", "even"), month, names)
        shares = [weight / sum(weights) for weight in weights]
        amount = micros(Fraction(quantity, MICRO) * price)
        for name, share, quantity_part, amount_part in zip(names, shares, parts(quantity, weights), parts(amount, weights)):
            self.line(month, words, labels, name, quantity_part, unit, price, share, amount_part)

    def weights(self, share_by, month, names):
        if share_by == "requests":
            weights = [self.requests(name, month) for name in names]
        elif share_by == "even" or len(names) == 1:
            weights = []
        else:
            weights = [number(share_by.get(name, "0")) for name in names]
        return weights if sum(weights) else [Fraction(1)] * len(names)

    def statement(self):
        """What `reckon cost statement --json` must say."""
        total = {"total": sum(line["amount"] for line in self.lines), "n_lines": len(self.lines)}
        for view, field in (("category", "category"), ("layer", "layer"), ("product_line", "product_line"), ("month", "period")):
            sums = Counter()
            for line in self.lines:
                sums[line[field]] += line["amount"]
            total["by_" + view] = dict(sums)
        return total | {"lines": self.lines, "fleet": self.fleet}


def depreciation(asset, price, salvage, age):
    """Of the month that is `age` months after the purchase."""
    life = int(asset["life_months"])
    if not 1 <= age <= life:
        return Fraction(0)
    method = asset.get("method", "straight_line")
    if method == "straight_line":
        return (price - salvage) / life
    if method == "sum_of_years":
        return (price - salvage) * (life - age + 1) / Fraction(life * (life + 1), 2)
    book = price
    for _ in range(age):
        written_off = min(book * number(asset["rate"]) / 12, book - salvage)
        book -= written_off
    return written_off
