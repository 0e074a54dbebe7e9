#!/bin/sh
# Golden dialogues: each tests/golden/NAME.sh runs in an empty folder with $RECKON and $RECKON_ROOT set; its standard
# output, standard error and exit status must equal NAME.stdout, NAME.stderr and NAME.exit (absent: empty, empty, 0).
# ACCEPT=1 rewrites them: the diff is the review. Arguments: names to run (default all).
golden="$RECKON_ROOT/tests/golden"
export LC_ALL=C NO_COLOR=1
[ $# -gt 0 ] || set -- $(cd "$golden" && ls ./*.sh 2>/dev/null | sed 's|^\./||; s|\.sh$||')
echo "1..$#"
n=0
for name in "$@"; do
    n=$((n + 1))
    work=$(mktemp -d)
    (cd "$work" && sh "$golden/$name.sh" >"$work/.stdout" 2>"$work/.stderr" </dev/null; echo $? >"$work/.exit")
    bad=
    for part in stdout stderr exit; do
        want="$golden/$name.$part"
        if [ -n "$ACCEPT" ]; then
            rm -f "$want"
            case "$part $(cat "$work/.$part")" in "exit 0" | "stdout " | "stderr ") ;; *) cp "$work/.$part" "$want" ;; esac
        elif [ -f "$want" ]; then
            cmp -s "$want" "$work/.$part" || bad="$bad $part"
        else
            case "$part $(cat "$work/.$part")" in "exit 0" | "stdout " | "stderr ") ;; *) bad="$bad $part" ;; esac
        fi
    done
    if [ -z "$bad" ]; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name ($bad )"
        for part in $bad; do
            want="$golden/$name.$part"; [ -f "$want" ] || want=/dev/null
            diff "$want" "$work/.$part" | head -20 | sed "s/^/# $part: /"
        done
    fi
    rm -rf "$work"
done
exit 0
