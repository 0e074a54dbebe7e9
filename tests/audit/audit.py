"""audit.py - the accounting method once more, in exact fractions, written from its words alone (docs/plan.md, docs/cost.md).

Nothing here was taken from the program, so that both being wrong in the same way is unlikely. Each function is a paragraph of the
manual; every figure of a plan is text until number() makes a fraction of it. Not counted: capacities out of profiles, measured
artefacts, mixes of several kinds of machines, laws (their points count), energy and carbon. What is made of the lines: views.py.
"""
import calendar
import datetime
import os
import re
from fractions import Fraction

import yaml

MICRO = 10**6
WORK_HOURS = 160  # of a person-month
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data/prices/{}.yaml")


# ---- figures ---------------------------------------------------------------------------------------------------------

def number(text, otherwise=None):
    """'12_000.5' as a fraction; of a number with a law, its point."""
    if text is None:
        return None if otherwise is None else Fraction(otherwise)
    return Fraction((text["point"] if isinstance(text, dict) else text).replace("_", ""))


def micros(value):
    """Millionths, rounded half-even (what Python's round does to a fraction)."""
    return round(Fraction(value) * MICRO)


def ceiling(value):
    return -(-value.numerator // value.denominator)


def parts(whole, weights):
    """A whole number of millionths in proportion to the weights, by largest remainder, ties to the first; no weights: evenly."""
    weights = weights if any(weights) else [1] * len(weights)
    exact = [Fraction(whole) * weight / sum(weights) for weight in weights]
    floors = [part.numerator // part.denominator for part in exact]
    for i in sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])[:whole - sum(floors)]:
        floors[i] += 1
    return floors


# ---- months ----------------------------------------------------------------------------------------------------------

def month_number(text):
    year, month = text.split("-")[:2]
    return 12 * int(year) + int(month) - 1


def month_name(month):
    return f"{month // 12}-{month % 12 + 1:02}"


def days_of(month):
    year, month = month // 12, month % 12 + 1
    return [datetime.date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1])]


def hours_of(month):
    return 24 * len(days_of(month))


# ---- price books -----------------------------------------------------------------------------------------------------

def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, yaml.BaseLoader)


class Prices:
    """Entries by key, a later book's over an earlier one's; every price in the plan's currency, by an exact product."""

    def __init__(self, plan, folder):
        self.currency, self.entries, self.exchange = plan["currency"], {}, {}
        for book in plan.get("prices", []):
            if isinstance(book, str):
                book = read(SHIPPED.format(book) if book in ("default", "footprint") else os.path.join(folder, book))
            for key, entry in book["prices"].items():
                self.entries[key] = {"currency": book["currency"]} | entry
            if book["currency"] == self.currency:  # used where the plan has no rate itself, the last book first
                self.exchange |= book.get("exchange", {})
        self.exchange |= plan.get("exchange", {})

    def of(self, key, figure, otherwise=None):
        """What the entry's figure (a text) is worth in the plan's currency."""
        currency = self.entries[key]["currency"]
        if currency == self.currency:
            return number(figure, otherwise)
        rate = self.exchange[currency]
        return number(figure, otherwise) * number(rate["rate"] if "rate" in rate else rate)

    def rate(self, key):
        return self.of(key, self.entries[key]["price"])

    def hour(self, machine, option):
        return self.of(machine, self.entries[machine]["hour"][option])

    def terms(self, machine, option):
        """What an option costs beside its hours; an upfront in the plan's currency."""
        terms = dict(self.entries[machine].get("terms", {}).get(option, {}))
        return terms | ({"upfront": self.of(machine, terms["upfront"])} if "upfront" in terms else {})

    def person(self, key):
        entry = self.entries[key]
        return (self.of(key, entry["month"]) * (1 + number(entry.get("overhead"), 0))
                + self.of(key, entry.get("training_per_month"), 0))


def lost_share(terms):
    """Hours of restarts for each hour."""
    return number(terms.get("interruption_rate"), 0) * number(terms.get("restart_hours"), 0)


# ---- traffic ---------------------------------------------------------------------------------------------------------

