# Forecasts of daily requests: by month and by day, gaps, short and even histories, and what bad ones are told.
exec 2>&1
forecast() {
    echo "# forecast $*"
    "$RECKON" forecast "$@" || echo "exit $?"
}
# history FIRST DAYS: busy from Monday to Friday, uneven by whole numbers alone, so that every machine has the same.
history() {
    awk -v first="$1" -v days="$2" 'BEGIN {
        split("31 28 31 30 31 30 31 31 30 31 30 31", length_of); year = substr(first, 1, 4); month = substr(first, 6, 2) + 0
        day = substr(first, 9, 2) + 0; print "date,requests"
        for (i = 0; i < days; i++) {
            printf "%04d-%02d-%02d,%d\n", year, month, day, 1000 + (i % 7 < 5 ? 400 : -300) + i * 7919 % 101 - 50
            if (++day > length_of[month]) { day = 1; if (++month > 12) { month = 1; year++ } }
        }
    }'
}
history 2026-01-05 120 >days.csv
forecast days.csv --horizon 60
forecast days.csv --by day --horizon 8 --level 0.9 --trend none
sed '/2026-02-1/d' days.csv | gzip >gaps.csv.gz
forecast gaps.csv.gz --horizon 30
head -13 days.csv | forecast - --horizon 7 --by day
printf 'date,requests\n2026-01-31,50\n' >one.csv
forecast one.csv --horizon 3 --by day
printf 'date,requests\n2026-01-30,50\n2026-01-29,50\n2026-01-31,50\n' >even.csv
forecast even.csv --horizon 30 --json
printf 'date,requests\n2026-01-31,50\n2026-02-30,50\n' >bad.csv
forecast bad.csv
printf 'date,requests\n2026-01-31,50\n2026-01-30,50\n2026-01-31,60\n' >twice.csv
forecast twice.csv
printf 'date,requests\n2026-01-31,\n' >nothing.csv
forecast nothing.csv
printf 'day,requests\n' >names.csv
forecast names.csv
forecast none.csv
forecast days.csv --level 80
forecast days.csv --period 7.5
forecast days.csv --horizon 0
