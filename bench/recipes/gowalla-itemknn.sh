#!/bin/sh
# gowalla-itemknn.sh TRAIN.txt[.gz] TEST.txt[.gz]: itemknn, settings chosen by gowalla-itemknn.study.sh on the training data alone
exec "$(dirname "$0")/lists.sh" itemknn "$@" similarity=tfidf neighbours=140 \
    alpha=0.755 activity=0.149 shrink=9.91 power=1.93 normalise=yes
