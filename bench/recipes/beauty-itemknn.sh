#!/bin/sh
# beauty-itemknn.sh LOG.txt[.gz]: itemknn on a log in order of time, settings chosen by sixteen trials on the last item but one
exec "$(dirname "$0")/last-item.sh" itemknn "$@" alpha=0.659 activity=0.163 shrink=9.98 power=1.5
