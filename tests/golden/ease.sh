# Items foretold from each other, exactly and nearly: options, answers, figures, and refusals that say what to do.
"$RECKON" train --list | awk -v RS= -v ORS='\n\n' '/^(ease|slim): /'
awk 'BEGIN { for (u = 0; u < 60; u++) { printf "u%d", u; for (i = 0; i < 9; i++) printf " i%d", (u % 5) * 7 + (u * 3 + i * 5) % 13; print "" } }' >log.txt
"$RECKON" ingest log.txt --format lists --robots 0 -o log.rk >/dev/null 2>&1
mask() { sed -E 's/[0-9.]+ [kMG]?B of memory/SIZE of memory/; s/[0-9.]+ (ns|us|ms|s|min [0-9]+ s)\b/TIME/g; s/e-0[5-9]$/e-SMALL/; s/[0-9.]+e-SMALL/SMALL/'; }
train() { "$RECKON" train log.rk "$@" 2>&1 >/dev/null | mask; }
train --model ease --set lambda=5 -o exact.rk
train --model ease --set lambda=5 --set approximate=20 --set dropout=0.3 -o near.rk
train --model slim --set l1=0.5 --set l2=5 -o slim.rk
"$RECKON" inspect exact.rk | grep residual | mask
"$RECKON" inspect slim.rk | awk '/per_item/ { printf "    %s about %.0f\n", $1, $2 }'
for model in exact near slim; do
    echo "$model:"
    "$RECKON" recommend "$model.rk" --user u3 -n 3
done
echo "refused:"
train --model ease --set lambda=0 -o refused.rk
train --model slim --set candidates=0 -o refused.rk
awk 'BEGIN { for (u = 0; u < 200; u++) { printf "u%d", u; for (i = 0; i < 60; i++) printf " i%d", i; print "" } }' >alike.txt
"$RECKON" ingest alike.txt --format lists --robots 0 -o alike.rk >/dev/null 2>&1
"$RECKON" train alike.rk --model ease --set lambda=0.001 -o refused.rk 2>&1 | sed -E 's/off by [0-9.e+-]+/off by MUCH/' | mask
