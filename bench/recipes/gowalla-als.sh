#!/bin/sh
# gowalla-als.sh TRAIN.txt[.gz] TEST.txt[.gz]: als, settings chosen by gowalla-als.study.sh on the training data alone
exec "$(dirname "$0")/lists.sh" als "$@" factors=1024 iterations=12 \
    lambda=0.00382 exponent=0.955 unobserved=0.0325
