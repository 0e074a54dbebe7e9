#!/bin/sh
# beauty-session.sh LOG.txt[.gz]: session on a log in order of time, settings chosen by sixteen trials on the last item but one
exec "$(dirname "$0")/last-item.sh" session "$@" window=5 back=0.278 memory=0.479 \
    alpha=0.0807 activity=0.0664 shrink=12.9 power=1.19
