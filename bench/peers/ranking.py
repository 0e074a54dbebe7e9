"""Learners of rankings beside each other on the same features and folds, as a table: ranking.py RECKON PRODUCTS.jsonl[.gz] RATINGS.csv

XGBoost's LambdaMART (rank:ndcg), from nothing and on top of reckon's untrained sum, and reckon's own: nDCG@10 on the queries of each of
five folds after learning from the other four. XGBoost's settings are usual ones; the number of trees is the best of those listed, which
flatters it.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy
import xgboost

FOLDS, TREES, TOP = 5, (20, 50, 100, 200), 10
DISCOUNT = 1 / numpy.log2(numpy.arange(TOP) + 2)
MAP = "item=id,title=title,text=short_description,brand=supplier,price=price,attributes=attr_*"


def ndcg(score, rating):
    order = numpy.argsort(-score, kind="stable")[:TOP]
    best = numpy.sort(rating)[::-1][:TOP]
    most = (best * DISCOUNT[:len(best)]).sum()
    return (rating[order] * DISCOUNT[:len(order)]).sum() / most if most > 0 else 0.0  # no good one is among the candidates


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names = next(rows)[3:]
        table = numpy.array([[float(cell) for cell in row] for row in rows])
    return names, table[:, 0].astype(int), table[:, 2], table[:, 3:]


def folds_of(query, rating, feature, base, most):
    """nDCG of each query after each of TREES."""
    n = query.max() + 1
    value = numpy.zeros((len(TREES), n))
    for fold in range(FOLDS):
        test = query % FOLDS == fold
        learn = xgboost.DMatrix(feature[~test], rating[~test], qid=query[~test])
        asked = xgboost.DMatrix(feature[test], qid=query[test])
        if base is not None:
            learn.set_base_margin(base[~test])
            asked.set_base_margin(base[test])
        settings = {"objective": "rank:ndcg", "eta": 0.1, "max_depth": 3, "subsample": 0.5, "colsample_bytree": 0.5, "seed": 1,
                    "nthread": 1, "ndcg_exp_gain": False}
        model = xgboost.train(settings, learn, most)
        for t, n_trees in enumerate(TREES):
            score = model.predict(asked, iteration_range=(0, n_trees))
            for q in numpy.unique(query[test]):
                value[t, q] = ndcg(score[query[test] == q], rating[test][query[test] == q])
    return value.mean(1)


def main():
    program, products, ratings = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        data, features, weights = (os.path.join(work, name) for name in ("d.rk", "f.csv", "r.rk"))
        subprocess.run([program, "ingest", "--catalogue", products, "--map", MAP, "-o", data], check=True, stdout=subprocess.DEVNULL)

        def judge(*words):
            done = subprocess.run([program, "judge", data, ratings, "--json", *words], check=True, capture_output=True, text=True)
            return json.loads(done.stdout)["ndcg@10"]

        print("| nDCG@10 on queries not learned from | |\n|---|---:|")
        print("| by words alone | %.4f |" % judge("--rank", "words"))
        print("| places fused, no weights | %.4f |" % judge("--rank", "fused"))
        print("| reckon's untrained sum | %.4f |" % judge("--features", features))
        print("| reckon, weights learned | %.4f |" % judge("--learn", "-o", weights))
        print("| reckon, weights and up to 100 trees | %.4f |" % judge("--learn", "--trees", "100"))
        names, query, rating, feature = read(features)
        with open(weights, "rb"):
            inside = json.loads(subprocess.run([program, "inspect", weights, "--json"], check=True, capture_output=True, text=True).stdout)
        base = sum(weight * feature[:, names.index(name)] for name, weight in inside["meta"]["weights"].items())
        for words, start in ("from nothing", None), ("on top of reckon's sum", base):
            for n_trees, value in zip(TREES, folds_of(query, rating, feature, start, max(TREES))):
                print("| XGBoost %s, %s, %d trees | %.4f |" % (xgboost.__version__, words, n_trees, value))


main()
