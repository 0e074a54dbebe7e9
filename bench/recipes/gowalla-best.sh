#!/bin/sh
# gowalla-best.sh TRAIN.txt[.gz] TEST.txt[.gz]: the best model of all, a blend of graph and als. The parts have settings of their own
# studies (als with half the factors); the weights are learned on a tenth of the training data, held out while the recipe runs.
exec "$(dirname "$0")/lists.sh" hybrid "$@" \
    "parts=graph:vectors=512,neighbours=1000,alpha=0.9,activity=0.8,low-pass=0.3,sharpen=0;als:factors=512,iterations=12,lambda=0.00382,exponent=0.955,unobserved=0.0325"
