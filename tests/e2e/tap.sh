# tap.sh - sourced by the end-to-end stories: TAP claims, an empty work folder, and nothing left behind.
# shellcheck shell=sh
export LC_ALL=C NO_COLOR=1
work=$(mktemp -d)
n_claims=0

finish() {
    status=$?
    cd / || exit 2
    mountpoint -q "$work/small" 2>/dev/null && umount "$work/small"
    rm -rf "$work"
    [ "$status" = 0 ] || echo "Bail out! the script stopped with status $status"
    echo "1..$n_claims"
}
trap finish EXIT
cd "$work" || exit 2

# claim "words" command...: ok when the command succeeds; what it printed follows a failure.
claim() {
    n_claims=$((n_claims + 1))
    words=$1
    shift
    if "$@" >"$work/.claim" 2>&1; then
        echo "ok $n_claims - $words"
    else
        echo "not ok $n_claims - $words"
        tail -20 "$work/.claim" | sed 's/^/# /'
    fi
}

skip() { # skip "words" "reason"
    n_claims=$((n_claims + 1))
    echo "ok $n_claims - $1 # SKIP $2"
}

# fails STATUS PATTERN command...: ends with that exit status and one message matching PATTERN (extended regex), no crash.
fails() {
    want=$1 pattern=$2
    shift 2
    status=0
    "$@" >.out 2>.err || status=$?
    cat .err
    [ "$status" = "$want" ] || { echo "exit status $status, expected $want"; return 1; }
    grep -qE -- "$pattern" .err || { echo "no message like: $pattern"; return 1; }
    [ ! -s .out ] || { echo "unexpected output: $(head -c 200 .out)"; return 1; }
}

# json FILE EXPRESSION: the value of a Python expression over d, the parsed one-line JSON.
json() {
    python3 -c 'import json,sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}
# holds FILE EXPRESSION: the expression over d is true.
holds() { [ "$(json "$1" "bool($2)")" = True ] || { json "$1" "$2"; cat "$1"; return 1; }; }
absent() { for path in "$@"; do [ ! -e "$path" ] || { echo "$path exists"; return 1; }; done; }
no_leftovers() { # no temporary files in the folder
    left=$(find "${1:-.}" -name '*.tmp.*')
    [ -z "$left" ] || { echo "left: $left"; return 1; }
}
