# What an artefact holds, for people and for machines, and how a missing or damaged one is refused.
cp "$RECKON_ROOT/fuzz/corpus/artefact/names.rk" "$RECKON_ROOT/fuzz/corpus/artefact/child.rk" .
"$RECKON" inspect names.rk --verify
"$RECKON" inspect child.rk
"$RECKON" inspect child.rk --json --verify
"$RECKON" inspect missing.rk
echo "exit $?" >&2
head -c 500 names.rk >short.rk
"$RECKON" inspect short.rk
echo "exit $?" >&2
echo "user,item" >log.rk
"$RECKON" inspect log.rk
echo "exit $?" >&2
{ head -c 70 names.rk; printf x; tail -c +72 names.rk; } >damaged.rk
"$RECKON" inspect damaged.rk
echo "exit $?" >&2
"$RECKON" inspect --verfy names.rk
