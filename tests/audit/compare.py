"""compare.py - reckon's statements and unit costs against those of audit.py, figure by figure.

    compare.py expected PLAN EXPECTED.json   the auditor gives the expected figures
    compare.py plan PLAN                     reckon and the auditor agree on this plan
    compare.py random SEED COUNT [KEEP]      ... and on COUNT ugly plans; the first that differs is made small and kept in KEEP
"""
import json
import os
import subprocess
import sys
import tempfile
from fractions import Fraction

import audit
import ugly
import views


class Refused(Exception):
    pass


def ask(path, command):
    run = subprocess.run([os.environ["RECKON"], "cost", command, path, "--json"], capture_output=True, text=True, check=False)
    if run.returncode == 3:
        raise Refused(run.stderr.strip())
    assert run.returncode == 0, f"cost {command} {path} ends with {run.returncode}: {run.stderr}"
    return json.loads(run.stdout)


# ---- comparing -------------------------------------------------------------------------------------------------------

def near(mine, theirs):
    """Rounded to the millionth, None only to None. A double holds 15 digits, so that larger figures have fewer places."""
    if mine is None or theirs is None:
        return mine is theirs
    return abs(mine - Fraction(theirs)) * audit.MICRO <= Fraction(1, 2) + abs(mine) * Fraction(audit.MICRO, 10**15)


def same_price(mine, text):
    """A long fraction is told to so many places and '...'."""
    if not text.endswith("..."):
        return mine == Fraction(text)
    text = text[:-3]
    return 0 <= mine - Fraction(text) < Fraction(1, 10 ** len(text.partition(".")[2]))


def unlike(where, mine, theirs):
    if mine != theirs:
        yield f"{where}: auditor {mine}, reckon {theirs}"


def line_differences(mine, theirs):
    for field in ("period", "element", "service", "category", "layer", "product_line", "unit", "amount", "behaviour", "origin",
                  "spend", "is_cash"):
        yield from unlike(f"{mine['id']} {field}", mine[field], theirs[field])
    if not near(Fraction(mine["quantity"], audit.MICRO), theirs["quantity"]):
        yield f"{mine['id']} quantity: auditor {mine['quantity']} millionths, reckon {theirs['quantity']}"
    if abs(mine["share"] - Fraction(theirs["share"])) > Fraction(1, 10**12):
        yield f"{mine['id']} share: auditor {float(mine['share'])}, reckon {theirs['share']}"
    if not same_price(mine["unit_price"], theirs["unit_price"]):
        yield f"{mine['id']} unit price: auditor {mine['unit_price']}, reckon {theirs['unit_price']}"


def ledger_differences(where, mine, theirs):
    ours, others = {line["id"]: line for line in mine}, {line["id"]: line for line in theirs}
    yield from unlike(f"{where}, how many", (len(mine), len(ours)), (len(theirs), len(others)))
    yield from unlike(f"{where}, only one has", sorted(ours.keys() - others.keys()), sorted(others.keys() - ours.keys()))
    for key in sorted(ours.keys() & others.keys()):
        yield from line_differences(ours[key], others[key])


def fleet_differences(name, mine, theirs):
    yield from unlike(f"fleet {name} reserved", mine["reserved"], theirs["reserved"])
    for field in ("requests", "idle_machine_hours", "shortfall_requests"):
        other = theirs.get(field, [0] * len(mine[field]))
        for m, (a, b) in enumerate(zip(mine[field], other, strict=True)):
            if not near(a, b):
                yield f"fleet {name} {field}[{m}]: auditor {float(a)}, reckon {b}"


def statement_differences(mine, theirs):
    for field in mine:
        if field in ("total", "n_lines", "cash_total") or "by_" in field:
            there = theirs[field]
            if isinstance(there, dict):  # a view may or may not name what costs nothing
                there = {key: amount for key, amount in there.items() if amount or key in mine[field]}
            yield from unlike(field, mine[field], there)
    yield from ledger_differences("lines", mine["lines"], theirs["lines"])
    yield from ledger_differences("payments", mine["payments"], theirs["payments"])
    yield from unlike("fleets", set(mine["fleet"]), set(theirs["fleet"]))
    for name in mine["fleet"].keys() & theirs["fleet"].keys():
        yield from fleet_differences(name, mine["fleet"][name], theirs["fleet"][name])
    books = {row["element"]: (row["opening"], row["paid"], row["used_up"], row["closing"]) for row in theirs["books"]}
    yield from unlike("books", mine["books"], books)
    budgets = {(row["of"], row.get("name")): list(zip(row["budget_by_month"].values(), row["planned_by_month"].values()))
               for row in theirs["budget"]}
    yield from unlike("budget", mine["budget"], budgets)
    for row in theirs["showback"]:
        there = {key: row[key] for key in ("used", "idle", "shared", "total")}
        there["idle_by_month"] = list(row["idle_by_month"].values())
        yield from unlike(f"showback of {row.get('name')}", mine["showback"][row["scope"], row.get("name")], there)


