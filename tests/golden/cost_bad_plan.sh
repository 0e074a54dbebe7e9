# What a wrong plan is told: place, what was expected, what stands there. Every case is the base plan with one change.
cp "$RECKON_ROOT"/tests/golden/cost/*.yaml .
try() { # title, sed script
    sed "$2" plan.yaml >bad.yaml
    echo "# $1"
    "$RECKON" cost statement bad.yaml --json 2>&1 | cut -c1-240
    "$RECKON" cost statement bad.yaml --json >/dev/null 2>&1 || echo "exit $?"
}
try "a misspelt key of the plan" 's/^months:/month:/'
try "a misspelt key of a service" 's/response_bytes:/respons_bytes:/'
try "a misspelt key of an element" 's/use: disk/usee: disk/'
try "a key like no other" 's/^months: 2/months: 2\nzebra: 1/'
try "a key of another kind of element" 's/quantity: 10/quantity: 10, fte: 2/'
try "a missing key" '/^currency:/d'
try "an element that uses nothing" 's/, use: disk, quantity: 10//'
try "a wrong type" 's/requests_per_day: 86400/requests_per_day: [1, 2]/'
try "a word for a number" 's/rps: 2/rps: two/'
try "a quoted number" 's/rps: 2/rps: "2"/'
try "a comma in a number" 's/requests_per_day: 86400/requests_per_day: "86,400"/'
try "an octal number" 's/rps: 2/rps: 010/'
try "a hexadecimal number" 's/rps: 2/rps: 0x10/'
try "not a number" 's/rps: 2/rps: .nan/'
try "an exponent without digits" 's/rps: 2/rps: 2e/'
try "an underscore at the end" 's/rps: 2/rps: 2_/'
try "too many digits" 's/rps: 2/rps: 1.2345678901234567890/'
try "no value" 's/^months: 2/months:/'
try "a comma in a plain number" 's/^months: 2/months: 1,2/'
try "a negative quantity" 's/quantity: 10/quantity: -10/'
try "a quantity that falls below nothing" 's/quantity: 10/quantity: 10, grows_per_month: -11/'
try "an absurd quantity" 's/quantity: 10/quantity: 1e16/'
try "an amount that does not fit" 's/quantity: 10/quantity: 999999999999999/'
try "absurd traffic" 's/requests_per_day: 86400/requests_per_day: 1e15/'
try "absurd growth" 's/requests_per_day: 86400/requests_per_day: 86400, growth_per_month: 100/; s/^months: 2/months: 240/'
try "a utilisation above one" 's/utilisation: 0.5/utilisation: 1.5/'
try "no capacity at all" 's/rps: 2/rps: 0/'
try "half a machine" 's/min: 1/min: 1.5/'
try "more at least than at most" 's/min: 1/min: 5, max: 3/'
try "no months" 's/^months: 2/months: 0/'
try "a month that is none" 's/^start: 2026-02/start: 2026-13/'
try "months of nothing" 's/quantity: 10/quantity: 10, when: []/'
try "a day that is none" 's/requests_per_day: 86400/requests_per_day: 1, events: [{from: 2026-02-29, factor: 2}]/'
try "an event that ends before it begins" 's/requests_per_day: 86400/requests_per_day: 1, events: [{from: 2026-02-09, to: 2026-02-08, factor: 2}]/'
try "23 hours" 's/requests_per_day: 86400/requests_per_day: 1, hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]/'
try "a week of nothing" 's/requests_per_day: 86400/requests_per_day: 1, weekdays: [0,0,0,0,0,0,0]/'
try "an unknown service" 's/service: web/service: wbe/'
try "shared without a rule" 's/, share_by: requests//'
try "shared by what nobody said" 's/share_by: requests/share_by: revenue/'
try "shared by an unknown rule" 's/share_by: requests/share_by: request/'
try "per what nobody said" 's/use: disk, quantity: 10/use: disk, quantity: 10, per: order/'
try "per an unknown driver" 's/use: disk, quantity: 10/use: disk, quantity: 10, per: orders/'
try "a budget that does not say when" 's/^months: 2/months: 2\nbudget: 1000/'
try "a point without a law" 's/quantity: 10/quantity: {point: 10}/'
try "two laws" 's/quantity: 10/quantity: {point: 10, triangular: [1, 10, 20], normal: [10, 1]}/'
try "an uncertain whole number" 's/^months: .*/months: {point: 3, triangular: [1, 3, 5]}/'
try "an unknown category" 's/category: data/category: dta/'
try "an unknown price" 's/use: disk/use: dsk/'
try "a price of another kind" 's/use: disk/use: small/'
try "energy by the gigabyte" 's/use: disk, quantity: 10/own: box, bought: 2026-01, energy: disk/'
try "an unknown machine" 's/machine: small/machine: smal/'
try "an unknown purchase option" 's/option: reserved_1y/option: reserved_9y/'
try "a currency without a rate" 's/use: disk/use: euro/'
try "a price book that is not there" 's/book.yaml/nobook.yaml/'
try "a price book for a plan" 's,plan/1,prices/1,'
try "a fleet without capacity" '/capacity/d'
try "a profile that is not there" 's/rps: 2/profile: no.json, slo: {latency_ms_p99: 5}/'
try "a service twice" 's/^elements:/  web: {product_line: x, traffic: {requests_per_day: 1}}\nelements:/'
try "a reserved word for a service" 's/^  web:/  shared:/'
try "a tab" 's/^    traffic:/\ttraffic:/'
try "an open bracket" 's/\[book.yaml\]/[book.yaml/'
try "an alias" 's/service: web/service: *web/'
try "an anchor" 's/service: web/service: \&web web/'
try "a tag" 's/service: web/service: !!str web/'
try "two documents" 's/^elements:/---\nelements:/'
try "a list for a plan" 's/.*/- x/'
try "a deep nest" 's/quantity: 10/quantity: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]/'
try "too many months" 's/^months: 2/months: 241/'
exec 2>&1
echo "# nothing"
: >bad.yaml
"$RECKON" cost statement bad.yaml
echo "# bytes that are no text"
printf 'reckon: plan/1\nname: "\377"\n' >bad.yaml
"$RECKON" cost statement bad.yaml
echo "# a billion laughs"
printf 'a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n' >bad.yaml
"$RECKON" cost statement bad.yaml
echo "# no plan"
"$RECKON" cost statement nowhere.yaml
echo "exit $?"
