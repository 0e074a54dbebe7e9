# Lists into a book, machines out of it, a plan priced by it; and what goes wrong is said with its place.
try() {
    echo "\$ reckon $*"
    "$RECKON" "$@" 2>&1
    status=$?
    [ "$status" = 0 ] || echo "=> $status"
    echo
}
cat >cloud_2026-07-20.csv <<'EOF'
region,instance_type,usd_per_hour
us-east-1,c5.large,0.085000
us-east-1,m7g.2xlarge,0.326400
us-east-1,m7i.2xlarge,0.403200
us-east-1,p5.48xlarge,55.040000
us-east-1,c5.large,0.090000
us-east-1,m7i.large,soon
eu-west-1,m7g.2xlarge,0.364000
EOF
cat >china_2024-11-06.csv <<'EOF'
region,instance_type,price_per_hour
cn-north-1,m6g.2xlarge,3.214900
EOF
cat >plan.yaml <<'EOF'
reckon: plan/1
name: one machine
currency: EUR
start: 2026-09
months: 1
prices: [cloud.yaml, china.yaml]
exchange:
  USD: {rate: 0.92, valid_from: 2026-07-20, source: reference rates of the central bank}
services:
  search:
    product_line: search
    traffic: {requests_per_day: 100}
    capacity: {rps: 10}
    fleet: {machine: us-east-1/c5.large}
EOF
try prices import cloud_2026-07-20.csv -o cloud.yaml --name "a cloud"
cat cloud.yaml
echo
try prices import china_2024-11-06.csv -o china.yaml
try prices find cloud.yaml china.yaml --vcpu 8 --memory 32
try prices find cloud.yaml china.yaml --vcpu 8 --memory 32 --exchange CNY=0.14 --sort vcpu -n 3
try prices find cloud.yaml --region us-east-1 --vcpu 8 -n 1 --json
try cost explain plan.yaml 2026-09/search-machine-on-demand/search
try prices import cloud_2026-07-20.csv --region eu-west-1 --keys name -o - --source "a list of mine"

echo "# what goes wrong"
try prices import cloud_2026-07-20.csv
try prices import cloud_2026-07-20.csv -o x.yaml --region us-east
try prices import cloud_2026-07-20.csv -o x.yaml --format azur
try prices import cloud_2026-07-20.csv -o x.yaml --format azure
try prices import cloud_2026-07-20.csv -o x.yaml --valid-from 20.7.2026
cp cloud_2026-07-20.csv cloud.csv
try prices import cloud.csv -o x.yaml
printf 'region,instance_type,usd_per_hour\nus-east-1,c5.large\n' >short_2026-07-20.csv
try prices import short_2026-07-20.csv -o x.yaml
try prices import plan.yaml -o x.yaml
try prices import none.csv -o x.yaml
try prices find cloud.yaml --option on_deman
try prices find cloud.yaml --region us-east-2
try prices find cloud.yaml --exchange EUR
try prices find cloud.yaml --exchange EUR=1,08
try prices find cloud.yaml --currency euro
try prices find none.yaml
ls
