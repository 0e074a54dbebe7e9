# An index that changes while it is searched.
printf 'id,title,brand,price,colour\n1,Red lamp,Acme,19.5,red\n2,Blue lamp,Acme,25,blue\n3,Red shoes,Foo,40,red\n' >first.csv
printf 'id,title,brand,price\n2,Green lamp,Acme,18\n4,Lamp oil,,3\n' >second.csv
"$RECKON" live shop create | sed '/bytes/d'
"$RECKON" live shop put first.csv
"$RECKON" search shop 'red lamp' --rank words
"$RECKON" live shop put second.csv --json
"$RECKON" search shop 'lamp colour:red'
"$RECKON" search shop 'lamp price<20 unheard' -n 2
"$RECKON" search shop 'grean lamp' --facets brand,price,colour --sort price --marks '[,]' --explain
"$RECKON" search shop 'lamp colour:green price<1'
"$RECKON" suggest shop lam
"$RECKON" live shop delete 1 9
"$RECKON" search shop 'red lamp' --facets colour
"$RECKON" live shop status | sed '/bytes/d'
"$RECKON" live shop compact --json | sed 's/_bytes":[0-9]*/_bytes":B/g'
"$RECKON" search shop lamp --json
"$RECKON" inspect shop/live.rk --verify | sed -n '/log_from/p; /as it was written/p'
"$RECKON" live shop create
echo "exit $?" >&2
"$RECKON" live shop pit
echo "exit $?" >&2
"$RECKON" live shop delete
echo "exit $?" >&2
"$RECKON" live nowhere status
echo "exit $?" >&2
"$RECKON" search shop lamp --facets size
echo "exit $?" >&2
"$RECKON" search shop lamp --sort size
echo "exit $?" >&2
printf 'x' >>shop/live.rk
"$RECKON" live shop status
echo "exit $?" >&2
