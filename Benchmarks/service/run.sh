#!/usr/bin/env bash
# Measures the service beside FastAPI + hnswlib: Benchmarks/service/run.sh [FACES] [FOLDER] (200000, .build/service)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
faces=${1:-200000}
folder=${2:-.build/service}
command -v wrk >/dev/null || {
  echo "error: wrk is missing; apt install wrk" >&2
  exit 1
}
[[ -x .build/service-peer/bin/python ]] || python3 -m venv .build/service-peer
.build/service-peer/bin/pip install --quiet --disable-pip-version-check fastapi uvicorn hnswlib==0.8.0 numpy
swift build -c release --product galleryctl
load() { .build/service-peer/bin/python Benchmarks/service/load.py "$1" "$folder" --galleryctl .build/release/galleryctl "${@:2}"; }
[[ -f $folder/truth.npy ]] || load prepare --faces "$faces"
load measure
load photos --photo data/obama.jpg --connections 1 4
load soak --seconds 60
