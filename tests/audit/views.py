"""views.py - what docs/cost.md makes of the lines: sums, cash, books, budget, who bears what, unit costs; from its words alone."""
from collections import Counter
from fractions import Fraction

from audit import micros, month_name, number, parts


def sums(lines, field):
    total = Counter()
    for line in lines:
        total[line[field]] += line["amount"]
    return dict(total)


def statement(account):
    """What `reckon cost statement --json` must say."""
    lines, cash = account.lines, [line for line in account.lines + account.payments if line["is_cash"]]
    told = {"total": sum(line["amount"] for line in lines), "n_lines": len(lines),
            "cash_total": sum(line["amount"] for line in cash)}
    for view, field in (("category", "category"), ("layer", "layer"), ("product_line", "product_line"), ("month", "period"),
                        ("origin", "origin"), ("spend", "spend")):
        told["by_" + view] = sums(lines, field)
    for view, field in ("category", "category"), ("month", "period"), ("spend", "spend"):
        told["cash_by_" + view] = sums(cash, field)
    books = {name: (opening, paid, used, opening + paid - used) for name, (opening, paid, used) in account.books.items()
             if opening or paid or used}
    return told | {"lines": lines, "payments": account.payments, "fleet": account.fleet, "books": books,
                   "budget": budget(account, cash), "showback": showback(account)}


def budget(account, cash):
    """A total falls in equal parts on the months without a figure of their own."""
    written = account.plan.get("budget", {})
    lines = cash if written.get("basis") == "cash" else account.lines
    rows = [("plan", None, written)] if written else []
    rows += [(of, name, part) for of in ("category", "product_line") for name, part in written.get(of, {}).items()]
    told = {}
    for of, name, part in rows:
        if "total" not in part and "per_month" not in part:
            continue
        months = [month_name(month) for month in account.months]
        own = {month: micros(number(figure)) for month, figure in part.get("months", {}).items() if month in months}
        others = [month for month in months if month not in own]
        if "total" in part:
            own |= dict(zip(others, parts(micros(number(part["total"])) - sum(own.values()), [1] * len(others)) if others else []))
        else:
            own |= dict.fromkeys(others, micros(number(part["per_month"])))
        planned = sums([line for line in lines if name is None or line[of] == name], "period")
        told[of, name] = [(own[month], planned.get(month, 0)) for month in months]
    return told


def scopes(account):
    """The plan, its product lines and its services, each with the services in it."""
    yield "plan", None, list(account.services)
    for line in dict.fromkeys(service["product_line"] for service in account.services.values()):
        yield "product_line", line, [name for name, service in account.services.items() if service["product_line"] == line]
    for name in account.services:
        yield "service", name, [name]


def showback(account):
    """What each uses by itself, what of that stands idle, and its part of shared costs."""
    told = {}
    for scope, name, services in scopes(account):
        mine = [line for line in account.lines if line["service"] in services]
        direct = sum(line["amount"] for line in mine if line["is_direct"])
        idle = [sum(account.idle_cost[one][month] for one in services) for month in account.months]
        total = sum(line["amount"] for line in mine)
        told[scope, name] = {"used": direct - sum(idle), "idle": sum(idle), "shared": total - direct, "total": total,
                             "idle_by_month": idle}
    return told


# ---- unit costs ------------------------------------------------------------------------------------------------------

def counted(account, key, scope, services, month):
    """The plan's figure is that of all its services; orders and revenue of services add up, active users do not."""
    if key in ("requests", "response_gb"):  # told to a millionth; what is told is added up and divided by
        if key == "response_gb" and not all("response_bytes" in account.services[name] for name in services):
            return None
        return Fraction(sum(micros(account.driver(key, name, month)) for name in services), 10**6)
    if scope == "plan" and key in account.plan:
        return account.measure(account.plan[key], month)
    written = [account.written(key, name) for name in services]
    if None in written or (key == "active_users" and len(services) > 1):
        return None
    return sum(account.measure(one, month) for one in written)


def machine_time(account, name, month):
    """Machine time of the month's requests at the planned utilisation, bought on demand."""
    fleet = account.services[name].get("fleet")
    fleet = account.plan["fleets"][fleet] if isinstance(fleet, str) else fleet
    if not fleet:
        return 0
    hours = account.requests(name, month) / account.capacity(name, fleet["machine"]) / number(fleet.get("utilisation"), 1) / 3600
    return hours * account.prices.hour(fleet["machine"], "on_demand")


UNITS = (("requests", "per_1000_requests", 1000), ("active_users", "per_active_user", 1), ("orders", "per_order", 1),
         ("response_gb", "per_gb", 1), ("revenue", "share_of_revenue", 1))


def unit_row(account, scope, services, months):
    mine = [line for line in account.lines if line["service"] in services and line["period"] in map(month_name, months)]
    full = sum(line["amount"] for line in mine)
    margin = sum(line["amount"] for line in mine if line["behaviour"] == "variable")
    margin += sum(Fraction(machine_time(account, name, month)) for name in services for month in months) * 10**6
    row = {"full_cost": full, "counts": {}}
    for key, unit, each in UNITS:
        counts = [counted(account, key, scope, services, month) for month in months]
        row["counts"][key] = count = None if None in counts else sum(counts)
        told = count and Fraction(full) * each / count < 2**63  # what is absurdly large is not told, nor the margin beside it
        row["full_" + unit] = round(Fraction(full) * each / count) if told else None
        row["marginal_" + unit] = round(Fraction(margin) * each / count) if told else None
    return row


def units(account):
    """By scope and month, and over the plan: how many of each unit there are, and what one costs in full and at the margin."""
    return {(scope, name, period): unit_row(account, scope, services, months) for scope, name, services in scopes(account)
            for period, months in [(month_name(month), [month]) for month in account.months] + [("all", account.months)]}
