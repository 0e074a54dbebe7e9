#!/bin/sh
# cut-last.sh LOG.txt[.gz] TRAIN.txt TEST.txt
# LOG has one line per user (user item item ...) in order of time: the last item of each is the test, the rest the training data; users
# with nothing left to train on are left out. HOLD=2: the last but one is the test and the last is in neither, to choose settings by.
set -eu
[ $# -eq 3 ] || {
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
}
case $1 in *.gz) gzip -dc "$1" ;; *) cat "$1" ;; esac |
    awk -v hold="${HOLD:-1}" -v train="$2" -v test="$3" '{
        last = NF - hold + 1
        if (last < 3) next
        line = $1
        for (i = 2; i < last; i++) line = line " " $i
        print line >train
        print $1, $last >test
    }'
