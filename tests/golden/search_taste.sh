# A search with the eyes of a user: of what the words find alike, what suits comes first.
cat >log.csv <<'CSV'
user,item
ann,pot
ann,pan
bob,lid
bob,cup
cid,pot
cid,pan
dan,lid
dan,cup
eve,pot
fay,lid
CSV
printf 'id,title\npot,Red pot\npan,Red pan\nlid,Red lid\ncup,Red cup\nnew,Red new\n' >products.csv
"$RECKON" ingest log.csv -o log.rk --robots 0 >/dev/null
"$RECKON" ingest --catalogue products.csv --into log.rk -o d.rk >/dev/null
"$RECKON" index d.rk -o s.rk >/dev/null
"$RECKON" train d.rk --model itemknn -o m.rk >/dev/null 2>&1
for user in eve fay; do "$RECKON" search s.rk red --model m.rk --user $user; done
"$RECKON" search s.rk red --model m.rk --user eve -n 1 --explain
"$RECKON" search s.rk red --model m.rk --user gus || echo "exit $?"
"$RECKON" search s.rk red --user eve || echo "exit $?"
"$RECKON" search s.rk red --model s.rk --user eve || echo "exit $?"
