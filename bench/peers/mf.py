"""reckon's mf by stochastic gradients beside LIBMF, in turns, as a table: mf.py FOLDER_OF_PROGRAMS LIBMF THREADS [MOVIELENS [RATINGS]]

LIBMF: the unpacked source of the Python package libmf. MOVIELENS: the folder of MovieLens-100k, whose first published fold is learned.
RATINGS: how many synthetic ones are drawn (default 10,000,000, of which some are repeated pairs and go): rank 16, biases and noise, users and
items by a power law, a twentieth held back. Both sides learn 32 factors. The mark is the error on the ratings held back that LIBMF ends
with; a side's time is that of the fewest ROUNDS that reach it, from ratings in memory to a model in memory, the median of TURNS.
"""
import contextlib
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy

TURNS, FACTORS, ROUNDS = 3, 32, range(1, 41)
# Either side's settings are the best of a few by the error held back; "theirs": rounds after which LIBMF gains little.
CASES = {"MovieLens-100k": {"lambda": .09, "step": .2, "decay": .15, "their_lambda": .1, "eta": .1, "theirs": 10},
         "synthetic": {"lambda": .025, "step": .2, "decay": .2, "their_lambda": .03, "eta": .1, "theirs": 10}}


def synthetic(n):
    random = numpy.random.default_rng(1)
    n_users, n_items, rank = n // 145, n // 750, 16
    user = (n_users * random.random(n) ** 2).astype(numpy.uint32)
    item = (n_items * random.random(n) ** 3).astype(numpy.uint32)
    pair = numpy.unique(user.astype(numpy.uint64) * n_items + item)
    random.shuffle(pair)
    user, item = (pair // n_items).astype(numpy.uint32), (pair % n_items).astype(numpy.uint32)
    p, q = (random.normal(0, .5, (k, rank)).astype(numpy.float32) for k in (n_users, n_items))
    said = 3.5 + random.normal(0, .4, n_users)[user] + random.normal(0, .5, n_items)[item] + random.normal(0, .7, len(user))
    for d in range(rank):
        said += p[user, d] * q[item, d]
    return numpy.stack([user, item, numpy.clip(numpy.round(2 * said) / 2, .5, 5)], 1).astype(numpy.float32)


def movielens(folder):
    def read(name):
        with gzip.open(f"{folder}/{name}.gz", "rt") as file:
            return [tuple(int(word) for word in line.split()[:3]) for line in file]
    held = read("u1.test")
    taken = set(held)
    rest = [row for row in read("u.data") if row not in taken]
    return numpy.array(rest, numpy.float32), numpy.array(held, numpy.float32)


def write(path, rows):
    with open(path, "w") as file:
        for begin in range(0, len(rows), 100000):
            file.writelines(f"{int(u)}\t{int(i)}\t{r:g}\n" for u, i, r in rows[begin:begin + 100000].tolist())


class Libmf:
    def __init__(self, folder, source):
        """Compiled as its own Makefile does, for this processor; the package from the index is compiled without vectors."""
        os.environ["LIBMF_OBJ"] = f"{folder}/libmf.so"
        subprocess.run(["g++", "-std=c++11", "-O3", "-march=native", "-DUSEAVX", "-DUSEOMP", "-fopenmp", "-pthread", "-fPIC", "-shared",
                        f"{source}/src_cpp/libmf_interface.cpp", f"{source}/src_cpp/mf.cpp", "-o", os.environ["LIBMF_OBJ"]], check=True)
        sys.path.insert(0, source)
        with contextlib.redirect_stdout(sys.stderr):
            from libmf import mf
        self.mf = mf

    def learn(self, rest, held, threads, case, rounds):
        one = self.mf.MF(k=FACTORS, nr_threads=threads, nr_iters=rounds, eta=case["eta"], lambda_p1=0, lambda_q1=0,
                         lambda_p2=case["their_lambda"], lambda_q2=case["their_lambda"], quiet=True)
        begin, before = time.perf_counter(), time.process_time()
        one.fit(rest)
        out = {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time() - before}
        # The package's predict() reads a matrix by columns that it is given by rows.
        p, q = (numpy.ctypeslib.as_array(at, (n, FACTORS)) for at, n in ((one.model.P, one.model.m), (one.model.Q, one.model.n)))
        said = numpy.sum(p[held[:, 0].astype(int)] * q[held[:, 1].astype(int)], 1)
        said[numpy.isnan(said)] = one.model.b
        return out | {"rmse": float(numpy.sqrt(numpy.mean((said - held[:, 2]).astype(float) ** 2)))}


def ours(programs, folder, threads, case, rounds):
    sets = {"solver": "sgd", "rates": "own", "factors": FACTORS, "iterations": rounds} | {key: case[key] for key in ("lambda", "step", "decay")}
    words = [f"{programs}/bench/bench_mf", "--beside", f"{folder}/rest.rk", f"{folder}/held.rk", str(threads)]
    out = subprocess.run(words + [f"{key}={value}" for key, value in sets.items()], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def fewest(learn, mark):
    for rounds in ROUNDS:
        out = learn(rounds)
        if out["rmse"] <= mark:
            break
    return rounds


def ingest(programs, folder, rest, held):
    for name, rows in (("all", numpy.concatenate([rest, held])), ("rest", rest), ("held", held)):
        write(f"{folder}/{name}.tsv", rows)
        words = [f"{programs}/reckon", "ingest", f"{folder}/{name}.tsv", "--format", "tsv", "--no-header", "--columns", "user,item,value",
                 "--robots", "0", "-o", f"{folder}/{name}.rk"]
        subprocess.run(words + (["--like", f"{folder}/all.rk"] if name != "all" else []), check=True, capture_output=True)
        os.remove(f"{folder}/{name}.tsv")


def beside(programs, folder, theirs, threads, name, rest, held):
    case = CASES[name]
    ingest(programs, folder, rest, held)
    we = lambda rounds: ours(programs, folder, threads, case, rounds)
    they = lambda rounds: theirs.learn(rest, held, threads, case, rounds)
    mark = float(numpy.median([they(case["theirs"])["rmse"] for _ in range(TURNS)]))  # it differs from run to run
    rounds = fewest(we, mark)
    turns = [(we(rounds), they(case["theirs"])) for _ in range(TURNS)]
    a, b = ({key: float(numpy.median([turn[side][key] for turn in turns])) for key in ("wall_s", "cpu_s", "rmse")} for side in (0, 1))
    print(f"| {name}, {len(rest):,} | {rounds} | {a['wall_s']:.3f} | {a['cpu_s']:.3f} | {a['rmse']:.4f} | {case['theirs']} | {b['wall_s']:.3f} "
          f"| {b['cpu_s']:.3f} | {b['rmse']:.4f} | {b['wall_s'] / a['wall_s']:.1f} | {b['cpu_s'] / a['cpu_s']:.1f} |", flush=True)


def main():
    programs, source, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print("| ratings learned | reckon: rounds | wall s | cpu s | RMSE | LIBMF: rounds | wall s | cpu s | RMSE | wall, times | cpu, times |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        theirs = Libmf(folder, source)
        if len(sys.argv) > 4:
            beside(programs, folder, theirs, threads, "MovieLens-100k", *movielens(sys.argv[4]))
        rows = synthetic(int(sys.argv[5]) if len(sys.argv) > 5 else 10000000)
        beside(programs, folder, theirs, threads, "synthetic", rows[len(rows) // 20:], rows[:len(rows) // 20])


main()
