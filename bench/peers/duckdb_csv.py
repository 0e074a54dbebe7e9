"""DuckDB's rate from a CSV file into a table in memory, as a row of bench_ingest's table: duckdb_csv.py FILE THREADS"""
import os
import resource
import sys
import time

import duckdb

path, threads, best = sys.argv[1], int(sys.argv[2]), None
for _ in range(3):
    base = duckdb.connect(config={"threads": threads})
    begin, cpu = time.perf_counter(), time.process_time()
    base.execute(f"create table log as select * from read_csv('{path}')")
    now = time.perf_counter() - begin, time.process_time() - cpu
    rows = base.execute("select count(*) from log").fetchone()[0]
    base.close()
    best = now if best is None or now[0] < best[0] else best
mb = os.path.getsize(path) / 1e6
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(f"| DuckDB {duckdb.__version__}, into a table | {threads} | {best[0]:.2f} | {mb / best[0]:.0f} | {best[1]:.2f} "
      f"| {mb / best[1]:.0f} | {peak:.0f} | | {rows} |")