def day_weight(traffic, day):
    """Weekday weight / mean of the 7 weights x event factors."""
    weights = [number(weight) for weight in traffic.get("weekdays", ["1"] * 7)]
    weight = weights[day.weekday()] / (sum(weights) / 7)
    for event in traffic.get("events", []):
        if event["from"] <= day.isoformat() <= event.get("to", event["from"]):
            weight *= number(event["factor"])
    return weight


def requests_of_days(traffic, month, m):
    """m is the month of the plan, 0 = the first. Requests given for a whole month are spread by the weights of its days."""
    weights = [day_weight(traffic, day) for day in days_of(month)]
    if month_name(month) in traffic.get("months", {}):
        whole = number(traffic["months"][month_name(month)])
        return [whole * weight / sum(weights) for weight in weights]
    mean = number(traffic["requests_per_day"]) * (1 + number(traffic.get("growth_per_month"), 0)) ** m
    return [mean * weight for weight in weights]


def with_variant(service):
    """The variant that answers has its own capacity, bytes and processor time."""
    variants = service.get("variants")
    return service | (variants[service.get("variant", next(iter(variants)))] if variants else {})


# ---- machines --------------------------------------------------------------------------------------------------------

class Line:
    """What an element costs in a month before it is shared out; the quantity is rounded, then the amount, once each."""

    def __init__(self, name, quantity, unit, unit_price, behaviour="fixed", origin="assumed", spend="opex", is_cash=True,
                 category=None):
        self.name, self.unit, self.unit_price, self.category = name, unit, unit_price, category
        self.quantity = micros(quantity)
        self.amount = micros(Fraction(self.quantity, MICRO) * unit_price)
        self.behaviour, self.origin, self.spend, self.is_cash = behaviour, origin, spend, is_cash


