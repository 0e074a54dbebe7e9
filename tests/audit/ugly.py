"""ugly.py - plans that are hard on an accountant, drawn from a seed."""
import random

import audit

class Ugly:
    """A plan and its books from a seed, as text in YAML's flow style, where every number is written in some ugly way."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.first = audit.month_number(self.pick(["2024-02", "2023-12", "2026-01", "2028-01", "2099-12", "2100-02"])) \
            if self.chance(0.4) else self.between(2020 * 12, 2031 * 12)
        self.n_months = self.pick([1, 1, 2, 3, 3, 4, 6, 12, 13, 36])
        self.names = self.random.sample(["search", "recommend", "ads", "b2b", "Stock out"], self.pick([1, 2, 2, 3, 5]))
        self.measures = [key for key in ("orders", "revenue", "active_users", "heads") if self.chance(0.4)]

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
        elif self.chance(0.3):
            traffic["months"] = {month: self.decimal(0, 10**7) for month in self.months_of_plan()}
        service = {"product_line": self.pick(["search", "recommendation", "ads"]), "traffic": traffic,
                   "response_bytes": self.decimal(1, 90000), "cpu_ms_per_request": self.decimal(1, 20)}
        service |= self.pick([{"events_per_request": self.pick(["0", self.decimal(0, 3)])},
                              {"events_per_day": self.decimal(0, 99999)}])
        service |= {key: self.measure() for key in self.measures}
        if self.chance(0.8):
            peak = max(1, float(audit.number(daily)) / 86400)
            capacity = self.pick(["1", "2", "0.3", self.decimal(1, 3 * peak, 3), self.decimal(peak / 20 + 0.001, peak + 1, 6)])
            service["capacity"] = {"rps": capacity, "origin": self.pick(["assumed", "measured"])}
            service["fleet"] = self.a_fleet()
            if self.chance(0.2):
                service["capacity"] = {"by_machine": {"small": capacity, "large": self.decimal(1, 99)}}
            if self.chance(0.2):
                new = {"response_bytes": self.decimal(1, 900), "capacity": {"rps": self.decimal(1, 99)}}
                service |= {"variant": self.pick(["old", "new"]), "variants": {"old": {"quality": "0.1"}, "new": new}}
        return service

    def measure(self):
        months = {month: self.decimal(0, 9000) for month in self.months_of_plan()} if self.chance(0.4) else {}
        return self.pick([self.decimal(0, 90000), {"first": self.decimal(0, 90000), "months": months} | (
            {"growth_per_month": self.decimal(-0.3, 0.3)} if self.chance(0.6) else {})])

    def months_of_plan(self):
        return sorted({self.month() for _ in range(self.between(1, 4))})

    def share_fleets(self, services):
        """The first two of the services on one fleet."""
        for service in list(services.values())[:2]:
            for key in "variant", "variants":
                service.pop(key, None)
            service |= {"fleet": "pool", "capacity": {"rps": self.decimal(1, 50)}}
        return {"pool": self.a_fleet()}

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
        machine = lambda: foreign() | self.terms() | {"kind": "machine", "vcpu": self.pick([1, 2, 7]), "hour": {
            "on_demand": self.decimal(0.01, 3, 9), "reserved": self.decimal(0.01, 2, 6), "spot": self.pick(["0.5", "0"])}}
        rate = lambda unit: foreign() | {"kind": "rate", "unit": unit, "price": self.decimal(0, 90, 9)}
        person = lambda: foreign() | {"kind": "person", "month": self.decimal(0, 9000), "overhead": self.decimal(0, 0.6, 3),
                                        "training_per_month": self.decimal(0, 200)}
        return {"small": machine(), "large": machine(), "disk": rate("GB-month"), "power": rate("kWh"), "traffic out": rate("GB"),
                "engineer": person(), "server": foreign() | self.asset(), "box": foreign() | self.asset()}

    def terms(self):
        terms = {}
        if self.chance(0.4):
            terms["reserved"] = {"term_months": self.pick([1, 2, 5, 12]), "upfront": self.decimal(0, 300)}
        if self.chance(0.4):
            terms["spot"] = {"interruption_rate": self.decimal(0, 0.9, 3), "restart_hours": self.decimal(0, 1)}
        return {"terms": terms} if terms else {}

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
            drivers = ["requests", "cpu_seconds", "gb", "events", "direct_cost"] + self.drivers
            weights = {name: self.pick(["0", self.decimal(0, 5), "1"]) for name in self.names}
            element["share_by"] = self.pick(["even", weights, weights, self.pick(drivers),
                                             self.pick(drivers + [key for key in self.measures if key != "heads"])])
        element |= self.pick([self.use, self.use, self.use, self.store, self.network, self.clean, self.train, self.rent, self.own,
                              self.own, self.person, self.incidents, self.amount])()
        if self.chance(0.25) and "rent" not in element and "own" not in element:  # what is bought wears in every month
            element["when"] = self.some_months()
        return element

    def use(self):
        use = {"use": self.pick(["disk", "traffic out"])}
        if self.chance(0.6):
            use["per"] = self.pick(["hour", "request", "thousand_requests", "response_gb", "cpu_second", "event"] + self.pers
                                   + [key.rstrip("s") for key in self.measures if key != "heads"])
        if self.chance(0.7) or "per" not in use:
            use["quantity"] = self.decimal(0, 5000) if use.get("per") != "request" else self.decimal(0, 0.01, 9)
        if self.chance(0.3):
            use["grows_per_month"] = self.decimal(0, 40)
        if self.chance(0.2):
            use["origin"] = self.pick(["measured", "billed"])
        return use

    def optional(self, **drawn):
        """Each of them or not."""
        return {key: value for key, value in drawn.items() if self.chance(0.5)}

    def store(self):
        store = {"store": "disk"} | self.optional(replicas=self.decimal(1, 3, 2))
        if self.chance(0.4):
            return store | {"bytes": self.between(0, 10**12)}
        return store | {"bytes_per_event": self.decimal(1, 999)} | self.optional(
            retention_days=self.pick([1, 7, 30, 45, 400]), since=audit.month_name(self.first - self.between(0, 5)))

    def network(self):
        what = self.pick([{"per": "response_gb"}, {"bytes_per_event": self.decimal(1, 999)},
                          {"bytes": self.between(0, 10**11), "times_per_month": self.decimal(0, 9)}])
        return {"network": "traffic out"} | what | self.optional(copies=self.decimal(1, 5), cross_share=self.decimal(0, 1))

    def clean(self):
        return {"clean": "large", "cpu_s_per_million": self.decimal(1, 9999)} | self.optional(option="spot")

    def train(self):
        return {"train": "small", "runs_per_month": self.decimal(0, 9), "hours": self.decimal(1, 9)} | self.optional(
            trials=self.decimal(0, 40), machines=self.decimal(1, 9), experiments_per_month=self.decimal(0, 5),
            failed_share=self.pick(["0", "0.1", "0.333333"]))

    def rent(self):
        rent = {"rent": self.pick(["small", "large"])} | self.optional(
            option=self.pick(["reserved", "spot"]), count=self.decimal(1, 5), fallback_share=self.decimal(0, 1, 2),
            **{"from": self.month(30, 1)}, **self.pick([{"hours_per_month": self.decimal(0, 600)}, {"share": self.decimal(0, 1)}]))
        if rent.get("option", "on_demand") == "on_demand":
            rent.pop("fallback_share", None)
        if self.chance(0.3):
            rent |= {"term_months": self.pick([1, 3, 12]), "upfront": self.decimal(0, 999)}
        if self.chance(0.2):
            rent |= {"interruption_rate": self.decimal(0, 0.9, 3), "restart_hours": self.decimal(0, 2)}
        return rent

    def own(self):
        own = {"own": self.pick(["server", "box"]), "bought": self.month(self.pick([0, 3, 70]), self.pick([0, 5]))}
        if self.chance(0.5):
            own["count"] = self.pick(["1", "3", self.decimal(0.1, 20, 3)])
        if self.chance(0.6):
            own |= {"energy": "power", "utilisation": self.decimal(0, 1), "pue": self.decimal(1, 2)}
        return own

    def person(self):
        return {"person": "engineer", "fte": self.decimal(0, 9)} | self.optional(grows_per_month=self.decimal(0, 1))

    def incidents(self):
        return {"incidents_per_month": self.decimal(0, 9), "hours_each": self.decimal(0, 12), "person": "engineer",
                "loss_per_minute": self.decimal(0, 99), "availability": self.pick(["1", "0.9995", self.decimal(0.9, 1, 9)])}

    def amount(self):
        amount = {"amount": self.pick(["0.000001", "0.00001", self.decimal(0, 99999)])}
        if self.chance(0.7):
            amount["spread_months"] = self.pick([1, 2, 3, 7, 12, 60])
            amount |= self.optional(spend="capex")
        return amount

    def budget(self):
        budget = {"total": self.decimal(10000, 99999), "basis": self.pick(["cash", "accrual"]),
                  "category": {"labour": {"per_month": self.decimal(0, 999)}}}
        if self.n_months > 4:
            budget["months"] = {month: self.decimal(0, 99) for month in self.months_of_plan()}
        return budget

    def plan(self):
        own, others = "USD", ["EUR", "GBP", "JPY"]
        whole, partial = self.book(others), self.book(others)
        later = {key: partial[key] for key in self.random.sample(sorted(partial), 3)}
        services = {name: self.service() for name in self.names}
        more = {"fleets": self.share_fleets(services)} if len(services) > 1 and self.chance(0.3) else {}
        n_fleets = sum("fleet" in service for service in services.values())
        self.drivers = ["head"] * ("heads" in self.measures) + ["machine_hours"] * (n_fleets > 0)
        self.pers = ["head"] * ("heads" in self.measures) + ["instance", "core"] * (n_fleets == len(services))
        more |= {key: self.measure() for key in ("orders", "revenue", "active_users", "heads")
                 if self.chance(0.2) or (key == "active_users" and key in self.measures)}
        more |= self.optional(events_per_day=self.decimal(0, 99999), budget=self.budget())
        plan = {"reckon": "plan/1", "name": "ugly", "currency": own, "start": audit.month_name(self.first), "months": self.n_months,
                "exchange": {currency: self.decimal(0.001, 2, self.pick([3, 6, 9])) for currency in others},
                "prices": ["first.yaml", {"currency": self.pick([own] + others), "valid_from": "2024-05-01", "prices": later}],
                "services": services, "elements": [self.element(number) for number in range(self.between(1, 8))]}
        return {"plan.yaml": more | plan,
                "first.yaml": {"reckon": "prices/1", "name": "first", "currency": self.pick([own, own, "EUR"]), "prices": whole}}


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
