#!/bin/sh
# Every header compiles alone and twice: it includes what it uses and guards itself.
cd "$RECKON_ROOT" || exit 2
headers=$(find src include -name '*.h' -size +0 | sort)
echo "1..$(echo "$headers" | wc -l)"
n=0
for header in $headers; do
    n=$((n + 1))
    words=$(printf '#include "%s"\n#include "%s"\n' "${header#*/}" "${header#*/}" |
        ${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Isrc -Iinclude -x c - 2>&1) &&
        echo "ok $n - $header compiles alone" && continue
    echo "not ok $n - $header compiles alone"
    echo "$words" | head -5 | sed 's/^/# /'
done
exit 0
