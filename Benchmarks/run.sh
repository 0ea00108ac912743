#!/usr/bin/env bash
# Runs every benchmark of docs/benchmarks.md: Benchmarks/run.sh [--quick] [OUT]
# OUT (.build/benchmarks) receives a table (.txt) and all figures (.json) of each; plots go to OUT/plots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
quick=""
if [ "${1:-}" = --quick ]; then
  quick=--quick
  shift
fi
out=${1:-.build/benchmarks}
mkdir -p "$out"

swift build -c release --product gallerybench
bench=$(swift build -c release --show-bin-path)/gallerybench
Benchmarks/peers/setup.sh
set -x
run() { # run NAME COMMAND…: a check that fails is shown in the table and does not end the series
  local name=$1
  shift
  "$bench" "$@" $quick --json "$out/$name.json" | tee "$out/$name.txt" || [ "${PIPESTATUS[0]}" = 1 ]
}

mkdir -p "$out/indexes"
run peers-face100k peers face100k --peers all --count 5000 --index "$out/indexes/face100k" --plots "$out/plots"
run peers-face1m peers face1m --peers hnswlib,svs,symphonyqg --count 2000 --index "$out/indexes/face1m" \
  --plots "$out/plots"
run peers-gauss100k peers gauss100k --peers hnswlib,svs,symphonyqg --count 500 --targets 0.9 --rounds 3 \
  --index "$out/indexes/gauss100k" --plots "$out/plots"
run scan scan --set face1m --index "$out/indexes/face1m"
run build build --set face100k --peers hnswlib,symphonyqg --rebuild
run open open --set face1m --index "$out/indexes/face1m"
run concurrency concurrency --set face100k --index "$out/indexes/face100k"
run deletes deletes --set face100k --times 3 --index "$out/indexes/face100k"
run filters filters --set face100k --index "$out/indexes/face100k"
run sizes sizes --threads 2 --plots "$out/plots"
