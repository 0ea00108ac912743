#!/usr/bin/env bash
# Measures the service beside FastAPI + hnswlib: Benchmarks/service/run.sh [FACES] [FOLDER] (200000, .build/service).
# Installs wrk and a Python environment when they are not there. SOAK=600 makes the soak ten minutes long.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
faces=${1:-200000}
folder=${2:-.build/service}
command -v wrk >/dev/null || {
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends wrk >/dev/null
}
python=$(Scripts/service/venv.sh load fastapi uvicorn uvloop httptools hnswlib==0.8.0 numpy)
swift build -c release --product galleryctl
load() { "$python" Benchmarks/service/load.py "$1" "$folder" --galleryctl .build/release/galleryctl "${@:2}"; }
[[ -f $folder/truth.npy ]] || load prepare --faces "$faces"
load measure
load photos --photo data/obama.jpg --connections 1 2 4 8 16 32 64
load soak --photo data/obama.jpg --seconds "${SOAK:-60}" --step 60
