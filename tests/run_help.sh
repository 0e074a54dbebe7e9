#!/bin/sh
# Every command that --help lists explains itself, has an example, and names no option twice.
names=$("$RECKON" --help | sed -n 's/^  \([a-z][a-z -]*[a-z]\)   .*/\1/p' | sed 's/  .*//')
echo "1..$((1 + $(printf '%s' "$names" | grep -c .)))"
if [ "$("$RECKON" --help | head -c 21)" = "usage: reckon COMMAND" ]; then
    echo "ok 1 - reckon --help"
else
    echo "not ok 1 - reckon --help"
fi
n=1
printf '%s\n' "$names" | grep . | while read -r name; do
    n=$((n + 1)) bad=
    # shellcheck disable=SC2086 # a name may be two words
    text=$("$RECKON" $name --help) || bad="exits $?"
    for part in "usage: reckon $name" "common options" "example"; do
        printf '%s\n' "$text" | grep -q "^$part" || bad="$bad, no '$part'"
    done
    twice=$(printf '%s\n' "$text" | sed -n 's/^  \(-.,\|   \) --\(\[no-\]\)\{0,1\}\([a-z0-9-]*\).*/\3/p' | sort | uniq -d)
    letters=$(printf '%s\n' "$text" | sed -n 's/^  \(-.\), --.*/\1/p' | sort | uniq -d)
    [ -z "$twice$letters" ] || bad="$bad, twice: $twice $letters"
    wide=$(printf '%s\n' "$text" | awk 'length > 120' | head -1)
    [ -z "$wide" ] || bad="$bad, wider than 120: $wide"
    [ -z "$bad" ] && echo "ok $n - reckon $name --help" || echo "not ok $n - reckon $name --help ($bad)"
done
exit 0
