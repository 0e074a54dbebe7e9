"""deploy.py CHECK...: what lies in deploy/ and what openapi.json promises, held against a running server. Fails with words."""
import json
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

root = pathlib.Path(sys.argv[1])
url = sys.argv[2]


def get(path, method="GET", body=None):
    request = urllib.request.Request(url + path, method=method, data=body)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get("Content-Type", ""), answer.read().decode()


# ---- metrics ----

def exposed():
    """The labels of each metric that the server shows."""
    known = {}
    for line in get("/metrics")[2].splitlines():
        found = re.match(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? \S+$", line)
        if found:
            labels = set(re.findall(r'([a-z_]+)="', found[2] or ""))
            known.setdefault(found[1], set()).update(labels)
    return known


def expressions():
    """(where, PromQL) of the dashboard and the rules; the names that the rules record."""
    found, recorded = [], set()
    board = json.loads((root / "deploy/grafana/reckon.json").read_text())
    for panel in board["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel["targets"]]
    for line in (root / "deploy/prometheus/rules.yaml").read_text().splitlines():
        line = line.strip()
        if line.startswith("expr:"):
            found.append(("rules.yaml", line[5:]))
        if line.startswith("- record:"):
            recorded.add(line[9:].strip())
    adapter = (root / "deploy/kubernetes/prometheus-adapter.yaml").read_text()
    found.append(("prometheus-adapter.yaml", adapter.split("metricsQuery:")[1]))
    return found, recorded


def check_metrics():
    known, (found, recorded) = exposed(), expressions()
    assert len(found) > 40, "too few expressions were found to hold anything"
    for where, text in found:
        names = re.findall(r"\b((?:reckon|process)[a-z0-9_:]*)(\{[^}]*\})?", text)
        assert names, f"{where}: no metric in {text}"
        for name, selector in names:
            if name in recorded or name == "reckon":
                continue
            assert name in known, f"{where}: nobody exposes {name}"
            labels = set(re.findall(r"([a-z_]+)(?:=|!=|=~|!~)\"", selector)) - {"job"}
            assert labels <= known[name] | {"le"}, f"{where}: {name} has no labels {labels - known[name]}"
        by = set(re.findall(r"by \(([a-z_, ]+)\)", text))
        for label in {label.strip() for group in by for label in group.split(",")} - {"le"}:
            assert any(label in known.get(name, ()) for name, _ in names), f"{where}: nothing has the label {label}"


# ---- YAML ----

def check_yaml():
    import yaml
    n = 0
    for path in sorted((root / "deploy").rglob("*.yaml")):
        documents = list(yaml.safe_load_all(path.read_text()))
        assert all(isinstance(document, dict) for document in documents), f"{path}: not maps"
        n += len(documents)
    assert n >= 9, "documents are missing"
    rules = yaml.safe_load((root / "deploy/prometheus/rules.yaml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert "record" in rule or rule["labels"]["severity"] in ("page", "ticket"), rule
        page = rule.get("annotations", {}).get("runbook", "docs/operations.md, sizing").split(", ")
        words = (root / page[0]).read_text().lower()
        assert f"**{page[1]}.**" in words or f"## {page[1]}" in words, f"no such page: {page}"
    config = next(d for d in yaml.safe_load_all((root / "deploy/kubernetes/reckon.yaml").read_text()) if d["kind"] == "ConfigMap")
    for name, text in config["data"].items():
        pathlib.Path(name).write_text(text)


# ---- openapi ----

def schema_part(whole, reference):
    at = whole
    for part in reference.split("/")[1:]:
        at = at[part]
    return at


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "number": (int, float), "null": type(None)}


def conform(value, schema, whole, where):
    if "$ref" in schema:
        return conform(value, schema_part(whole, schema["$ref"]), whole, where)
    wanted = schema.get("type")
    if wanted:
        kinds = [wanted] if isinstance(wanted, str) else wanted
        assert any(isinstance(value, TYPES[kind]) for kind in kinds), f"{where}: {value!r} is no {wanted}"
    assert "enum" not in schema or value in schema["enum"], f"{where}: {value!r} is none of {schema['enum']}"
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            assert name in value, f"{where}: no '{name}'"
        for name, inner in value.items():
            described = schema.get("properties", {}).get(name)
            assert described is not None or schema.get("additionalProperties") is not False, f"{where}: '{name}' is not described"
            if described is not None:
                conform(inner, described, whole, f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, inner in enumerate(value):
            conform(inner, schema["items"], whole, f"{where}[{i}]")


GIVEN = {"user": "u1", "item": "i1", "id": "new-1", "q": "tea"}
EVENT = b'{"event_id":"openapi-1","user":"u1","item":"i2","type":"view"}'
PRODUCT = b'{"title":"Green tea pot","price":12.5}'
BODIES = {"/v1/events": EVENT, "/v1/items/{id}": PRODUCT}


def check_openapi():
    whole = json.loads(get("/openapi.json")[2])
    n = n_refused = 0
    for pattern, methods in whole["paths"].items():
        for method, row in methods.items():
            values = {p["name"]: GIVEN[p["name"]] for p in row["parameters"] if p["required"]}
            path = pattern
            for name in re.findall(r"{(\w+)}", pattern):
                path = path.replace("{" + name + "}", values.pop(name))
            if pattern == "/v1/search":
                values["q"] = "tea"
            query = urllib.parse.urlencode(values)
            where = f"{method.upper()} {path}"
            body = (BODIES.get(pattern, b"{}") if "requestBody" in row else b"") if method in ("post", "put") else None
            status, kind, text = get(path + ("?" + query if query else ""), method.upper(), body)
            described = row["responses"].get(str(status), row["responses"]["default"])
            assert status in (200, 201, 501) or pattern.startswith("/v1/items"), f"{where}: {status} {text}"
            media = schema_part(whole, described["$ref"])["content"] if "$ref" in described else described["content"]
            assert kind.split(";")[0] in media, f"{where}: {kind} is not described"
            schema = media[kind.split(";")[0]].get("schema")
            if schema:
                conform(json.loads(text), schema, whole, where)
            n += 1
            # What is required and not given, and what nobody knows, is a described problem that names the field.
            if any(p["required"] and p["in"] == "query" for p in row["parameters"]):
                status, kind, text = get(path, method.upper(), body)
                problem = json.loads(text)
                assert status == 400 and kind == "application/problem+json" and problem["field"], f"{where}: {status} {text}"
                conform(problem, whole["components"]["schemas"]["Problem"], whole, where)
                n_refused += 1
            if row["parameters"] and method == "get":
                for p in row["parameters"]:
                    bound = p["schema"].get("maximum")
                    if bound is not None:
                        wrong = urllib.parse.urlencode({**values, p["name"]: bound + 1})
                        status, kind, text = get(f"{path}?{wrong}")
                        assert status == 400, f"{where}: {p['name']}={bound + 1} gave {status}"
                        n_refused += 1
    assert n >= 14 and n_refused >= 8, f"too little was asked: {n} routes, {n_refused} refusals"


for check in sys.argv[3:]:
    {"metrics": check_metrics, "yaml": check_yaml, "openapi": check_openapi}[check]()
