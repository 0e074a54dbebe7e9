#!/bin/sh
# House rules that a compiler does not check.
cd "$RECKON_ROOT" || exit 2
echo 1..4
claim() { # number, words, offending lines
    [ -z "$3" ] && echo "ok $1 - $2" && return
    echo "not ok $1 - $2"
    printf '%s\n' "$3" | sed 's/^/# /' | head -20
}
claim 1 "banned calls are not used" \
    "$(grep -rnE '[^a-z_](strtok|sprintf|atoi|atof|strcpy|strcat|gets)\(' src include --include='*.[ch]')"
claim 2 "no include climbs with .." "$(grep -rn '#include "\.\.' src tests fuzz bench --include='*.[ch]')"
claim 3 "no unfinished marks" "$(grep -rnE 'TODO|FIXME|XXX' src include --include='*.[ch]')"
claim 4 "library code does not print or exit" \
    "$(grep -rnE '[^a-z_](printf|puts|exit|abort|perror)\(|fprintf\(std' src --include='*.c' | grep -v '^src/cli/')"
exit 0