class Fleet:
    """Machines of one service, or of several that share them."""

    def __init__(self, account, label, written, names):
        self.account, self.label, self.written, self.names = account, label, written, names
        self.machine, self.prices = written["machine"], account.prices
        self.capacities = [account.capacity(name, self.machine) for name in names]
        self.shapes = []
        for name in names:
            weights = [number(weight) for weight in account.services[name]["traffic"].get("hours", ["1"] * 24)]
            self.shapes.append([weight / sum(weights) for weight in weights])
        self.known = {}
        self.hours = {month: [hour for day in zip(*(account.days[name][month] for name in names))
                              for hour in self.hours_of_day(day)] for month in account.months}
        self.reserved = self.choose_reserved([n for month in account.months for n, _, _ in self.hours[month]])

    def needed(self, load):
        """min(max, max(min, ceil(load / utilisation)) + spare); the ceiling forgives 10^-9."""
        least = ceiling(load / number(self.written.get("utilisation"), 1) - Fraction(1, 10**9))
        n = max(int(self.written.get("min", "0")), least) + int(self.written.get("spare", "0"))
        return min(int(self.written["max"]), n) if "max" in self.written else n

    def hours_of_day(self, requests):
        """In each hour: machines needed, machines at work, and machines beyond max that would have been at work."""
        if requests not in self.known:
            self.known[requests] = []
            for hour in range(24):
                load = sum(day * shape[hour] / 3600 / capacity
                           for day, shape, capacity in zip(requests, self.shapes, self.capacities))
                n = self.needed(load)
                self.known[requests].append((n, min(load, n), max(load - n, 0)))
        return self.known[requests]

    def choose_reserved(self, needed):
        """The number written, or the smallest that costs least over the plan: hours, restarts and the plan's parts of upfronts."""
        written = self.written.get("reserved")
        if not written or written["count"] != "best":
            return int(written["count"]) if written else 0
        terms = self.prices.terms(self.machine, written["option"])
        each = len(needed) * self.prices.hour(self.machine, written["option"]) * (1 + lost_share(terms))
        if "upfront" in terms:
            each += terms["upfront"] * len(self.account.months) / int(terms["term_months"])
        other = self.prices.hour(self.machine, "on_demand") * (1 + lost_share(self.prices.terms(self.machine, "on_demand")))
        counts = {n: needed.count(n) for n in set(needed)}
        cost = [r * each + other * sum(hours * max(0, n - r) for n, hours in counts.items()) for r in range(max(needed) + 1)]
        return cost.index(min(cost))

    def work(self, month):
        """Machine-hours of work of each service, by which money, hours and idle hours are split."""
        return [self.account.requests(name, month) / capacity / 3600 for name, capacity in zip(self.names, self.capacities)]

    def part_of_work(self, i, month):
        work = self.work(month)
        return work[i] / sum(work) if any(work) else Fraction(1, len(work))

    def origin(self):
        origins = {self.account.services[name]["capacity"].get("origin", "assumed") for name in self.names}
        return origins.pop() if len(origins) == 1 else "assumed"

    def bear(self, line, month, weights, payment=False):
        labels = {"category": "hardware", "layer": "service"}
        self.account.add(line, month, labels, self.names, weights, is_direct=True, payment=payment)

    def count_month(self, month):
        on_demand = sum(max(0, n - self.reserved) for n, _, _ in self.hours[month])
        option = self.written.get("reserved", {}).get("option", "on_demand")
        before = len(self.account.lines)
        for words, bought, hours, behaviour in (("reserved", option, Fraction(self.reserved * hours_of(month)), "fixed"),
                                                ("on demand", "on_demand", Fraction(on_demand), "step")):
            price, lost = self.prices.hour(self.machine, bought), lost_share(self.prices.terms(self.machine, bought))
            for suffix, quantity in (("", hours), (" restarts", hours * lost)):
                self.bear(Line(f"{self.label} machine {words}{suffix}", quantity, "machine-hour", price, behaviour, self.origin()),
                          month, self.work(month))
        self.count_upfront(month, self.prices.terms(self.machine, option))
        paid = self.reserved * hours_of(month) + on_demand
        idle = paid - sum(served for _, served, _ in self.hours[month])
        self.tell(month, paid, idle, sum(lost for _, _, lost in self.hours[month]), self.account.lines[before:])

    def count_upfront(self, month, terms):
        """Its parts by the work of their months, the payment by that of the whole plan."""
        if not self.reserved or "upfront" not in terms:
            return
        work = [sum(works) for works in zip(*(self.work(one) for one in self.account.months))]
        self.account.count_upfront(f"{self.label} machine reserved", self.label, self.reserved, terms, self.account.first, month,
                                   lambda line, payment: self.bear(line, month, work if payment else self.work(month), payment),
                                   self.origin())

    def tell(self, month, paid, idle, beyond, lines):
        """What is said of a fleet beside its lines; of a shared one each service has its part."""
        split = [parts(micros(figure), self.work(month)) for figure in (paid, idle)]
        for i, name in enumerate(self.names):
            its_paid, its_idle = (Fraction(figures[i], MICRO) for figures in split)
            told = self.account.fleet.setdefault(name, {"reserved": self.reserved, "requests": [], "idle_machine_hours": [],
                                                        "shortfall_requests": []})
            told["requests"].append(self.account.requests(name, month))
            told["idle_machine_hours"].append(its_idle)
            told["shortfall_requests"].append(beyond * self.part_of_work(i, month) * self.capacities[i] * 3600)
            self.account.paid_hours[name][month] = its_paid
            cost = sum(line["amount"] for line in lines if line["service"] == name)
            self.account.idle_cost[name][month] = round(cost * its_idle / its_paid) if its_idle < its_paid else cost


# ---- the ledger ------------------------------------------------------------------------------------------------------

