"""reckon's itemknn beside implicit's, in turns, as a table: knn.py FOLDER_OF_PROGRAMS LOG THREADS [NEIGHBOURS,...]

LOG: one line per user (user item item ...), .gz or plain. Both find the most alike of every item by the plain cosine, from a matrix in
memory to rows of neighbours in memory. Times are medians of ROUNDS turns.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit asks for it: its own threads are over items

import implicit
import numpy
import scipy.sparse
from implicit.nearest_neighbours import CosineRecommender

ROUNDS = 3


def read_lists(path):
    users, items, numbers = [], [], {}
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
        for user, line in enumerate(file):
            words = line.split()[1:]
            users += [user] * len(words)
            items += [numbers.setdefault(word, len(numbers)) for word in words]
    return scipy.sparse.csr_matrix((numpy.ones(len(users), numpy.float64), (users, items)))


def theirs(log, neighbours, threads):
    model = CosineRecommender(K=neighbours + 1, num_threads=threads)  # an item counts itself among its own
    begin, before = time.perf_counter(), time.process_time()
    model.fit(log, show_progress=False)
    return {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time() - before}


def ours(programs, dataset, neighbours, threads):
    words = [f"{programs}/bench/bench_knn", "--beside", dataset, str(neighbours), str(threads)]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def middle(side, key):
    return float(numpy.median([turn[key] for turn in side]))


def main():
    programs, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    log = read_lists(path)
    print(f"{log.shape[0]} users, {log.shape[1]} items, {log.nnz} events, {threads} threads, implicit {implicit.__version__}\n")
    print("| neighbours | reckon: wall s | cpu s | implicit: wall s | cpu s | wall, times | cpu, times |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        dataset = f"{folder}/log.rk"
        subprocess.run([f"{programs}/reckon", "ingest", path, "--format", "lists", "--robots", "0", "-o", dataset], check=True,
                       capture_output=True)
        for neighbours in [int(word) for word in (sys.argv[4] if len(sys.argv) > 4 else "20,200").split(",")]:
            turns = [(ours(programs, dataset, neighbours, threads), theirs(log, neighbours, threads)) for _ in range(ROUNDS)]
            a, b = ({key: middle(side, key) for key in ("wall_s", "cpu_s")} for side in zip(*turns))
            print(f"| {neighbours} | {a['wall_s']:.3f} | {a['cpu_s']:.3f} | {b['wall_s']:.3f} | {b['cpu_s']:.3f} "
                  f"| {b['wall_s'] / a['wall_s']:.1f} | {b['cpu_s'] / a['cpu_s']:.1f} |")


main()
