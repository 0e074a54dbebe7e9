#!/bin/sh
# python.sh PACKAGE... - a private Python that has the packages; prints its path. Made once, under $PEERS
# (default ~/.cache/reckon-peers), from the Python package index; nothing else of the machine changes.
set -eu
[ $# -ge 1 ] || {
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
}
folder=${PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/reckon-peers}
python=$folder/bin/python
[ -x "$python" ] || python3 -m venv "$folder" >&2
for package; do
    "$python" -m pip show -q "$package" >/dev/null 2>&1 || "$python" -m pip install -q "$package" >&2
done
echo "$python"
