"""flood.py URL PID RECENT_MAX ITEMS_MAX CACHE_BYTES: floods a server and holds its memory to the bound of
docs/operations.md. Prints "ok CLAIM" or "not CLAIM: WHY" lines."""
import concurrent.futures
import http.client
import json
import re
import sys

url, pid = sys.argv[1], sys.argv[2]
recent_max, items_max, cache_bytes = map(int, sys.argv[3:6])
USERS, BATCH, NAME, PRODUCTS, TEXT = 300_000, 4_000, 40, 900, 3_000
connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=300)


def ask(method, path, body=None, by=connection):
    by.request(method, path, body)
    answer = by.getresponse()
    return answer.status, answer.getheader("Content-Type", ""), answer.read().decode()


def claim(words, holds, why=""):
    print(("ok " if holds else "not ") + words + ("" if holds else f": {why}"))


def rss_bytes():
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) * 1024


def metric(name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", ask("GET", "/metrics")[2], re.M)[1])


def flood_events():
    """Every event is of a user and an item that nobody has seen, and has an id of its own."""
    for first in range(0, USERS, BATCH):
        lines = "\n".join(f'{{"event_id":"e{n}","user":"{n:0{NAME}}","item":"i{n:0{NAME}}"}}' for n in range(first, first + BATCH))
        status, _, text = ask("POST", "/v1/events", lines)
        if status != 200 or json.loads(text)["accepted"] != BATCH:
            return f"{status} {text[:200]}"
        if first % (10 * BATCH) == 0 and ask("GET", "/v1/recommend?user=u1&n=5")[0] != 200:
            return "a question was not answered"
    return ""


def put(number, title="thing", by=connection):
    body = {"title": f"{title} {number}", "text": f"word{number} " * (TEXT // 10)}
    return ask("PUT", f"/v1/items/p{number}", json.dumps(body), by)


def put_beside(number):
    """On a connection of its own, for threads."""
    return put(number, by=http.client.HTTPConnection(url.removeprefix("http://"), timeout=300))


def flood_products():
    """How many were taken, and the last refusal."""
    taken, refusal = 0, None
    for number in range(PRODUCTS):
        answer = put(number)
        taken += answer[0] == 200
        refusal = answer if answer[0] != 200 else refusal
    return taken, refusal


before = rss_bytes()
trouble = flood_events()
claim("a flood of new users is taken", not trouble, trouble)
claim("as many users as agreed are kept in memory", metric("reckon_recent_users") == recent_max, metric("reckon_recent_users"))
away = metric("reckon_recent_turned_away_total")
claim("the others are turned away, and counted", away == USERS - recent_max, away)
newest = ask("GET", f"/v1/recommend?user={USERS - 1:0{NAME}}&n=5")
claim("who was turned away is answered by the model alone", newest[0] == 200, newest)

taken, refusal = flood_products()
claim("as many new products as agreed are taken", taken == items_max, taken)
claim("one more is refused by policy", refusal and refusal[0] == 409 and refusal[1] == "application/problem+json" and "items_max" in refusal[2], refusal)
refused = metric('reckon_products_total{outcome="refused"}')
claim("and counted", refused == PRODUCTS - items_max and metric("reckon_live_products") == items_max, refused)
claim("one that is there is still replaced", put(7, "other")[0] == 200)
claim("and found", '"id":"p7"' in ask("GET", "/v1/search?q=other")[2], ask("GET", "/v1/search?q=other")[2])
claim("one is taken away", ask("DELETE", "/v1/items/p8")[0] == 200)
claim("which makes room for one", put(PRODUCTS)[0] == 200 and put(PRODUCTS + 1)[0] == 409)
ask("DELETE", "/v1/items/p9")
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    answers = sorted(answer[0] for answer in pool.map(put_beside, range(2 * PRODUCTS, 2 * PRODUCTS + 8)))
claim("of eight at once where there is room for one, one is taken", answers == [200] + [409] * 7, answers)

# The bound of docs/operations.md, term by term; ids of events are below the 2 million after which the older ones go.
users = recent_max * (1200 + 1.5 * NAME)
items = recent_max * (100 + 1.5 * (NAME + 1))
ids = min(USERS * 48, 160 << 20)
products = 8 * items_max * TEXT
requests = 2 * 8 * (1 << 20)  # a body of events and what is read of it, for each worker
bound = users + items + ids + products + requests + cache_bytes * 17 / 16 + (16 << 20)
grown = rss_bytes() - before
claim(f"memory stays below its bound ({bound / 2**20:.0f} MiB)", grown <= bound, f"it has grown by {grown / 2**20:.1f} MiB")
claim("which the flood, had it been kept, would exceed", USERS * 300 > bound, f"{USERS * 300 / 2**20:.0f} MiB")
