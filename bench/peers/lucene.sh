#!/bin/sh
# lucene.sh CATALOGUE.jsonl[.gz] [N]: reckon's search beside Lucene's (Debian: liblucene8-java, default-jdk-headless), one thread each, on N titles
# (default a million) made by titles.py out of a catalogue's, and the same questions. Both print processor time.
set -eu
[ $# -ge 1 ] || {
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../../build}
jars=$(printf %s: /usr/share/java/lucene-core-*.jar /usr/share/java/lucene-analyzers-common-*.jar)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
python3 "$here/titles.py" "$1" title "${2:-1000000}" "$work/titles.csv" "$work/questions.txt"
javac -cp "$jars" -d "$work" "$here/Lucene.java"
java -Xmx3g -cp "$jars$work" Lucene "$work/titles.csv" "$work/questions.txt" "$work/lucene"
"$build/reckon" ingest --catalogue "$work/titles.csv" -o "$work/titles.rk" >/dev/null
"$build/reckon" index "$work/titles.rk" -o "$work/index.rk" --json
"$build/bench/bench_search" "$work/index.rk" "$work/questions.txt"
