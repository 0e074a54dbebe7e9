"""chaos.py RECKON SECONDS SEED: a server under load while everything is done to it that a bad week does.

Faults, one after the other, drawn at random: kill -9 and a start; a full disk; a process that stands still; a clock that
steps by a second, an hour or a year to either side; a broken model put in place and reloaded; a good one by request, by
signal and by the watch. Meanwhile writers send events (some of them twice), readers ask, and slow clients drip bytes and
never finish.

Held: every acknowledged event is in the log exactly once, and no event is there twice; no answer is a 5xx and no connection
fails outside a fault that explains it; the server starts again every time; at the end memory and descriptors are what
the events explain; SIGTERM ends it with 0; no request number is given twice; a key with a limit gets what it may and no
more; every user stays in his variant; the account of costs never runs back and fits the time that really passed. Prints TAP
and, as comments, what was done.
"""
import collections
import email.utils
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

reckon, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
dice = random.Random(seed)
over = threading.Event()  # of everything
KEYS = {name: pathlib.Path(f"{name}.key").read_text().strip() for name in ("ops", "till", "page", "pressed")}
RATE, BURST = 50, 20  # of the key `pressed`
USERS, ITEMS, BATCH = 300, 200, 20


class Faults:
    """Intervals in which a kind of trouble is excused, by name; one may still be open."""

    def __init__(self):
        self.lock, self.spans = threading.Lock(), []

    def begin(self, name):
        with self.lock:
            self.spans.append([name, time.monotonic(), None])
            return self.spans[-1]

    def end(self, span, grace_s):
        with self.lock:
            span[2] = time.monotonic() + grace_s

    def excuse(self, names, began, ended):
        with self.lock:
            return any(name in names and start <= ended and (stop is None or began <= stop) for name, start, stop in self.spans)


class Tally:
    def __init__(self):
        self.lock, self.counts, self.troubles = threading.Lock(), collections.Counter(), []
        self.acknowledged, self.sent = set(), set()
        self.request_ids, self.variants = set(), {}

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] += n

    def trouble(self, words):
        with self.lock:
            self.troubles.append(words)


faults, tally = Faults(), Tally()
is_sanitized = any(word in open(reckon, "rb").read() for word in (b"__asan_init", b"__tsan_init"))
can_step = os.path.exists("stepped.so") and not is_sanitized
pathlib.Path("offset").write_bytes(bytes(8))


