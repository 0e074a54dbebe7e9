#!/bin/sh
# mf.sh [MOVIELENS [RATINGS]] - mf beside LIBMF, in turns: seconds to the same error on ratings held back (mf.py).
# MOVIELENS: default $SHARED_DATA/ml-100k. THREADS (default 2); PEERS: where the private Python is (python.sh).
set -eu
cd "$(dirname "$0")/../.."
ninja -C build reckon bench/bench_mf >/dev/null
python=$(bench/peers/python.sh numpy setuptools wheel)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$python" -m pip download -q --no-deps --no-build-isolation --no-binary :all: -d "$work" libmf==0.9.2 >&2
tar -xzf "$work"/libmf-0.9.2.tar.gz -C "$work"
"$python" -W ignore bench/peers/mf.py build "$work/libmf-0.9.2" "${THREADS:-2}" "${1:-${SHARED_DATA:-.}/ml-100k}" ${2:+"$2"}
