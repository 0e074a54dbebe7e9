# What a wrong price book is told. Every case is the base book with one change.
cp "$RECKON_ROOT"/tests/golden/cost/*.yaml .
cp book.yaml good.yaml
try() { # title, sed script
    sed "$2" good.yaml >book.yaml
    echo "# $1"
    "$RECKON" cost statement plan.yaml --json 2>&1 | cut -c1-240
}
try "a misspelt key of the book" 's/^source:/sorce:/'
try "a misspelt key of a machine" 's/memory_gib:/memory_gb:/'
try "no kind" 's/kind: rate, //'
try "an unknown kind" 's/kind: rate/kind: rat/'
try "a missing price" 's/, price: 0.5}/}/'
try "a negative price" 's/price: 0.5/price: -0.5/'
try "a price in words" 's/price: 0.5/price: half/'
try "a machine without prices" 's/hour: {[^}]*}/hour: {}/'
try "a machine nobody can rent by the hour" 's/on_demand/ondemand/'
try "a currency in small letters" 's/^currency: USD/currency: usd/'
try "worth more than it cost" 's/life_months: 12/life_months: 12, salvage: 1201/'
try "a rate without declining balance" 's/life_months: 12/life_months: 12, rate: 0.4/'
try "declining balance without a rate" 's/life_months: 12/life_months: 12, method: declining_balance/'
try "an unknown method" 's/life_months: 12/life_months: 12, method: sum_of_year/'
try "a life of nothing" 's/life_months: 12/life_months: 0/'
try "an entry twice" 's/^  disk:/  dev: {kind: person, month: 1}\n  disk:/'
try "no prices" '/^  /d; s/^prices:/prices: {}/'
try "a plan for a book" 's,prices/1,plan/1,'
