#!/bin/sh
# gowalla-graph.sh TRAIN.txt[.gz] TEST.txt[.gz]: graph, settings chosen on a validation part of the training data alone
# (gowalla-graph.study.csv; gowalla-graph.study.sh searches again)
exec "$(dirname "$0")/lists.sh" graph "$@" vectors=512 neighbours=1000 \
    alpha=0.9 activity=0.8 low-pass=0.3 sharpen=0
