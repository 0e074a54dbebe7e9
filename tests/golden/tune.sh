# Settings are searched on a part of the data kept apart; a study goes on; what makes no sense is refused by name.
awk 'BEGIN { for (u = 0; u < 60; u++) { printf "u%d", u; for (i = 0; i < 9; i++) printf " i%d", (u % 5) * 7 + (u * 3 + i * 5) % 13; print "" } }' >log.txt
"$RECKON" ingest log.txt --format lists --robots 0 -o log.rk >/dev/null 2>&1
mask() { sed -E 's/about [0-9.]+ [kMG]?B of memory/about SIZE of memory/; s/[0-9.]+ (ns|us|ms|s|min [0-9]+ s)\b/TIME/g; s/"(train_s|seconds)":[0-9.e-]+/"\1":TIME/g; s/  +TIME/  TIME/; s/─+/-/g; s/(^|[^=.0-9])(0\.[0-9]{3})[0-9]+/\1\2/g'; }
tune() { "$RECKON" tune log.rk "$@" 2>err; status=$?; mask <err | sed 's/^/# /'; [ $status = 0 ] || echo "exit $status"; }
tune --model als --set factors=4 --set iterations=4 --budget 3 --study als.db -o best.rk | mask
echo "more:"
tune --model als --set factors=4 --set iterations=4 --budget 5 --study als.db --csv als.csv -o best.rk --json | mask
cut -d, -f1-6,9- als.csv | mask
"$RECKON" inspect best.rk | sed -n '/^  study/,/^  model/p' | mask
echo "side by side:"
tune --model als,popular,mf --space factors=2,4 --set lambda=0.01 --set exponent=1 --set unobserved=0.1 --set half-life=0 --set iterations=4 --budget 2 | mask
echo "halving:"
tune --model als --search halving --set factors=4 --set iterations=6 --budget 4 --by user-time --test 0.2 --metric recall@5 | mask
echo "refused:"
tune --model als --set factors=4 --set iterations=4 --budget 5 --study als.db --metric recall@10
tune --model als --set factors=4 --set iterations=4 --budget 5 --study als.db --seed 2
tune --model als --set iterations=4 --budget 5 --study als.db
tune --model als --study log.txt
tune
tune --model alps
tune --model als,als
tune --model als --metric recal@10
tune --model als --metric recall
tune --model als --space lambda=1..0.1
tune --model als --space lamda=1..2
tune --model als --space lambda=0.1..1 --set lambda=1
tune --model als --search halving --space iterations=2..8
tune --model popular --search halving
tune --model mf --budget 1
tune --model als,mf --set als.steps=2 --set mf.steps=2 --budget 1
ls
