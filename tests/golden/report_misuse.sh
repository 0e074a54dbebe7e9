# What report and demo refuse, and how they say it.
say() { "$RECKON" "$@"; echo "exit $?"; }
say report
say report -o page.html
say report no-such-folder -o page.html
say report no-such-folder --plan plan.yaml -o page.html
say report --plan no-such-plan.yaml -o page.html
say report --profile no-such-profile.json -o page.html
echo '{"ndcg@20":0.1}' >evaluation.json
say report --evaluation evaluation.json -o page.html
echo 'not JSON' >cleaning.json
say report --cleaning cleaning.json -o page.html
mkdir folder
echo '{"reckon":"study/9"}' >folder/study.json
say report folder -o page.html
say demo --log no-such-log.csv
say demo one two
say demo --slo-ms 0
ls
