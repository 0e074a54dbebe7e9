"""reckon's als beside implicit's, in turns, as two tables: als.py FOLDER_OF_PROGRAMS LOG THREADS [FACTORS,...]

LOG: one line per user (user item item ...), .gz or plain. Both minimise the same objective: alpha 40, lambda 0.01, conjugate gradients
with three steps. Times are medians of ROUNDS turns, and in each the median iteration after the first; the losses are those after
ITERATIONS, implicit's by the same formula in numpy. Lists: the 20 best items for every user, those taken left out.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it: its own threads are over users

import implicit
import numpy
import scipy.sparse
from implicit.als import AlternatingLeastSquares

ROUNDS, ITERATIONS, ALPHA, LAMBDA, BEST = 3, 6, 40, 0.01, 20


def read_lists(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        text = file.read()
    at = numpy.frombuffer(text, numpy.uint8)
    gaps = numpy.flatnonzero((at == ord(" ")) | (at == ord("\n")))
    ends = numpy.flatnonzero(at[gaps] == ord("\n"))
    n_words = numpy.diff(numpy.concatenate([[-1], ends]))
    words = numpy.fromstring(text, dtype=numpy.int64, sep=" ")
    is_item = numpy.ones(len(words), bool)
    is_item[numpy.cumsum(n_words) - n_words] = False
    users = numpy.repeat(numpy.arange(len(n_words)), n_words - 1)
    items = numpy.unique(words[is_item], return_inverse=True)[1]
    return scipy.sparse.csr_matrix((numpy.ones(len(users), numpy.float32), (users, items)))


def loss_of(model, log):
    x, y = model.user_factors.astype(float), model.item_factors.astype(float)
    loss = numpy.sum((x.T @ x) * (y.T @ y)) + LAMBDA * (numpy.sum(x * x) + numpy.sum(y * y))
    for user in range(log.shape[0]):
        scores = y[log.indices[log.indptr[user]:log.indptr[user + 1]]] @ x[user]
        loss += numpy.sum(ALPHA * (1 - scores) ** 2 - scores ** 2)
    return loss


def theirs(log, factors, threads):
    model = AlternatingLeastSquares(factors=factors, alpha=ALPHA, regularization=LAMBDA, iterations=ITERATIONS,
                                    num_threads=threads, random_state=1)
    laps = []
    model.fit(log, show_progress=False, callback=lambda i, seconds, _: laps.append((seconds, time.process_time())))
    wall, cpu = [lap[0] for lap in laps], numpy.diff([lap[1] for lap in laps])
    lap = {"wall_s": float(numpy.median(wall[1:])), "cpu_s": float(numpy.median(cpu)), "loss": loss_of(model, log)}
    begin, before = time.perf_counter(), time.process_time()
    model.recommend(numpy.arange(log.shape[0]), log, N=BEST)
    return lap, {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time() - before}


def ours(programs, dataset, factors, threads):
    def run(*words):
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout
    lap = json.loads(run(f"{programs}/bench/bench_als", "--beside", dataset, str(factors), str(ITERATIONS), str(threads)))
    model, lists = dataset + ".model", dataset + ".csv"
    run(f"{programs}/reckon", "train", dataset, "--model", "als", "--set", f"factors={factors}", "--set", "iterations=1", "-o", model)
    begin, before = time.perf_counter(), os.times()
    run(f"{programs}/reckon", "recommend", model, "--all", "-n", str(BEST), "--threads", str(threads), "-o", lists)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return lap, {"wall_s": time.perf_counter() - begin, "cpu_s": cpu}


def middle(turns, which, key):
    return float(numpy.median([turn[which][key] for turn in turns]))


def main():
    programs, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    log = read_lists(path)
    print(f"{log.shape[0]} users, {log.shape[1]} items, {log.nnz} events, {threads} threads, implicit {implicit.__version__}\n")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        dataset = f"{folder}/log.rk"
        subprocess.run([f"{programs}/reckon", "ingest", path, "--format", "lists", "--robots", "0", "-o", dataset], check=True, capture_output=True)
        for factors in [int(word) for word in (sys.argv[4] if len(sys.argv) > 4 else "64,128").split(",")]:
            turns = [(ours(programs, dataset, factors, threads), theirs(log, factors, threads)) for _ in range(ROUNDS)]
            rows.append((factors, [turn[0] for turn in turns], [turn[1] for turn in turns]))
    print("| an iteration, factors | reckon: wall s | cpu s | loss | implicit: wall s | cpu s | loss | wall, times | cpu, times |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for factors, us, them in rows:
        a, b = ({key: middle(side, 0, key) for key in ("wall_s", "cpu_s", "loss")} for side in (us, them))
        print(f"| {factors} | {a['wall_s']:.3f} | {a['cpu_s']:.3f} | {a['loss']:.0f} | {b['wall_s']:.3f} | {b['cpu_s']:.3f} "
              f"| {b['loss']:.0f} | {b['wall_s'] / a['wall_s']:.1f} | {b['cpu_s'] / a['cpu_s']:.1f} |")
    print(f"\n| lists of {BEST} for all, factors | reckon: users/s | users per cpu s | implicit: users/s | users per cpu s | wall, times | cpu, times |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for factors, us, them in rows:
        a, b = ({key: log.shape[0] / middle(side, 1, key) for key in ("wall_s", "cpu_s")} for side in (us, them))
        print(f"| {factors} | {a['wall_s']:.0f} | {a['cpu_s']:.0f} | {b['wall_s']:.0f} | {b['cpu_s']:.0f} "
              f"| {a['wall_s'] / b['wall_s']:.1f} | {a['cpu_s'] / b['cpu_s']:.1f} |")


main()
