#!/bin/sh
# gowalla-bpr.sh TRAIN.txt[.gz] TEST.txt[.gz]: bpr with the settings that gowalla-bpr.study.sh found best on training data alone.
# See lists.sh for RECKON, K and THREADS.
exec "$(dirname "$0")/lists.sh" bpr "$@" epochs=30 factors=246 negatives=354 popularity=0.0279 temperature=0.0723 step=1.1
