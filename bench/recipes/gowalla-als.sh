#!/bin/sh
# gowalla-als.sh TRAIN.txt[.gz] TEST.txt[.gz]: als, settings chosen by gowalla-als.study.sh on the training data alone
exec "$(dirname "$0")/lists.sh" als "$@" factors=1024 iterations=12 lambda=0.003 exponent=1 unobserved=0.02