class Account:
    def __init__(self, path):
        self.plan = read(path)
        self.prices = Prices(self.plan, os.path.dirname(path))
        self.first = month_number(self.plan["start"])
        self.months = range(self.first, self.first + int(self.plan["months"]))
        self.services = {name: with_variant(service) for name, service in self.plan["services"].items()}
        self.elements = self.plan.get("elements", [])
        self.days = {name: {month: requests_of_days(service["traffic"], month, month - self.first) for month in self.months}
                     for name, service in self.services.items()}
        self.lines, self.payments, self.books, self.fleet = [], [], {}, {}
        self.paid_hours = {name: dict.fromkeys(self.months, Fraction(0)) for name in self.services}
        self.idle_cost = {name: dict.fromkeys(self.months, 0) for name in self.services}
        self.count_fleets()
        last = [element for element in self.elements if element.get("share_by") == "direct_cost"]
        for element in [element for element in self.elements if element not in last] + last:
            for month in self.months:
                self.count_element(element, month)
        self.name_lines()

    def requests(self, name, month):
        return sum(self.days[name][month])

    def capacity(self, name, machine):
        capacity = self.services[name]["capacity"]
        return number(capacity["by_machine"][machine] if "by_machine" in capacity else capacity["rps"])

    def count_fleets(self):
        shared = {}
        fleets = []
        for name, service in self.services.items():
            if isinstance(service.get("fleet"), dict):
                fleets.append(Fleet(self, name, service["fleet"], [name]))
            elif "fleet" in service:
                shared.setdefault(service["fleet"], []).append(name)
        fleets += [Fleet(self, label, self.plan["fleets"][label], names) for label, names in shared.items()]
        for fleet in fleets:
            for month in self.months:
                fleet.count_month(month)

    # ---- who bears a line --------------------------------------------------------------------------------------------

    def add(self, line, month, labels, names, weights, is_direct, payment=False):
        """One line for each of the names: the amount is rounded first, then shared out."""
        weights = weights if any(weights) else [Fraction(1)] * len(names)
        for name, weight, quantity, amount in zip(names, weights, parts(line.quantity, weights), parts(line.amount, weights)):
            if amount:
                (self.payments if payment else self.lines).append({
                    "period": month_name(month), "element": line.name, "service": name,
                    "category": line.category or labels["category"], "layer": labels["layer"],
                    "product_line": self.services[name]["product_line"], "quantity": quantity, "unit": line.unit,
                    "unit_price": line.unit_price, "share": weight / sum(weights), "amount": amount, "behaviour": line.behaviour,
                    "origin": line.origin, "spend": line.spend, "is_cash": line.is_cash, "is_direct": is_direct})

    def bear(self, line, element, name, month, payment=False):
        """A line of an element that one service bears, or (name None) that all share."""
        names = list(self.services) if name is None else [name]
        weights = self.weights(element, month) if name is None else [Fraction(1)]
        self.add(line, month, element, names, weights, is_direct=name is not None, payment=payment)

    def weights(self, element, month):
        by = element["share_by"]
        if isinstance(by, dict):
            return [number(by.get(name), 0) for name in self.services]
        return [Fraction(1) if by == "even" else self.driver(by, name, month) for name in self.services]

    def name_lines(self):
        """Ids: month, element and service; what has the same id is numbered."""
        for lines, between in ((self.lines, ""), (self.payments, "paid/")):
            seen = {}
            for line in lines:
                name = f"{line['period']}/{between}{slug(line['element'])}/{slug(line['service'])}"
                seen[name] = seen.get(name, 0) + 1
                line["id"] = name if seen[name] == 1 else f"{name}~{seen[name]}"

    # ---- drivers -----------------------------------------------------------------------------------------------------

    def day_events(self, name, month):
        """Behaviour events of every day, of a service or (None) of the plan."""
        if name is None and "events_per_day" not in self.plan:
            return [sum(day) for day in zip(*(self.day_events(one, month) for one in self.services))]
        service = self.plan if name is None else self.services[name]
        if "events_per_day" in service:
            return [number(service["events_per_day"])] * len(days_of(month))
        return [requests * number(service["events_per_request"]) for requests in self.days[name][month]]

    def behaviour(self, per, name):
        """Variable is what follows every request, step what follows the traffic in whole machines; events by the day do neither."""
        if per in ("instance", "core"):
            return "step"
        if per == "event":
            whole = name is None and "events_per_day" in self.plan
            services = self.services.values() if name is None else [self.services[name]]
            return "variable" if not whole and any("events_per_request" in service for service in services) else "fixed"
        return "variable" if per in ("request", "thousand_requests", "response_gb", "cpu_second") else "fixed"

    def measure(self, written, month):
        """A number holds every month; a map has a first figure that grows, and single months."""
        if written is None or not isinstance(written, dict) or "point" in written:
            return number(written)
        if month_name(month) in written.get("months", {}):
            return number(written["months"][month_name(month)])
        return number(written["first"]) * (1 + number(written.get("growth_per_month"), 0)) ** (month - self.first)

    def written(self, key, name):
        """A measure of a service; where there is one service only, that of the plan is its own."""
        return self.services[name].get(key, self.plan.get(key) if len(self.services) == 1 else None)

    def persons(self, name, month):
        """Full-time equivalents of the persons that a service bears alone, `each` included; of the plan (None): of all persons."""
        fte = 0
        for element in self.elements:
            bearers = list(self.services) if element["service"] == "each" else [element["service"]]
            if "fte" in element and self.is_due(element, month):
                fte += self.growing(element, "fte", month) * (len(bearers) if name is None else bearers.count(name))
        return fte

    def driver(self, key, name, month):
        """What `per` multiplies by and `share_by` splits by: of a service in a month."""
        service, requests = self.services[name], self.requests(name, month)
        if key in ("request", "requests"):
            return requests
        if key == "thousand_requests":
            return requests / 1000
        if key in ("response_gb", "gb"):
            return requests * number(service["response_bytes"]) / 10**9
        if key in ("cpu_second", "cpu_seconds"):
            return requests * number(service["cpu_ms_per_request"]) / 1000
        if key in ("event", "events"):
            return sum(self.day_events(name, month))
        if key in ("active_user", "order", "active_users", "orders", "revenue"):
            return self.measure(self.written(key if key[-1] in "se" else key + "s", name), month)
        if key == "head":
            heads = self.measure(self.written("heads", name), month)
            return self.persons(name, month) if heads is None else heads
        if key == "machine_hours":
            return self.paid_hours[name][month]
        if key in ("instance", "core"):
            machines = self.paid_hours[name][month] / hours_of(month)
            return machines * (self.vcpu(name) if key == "core" else 1)
        assert key == "direct_cost", key
        return Fraction(sum(line["amount"] for line in self.lines
                            if line["service"] == name and line["is_direct"] and line["period"] == month_name(month)))

    def vcpu(self, name):
        fleet = self.services[name].get("fleet", {})
        fleet = self.plan["fleets"][fleet] if isinstance(fleet, str) else fleet
        return number(self.prices.entries[fleet["machine"]]["vcpu"]) if fleet else 0

    def driver_of_plan(self, key, month):
        """Of an element that all share: the figure of the plan where it has one, or the sum over the services."""
        plural = {"order": "orders", "active_user": "active_users", "head": "heads", "revenue": "revenue"}.get(key)
        if plural in self.plan:
            return self.measure(self.plan[plural], month)
        if key == "head" and not all("heads" in service for service in self.services.values()):
            return self.persons(None, month)
        if key == "event":
            return sum(self.day_events(None, month))
        return sum(self.driver(key, name, month) for name in self.services)

    def per(self, key, name, month):
        return self.driver_of_plan(key, month) if name is None else self.driver(key, name, month)

    # ---- elements: the lines that each kind makes of a month ---------------------------------------------------------

    def is_due(self, element, month):
        return month_name(month) in element.get("when", [month_name(month)])

    def growing(self, element, key, month, otherwise=None):
        return number(element.get(key), otherwise) + number(element.get("grows_per_month"), 0) * (month - self.first)

    def use(self, element, name, month):
        per = element.get("per", "month")
        quantity = self.growing(element, "quantity", month, 1)
        if per == "hour":
            quantity *= hours_of(month)
        elif per != "month":
            quantity *= self.per(per, name, month)
        yield Line(element["name"], quantity, self.prices.entries[element["use"]]["unit"], self.prices.rate(element["use"]),
                   self.behaviour(per, name), element.get("origin", "assumed") if per in ("month", "hour") else "assumed")

    def store(self, element, name, month):
        kept, behaviour = number(element.get("bytes")), "fixed"
        if kept is None:
            kept = self.mean_log(element, name, month) * number(element["bytes_per_event"])
            behaviour = self.behaviour("event", name)
        kept *= number(element.get("replicas"), 1)
        yield Line(element["name"], kept / 10**9, "GB-month", self.prices.rate(element["store"]), behaviour)

    def mean_log(self, element, name, month):
        """Events that a log holds on the mean evening of the month: of the day and of retention_days - 1 before it."""
        begun = datetime.date.fromisoformat(element.get("since", month_name(self.first)) + "-01")
        first_day = days_of(self.first)[0]
        before = sum(self.day_events(name, self.first)) / len(days_of(self.first))  # a day: as many as in the first month
        events = [count for one in self.months for count in self.day_events(name, one)]
        held = 0
        for evening in days_of(month):
            oldest = begun
            if "retention_days" in element:
                oldest = max(begun, evening - datetime.timedelta(int(element["retention_days"]) - 1))
            held += before * max(0, (first_day - oldest).days)
            held += sum(events[max(0, (oldest - first_day).days):(evening - first_day).days + 1])
        return held / len(days_of(month))

    def network(self, element, name, month):
        behaviour = self.behaviour("event" if "bytes_per_event" in element else "response_gb", name)
        if "per" in element:
            moved = self.per("response_gb", name, month)
        elif "bytes_per_event" in element:
            moved = self.per("event", name, month) * number(element["bytes_per_event"]) / 10**9
        else:
            moved, behaviour = number(element["bytes"]) * number(element.get("times_per_month"), 1) / 10**9, "fixed"
        moved *= number(element.get("copies"), 1) * number(element.get("cross_share"), 1)
        yield Line(element["name"], moved, "GB", self.prices.rate(element["network"]), behaviour)

    def clean(self, element, name, month):
        machine = element["clean"]
        hours = self.per("event", name, month) / 10**6 * number(element["cpu_s_per_million"]) / 3600
        yield Line(element["name"], hours / number(self.prices.entries[machine]["vcpu"]), "machine-hour",
                   self.prices.hour(machine, element.get("option", "on_demand")), self.behaviour("event", name))

    def train(self, element, _name, _month):
        """Runs, trials for each of them, and what is not used: experiments, and runs that fail and are run again."""
        price = self.prices.hour(element["train"], element.get("option", "on_demand"))
        hours = number(element["hours"]) * number(element.get("machines"), 1)
        runs, failed = number(element["runs_per_month"]), number(element.get("failed_share"), 0)
        trials, experiments = runs * number(element.get("trials"), 0), number(element.get("experiments_per_month"), 0)
        again = (runs + trials + experiments) * failed / (1 - failed)
        for words, count in ("training", runs), ("tuning", trials), ("development", experiments + again):
            yield Line(f"{element['name']} {words}", count * hours, "machine-hour", price)

    def rent(self, element, name, month):
        machine, option, label = element["rent"], element.get("option", "on_demand"), element["name"]
        begun = month_number(element.get("from", self.plan["start"]))
        if month < begun:
            return
        terms = self.prices.terms(machine, option) | element
        count, elsewhere = number(element.get("count"), 1), number(element.get("fallback_share"), 0)
        hours = count * (number(element.get("share"), 1) * hours_of(month) if "hours_per_month" not in element
                         else number(element["hours_per_month"]))
        price = self.prices.hour(machine, option)
        yield Line(label, hours * (1 - elsewhere), "machine-hour", price)
        yield Line(f"{label} restarts", hours * (1 - elsewhere) * lost_share(terms), "machine-hour", price)
        if elsewhere:
            yield Line(f"{label} on demand", hours * elsewhere, "machine-hour", self.prices.hour(machine, "on_demand"))
        if "upfront" in terms:
            terms["upfront"] = Fraction(number(terms["upfront"]) if isinstance(terms["upfront"], str) else terms["upfront"])
            self.count_upfront(label, label, count, terms, begun, month,
                               lambda line, payment: self.bear(line, element, name, month, payment))

    def count_upfront(self, label, book, count, terms, begun, month, bear, origin="assumed"):
        """Paid in the first month of a term and used up in equal parts over its months; the next term follows."""
        price, term = terms["upfront"], int(terms["term_months"])
        part = Line(f"{label} upfront", count, "machine-month", price / term, is_cash=False, origin=origin)
        paid = Line(f"{label} upfront payment", count, "machine", price, origin=origin)
        age = (month - begun) % term
        bear(part, False)
        if age == 0:
            bear(paid, True)
        self.enter(book, opening=micros(price * paid.quantity / MICRO * (term - age) / term) if age and month == self.first else 0,
                   paid=paid.amount if age == 0 else 0, used=part.amount)

    def enter(self, book, opening=0, paid=0, used=0):
        """On the books at the start, paid, used up."""
        self.books[book] = [a + b for a, b in zip(self.books.get(book, [0, 0, 0]), (opening, paid, used))]

    def own(self, element, name, month):
        asset, count, label = self.prices.entries[element["own"]], number(element.get("count"), 1), element["name"]
        age = month - month_number(element["bought"])
        if age < 0:
            return
        price = self.prices.of(element["own"], asset["price"])
        worn = depreciation(asset, price, self.prices.of(element["own"], asset.get("salvage"), 0))
        loss = Line(f"{label} depreciation", count, "asset-month", worn[age - 1] if 1 <= age <= len(worn) else Fraction(0),
                    origin="priced", spend="capex", is_cash=False)
        yield loss
        yield Line(f"{label} maintenance", count, "asset-month", price * number(asset.get("maintenance_per_year"), 0) / 12,
                   origin="priced", category="operations")
        if "energy" in element:
            kw = count * number(asset.get("power_kw"), 0) * number(element.get("pue"), 1) * number(element.get("utilisation"), 1)
            yield Line(f"{label} energy", kw * hours_of(month), "kWh", self.prices.rate(element["energy"]))
        paid = Line(f"{label} purchase", count, "asset", price, origin="priced", spend="capex")
        if age == 0:
            self.bear(paid, element, name, month, payment=True)
        left = micros((price - sum(worn[:max(0, age - 1)])) * paid.quantity / MICRO)
        self.enter(label, left if age and month == self.first else 0, 0 if age else paid.amount, loss.amount)

    def person(self, element, _name, month):
        yield Line(element["name"], self.growing(element, "fte", month), "person-month", self.prices.person(element["person"]))

    def incidents(self, element, _name, month):
        if "incidents_per_month" in element:
            months = number(element["incidents_per_month"]) * number(element["hours_each"]) / WORK_HOURS
            yield Line(f"{element['name']} labour", months, "person-month", self.prices.person(element["person"]))
        if "availability" in element:
            minutes = (1 - number(element["availability"])) * 60 * hours_of(month)
            yield Line(f"{element['name']} downtime", minutes, "minute", number(element["loss_per_minute"]))

    def amount(self, element, name, month):
        """Equal parts from each month of `when` on, the larger ones first; parts outside the plan are left out."""
        whole, n_parts, spend = number(element["amount"]), int(element.get("spread_months", "1")), element.get("spend", "opex")
        cut = parts(micros(whole), [1] * n_parts)
        for paid in sorted(set(map(month_number, element.get("when", [self.plan["start"]])))):
            part = month - paid
            if 0 <= part < n_parts:
                yield Line(element["name"], Fraction(1), "one-off", Fraction(cut[part], MICRO), spend=spend, is_cash=n_parts == 1)
            if n_parts == 1:
                continue
            if part == 0:
                payment = Line(f"{element['name']} payment", Fraction(1), "one-off", Fraction(micros(whole), MICRO), spend=spend)
                self.bear(payment, element, name, month, payment=True)
            self.enter(element["name"], opening=sum(cut[part:]) if part > 0 and month == self.first else 0,
                       paid=micros(whole) if part == 0 else 0, used=cut[part] if 0 <= part < n_parts else 0)

    KINDS = {"use": use, "store": store, "network": network, "clean": clean, "train": train, "rent": rent, "own": own,
             "incidents_per_month": incidents, "availability": incidents, "amount": amount, "person": person}

    def count_element(self, element, month):
        kind = next(key for key in self.KINDS if key in element)
        if kind != "amount" and not self.is_due(element, month):
            return
        for name in {"each": list(self.services), "shared": [None]}.get(element["service"], [element["service"]]):
            for line in self.KINDS[kind](self, element, name, month):
                self.bear(line, element, name, month)


def depreciation(asset, price, salvage):
    """What one asset loses in each month of its life, the first after the purchase."""
    life, method, book, worn = int(asset["life_months"]), asset.get("method", "straight_line"), price, []
    for k in range(life):
        if method == "straight_line":
            worn.append((price - salvage) / life)
        elif method == "sum_of_years":
            worn.append((price - salvage) * (life - k) / Fraction(life * (life + 1), 2))
        else:
            worn.append(min(book * number(asset["rate"]) / 12, book - salvage))
        book -= worn[-1]
    return worn


def slug(name):
    """Small letters and digits; any run of other ASCII is one hyphen."""
    name = re.sub("[^0-9A-Za-z\x80-\U0010ffff]+", "-", name).strip("-")
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), name)
