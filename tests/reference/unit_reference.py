"""unit_reference.py - unit costs a second time, from the words of docs/cost.md: costs over what there is, exact.

A plan's measures are dicts of decimal strings, or a decimal string alone. Nothing is rounded but requests and GB of a
month, which the ledger counts in millionths, and the quotient.
"""
from fractions import Fraction

from cost_reference import MICRO, half_even, micros, month_text, number

# key of the count, key of the cost, how many, whether the services' counts make that of several
UNITS = [("requests", "per_1000_requests", 1000, True), ("active_users", "per_active_user", 1, False),
         ("orders", "per_order", 1, True), ("response_gb", "per_gb", 1, True), ("revenue", "share_of_revenue", 1, True)]


class Units:
    def __init__(self, statement):
        self.statement, self.plan = statement, statement.plan
        self.services = statement.services

    def figure(self, spec, m):
        month = month_text(self.statement.start + m)
        if not isinstance(spec, dict):
            return number(spec)
        if month in spec.get("months", {}):
            return number(spec["months"][month])
        return number(spec["first"]) * (1 + number(spec.get("growth_per_month", 0))) ** m

    def of_service(self, key, s, m):
        """How many of service s in month m; None = the plan does not say."""
        requests = s.month_requests(self.statement.start + m, m)
        if key == "requests":
            return Fraction(micros(requests), MICRO)
        if key == "response_gb":
            return None if s.bytes is None else Fraction(micros(requests * number(s.bytes) / 10 ** 9), MICRO)
        if key in s.spec:
            return self.figure(s.spec[key], m)
        return self.figure(self.plan[key], m) if key in self.plan and len(self.services) == 1 else None

    def count(self, key, adds_up, services, is_plan, m):
        if is_plan and key in self.plan:
            return self.figure(self.plan[key], m)
        counts = [self.of_service(key, s, m) for s in services]
        if None in counts or (len(services) > 1 and not adds_up):
            return None
        return sum(counts)

    def marginal(self, s, m):
        """What follows the traffic: variable lines, and machine time at the planned utilisation."""
        month = month_text(self.statement.start + m)
        cost = Fraction(sum(line["amount"] for line in self.statement.lines if line["is_variable"] and
                            line["service"] == s.name and line["period"] == month), MICRO)
        fleet = self.statement.fleet_of(s)
        if fleet:
            machine = self.statement.prices.entry(fleet["machine"])
            hours = s.month_requests(self.statement.start + m, m) / (
                3600 * s.capacity * number(fleet.get("utilisation", 1)))
            cost += hours * number(machine["hour"]["on_demand"]) * self.statement.prices.rate(machine)
        return cost

    def row(self, services, is_plan, months):
        names = {s.name for s in services}
        periods = {month_text(self.statement.start + m) for m in months}
        full = sum(line["amount"] for line in self.statement.lines
                   if line["service"] in names and line["period"] in periods)
        marginal = sum(self.marginal(s, m) for s in services for m in months)
        row = {"full_cost": full}
        for key, cost_key, per, adds_up in UNITS:
            counts = [self.count(key, adds_up, services, is_plan, m) for m in months]
            n = None if None in counts else sum(counts)
            row[key] = n
            row["full_" + cost_key] = half_even(full * per / n) if n else None
            row["marginal_" + cost_key] = micros(marginal * per / n) if n else None
        return row

    def rows(self):
        """By scope, name and period."""
        lines = {}
        for s in self.services:
            lines.setdefault(s.spec["product_line"], []).append(s)
        scopes = [(("plan", None), self.services, True)]
        scopes += [(("product_line", name), some, False) for name, some in lines.items()]
        scopes += [(("service", s.name), [s], False) for s in self.services]
        out = {}
        for key, services, is_plan in scopes:
            for m in range(self.statement.n):
                out[key + (month_text(self.statement.start + m),)] = self.row(services, is_plan, [m])
            out[key + ("all",)] = self.row(services, is_plan, range(self.statement.n))
        return out
