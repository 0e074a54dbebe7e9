#!/bin/sh
# gowalla-ease.sh TRAIN.txt[.gz] TEST.txt[.gz]: ease with the penalties that gowalla-ease.study.sh found best on training data alone; it
# kept 1,000 weights an item for speed, here are 8,000. Takes 9 GB of memory. See lists.sh for RECKON, K and THREADS.
exec "$(dirname "$0")/lists.sh" ease "$@" lambda=75.7 dropout=0.00369 activity=0.0167 neighbours=8000