class Server:
    def __init__(self):
        self.process, self.port, self.slowest_start_s = None, None, 0
        self.began, self.n_starts = 0, 0
        self.environment = dict(os.environ)
        if can_step:
            self.environment |= {"LD_PRELOAD": str(pathlib.Path("stepped.so").resolve()), "STEPPED_CLOCK": "offset"}

    def start(self):
        """None, or why it did not come up."""
        pathlib.Path("port").unlink(missing_ok=True)
        pathlib.Path("here.yaml").write_text(pathlib.Path("serve.yaml").read_text() + f"port: {self.port or 0}\n")
        began = time.monotonic()
        self.process = subprocess.Popen([reckon, "serve", "here.yaml"], stderr=open("log", "ab"), env=self.environment)
        while self.process.poll() is None and time.monotonic() < began + 120:
            if pathlib.Path("port").exists():
                self.port = int(pathlib.Path("port").read_text())
                self.slowest_start_s = max(self.slowest_start_s, time.monotonic() - began)
                self.began, self.n_starts = began, self.n_starts + 1
                return None
            time.sleep(0.01)
        return f"exit status {self.process.poll()}: {pathlib.Path('log').read_text()[-300:]}"

    def rss_bytes(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


# ---- clients ----

def ask(connection, method, path, body=None, key="page"):
    connection.request(method, path, body, {"Authorization": f"Bearer {KEYS[key]}"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def client(server, step, excuses):
    """Runs step(ask) over kept connections until the end; trouble that no fault explains is written down."""
    connection = None
    while not over.is_set():
        began = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            words = step(connection)
        except (OSError, http.client.HTTPException) as failure:
            words = None
            if not faults.excuse({"kill"}, began, time.monotonic()):
                words = f"connection: {failure!r}"
            connection.close()
            connection = None
            time.sleep(0.02)
        if words and not faults.excuse(excuses, began, time.monotonic()):
            tally.trouble(words)
    if connection:
        connection.close()


def writer(server, number):
    mine, state = random.Random(seed * 1000 + number), {"n": 0, "again": []}

    def step(connection):
        time.sleep(0.01)  # some 4,000 events a second: a long story fits the disk
        if not state["again"] or mine.random() < 0.8:
            ids = [f"c{number}-{state['n'] + i}" for i in range(BATCH)]
            state["n"] += BATCH
        else:
            ids = state["again"].pop()  # sent before, acknowledged or not: it must not be kept twice
        lines = "\n".join(json.dumps({"event_id": i, "user": f"u{mine.randrange(USERS)}", "item": f"i{mine.randrange(ITEMS)}"}) for i in ids)
        with tally.lock:
            tally.sent.update(ids)
        if len(state["again"]) < 50:
            state["again"].append(ids)
        status, text = ask(connection, "POST", "/v1/events", lines, "till")
        tally.count(f"events {status}")
        if status == 200:
            with tally.lock:
                tally.acknowledged.update(ids)
            return None
        return f"events: {status} {text[:200]!r}"

    client(server, step, {"disk"})


def reader(server, number):
    mine = random.Random(seed * 2000 + number)

    def step(connection):
        time.sleep(0.002)  # the numbers of all answers are kept
        path = mine.choice([f"/v1/recommend?user=u{mine.randrange(2 * USERS)}&n=10", f"/v1/similar/i{mine.randrange(50)}?n=5", "/readyz", "/metrics"])
        status, text = ask(connection, "GET", path, key="ops")
        tally.count(f"reads {status}")
        note_id(text)
        return None if status in (200, 404) else f"GET {path}: {status} {text[:200]!r}"

    client(server, step, set())


def note_id(text):
    found = re.search(rb'"request_id":"([^"]*)"', text)
    if found:
        with tally.lock:
            if found[1] in tally.request_ids:
                tally.troubles.append(f"the request number {found[1]!r} was given twice")
            tally.request_ids.add(found[1])


def shopper(server):
    """Every user sees one variant of the experiment, whatever the clock says."""
    mine = random.Random(seed * 4000)

    def step(connection):
        time.sleep(0.002)
        user = f"u{mine.randrange(USERS)}"
        status, text = ask(connection, "GET", f"/v1/recommend?user={user}&scene=home&n=3")
        tally.count(f"shoppers {status}")
        note_id(text)
        if status != 200:
            return f"scene of {user}: {status} {text[:200]!r}"
        variant = json.loads(text)["experiment"]["variant"]
        return None if tally.variants.setdefault(user, variant) == variant else f"{user} moved to the variant {variant}"

    client(server, step, set())


def pressed(server):
    """Asks faster than its key may: it gets its rate from each start on, and its burst once."""
    state = {"starts": 0, "n": 0}

    def step(connection):
        time.sleep(0.005)
        starts, began = server.n_starts, server.began
        if starts != state["starts"]:
            state.update(starts=starts, n=0)
        status, _ = ask(connection, "GET", "/v1/similar/i1?n=3", key="pressed")
        tally.count(f"pressed {status}")
        state["n"] += status != 429
        allowed = BURST + 1 + RATE * (time.monotonic() - began)
        if status not in (200, 404, 429):
            return f"pressed: {status}"
        return f"a key of {RATE} a second got {state['n']} where {allowed:.0f} may be" if state["n"] > allowed and server.n_starts == starts else None

    client(server, step, {"kill"})


def accountant(server):
    """Reads the account: within one life of the server nothing of it runs back, and its seconds are those that passed."""
    last = {"starts": 0}

    def step(connection):
        time.sleep(0.1)
        starts = server.n_starts
        asked = time.monotonic()
        status, text = ask(connection, "GET", "/v1/cost", key="ops")
        if status != 200:
            return f"the account: {status} {text[:200]!r}"
        since = json.loads(text)["since_start"]
        now = {"starts": starts, "at": asked, "seconds": since["seconds"], "answers": since["answers"], "nanos": float(since["nanos"])}
        before = dict(last)
        last.clear()
        last.update(now)
        tally.count("accounts read")
        if before["starts"] != starts or starts != server.n_starts:
            return None
        passed, told = time.monotonic() - before["at"], now["seconds"] - before["seconds"]
        if any(now[what] < before[what] for what in ("seconds", "answers", "nanos")):
            return f"the account ran back: {before} {now}"
        return f"the account counts {told:.1f} s where {passed:.1f} passed" if told > passed + 1.5 else None

    client(server, step, {"kill"})


def slow(server):
    """Connections that drip a header, or a body, and are ended by the server's clock."""
    mine = random.Random(seed * 3000)
    while not over.is_set():
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(mine.choice([b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ",
                                                b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"]))
                for _ in range(100):
                    if over.is_set():
                        break
                    connection.sendall(b"x")
                    time.sleep(0.1)
        except OSError:
            tally.count("slow clients ended")
            time.sleep(0.05)


# ---- faults ----

def put(model):
    shutil.copy(model, "next.rk")
    os.replace("next.rk", "m.rk")


def reload(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        return ask(connection, "POST", "/v1/admin/reload", key="ops")
    finally:
        connection.close()


def kill(server):
    span = faults.begin("kill")
    server.process.kill()
    server.process.wait()
    why = server.start()
    faults.end(span, 0.2)
    if why:
        tally.trouble(f"after kill -9 the server did not start: {why}")
        over.set()


def stand_still(server):
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    server.process.send_signal(signal.SIGCONT)


def step_clock(server):
    seconds = dice.choice([-400 * 86400, -3600, -1, 0, 1, 3600, 400 * 86400])
    with open("offset", "r+b") as offset:
        offset.write(struct.pack("=q", seconds))
    time.sleep(0.4)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/healthz")
    told = email.utils.parsedate_to_datetime(connection.getresponse().getheader("Date")).timestamp()
    connection.close()
    if abs(told - time.time() - seconds) > 60:
        tally.trouble(f"the server's clock was not stepped: it is off by {told - time.time():.0f} s, not {seconds}")


def fill_disk(server):
    span = faults.begin("disk")
    with open("small/filler", "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(65536)):
                pass
        except OSError:
            pass
        time.sleep(1.5)
    before = tally.counts["events 200"]
    os.unlink("small/filler")
    deadline = time.monotonic() + 30
    while tally.counts["events 200"] == before and time.monotonic() < deadline and not over.is_set():
        time.sleep(0.05)
    faults.end(span, 0.2)
    if tally.counts["events 200"] == before and not over.is_set():
        tally.trouble("events were not taken again when the disk had room")


def break_model(server):
    with open("good.rk", "rb") as good, open("next.rk", "wb") as broken:
        data = bytearray(good.read())
        at = dice.randrange(len(data))
        broken.write(data[:at] if dice.random() < 0.5 else data[:at] + bytes([data[at] ^ 0xff]) + data[at + 1:])
    os.replace("next.rk", "m.rk")
    status, _ = reload(server)
    if status != 500:
        tally.trouble(f"a broken model was answered {status}")
    put("good.rk")


def swap(server):
    put(dice.choice(["good.rk", "other.rk"]))
    how = dice.randrange(3)
    if how == 0:
        status, text = reload(server)
        # What is taken here follows no taste: once in a while the trial by what was taken lately refuses a model by chance.
        if status == 409 and b"items taken lately it finds" in text:
            tally.count("models refused by chance")
        elif status != 200:
            tally.trouble(f"a good model was not taken: {status} {text[:300]!r}")
    elif how == 1:
        server.process.send_signal(signal.SIGHUP)


# ---- the story ----

def wreak(server, until, kinds):
    # Each kind once, in any order, before chance has its way: a short run tries all of them.
    waiting = dice.sample(kinds, len(kinds))
    while time.monotonic() < until and not over.is_set():
        fault = waiting.pop() if waiting else dice.choice(kinds)
        tally.count(f"fault: {fault.__name__.replace('_', ' ')}")
        fault(server)
        time.sleep(dice.uniform(0.1, 0.6))


def count_in_log(folder):
    found = collections.Counter()
    for path in pathlib.Path(folder).glob("*.wal"):
        found.update(re.findall(rb'"event_id":"(c[0-9]+-[0-9]+)"', path.read_bytes()))
    return {name.decode(): n for name, n in found.items()}


n_claims = 0


def claim(words, holds, why=""):
    global n_claims
    n_claims += 1
    print(f"{'ok' if holds else 'not ok'} {n_claims} - {words}")
    if not holds:
        print("\n".join(f"# {line}" for line in str(why).splitlines()[:20]))


def main():
    os.mkdir("small")
    has_disk = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={64 + int(seconds)}m", "none", "small"], capture_output=True, check=False).returncode == 0
    server = Server()
    why = server.start()
    claim("the server starts", why is None, why)
    if why:
        return
    kinds = [kill, stand_still, break_model, swap] + ([step_clock] * 2 if can_step else []) + ([fill_disk] if has_disk else [])
    threads = [threading.Thread(target=writer, args=(server, n)) for n in range(2)]
    threads += [threading.Thread(target=what, args=(server,)) for what in (shopper, pressed, accountant)]
    threads += [threading.Thread(target=reader, args=(server, n)) for n in range(2)] + [threading.Thread(target=slow, args=(server,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    wreak(server, time.monotonic() + 0.75 * seconds, kinds)
    if not over.is_set():  # the last quarter in peace: what grows now is no fault's doing
        reload(server)
        time.sleep(min(2, 0.05 * seconds))
        rss, n_known = server.rss_bytes(), len(tally.sent)
        deadline = time.monotonic() + 0.2 * seconds
        while time.monotonic() < deadline and server.process.poll() is None:
            time.sleep(0.2)
        grown, n_new = server.rss_bytes() - rss, len(tally.sent) - n_known
    over.set()
    for thread in threads:
        thread.join()
    time.sleep(4)  # of slow clients: the server's own clock ends them
    n_descriptors = server.descriptors()
    server.process.terminate()
    ended = server.process.wait(timeout=60)
    kept = count_in_log("small/events")
    for what, n in sorted(tally.counts.items()):
        print(f"# {what}: {n}")
    print(f"# acknowledged events: {len(tally.acknowledged)}, in the log: {len(kept)}, slowest start: {server.slowest_start_s:.2f} s, "
          f"grown at the end: {grown / 1e6:.1f} MB with {n_new} new events")
    lost = sorted(tally.acknowledged - kept.keys())
    twice = sorted(name for name, n in kept.items() if n > 1)
    claim("every acknowledged event is in the log", not lost and tally.acknowledged, lost[:20] or "none was acknowledged")
    claim("and none is there twice", not twice, twice[:20])
    claim("nothing failed outside a fault that explains it", not tally.troubles, "\n".join(tally.troubles[:20]))
    # An id costs some 40 bytes until two million are known; the rest is slack of the allocator under a new load.
    if not is_sanitized:  # which keeps what is freed for a while
        claim("memory grew by no more than the new events explain", grown < 16e6 + 200 * n_new, f"{grown} bytes with {n_new} events")
    claim("a key with a limit was held to it, and got what it may", tally.counts["pressed 429"] > 0 and tally.counts["pressed 200"] > BURST, tally.counts)
    claim("every user stayed in his variant, of two", len(set(tally.variants.values())) == 2, collections.Counter(tally.variants.values()))
    claim("the account was read", tally.counts["accounts read"] > 0, tally.counts)
    if not can_step:
        claim("the clock steps # SKIP no compiler here, or a sanitizer that must be loaded first", True)
    claim("no descriptor is left open", n_descriptors < 40, n_descriptors)
    claim("SIGTERM ends it well", ended == 0, ended)
    if has_disk:
        claim("the disk was full at least once, and events were refused then", tally.counts["events 503"] > 0, tally.counts)
    else:
        claim("the disk was full # SKIP nothing can be mounted here", True)


try:
    main()
finally:
    over.set()
    subprocess.run(["umount", "small"], capture_output=True, check=False)
