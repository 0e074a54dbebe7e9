#!/bin/sh
# CSV to a dataset, and beside it DuckDB reading the same file into a table, where PYTHON (default python3) has duckdb:
#   python3 -m venv /tmp/peers && /tmp/peers/bin/pip install duckdb && PYTHON=/tmp/peers/bin/python sh bench/ingest.sh
# usage: bench/ingest.sh [ROWS [FOLDER]]
rows=${1:-20000000}
folder=${2:-/dev/shm}
python=${PYTHON:-python3}
ninja -C build bench/bench_ingest >/dev/null || exit 1
build/bench/bench_ingest "$rows" "$folder" || exit 1
if "$python" -c 'import duckdb' 2>/dev/null; then
    log=$(mktemp "$folder/reckon-peer-XXXXXX")
    trap 'rm -f "$log"' EXIT
    build/bench/bench_ingest --csv "$log" "$rows" && "$python" bench/peers/duckdb_csv.py "$log" "$(nproc)"
else
    echo "# DuckDB is not installed for $python: no row of it"
fi
