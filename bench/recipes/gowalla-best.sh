#!/bin/sh
# gowalla-best.sh TRAIN.txt[.gz] TEST.txt[.gz]: the best model of all, a blend of itemknn and als. The parts have the settings of their own
# studies; the weights are learned on a tenth of the training data, held out while the recipe runs.
exec "$(dirname "$0")/lists.sh" hybrid "$@" \
    "parts=itemknn:similarity=tfidf,neighbours=140,alpha=0.755,activity=0.149,shrink=9.91,power=1.93,normalise=yes;als:factors=1024,iterations=12,lambda=0.00382,exponent=0.955,unobserved=0.0325"
