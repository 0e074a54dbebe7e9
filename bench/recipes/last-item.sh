#!/bin/sh
# last-item.sh MODEL LOG.txt[.gz] [KEY=VALUE...]: what `evaluate --json` says at 10 of each user's last item (cut-last.sh), last
set -eu
[ $# -ge 2 ] || {
    sed -n '2s/^# //p' "$0" >&2
    exit 2
}
model=$1 log=$2 folder=$(cd "$(dirname "$0")" && pwd)
shift 2
cut=$(mktemp -d)
trap 'rm -rf "$cut"' EXIT
trap 'exit 1' HUP INT TERM
"$folder/cut-last.sh" "$log" "$cut/train.txt" "$cut/test.txt"
K=${K:-10} "$folder/lists.sh" "$model" "$cut/train.txt" "$cut/test.txt" "$@"
