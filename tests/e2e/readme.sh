#!/bin/sh
# The README's commands work as written, and its links lead somewhere.
. "$RECKON_ROOT/tests/e2e/tap.sh"
mkdir bin && ln -s "$RECKON" bin/reckon && PATH="$work/bin:$PATH"
ln -s "$RECKON_ROOT/data" data
ln -s "$RECKON_ROOT/examples" examples

sed -n '/^```sh$/,/^```$/p' "$RECKON_ROOT/README.md" | grep -v '^```' >commands
while read -r line; do
    claim "README: $line" sh -c "$line" </dev/null
done <commands
claim "the README shows commands at all" test "$(wc -l <commands)" -ge 5

for page in README.md ARCHITECTURE.md; do
    grep -oE '\]\([a-zA-Z0-9_./-]+\)' "$RECKON_ROOT/$page" | tr -d '()]' | while read -r link; do
        [ -e "$RECKON_ROOT/$link" ] || echo "$page: $link"
    done
done >dead
claim "no link leads nowhere" sh -c 'cat dead; [ ! -s dead ]'

"$RECKON" --help | sed -n 's/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' | sort -u >known
grep -oE '`reckon [a-z]+( [a-z]+)?' "$RECKON_ROOT/README.md" | sed 's/`reckon //' | sort -u >named
claim "every command the README names exists" sh -c '
    while read -r name; do grep -qxF "$name" known || echo "$name"; done <named >lost; cat lost; [ ! -s lost ]'
