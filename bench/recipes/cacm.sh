#!/bin/sh
# cacm.sh DIR: the CACM collection (docs.jsonl.gz, topics.cacm.txt, qrels.cacm.txt), answered with nothing trained;
# titles and abstracts as printed, without the lines of references. Further words go to reckon judge.
set -eu
[ $# -ge 1 ] || {
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
}
reckon=${RECKON:-$(cd "$(dirname "$0")/../.." && pwd)/build/reckon}
data=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# A document is one line {"id": "CACM-0001", "html": "<html>\n<pre>\n...": a title up to the first empty line, the abstract, date and
# authors up to the line of its typing, "CA581203 JB March 22, 1978", and numbers of citations.
gzip -dc "$data/docs.jsonl.gz" | awk '{
    match($0, /"html": "/)
    head = substr($0, 1, RSTART - 1)
    body = substr($0, RSTART + 9)
    sub(/"}$/, "", body)
    sub(/^<html>\\n<pre>(\\n)+/, "", body)
    sub(/\\nCA[0-9][0-9][0-9][0-9][0-9][0-9].*$/, "", body)
    at = index(body, "\\n\\n")
    title = at ? substr(body, 1, at - 1) : body
    text = at ? substr(body, at + 4) : ""
    print head "\"title\": \"" title "\", \"text\": \"" text "\"}"
}' >"$work/docs.jsonl"
"$reckon" ingest --catalogue "$work/docs.jsonl" --map item=id,title=title,text=text -o "$work/docs.rk" >&2
"$reckon" judge "$work/docs.rk" --topics "$data/topics.cacm.txt" --qrels "$data/qrels.cacm.txt" --json "$@"
