# Splits of a small dataset, and what cannot be split.
printf 'user,item,time\na,x,1\na,y,2\nb,y,1\nb,x,2\nb,z,3\nc,z,1\nc,x,2\nc,y,6\na,z,7\nb,w,8\nc,x,9\n' >log.csv
"$RECKON" ingest log.csv -o log.rk >/dev/null 2>&1
for by in time user-time leave-one-out random; do
    "$RECKON" split log.rk --by $by --test 0.4 -o train.rk --test-out test.rk --json
done
"$RECKON" split log.rk --by time --test 0.4 -o train.rk --test-out test.rk
for fold in 1 2 3; do
    "$RECKON" split log.rk --by k-fold --folds 3 --fold $fold --keep-cold --keep-repeats -o train.rk --test-out test.rk --json
done
"$RECKON" split log.rk --by k-fold --folds 3 --fold 4 -o train.rk --test-out test.rk
echo "exit $?"
"$RECKON" split log.rk --by tme -o train.rk --test-out test.rk
echo "exit $?"
printf 'a x\nb y z\n' | "$RECKON" ingest - -o lists.rk >/dev/null 2>&1
"$RECKON" split lists.rk --by time --test 0.4 -o t.rk --test-out u.rk
echo "exit $?"
"$RECKON" split missing.rk --by time --test 0.4 -o t.rk --test-out u.rk
echo "exit $?"
ls
