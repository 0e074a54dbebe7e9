"""cost_reference.py - the accounting method a second time, written from its words and not from the C.

Everything is a fractions.Fraction until the one rounding. It walks every hour of every day and tries every number of
reserved machines, so it is slow and obvious. A plan is a dict of the shape of plan/1 whose numbers are decimal strings;
`books` is a list of dicts of the shape of prices/1; `profiles` maps a file name to a profile dict.

Only the standard library is used.
"""
import calendar
import datetime
from fractions import Fraction

MICRO = 10 ** 6


def number(text):
    return Fraction(str(text).replace("_", ""))


def half_even(value):
    """The nearest integer; Python's round of a Fraction is half-even."""
    return round(value)


def micros(value):
    return half_even(value * MICRO)


def ceiling(value):
    value -= Fraction(1, 10 ** 9)
    return -((-value.numerator) // value.denominator)


def largest_remainder(total, weights):
    """Integer total into parts by weight; ties go to the earlier part."""
    if sum(weights) == 0:
        weights = [1] * len(weights)
    quotas = [total * Fraction(w) / sum(weights) for w in weights]
    parts = [q.numerator // q.denominator for q in quotas]
    order = sorted(range(len(parts)), key=lambda i: (-(quotas[i] - parts[i]), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def month_index(text):
    year, month = text.split("-")[:2]
    return int(year) * 12 + int(month) - 1


def month_text(index):
    return "%04d-%02d" % (index // 12, index % 12 + 1)


def days_of(index):
    year, month = index // 12, index % 12 + 1
    return [datetime.date(year, month, d + 1) for d in range(calendar.monthrange(year, month)[1])]


class Prices:
    def __init__(self, plan, books):
        self.home = plan["currency"]
        self.exchange = {k: number(v) for k, v in plan.get("exchange", {}).items()}
        self.entries = {}
        for book in books:
            for key, entry in book["prices"].items():
                self.entries[key] = dict(entry, currency=entry.get("currency", book["currency"]))

    def entry(self, key):
        return self.entries[key]

    def rate(self, entry):
        """Plan currency per one unit of the entry's currency."""
        return Fraction(1) if entry["currency"] == self.home else self.exchange[entry["currency"]]

    def person_month(self, key):
        e = self.entry(key)
        pay = number(e["month"]) * (1 + number(e.get("overhead", 0))) + number(e.get("training_per_month", 0))
        return pay * self.rate(e)


def slo_capacity(profile, slo):
    """Highest throughput inside the objective, on the straight line to the first measured point outside it."""
    limit, budget = number(slo["latency_ms_p99"]), number(slo.get("errors", 0))
    points = sorted(profile["points"], key=lambda p: number(p["offered_rps"]))

    def view(p):
        rps = number(p["achieved_rps"])
        bad = Fraction(p["errors"], p.get("requests", p["errors"])) if p["errors"] else Fraction(0)
        return rps, number(p["latency_ms"]["p99"]), bad

    seen = [view(p) for p in points]
    inside = [i for i, (_, p99, bad) in enumerate(seen) if p99 <= limit and bad <= budget]
    best = max(inside, key=lambda i: (seen[i][0], i))
    rps, p99, bad = seen[best]
    if best + 1 < len(seen):
        rps2, p992, bad2 = seen[best + 1]
        along = Fraction(1)
        if p992 > limit:
            along = min(along, (limit - p99) / (p992 - p99))
        if bad2 > budget:
            along = min(along, (budget - bad) / (bad2 - bad))
        rps = max(rps, rps + along * (rps2 - rps))
    return rps


class Service:
    def __init__(self, name, spec, profiles):
        self.name, self.spec, self.known, self.weights = name, spec, {}, {}
        capacity = spec.get("capacity", {})
        self.capacity = None
        self.bytes = spec.get("response_bytes")
        if "rps" in capacity:
            self.capacity = number(capacity["rps"])
        elif "profile" in capacity:
            profile = profiles[capacity["profile"]]
            self.capacity = slo_capacity(profile, capacity["slo"])
            if self.bytes in (None, "measured"):
                self.bytes = profile["response_bytes"]
        self.hours = [number(h) for h in spec["traffic"].get("hours", ["1"] * 24)]
        self.weekdays = [number(w) for w in spec["traffic"].get("weekdays", ["1"] * 7)]

    def requests(self, date, m):
        t = self.spec["traffic"]
        whole = t.get("months", {}).get(date.isoformat()[:7])
        if whole is not None:
            index = date.year * 12 + date.month - 1
            if index not in self.weights:
                self.weights[index] = sum(self.weight(d) for d in days_of(index))
            return number(whole) * self.weight(date) / self.weights[index] if number(whole) else Fraction(0)
        r = number(t["requests_per_day"]) * (1 + number(t.get("growth_per_month", 0))) ** m
        return r * self.weight(date) / (sum(self.weekdays) / 7)

    def weight(self, date):
        w = self.weekdays[date.weekday()]
        for event in self.spec["traffic"].get("events", []):
            if event["from"] <= date.isoformat() <= event["to"]:
                w *= number(event["factor"])
        return w

    def month_requests(self, index, m):
        if index not in self.known:
            self.known[index] = sum(self.requests(d, m) for d in days_of(index))
        return self.known[index]


class Statement:
    def __init__(self, plan, books, profiles=None):
        self.plan = plan
        self.prices = Prices(plan, books)
        self.start, self.n = month_index(plan["start"]), int(plan["months"])
        self.services = [Service(k, v, profiles or {}) for k, v in plan["services"].items()]
        self.lines, self.payments, self.carried, self.fleet = [], [], [], {}
        self.worth_at_end = {}
        self.paid_hours, self.direct = {}, {}
        self.add_fleets()
        elements = plan.get("elements", [])
        for element in sorted(elements, key=lambda e: e.get("share_by") == "direct_cost"):  # a stable sort
            self.add_element(element)

    # -- booking --
    def book(self, m, element, category, layer, service, quantity, unit, price, amount=None, cause=None, spend="opex",
             cash=True, variable=False, to="lines", is_direct=True):
        """To the lines of the month, the payments in it, or what was paid before the plan and is not used up."""
        quantity = micros(quantity)
        if amount is None:
            amount = half_even(quantity * price)
        if is_direct and to == "lines":
            self.direct[service.name, m] = self.direct.get((service.name, m), 0) + amount
        if amount:
            getattr(self, to).append({"period": month_text(self.start + m), "element": element, "category": category,
                                      "layer": layer, "service": service.name,
                                      "product_line": service.spec["product_line"], "quantity": quantity,
                                      "unit": unit, "amount": amount, "spend": spend, "is_cash": cash,
                                      "is_variable": variable, "cause": cause or service.name})

    def book_for(self, e, m, element, category, quantity, unit, price, amount=None, **kind):
        """To the element's service, to each, or shared out."""
        target = e["service"]
        kind["cause"] = e["name"]
        if target == "each":
            for s in self.services:
                self.book(m, element, category, e["layer"], s, quantity, unit, price, amount, **kind)
        elif target == "shared":
            quantity = micros(quantity)
            whole = half_even(quantity * price) if amount is None else amount
            by = e["share_by"]
            if by == "even":
                weights = [1] * len(self.services)
            elif isinstance(by, str):
                weights = [self.driver(by, s, m) for s in self.services]
            else:
                weights = [number(by.get(s.name, 0)) for s in self.services]
            amounts = largest_remainder(whole, weights)
            quantities = largest_remainder(quantity, weights)
            for s, q, a in zip(self.services, quantities, amounts):
                self.book(m, element, category, e["layer"], s, Fraction(q, MICRO), unit, price, a,
                          is_direct="is_fleet" in e, **kind)  # machines are split by the services' own work
        else:
            s = [s for s in self.services if s.name == target][0]
            self.book(m, element, category, e["layer"], s, quantity, unit, price, amount, **kind)

    # -- drivers --
    def measure(self, spec, m):
        if isinstance(spec, dict):
            at = month_text(self.start + m)
            if at in spec.get("months", {}):
                return number(spec["months"][at])
            return number(spec["first"]) * (1 + number(spec.get("growth_per_month", 0))) ** m
        return number(spec)

    def persons(self, s, m):
        heads = Fraction(0)
        for e in self.plan.get("elements", []):
            if "person" in e and "fte" in e and m in self.months_of(e):
                times = 0
                if s is None:
                    times = len(self.services) if e["service"] == "each" else 1
                elif e["service"] in ("each", s.name):
                    times = 1
                heads += times * (number(e["fte"]) + number(e.get("grows_per_month", 0)) * m)
        return heads

    def driver(self, name, s, m):
        """Of one service; of all together when s is None."""
        name = {"requests": "request", "gb": "response_gb", "cpu_seconds": "cpu_second", "events": "event",
                "orders": "order", "active_users": "active_user"}.get(name, name)
        days = len(days_of(self.start + m))
        if name in ("month", "hour"):
            return Fraction(1 if name == "month" else 24 * days)
        key = {"order": "orders", "active_user": "active_users", "revenue": "revenue", "head": "heads"}.get(name)
        holder = self.plan if s is None else s.spec
        other = self.services[0].spec if s is None else self.plan
        if key and key in holder:
            return self.measure(holder[key], m)
        if key and len(self.services) == 1 and key in other:
            return self.measure(other[key], m)
        if s is None and key and key != "active_users" and all(key in t.spec for t in self.services):
            return sum(self.measure(t.spec[key], m) for t in self.services)
        if name == "head":
            return self.persons(s, m)
        if name == "event" and "events_per_day" in holder:
            return number(holder["events_per_day"]) * days
        if s is None:
            return sum(self.driver(name, t, m) for t in self.services)
        requests = s.month_requests(self.start + m, m)
        if name == "request":
            return requests
        if name == "thousand_requests":
            return requests / 1000
        if name == "response_gb":
            return requests * number(s.bytes) / 10 ** 9
        if name == "cpu_second":
            return requests * number(s.spec["cpu_ms_per_request"]) / 1000
        if name == "event":
            return requests * number(s.spec["events_per_request"])
        if name == "direct_cost":
            return Fraction(self.direct.get((s.name, m), 0))
        machines = self.paid_hours.get((s.name, m), Fraction(0))
        if name == "machine_hours":
            return machines
        f = self.fleet_of(s)
        cores = number(self.prices.entry(f["machine"])["vcpu"]) if f else 0
        return machines / (24 * days) * (cores if name == "core" else 1)

    # -- machines --
    def day(self, f, asked):
        """Machines of each hour, machine-hours of work that are done and that max leaves undone. asked: service and
        requests of the day, of all that run on the fleet."""
        needed, served_hours, beyond_hours = [], Fraction(0), Fraction(0)
        for hour in range(24):
            load = sum(requests * s.hours[hour] / sum(s.hours) / 3600 / s.capacity for s, requests in asked)
            n = max(int(number(f.get("min", 0))), ceiling(load / number(f.get("utilisation", 1))))
            n += int(number(f.get("spare", 0)))
            if "max" in f:
                n = min(int(number(f["max"])), n)
            needed.append(n)
            binds = "max" in f and n == int(number(f["max"]))  # what the forgiving ceiling passes over is no shortfall
            beyond = max(Fraction(0), load - n) if binds else Fraction(0)
            served_hours += load - beyond
            beyond_hours += beyond
        return needed, served_hours, beyond_hours

    def count_machines(self, f, members):
        """Month by month: machines of every hour, machine-hours done and undone."""
        days, months = {}, []
        for m in range(self.n):
            needed, served_hours, beyond_hours = [], Fraction(0), Fraction(0)
            for date in days_of(self.start + m):
                asked = tuple(s.requests(date, m) for s in members)
                if asked not in days:
                    days[asked] = self.day(f, list(zip(members, asked)))
                hours, served, beyond = days[asked]
                needed, served_hours, beyond_hours = needed + hours, served_hours + served, beyond_hours + beyond
            months.append((needed, served_hours, beyond_hours))
        return months

    def work(self, s, m):
        """Machine-hours that a service asks for in a month."""
        return s.month_requests(self.start + m, m) / s.capacity / 3600

    @staticmethod
    def weights(members, work):
        """As share_by has them: evenly when there is no work."""
        return {s.name: w if any(work) else 1 for s, w in zip(members, work)}

    def add_fleet(self, name, f, members, is_shared):
        machine = self.prices.entry(f["machine"])
        hourly = {k: number(v) * self.prices.rate(machine) for k, v in machine["hour"].items()}
        months = self.count_machines(f, members)
        reserved, price, terms, lost = 0, Fraction(0), {}, 0
        if "reserved" in f:
            price = hourly[f["reserved"]["option"]]
            count = f["reserved"]["count"]
            terms = self.terms_of(machine, f["reserved"]["option"])
            lost = terms.get("interruption_rate", 0) * terms.get("restart_hours", 0)
            part = terms["upfront"] / terms["term_months"] if "upfront" in terms else 0
            if count == "best":
                def cost(r):
                    return sum(len(h) * r * price * (1 + lost) + r * part + sum(max(0, n - r) for n in h) * hourly["on_demand"]
                               for h, _, _ in months)
                reserved = min(range(max(max(h) for h, _, _ in months) + 1), key=lambda r: (cost(r), r))
            else:
                reserved = int(number(count))
        e = {"name": name, "category": "hardware", "layer": "service", "service": "shared" if is_shared else name, "is_fleet": True}
        work = [[self.work(s, m) for s in members] for m in range(self.n)]
        e["share_by"] = self.weights(members, [sum(month) for month in zip(*work)])
        parts = {}
        if reserved:
            self.add_upfront(e, name + " machine reserved", Fraction(reserved), terms, 0, parts.__setitem__)
        for s in members:
            self.fleet[s.name] = {"reserved": reserved,
                                  "requests": [micros(s.month_requests(self.start + m, m)) for m in range(self.n)],
                                  "idle_machine_hours": []}
            if any(beyond for _, _, beyond in months):
                self.fleet[s.name]["shortfall_requests"] = []
        for m, (needed, served_hours, beyond_hours) in enumerate(months):
            e["share_by"] = self.weights(members, work[m])
            fixed = reserved * len(needed)
            extra = sum(max(0, n - reserved) for n in needed)
            self.book_for(e, m, name + " machine reserved", "hardware", Fraction(fixed), "machine-hour", price)
            self.book_for(e, m, name + " machine reserved restarts", "hardware", fixed * lost, "machine-hour", price)
            if m in parts:
                self.book_for(e, m, name + " machine reserved upfront", "hardware", Fraction(reserved),
                              "machine-month", parts[m], cash=False)
            if extra:
                self.book_for(e, m, name + " machine on demand", "hardware", Fraction(extra), "machine-hour",
                              hourly["on_demand"])
            shares = list(e["share_by"].values())
            paid = largest_remainder(micros(Fraction(fixed + extra)), shares)
            idle = micros(fixed + extra - served_hours)
            idle = largest_remainder(max(0, idle), shares) if is_shared else [idle]
            for i, s in enumerate(members):
                self.paid_hours[s.name, m] = Fraction(paid[i], MICRO)
                self.fleet[s.name]["idle_machine_hours"].append(idle[i])
                if "shortfall_requests" in self.fleet[s.name]:
                    undone = beyond_hours * work[m][i] / sum(work[m]) if any(work[m]) else 0
                    self.fleet[s.name]["shortfall_requests"].append(micros(undone * s.capacity * 3600))

    def fleet_of(self, s):
        """Its own map, or the shared one that it names; None without."""
        f = s.spec.get("fleet")
        return self.plan["fleets"][f] if isinstance(f, str) else f

    def add_fleets(self):
        """In order of the first service on each."""
        done = set()
        for s in self.services:
            f = s.spec.get("fleet")
            if isinstance(f, str) and f not in done:
                done.add(f)
                self.add_fleet(f, self.plan["fleets"][f], [t for t in self.services if t.spec.get("fleet") == f], True)
            elif isinstance(f, dict):
                self.add_fleet(s.name, f, [s], False)

    # -- terms --
    def terms_of(self, machine, option):
        """Terms of an option; upfront in the plan's currency."""
        terms = {k: number(v) for k, v in machine.get("terms", {}).get(option, {}).items()}
        if "upfront" in terms:
            terms["upfront"] *= self.prices.rate(machine)
        return terms

    def add_upfront(self, e, name, count, terms, first, used):
        """Month after month, as somebody who keeps the books: a term is bought when the last one is used up."""
        if not terms.get("upfront") or not count:
            return
        part, left = terms["upfront"] / terms["term_months"], 0
        for m in range(first, self.n):
            if m == 0 and left:
                self.book_for(e, 0, name + " upfront payment", e["category"], count, "machine", part * left,
                              to="carried")
            if left == 0:
                left = int(terms["term_months"])
                if m >= 0:
                    self.book_for(e, m, name + " upfront payment", e["category"], count, "machine", terms["upfront"],
                                  to="payments")
            left -= 1
            if m >= 0:
                used(m, part)
        self.worth_at_end[e["name"]] = count * part * left * MICRO * \
            (len(self.services) if e["service"] == "each" else 1)

    def add_rent(self, e):
        machine, option = self.prices.entry(e["rent"]), e.get("option", "on_demand")
        terms = self.terms_of(machine, option)
        terms.update({k: number(e[k]) for k in ("upfront", "term_months", "interruption_rate", "restart_hours")
                      if k in e})
        count, fallback = number(e.get("count", 1)), number(e.get("fallback_share", 0))
        first = month_index(e["from"]) - self.start if "from" in e else 0
        parts = {}
        self.add_upfront(e, e["name"], count, terms, first, parts.__setitem__)
        price = {k: number(v) * self.prices.rate(machine) for k, v in machine["hour"].items()}
        for m in self.months_of(e):
            if m < first:
                continue
            each = number(e.get("share", 1)) * 24 * len(days_of(self.start + m))
            hours = count * (number(e["hours_per_month"]) if "hours_per_month" in e else each)
            lost = terms.get("interruption_rate", 0) * terms.get("restart_hours", 0)
            self.book_for(e, m, e["name"], e["category"], hours * (1 - fallback), "machine-hour", price[option])
            self.book_for(e, m, e["name"] + " restarts", e["category"], hours * (1 - fallback) * lost, "machine-hour",
                          price[option])
            if "fallback_share" in e:
                self.book_for(e, m, e["name"] + " on demand", e["category"], hours * fallback, "machine-hour",
                              price["on_demand"])
            if m in parts:
                self.book_for(e, m, e["name"] + " upfront", e["category"], count, "machine-month", parts[m], cash=False)

    # -- elements --
    def months_of(self, e):
        wanted = e.get("when")
        return [m for m in range(self.n) if wanted is None or month_text(self.start + m) in wanted]

    def add_element(self, e):
        for key, add in (("amount", self.add_amount), ("own", self.add_owned), ("use", self.add_use), ("store", self.add_store), ("network", self.add_network),
                         ("train", self.add_train), ("clean", self.add_clean),
                         ("rent", self.add_rent),
                         ("incidents_per_month", self.add_incidents), ("person", self.add_person)):
            if key in e:
                add(e)
                return
        raise ValueError("element of no kind: %r" % e)

    def add_use(self, e):
        entry = self.prices.entry(e["use"])
        price = number(entry["price"]) * self.prices.rate(entry)
        for m in self.months_of(e):
            quantity = number(e.get("quantity", 1)) + number(e.get("grows_per_month", 0)) * m
            per = e.get("per", "month")
            if e["service"] == "shared" or per in ("month", "hour"):
                quantity *= self.driver(per, None, m)
                self.book_for(e, m, e["name"], e["category"], quantity, entry["unit"], price,
                              variable=self.is_variable(per, None))
                continue
            for s in self.services:
                if e["service"] in ("each", s.name):
                    self.book(m, e["name"], e["category"], e["layer"], s, quantity * self.driver(per, s, m),
                              entry["unit"], price, cause=e["name"], variable=self.is_variable(per, [s]))

    def is_variable(self, per, services):
        """Whether it follows the requests; events of so many a day do not."""
        if per == "event" and services is None and "events_per_day" in self.plan:
            return False
        if per == "event":
            return any("events_per_request" in s.spec for s in services or self.services)
        return per in ("request", "thousand_requests", "response_gb", "cpu_second")

    def rate_for_each(self, e, rate, m, quantity, behaviour):
        """quantity and behaviour are functions of a service, or of None for all of them."""
        entry = self.prices.entry(rate)
        price = number(entry["price"]) * self.prices.rate(entry)
        if e["service"] == "shared":
            self.book_for(e, m, e["name"], e["category"], quantity(None), entry["unit"], price,
                          variable=behaviour(None))
            return
        for s in self.services:
            if e["service"] in ("each", s.name):
                self.book(m, e["name"], e["category"], e["layer"], s, quantity(s), entry["unit"], price,
                          cause=e["name"], variable=behaviour(s))

    def events_of_day(self, s, date):
        """Of one service, or of all when s is None."""
        holder = self.plan if s is None else s.spec
        if "events_per_day" in holder:
            return number(holder["events_per_day"])
        if s is None:
            return sum(self.events_of_day(t, date) for t in self.services)
        m = date.year * 12 + date.month - 1 - self.start
        if m < 0:
            mean = s.month_requests(self.start, 0) / len(days_of(self.start))
            return mean * number(s.spec["events_per_request"])
        return s.requests(date, m) * number(s.spec["events_per_request"])

    def evenings(self, e, s, m):
        """A log that is kept: every evening what came is put on and what is too old is taken off."""
        begun = month_index(e.get("since", month_text(self.start)))
        held, total = [], Fraction(0)
        for index in range(begun, self.start + m + 1):
            for date in days_of(index):
                held.append(self.events_of_day(s, date))
                if "retention_days" in e:
                    held = held[-int(number(e["retention_days"])):]
                if index == self.start + m:
                    total += sum(held)
        return total

    def add_store(self, e):
        times = number(e.get("replicas", 1)) / 10 ** 9
        for m in self.months_of(e):
            if "bytes" in e:
                entry = self.prices.entry(e["store"])
                self.book_for(e, m, e["name"], e["category"], number(e["bytes"]) * times, entry["unit"],
                              number(entry["price"]) * self.prices.rate(entry))
                continue
            each = number(e["bytes_per_event"]) * times / len(days_of(self.start + m))
            self.rate_for_each(e, e["store"], m, lambda s: self.evenings(e, s, m) * each,
                               lambda s: self.is_variable("event", [s] if s else None))

    def add_network(self, e):
        times = number(e.get("copies", 1)) * number(e.get("cross_share", 1))
        for m in self.months_of(e):
            if "bytes" in e:
                entry = self.prices.entry(e["network"])
                gb = number(e["bytes"]) * number(e.get("times_per_month", 1)) / 10 ** 9 * times
                self.book_for(e, m, e["name"], e["category"], gb, entry["unit"],
                              number(entry["price"]) * self.prices.rate(entry))
                continue
            per = e.get("per", "event")
            each = times if "per" in e else times * number(e["bytes_per_event"]) / 10 ** 9
            self.rate_for_each(e, e["network"], m, lambda s: self.driver(per, s, m) * each,
                               lambda s: self.is_variable(per, [s] if s else None))

    def machine_hour(self, e, key):
        machine = self.prices.entry(e[key])
        return number(machine["hour"][e.get("option", "on_demand")]) * self.prices.rate(machine)

    def add_train(self, e):
        runs, trials, experiments, failed = [number(e.get(key, 0)) for key in (
            "runs_per_month", "trials", "experiments_per_month", "failed_share")]
        started = (runs + runs * trials + experiments) / (1 - failed)  # failed of these fail
        hours = number(e["hours"]) * number(e.get("machines", 1))
        for m in self.months_of(e):
            for name, n in (("training", runs), ("tuning", runs * trials),
                            ("development", experiments + started * failed)):
                self.book_for(e, m, "%s %s" % (e["name"], name), e["category"], n * hours, "machine-hour",
                              self.machine_hour(e, "train"))

    def add_clean(self, e):
        vcpu, price = number(self.prices.entry(e["clean"])["vcpu"]), self.machine_hour(e, "clean")
        for m in self.months_of(e):
            for s in [None] if e["service"] == "shared" else self.services:
                hours = self.driver("event", s, m) / 10 ** 6 * number(e["cpu_s_per_million"]) / 3600 / vcpu \
                    if s is None or e["service"] in ("each", s.name) else 0
                variable = self.is_variable("event", [s] if s else None)
                if s is None:
                    self.book_for(e, m, e["name"], e["category"], hours, "machine-hour", price, variable=variable)
                else:
                    self.book(m, e["name"], e["category"], e["layer"], s, hours, "machine-hour", price,
                              cause=e["name"], variable=variable)

    def add_owned(self, e):
        a = self.prices.entry(e["own"])
        to_home = self.prices.rate(a)
        price, salvage, life = number(a["price"]), number(a.get("salvage", 0)), int(number(a["life_months"]))
        plan_of_depreciation = self.depreciation(a.get("method", "straight_line"), a, price, salvage, life)
        count, bought = number(e.get("count", 1)), month_index(e["bought"])
        since, bearers = self.start - bought, len(self.services) if e["service"] == "each" else 1
        if "when" not in e and -since < self.n:  # what is left, from the formula alone
            left = price - sum(plan_of_depreciation[:max(0, since + self.n - 1)])
            self.worth_at_end[e["name"]] = count * left * to_home * bearers * MICRO
        worth = price - sum(plan_of_depreciation[:max(0, since - 1)])
        if -since < self.n:
            self.book_for(e, max(0, -since), e["name"] + " purchase", e["category"], count, "asset", worth * to_home,
                          spend="capex", to="carried" if since > 0 else "payments")
        for m in self.months_of(e):
            k = self.start + m - bought
            if k < 0:
                continue
            if 1 <= k <= life:
                self.book_for(e, m, e["name"] + " depreciation", e["category"], count, "asset-month",
                              plan_of_depreciation[k - 1] * to_home, spend="capex", cash=False)
            yearly = number(a.get("maintenance_per_year", 0))
            self.book_for(e, m, e["name"] + " maintenance", "operations", count, "asset-month",
                          price * yearly / 12 * to_home)
            if "energy" in e:
                tariff = self.prices.entry(e["energy"])
                hours = 24 * len(days_of(self.start + m))
                kwh = (count * number(a["power_kw"]) * number(e.get("pue", 1)) * number(e.get("utilisation", 1)) * hours)
                self.book_for(e, m, e["name"] + " energy", e["category"], kwh, tariff["unit"],
                              number(tariff["price"]) * self.prices.rate(tariff))

    @staticmethod
    def depreciation(method, a, price, salvage, life):
        if method == "straight_line":
            return [(price - salvage) / life] * life
        if method == "sum_of_years":
            digits = sum(range(1, life + 1))
            return [(price - salvage) * (life - i) / digits for i in range(life)]
        parts, value = [], price
        for _ in range(life):
            part = min(value * number(a["rate"]) / 12, value - salvage)
            parts.append(part)
            value -= part
        return parts

    def add_person(self, e):
        price = self.prices.person_month(e["person"])
        for m in self.months_of(e):
            quantity = number(e["fte"]) + number(e.get("grows_per_month", 0)) * m
            self.book_for(e, m, e["name"], e["category"], quantity, "person-month", price)

    def add_incidents(self, e):
        price = self.prices.person_month(e["person"])
        for m in self.months_of(e):
            months = number(e["incidents_per_month"]) * number(e["hours_each"]) / 160
            self.book_for(e, m, e["name"] + " labour", e["category"], months, "person-month", price)
            if "loss_per_minute" in e:
                minutes = (1 - number(e["availability"])) * 1440 * len(days_of(self.start + m))
                self.book_for(e, m, e["name"] + " downtime", e["category"], minutes, "minute",
                              number(e["loss_per_minute"]))

    def add_amount(self, e):
        spread = int(number(e.get("spread_months", 1)))
        parts = largest_remainder(micros(number(e["amount"])), [1] * spread)
        starts = [month_index(first) - self.start for first in e.get("when", [month_text(self.start)])]
        kind = {"spend": e.get("spend", "opex")}
        for first in starts:
            if spread > 1 and first < self.n:
                self.book_for(e, max(0, first), e["name"] + " payment", e["category"], Fraction(1), "one-off",
                              Fraction(0), sum(parts[max(0, -first):]), to="carried" if first < 0 else "payments",
                              **kind)
        for m in range(self.n):
            for first in starts:
                if 0 <= m - first < spread:
                    self.book_for(e, m, e["name"], e["category"], Fraction(1), "one-off", Fraction(0),
                                  parts[m - first], cash=spread == 1, **kind)

    # -- views --
    def sums(self, lines, field):
        sums = {month_text(self.start + m): 0 for m in range(self.n)} if field == "period" else {}
        for line in lines:
            sums[line[field]] = sums.get(line[field], 0) + line["amount"]
        return sums

    def books(self):
        """What is paid and not used up, element by element; nothing is rounded but the lines."""
        rows = {}
        for e in self.plan.get("elements", []):
            rows.setdefault(e["name"], {"element": e["name"], "opening": 0, "paid": 0, "used_up": 0})
        for key, lines in (("opening", self.carried), ("paid", self.payments),
                           ("used_up", [line for line in self.lines if not line["is_cash"]])):
            for line in lines:
                empty = {"element": line["cause"], "opening": 0, "paid": 0, "used_up": 0}
                rows.setdefault(line["cause"], empty)[key] += line["amount"]
        return [dict(row, closing=row["opening"] + row["paid"] - row["used_up"]) for row in rows.values()
                if row["opening"] or row["paid"] or row["used_up"]]

    def summary(self):
        cash = [line for line in self.lines if line["is_cash"]] + self.payments
        views = {"by_category": "category", "by_layer": "layer", "by_product_line": "product_line",
                 "by_month": "period", "by_spend": "spend"}
        out = {key: self.sums(self.lines, field) for key, field in views.items()}
        out.update({"cash_" + key: self.sums(cash, views[key]) for key in ("by_category", "by_month", "by_spend")})
        out.update(total=sum(line["amount"] for line in self.lines), cash_total=sum(line["amount"] for line in cash),
                   lines=self.lines, payments=self.payments, books=self.books(), fleet=self.fleet)
        return out
