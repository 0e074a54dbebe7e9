#!/bin/sh
# vectors.sh [ARGUMENTS of bench_vectors] - hnswlib and faiss on the vectors of bench_vectors: the same items, the same questions.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python=$("$root/bench/peers/python.sh" numpy hnswlib faiss-cpu)
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "$python" "$root/bench/peers/vectors.py" "$root/build/bench/bench_vectors" "$@"
