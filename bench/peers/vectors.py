"""vectors.py [ITEMS...] - hnswlib and faiss on the vectors that bench_vectors makes, one thread, the same questions.

Needs numpy, hnswlib and faiss-cpu: bench/peers/vectors.sh runs it with a Python that has them. Rates are in processor
time of this thread, the best of three rounds, one question at a time, at the cheapest setting that reaches the recall.
"""
import os
import subprocess
import sys
import tempfile
import time

import faiss
import hnswlib
import numpy as np

K, ROUNDS = 10, 3


def truth(base, query):
    best = np.empty((len(query), K), np.int64)
    for q in range(0, len(query), 50):
        score = query[q : q + 50] @ base.T
        part = np.argpartition(-score, K, axis=1)[:, :K]
        best[q : q + 50] = part
    return best


def ask(one, query, best):
    """(recall, questions a second)"""
    seconds, found = np.inf, []
    for _ in range(ROUNDS):
        begin = time.thread_time()
        found = [one(q) for q in query]
        seconds = min(seconds, time.thread_time() - begin)
        if seconds > 10:
            break
    hits = sum(len(set(f) & set(b)) for f, b in zip(found, best))
    return hits / best.size, len(query) / seconds


def tell(name, what, build_s, settings):
    row = f"| {what} | {name} | {build_s:.1f} |"
    for wanted in (0.95, 0.99):
        good = [(rate, recall) for recall, rate in settings if recall >= wanted]
        best = max(settings)
        row += f" {max(good)[0]:.0f} ({max(good)[1]:.3f}) |" if good else f" - (stops at {best[0]:.3f}) |"
    print(row, flush=True)


def until(settings, recall):
    """Steps upwards; enough once everything is found."""
    return settings and settings[-1][0] >= recall


def hnsw(base, query, best, what):
    index = hnswlib.Index("ip", base.shape[1])
    begin = time.process_time()
    index.init_index(len(base), ef_construction=200, M=16)
    index.set_num_threads(1)
    index.add_items(base, num_threads=1)
    build_s, settings = time.process_time() - begin, []
    for ef in (10, 20, 40, 80, 160, 320, 640, 1280):
        index.set_ef(ef)
        settings.append(ask(lambda q: index.knn_query(q, K, num_threads=1)[0][0], query, best))
        if until(settings, 0.995):
            break
    tell("hnswlib M=16", what, build_s, settings)


def fast_scan(base, query, best, what):
    dim = base.shape[1]
    lists = int(4 * len(base) ** 0.5)
    begin = time.process_time()
    index = faiss.index_factory(dim, f"IVF{lists},PQ{dim // 2}x4fs,RFlat", faiss.METRIC_INNER_PRODUCT)
    index.train(base[: 64 * lists])
    index.add(base)
    build_s, settings = time.process_time() - begin, []
    ivf = faiss.downcast_index(index.base_index)
    for probes in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        for factor in (4, 10, 40):
            ivf.nprobe, index.k_factor = min(probes, lists), factor
            settings.append(ask(lambda q: index.search(q[None], K)[1][0], query, best))
        if until(settings, 0.995):
            break
    tell(f"faiss IVF{lists},PQ{dim // 2}x4fs,RFlat", what, build_s, settings)


def flat(base, query, best, what):
    for name, index in (("faiss flat", faiss.IndexFlatIP(base.shape[1])),
                        ("faiss SQ8", faiss.IndexScalarQuantizer(base.shape[1], faiss.ScalarQuantizer.QT_8bit,
                                                                 faiss.METRIC_INNER_PRODUCT))):
        begin = time.process_time()
        index.train(base)
        index.add(base)
        build_s = time.process_time() - begin
        tell(name, what, build_s, [ask(lambda q: index.search(q[None], K)[1][0], query[:100], best[:100])])


def main(program, arguments):
    faiss.omp_set_num_threads(1)
    print("| vectors | index | made s | a second at .95 (recall) | at .99 |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "--export", folder, *arguments], check=True)
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".base.f32"):
                continue
            what, n, dim = name[: -len(".base.f32")].split("-")
            base = np.fromfile(os.path.join(folder, name), np.float32).reshape(int(n), int(dim))
            query = np.fromfile(os.path.join(folder, name.replace("base", "query")), np.float32).reshape(-1, int(dim))
            best = truth(base, query)
            for index in (flat, fast_scan, hnsw):
                index(base, query, best, f"{what} {int(n):,}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