def unit_differences(mine, theirs):
    others = {(row["scope"], row[row["scope"]] if row["scope"] != "plan" else None, row["period"]): row for row in theirs["units"]}
    yield from unlike("unit costs of", sorted(mine.keys() - others.keys()), sorted(others.keys() - mine.keys()))
    for key in mine.keys() & others.keys():
        for field, figure in mine[key].items():
            if field == "counts":
                for unit, count in figure.items():
                    if not near(count, others[key][unit]):
                        yield f"{unit} of {key}: auditor {count and float(count)}, reckon {others[key][unit]}"
            elif "share_of" in field:
                if not near(None if figure is None else Fraction(figure, audit.MICRO), others[key][field]):
                    yield f"{field} of {key}: auditor {figure} millionths, reckon {others[key][field]}"
            else:
                yield from unlike(f"{field} of {key}", figure, others[key][field])


def differences(path):
    statement, units = ask(path, "statement"), ask(path, "unit")
    account = audit.Account(path)
    return list(statement_differences(views.statement(account), statement)) + list(unit_differences(views.units(account), units))


def expected_differences(plan, expected):
    mine = views.statement(audit.Account(plan))
    with open(expected, encoding="utf-8") as file:
        theirs = json.load(file)
    by_key = {(line["period"], line["element"], line["service"]): line for line in mine["lines"]}
    wrong = [field for field in theirs if field not in ("some_lines", "fleet") and mine[field] != theirs[field]]
    for name, fleet in theirs["fleet"].items():
        wrong += fleet_differences(name, mine["fleet"][name], fleet)
    for line in theirs["some_lines"]:
        there = by_key[line["period"], line["element"], line["service"]]
        if any(there[field] != value for field, value in line.items() if field != "quantity"):
            wrong.append(f"{line}: auditor {there}")
        if not near(Fraction(there["quantity"], audit.MICRO), line["quantity"]):
            wrong.append(f"{line}: quantity {there['quantity']} millionths")
    return wrong


# ---- ugly plans, and small ones --------------------------------------------------------------------------------------

def write_plan(files, folder):
    os.makedirs(folder, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(ugly.document(content))
    return os.path.join(folder, "plan.yaml")


def smaller(tree):
    """The tree with one of its keys or items less, each in turn."""
    if not isinstance(tree, (dict, list)):
        return
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        less = tree.copy()
        del less[key]
        yield less
        for inner in smaller(tree[key]):
            less = tree.copy()
            less[key] = inner
            yield less


def still_differs(files, folder):
    """A plan that either side cannot read is no smaller one."""
    try:
        return len(files) == 2 and bool(differences(write_plan(files, folder)))
    except (Refused, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, OSError):
        return False


def shrink(files, folder):
    for n_months in range(1, files["plan.yaml"]["months"]):
        fewer = files | {"plan.yaml": files["plan.yaml"] | {"months": n_months}}
        if still_differs(fewer, folder):
            files = fewer
            break
    while less := next((less for less in smaller(files) if still_differs(less, folder)), None):
        files = less
    return files


def random_differences(seed, count, keep="kept"):
    refused = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(seed, seed + count):
            files = ugly.Ugly(number).plan()
            try:
                wrong = differences(write_plan(files, folder))
            except Refused as words:
                refused.append(f"plan {number} is refused: {words}")
                continue
            if wrong:
                kept = write_plan(shrink(files, folder), keep)
                return [f"plan {number} differs; a smaller one that does is {kept}"] + differences(kept)
    if os.environ.get("REFUSED"):
        print("\n".join(refused))
    return refused if len(refused) * 10 > count else []


def main(verb, *words):
    wrong = {"expected": lambda: expected_differences(*words), "plan": lambda: differences(*words),
             "random": lambda: random_differences(int(words[0]), int(words[1]), *words[2:])}[verb]()
    print("\n".join(map(str, wrong)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
