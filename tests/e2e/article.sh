#!/bin/sh
# The article's example: what it claims, and that a second run prints the same.
. "$RECKON_ROOT/tests/e2e/tap.sh"
example=$RECKON_ROOT/examples/article

near_the_scale() { # both foretold ratings are finite and not far from 1 to 5
    awk '/^row 2/ { sub(/,$/, "", $10); n += $10 > 0 && $10 < 6 } END { exit n != 2 }' one
}
on_the_page() { # every figure it prints stands in README.md; the last digits may differ on other processors
    sed -n 's/^\(train mse *0\.000[0-9]\).*/\1/p; s/^\(test mse *0\.57\).*/\1/p' one >figures
    [ "$(wc -l <figures)" = 2 ] && while read -r line; do
        grep -qF "$line" "$example/README.md" || { echo "not on the page: $line"; return 1; }
    done <figures
}

claim "the example runs, and its train error is at most the article's .03125" sh -c "'$example/run.sh' >one"
claim "both foretold ratings are near the scale of ratings" near_the_scale
claim "a second run prints the same" sh -c "'$example/run.sh' >two && cmp one two"
claim "the page shows the figures that the example prints" on_the_page
