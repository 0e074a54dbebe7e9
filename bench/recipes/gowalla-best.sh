#!/bin/sh
# gowalla-best.sh TRAIN.txt[.gz] TEST.txt[.gz]: the best single model of all so far, graph with the settings of its study
exec "$(dirname "$0")/gowalla-graph.sh" "$@"
